"""The declaration of a SOAP service's operations: what each is for, what it is sent, where in its answer things stand.

An operation is a template. In `arguments` a value that is exactly "{name}" is replaced by what that name stands for;
inside a longer text it is replaced by its text. OPERATIONS lists the names. In `answer` each role names a dotted path
into the answer, as the contract nests it: `casos.caso`. A list is opened by the last step of a path.

Where no contract helps (rpc/encoded, a WSDL that is wrong), `envelope` is the request's XML with the same names in it,
and `reply` the answer's element, read as it comes. Knows no connection and no zeep.
Next: `soap_template.py` (the XML of a request), `soap_tree.py` (an answer as it comes), `soap_system.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import Field, field_validator, model_validator

from connectors.declared import Declared
from connectors.soap_template import Template

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
WHO: Final = frozenset({"session", "login", "password"})
"""Names that every template may use: the session's token, and what the connection holds."""
WINDOW: Final = "offset limit first end"


@dataclass(frozen=True, slots=True)
class Shape:
    """What one operation is given, and which roles its answer must and may have."""

    given: frozenset[str]
    must: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


def _shape(given: str = "", must: str = "", may: str = "") -> Shape:
    return Shape(frozenset(given.split()), frozenset(must.split()), frozenset(may.split()))


OPERATIONS: Mapping[str, Shape] = {
    "who_am_i": _shape(must="name"),
    "describe": _shape(WINDOW, "fields name", "label type length required values"),
    "list": _shape(f"since {WINDOW}", "records", "total"),
    "get": _shape(f"ids {WINDOW}", "records", "gone gone_id gone_stamp gone_into"),
    "find": _shape(f"hub_id {WINDOW}", "records"),
    "create": _shape("body", "", "record id"),
    "update": _shape("id body version", "", "record"),
    "add_note": _shape("id note", "", "record note_id"),
    "find_note": _shape(f"id ref {WINDOW}", "notes id text"),
    "read_file": _shape("id file", "content"),
    "add_file": _shape("id told content", "", "record file_id"),
    "history": _shape(f"id {WINDOW}", "lines id changed_at author field old new"),
}
"""since: a stamp in the partner's own format, or left out on the first pull; offset, limit: integers; first, end: the
same window as the numbers of its first and its last record, counted from one (end is offset + limit, so also the number
before which a window that counts from nought stops); ids: a list of native ids; body, note: the change's body; file: a
file's id; told: what is told of a new file; content: its bytes, xsd:base64Binary in the contract; ref: what stands in
the note's text; version: the base version, None if none. In `get`, gone lists deleted records; gone_id, gone_stamp and
gone_into (the id of the one that it was merged into) are paths inside each. In `describe`, `find_note` and `history`
the roles after the first are paths inside each of its members; `required` is an xsd:boolean."""

WITHIN: Final = {"describe": ("fields",), "find_note": ("notes",), "history": ("lines",), "get": ("records", "gone")}
"""Roles whose paths begin at the answer itself, of operations where those of others begin inside a member."""
LOGIN: Final = _shape("", "session", "expires_in")
OPTIONAL = frozenset({"history", "read_file", "add_file"})
"""Operations that a declaration may leave out."""


def placeholders(template: Any) -> Iterator[str]:
    """The names that a template is to be filled with."""
    if isinstance(template, Mapping):
        for inner in template.values():
            yield from placeholders(inner)
    elif isinstance(template, str):
        yield from _PLACEHOLDER.findall(template)


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its placeholders replaced; a member is left out that is, or names, a value that is None."""
    if isinstance(template, Mapping):
        filled = {key: fill(inner, values) for key, inner in template.items()}
        return {key: value for key, value in filled.items() if value is not None}
    if not isinstance(template, str):
        return template
    if found := _PLACEHOLDER.fullmatch(template):
        return values[found[1]]
    return text_of(template, values)


def text_of(template: str, values: Mapping[str, Any]) -> str | None:
    """A text with its placeholders replaced, a list's members separated by commas; None where it names a None."""
    named = {name: values[name] for name in _PLACEHOLDER.findall(template)}
    if any(value is None for value in named.values()):
        return None
    said = {name: ",".join(map(str, one)) if isinstance(one, list | tuple) else str(one) for name, one in named.items()}
    return _PLACEHOLDER.sub(lambda found: said[found[1]], template)


class Operation(Declared):
    """One operation of the service: its name, what to send, where in the answer things stand."""

    name: str = Field(description="the operation's name, in the WSDL where there is one")
    path: str | None = Field(None, description="path of its endpoint, where it is another than the system's")
    arguments: Mapping[str, Any] = Field(
        default_factory=dict, description='what is sent by the contract; "{name}" is replaced'
    )
    answer: Mapping[str, str] = Field(default_factory=dict, description="role: dotted path into the answer")
    envelope: str | None = Field(
        None,
        description="in place of `arguments`: the XML that stands in the envelope's Body, `{name}` replaced; null: it "
        "is made by the contract",
    )
    action: str = Field("", description="SOAPAction, with `envelope`")
    empties: Literal["nil", "blank"] = Field(
        "nil", description="with `envelope`, how an update empties a field: by xsi:nil, or by an element without text"
    )
    reply: str | None = Field(
        None,
        description="name of the answer's element, which is then read as it comes, all values as texts; null: it is "
        "read by the contract",
    )
    lists: tuple[str, ...] = Field(
        (), description="with `reply`, paths in the answer that are lists even where one member or none stands there"
    )
    ignored: tuple[str, ...] = Field(
        (),
        description="with `reply`, paths of a reading's answer that are not looked at; any other that `answer` does "
        "not name is an error, so that nothing is lost",
    )

    @field_validator("envelope")
    @classmethod
    def _parses(cls, envelope: str | None) -> str | None:
        if envelope is not None:
            Template(envelope)
        return envelope

    @model_validator(mode="after")
    def _one_way(self) -> Operation:
        if self.envelope is not None and self.arguments:
            raise ValueError("`arguments` go by the contract, `envelope` is written out: give one of them")
        if self.envelope is not None and self.reply is None:
            raise ValueError("reply: with `envelope`, say which element the answer is")
        for name in ("lists", "ignored"):
            if getattr(self, name) and self.reply is None:
                raise ValueError(f"{name}: is said of an answer that is read as it comes; name it in `reply`")
        return self

    @property
    def by_contract(self) -> bool:
        """Whether its request or its answer needs the WSDL."""
        return self.envelope is None or self.reply is None

    @property
    def names(self) -> frozenset[str]:
        """The names that its template is filled with."""
        return frozenset(placeholders(self.arguments)) | (
            frozenset() if self.envelope is None else Template(self.envelope).names
        )


def check_operation(role: str, operation: Operation, shape: Shape) -> None:
    """Raises ValueError where it cannot do what it is for."""
    place = "arguments" if operation.envelope is None else "envelope"
    for name in sorted(operation.names - shape.given - WHO):
        known = ", ".join(sorted(shape.given | WHO))
        raise ValueError(f"{role}.{place}: {{{name}}} is not known here; {role} is given {known}")
    lacking = shape.must - set(operation.answer)
    if lacking:
        raise ValueError(f"{role}.answer: {', '.join(sorted(lacking))} must be there")
    for name in operation.answer:
        if name not in shape.must | shape.may:
            known = ", ".join(sorted(shape.must | shape.may)) or "nothing"
            raise ValueError(f"{role}.answer: {name!r} is not known here; known: {known}")
