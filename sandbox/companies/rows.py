"""What the store hands out: records, notes, files and history lines, frozen. Next: `store.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.companies.vocabulary import Value


@dataclass(frozen=True, slots=True)
class Mail:
    """What makes a note a mail. sender and to are addresses, name is the sender's. html: "" where it came as text.
    incoming: somebody wrote it to the company."""

    sender: str
    name: str
    to: str
    subject: str
    html: str
    incoming: bool


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a record. audience is the company's own word. created is aware, UTC. mail: None of any other note."""

    id: int
    record_id: int
    author: str
    text: str
    audience: str
    language: str
    created: datetime
    mail: Mail | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """One file of a record, without what is in it. audience is the company's own word, size in bytes,
    md5 in hex ("" for one of an earlier version)."""

    id: int
    record_id: int
    author: str
    name: str
    type: str
    size: int
    audience: str
    created: datetime
    md5: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One case as the company keeps it. fields: every field of the vocabulary by its (dotted) name, None where empty.

    seq: store-wide, each act gives the record it touches a new one. version: +1 each act. created and changed: aware,
    UTC, microseconds, strictly rising over the company's acts. deleted: a tombstone that keeps its last words.
    merged_into: id of the record that an agent merged this one into; it is deleted then.
    """

    id: int
    number: str
    seq: int
    version: int
    created: datetime
    changed: datetime
    deleted: bool
    fields: Mapping[str, Value]
    notes: tuple[Note, ...] = ()
    merged_into: int | None = None
    files: tuple[Filed, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One change of one field. field is CREATED or DELETED for the record's own beginning and end."""

    id: int
    record_id: int
    field: str
    old: Value
    new: Value
    by: str
    at: datetime


CREATED = "*created"
DELETED = "*deleted"
