"""The laws, asked of a history that has healed: what the stores, the oracle and the ledger say must agree.

Each law gives the first thing that breaks it, in words. Next: `play.py`, which runs a seed and asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from connectors.memory_row import Row
from hub.codec import decode
from hub.entries import LinkRow
from hub.noting import is_version
from hub.state import HUB, note_ref
from hub.tables import entries as entries_table
from simulated.companies import COMPANIES, PATHS, TEXTS, meant
from simulated.oracle import Edit, Written
from simulated.people import CUSTOMERS
from simulated.world import World

QUIET = 10
"""Rounds after rest that may write nothing: for every tenth seed, the others have two."""
LINKING = frozenset({"opened", "linked"})
"""Kinds of entries after which a record is a case's."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that does not hold."""

    law: str
    what: str

    def __str__(self) -> str:
        return f"{self.law}: {self.what}"


@dataclass(slots=True)
class Case:
    """The live records of one case. by: company -> row."""

    id: str
    origin: tuple[str, str]
    by: dict[str, Row] = field(default_factory=dict)
    doubled: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Took:
    """An entry that took in a record."""

    seq: int
    fields: frozenset[str]
    body: Mapping[str, Any]


class Verdict:
    """A world at rest, looked at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cases = _cases(world)
        self.parked = world.ledger.parked()
        self.deliveries = world.ledger.deliveries(("owed", "claimed", "unknown", "parked"))
        self.took, self.rows = _took(world)
        self.lost_words = _lost_words(world, self.rows)

    def broken(self) -> Broken | None:
        """The first law that does not hold, or None."""
        laws = (
            self.lost, self.doubled, self.unequal, self.overwritten, self.misheard, self.leaked, self.durable,
            self.accountable, self.closed, self.untold, self.unseen, self.unquiet,
        )  # fmt: skip
        return next((found for law in laws for found in law()), None)

    def lost(self) -> Iterator[Broken]:
        """L1: each record is a case or parked, each note that may cross stands everywhere, nothing is left owed."""
        world = self.world
        for company, native_id in sorted(world.oracle.origins):
            row = world.stores[company].rows[native_id]
            if not row.gone and (company, native_id) not in self.took and not self._is_parked(company, native_id):
                yield Broken("L1", f"record {native_id} of {company} never became a case and is not parked")
        unread = {(p.partner, p.native_id) for p in self.parked if p.subject == "record"}
        lanes = {(case.id, name) for case in self.cases.values() for name, row in case.by.items()
                 if (name, row.native_id) in unread}  # fmt: skip
        # a record that waits for a person, as which the case goes on since they merged it, need not bear its id
        lanes |= {(p.case_id, p.partner) for p in self.parked if p.subject == "record" and p.case_id is not None}
        for delivery in self.deliveries:
            if delivery.state != "parked" and (delivery.case_id, delivery.partner) not in lanes:
                yield Broken("L1", f"a delivery to {delivery.partner} is left {delivery.state}: {delivery.reason}")
        for case in self.cases.values():
            yield from self._notes_lost(case)
        for (company, native_id), into in world.oracle.goes_on.items():
            yield from self._left_behind(company, native_id, into)

    def _left_behind(self, company: str, native_id: str, into: str) -> Iterator[Broken]:
        """A case that other companies have goes on in the record that its people merged its record into: where it was
        known whose record it was, which a record that is gone does not say any more."""
        rows = self.world.stores[company].rows
        case = self.cases.get(rows[native_id].body.get("hub_case") or "")
        if case is None or rows[native_id].merged_into != into or rows[into].gone or self._is_parked(company, into):
            return
        if not any((row.partner, row.native_id) == (company, native_id) and row.kind in LINKING for row in self.rows):
            return
        if set(case.by) - {company} and rows[into].body.get("hub_case") != case.id:
            yield Broken("L1", f"case {case.id[:8]} does not go on in {into} of {company}, into which it was merged")

    def _notes_lost(self, case: Case) -> Iterator[Broken]:
        for note in self.world.oracle.notes:
            row = case.by.get(note.company)
            if row is None or row.native_id != note.native_id or self._is_parked(note.company, note.native_id):
                continue
            if self.world.scenario.tells:
                yield from self._not_withdrawn(case, note)
            if note.dropped or "internal" in note.audiences:
                continue
            for company, other in case.by.items():
                if company == note.company or self._excused(case, company):
                    continue
                times = _standing(other, note.texts[-1])
                if times == 0:
                    yield Broken("L1", f"note {note.texts[-1]!r} of {note.company} is not at {company}")

    def _not_withdrawn(self, case: Case, note: Written) -> Iterator[Broken]:
        """Where a note stands by our hand that its side took back, its agents are told so; and of no other."""
        kept = self.world.ledger.case(case.id)
        ids = [n.id for n in kept.note if n.partner == note.company and is_version(n.id, note.note_id)] if kept else []
        for company, other in case.by.items():
            refs = [note_ref(note.company, one) for one in ids]
            texts = [str(one["body"]) for one in other.body["comments"]]
            there = [ref for ref in refs if any(f"[{ref}]" in text for text in texts)]
            if company == note.company or not there or self._excused(case, company):
                continue
            said = [text for text in texts if f"[{there[-1][:8]}…]" in text.splitlines()[0]]
            back = bool(said) and "withdrawn" in said[-1] and "written by" not in said[-1]
            if back != (note.dropped or note.audiences[-1] == "internal"):
                yield Broken("L1", f"{company} is not told what became of note {note.texts[-1]!r} of {note.company}")

    def doubled(self) -> Iterator[Broken]:
        """L2: one counterpart a company, and each note once."""
        for case in self.cases.values():
            for company, ids in case.doubled.items():
                if (company, case.id) not in self.world.oracle.doubling and not self._told(case, company, ids):
                    yield Broken("L2", f"case {case.id[:8]} of {case.origin} has records {ids} at {company}")
            for note in self.world.oracle.notes:
                for company, row in case.by.items():
                    for text in note.texts:
                        times = _standing(row, text)
                        if times > 1 and (company, text) not in self.world.oracle.doubling:
                            yield Broken("L2", f"note {text!r} of {note.company} stands {times} times at {company}")

    def _told(self, case: Case, company: str, ids: Sequence[str]) -> bool:
        """Whether a person ended a record of the case there, which a create on its way knew nothing of, and all records
        but one are put before a person now."""
        there = [row for row in self.world.stores[company].rows.values() if row.body.get("hub_case") == case.id]
        ended = any((company, row.native_id) in self.world.oracle.gone_once for row in there)
        told = {p.native_id for p in self.parked if (p.partner, p.subject) == (company, "record")}
        return ended and len(set(ids) - told) == 1

    def unequal(self) -> Iterator[Broken]:
        """L3: shared fields are equal everywhere."""
        for case in self.cases.values():
            names = sorted(case.by)
            for one, other in pairwise(names):
                for name in ("title", "details", "urgency", "state", "reason", "company", "accountable", "contact"):
                    mine, theirs = (meant(name, case.by[company].body.get(name)) for company in (one, other))
                    if mine != theirs and not self._may_differ(case, (one, other), name, (mine, theirs)):
                        yield Broken("L3", f"{name} of {case.origin}: {mine!r} at {one}, {theirs!r} at {other}")

    def _may_differ(self, case: Case, between: tuple[str, str], name: str, values: tuple[Any, Any]) -> bool:
        if any(self._excused(case, company, PATHS.get(name, "")) for company in between):
            return True
        return name == "state" and set(values) == {"closed", "resolved"}

    def overwritten(self) -> Iterator[Broken]:
        """L5 and L1: each last word of a side was taken in: applied, or logged as the loser of a conflict."""
        for edit in self.world.oracle.edits:
            if edit.fate or self._accounted(edit):
                continue
            yield Broken("L5", f"{edit.company}'s {edit.field} = {edit.value!r} on {edit.native_id} was never taken in")

    def _accounted(self, edit: Edit) -> bool:
        row = self.world.stores[edit.company].rows[edit.native_id]
        if row.gone or self._is_parked(edit.company, edit.native_id):
            return True
        path = PATHS[edit.field]
        value = meant(edit.field, edit.value)
        took = self.took.get((edit.company, edit.native_id), [])
        if edit.field in TEXTS:
            taken = any(path in one.fields and one.body.get(path) == value for one in took)
            # a reason goes with its status and is no conflict of its own
            stands = row.body.get(edit.field) == value or edit.field == "reason"
            return taken and (stands or value in self.world.oracle.carried or value in self.lost_words)
        if any(one.seq > edit.head and path in one.fields and one.body.get(path) == value for one in took):
            return True
        if edit.field == "company" and value == edit.company and took and took[0].seq > edit.head:
            return True  # it was theirs when it was first read, and an edge moved it by itself then
        return row.body.get(edit.field) == edit.value  # it stands: the case came to say the same

    def misheard(self) -> Iterator[Broken]:
        """L5: what is kept as a company's word was said by its people. Our own write that comes back is not; but of a
        record that they merged another one into, all is what they chose to go on with."""
        said = self.world.oracle.said
        chosen = {(company, into) for (company, _), into in self.world.oracle.merges.items()}
        for (company, native_id), took in self.took.items():
            if (company, native_id) in chosen:
                continue
            for one in took:
                for name in sorted(TEXTS):
                    word = one.body.get(PATHS[name]) if PATHS[name] in one.fields else None
                    if word and (company, word) not in said:
                        yield Broken("L5", f"{word!r} on {native_id} was taken for {company}'s {name}, and is not")

    def leaked(self) -> Iterator[Broken]:
        """L6: nothing private is anywhere but at home, and nobody has a case that was never offered to it."""
        oracle = self.world.oracle
        for company, text in oracle.told:
            yield Broken("L6", f"note {text!r} was sent to {company} after it was read that it is private")
        for company, store in self.world.stores.items():
            for row in store.rows.values():
                for note in oracle.notes:
                    home = (note.company, note.native_id) == (company, row.native_id)
                    private = set(note.audiences) == {"internal"}
                    if private and not home and any(_standing(row, text) for text in note.texts):
                        yield Broken("L6", f"private note {note.texts[0]!r} of {note.company} is at {company}")
        for case in self.cases.values():
            yield from self._unveiled(case)
            for company in case.by:
                if company != case.origin[0] and company not in self._offered(case):
                    yield Broken("L6", f"{company} has case {case.origin} and it was never offered")

    def _unveiled(self, case: Case) -> Iterator[Broken]:
        """Where a pseudonym was agreed on, the customer is known by his id at home alone."""
        for company, row in case.by.items() if self.world.scenario.veils else ():
            told = (row.body.get("customer") or {}).get("id")
            theirs = (company, row.native_id) in self.world.oracle.origins
            if company != case.origin[0] and not theirs and told in CUSTOMERS:
                yield Broken("L6", f"{company} was given customer {told} of {case.origin}, not a pseudonym")

    def _offered(self, case: Case) -> set[str]:
        """The companies that somebody chose in the transfer field of a record of this case."""
        records = {case.origin}
        records |= {
            (company, row.native_id)
            for company, store in self.world.stores.items()
            for row in store.rows.values()
            if row.body.get("hub_case") == case.id
        }
        while grown := {(at[0], into) for at, into in self.world.oracle.merges.items() if at in records} - records:
            records |= grown
        edits = self.world.oracle.edits
        chosen = {COMPANIES[e.value] for e in edits if e.field == "company" and (e.company, e.native_id) in records}
        own = (decode(row.detail) for row in self.rows if row.kind == "offered" and row.case_id == case.id)
        return chosen | {offer["receiver"] for offer in own if offer["by"] == HUB}  # an edge moved it by itself

    def durable(self) -> Iterator[Broken]:
        """L7: the chain verifies."""
        at = self.world.ledger.broken_at()
        if at is not None:
            yield Broken("L7", f"the chain does not verify at transaction {at}")

    def accountable(self) -> Iterator[Broken]:
        """L11: one partner answers for each case at each instant."""
        yield from answered_for(self.rows, self.world.stores)

    def closed(self) -> Iterator[Broken]:
        """L12: the hub closed nothing without the customer's positive word."""
        content = {row.case_id for row in self.rows if row.kind == "fed_back" and decode(row.detail)["score"] >= 4}
        for company, native_id in self.world.oracle.closings:
            row = self.world.stores[company].rows[native_id]
            told = [one.case_id for one in self.rows if (one.partner, one.native_id) == (company, native_id)]
            if not {row.body.get("hub_case"), *told} & content:
                yield Broken("L12", f"the hub closed {native_id} at {company} without positive feedback")

    def untold(self) -> Iterator[Broken]:
        """What is held back shows in the tool of who said it, and nothing else does; what agents are told is theirs
        alone, told once, and is no note of the case."""
        for case in self.cases.values():
            kept = self.world.ledger.case(case.id)
            if kept is not None and any("told-" in note.text for note in kept.note):
                yield Broken("told", f"what agents are told became a note of case {case.id[:8]}")
            for company, row in case.by.items():
                yield from self._told_wrong(case, company, row)

    def _told_wrong(self, case: Case, company: str, row: Row) -> Iterator[Broken]:
        told = self.world.stores[company].system.told
        says, notes = str(row.body.get("hub_says") or ""), [n for n in row.body["comments"] if "[told-" in n["body"]]
        if (says and (told is None or told.field is None)) or (notes and (told is None or told.note is None)):
            yield Broken("told", f"what others are told stands at {company}")
        refs = [note["body"].rpartition("[")[2] for note in notes]
        if any(note["audience"] != "internal" for note in notes):
            yield Broken("told", f"what {company} is told is not private")
        doubled = {text for name, text in self.world.oracle.doubling if name == company}
        if len(refs) != len({*refs}) and not any(note["body"].splitlines()[0] in doubled for note in notes):
            yield Broken("told", f"{company} is told the same twice: {refs}")
        links = {link.native_id for link in self._links(case) if link.partner == company and link.state == "linked"}
        if told is None or row.native_id not in links:
            return
        held = any(p.subject == "record" and (p.partner, p.native_id) == (company, row.native_id) for p in self.parked)
        shows = "NOT PASSED ON: “" in says if told.field else bool(notes) and "NOT PASSED ON: “" in notes[-1]["body"]
        if held != shows:
            yield Broken(
                "told", f"{company} {'is not told what' if held else 'is told that something'} waits of its word"
            )

    def _links(self, case: Case) -> Sequence[LinkRow]:
        return next((one.links for one in self.world.ledger.cases(limit=1000) if one.id == case.id), ())

    def unseen(self) -> Iterator[Broken]:
        """Where a history is told, each status that a person set is an entry, once, though it came and went between
        two polls; what the hub wrote is none."""
        if not self.world.scenario.histories:
            return
        told = Counter(
            (row.partner, row.native_id, decode(row.detail)["change"]) for row in self.rows if row.kind == "journaled"
        )
        for (company, native_id, change), times in told.items():
            (line,) = [one for one in self.world.stores[company].rows[native_id].history if one.line_id == change]
            if times > 1:
                yield Broken("seen", f"change {change} of {company} is told {times} times")
            if line.author == self.world.stores[company].login:
                yield Broken("seen", f"our own change {change} is told as one of {company}")
        for case in self.cases.values():
            for company, row in case.by.items():
                store = self.world.stores[company]
                linked = any((k.partner, k.native_id, k.state) == (company, row.native_id, "linked")
                             for k in self._links(case))  # fmt: skip
                if not store.system.abilities.change_history or not linked or self._is_parked(company, row.native_id):
                    continue
                for line in row.history:
                    theirs = line.field == "state" and line.author != store.login
                    if theirs and not told[company, row.native_id, line.line_id]:
                        yield Broken(
                            "seen",
                            f"{company}'s {line.old} to {line.new} of {row.native_id} is not told ({line.line_id})",
                        )

    def unquiet(self) -> Iterator[Broken]:
        """L4: more rounds write nothing."""
        before = self.world.written()
        rounds = QUIET if self.world.scenario.seed % 10 == 0 else 2
        for _ in range(rounds):
            self.world.round()
            self.world.pass_time(70)
        after = self.world.written()
        if after != before:
            yield Broken("L4", f"{rounds} more rounds wrote: {before} became {after}")

    def _is_parked(self, company: str, native_id: str) -> bool:
        return any(p.partner == company and p.native_id == native_id for p in self.parked)

    def _excused(self, case: Case, company: str, path: str = "") -> bool:
        """Whether what this company lacks of the case is before a person."""
        if any(p.partner == company and p.subject == "record" and p.native_id in self._ids(case, company)
               for p in self.parked):  # fmt: skip
            return True
        return any(
            p.partner == company and p.case_id == case.id and p.subject == "delivery" and p.place in {path, ""}
            for p in self.parked
        )

    def _ids(self, case: Case, company: str) -> set[str]:
        row = case.by.get(company)
        return {row.native_id} if row else set()


def answered_for(rows: Iterable[Any], companies: Container[str]) -> Iterator[Broken]:
    """L11: at each entry one of these companies answers for the case, and it changes by acceptance alone, or as one is
    named to come after a company that left. rows: the whole log, as entries or as rows of their table."""
    log, before = list(rows), dict[str, str]()
    moving = {(row.case_id, row.tx) for row in log if row.kind in {"accepted", "succeeded"}}
    for row in log:
        if not row.case_id or row.accountable is None:
            continue
        if row.accountable not in companies:
            yield Broken("L11", f"nobody answers for {row.case_id} at {row.seq}")
        moved = before.get(row.case_id, row.accountable) != row.accountable
        if moved and (row.case_id, row.tx) not in moving:
            yield Broken("L11", f"{row.case_id} changed its accountable at {row.seq} and nobody accepted")
        before[row.case_id] = row.accountable


def _cases(world: World) -> dict[str, Case]:
    found = {world.case_of(*origin): Case(world.case_of(*origin), origin) for origin in sorted(world.oracle.origins)}
    for company, store in world.stores.items():
        for row in store.rows.values():
            case_id = row.body.get("hub_case") or world.case_of(company, row.native_id)
            case = found.get(case_id)
            if row.gone or case is None:
                continue
            if company in case.by:
                case.doubled.setdefault(company, [case.by[company].native_id]).append(row.native_id)
                continue
            case.by[company] = row
    return found


def _took(world: World) -> tuple[dict[tuple[str, str], list[Took]], list[Any]]:
    took: dict[tuple[str, str], list[Took]] = {}
    with world.ledger.engine.connect() as connection:
        rows = list(connection.execute(sa.select(entries_table).order_by(entries_table.c.seq)))
    for row in rows:
        if row.kind in {"opened", "changed"} and row.body is not None:
            body = decode(world.ledger.keyring.open(row.subject, row.body))
            took.setdefault((row.partner, row.native_id), []).append(Took(row.seq, frozenset(decode(row.fields)), body))
    return took, rows


def _lost_words(world: World, rows: list[Any]) -> set[Any]:
    """Values that lost a conflict, or were kept in one: told either way."""
    told: set[Any] = set()
    for row in rows:
        if row.kind == "conflict" and row.body is not None:
            body = decode(world.ledger.keyring.open(row.subject, row.body))
            told |= {body["kept"], body["lost"]}
    return told


def _standing(row: Row, text: str) -> int:
    return sum(str(note["body"]).splitlines()[0] == text for note in row.body["comments"])
