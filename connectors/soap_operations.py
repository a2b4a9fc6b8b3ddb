"""The declaration of a SOAP service's operations: what each is for, what it is sent, where in its answer things stand.

An operation is a template. In `arguments` a value that is exactly "{name}" is replaced by what that name stands for;
inside a longer text it is replaced by its text. NAMES says what each is. In `answer` each role names a dotted path
into the answer, as the contract nests it: `casos.caso`. A list is opened by the last step of a path.

Where no contract helps (rpc/encoded, a WSDL that is wrong), `envelope` is the request's XML with the same names in it,
and `reply` the answer's element, read as it comes. Knows no connection and no zeep.
Next: `soap_template.py` (the XML of a request), `soap_tree.py` (an answer as it comes), `soap_system.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from pydantic import Field, model_validator

from connectors.declared import Declared
from connectors.soap_template import Template

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
WHO: Final = frozenset({"session", "login", "password"})
"""Names that every template may use."""
WINDOW: Final = "offset limit first end"
NAMES: Final[Mapping[str, str]] = {
    "since": "a change stamp as they write it; None on the first pull, so that what names it is left out",
    "offset": "how many rows to leave out",
    "limit": "how many rows to answer",
    "first": "the number of the window's first row, counted from one: offset + 1",
    "end": "the number of its last row, counted from one: offset + limit; so also the number before which a window "
    "stops that counts from nought",
    "ids": "native ids; an element or a member of this text alone is repeated, inside a longer text they stand with "
    "commas between them",
    "hub_id": "the hub's case id",
    "id": "the record's native id",
    "body": "the fields of a create or an update, nested as the record is",
    "version": "the version that the update was made from; None where there is none",
    "note": "the fields of a note",
    "ref": "what stands in the text of the note that is looked for",
    "file": "a file's id",
    "told": "the fields that tell of a new file",
    "content": "what is in it: in base64, xsd:base64Binary by a contract",
    "session": "the token that `auth.login` answered",
    "login": "the connection's login",
    "password": "the connection's password",
}
"""What each name in a template stands for."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one operation is for, what it is given, and which roles its answer must and may have."""

    use: str
    given: frozenset[str]
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


def _shape(use: str, given: str = "", must: str = "", may: str = "") -> Shape:
    return Shape(use, frozenset(given.split()), tuple(must.split()), tuple(may.split()))


OPERATIONS: Mapping[str, Shape] = {
    "who_am_i": _shape("fails for the anonymous, and says who we are", must="name"),
    "describe": _shape("tells their fields", WINDOW, "fields name", "label type length required values"),
    "list": _shape("records by change stamp, oldest first", f"since {WINDOW}", "records", "total"),
    "get": _shape(
        "records by their ids, and which of them were deleted or merged into another one",
        f"ids {WINDOW}",
        "records",
        "gone gone_id gone_stamp gone_into",
    ),
    "find": _shape("the records that bear a hub id", f"hub_id {WINDOW}", "records"),
    "create": _shape("makes a record; of one that is there already, `duplicate` tells", "body", "", "record id"),
    "update": _shape("writes what differs; a None among it empties the field", "id body version", "", "record"),
    "add_note": _shape("adds a note to a record", "id note", "", "record note_id"),
    "find_note": _shape("the notes of a record, among which a text is looked for", f"id ref {WINDOW}", "notes id text"),
    "read_file": _shape("what is in a file of a record", "id file", "content"),
    "add_file": _shape("adds a file to a record", "id told content", "", "record file_id"),
    "history": _shape(
        "the changes of a record's single fields", f"id {WINDOW}", "lines id changed_at author field old new"
    ),
}
WITHIN: Final = {"describe": ("fields",), "find_note": ("notes",), "history": ("lines",), "get": ("records", "gone")}
"""Roles whose paths begin at the answer, of operations where the others' begin inside each of those members."""
LOGIN: Final = _shape("opens a session", "", "session", "expires_in")
OPTIONAL = frozenset({"describe", "history", "read_file", "add_file"})
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

    @model_validator(mode="after")
    def _one_way(self) -> Operation:
        if self.envelope is not None and self.arguments:
            raise ValueError("`arguments` go by the contract, `envelope` is written out: give one of them")
        if self.envelope is not None and self.reply is None:
            raise ValueError("reply: with `envelope`, say which element the answer is")
        for name in ("lists", "ignored"):
            if getattr(self, name) and self.reply is None:
                raise ValueError(f"{name}: is said of an answer that is read as it comes; name it in `reply`")
        _ = self.template  # which says what is wrong with it
        return self

    @property
    def by_contract(self) -> bool:
        """Whether its request or its answer needs the WSDL."""
        return self.envelope is None or self.reply is None

    @cached_property
    def template(self) -> Template | None:
        """The parsed `envelope`. Raises ValueError for what is none."""
        return None if self.envelope is None else Template(self.envelope)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that its request is filled with."""
        written = frozenset[str]() if self.template is None else self.template.names
        return written | frozenset(placeholders(self.arguments))


def check_operation(role: str, operation: Operation, shape: Shape) -> None:
    """Raises ValueError where it cannot do what it is for."""
    place = "arguments" if operation.envelope is None else "envelope"
    for name in sorted(operation.names - shape.given - WHO):
        known = ", ".join(sorted(shape.given | WHO))
        raise ValueError(f"{role}.{place}: {{{name}}} is not known here; {role} is given {known}")
    lacking = sorted(set(shape.must) - set(operation.answer))
    if lacking:
        raise ValueError(f"{role}.answer: {', '.join(lacking)} must be there")
    for name in operation.answer:
        if name not in shape.must + shape.may:
            known = ", ".join(sorted(shape.must + shape.may)) or "nothing"
            raise ValueError(f"{role}.answer: {name!r} is not known here; known: {known}")
