"""What one company calls things: its fields, picklists, audiences, numbers, zone, language and colours.

A Vocabulary is plain and frozen. The store validates by it, the desk draws pages from it, and each company's protocol
answers its own field descriptions from it. Field names may be dotted ("customer.name"): the store keeps them flat, and
`nest` gives the body that people know. Knows no database and no web. Next: `values.py` (checking), `store.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sandbox.companies.labels import Labels

FieldType = Literal["text", "long text", "integer", "decimal", "flag", "time", "picklist"]
Meaning = Literal["internal", "partners", "customer"]
Value = str | int | Decimal | bool | datetime | None
"""What a field holds: bool for a flag, an aware datetime (UTC) for a time, None for empty."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a case. length: characters (text only). default: at creation. hub_only: the desk shows it and does
    not write it. indexed: the desk looks it up by value often."""

    name: str
    label: str
    type: FieldType = "text"
    values: tuple[str, ...] = ()
    required: bool = False
    length: int = 255
    default: str | None = None
    hub_only: bool = False
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together on the case page, under one heading."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a note: the company's word, what it means, and how the page names it."""

    word: str
    meaning: Meaning
    label: str


@dataclass(frozen=True, slots=True)
class Roles:
    """Which of the company's fields plays which part: names of fields of the vocabulary."""

    title: str
    details: str
    status: str
    status_changed: str
    priority: str
    transfer: str
    hub_id: str
    holder_number: str
    accountable: str
    contact_point: str
    customer: str
    agent: str


@dataclass(frozen=True, slots=True)
class Native:
    """The names of what the system itself writes: nobody sends these, each answer carries them."""

    id: str
    number: str
    version: str
    created: str
    changed: str
    notes: str

    def names(self) -> frozenset[str]:
        return frozenset({self.id, self.number, self.version, self.created, self.changed, self.notes})


@dataclass(frozen=True, slots=True)
class Colours:
    """The company's colour on light and on dark ground, as CSS colours; both must read well as text (4.5 to 1)."""

    light: str
    dark: str


@dataclass(frozen=True)
class Vocabulary:
    """One company's words. number_format takes the integer id; time_step is what a time field keeps; flag_words are
    the texts for true and false; note_length is the longest note in characters; transitions are the states that may
    follow each state, none given: any may. largest_file: bytes; 0: the company keeps no files."""

    company: str
    title: str
    language: str
    zone: ZoneInfo
    groups: tuple[Group, ...]
    roles: Roles
    native: Native
    audiences: tuple[Audience, ...]
    labels: Labels
    colours: Colours
    number_format: str
    first_id: int = 1
    time_step: Literal["seconds", "milliseconds"] = "milliseconds"
    time_shown: str = "%Y-%m-%d %H:%M:%S"
    flag_words: tuple[str, str] = ("true", "false")
    note_length: int = 10_000
    extra_native: frozenset[str] = field(default_factory=frozenset)
    transitions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    largest_file: int = 0

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """All fields by name, in the order of the groups."""
        return {one.name: one for group in self.groups for one in group.fields}

    @cached_property
    def read_only(self) -> frozenset[str]:
        """Names that an answer carries and nobody may send."""
        return self.native.names() | self.extra_native

    @property
    def own_company(self) -> str:
        """This company's own word in the transfer field."""
        return self.fields[self.roles.transfer].default or self.title

    def number(self, native_id: int) -> str:
        """The number that agents see."""
        return self.number_format.format(native_id)

    def audience(self, meaning: Meaning) -> Audience:
        """The company's audience of that meaning; the most private one when it has none."""
        return next((one for one in self.audiences if one.meaning == meaning), self.audiences[0])

    def local(self, moment: datetime) -> str:
        """A stamp as the page shows it: in the company's zone and style."""
        return moment.astimezone(self.zone).strftime(self.time_shown)

    def step(self, moment: datetime) -> datetime:
        """The moment in UTC, cut to what a time field of this company keeps."""
        kept = 0 if self.time_step == "seconds" else moment.microsecond // 1000 * 1000
        return moment.astimezone(UTC).replace(microsecond=kept)


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """{"customer.name": 1} as {"customer": {"name": 1}}."""
    whole: dict[str, Any] = {}
    for name, value in flat.items():
        *outer, last = name.split(".")
        inner = whole
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return whole


def flatten(body: Mapping[str, Any], names: Iterable[str], prefix: str = "") -> dict[str, Any]:
    """The inverse of `nest`. Only objects that are the outside of a dotted name are opened, so that a value of the
    wrong shape is still there to be refused by name."""
    known = tuple(names)
    flat: dict[str, Any] = {}
    for key, value in body.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and any(one.startswith(f"{name}.") for one in known):
            flat.update(flatten(value, known, f"{name}."))
        else:
            flat[name] = value
    return flat
