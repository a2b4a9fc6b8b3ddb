"""Whether a partner is asked for no more than its mapping reads, where its kind asks by name: for `casebridge check`.

Next: `checking.py`, `passports/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.rest_system import RestSystem
from connectors.salesforce_system import SalesforceSystem
from hub.declarations import Problem, read
from hub.partners import Partner
from mappings.lens import Lens
from mappings.ops_list import Listing

MORE: Mapping[str, str] = {
    "D219": "A field is asked for by name and no line of mapping.yaml reads it: it would come here for nothing,\n"
    "and be kept. What is not mapped is not asked for.\n"
    "  Fix: take it out of `fields`, or map it.",
    "D223": "mapping.yaml reads a field that `record.fields` does not ask for: it would be empty in every case.\n"
    "  Fix: add it to `record.fields`, or take its line out of mapping.yaml.",
}


def check_asked(folder: Path, partner: Partner) -> Iterator[Problem]:
    """Fields that are asked for and not read, each at its place in system.yaml."""
    system, lens = partner.system, partner.lens
    if isinstance(system, RestSystem):
        yield from _of_rest(folder, system, lens)
    if not isinstance(system, SalesforceSystem):
        return
    document, read_there = read(folder / "system.yaml"), _read_fields(lens)
    for i, field in enumerate(system.fields):
        if field not in read_there and field != system.hub_id:
            message = f"fields: {field} is asked for, and no line of mapping.yaml reads it."
            yield document.problem(("fields", i), "D219", message, field, sorted(read_there))
    if system.comments is not None and lens.notes is not None:
        for i, field in enumerate(system.comments.fields):
            if field not in _parts(lens.notes):
                message = f"comments.fields: {field} is asked for, and `notes` of mapping.yaml does not read it."
                yield document.problem(("comments", "fields", i), "D219", message, field, sorted(_parts(lens.notes)))
    if system.files is not None and lens.attachments is not None:
        for i, field in enumerate(system.files.fields):
            if field not in _parts(lens.attachments):
                message = f"files.fields: {field} is asked for, and `attachments` of mapping.yaml does not read it."
                yield document.problem(("files", "fields", i), "D219", message, field, sorted(_parts(lens.attachments)))


def _of_rest(folder: Path, system: RestSystem, lens: Lens) -> Iterator[Problem]:
    """Both ways: a name asks for all that stands below it."""
    asked = system.record.fields
    if not asked:
        return
    document, inside = read(folder / "system.yaml"), {each.field for each in lens.lists.declared}
    looked_at = {*lens.read_fields, *system.record.needed, *inside}
    for i, name in enumerate(asked):
        if not any(_covers(name, path) for path in looked_at):
            message = f"record.fields: {name} is asked for, and no line of mapping.yaml reads it."
            yield document.problem(("record", "fields", i), "D219", message, name, sorted(looked_at))
    for path in sorted(lens.read_fields):
        if any(_covers(name, path) for name in asked):
            continue
        message = f"record.fields: mapping.yaml reads {path}, and it is not asked for."
        yield document.problem(("record", "fields"), "D223", message, path, asked)


def _covers(name: str, path: str) -> bool:
    return path == name or path.startswith((f"{name}.", f"{name}["))


def _read_fields(lens: Lens) -> set[str]:
    return {field for field in lens.fields if field not in {each.field for each in lens.lists.declared}}


def _parts(listing: Listing) -> set[str]:
    """Fields of a member that are read."""
    found = {".".join(listing.id), *(".".join(part.at) for part in listing.parts.values())}
    return found | ({".".join(listing.readers[0])} if listing.readers is not None else set())
