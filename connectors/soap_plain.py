"""Values on their way into zeep and out of it: plain content on our side, the contract's types on the other.

In: fields that the contract does not have, and characters that XML cannot carry, are refused by name. Out: what zeep
read as nested dicts under the contract's own names, JSON-like; a repeated element is always a list, and a required
element without content is there with its empty lists. `Reader.values` counts the values that came out.
Knows no envelope. Next: `soap_wsdl.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import isodate  # type: ignore[import-untyped]  # it ships no types
from zeep import xsd
from zeep.xsd.types import ListType
from zeep.xsd.valueobjects import CompoundValue

from connectors.errors import Rejected
from connectors.soap_xml import BadXml, no_xml


def to_zeep(value: Any, declared: Any, *, blank: bool, where: str, place: str = "") -> Any:
    """The value as zeep wants it for this type. blank: None empties (xsi:nil); else a member that is None is left out.

    Raises Rejected: C671 for a field the contract does not have, C672 for a character, C673 where None cannot be said.
    """
    if isinstance(value, Mapping):
        members = members_of(declared)
        content = {}
        for name, inner in value.items():
            path = f"{place}.{name}" if place else str(name)
            if name not in members:
                text = f"{path} is no field of the contract."
                raise Rejected(
                    text, code="C671", where=where, value=name, known=sorted(members), fix="correct mapping.yaml."
                )
            if inner is not None:
                content[name] = to_zeep(inner, members[name].type, blank=blank, where=where, place=path)
            elif blank:
                content[name] = _nothing(members[name], where, path)
        return content
    if isinstance(value, list | tuple):
        return [to_zeep(inner, declared, blank=blank, where=where, place=place) for inner in value]
    if isinstance(value, str) and (found := no_xml(value)):
        text = f"{place}: the character U+{ord(found.group()):04X} at {found.start()} cannot stand in XML."
        raise Rejected(text, code="C672", where=where, fix="remove it in the case; no XML system can keep it.")
    if isinstance(value, bool) and not isinstance(declared, xsd.Boolean):
        return "true" if value else "false"
    return value


def misfit(text: str, where: str) -> Rejected:
    """The contract does not take this record."""
    return Rejected(text, code="C670", where=where, fix="correct the value in the case or in mapping.yaml.")


class Reader:
    """Makes plain content of what zeep read, and counts the values."""

    def __init__(self) -> None:
        self.values = 0
        self._members: dict[int, tuple[Any, dict[str, Any]]] = {}

    def plain(self, value: Any, declared: Any) -> Any:
        """Dicts, lists, str, int, Decimal, bool, None. Raises BadXml for a value that has no such form."""
        if isinstance(value, CompoundValue):
            members = self._members_of(value._xsd_type)
            return {name: self._member(inner, members.get(name)) for name, inner in value.__values__.items()}
        if isinstance(value, list):
            if isinstance(declared, ListType):
                self.values += 1
                return [_scalar(inner) for inner in value]
            return [self.plain(inner, declared) for inner in value]
        if value is not None and type(value) is not str and isinstance(value, Mapping):  # a round of a repeated choice
            return {name: self.plain(inner, None) for name, inner in value.items()}
        return None if value is None else self._counted(_scalar(value))

    def _counted(self, plain: str | int | bool | Decimal) -> str | int | bool | Decimal:
        self.values += not (isinstance(plain, str) and (not plain or plain.isspace()))
        return plain

    def _member(self, value: Any, element: Any) -> Any:
        if type(value) is str:  # nearly all are
            return self._counted(value)
        declared = getattr(element, "type", None)
        if value is None:
            is_empty = isinstance(declared, xsd.ComplexType) and element.min_occurs
            return _empty(declared) if is_empty else None
        return self.plain(value, declared)

    def _members_of(self, declared: Any) -> dict[str, Any]:
        """Looked up once a type, which an answer has many values of."""
        found = self._members.get(id(declared))
        if found is None:
            found = self._members[id(declared)] = (declared, members_of(declared))
        return found[1]


def members_of(declared: Any) -> dict[str, Any]:
    """The elements and attributes of a complex type by the names that they have in plain content."""
    if not isinstance(declared, xsd.ComplexType):
        return {}
    return {**dict(declared.elements), **{name: one for name, one in declared.attributes if one.name}}


def _empty(declared: Any) -> dict[str, Any]:
    """A complex type without content."""
    return {
        name: []
        if getattr(element, "accepts_multiple", False)
        else _empty(element.type)
        if isinstance(element.type, xsd.ComplexType) and element.min_occurs
        else None
        for name, element in members_of(declared).items()
    }


def _nothing(element: Any, where: str, place: str) -> Any:
    """How None is said for this element."""
    if getattr(element, "accepts_multiple", False):
        return []
    if getattr(element, "nillable", False):
        return xsd.Nil
    text = f"{place} cannot be emptied: the contract knows no nil for it."
    raise Rejected(text, code="C673", where=where, fix="let mapping.yaml say a value that means none.")


def _scalar(value: Any) -> str | int | bool | Decimal:
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        number = value if isinstance(value, Decimal) else Decimal(repr(value))
        if number.is_finite():
            return number
        raise BadXml(f"{value} is no number")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta | isodate.Duration):
        return str(isodate.duration_isoformat(value))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise BadXml(f"a {type(value).__name__}, which has no plain form")
