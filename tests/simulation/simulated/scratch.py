"""Scratch ledgers of the real schema, made once a process and emptied for each history: on SQLite or PostgreSQL.

Next: `world.py`, whose processes write them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub import keys, tables
from hub.codec import decode
from hub.keys import Keyring
from hub.ledger import Ledger, engine_for
from hub.writing import ONE_LINK, Transaction, link_state


class Watched(Ledger):
    """A ledger that asks at each commit whether the process lives on. known: seq of its newest entry.

    at: what happens at a named point of a transaction; raises where the process dies.
    """

    at: Callable[[str], None]
    known: int = 0

    @contextmanager
    def transaction(self, now: datetime) -> Iterator[Transaction]:
        self.at("begin")
        with super().transaction(now) as tx:
            yield tx
            self.at("before commit")
        self.known = max(self.known, tx.sealed)
        self.at("after commit")

    def seen(self, partner: str, native_id: str) -> Mapping[str, Any]:
        """A record as the hub last saw it; {} where it knows none."""
        with self.engine.connect() as connection:
            row = connection.execute(ONE_LINK, {"at": partner, "native": native_id}).mappings().one_or_none()
        return {} if row is None else link_state(row, self.keyring).base

    def flying(self, partner: str, native_id: str) -> list[Mapping[str, Any]]:
        """Bodies of updates to this record that are on their way, or may be."""
        wanted = sa.select(tables.intents.c.subject, tables.intents.c.body).join(
            tables.links, (tables.links.c.case_id == tables.intents.c.case_id)
        )
        i, k = tables.intents.c, tables.links.c
        wanted = wanted.where(i.state == "planned", i.kind == "update", i.partner == partner, k.partner == partner)
        with self.engine.connect() as connection:
            rows = connection.execute(wanted.where(k.native_id == native_id)).all()
        return [decode(self.keyring.open(row.subject, row.body))["body"] for row in rows]


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
            for table in metadata.sorted_tables:
                connection.execute(_emptying(table, connection))
    ledger.keyring = Keyring(ledger.keyring.engine, bytes(32), random_bytes=random_bytes)
    ledger.at, ledger.known = at, 0
    return ledger


def _emptying(table: sa.Table, connection: sa.Connection) -> Any:
    if connection.dialect.name == "postgresql":
        return sa.text(f"TRUNCATE {table.name} RESTART IDENTITY")
    return sa.delete(table)
