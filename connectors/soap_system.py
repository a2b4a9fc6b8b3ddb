"""The declaration of a SOAP service: its contract (a WSDL kept beside it) and which operation does what.

An operation is a template. In `arguments` a value that is exactly "{name}" is replaced by what that name stands for
(OPERATIONS lists them); everything else is sent as it is written. In `answer` each role names a dotted path into the
answer, as the WSDL nests it: `casos.caso`. A list is opened by the last step of a path.

Knows no connection, no secret and no zeep, so that reading a declaration costs nothing.
Next: `soap.py`, the connector that keeps to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from connectors.base import System
from connectors.declared import Declared
from connectors.files import Files

Meaning = Literal["rejected", "refused", "duplicate", "missing", "throttled", "stale", "unreachable"]
AROUND = 64 * 2**10
"""Bytes that an envelope may have around a file."""
_PLACEHOLDER = re.compile(r"^\{(\w+)\}$")


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
    "describe": _shape(must="fields name", may="label type length required values"),
    "list": _shape("since offset limit", "records", "total"),
    "get": _shape("ids", "records", "gone gone_id gone_stamp gone_into"),
    "find": _shape("hub_id", "records"),
    "create": _shape("body", "", "record id"),
    "update": _shape("id body version", "", "record"),
    "add_note": _shape("id note", "", "record note_id"),
    "find_note": _shape("id ref", "notes id text"),
    "read_file": _shape("id file", "content"),
    "add_file": _shape("id told content", "", "record file_id"),
    "history": _shape("id", "lines id changed_at author field old new"),
}
"""since: a stamp in the partner's own format, or left out on the first pull; offset, limit: integers; ids: a list of
native ids; body, note: the change's body; file: a file's id; told: what is told of a new file; content: its bytes,
xsd:base64Binary in the contract; ref: what stands in the note's text; version: the base version, None if none.
In `get`, gone lists deleted records; gone_id, gone_stamp and gone_into (the id of the one that it was merged into) are
paths inside each. In `describe`, `find_note` and `history` the roles after the first are paths inside each of its
members; `required` is an xsd:boolean."""

OPTIONAL = frozenset({"history", "read_file", "add_file"})
"""Operations that a declaration may leave out."""


def placeholders(template: Any) -> Iterator[str]:
    """The names that a template is to be filled with."""
    if isinstance(template, Mapping):
        for inner in template.values():
            yield from placeholders(inner)
    elif isinstance(template, str) and (found := _PLACEHOLDER.match(template)):
        yield found[1]


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its placeholders replaced; a member whose value is None is left out."""
    if isinstance(template, Mapping):
        filled = {key: fill(inner, values) for key, inner in template.items()}
        return {key: value for key, value in filled.items() if value is not None}
    if isinstance(template, str) and (found := _PLACEHOLDER.match(template)):
        return values[found[1]]
    return template


class Operation(Declared):
    """One operation of the service: its name in the WSDL, what to send, where in the answer things stand."""

    name: str = Field(description="the operation's name in the WSDL")
    arguments: Mapping[str, Any] = Field(default_factory=dict, description='what is sent; "{name}" is replaced')
    answer: Mapping[str, str] = Field(default_factory=dict, description="role: dotted path into the answer")


class Stamps(Declared):
    """How the service writes a time: a strptime format, and the zone of its local times."""

    format: str = Field("iso", description="strptime format, or iso for ISO 8601 (xsd:dateTime)")
    zone: str | None = Field(None, description="IANA zone of times without an offset; by default the system's zone")


class RecordPaths(Declared):
    """Where in one record of the service things stand: dotted paths."""

    id: str
    stamp: str | None = Field(
        None,
        description="the change stamp that the system sets; versions are made of it; null: contents are compared",
    )
    hub_id: str = Field(description="the field that holds the hub's case id")


class Faults(Declared):
    """What the service's faults mean. Paths are local names below the SOAP fault's detail, dotted."""

    code: str = Field(description="path of the fault's own code; where there is none, the faultcode is looked up")
    field: str | None = Field(None, description="path of the field that is complained about")
    value: str | None = Field(None, description="path of the value that was sent")
    known: str | None = Field(None, description="path of the values that would be accepted")
    existing: str | None = Field(None, description="path of the native id of the record that exists already")
    after: str | None = Field(None, description="path of the seconds to wait, for a throttling")
    meaning: Mapping[str, Meaning] = Field(description="code: what it means for us")


class SoapSystem(System):
    """One SOAP 1.1 or 1.2 service, document/literal, with HTTP Basic."""

    kind: Literal["soap"] = "soap"
    wsdl: str = Field(pattern=r"^[\w.-]+$", description="the contract's file, in the partner's folder")
    wsdl_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="its hash: a changed contract is looked at first")
    wsdl_imports: Mapping[str, str] = Field(
        default_factory=dict, description="files that it imports, in the same folder: name and sha256 of each"
    )
    port: str | None = Field(None, description="the wsdl:port to speak to; may be left out where there is one")
    path: str = Field("", description="path of the endpoint below the connection's address")
    concurrency: int = Field(4, ge=1, le=32, description="writes under way at once")
    batch: int = Field(100, gt=0, le=1000, description="records fetched by id in one call")
    stamps: Stamps = Stamps()
    record: RecordPaths
    operations: Mapping[str, Operation]
    faults: Faults
    folder: Path | None = Field(None, exclude=True, description="where the declaration was read; not written in it")

    @field_validator("operations")
    @classmethod
    def _fit(cls, operations: Mapping[str, Operation]) -> Mapping[str, Operation]:
        wanted = sorted(set(OPERATIONS) - set(operations) - OPTIONAL)
        if wanted:
            raise ValueError(f"not declared: {', '.join(wanted)}")
        for role, operation in operations.items():
            if role not in OPERATIONS:
                raise ValueError(f"{role!r} is nothing the hub does; known: {', '.join(OPERATIONS)}")
            _check_operation(role, operation, OPERATIONS[role])
        return operations

    @model_validator(mode="after")
    def _scan(self) -> SoapSystem:
        if self.record.stamp is None and "since" in placeholders(self.operations["list"].arguments):
            raise ValueError("record.stamp: the list is asked by {since}, so say which field holds the change stamp")
        return self

    @model_validator(mode="after")
    def _carries(self) -> SoapSystem:
        if self.files is not None and 4 * self.files.largest // 3 + AROUND > self.largest_answer:
            most = (self.largest_answer - AROUND) * 3 // 4
            raise ValueError(
                f"files.largest: in base64 {most} bytes at most fit into an answer; lower it, or raise largest_answer"
            )
        return self

    @property
    def tells(self) -> Files | None:
        """What may be read there of files, where there is an operation for it."""
        return self.files if "read_file" in self.operations else None

    @property
    def takes(self) -> Files | None:
        """What may be sent to it of files, where there is an operation for it."""
        return self.files if "add_file" in self.operations else None

    @model_validator(mode="after")
    def _zone(self) -> SoapSystem:
        name = self.stamps.zone or self.zone
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is no time zone") from error
        return self

    def instant(self, text: object) -> datetime:
        """One of their times as an aware time. Raises ValueError for what the format does not fit."""
        if not isinstance(text, str):
            raise ValueError(f"{text!r} is no time")
        style = self.stamps.format
        try:
            moment = datetime.fromisoformat(text) if style == "iso" else datetime.strptime(text, style)  # noqa: DTZ007  # below
        except ValueError:
            raise ValueError(f"{text!r} is no time of the format {style!r}") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.stamps.zone or self.zone))

    def stamp(self, moment: datetime) -> str:
        """An instant as they write it. In the hour that a zone's clocks repeat in autumn, the hour's first pass: a
        listing since that time then misses nothing."""
        local = moment.astimezone(ZoneInfo(self.stamps.zone or self.zone))
        repeated = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
        if repeated[0] and repeated[1] and repeated[0] > repeated[1]:
            local = local.replace(minute=0, second=0, microsecond=0, fold=0)
        return local.isoformat() if self.stamps.format == "iso" else local.strftime(self.stamps.format)


def _check_operation(role: str, operation: Operation, shape: Shape) -> None:
    for name in placeholders(operation.arguments):
        if name not in shape.given:
            known = ", ".join(sorted(shape.given)) or "nothing"
            raise ValueError(f"{role}.arguments: {{{name}}} is not known here; {role} is given {known}")
    lacking = shape.must - set(operation.answer)
    if lacking:
        raise ValueError(f"{role}.answer: {', '.join(sorted(lacking))} must be there")
    for name in operation.answer:
        if name not in shape.must | shape.may:
            known = ", ".join(sorted(shape.must | shape.may)) or "nothing"
            raise ValueError(f"{role}.answer: {name!r} is not known here; known: {known}")
