"""Reading a partner again from a time on, or from its beginning, and taking in what the ledger lacks.

The dry run pulls and writes nothing: it compares what comes with what the ledger has by version and digest. Doing it
takes each record in as a pull does, page by page, and the pull's cursor stands where it ended. A record that is older
than the ledger's is told and left: a system that was set back would overwrite what the others have changed since.
Next: `exchange.py` (the same, from the cursor on), `reconciling.py` (each night, by itself), `taking.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connectors.base import Connector, Cursor, Page
from hub.acting import By, CannotDo
from hub.exchange import Exchange
from hub.histories import with_history
from hub.reconciling import LISTED, compared
from hub.taking import take
from hub.writing import Transaction


@dataclass(frozen=True, slots=True)
class Found:
    """What reading again found. new: never seen. differ: newer than the ledger's, or another body. older: set back.

    named: (what, native id) of the first of them. owed: partners that lack something because of what was taken.
    """

    read: int = 0
    new: int = 0
    differ: int = 0
    older: int = 0
    taken: int = 0
    parked: int = 0
    named: tuple[tuple[str, str], ...] = ()
    owed: frozenset[str] = frozenset()


def since_said(text: str) -> datetime | None:
    """A time of the command line, aware; None for nothing. Raises CannotDo X507."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fix = "such as 2026-03-01, or 2026-03-01T09:00+01:00; without a zone it is in UTC."
        raise CannotDo("X507", f"{text!r} is no time.", fix=fix) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def look(exchange: Exchange, partner: str, since: datetime | None) -> Found:
    """Pull, compare, write nothing. Raises what the partner's system raises."""
    found = Found()
    with exchange.speaking(partner, "pull") as connector:
        for page in connector.pull(_start(connector, since)):
            with exchange.ledger.look(exchange.clock()) as tx:
                found = _counted(tx, found, page)
    with exchange.ledger.transaction(exchange.clock()) as tx:
        tx.note_success(partner, "pull")  # it was spoken to, so it is well
    return found


def take_in(exchange: Exchange, partner: str, since: datetime | None, by: By) -> Found:
    """Pull and take in, page by page. Raises what the partner's system raises, once all before is kept."""
    found = Found()
    with exchange.speaking(partner, "pull") as connector:
        for page, started in _timed(exchange, connector.pull(_start(connector, since))):
            records = with_history(exchange.ledger, exchange.alliance, connector, page.records, exchange.clock)
            with exchange.ledger.transaction(exchange.clock()) as tx:
                found = _counted(tx, found, page)
                taken = [take(tx, exchange.alliance, record, read_from=started) for record in records]
                tx.note_partner(partner, cursor=page.cursor.value, pulled_at=tx.now)
                tx.note_success(partner, "pull")
            found = replace(
                found,
                taken=found.taken + sum(one.news for one in taken),
                parked=found.parked + sum(one.parked for one in taken),
                owed=found.owed.union(*(one.owed for one in taken)),
            )
    with exchange.ledger.transaction(exchange.clock()) as tx:
        detail = {
            "who": by.who, "why": by.why, "since": since.isoformat() if since else "", "read": found.read,
            "differ": found.new + found.differ, "older": found.older, "taken": found.taken,
        }  # fmt: skip
        tx.append("resynced", "", partner, detail=detail)
    return found


def _start(connector: Connector, since: datetime | None) -> Cursor | None:
    return None if since is None else connector.since(since)


def _timed(exchange: Exchange, pages: Iterator[Page]) -> Iterator[tuple[Page, int]]:
    """Each page, and the ledger's newest entry when it was asked for."""
    started = exchange.ledger.newest()
    for page in pages:
        yield page, started
        started = exchange.ledger.newest()


def _counted(tx: Transaction, found: Found, page: Page) -> Found:
    kinds = [(compared(tx, record), record.native_id) for record in page.records]
    count = [kind for kind, _ in kinds].count
    news = [one for one in kinds if one[0]]
    return replace(
        found,
        read=found.read + len(kinds),
        new=found.new + count("new"),
        differ=found.differ + count("differs"),
        older=found.older + count("older"),
        named=(*found.named, *news)[:LISTED],
    )
