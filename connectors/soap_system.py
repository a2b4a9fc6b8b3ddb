"""The declaration of a SOAP service: its contract (a WSDL kept beside it), who we are to it, which operation does what.

A service whose operations are all written out (`envelope`, `reply`) needs no contract. Knows no connection, no secret
and no zeep, so that reading a declaration costs nothing.
Next: `soap_operations.py` (one operation), `soap_auth.py`; `soap.py`, the connector that keeps to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from connectors.auth_declared import BasicAuth
from connectors.base import System
from connectors.declared import Declared
from connectors.files import Files
from connectors.soap_auth import SessionLogin, SoapAuth
from connectors.soap_operations import OPERATIONS, OPTIONAL, WHO, Operation, check_operation, placeholders
from connectors.soap_template import Template
from connectors.stamps import Stamps

Meaning = Literal[
    "rejected", "refused", "duplicate", "missing", "throttled", "stale", "unreachable",
    "expired", "unauthenticated", "clock",
]  # fmt: skip
AROUND = 64 * 2**10
"""Bytes that an envelope may have around a file."""


class RecordPaths(Declared):
    """Where in one record of the service things stand: dotted paths."""

    id: str
    stamp: str | None = Field(
        None,
        description="the change stamp that the system sets; versions are made of it; null: contents are compared",
    )
    hub_id: str = Field(description="the field that holds the hub's case id")


class InAnswer(Declared):
    """Errors that are told in a good answer in place of a fault: dotted paths into it."""

    code: str = Field(description="path of the error's code; where it stands, and is no success, there was an error")
    text: str | None = Field(None, description="path of what it says")
    success: tuple[str, ...] = Field(("0",), description="codes that mean: no error")


class Faults(Declared):
    """What the service's faults mean. Paths are local names below the SOAP fault's detail, dotted."""

    code: str | None = Field(
        None, description="path of the fault's own code; where there is none, the faultcode is looked up"
    )
    code_in_text: str | None = Field(
        None,
        description="regular expression whose first group is the code in the fault's text, where it stands only there",
    )
    field: str | None = Field(None, description="path of the field that is complained about")
    value: str | None = Field(None, description="path of the value that was sent")
    known: str | None = Field(None, description="path of the values that would be accepted")
    existing: str | None = Field(None, description="path of the native id of the record that exists already")
    after: str | None = Field(None, description="path of the seconds to wait, for a throttling")
    in_answer: InAnswer | None = Field(None, description="errors that good answers tell; null: none do")
    meaning: Mapping[str, Meaning] = Field(
        description="code: what it means for us. expired: our session is over; unauthenticated: they do not know us; "
        "clock: they call our message too old, or from the future"
    )

    @field_validator("code_in_text")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            groups = 1 if pattern is None else re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"it is no regular expression: {error}") from None
        if not groups:
            raise ValueError("it has no group that says which part is the code")
        return pattern


class SoapSystem(System):
    """One SOAP 1.1 or 1.2 service: document/literal by its contract, anything else as it is written out."""

    kind: Literal["soap"] = "soap"
    wsdl: str | None = Field(
        None,
        pattern=r"^[\w.-]+$",
        description="the contract's file, in the partner's folder; null: no operation needs one",
    )
    wsdl_sha256: str | None = Field(
        None, pattern=r"^[0-9a-f]{64}$", description="its hash: a changed contract is looked at first"
    )
    wsdl_imports: Mapping[str, str] = Field(
        default_factory=dict, description="files that it imports, in the same folder: name and sha256 of each"
    )
    wsdl_places: Mapping[str, str] = Field(
        default_factory=dict,
        description="addresses that it imports from, and which of those files stands for each; nothing is fetched",
    )
    port: str | None = Field(None, description="the wsdl:port to speak to; may be left out where there is one")
    soap: Literal["1.1", "1.2"] = Field("1.1", description="version of the envelopes, where there is no contract")
    auth: SoapAuth = Field(
        BasicAuth(), description="how the hub shows who it is; Basic only where the connection has a login"
    )
    headers: Mapping[str, str] = Field(
        default_factory=dict, description="HTTP headers sent with each call; no secret, but `{session}` and the like"
    )
    soap_header: str | None = Field(
        None,
        description="XML of an element that stands in each envelope's Header but the login's, `{login}`, `{password}` "
        "and `{session}` replaced",
    )
    namespaces: Mapping[str, str] = Field(
        default_factory=dict,
        description="prefix: namespace, for answers read as they come; a name in a path without a prefix is in none "
        "of these",
    )
    row_limit: int | None = Field(
        None, gt=0, description="records that the service answers at most, however many are asked for"
    )
    any_order: bool = Field(
        False, description="its answers' elements come in another order than the contract's; they are sorted first"
    )
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
            check_operation(role, operation, OPERATIONS[role])
        return operations

    @model_validator(mode="after")
    def _contracted(self) -> SoapSystem:
        if (self.wsdl is None) != (self.wsdl_sha256 is None):
            raise ValueError("wsdl_sha256: a contract is kept with its hash")
        needing = sorted(role for role, one in self.every_operation.items() if one.by_contract)
        if self.wsdl is None and needing:
            raise ValueError(
                f"wsdl: without a contract, {', '.join(needing)} must be written out, with `envelope` and `reply`"
            )
        for place, name in self.wsdl_places.items():
            if name not in self.wsdl_imports:
                raise ValueError(f"wsdl_places: {name!r}, for {place}, stands not in wsdl_imports with its sha256")
        return self

    @model_validator(mode="after")
    def _known(self) -> SoapSystem:
        named = set(placeholders(dict(self.headers)))
        named |= set() if self.soap_header is None else Template(self.soap_header).names
        for name in sorted(named - WHO):
            raise ValueError(f"{{{name}}} is not known in a header; known: {', '.join(sorted(WHO))}")
        named.update(*(one.names for one in self.operations.values()))
        if ("session" in named) != isinstance(self.auth, SessionLogin):
            said = "stands in no template" if isinstance(self.auth, SessionLogin) else "is known only of a session"
            raise ValueError(f"auth: {{session}} {said}; a session is declared and its token placed, or neither")
        return self

    @model_validator(mode="after")
    def _scan(self) -> SoapSystem:
        if self.record.stamp is None and "since" in self.operations["list"].names:
            raise ValueError("record.stamp: the list is asked by {since}, so say which field holds the change stamp")
        return self

    @model_validator(mode="after")
    def _tells_its_past(self) -> SoapSystem:
        if self.abilities.change_history and "history" not in self.operations:
            raise ValueError("operations.history: abilities say change_history, so say which operation tells it")
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
        self.stamps.check(self.zone)
        return self

    @property
    def every_operation(self) -> Mapping[str, Operation]:
        """By role; the one that opens a session as `login`."""
        login = {"login": self.auth.login} if isinstance(self.auth, SessionLogin) else {}
        return {**self.operations, **login}

    def instant(self, text: object) -> datetime:
        """One of their times as an aware time. Raises ValueError for what the format does not fit."""
        return self.stamps.instant(text, self.zone)

    def stamp(self, moment: datetime) -> str:
        """An instant as they write it."""
        return self.stamps.text(moment, self.zone)
