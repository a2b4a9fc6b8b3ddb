"""After a mapping changed: parked records tried again, and open cases brought to what their records say now.

A rehearsal runs the very same steps and takes them back, so it cannot promise what the real run would not do. Each case
and each parked record is one transaction through the ledger's own verbs: the merge decides, what others changed since
is a conflict and is logged, deliveries are owed as after any change. A re-reading is nobody's act: it accepts no offer.
A second run finds nothing: what was read with this mapping reads the same. Knows no terminal and no Airflow.
Next: `mapping_records.py` (what is tried), `merge.py` and `acts.py` (what decides), `mapping_replaying.py` (prints it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from hub import acts, intents, lanes, transfers
from hub.alliance import Alliance
from hub.keys import KeyLost
from hub.ledger import Ledger
from hub.mapping_records import Waiting, last_read, open_links, waiting
from hub.merge import OWN, Fold, fold_fields
from hub.owing import owe_all
from hub.partners import Partner
from hub.rounds import CLOSED, RESOLVED
from hub.route import ALWAYS
from hub.state import CaseState, Link, case_id_of
from hub.taking import take
from hub.writing import Transaction
from mappings.errors import MappingError
from mappings.lens import Lens

FIRST_WORD = ("creationDate", "test")
"""Paths that a case takes from the record that opened it, and from no other."""


@dataclass(frozen=True, slots=True)
class Change:
    """One path of a case. read: whether the record itself reads otherwise; else the case follows from another path."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Told:
    """What a replay does to one record. what: `unparked`, `changed` or `owed`, or why nothing is done to it
    (`stuck`: it still does not fit; `busy`: a write to it is on its way; `overtaken`: a newer one was read since).

    record: path -> how the record read and reads. case: path -> what the case held and holds. new: there was no case.
    owed: who is owed anew.
    """

    what: str
    case_id: str
    native_id: str
    number: str
    record: tuple[Change, ...] = ()
    case: tuple[Change, ...] = ()
    owed: frozenset[str] = frozenset()
    problem: MappingError | None = None
    new: bool = False

    @property
    def moves(self) -> bool:
        """Whether anything is written for it."""
        return self.what in {"unparked", "changed", "owed"}


@dataclass(frozen=True, slots=True)
class Replay:
    """What to replay. who, why: stand on each entry. really: False rehearses."""

    ledger: Ledger
    alliance: Alliance
    partner: Partner
    clock: Callable[[], datetime]
    who: str = ""
    why: str = ""
    really: bool = False

    def run(self) -> Iterator[Told]:
        """Parked records, then open cases, oldest first. Yields what concerns anybody, as it is done."""
        for parked in waiting(self.ledger, self.partner.name):
            yield self._tried(self._unpark, parked, _stuck(self.partner.name, parked))
        for link in open_links(self.ledger, self.partner.name):
            found = self._tried(self._one_case, link, Told("stuck", str(link.case_id), link.native_id, link.number))
            if found.what != "same":
                yield found

    def _tried(self, act: Callable[[Transaction, Any], Told], one: Waiting | Link, otherwise: Told) -> Told:
        """One act in one transaction, which is taken back where this is a rehearsal or the mapping does not fit."""
        try:
            with self.ledger.transaction(self.clock()) as tx:
                told = act(tx, one)
                if not (self.really and (told.moves or told.what == "overtaken")):
                    raise _Rehearsed(told)
        except _Rehearsed as rehearsed:
            told = rehearsed.told
        except MappingError as error:
            told = replace(otherwise, problem=error)
        except KeyLost:
            told = replace(otherwise, what="erased")
        return told

    # a parked record

    def _unpark(self, tx: Transaction, parked: Waiting) -> Told:
        """Read a parked record with the mapping of today. Raises MappingError where it still does not fit."""
        name, record, told = self.partner.name, parked.record, _stuck(self.partner.name, parked)
        link = tx.link(name, parked.native_id)
        if record is None or link is None:
            return replace(told, what="erased")
        if link.version != record.version:
            tx.unpark("record", name, native_id=parked.native_id, case_id=None)
            return replace(told, what="overtaken")
        reading = self.partner.lens.to_case(record.body)
        hub_id = reading.values.get("id")
        case_id = parked.case_id or (str(hub_id) if hub_id else told.case_id)
        state, owing = tx.case(case_id), lanes.open_of(tx, case_id)
        tx.unpark("record", name, native_id=parked.native_id, case_id=None)
        self._sign(tx, "unparked", state or case_id, link, record.version, {"no": parked.number})
        tx.keep_link(replace(link, version="", digest=""), state.subject if state else parked.subject)
        take(tx, self.alliance, record, read_from=tx.newest)
        case = _changes(_held(state), _held(tx.case(case_id)))
        number = str(reading.values.get("externalIdentifier") or parked.native_id)
        owed = _newly(owing, lanes.open_of(tx, case_id))
        told = replace(told, case_id=case_id, number=number, new=state is None)
        return replace(told, what="unparked", case=case, owed=owed)

    # an open case

    def _one_case(self, tx: Transaction, link: Link) -> Told:
        """Bring an open case to what this counterpart's record says now. Raises MappingError where it says nothing."""
        told = Told("same", str(link.case_id), link.native_id, link.number)
        state = tx.case(told.case_id)
        if state is None:
            return told
        theirs = self.partner.lens.to_case(link.base).values
        owing, busy = lanes.open_of(tx, state.id), intents.in_flight(tx, state.id, self.partner.name)
        fold = self._fold(tx, link, state, theirs)
        record = tuple(Change(path, fold.base.get(path), theirs[path]) for path in sorted(theirs) if fold.touched(path))
        number = str(theirs.get("externalIdentifier") or link.number)
        if number != link.number:
            record = (Change("externalIdentifier", link.number, number), *record)
        if busy:
            return replace(told, what="busy", record=record) if record else told
        _settle(fold, self.alliance.title(self.partner.name), self.partner.lens.paths)
        after, changed = fold.state, fold.state != state
        if changed:
            after = replace(after, version=state.version + 1, updated_at=tx.now)
        if record:
            self._keep(tx, fold, after, replace(link, synced=fold.synced, number=number), changed=changed)
        owe_all(tx, self.alliance, after)
        owed = _newly(owing, lanes.open_of(tx, state.id))
        what = "changed" if record else "owed" if owed else "same"
        return replace(told, what=what, record=record, case=_changes(_held(state), _held(after)), owed=owed)

    def _fold(self, tx: Transaction, link: Link, state: CaseState, theirs: Mapping[str, Any]) -> Fold:
        """The record as it reads now, against how it read. A path that this link does not share stays as it is."""
        lens = self.partner.lens
        fold = Fold(
            partner=link.partner, state=state, theirs=theirs, base={}, flight={}, synced=dict(link.synced),
            agreement=self.alliance.agreement, now=tx.now,
        )  # fmt: skip
        read = last_read(tx.connection, tx.keyring, link)
        for path in FIRST_WORD:
            mine = path in theirs and state.origin == link.partner and _first(fold, path) != state.values.get(path)
            read[path] = state.values.get(path) if mine else theirs.get(path)
        own = OWN - {"status", "holder", *FIRST_WORD}
        seen = {path for path in theirs if fold.sharing.allows(path) or path in ALWAYS or path in FIRST_WORD} - own
        fold.base = {
            path: read.get(path) if path in seen and _differs(lens, path, value, read.get(path)) else value
            for path, value in theirs.items()
        }
        return fold

    def _keep(self, tx: Transaction, fold: Fold, state: CaseState, link: Link, *, changed: bool) -> None:
        """The entry that says who replayed what, one for each thing that it meant, and the case as it is now."""
        body = {path: fold.theirs[path] for path in fold.changed}
        told = fold.theirs.get("statusChangeDate")
        at = told if isinstance(told, datetime) and "status" in fold.changed else None
        self._sign(tx, "changed", state, link, link.version, {}, fields=fold.changed, body=body, business_at=at)
        for event in fold.events:
            who = "hub" if event.kind == "closed" else link.partner
            tx.append(event.kind, state, who, native_id=link.native_id, detail=event.detail, body=event.body,
                      business_at=at)  # fmt: skip
        if changed:
            tx.keep_case(state)
        tx.keep_link(link, state.subject)
        for wait in fold.waits:
            tx.park(wait.subject, link.partner, case_id=state.id, native_id=None, code=wait.code, place=wait.place,
                    why=wait.why)  # fmt: skip

    def _sign(
        self, tx: Transaction, kind: Literal["changed", "unparked"], case: CaseState | str, link: Link, version: str,
        detail: Mapping[str, Any], *, fields: Sequence[str] = (), body: Any = None, business_at: datetime | None = None,
    ) -> None:  # fmt: skip
        signed = {"replay": "mapping", "who": self.who, "why": self.why, **detail}
        tx.append(kind, case, link.partner, native_id=link.native_id, native_version=version, fields=fields,
                  detail=signed, mapping_hash=self.partner.lens.hash, body=body, business_at=business_at)  # fmt: skip


class _Rehearsed(Exception):
    """Takes a transaction back once it has told what it would do."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.what)
        self.told = told


def _settle(fold: Fold, title: str, readable: frozenset[str]) -> None:
    """What the record means now: fields, then the acts that its words are. Nobody acted, so no offer is accepted."""
    for path in FIRST_WORD:
        if fold.touched(path):
            fold.changed.append(path)
            fold.put(path, _first(fold, path), fold.partner)
    fold_fields(fold, readable)
    new_words = acts.fold_feedback(fold)
    acts.fold_status(fold, title)
    transfers.fold_transfer(fold)
    acts.fold_closing(fold, new_words)


def _first(fold: Fold, path: str) -> Any:
    """A path of FIRST_WORD as the case holds it: a test is one or is none."""
    return fold.theirs[path] is True if path == "test" else fold.theirs[path]


def _differs(lens: Lens, path: str, value: Any, read: Any) -> bool:
    """Whether a path reads otherwise than it did. A word that reads as nothing any more clears nothing: the case keeps
    its value, and the partner is owed it. Their "closed" is kept as theirs where both sides agreed on "resolved"."""
    if value is None or (path == "status" and value == CLOSED and read == RESOLVED):
        return False
    return not lens.same(path, value, read)


def _stuck(partner: str, parked: Waiting) -> Told:
    return Told("stuck", parked.case_id or case_id_of(partner, parked.native_id), parked.native_id, parked.native_id)


def _held(state: CaseState | None) -> Mapping[str, Any]:
    """What a case holds; nothing where there is none yet."""
    if state is None:
        return {}
    return {**state.values, "accountable": state.accountable, "contactPoint": state.contact_point}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    paths = sorted({*before, *after} - {"lastUpdate"})
    both = ((path, before.get(path), after.get(path)) for path in paths)
    return tuple(Change(path, was, now) for path, was, now in both if was != now)


def _newly(before: Mapping[str, lanes.Open], after: Mapping[str, lanes.Open]) -> frozenset[str]:
    """Who is owed something that they were not owed before."""
    return frozenset(name for name, lane in after.items() if name not in before or before[name].version != lane.version)
