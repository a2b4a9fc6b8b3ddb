"""The circuit breaker of each partner: after failures of whole steps it is left alone for a while, then tried once.

    five in a row that did not reach it      left alone for 30 s, then twice as long each time, up to 15 minutes
    refused                                  the same, from the first one on: nothing mends until a person acts
    asked to wait (429, a quota used up)     as long as they ask, up to an hour, from the first one on

It stands in the ledger, because each step is a process of its own. `failed_in` says what it holds back: `pull` or
`push` where only that failed (a user may be permitted to read and not to write), both where both did or where they ask
to wait. When the time is over one step tries, and the others are held back meanwhile; its success closes the breaker.
Inside a ledger transaction. Next: `exchange.py`, which asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from connectors.errors import ConnectorError, Refused, Throttled
from hub.statements import Row, Statement
from hub.tables import partners
from hub.writing import Transaction

MOST_FAILURES: Final = 5
"""In a row, before a partner that is not reached is left alone."""
FIRST: Final = 30.0
LONGEST: Final = 900.0
LONGEST_ASKED: Final = 3600.0
"""Seconds, however long they ask."""
PROBE: Final = timedelta(seconds=120)
"""That others wait for the step that tries; it may die."""

OF_PARTNER = Statement(
    sa.select(partners.c.failures, partners.c.open_until, partners.c.failed_in, partners.c.error).where(
        partners.c.name == sa.bindparam("partner")
    )
)
UNTRIED = Statement(
    sa.update(partners)
    .where(
        partners.c.name == sa.bindparam("partner"),
        partners.c.failed_in.in_((sa.bindparam("verb"), sa.literal(""))),
        partners.c.open_until.is_not(None),
    )
    .values(open_until=sa.bindparam("now", type_=partners.c.open_until.type))
)


def is_open(tx: Transaction, partner: str) -> bool:
    """Whether `held` has anything to say of it. Reads only."""
    row = _row(tx, partner)
    return row is not None and row["open_until"] is not None


def held(tx: Transaction, partner: str, verb: str) -> str:
    """Why this step does not speak to the partner now, in a sentence; nothing where it may.

    Of a breaker whose time is over, the first to ask is the one that tries: call `failed`, `tx.note_success` or
    `untried` after it.
    """
    row = _row(tx, partner)
    if row is None or row["open_until"] is None or row["failed_in"] not in (verb, ""):
        return ""
    if row["open_until"] > tx.now:
        until = row["open_until"].strftime("%Y-%m-%d %H:%M:%S UTC")
        times = f"{row['failures']} failures in a row" if row["failures"] > 1 else "its last answer"
        return f"{partner} is left alone until {until}, after {times}: {row['error']}"
    tx.note_partner(partner, open_until=tx.now + PROBE)
    return ""


def failed(tx: Transaction, partner: str, verb: str, error: ConnectorError) -> datetime | None:
    """Note a step that failed as a whole; until when the partner is left alone, None where it is tried as before."""
    row = _row(tx, partner)
    before = row["failures"] if row is not None else 0
    other = before > 0 and row is not None and row["failed_in"] != verb
    until = _until(tx.now, before + 1, error)
    tx.note_partner(
        partner,
        failed_at=tx.now,
        error=str(error),
        failed_in="" if other or isinstance(error, Throttled) else verb,
        failures=before + 1,
        open_until=until,
    )
    return until


def untried(tx: Transaction, partner: str, verb: str) -> None:
    """The step that was to try had nothing to say there, or learnt nothing: the next one may try."""
    UNTRIED.run(tx.session, {"partner": partner, "verb": verb, "now": tx.now})


def close(tx: Transaction, partner: str) -> bool:
    """A person says that it may be spoken to again; False where nothing held it back."""
    row = _row(tx, partner)
    if row is None or row["open_until"] is None:
        return False
    tx.note_partner(partner, open_until=None, failures=0)
    return True


def _until(now: datetime, failures: int, error: ConnectorError) -> datetime | None:
    patience = 0 if isinstance(error, Refused | Throttled) else MOST_FAILURES - 1
    if failures <= patience:
        return None
    tries = failures - (MOST_FAILURES if isinstance(error, Throttled) else patience)
    pause = min(LONGEST, FIRST * 2.0 ** min(tries - 1, 10)) if tries > 0 else 0.0
    if isinstance(error, Throttled):
        pause = max(pause, min(max(1.0, error.after), LONGEST_ASKED))
    return now + timedelta(seconds=pause)


def _row(tx: Transaction, partner: str) -> Row | None:
    return OF_PARTNER.row(tx.session, {"partner": partner})
