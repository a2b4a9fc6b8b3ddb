"""The Global Service Agreement: which company may hand which case to which, and what crosses with it.

An edge permits a transfer and says what crosses; only an edge with `auto: true` moves a case by itself, and at most one
transfer edge matches. Each receiver keeps one link to a case with its edge's sharing in both directions; the contact
point sees all except private notes and files. Who may close, and which side wins a conflict, is said here too.

Pure once read: no clock, no database, and no YAML but through `declarations.py`. Next: `merge.py`, which lives by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from connectors.declared import Declared
from hub.calendars import Calendar
from hub.closing import Closing, check_closing
from hub.commitment_checks import check_commitments
from hub.commitments import ALL, ALWAYS, EACH, Clock, Commitment, Level, WorkingHours, calendars_of
from hub.declarations import DeclarationError, Document, Problem, read, validated
from mappings.case import COUNTERPART, PATHS, PICKLISTS, TOLD, Visibility, is_path

Condition = Mapping[str, str | int | bool | tuple[str | int | bool, ...]]

UNSHARED = frozenset({"externalIdentifier", "lastUpdate", "creationDate"})
"""Paths that are each system's own and never cross."""


def is_unshared(path: str) -> bool:
    """Whether a path never crosses."""
    return path in UNSHARED or path.startswith(COUNTERPART)


class Company(Declared):
    """A partner of the agreement."""

    title: str = Field(description="the company's name as people write it")
    contact: str = Field("", description="whom the others turn to")
    escalation: tuple[Level, ...] = Field(
        (), description="who is asked, one after the other, about a case whose promise this company broke"
    )
    calendar: str = Field(ALWAYS, description="in whose hours its own promises run: a name of `calendars`, or `always`")

    def told(self) -> str:
        """Name and contact, for people."""
        return f"{self.title} ({self.contact})" if self.contact else self.title


@lru_cache(maxsize=4096)
def _crosses(fields: tuple[str, ...], path: str) -> bool:
    """Asked of each path of each case by each partner: the answers are as few as the declared paths."""
    if is_unshared(path):
        return False
    return any(name in (path, "*") or (name.endswith(".*") and path.startswith(name[:-1])) for name in fields)


class Sharing(Declared):
    """What crosses: canonical paths (`relatedParty.customer.*` takes all below it), kinds of notes and of files."""

    fields: tuple[str, ...] = ()
    notes: tuple[Visibility, ...] = ()
    attachments: tuple[Visibility, ...] = ()

    def allows(self, path: str) -> bool:
        """Whether this path crosses."""
        return _crosses(self.fields, path)


OPEN = (Visibility.PARTNERS, Visibility.CUSTOMER)
EVERYTHING = Sharing(fields=("*",), notes=OPEN, attachments=OPEN)
"""What the contact point sees: all except private notes and files."""


class Edge(Declared):
    """Where one company's competence ends and the next one's begins."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    giver: str = Field(alias="from")
    receiver: str = Field(alias="to")
    when: dict[str, Any] = Field(default_factory=dict, description="canonical path -> value, or list of values")
    kind: Literal["transfer"] = "transfer"
    auto: bool = Field(False, description="moves the case by itself when the condition holds; else an agent's act does")
    accepted_by: tuple[str, ...] = Field((), description="statuses that accept it; none: the receiver's first act does")
    crosses: str = Field("standard", description="name of a sharing")
    language: str | None = Field(
        None,
        description="of their work together, BCP 47; null: each receiver's own; notes in others are marked",
    )
    note: str = Field("", description="why it stands so, for the people who read it")

    def matches(self, values: Mapping[str, Any]) -> bool:
        """Whether a case with these values is one that this edge speaks of."""
        return all(values.get(path) in _choices(wanted) for path, wanted in self.when.items())


class Agreement(Declared):
    """agreement.yaml, whole."""

    version: str
    effective: date
    partners: dict[str, Company]
    sharing: dict[str, Sharing]
    operator: Company | None = Field(None, description="who runs the exchange and acts on what waits; agents are told")
    edges: tuple[Edge, ...] = ()
    calendars: dict[str, WorkingHours] = Field(default_factory=dict)
    commitments: tuple[Commitment, ...] = ()
    closing: Closing = Closing()
    ownership: dict[str, Literal["holder", "contactPoint", "accountable"]] = Field(
        default_factory=dict,
        description="canonical path -> whose word wins when two sides changed it; else the holder's",
    )

    def edge(self, giver: str, receiver: str, values: Mapping[str, Any]) -> Edge | None:
        """The edge that permits this transfer of a case with these values, or None."""
        return next(
            (e for e in self.edges if e.giver == giver and e.receiver == receiver and e.matches(values)),
            None,
        )

    def auto_edge(self, holder: str, values: Mapping[str, Any]) -> Edge | None:
        """The edge that moves this case by itself, or None."""
        return next((e for e in self.edges if e.auto and e.giver == holder and e.matches(values)), None)

    def edge_named(self, edge_id: str) -> Edge | None:
        """The edge with this id, or None."""
        return next((e for e in self.edges if e.id == edge_id), None)

    def promise(self, clock: Clock, who: str, edge: str) -> Commitment | None:
        """The commitment that holds for this clock of this partner ("all": of all together) on a case that came over
        this edge ("": it began there), or None. The narrowest one: of the edge, of the partner, of each."""
        fitting = [
            each
            for each in self.commitments
            if each.clock == clock and each.edge in ("", edge) and (each.of == who or (each.of == EACH and who != ALL))
        ]
        return max(fitting, key=lambda each: (bool(each.edge), each.of == who), default=None)

    def calendar(self, commitment: Commitment, who: str) -> Calendar:
        """The calendar in which a commitment runs for this partner."""
        return self._calendars[commitment.calendar] if commitment.calendar else self.own_calendar(who)

    def own_calendar(self, who: str) -> Calendar:
        """The calendar of this partner; of all together, the one that never stops."""
        return self._calendars[self.partners[who].calendar if who in self.partners else ALWAYS]

    @cached_property
    def _calendars(self) -> Mapping[str, Calendar]:
        return calendars_of(self.calendars)

    def sharing_of(self, partner: str, contact_point: str, edge_id: str) -> Sharing:
        """What a partner's link to a case shares, both ways. An edge that is no more shares nothing."""
        if partner == contact_point:
            return EVERYTHING
        edge = self.edge_named(edge_id)
        return self.sharing[edge.crosses] if edge else Sharing()

    def owner(self, path: str, *, holder: str, contact_point: str, accountable: str) -> str:
        """The partner whose word wins when two sides changed this path."""
        role = self.ownership.get(path, "holder")
        return {"holder": holder, "contactPoint": contact_point, "accountable": accountable}[role]


def _choices(wanted: Any) -> tuple[Any, ...]:
    return tuple(wanted) if isinstance(wanted, list | tuple) else (wanted,)


def load_agreement(path: Path, known_partners: Iterable[str] | None = None) -> Agreement:
    """The agreement of a file. Raises DeclarationError with every problem: A301 to A307, A320 to A325, and D2xx."""
    document = read(path)
    agreement = validated(document, Agreement)
    problems = [*_of_partners(document, agreement, known_partners), *_of_sharing(document, agreement)]
    problems += [
        problem for i, edge in enumerate(agreement.edges) for problem in _of_edge(document, agreement, i, edge)
    ]
    problems += _overlaps(document, agreement)
    problems += check_commitments(document, agreement)
    problems += check_closing(document, agreement.closing, agreement.partners)
    if problems:
        raise DeclarationError(problems)
    return agreement


def _of_partners(document: Document, agreement: Agreement, known: Iterable[str] | None) -> list[Problem]:
    folders = tuple(known) if known is not None else tuple(agreement.partners)
    return [
        document.problem(("partners", name), "A301", f"partners.{name}: no such partner folder.", name, folders)
        for name in agreement.partners
        if name not in folders
    ]


def _of_sharing(document: Document, agreement: Agreement) -> list[Problem]:
    problems = []
    for name, sharing in agreement.sharing.items():
        for i, path in enumerate(sharing.fields):
            stem = path.removesuffix(".*").removesuffix("*")
            if path != "*" and not is_path(path) and not any(known.startswith(stem + ".") for known in PATHS):
                place = ("sharing", name, "fields", i)
                problems.append(document.problem(place, "A302", f"{path!r} is no case path.", path, sorted(PATHS)))
            elif path in TOLD:
                message = f"{path!r} is told by the hub itself and needs no sharing; take it out."
                problems.append(document.problem(("sharing", name, "fields", i), "A303", message))
    for path in agreement.ownership:
        if not is_path(path):
            message = f"ownership.{path}: is no case path."
            problems.append(document.problem(("ownership", path), "A302", message, path, sorted(PATHS)))
    return problems


def _of_edge(document: Document, agreement: Agreement, i: int, edge: Edge) -> list[Problem]:
    problems = []
    for key, name in (("from", edge.giver), ("to", edge.receiver)):
        if name not in agreement.partners:
            message = f"edge {edge.id}: {key}: {name!r} is no partner of this agreement."
            problems.append(document.problem(("edges", i, key), "A304", message, name, agreement.partners))
    if edge.crosses not in agreement.sharing:
        message = f"edge {edge.id}: crosses: {edge.crosses!r} is no sharing of this agreement."
        problems.append(document.problem(("edges", i, "crosses"), "A305", message, edge.crosses, agreement.sharing))
    for path, wanted in edge.when.items():
        if not is_path(path):
            message = f"edge {edge.id}: when.{path}: is no case path."
            problems.append(document.problem(("edges", i, "when", path), "A302", message, path, sorted(PATHS)))
        for value in _choices(wanted):
            if path in PICKLISTS and value not in PICKLISTS[path]:
                message = f"edge {edge.id}: when.{path}: {value!r} is no {path}."
                place = ("edges", i, "when", path)
                problems.append(document.problem(place, "A306", message, value, PICKLISTS[path]))
    return problems


def _overlaps(document: Document, agreement: Agreement) -> list[Problem]:
    problems = []
    for i, edge in enumerate(agreement.edges):
        for earlier in agreement.edges[:i]:
            same_way = (edge.giver, edge.receiver) == (earlier.giver, earlier.receiver)
            if same_way and not _apart(edge, earlier):
                message = f"edge {edge.id}: a case can match {earlier.id} too; at most one transfer edge may match."
                problems.append(document.problem(("edges", i, "id"), "A307", message))
    return problems


def _apart(one: Edge, other: Edge) -> bool:
    """Whether no case can match both: some path is asked for with no value in common."""
    shared = one.when.keys() & other.when.keys()
    return any(not set(_choices(one.when[path])) & set(_choices(other.when[path])) for path in shared)
