"""What a REST partner tells of its fields: a list of them, picklists that are lists of their own, or both.

Many systems describe no fields and yet list the states, priorities or companies that a field may refer to; what else
they have is named by the declaration then. Next: `rest_system.py` (Described), `rest.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors import paths
from connectors.base import Description, FieldDescription
from connectors.rest_read import RestReader
from connectors.rest_records import broken
from connectors.rest_system import Described, Picklist, RestSystem


def describe(system: RestSystem, reader: RestReader) -> Description:
    """Their fields, and a fingerprint over all that is told of them; nothing where the system does not tell."""
    declared = system.describe
    if declared is None:
        return Description({}, "")
    fields = {name: FieldDescription(name) for name in declared.untold}
    if declared.path is not None:
        told = _listed(system, reader, declared.path, declared.fields, "describe.fields")
        fields |= {field.name: field for field in (_field(declared, one) for one in told)}
    for name, picklist in declared.picklists.items():
        values = _values(system, reader, name, picklist)
        fields[name] = replace(fields.get(name, FieldDescription(name)), type="picklist", values=values)
    fingerprint = hashlib.sha256(repr([fields[name] for name in sorted(fields)]).encode()).hexdigest()
    return Description(fields, fingerprint)


def _listed(system: RestSystem, reader: RestReader, path: str, at: str, place: str) -> list[Any]:
    listed = paths.get(reader.content(path, "describe"), at)
    if not isinstance(listed, list):
        raise broken(system, f"{system.name} describe", place, at)
    return listed


def _values(system: RestSystem, reader: RestReader, name: str, declared: Picklist) -> tuple[str, ...]:
    place = f"describe.picklists.{name}"
    listed = _listed(system, reader, declared.path, declared.records, f"{place}.records")
    values = [paths.get(one, declared.value) for one in listed]
    if None in values:
        raise broken(system, f"{system.name} describe", f"{place}.value", declared.value)
    return tuple(str(value) for value in values)


def _field(declared: Described, told: Mapping[str, Any]) -> FieldDescription:
    length, values = paths.get(told, declared.length), paths.get(told, declared.values)
    return FieldDescription(
        name=str(paths.get(told, declared.name)),
        label=str(paths.get(told, declared.label) or ""),
        type=str(paths.get(told, declared.type) or "text"),
        length=length if isinstance(length, int) else None,
        required=paths.get(told, declared.required) is True,
        values=tuple(str(one) for one in values) if isinstance(values, list) else (),
    )
