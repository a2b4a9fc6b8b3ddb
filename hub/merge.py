"""Folding one partner's record into the case: three ways, field by field, against what both last agreed on.

A partner changed a field if it differs from the base, their record as last seen; the case changed since if its value
differs from what was last synced with them. Changed on one side only: that side's value stands. Changed on both: the
agreement's owner of the field wins and the loser is logged; where neither owns it, the case keeps its value and a
person is shown both. Company clocks are never compared. Pure. Next: `acts.py` (what a status, a transfer, feedback
mean), then `taking.py`, which calls this inside a transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hub.agreement import Agreement
from hub.edges import Sharing
from hub.entries import EntryKind
from hub.noting import TOLD, is_about, is_version
from hub.state import CaseState, note_ref
from hub.veiling import shown
from mappings.case import Note, Visibility
from mappings.lens import ReadNote

OWN = frozenset({"id", "externalIdentifier", "creationDate", "lastUpdate", "holder", "status", "test"})
"""Paths that are not merged as plain fields: each system's own, or acts with a meaning of their own."""

COMPANIONS: Mapping[str, str] = {"statusChangeDate": "status", "statusChangeReason": "status"}
"""Paths that go with another one's decision and are no conflict of their own."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the fold found out; becomes an entry. body is sealed, detail is clear."""

    kind: EntryKind
    detail: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that only a person can decide; becomes a parked row."""

    subject: str
    code: str
    place: str
    why: str


@dataclass(slots=True)
class Fold:
    """One record being folded in: what is known, and what becomes of it. Made, used and dropped inside one call.

    base: their values as last seen. flight: their values as we are just writing them. theirs: their values now.
    sent: refs of notes that we are just writing. seen: ids of their notes of the case that stood there,
    brought up to date. moving: we are just writing their status.
    """

    partner: str
    state: CaseState
    theirs: Mapping[str, Any]
    base: Mapping[str, Any]
    flight: Mapping[str, Any]
    synced: dict[str, Any]
    agreement: Agreement
    now: datetime
    moving: bool = False
    sent: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    changed: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)

    @property
    def sharing(self) -> Sharing:
        """What is taken of what this partner says."""
        edge = self.state.edges.get(self.partner, "")
        return self.agreement.heard_of(self.partner, self.state.contact_point, edge)

    def touched(self, path: str) -> bool:
        """Whether the partner's side changed this path since it was last seen, by a hand that is not ours."""
        if path not in self.theirs:
            return False
        if path == "statusChangeDate" and self.moving and not self.touched("status"):
            return False  # their system stamped what we wrote
        value = self.theirs[path]
        if path in self.sharing.pseudonyms and value == self.shown(path, value):
            return False  # it came back as they were given it
        return value != self.base.get(path) and not (path in self.flight and value == self.flight[path])

    def put(self, path: str, value: Any, setter: str) -> None:
        """Set a value of the case."""
        self.put_all({path: value}, setter)

    def put_all(self, said: Mapping[str, Any], setter: str) -> None:
        """Set these values of the case."""
        values, setters = {**self.state.values, **said}, {**self.state.setters, **dict.fromkeys(said, setter)}
        self.state = replace(self.state, values=values, setters=setters)

    def decide(self, path: str, value: Any) -> bool:
        """Whether the partner's new value of a path stands; logs a conflict where two sides changed it."""
        ours = self.state.values.get(path)
        given = self.shown(path, ours)
        if value in (ours, given):
            self.synced[path] = given
            return False
        setter = self.state.setters.get(path, "")
        # who is given a pseudonym has not seen the word that he replaces: it is a conflict, and told, in any case
        unseen = path in self.sharing.pseudonyms and setter not in {"", self.partner}
        if given == self.synced.get(path) and not unseen:
            return True
        owner = self._owner(path)
        theirs_wins = owner == self.partner
        if path not in COMPANIONS:
            self._log_conflict(path, value, ours, theirs_wins, undecided=owner not in {self.partner, setter})
        if not theirs_wins:
            self.synced[path] = given
        return theirs_wins

    def shown(self, path: str, value: Any) -> Any:
        """A value as this partner is given it."""
        return shown(self.sharing, self.state.secret, self.partner, path, value)

    def _owner(self, path: str) -> str:
        state = self.state
        named = COMPANIONS.get(path, path)
        return self.agreement.owner(
            named, holder=state.holder, contact_point=state.contact_point, accountable=state.accountable
        )

    def _log_conflict(self, path: str, theirs: Any, ours: Any, theirs_wins: bool, undecided: bool) -> None:
        setter = self.state.setters.get(path, "")
        winner, loser = (self.partner, setter) if theirs_wins else (setter, self.partner)
        kept, lost = (theirs, ours) if theirs_wins else (ours, theirs)
        detail = {"field": path, "winner": winner, "loser": loser}
        self.events.append(Event("conflict", detail, {"kept": kept, "lost": lost}))
        if undecided:
            why = f"{path}: {winner} and {loser} both changed it and neither holds the case; {winner}'s value stands."
            self.waits.append(Wait("conflict", "X201", path, why))


def fold_fields(fold: Fold, readable: frozenset[str]) -> None:
    """Merge the plain fields that this partner's link shares."""
    sharing, stands = fold.sharing, dict[str, Any]()
    for path in sorted(readable - OWN):
        if not fold.touched(path) or not sharing.allows(path):
            continue
        fold.changed.append(path)
        value = fold.theirs[path]
        if fold.decide(path, value):
            stands[path] = value
            fold.synced[path] = fold.shown(path, value)
    if stands:
        fold.put_all(stands, fold.partner)


def fold_notes(fold: Fold, notes: tuple[ReadNote, ...], placed: dict[str, str]) -> int:
    """Add the partner's new notes that may cross; how many were added or taken back. placed: ref -> native id, of ours
    there.

    A private note stays where it is. A note that its own side edited is a further version of it; one that it deleted,
    or made private, is taken back.
    """
    ours = {note_ref(note.partner, note.id) for note in fold.state.notes if note.partner != fold.partner}
    ours |= {*placed, *fold.sent}  # the rest of a text is no note of the case
    allowed = fold.sharing.notes
    added, stand = 0, set[str]()
    for read in notes:
        if read.ref is not None and _is_ours(read, read.ref, ours):
            placed[read.ref] = read.native_id
            continue
        stand.add(read.native_id)
        known = _known(fold, read.native_id)
        if read.visibility not in allowed:
            added += _withdraw(fold, known, Visibility.PRIVATE)
            continue
        if not known and read.visibility not in fold.agreement.crossing_notes:
            continue  # nobody may ever have it: it is counted, and not kept
        text = (read.text if read.ref is None else read.whole) or ""  # a footer that is not ours is their text
        if known and known[-1].text == text:
            added += _give_again(fold, known, Visibility(read.visibility))
            continue
        note_id = read.native_id if not known else f"{read.native_id}#{len(known) + 1}"
        note = Note(
            partner=fold.partner,
            id=note_id,
            author=read.author or fold.partner,
            date=read.date or fold.now,
            text=text,
            visibility=Visibility(read.visibility),
            language=read.language,
        )
        fold.state = replace(fold.state, notes=(*fold.state.notes, note))
        fold.events.append(Event("noted", {"visibility": str(note.visibility), "ref": note_ref(note.partner, note.id)}))
        added += 1
    for native_id in sorted(fold.seen - stand):
        added += _withdraw(fold, _known(fold, native_id))
    fold.seen = frozenset(native_id for native_id in stand if _known(fold, native_id))
    return added


def _is_ours(read: ReadNote, ref: str, ours: Collection[str]) -> bool:
    """Whether we wrote it, also where a ledger that came back from a backup does not know of it."""
    told = ref.startswith(TOLD) and read.visibility == Visibility.PRIVATE
    return ref in ours or told or is_about(ref, ours)


def _known(fold: Fold, native_id: str) -> list[Note]:
    """What the case has of this note of theirs, its newest version last."""
    return [n for n in fold.state.notes if n.partner == fold.partner and is_version(n.id, native_id)]


def _withdraw(fold: Fold, known: list[Note], visibility: Visibility | None = None) -> int:
    """Their note is gone, or private now: it goes to nobody who does not have it yet, and the others are told."""
    return _turn(fold, known, visibility) if known and known[-1].withdrawn % 2 == 0 else 0


def _give_again(fold: Fold, known: list[Note], visibility: Visibility) -> int:
    """Their note stands there again, or still does."""
    return _turn(fold, known, visibility) if known[-1].withdrawn % 2 == 1 else 0


def _turn(fold: Fold, known: list[Note], visibility: Visibility | None) -> int:
    turns = known[-1].withdrawn + 1
    changed = {"withdrawn": turns} if visibility is None else {"withdrawn": turns, "visibility": visibility}
    ids = {note.id for note in known}
    notes = tuple(
        note.model_copy(update=changed) if note.partner == fold.partner and note.id in ids else note
        for note in fold.state.notes
    )
    fold.state = replace(fold.state, notes=notes)
    detail = {"ref": note_ref(fold.partner, known[-1].id), "again": turns % 2 == 0}
    fold.events.append(Event("withdrawn", detail))
    return 1
