"""Real records of a partner, seen as the hub would see them, before it keeps or writes a single one.

Reads a few records over the partner's connector, puts each through its mapping, and asks the agreement which edges it
could go over and what would then stand in the other company's words. Keeps nothing: no ledger, no cursor, no write.
Next: `mapping_map.py` (one record), `trying_showing.py` (prints it), `first_contact.py` (what comes after).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from connectors.base import Connector, Record
from hub.acting import partner_named
from hub.agreement import Agreement
from hub.assembly import load_alliance
from hub.describing import opened
from hub.edges import Edge
from hub.mapping_map import Look, look_in, look_out
from hub.mapping_version import Version, standing
from hub.route import ALWAYS
from hub.settings import Settings
from mappings.declare_shape import is_never_written
from mappings.errors import MappingError


@dataclass(frozen=True, slots=True)
class Way:
    """An edge that a case could go over.

    crossing: paths that would stand there. withheld: paths that the edge keeps back; nowhere: that have no field there.
    notes, files: how many would cross. refused: why it would wait for a person there.
    """

    edge: Edge
    crossing: tuple[str, ...]
    withheld: tuple[str, ...]
    nowhere: tuple[str, ...]
    notes: int
    files: int
    refused: tuple[tuple[str, MappingError], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One record and what becomes of it. values: canonical path -> value, of those that were read."""

    record: Record
    look: Look
    values: Mapping[str, Any]
    ways: tuple[Way, ...]

    @property
    def fits(self) -> bool:
        """Whether the whole of it is understood."""
        return not self.look.problems


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word that means nothing here. times: in how many records. at: where the mapping would say it."""

    field: str
    word: Any
    at: str
    error: MappingError
    times: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    partner: str
    seen: tuple[Seen, ...]

    @property
    def unknown(self) -> list[Unknown]:
        """Each word once that does not fit, the most frequent first."""
        found: dict[tuple[str, str, str], list[tuple[str, MappingError]]] = {}
        for one in self.seen:
            for at, error in one.look.problems:
                found.setdefault((error.field, error.code, repr(error.value)), []).append((at, error))
        told = [Unknown(some[0][1].field, some[0][1].value, *some[0], len(some)) for some in found.values()]
        return sorted(told, key=lambda one: -one.times)

    @property
    def unmapped(self) -> list[tuple[str, int, Any]]:
        """Their fields that no case holds: name, in how many records it says something, and one such word."""
        words = {field: word for one in self.seen for field, word in one.look.unmapped.items()}
        counts = Counter(field for one in self.seen for field in one.look.unmapped)
        return [(field, times, words[field]) for field, times in counts.most_common()]

    @property
    def empty(self) -> list[str]:
        """Canonical paths that the mapping reads, and that no record filled."""
        states: dict[str, set[str]] = {}
        for one in self.seen:
            for line in one.look.lines:
                states.setdefault(line.path, set()).add(line.state)
        return sorted(path for path, met in states.items() if met == {"empty"})

    @property
    def notes(self) -> Counter[str]:
        """How many notes there are of each visibility."""
        return Counter(str(note.visibility) for one in self.seen for note in one.look.notes)


def try_records(connector: Connector, known: Mapping[str, Version], agreement: Agreement, partner: str, most: int,
                since: datetime | None) -> Tried:  # fmt: skip
    """The first `most` records that changed since then (None: of all). known: every partner's mapping.

    Raises ConnectorError; the connector stays open.
    """
    records = _first(connector, most, since)
    return Tried(partner, tuple(_seen(record, known, agreement, partner) for record in records))


def _first(connector: Connector, most: int, since: datetime | None) -> list[Record]:
    pages = connector.pull(None if since is None else connector.since(since))
    found = list(islice((record for page in pages for record in page.records if not record.gone), most))
    if isinstance(pages, Generator):
        pages.close()  # it would read on
    return found


def _seen(record: Record, known: Mapping[str, Version], agreement: Agreement, partner: str) -> Seen:
    look = look_in(known[partner], record.body)
    values = {line.path: line.value for line in look.lines if line.state == "read"}
    edges = [edge for edge in agreement.edges if edge.giver == partner and edge.matches(values)]
    return Seen(record, look, values, tuple(_way(edge, look, values, known, agreement) for edge in edges))


def _way(edge: Edge, look: Look, values: Mapping[str, Any], known: Mapping[str, Version], agreement: Agreement) -> Way:
    sharing = agreement.sharing[edge.crosses]
    allowed = {path: value for path, value in values.items() if path in ALWAYS or sharing.allows(path)}
    there = look_out(known[edge.receiver], {**allowed, "holder": edge.receiver}, None)
    nowhere = tuple(line.path for line in there.lines if line.state == "lost")
    return Way(
        edge,
        tuple(path for path in allowed if path not in nowhere),
        tuple(path for path in values if path not in allowed and not is_never_written(path)),
        nowhere,
        sum(note.visibility in sharing.notes for note in look.notes),
        sum(file.visibility in sharing.attachments for file in look.lists.get("attachments", ())),
        tuple(there.problems),
    )


def try_here(partner: str, settings: Settings, most: int, since: datetime | None) -> tuple[Tried, Mapping[str, str]]:
    """The partner of these settings, over its own connection; and the companies' names as people write them.

    Raises DeclarationError, CannotDo X502, ConnectorError.
    """
    alliance = load_alliance(settings)
    known = {name: standing(name, settings) for name in alliance.partners}
    with opened(settings.partners_dir / partner_named(partner, known)) as connector:
        tried = try_records(connector, known, alliance.agreement, partner, most, since)
    return tried, {name: one.system.title for name, one in alliance.partners.items()}
