"""The least rights that a partner's login needs, from what its system.yaml has the hub call. Next: `facts.py`."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import System
from connectors.rest_system import RestSystem
from connectors.salesforce_system import SalesforceSystem
from connectors.soap_system import SoapSystem
from mappings.lens import Lens


def rights(system: System, lens: Lens) -> tuple[str, ...]:
    """One sentence each. Anything that a login may do beyond these is never used."""
    if isinstance(system, RestSystem):
        return (*_rest(system), *_nothing_else())
    if isinstance(system, SoapSystem):
        return (*_soap(system), *_nothing_else())
    if isinstance(system, SalesforceSystem):
        return (*_salesforce(system, lens), *_nothing_else())
    return _nothing_else()


def _nothing_else() -> tuple[str, ...]:
    return ("never: delete a record, change what a person wrote in a note, read users, roles or settings",)


def _rest(system: RestSystem) -> Iterator[str]:
    reads = {system.one, system.list.path}
    reads |= {one.path for one in (system.find, system.batch, system.history) if one is not None and one.path}
    yield f"read: GET {', '.join(sorted(path for path in reads if path))}"
    for what, call in (("create", system.create), ("change", system.update)):
        yield f"{what} a record: {call.method} {call.path}"
    if system.notes.add is not None:
        yield f"add a note: {system.notes.add.method} {system.notes.add.path}"
    if system.files is not None and system.files.get is not None:
        yield f"read files: GET {system.files.get}"
    if system.files is not None and system.files.add is not None:
        yield f"add files: POST {system.files.add.path}"


def _soap(system: SoapSystem) -> Iterator[str]:
    for what, operation in system.operations.items():
        yield f"{what.replace('_', ' ')}: {operation.name or 'as it is written out'}"


def _salesforce(system: SalesforceSystem, lens: Lens) -> Iterator[str]:
    writes = {each.field for rule in lens.rules for each in rule.branches if each.writes}
    yield f"{system.object}: read, create, edit"
    yield f"{system.object} fields, read only: {', '.join(sorted(set(system.fields) - writes))}"
    yield f"{system.object} fields, read and edit: {', '.join(sorted(set(system.fields) & writes))}"
    if system.comments is not None:
        yield f"{system.comments.object}: read, create"
    if system.files is not None:
        yield "ContentVersion, ContentDocumentLink: read, create"
    if system.history is not None:
        yield f"{system.history.object}: read"
