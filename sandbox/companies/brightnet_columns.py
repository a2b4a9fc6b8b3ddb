"""What a Salesforce object is made of: columns with a type, relationships up and down, and how a cell shows in JSON.

Next: `brightnet_schema.py`, Brightnet's own objects made of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from sandbox.companies.brightnet_beside import Beside

ColumnType = Literal[
    "id", "reference", "string", "textarea", "picklist", "double", "int", "boolean", "datetime", "base64"
]
Cell = str | bool | int | Decimal | datetime | None
TEXTS = frozenset({"string", "textarea", "picklist"})


@dataclass(frozen=True, slots=True)
class Column:
    """One field of an object. A textarea and what is in a file cannot be filtered or sorted by, as in Salesforce."""

    name: str
    label: str
    type: ColumnType
    read: Callable[[Any, Beside], Cell]
    length: int = 0
    writable: bool = False
    required: bool = False
    values: tuple[str, ...] = ()
    unique: bool = False
    scale: int = 0

    @property
    def filterable(self) -> bool:
        return self.type not in ("textarea", "base64")


@dataclass(frozen=True, slots=True)
class Parent:
    """A relationship upwards: the object it leads to, and the row there."""

    entity: str
    read: Callable[[Any, Beside], Any]


@dataclass(frozen=True, slots=True)
class Children:
    """A relationship downwards, usable as a subquery. key: the child's field that holds the id."""

    entity: str
    key: str
    read: Callable[[Any, Beside], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Entity:
    """One object. columns by name, in the order of its description."""

    name: str
    label: str
    prefix: str
    columns: Mapping[str, Column]
    parents: Mapping[str, Parent] = field(default_factory=dict)
    children: Mapping[str, Children] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """The column of that name, capitals or not, as Salesforce takes it."""
        return self.columns.get(name) or next((one for key, one in self.columns.items() if same(key, name)), None)

    def attributes(self, row: Any, beside: Beside, version: str) -> dict[str, str]:
        """What stands first in each record of an answer."""
        record_id = self.columns["Id"].read(row, beside)
        return {"type": self.name, "url": f"/services/data/v{version}/sobjects/{self.name}/{record_id}"}


def same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def shown(value: Cell) -> str | bool | int | float | None:
    """The value as it stands in an answer's JSON. Numbers are doubles: 15 minutes are 15.0."""
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        case bool() | str() | int() | None:
            return value
        case _:
            return float(value)
