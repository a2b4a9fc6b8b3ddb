"""history.yaml: which columns of an export are what, and what its words mean here. Next: `reading.py`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hub.declarations import Document, read, validated
from hub.dimensions import DIMENSIONS
from mappings.case import Status

Column = Annotated[str, Field(min_length=1)]
ANY = "*"
"""Stands for every word of its place that is not named itself."""


class Columns(BaseModel):
    """Which column of the export is what. status: one, or several whose words are joined by `/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: Column
    time: Column
    status: Column | tuple[Column, ...]
    company: Column | None = None
    score: Column | None = None
    priority: Column | None = None
    type: Column | None = None
    channel: Column | None = None
    product: Column | None = None
    service: Column | None = None
    region: Column | None = None

    def named(self) -> dict[str, tuple[str, ...]]:
        """role -> its columns."""
        said = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: (one,) if isinstance(one, str) else one for name, one in said.items() if one is not None}


class Meanings(BaseModel):
    """For a column, what its words mean here; `*` stands for all others, `Accepted/*` for all that begin so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Mapping[str, Status]
    company: Mapping[str, str] | None = None
    priority: Mapping[str, str] | None = None
    type: Mapping[str, str] | None = None
    channel: Mapping[str, str] | None = None
    product: Mapping[str, str] | None = None
    service: Mapping[str, str] | None = None
    region: Mapping[str, str] | None = None


class History(BaseModel):
    """What an export says, by declaration.

    name: of the export; with the case's number it makes the case's id, so that a later export of the same cases goes on
    where this one ended. company: whose export it is, where no column says who held the case. zone: of times that name
    no offset. format: of times, as Python's strptime has it; without one they are ISO 8601. values: what words mean;
    every word of a column that has a table needs a meaning.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    columns: Columns
    company: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    zone: str | None = None
    format: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    values: Meanings

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str | None) -> str | None:
        if zone is not None:
            try:
                ZoneInfo(zone)
            except (OSError, ValueError, ZoneInfoNotFoundError) as unknown:
                raise ValueError("is no IANA time zone such as Europe/London") from unknown
        return zone

    @model_validator(mode="after")
    def _has_a_company(self) -> History:
        if (self.company is None) == (self.columns.company is None):
            raise ValueError("say whose cases they are once: `company`, or the column that tells it")
        return self

    def meaning(self, role: str, word: str) -> str | None:
        """What a word of this column means here; the word itself where the column has no table, None where its table
        has not the word."""
        table: Mapping[str, str] | None = getattr(self.values, role)
        if table is None:
            return word
        head = word.partition("/")[0]
        return table.get(word) or table.get(f"{head}/{ANY}") or table.get(ANY)


ABOUT = tuple(name for name in Meanings.model_fields if name in DIMENSIONS)
"""Columns that say where a case belongs."""


def load_history(path: Path) -> tuple[History, Document]:
    """The declaration and its places. Raises DeclarationError."""
    document = read(path)
    return validated(document, History), document
