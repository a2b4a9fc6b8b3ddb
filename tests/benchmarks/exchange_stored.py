"""What a run with 100 changes costs where much is stored: seconds, calls and memory at each size of the ledger.

A thousand cases go through the real exchange. The rest are copies of their rows under other ids, put in by the database
itself, for no writer would be done with a million in an hour: cases, links, entries with their chain, deliveries and
intents, each as long as a real one, in tables and indexes as large as real ones. Copies share their originals' keys,
so the key store does not grow, and what the chain says of them does not verify. Next: `exchange.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from exchange_runs import Place, Server, Side, least, place, right

from hub.ledger import engine_for

SEED, CHANGES = 1000, 100
NUMBERS = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :copies)"
KEYS: Mapping[str, tuple[str, ...]] = {
    "cases": ("id",),
    "links": ("native_id", "case_id", "number"),
    "entries": ("seq", "tx", "case_id", "native_id"),
    "chain": ("tx", "first_seq", "last_seq"),
    "deliveries": ("id", "case_id"),
    "intents": ("key", "delivery_id", "case_id"),
}
"""What is another in each copy: numbers move on by as many as there are, texts get the copy's number."""


def stored(at: Server, side: Side, way: str, postgres: str, size: int) -> dict[str, Any]:
    """What a run with 100 changes costs with so many cases in the ledger, and `quiet`: what one without any does."""
    with place(side, way, postgres) as one:
        at.ask("reset", cases=SEED)
        right(one.run(at), SEED, side.name)
        if size > SEED:
            fill(one, size // SEED - 1)
        quiet = one.run(at)  # and so the first after a bulk copy is not the one that is told
        least(quiet, way, pages=1)
        at.ask("change", count=CHANGES)
        told = one.run(at)
        right(told, SEED, f"{side.name} with {size:,} stored")
        least(told, way, pages=1, updates=CHANGES)
        return told | {"quiet": one.run(at)["seconds"]}


def fill(one: Place, copies: int) -> None:
    """Copy the thousand so many times."""
    engine = engine_for(one.database or f"sqlite:///{one.folder / 'ledger.db'}")
    with engine.begin() as connection:
        highest = {
            name: connection.execute(sa.text(f"SELECT max({name}) FROM {table}")).scalar()
            for table, name in (("chain", "tx"), ("entries", "seq"), ("deliveries", "id"))
        }
        steps = {"tx": "tx", "seq": "seq", "first_seq": "seq", "last_seq": "seq", "id": "id", "delivery_id": "id"}
        for table, keys in KEYS.items():
            _copy(connection, table, keys, {key: highest[step] for key, step in steps.items()}, copies)
        if connection.dialect.name == "postgresql":
            moved = "SELECT setval(pg_get_serial_sequence('deliveries', 'id'), (SELECT max(id) FROM deliveries))"
            connection.execute(sa.text(moved))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _copy(connection: sa.Connection, name: str, keys: tuple[str, ...], steps: Mapping[str, int], copies: int) -> None:
    """Every row of one table once more for each copy."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    given = []
    for column in table.columns:
        if column.name not in keys:
            given.append(column.name)
        elif isinstance(column.type, sa.Integer):
            given.append(f"{column.name} + n.k * {steps[column.name]}")
        else:
            given.append(f"{column.name} || '~' || n.k")
    named = ", ".join(column.name for column in table.columns)
    query = f"INSERT INTO {name} ({named}) {NUMBERS} SELECT {', '.join(given)} FROM {name} CROSS JOIN n"
    done = connection.execute(sa.text(query), {"copies": copies}).rowcount
    assert done >= copies, f"{name}: {done} rows of {copies} copies"
