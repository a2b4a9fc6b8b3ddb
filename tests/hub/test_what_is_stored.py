"""What a step costs does not grow with what is stored: each of its statements finds its rows by an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hub.ledger import Ledger

GROWING = ("cases", "links", "entries", "deliveries", "intents")


@pytest.fixture(params=["sqlite"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """SQLite says how it would find rows whatever there are; PostgreSQL reads a table whole while it is small."""
    return Ledger.in_memory()


@pytest.fixture
def said(ledger: Ledger) -> Iterator[set[str]]:
    """The statements that SQLite was told, with their values in them."""
    found: set[str] = set()
    with ledger.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
    raw.set_trace_callback(found.add)  # the one connection of a ledger in memory
    yield found
    raw.set_trace_callback(None)


def read_whole(ledger: Ledger, statement: str) -> list[str]:
    """Tables of those that grow which this statement would read from end to end."""
    with ledger.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        plan = raw.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    steps = [step[3] for step in plan if step[3].startswith("SCAN")]
    return [step for step in steps if step.split()[1] in GROWING]


def test_no_step_reads_a_table_whole(world: Any, said: set[str]) -> None:
    north = world.stores["north"]
    for number in range(3):
        north.create({"title": f"T{number}", "state": "New", "company": "South"})
    world.rest()
    north.edit("1", {"title": "No signal at all"})
    north.note("2", "rang back", "partners")
    world.stores["south"].edit("3", {"state": "Open"})
    world.rest()
    asked = [one for one in said if one.startswith(("SELECT", "UPDATE", "DELETE"))]
    assert len(asked) > 20
    whole = {statement: tables for statement in asked if (tables := read_whole(world.ledger, statement))}
    assert whole == {}
