"""Review: what waits for a person is put before one with facts, options and a suggestion; the answer is carried out.

Each thing is asked about once a day until it is answered, anywhere: here, at a prompt, or in a company's own system.
From the second time on the operator's escalation climbs, an entry each time (`reminded`). Nothing else waits for it.
A question has no word of a case in it, since Airflow keeps what it asks: it says where, and links to the board.
Next: `repair.py`, which carries an answer out; `remedies.py` for the words; `dags/review.py`, which asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub import repair
from hub.acting import By, CannotDo
from hub.agreement import Agreement
from hub.checking import explain_code
from hub.entries import ParkedRow
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.remedies import Remedy, remedy
from hub.repair_values import values_said
from hub.reviewing_words import LEAVE, OPTIONS
from hub.tables import parked

AGAIN = timedelta(days=1)
"""Between two times that a person is asked about the same thing."""
MOST = 50
"""Questions of one run."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that waits, as it is asked. body: Markdown. times: how often it was asked, this time included."""

    no: int
    subject: str
    body: str
    options: tuple[str, ...]
    times: int


def questions(
    ledger: Ledger, agreement: Agreement, titles: Mapping[str, str], now: datetime, address: str = ""
) -> list[Question]:
    """What a person has to be asked now, oldest first; it counts as asked. address: of the board, "" where there is
    none to link to."""
    found = []
    with ledger.transaction(now) as tx:
        p = parked.c
        due = sa.or_(p.asked_at.is_(None), p.asked_at <= now - AGAIN)
        query = sa.select(parked).where(p.ended_at.is_(None), due).order_by(p.id).limit(MOST)
        for told in tx.connection.execute(query).mappings().all():
            row = ParkedRow(**{name: told[name] for name in ParkedRow.__dataclass_fields__})
            ways = remedy(row, titles.get(row.partner, row.partner))
            if not ways.can:
                continue
            times = int(told["asked"]) + 1
            tx.connection.execute(sa.update(parked).where(p.id == row.id).values(asked=times, asked_at=now))
            role = _role(agreement, times)
            if times > 1:
                state = tx.case(row.case_id) if row.case_id else None
                detail = {"no": row.id, "code": row.code, "times": times, "role": role}
                tx.append("reminded", state or row.case_id or "", row.partner, native_id=row.native_id, detail=detail)
            found.append(_question(row, ways, titles, times, role, address))
    return found


def _role(agreement: Agreement, times: int) -> str:
    """Who of the operator is asked, from the second time on."""
    levels = agreement.operator.escalation if agreement.operator is not None else ()
    return levels[min(times - 2, len(levels) - 1)].role if levels and times > 1 else ""


def _question(row: ParkedRow, ways: Remedy, titles: Mapping[str, str], times: int, role: str, address: str) -> Question:
    company = titles.get(row.partner, row.partner)
    again = f" (asked {times} times{f', {role}' if role else ''})" if times > 1 else ""
    can = {option: verb for option, verb in OPTIONS.items() if verb in ways.can}
    does = {"retry": ways.retry, "fix": ways.fix, "drop": ways.drop}
    lines = [
        f"**{company}**, {row.subject}"
        + (f", record `{row.native_id}`" if row.native_id else "")
        + (f", at `{row.place}`" if row.place else ""),
        f"It waits since {row.since:%Y-%m-%d %H:%M} UTC. Nothing else waits for it.",
        explain_code(row.code).partition("\n")[2].strip().replace("\n", " "),
        f"**Suggestion:** {ways.suggestion}",
        "\n".join([*(f"- *{option}*: {does[verb]}." for option, verb in can.items()),
                   f"- *{LEAVE}*: you are asked again in a day."]),
        _where(row, address),
    ]  # fmt: skip
    text = "\n\n".join(line for line in lines if line)
    return Question(row.id, f"{row.code} at {company}: {row.subject}{again}", text, (*can, LEAVE), times)


def _where(row: ParkedRow, address: str) -> str:
    see = f"`casebridge parked show {row.id}` shows the values."
    if not address:
        return see
    page = f"case?id={row.case_id}" if row.case_id else "waiting"
    return f"[On the board]({address}/{page}), or {see}"


def answer(
    ledger: Ledger, exchange: Callable[[str], Exchange], no: int, chosen: str, said: Mapping[str, Any], who: str
) -> str:
    """Carry out what a person chose for the thing of this number. said: `why`, and `values` (a path=value a line).

    exchange: partner -> the exchange that may speak to it. Returns what was done, in words without a case's content. An
    answer that cannot be carried out is told, and the thing is asked about again at once. Raises ConnectorError where
    the partner cannot be spoken to now.
    """
    row = next((each for each in ledger.parked() if each.id == no), None)
    if row is None:
        return f"{no} waits no longer: it was answered elsewhere."
    verb = OPTIONS.get(chosen)
    if verb is None:
        return f"{no} is left as it is, and asked about again in a day."
    why = str(said.get("why") or "").strip()
    lines = [line.strip() for line in str(said.get("values") or "").splitlines() if line.strip()]
    made = exchange(row.partner)
    try:
        if not why:
            raise CannotDo("X505", "say why: it stands in the ledger beside who did it.")
        plan = repair.plan(made, verb, row, values_said(lines))
        owed = repair.act(made, plan, By(who, why))
    except CannotDo as error:
        _ask_again(ledger, made.clock(), no)
        return f"{no} could not be done and is asked about again: {error}"
    told: Sequence[str] = sorted(owed)
    return f"{no}: {chosen}, by {who}." + (f" Owed now: {', '.join(told)}." if told else "")


def _ask_again(ledger: Ledger, now: datetime, no: int) -> None:
    with ledger.transaction(now) as tx:
        tx.connection.execute(sa.update(parked).where(parked.c.id == no).values(asked_at=None))
