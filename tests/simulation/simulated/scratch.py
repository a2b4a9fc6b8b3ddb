"""Scratch ledgers of the real schema, made once a process and emptied for each history: on SQLite or PostgreSQL.

Next: `world.py`, whose processes write them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from hub import keys, tables
from hub.codec import decode, encode
from hub.keys import Keyring
from hub.ledger import Ledger, engine_for
from hub.standing import RECORDS, link_state
from hub.statements import Session, Statement, among
from hub.writing import Transaction

_i, _k = tables.intents.c, tables.links.c
FLYING = Statement(
    sa.select(_i.subject, _i.body)
    .join(tables.links, _k.case_id == _i.case_id)
    .where(_i.state == "planned", _i.kind == "update", _i.partner == sa.bindparam("at"))
    .where(_k.partner == sa.bindparam("at"), _k.native_id == sa.bindparam("native"))
)

CREATING = Statement(
    sa.select(_i.subject, _i.body).where(
        _i.kind == "create",
        _i.state != "settled",
        _i.partner == sa.bindparam("at"),
        _i.case_id == sa.bindparam("of_case"),
    )
)
_d = tables.deliveries.c
DUE = Statement(
    sa.select(_d.partner)
    .where(
        sa.or_(
            sa.and_(among(_d.state, ("owed", "unknown")), _d.due_at <= sa.bindparam("now")),
            sa.and_(_d.state == "claimed", _d.lease_until <= sa.bindparam("now")),
        )
    )
    .distinct()
    .order_by(_d.partner)
)
DUE_NEXT = Statement(
    sa.select(sa.func.min(_d.due_at)).where(among(_d.state, ("owed", "unknown")), _d.due_at > sa.bindparam("now"))
)
LAPSES_NEXT = Statement(
    sa.select(sa.func.min(_d.lease_until)).where(_d.state == "claimed", _d.lease_until > sa.bindparam("now"))
)


class Watched(Ledger):
    """A ledger that asks at each commit whether the process lives on. known: seq of its newest entry.

    at: what happens at a named point of a transaction; raises where the process dies. It is one thread, so one
    connection to write and one to read are kept for all its life.
    """

    at: Callable[[str], None]
    known: int = 0

    @cached_property
    def _kept(self) -> tuple[sa.Connection, sa.Connection]:
        return self.engine.connect(), self.engine.connect().execution_options(writer=True)

    def connected(self, *, writer: bool = False) -> AbstractContextManager[sa.Connection]:
        return nullcontext(self._kept[writer])

    @contextmanager
    def transaction(self, now: datetime) -> Iterator[Transaction]:
        self.at("begin")
        with super().transaction(now) as tx:
            yield tx
            self.at("before commit")
        self.known = max(self.known, tx.sealed)
        self.at("after commit")

    def dispose(self) -> None:
        """Give everything back."""
        for connection in self._kept:
            connection.close()
        for engine in (self.engine, self.keyring.engine):
            engine.dispose()

    def seen(self, partner: str, native_id: str) -> Mapping[str, Any]:
        """A record as the hub last saw it; {} where it knows none."""
        with self.connected() as connection:
            rows = RECORDS.rows(Session(connection), (native_id,), {"at": partner})
        return link_state(rows[0], self.keyring).base if rows else {}

    def due(self, now: datetime) -> list[str]:
        """Companies that a delivery is due to, a lease that ran out included."""
        with self.connected() as connection:
            return [row["partner"] for row in DUE.rows(Session(connection), {"now": now})]

    def next_due(self, now: datetime) -> datetime | None:
        """When the next delivery falls due that is not yet, or the next lease runs out."""
        with self.connected() as connection:
            session = Session(connection)
            found = [DUE_NEXT.scalar(session, {"now": now}), LAPSES_NEXT.scalar(session, {"now": now})]
        return min((moment for moment in found if moment is not None), default=None)

    def has_read(self, partner: str, native_id: str, body: Mapping[str, Any]) -> bool:
        """Whether the hub has taken this record in just as it stands."""
        with self.connected() as connection:
            rows = RECORDS.rows(Session(connection), (native_id,), {"at": partner})
        return bool(rows) and rows[0]["digest"] == self.keyring.digest(encode(body))

    def flying(self, partner: str, native_id: str, hub_case: str) -> list[Mapping[str, Any]]:
        """Bodies of updates to this record that are on their way, or may be; of creates that may have made it, too, and
        those that were given up."""
        with self.connected() as connection:
            session = Session(connection)
            rows = FLYING.rows(session, {"at": partner, "native": native_id})
            rows += CREATING.rows(session, {"at": partner, "of_case": hub_case})
        kept = [decode(self.keyring.open(row["subject"], row["body"])) for row in rows]
        return [body for one in kept for body in (one["body"], *(before[0] for before in one["before"]))]


def scratch(url: str = "sqlite://") -> Watched:
    """A ledger of this program's schema. url: of an empty database."""
    made = Watched(engine_for(url), Keyring(engine_for("sqlite://"), bytes(32)))
    made.at = lambda _: None
    made.upgrade()
    return made


def emptied(ledger: Watched, random_bytes: Callable[[int], bytes], at: Callable[[str], None]) -> Watched:
    """The same ledger with nothing in it, its keys drawn from these bytes."""
    for metadata, engine in ((tables.metadata, ledger.engine), (keys.metadata, ledger.keyring.engine)):
        with engine.connect().execution_options(writer=True) as connection, connection.begin():
            for text in _emptying(metadata, engine.dialect.name):
                connection.exec_driver_sql(text)
    ledger.keyring = Keyring(ledger.keyring.engine, bytes(32), random_bytes=random_bytes)
    ledger.at, ledger.known = at, 0
    return ledger


def _emptying(metadata: sa.MetaData, kind: str) -> list[str]:
    """Rows are few, so a DELETE is quicker than a TRUNCATE; PostgreSQL counts on after it, unless it is told."""
    counted = [(table.name, column.name) for table in metadata.sorted_tables for column in table.c
               if column.autoincrement is True and kind == "postgresql"]  # fmt: skip
    return [
        *(f"DELETE FROM {name}" for name in metadata.tables),
        *(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), 1, false)" for table, column in counted),
    ]
