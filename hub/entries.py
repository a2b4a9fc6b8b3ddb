"""What the ledger holds, as plain frozen rows: entries (the past) and the current state that is rebuilt from them.

An Entry is one line of the ledger: a clear envelope, which is all that indicators may read, and a sealed body that only
the ledger opens. Order is `seq`, the ledger's own; three times stand beside it and are never mixed: `business_at` (when
the partner says that it happened), `reported_at` (the partner's own change stamp) and `observed_at` (when the hub saw
it). Knows no SQL. Next: `ledger.py`, the only writer; `facts.py`, which reads them for the indicators.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

EntryKind = Literal[
    "opened",  # a partner's record made the case; of a task, the edge did; detail: task_of (the case it is a part of)
    "changed",  # an agent's edit in a partner's system was folded in; `fields` says what it changed, maybe nothing
    "journaled",  # a change that the partner's own history tells; detail: change (its id), before; unread where unknown
    "noted",  # a note came; detail: visibility, language
    "withdrawn",  # a note was taken back by its side, or given again; detail: ref, again
    "attached",  # a file came that may cross; detail: visibility, ref
    "fetched",  # what is in a file was read and kept on its way; detail: ref, bytes
    "linked",  # the case has a counterpart in `partner`; detail: how (created, found, adopted)
    "offered",  # holder moved; detail: giver, receiver, edge
    "accepted",  # accountable moved to `partner`; detail: giver
    "refused",  # the receiver gave the offer back, or the giver took it back; detail: receiver, back_to, how, reason
    "timed_out",  # the offer came to nothing: its receiver gave no answer in time; detail: receiver, back_to, edge
    "denied",  # a transfer was written back; detail: giver, receiver, by, why
    "succeeded",  # `partner` has the case after one that left; detail: left, roles, edge, agreement, who, why
    "assigned",  # `partner` gave a task of the case to another company; detail: receiver, edge, task (its case)
    "answered",  # how a task of the case stands with `partner`, once it ended; detail: task, status
    "early",  # `partner` resolved it before its tasks had ended; it was written back; detail: tasks
    "informed",  # `partner`'s case goes to a company to read; detail: giver, receiver, edge
    "conflict",  # two sides changed one field; detail: field, kept, lost, winner, loser
    "irregular",  # a status move outside the table, applied all the same; detail: before, after
    "asked_to_close",  # a partner's "closed" without positive feedback, read as resolved
    "reopened",  # resolved or closed, and worked again; detail: before, reason
    "resolved",  # work ended, as the partner sees it
    "asked",  # the contact point is asked to obtain the customer's word; detail: round, until, times
    "silent",  # the customer's word did not come in its time, the case stays resolved; detail: round, times
    "fed_back",  # the customer's word came; detail: score, and of the hub's own page: via, round, language
    "closed",  # the hub closed it after positive feedback; detail: score, threshold
    "corrective",  # a negative word wants a corrective action of `partner`; detail: no, role, due_at, score
    "corrected",  # `partner` did it; detail: no, how (resolved: the case was, again; said: by who, why)
    "effective",  # the customer's next word was positive; detail: no, score
    "ineffective",  # it was not; detail: no, score
    "disputed",  # how it was ended is disputed, in the words of X.790; detail: dispute, by, who, why
    "signal",  # what a customer's word or act says; detail: signal, explicit, of, component, expected
    "classified",  # a person said what it is about; detail: of, component, expected, who, why
    "due_soon",  # a promise of `partner` comes to its end; detail: commitment, of, since, due_at, edge
    "overdue",  # a promise of `partner` was not kept; detail: as above
    "urged",  # the contact point escalates it with authority, in its own tool; detail: by (the path)
    "escalated",  # a person of `partner` is asked to see to it; detail: as above, and level, role, answer_by
    "owed",  # a delivery to `partner` is owed; detail: version
    "delivered",  # receipt: `partner` holds this version; detail: version, milliseconds since it was owed, created
    "arrived",  # what was sent to `partner` stands in its record, though no answer has said so yet
    "told",  # `partner`'s agents were told, in their own tool, what becomes of the case
    "stepped",  # `partner` took a status between, on the way to what is owed
    "unsent",  # a try that is safe to repeat failed; detail: code
    "unknown",  # sent, no answer; a find comes first
    "parked",  # a record or delivery waits for a person; detail: code, where
    "unparked",  # it goes on
    "reminded",  # a person was asked about it again; detail: no (of the parked row), code, times, role
    "gone",  # the partner deleted its record
    # what a person did at the hub; detail: who, why, and what else the act needs
    "paused",  # of the case, of `partner`, or of the whole hub, nothing is sent; detail: scope
    "resumed",  # it goes on; detail: scope
    "retried",  # what waited was tried again; detail: no (of the parked row), code
    "fixed",  # a value of the case was set; `fields` says which, the body holds them
    "dropped",  # what waited is not carried; `fields` says what, where it can be said
    "resynced",  # the partner was read again; detail: since, read, differ
    "reconciled",  # the partner was compared with the ledger and was not as it; detail: read, repaired, gone, missing
    "signed_off",  # the partner's first contact was looked at and permitted
    "left",  # `partner` left the alliance: its access ends; detail: to, contact, who, why
    "returned",  # `partner` was given its data; detail: cases, log, sha256, who, why
    "erasing",  # what is kept of a person, or past its time, is removed; detail: partners that had it
    "erased",  # `partner` has nothing of it any more (hub: here); detail: how (removed, blanked, gone, confirmed)
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, envelope only. status, holder, accountable, contact_point: as they are after it.

    partner: whose act or copy it concerns. native_id, native_version: of that partner's record. fields: names of the
    canonical paths that changed. history: replayed or imported past, exempt from the closing rule and marked so.
    """

    seq: int
    tx: int
    case_id: str
    kind: EntryKind
    partner: str
    observed_at: datetime
    business_at: datetime | None = None
    reported_at: datetime | None = None
    native_id: str | None = None
    native_version: str | None = None
    status: str | None = None
    holder: str | None = None
    accountable: str | None = None
    contact_point: str | None = None
    fields: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    history: bool = False
    test: bool = False
    mapping_hash: str = ""
    code_version: str = ""


LinkState = Literal["linked", "parked", "gone", "merged", "known", "erased"]
"""known: seen before the cut-off, of no case yet. erased: of a case that was forgotten, and never taken in again."""
DeliveryState = Literal["owed", "claimed", "unknown", "parked", "delivered"]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A case's counterpart in one partner's system. number: what its agents know it by."""

    partner: str
    native_id: str
    number: str
    state: LinkState
    case_id: str | None
    edge: str
    synced_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as lists show it."""

    id: str
    version: int
    name: str
    status: str
    holder: str
    accountable: str
    contact_point: str
    origin: str
    opened_at: datetime
    updated_at: datetime
    history: bool
    test: bool
    links: tuple[LinkRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One case version owed to one partner."""

    id: int
    case_id: str
    partner: str
    version: int
    state: DeliveryState
    attempts: int
    owed_at: datetime
    due_at: datetime
    settled_at: datetime | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A record or a delivery that waits for a person, with what to do about it."""

    id: int
    partner: str
    case_id: str | None
    native_id: str | None
    subject: Literal[
        "record", "delivery", "conflict", "transfer", "refusal", "deletion", "first contact", "erasure", "feedback"
    ]
    code: str
    place: str
    message: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """How the exchange with one partner goes. error: the last failure that nothing has succeeded since.

    failures: how many in a row. open_until: it is not spoken to before. reconciled_at: when all of it was last
    compared with the ledger. paused: who stopped it and why, or nothing; left: the same of one that left the alliance.
    """

    name: str
    pulled_at: datetime | None
    pushed_at: datetime | None
    failed_at: datetime | None
    error: str
    owed: int
    parked: int
    failures: int = 0
    open_until: datetime | None = None
    signed_off_at: datetime | None = None
    reconciled_at: datetime | None = None
    paused: str = ""
    left: str = ""


@dataclass(frozen=True, slots=True)
class PauseRow:
    """Something that a person stopped. scope: hub, partner or case; left: of a partner, for good. name: whose; "" for
    the hub."""

    scope: Literal["hub", "partner", "case", "left"]
    name: str
    who: str
    why: str
    since: datetime
