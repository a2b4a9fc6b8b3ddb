"""What a SOAP service tells of its own fields, by the declared `describe` operation. Pure. Next: `soap.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from connectors import paths
from connectors.base import Description, FieldDescription
from connectors.errors import Refused
from connectors.soap_system import SoapSystem


def described(system: SoapSystem, rows: Sequence[Mapping[str, Any]]) -> Description:
    """Its fields, and a fingerprint over them and the contract. Raises Refused for one without a name or with a length
    that is none."""
    inside = system.operations["describe"].answer
    fields = {}
    for one in rows:
        told = _field(system, {role: paths.get(one, path) for role, path in inside.items() if role != "fields"})
        fields[told.name] = told
    text = repr([system.wsdl_sha256, sorted(fields.items())])
    return Description(fields, hashlib.sha256(text.encode()).hexdigest())


def _field(system: SoapSystem, said: Mapping[str, Any]) -> FieldDescription:
    length = said.get("length")
    try:
        most = int(length) if length is not None else None
        if not said["name"]:
            raise ValueError
    except (ValueError, TypeError):
        where, fix = f"{system.name} {system.operations['describe'].name}", "compare system.yaml with the contract."
        raise Refused("answered a field without a name or length.", code="C378", where=where, fix=fix) from None
    return FieldDescription(
        name=str(said["name"]),
        label=str(said.get("label") or ""),
        type=str(said.get("type") or "text"),
        length=most,
        required=said.get("required") in (True, "true", "1"),
        values=tuple(str(value) for value in said.get("values") or ()),
    )
