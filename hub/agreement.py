"""The Global Service Agreement: which company may hand which case to which, and what crosses with it.

An edge permits a transfer and says what crosses; only one that `fires: auto` moves a case by itself, and at most one
transfer edge matches. Each receiver keeps one link to a case with its edge's sharing in both directions; the contact
point sees all except private notes and files. Who may close, and which side wins a conflict, is said here too.

Pure once read: no clock, no database, and no YAML but through `declarations.py`. Next: `edges.py`; `merge.py`,
which lives by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr

from connectors.declared import Declared
from hub.calendars import Calendar
from hub.closing import Closing, check_closing
from hub.commitment_checks import check_commitments
from hub.commitments import ALL, ALWAYS, EACH, Clock, Commitment, Level, WorkingHours, calendars_of
from hub.declarations import DeclarationError, Document, Problem, read, validated
from hub.edge_checks import check_edges, check_urging
from hub.edges import Accepting, Edge, Reasons, Sharing, is_unshared
from hub.retaining import Retention
from hub.signatures import Signature, check_signatures, text_of
from mappings.case import PATHS, TOLD, Visibility, is_path
from mappings.declare_shape import expected


class Company(Declared):
    """A partner of the agreement."""

    title: str = Field(description="the company's name as people write it")
    contact: str = Field("", description="whom the others turn to")
    escalation: tuple[Level, ...] = Field(
        (), description="who is asked, one after the other, about a case whose promise this company broke"
    )
    languages: tuple[str, ...] = Field((), description="what its agents speak, BCP 47, the first one most")
    teams: dict[str, str] = Field(
        default_factory=dict, description="`contactPoint`, `solution` or other -> the team, and where it is reached"
    )
    competences: dict[str, tuple[str | int | bool, ...]] = Field(
        default_factory=dict,
        description="canonical path -> values of the cases that this company can solve; where it is said, every such "
        "case has to find its way here from each company that cannot",
    )
    calendar: str = Field(ALWAYS, description="in whose hours its own promises run: a name of `calendars`, or `always`")

    def told(self) -> str:
        """Name and contact, for people."""
        return f"{self.title} ({self.contact})" if self.contact else self.title


OPEN = (Visibility.PARTNERS, Visibility.CUSTOMER)
EVERYTHING = Sharing(fields=("*",), notes=OPEN, attachments=OPEN)
"""What the contact point sees: all except private notes and files."""


class Agreement(Declared):
    """agreement.yaml, whole."""

    version: str = Field(description="what people call this text; the cases handed over under it bear it")
    effective: date = Field(description="the day from which it holds, once all partners have signed it")
    partners: dict[str, Company]
    sharing: dict[str, Sharing]
    operator: Company | None = Field(None, description="who runs the exchange and acts on what waits; agents are told")
    edges: tuple[Edge, ...] = ()
    refusals: Reasons = Field(
        default_factory=dict,
        description="reasons for which a case may be refused -> how agents write them, for edges that list none; none "
        "at all: any reason, or none. A reason is read from `statusChangeReason`, from its beginning",
    )
    escalated_by: Accepting = Field(
        default_factory=dict,
        description="what the contact point's agent writes in its own tool to escalate a case with authority, each by "
        "itself: statuses, or canonical path -> value, list of values, or `any`. Who has the case is asked at once, "
        "level by level of its `escalation`; none: nothing does",
    )
    calendars: dict[str, WorkingHours] = Field(default_factory=dict)
    commitments: tuple[Commitment, ...] = ()
    closing: Closing = Closing()
    retention: Retention | None = Field(None, description="how long the hub keeps what; null: until it is erased")
    signed: tuple[Signature, ...] = Field((), description="the partners' sign-offs of this text; stands last")
    ownership: dict[str, Literal["holder", "contactPoint", "accountable"]] = Field(
        default_factory=dict,
        description="canonical path -> whose word wins when two sides changed it; else the holder's",
    )

    _text: str = PrivateAttr("")
    _versions: Mapping[str, Agreement] = PrivateAttr(default_factory=dict)
    _left: frozenset[str] = PrivateAttr(frozenset())

    def edge(self, giver: str, receiver: str, values: Mapping[str, Any]) -> Edge | None:
        """The edge that permits this transfer of a case with these values, or None."""
        return next((edge for edge in self.edges_from(giver, values) if edge.receiver == receiver), None)

    def edges_from(self, giver: str, values: Mapping[str, Any], fires: str = "") -> Iterator[Edge]:
        """The transfer edges that a case with these values, held here, could go over. fires: only those that do so."""
        for edge in self._acting("transfer"):
            if edge.giver == giver and fires in ("", edge.fires) and edge.matches(values):
                yield edge

    def informing(self, values: Mapping[str, Any], knowing: Iterable[str]) -> Iterator[Edge]:
        """The information edges of a case with these values from companies that have it."""
        for edge in self._acting("information"):
            if edge.giver in knowing and edge.matches(values):
                yield edge

    def assigning(self, values: Mapping[str, Any], accountable: str) -> Iterator[Edge]:
        """The assignment edges of a case with these values from who answers for it."""
        return (edge for edge in self._acting("assignment") if edge.giver == accountable and edge.matches(values))

    def _acting(self, kind: str) -> Iterator[Edge]:
        return (edge for edge in self.edges if edge.kind == kind and edge.receiver not in self._left)

    def without(self, left: frozenset[str]) -> Agreement:
        """This one, where no edge leads to these any more, who left; what was shared over their edges stays said."""
        if not left:
            return self
        copy = self.model_copy()
        copy._left = left
        return copy

    def reasons_of(self, edge: str) -> Mapping[str, tuple[str, ...]]:
        """Reasons for which a case that came over this edge, by its ref, may be refused; none: none has to be named."""
        named = self.edge_named(edge)
        return (named.refusals or self.version_named(edge.partition("@")[2]).refusals) if named is not None else {}

    def is_informed(self, edge: str) -> bool:
        """Whether who has a case over this edge, by its ref, has it to read, and answers for nothing."""
        named = self.edge_named(edge)
        return named is not None and named.kind == "information"

    def ref(self, edge: Edge) -> str:
        """What a case keeps of the edge that it was handed over by: its id, and the version that said so."""
        return f"{edge.id}@{self.version}"

    def edge_named(self, ref: str) -> Edge | None:
        """The edge of a ref, as its version has it, or of an id; None for one that is no more."""
        edge_id, _, version = ref.partition("@")
        return next((edge for edge in self.version_named(version).edges if edge.id == edge_id), None)

    def version_named(self, version: str) -> Agreement:
        """The version of this name, where it is known; else this one."""
        return self._versions.get(version, self)

    def among(self, versions: Iterable[Agreement]) -> Agreement:
        """This one, knowing these others."""
        self._versions = {each.version: each for each in versions}
        return self

    @property
    def versions_known(self) -> tuple[str, ...]:
        """The texts, by their hashes, of all versions that this one knows."""
        return tuple(sorted(each.text for each in self._versions.values()))

    @property
    def text(self) -> str:
        """The hash of what the file says, SHA-256; "" where it was read from none."""
        return self._text

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Partners who have not signed this text."""
        signed = {signature.partner for signature in self.signed if signature.text == self._text}
        return tuple(name for name in self.partners if name not in signed)

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

    def sharing_of(self, partner: str, contact_point: str, edge: str) -> Sharing:
        """What a partner's link to a case shares, both ways. edge: its ref. An edge that is no more shares nothing."""
        if partner == contact_point:
            return EVERYTHING
        named = self.edge_named(edge)
        return self.version_named(edge.partition("@")[2]).sharing[named.crosses] if named else Sharing()

    def heard_of(self, partner: str, contact_point: str, edge: str) -> Sharing:
        """What is taken of what a partner says: as it is shared; of one that is only informed, its notes and files."""
        sharing = self.sharing_of(partner, contact_point, edge)
        if partner == contact_point or not self.is_informed(edge):
            return sharing
        return Sharing(notes=sharing.notes, attachments=sharing.attachments)

    @cached_property
    def crossing_notes(self) -> frozenset[Visibility]:
        """Kinds of notes that some edge lets cross, in any version that a case may be under; any other goes to nobody,
        so it is not taken in."""
        versions = (self, *self._versions.values())
        shared = (
            each.sharing[edge.crosses] for each in versions for edge in each.edges if edge.crosses in each.sharing
        )
        return frozenset(kind for sharing in shared for kind in sharing.notes)

    def owner(self, path: str, *, holder: str, contact_point: str, accountable: str) -> str:
        """The partner whose word wins when two sides changed this path."""
        role = self.ownership.get(path, "holder")
        return {"holder": holder, "contactPoint": contact_point, "accountable": accountable}[role]


def load_agreement(path: Path, known_partners: Iterable[str] | None = None) -> Agreement:
    """The agreement of a file. Raises DeclarationError with every problem: A301 to A309, A320 to A326, A330 to A335,
    A340, A341, and D2xx."""
    document = read(path)
    agreement = validated(document, Agreement)
    agreement._text = text_of(document.content)
    problems = [*_of_partners(document, agreement, known_partners), *_of_sharing(document, agreement)]
    problems += check_edges(document, agreement)
    problems += check_commitments(document, agreement)
    problems += check_signatures(document, agreement)
    problems += check_urging(document, agreement)
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
        for i, path in enumerate(sharing.pseudonyms):
            if path not in PATHS or expected(path) != "text" or is_unshared(path) or path in TOLD:
                place, texts = (
                    ("sharing", name, "pseudonyms", i),
                    [one for one in sorted(PATHS) if expected(one) == "text"],
                )
                message = f"sharing {name}: pseudonyms: {path!r} is no text that crosses."
                problems.append(document.problem(place, "A309", message, path, texts))
        for kind, readers in (("notes", sharing.notes), ("attachments", sharing.attachments)):
            if Visibility.PRIVATE in readers:
                message = f"sharing {name}: {kind}: what is private never crosses; take `private` out."
                problems.append(document.problem(("sharing", name, kind), "A308", message))
    for path in agreement.ownership:
        if not is_path(path):
            message = f"ownership.{path}: is no case path."
            problems.append(document.problem(("ownership", path), "A302", message, path, sorted(PATHS)))
    return problems
