"""Repair of what waits for a person: try it again, set a value, or decide that it is not carried.

A plan is made first and shown; `act` carries it out, each as one transaction with an entry that says who and why.
What must be read from a partner again is read before the transaction opens. What each act means for each kind of
thing stands in `remedies.py`. Next: `repair_values.py` (setting and dropping values), `repair_cli.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import sqlalchemy as sa

from connectors.base import Record
from hub import lanes
from hub.acting import By, CannotDo
from hub.dimensions import about
from hub.entries import EntryKind, ParkedRow
from hub.exchange import Exchange
from hub.lacking import SUBJECT, unbarred
from hub.ledger import Ledger
from hub.owing import owe_all
from hub.remedies import remedy
from hub.repair_values import drop_values, set_values, unignore, with_values
from hub.state import record_subject
from hub.tables import deliveries, parked
from hub.taking import take
from hub.writing import Transaction

Verb = Literal["retry", "fix", "drop"]
KINDS: dict[Verb, EntryKind] = {"retry": "retried", "fix": "fixed", "drop": "dropped"}


@dataclass(frozen=True, slots=True)
class Plan:
    """One act on one row. told: what it does, in a sentence. values: path -> value, of `fix --set`."""

    verb: Verb
    row: ParkedRow
    told: str
    values: dict[str, object]

    @property
    def rereads(self) -> bool:
        """Whether the record is read from the partner again."""
        return self.verb != "drop" and self.row.subject in {"record", "deletion"}


def waiting(ledger: Ledger, *, partner: str = "", code: str = "", search: str = "") -> list[ParkedRow]:
    """What waits, oldest first. search: a case or a record, by its id or its number in any system."""
    rows = ledger.parked()
    if search:
        ids = {case.id for case in ledger.cases(limit=50, search=search)} if search else set()
        rows = [row for row in rows if row.case_id in ids or search in {row.native_id, row.case_id}]
    return [row for row in rows if partner in {"", row.partner} and code.upper() in {"", row.code}]


def meant(ledger: Ledger, search: str) -> list[ParkedRow]:
    """The row of this number, else all rows of the case or record that search names. Raises CannotDo X501."""
    by_number = [row for row in ledger.parked() if str(row.id) == search]
    found = by_number or waiting(ledger, search=search)
    if not found:
        raise CannotDo(
            "X501", f"nothing that waits is called {search!r}.",
            fix="`casebridge parked list` shows numbers; an id or number of the case or record in any system does too.",
        )  # fmt: skip
    return found


def plan(exchange: Exchange, verb: Verb, row: ParkedRow, values: dict[str, object] | None = None) -> Plan:
    """What the act would do. Raises CannotDo X506 where it means nothing for this kind of thing, X504 for a value."""
    known = remedy(row, exchange.alliance.title(row.partner))
    told = {"retry": known.retry, "fix": known.fix, "drop": known.drop}[verb]
    if verb not in known.can:
        can = ", ".join(f"`{one}`" for one in known.can) or "none of the three"
        raise CannotDo("X506", f"{row.id}: `{verb}` {told}.", fix=f"{known.suggestion} What can be done here: {can}.")
    by_values = verb == "fix" and row.subject in {"delivery", "conflict"}
    if by_values != bool(values):
        fix = (
            "say --set path=value." if by_values else "leave --set out; correct the value in the company's own system."
        )
        raise CannotDo("X506", f"{row.id}: `{verb}` {told}.", fix=fix)
    made = Plan(verb, row, told, dict(values or {}))
    if made.values:
        with exchange.ledger.look(exchange.clock()) as tx:  # a value that cannot be set is told by the dry run
            with_values(tx, row, made.values)
    return made


def act(exchange: Exchange, made: Plan, by: By) -> frozenset[str]:
    """Do it. Names the partners that are owed something now. Raises CannotDo, and what a partner's system raises."""
    records = _reread(exchange, made) if made.rereads else ()
    with exchange.ledger.transaction(exchange.clock()) as tx:
        _check_open(tx, made.row)
        paths, owed = _done(tx, exchange, made, records)
        tx.connection.execute(sa.update(parked).where(parked.c.id == made.row.id).values(ended_at=tx.now))
        link = tx.link(made.row.partner, made.row.native_id) if made.row.native_id else None
        case_id = made.row.case_id or (link.case_id if link else None) or ""
        state = tx.case(case_id)
        detail = {"who": by.who, "why": by.why, "no": made.row.id, "code": made.row.code, "what": made.row.subject}
        detail |= about(state.values, paths) if state else {}
        tx.append(
            KINDS[made.verb], state or case_id, made.row.partner, native_id=made.row.native_id,
            fields=paths, detail=detail, body=made.values if made.values and state else None,
        )  # fmt: skip
        if state is not None:  # whose word waited is told that it does so no more
            owed |= owe_all(tx, exchange.alliance, state)
        return owed


def _done(
    tx: Transaction, exchange: Exchange, made: Plan, records: Sequence[Record]
) -> tuple[Sequence[str], frozenset[str]]:
    """Change what the act changes: (paths that it concerns, partners that are owed something)."""
    row, alliance = made.row, exchange.alliance
    if made.rereads:
        return (), _take_anew(tx, exchange, row, records)
    if made.verb == "fix":
        return tuple(made.values), set_values(tx, alliance, row, made.values)
    if row.subject == "delivery" and row.case_id is not None:
        if made.verb == "drop":
            return drop_values(tx, alliance, row)
        unignore(tx, row)
        d = deliveries.c
        mine = [d.case_id == row.case_id, d.partner == row.partner, d.state == "parked"]
        again = {"state": "owed", "due_at": tx.now, "code": "", "reason": ""}
        if tx.connection.execute(sa.update(deliveries).where(*mine).values(**again)).rowcount == 0:
            state = tx.case(row.case_id)
            return (), owe_all(tx, alliance, state) if state is not None else frozenset()
        return (), frozenset({row.partner})
    state = unbarred(tx, row) if row.subject == SUBJECT and made.verb == "retry" else None
    return (), owe_all(tx, alliance, state) if state is not None else frozenset()


def _reread(exchange: Exchange, made: Plan) -> Sequence[Record]:
    """The record as it stands at the partner now."""
    row = made.row
    records, held = exchange.reread(row.partner, [row.native_id or ""])
    if held:
        raise CannotDo("X506", f"{row.id}: nothing is read from {row.partner} now: {held}.", fix="resume it first.")
    return records


def _take_anew(tx: Transaction, exchange: Exchange, row: ParkedRow, records: Sequence[Record]) -> frozenset[str]:
    """Take the record as if it had not been seen; where it does not fit again, it waits as a new row."""
    link = tx.link(row.partner, row.native_id or "")
    if link is not None and link.state != "gone":
        tx.keep_link(replace(link, version="", digest=""), _subject(tx, row, link.case_id))
    if not records:
        raise CannotDo("X506", f"{row.id}: {row.partner} has no record {row.native_id} any more.", fix="`drop` it.")
    if row.subject == "deletion" and all(record.gone for record in records):
        raise CannotDo("X506", f"{row.id}: {row.partner}'s record {row.native_id} is still deleted.", fix="restore it.")
    tx.connection.execute(sa.update(parked).where(parked.c.id == row.id).values(ended_at=tx.now))
    taken = [take(tx, exchange.alliance, record, read_from=tx.newest) for record in records]
    return frozenset().union(*(one.owed for one in taken))


def _subject(tx: Transaction, row: ParkedRow, case_id: str | None) -> str:
    state = tx.case(case_id) if case_id else None
    return state.subject if state else record_subject(row.partner, row.native_id or "")


def _check_open(tx: Transaction, row: ParkedRow) -> None:
    still = tx.connection.execute(sa.select(parked.c.ended_at).where(parked.c.id == row.id)).one_or_none()
    if still is None or still.ended_at is not None:
        raise CannotDo("X501", f"{row.id} waits no longer.", fix="`casebridge parked list` shows what does.")
    if row.subject != "delivery" or row.case_id is None:
        return
    present = lanes.open_of(tx, row.case_id).get(row.partner)
    if present is not None and present.state == "claimed":
        raise CannotDo("X506", f"{row.id}: a push to {row.partner} is at it just now.", fix="try again in a minute.")
