"""What the exchange keeps of a case and of each of its counterparts: the two shapes that merge and route work on.

Frozen; a change is a new one by `dataclasses.replace`. Knows no SQL and no partner's system. `to_kept`/`from_kept` give
the part that the ledger seals. Next: `merge.py` (folds a record in), `route.py` (who is owed what).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from mappings.case import (
    ENDED,
    Attachment,
    Case,
    ExternalIdentifier,
    Feedback,
    Note,
    Relationship,
    StatusChange,
    Visibility,
)

NAMESPACE = UUID("6c1a3f0e-3f0b-5c55-9a56-b0a0c6f7d0aa")
"""Of every id that the hub derives. Never change it: the same record would become another case."""


def case_id_of(origin: str, native_id: str) -> str:
    """The case's id: the same in every life of the hub, for the first record that told of it."""
    return str(uuid5(NAMESPACE, f"{origin}\n{native_id}"))


def note_ref(partner: str, note_id: str) -> str:
    """What a pushed note bears in its footer: short, the same for ever, and tells nobody who wrote it."""
    return sha256(f"{partner}\n{note_id}".encode()).hexdigest()[:12]


def record_subject(partner: str, native_id: str) -> str:
    """Under whose key a record is sealed that belongs to no case yet."""
    return f"record:{partner}:{native_id}"


def file_ref(file: Attachment) -> str:
    """What a file is known by wherever it went: of its own side and id, so the same for ever."""
    return sha256(f"{file.partner}\nfile\n{file.id}".encode()).hexdigest()[:12]


HUB = "hub"
"""Who says what no company said: the hub itself."""

LOG = "log"
"""The channel of a case that is replayed or imported: of what happened before."""


def rest_note(state: CaseState, path: str, text: str, author: str) -> Note:
    """The note that carries what did not fit a partner's field. Its identity is the path and what it says, so the same
    rest has the same ref for ever, and another one another."""
    name = f"{path}\n{sha256(text.encode()).hexdigest()}"
    return Note(partner=HUB, id=name, author=author, date=state.updated_at, text=text, visibility=Visibility.PARTNERS)


@dataclass(frozen=True, slots=True)
class Asked:
    """That the customer's word is wanted on how the case was resolved. round: how often it had been resolved by then;
    once it is resolved again, or worked on, this is over. since: when it was asked first. until: when the page's link
    ends. link: its address, "" where customers reach no page. times: how often it was asked. silent: since when nobody
    waits for an answer any more."""

    round: int
    since: datetime
    until: datetime
    link: str = ""
    times: int = 1
    silent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A part of a case's work that another company has, as a case of its own. case: its id. edge: the ref of the edge
    by which it was given. receiver: who has it. status: of that case, as last seen. waits: whether the case it is of
    is not resolved before it has ended."""

    case: str
    edge: str
    receiver: str
    status: str
    waits: bool = True

    @property
    def is_open(self) -> bool:
        """Whether it is still worked on."""
        return self.status not in {"resolved", *ENDED}


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as the hub holds it. values: path -> value; setters: path -> the partner whose word it is.

    edges: partner -> id of the edge that the case came to it over. fired: ids of the auto edges that have moved it.
    informed: partners that have or get a record of it without holding it: to read, or after one that left.
    subject: the data subject under whose key it is sealed. due: the promise that runs out next, as (when, clock,
    whose), None where none runs. secret: what its pseudonyms are made of, by the ledger's key. asked: the newest asking
    for feedback. weighed: how many words of feedback were heard before the case was last reopened, and say nothing of
    how it stands now. corrective: the corrective action that is not done yet, as (number, owner, role, due). parent: id
    of the case of which this is a task, "" of a customer's own. tasks: those that were given of this one. urged: of an
    escalation by the contact point that has no answer yet, (until when, who by role, of which company).
    """

    id: str
    origin: str
    subject: str
    version: int
    values: Mapping[str, Any]
    setters: Mapping[str, str]
    accountable: str
    contact_point: str
    opened_at: datetime
    updated_at: datetime
    notes: tuple[Note, ...] = ()
    files: tuple[Attachment, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    statuses: tuple[StatusChange, ...] = ()
    edges: Mapping[str, str] = field(default_factory=dict)
    fired: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    history: bool = False
    due: tuple[datetime, str, str] | None = None
    secret: str = ""
    asked: Asked | None = None
    weighed: int = 0
    corrective: tuple[int, str, str, datetime] | None = None
    parent: str = ""
    tasks: tuple[Task, ...] = ()
    urged: tuple[datetime, str, str] | None = None

    @property
    def status(self) -> str:
        """The case's status."""
        return str(self.values["status"])

    @property
    def holder(self) -> str:
        """The partner that the case was offered to last."""
        return str(self.values["holder"])

    @property
    def test(self) -> bool:
        """Whether it crosses like any other and counts in no indicator."""
        return self.values.get("test") is True

    def case(self, numbers: Mapping[str, str]) -> Case:
        """The canonical Case. numbers: partner -> the number that its agents know it by."""
        return Case.from_values(
            self.values,
            id=self.id,
            version=self.version,
            accountable=self.accountable,
            contact_point=self.contact_point,
            note=self.notes,
            attachment=self.files,
            feedback=self.feedback,
            status_change_history=self.statuses,
            relationship=(
                *([Relationship(id=self.parent, relationship_type="parent")] if self.parent else []),
                *(Relationship(id=task.case, relationship_type="task") for task in self.tasks),
            ),
            external_identifier=tuple(ExternalIdentifier(owner=o, id=n) for o, n in sorted(numbers.items())),
        )

    def to_kept(self) -> dict[str, Any]:
        """The part that is sealed."""
        return {
            "values": self.values,
            "setters": self.setters,
            "notes": [note.model_dump() for note in self.notes],
            "files": [file.model_dump() for file in self.files],
            "feedback": [word.model_dump() for word in self.feedback],
            "statuses": [change.model_dump() for change in self.statuses],
            "edges": self.edges,
            "fired": self.fired,
            "informed": self.informed,
            "due": self.due,
            "asked": None if self.asked is None else asdict(self.asked),
            "weighed": self.weighed,
            "corrective": self.corrective,
            "parent": self.parent,
            "urged": self.urged,
            "tasks": [asdict(task) for task in self.tasks],
        }


def kept_parts(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `to_kept` gave, as arguments of CaseState."""
    return {
        "values": kept["values"],
        "setters": kept["setters"],
        "notes": tuple(Note(**note) for note in kept["notes"]),
        "files": tuple(Attachment(**file) for file in kept.get("files", ())),  # kept before there were any
        "feedback": tuple(Feedback(**word) for word in kept["feedback"]),
        "statuses": tuple(StatusChange(**change) for change in kept["statuses"]),
        "edges": kept["edges"],
        "fired": tuple(kept["fired"]),
        "informed": tuple(kept.get("informed", ())),  # kept before there were any
        "due": None if kept.get("due") is None else tuple(kept["due"]),  # kept before there was any
        "asked": None if kept.get("asked") is None else Asked(**kept["asked"]),
        "weighed": kept.get("weighed", 0),
        "corrective": None if kept.get("corrective") is None else tuple(kept["corrective"]),
        "parent": kept.get("parent", ""),
        "urged": None if kept.get("urged") is None else tuple(kept["urged"]),
        "tasks": tuple(Task(**task) for task in kept.get("tasks", ())),
    }


@dataclass(frozen=True, slots=True)
class Link:
    """A case's counterpart in one partner's system, and where the two stood when they last agreed.

    base: their record as last seen, without its notes. synced: path -> the case's value at that time.
    notes, files: ref of each note or file that stands there by our hand -> its native id. barred: ref of each file that
    does not go in there -> why, as a digest or the code of their refusal; a person was told. ignored: path -> digest of
    the value that they took and did not keep; not sent again until it changes. edge: id of the edge it came over, ""
    where it began.
    settled: the ledger's newest entry when it was last read with news, or our last write to it was settled. unread: it
    says something now that the mapping does not know, so nothing is written over it. heard: ids of the customer's
    answers, of their list of feedback, that are words of the case. past: digest of their record when its own change
    history was last read, "" where it never was. cause: of an unread record, (code, their field,
    their value). told: digest of what stands in the field where its agents are told. reached: when something of the
    case last arrived there by our hand.
    """

    partner: str
    native_id: str
    case_id: str | None
    version: str
    digest: str
    number: str = ""
    state: str = "linked"
    edge: str = ""
    base: Mapping[str, Any] = field(default_factory=dict)
    synced: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    barred: Mapping[str, str] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    settled: int = 0
    unread: bool = False
    heard: Collection[str] = ()
    seen: Collection[str] = ()
    cause: tuple[str, ...] = ()
    told: str = ""
    reached: datetime | None = None
    past: str = ""
    synced_at: datetime | None = None

    @property
    def is_untaken(self) -> bool:
        """Whether it is a record that is not understood and no case yet; case_id is that of the case it would open."""
        return self.state == "parked" and self.unread and self.case_id is not None

    def to_kept(self) -> dict[str, Any]:
        """The part that is sealed."""
        return {
            "base": self.base,
            "synced": self.synced,
            "notes": self.notes,
            "files": self.files,
            "barred": self.barred,
            "ignored": self.ignored,
            "settled": self.settled,
            "unread": self.unread,
            "heard": sorted(self.heard),
            "seen": sorted(self.seen),
            "cause": self.cause,
            "told": self.told,
            "reached": self.reached,
            "past": self.past,
        }
