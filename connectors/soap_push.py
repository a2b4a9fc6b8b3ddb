"""Writing to a SOAP service: one change, one call, one receipt.

A create that meets a record with the same hub id is found, never an error: that is how an earlier try whose answer was
lost shows itself. Knows no threads and no envelope. Next: `lanes.py` (runs these), `soap.py` (whose calls
these are).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors import paths
from connectors.base import Change, Receipt, Record
from connectors.errors import Refused, Rejected, Unknown
from connectors.evidence import About
from connectors.soap_fault import Fault
from connectors.soap_system import SoapSystem


class Declaring(Protocol):
    """What has a declaration."""

    system: SoapSystem


class Reading(Declaring, Protocol):
    """What reads a record of an answer."""

    def record(self, body: Mapping[str, Any], role: str) -> Record: ...


class Service(Protocol):
    """What writing needs of the connector."""

    system: SoapSystem

    def ask(
        self, role: str, values: Mapping[str, Any], *, safe: bool, about: About | None = None
    ) -> dict[str, Any] | Fault: ...
    def record(self, body: Mapping[str, Any], role: str) -> Record: ...
    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]: ...
    def find(self, hub_id: str) -> Sequence[Record]: ...


def apply(service: Service, change: Change) -> Receipt:
    """Do it. Raises the errors of connectors.errors."""
    return _create(service, change) if change.kind == "create" else _change(service, change)


def _create(service: Service, change: Change) -> Receipt:
    body = paths.copied(change.body)
    paths.put(body, service.system.record.hub_id, change.hub_id)
    answer = service.ask("create", {"body": body}, safe=False, about=About.of(change))
    if isinstance(answer, Fault):
        if answer.meaning == "duplicate":
            return _existing(service, change, answer)
        raise answer.error(where_of(service, "create"), safe=False)
    body = part_of(service, "create", "record", answer)
    native_id = paths.get(body, service.system.record.id) or part_of(service, "create", "id", answer)
    if native_id is None:
        raise Unknown("created, and the answer does not say as what.", code="C471", where=where_of(service, "create"))
    return Receipt(change.key, str(native_id), record_in(service, "create", answer))


def _existing(service: Service, change: Change, fault: Fault) -> Receipt:
    """The record that was there already, as it is now."""
    there = list(service.fetch([fault.existing])) if fault.existing else []
    path = service.system.record.hub_id
    for one in [*there, *service.find(change.hub_id)]:
        if not one.gone and str(paths.get(one.body, path)) == change.hub_id:
            return Receipt(change.key, one.native_id, one, found=True)
    raise fault.error(where_of(service, "create"), safe=False)


def _change(service: Service, change: Change) -> Receipt:
    role, native_id = change.kind, change.native_id
    if native_id is None:
        fix = "create the record first."
        raise Rejected("the change names no record.", code="C677", where=where_of(service, role), fix=fix)
    values = {"id": native_id, "body": change.body, "note": change.body, "version": change.base_version}
    answer = service.ask(role, values, safe=False, about=About.of(change))
    if isinstance(answer, Fault):
        raise answer.error(where_of(service, role), safe=False)
    note_id = part_of(service, role, "note_id", answer)
    return Receipt(change.key, native_id, record_in(service, role, answer), None if note_id is None else str(note_id))


def record_in(service: Reading, role: str, answer: Mapping[str, Any]) -> Record | None:
    """The read-back, where the answer carries it. It was applied, so one that cannot be read is left to a fetch."""
    body = part_of(service, role, "record", answer)
    try:
        return service.record(body, role) if isinstance(body, Mapping) else None
    except Refused:
        return None


def part_of(service: Declaring, role: str, part: str, answer: Mapping[str, Any]) -> Any:
    path = service.system.operations[role].answer.get(part)
    return None if path is None else paths.get(answer, path)


def where_of(service: Declaring, role: str) -> str:
    return f"{service.system.name} {service.system.operations[role].name}"
