"""The ledger's database fails at the n-th statement, for every n of a case's whole way: nothing is lost or doubled.

The failures are the databases' own wherever they can be had: a full disk (max_page_count), a lock that another holds,
a statement that is interrupted, a server process that is ended; an I/O error stands in for the last kind, at a commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.keys import Keyring
from hub.ledger import Ledger, engine_for
from hub.tables import metadata

pytestmark = pytest.mark.journey  # a walk for each of some hundred statements
LONG = "It went dark at noon. " * 500  # more than a page of the database, so that a full disk is felt

WRITES = ("INSERT", "UPDATE", "DELETE")

Failing = Callable[[sa.Connection], None]
"""Brings the failure about on this connection, right before its n-th statement."""


class Statements:
    """Counts what an engine is asked, and lets the n-th fail. n 0: none. only: counts what begins with one of these."""

    def __init__(
        self,
        engine: sa.Engine,
        fail: Failing,
        *,
        event: str = "before_cursor_execute",
        only: tuple[str, ...] = ("",),
    ) -> None:
        self.seen, self.nth, self._fail, self._only = 0, 0, fail, only
        sa.event.listen(engine, event, self._passing)

    def _passing(self, connection: sa.Connection, *told: Any) -> None:
        counted = len(told) < 2 or str(told[1]).startswith(self._only)
        self.seen += counted
        if counted and self.seen == self.nth:
            self._fail(connection)


def way(world: Any) -> Iterator[Callable[[], Any]]:
    """A case crosses with a note, is edited there, and comes back: one step of the exchange after the other."""
    north, south, exchange = world.stores["north"], world.stores["south"], world.exchange
    first = north.create({"title": "No signal", "company": "South", "details": LONG})
    north.note(first, "At home after six.", "partners", author="Ann")
    north.note(first, "Pays late.", "internal", author="Ann")
    yield lambda: exchange.intake("north")
    yield lambda: exchange.deliver("south")
    if south.bodies():
        south.edit("1", {"urgency": "P1"})
    yield lambda: exchange.intake("south")
    yield lambda: exchange.deliver("north")


def walk(world: Any) -> list[Exception]:
    """Every step once, as a scheduler would: what fails is left to a later step. The failures."""
    failed: list[Exception] = []
    for step in way(world):
        try:
            step()
        except sa.exc.DBAPIError as error:
            failed.append(error)
    return failed


def heal(world: Any) -> None:
    for _ in range(2):
        world.later(1000)
        world.rest()


def holds(world: Any, n: int) -> None:
    """One record each, the note once, the private one nowhere else, the edit stands, the chain verifies, all quiet."""
    north, south = world.only("north"), world.only("south")
    notes = [note["body"].splitlines()[0] for note in south["comments"]]
    assert notes == ["At home after six."], n
    assert north.get("urgency") == south.get("urgency"), n
    assert (north["company"], north["company_number"]) == ("South", south["number"]), n
    assert world.ledger.broken_at() is None, n
    assert world.ledger.deliveries(("owed", "claimed", "unknown", "parked")) == [], n
    assert [row.code for row in world.ledger.parked()] == [], n
    before = world.written()
    world.round()
    assert world.written() == before, n


def interrupted(connection: sa.Connection) -> None:
    """SQLite gives up at its next instruction."""
    raw: Any = connection.connection.dbapi_connection
    left = [1]  # of one statement: the rollback that follows works

    def stop() -> int:
        left[0] -= 1
        if left[0] < 0:
            raw.set_progress_handler(None, 0)
        return int(left[0] == 0)

    raw.set_progress_handler(stop, 1)


def no_such_disk(connection: sa.Connection) -> None:
    raise sa.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))


@pytest.mark.parametrize("which", ["ledger", "keys"])
@pytest.mark.parametrize(("fail", "event"), [(interrupted, "before_cursor_execute"), (no_such_disk, "commit")])
def test_sqlite_fails_at_one_statement_or_commit_after_the_other(
    worlds: Callable[[Ledger], Any], which: str, fail: Failing, event: str
) -> None:
    """Every commit; of the statements, every third."""
    step = 1 if event == "commit" else 3
    failures = 0
    n = 1 - step
    while True:
        n += step
        keys = engine_for("sqlite://")
        ledger = Ledger(Ledger.in_memory().engine, Keyring(keys, bytes(32)))
        world = worlds(ledger)
        statements = Statements(ledger.engine if which == "ledger" else keys, fail, event=event)
        statements.nth = n
        failed = walk(world)
        if statements.seen < n:
            break
        failures += len(failed)
        statements.nth = 0
        heal(world)
        holds(world, n)
    assert failures == (n - 1) / step


def test_the_disk_is_full_from_the_nth_statement_on_for_every_n(worlds: Callable[[Ledger], Any]) -> None:
    full: list[str] = []
    n = 0
    while True:
        n += 1
        ledger = Ledger.in_memory()
        world = worlds(ledger)
        statements = Statements(ledger.engine, _no_page_more, only=WRITES)
        statements.nth = n
        failed = walk(world)
        if statements.seen < n:
            break
        full += [str(error.orig) for error in failed if isinstance(error, sa.exc.DBAPIError)]
        with ledger.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        heal(world)
        holds(world, n)
    assert set(full) == {"database or disk is full"}
    assert len(full) > n / 2  # it stays full, so that more than the one step fails; an early one may need no page


def _no_page_more(connection: sa.Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA max_page_count = 1")  # SQLite takes the present size instead: not a page more


def test_another_holds_the_lock_at_the_nth_transaction_for_every_n(
    worlds: Callable[[Ledger], Any], tmp_path: Path
) -> None:
    busy: list[str] = []
    n = 0
    while True:
        n += 1
        path = tmp_path / f"{n}.db"
        ledger = Ledger(engine_for(f"sqlite:///{path}"), Keyring(engine_for("sqlite://"), bytes(32)))
        ledger.upgrade()
        other = sqlite3.connect(path, isolation_level=None)
        begins = [0]

        def connected(connection: sa.Connection, n: int = n, other: Any = other, begins: list[int] = begins) -> None:
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            connection.rollback()
            begins[0] += 1
            if begins[0] == n:
                other.execute("BEGIN IMMEDIATE")

        sa.event.listen(ledger.engine, "engine_connect", connected)
        world = worlds(ledger)
        failed = walk(world)
        ended = begins[0] < n
        if not ended:
            other.execute("ROLLBACK")
            busy += [str(error.orig) for error in failed if isinstance(error, sa.exc.DBAPIError)]
            heal(world)
            holds(world, n)
        other.close()
        ledger.engine.dispose()
        if ended:
            break
    assert set(busy) == {"database is locked"}


def test_postgresql_ends_our_connection_at_the_nth_write_for_every_n(
    worlds: Callable[[Ledger], Any], new_database: Callable[[], str]
) -> None:
    url = new_database()
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")

    def ended(connection: sa.Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        with admin.connect() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": raw.info.backend_pid})

    with _postgres(url) as ledger:
        statements = Statements(ledger.engine, ended, only=WRITES)
        n, failures = 0, 0
        while True:
            n += 1
            _empty(admin)
            world = worlds(Ledger(ledger.engine, Keyring(engine_for("sqlite://"), bytes(32))))
            statements.seen, statements.nth = 0, n
            failed = walk(world)
            if statements.seen < n:
                break
            failures += len(failed)
            statements.nth = 0
            heal(world)
            holds(world, n)
        assert failures == n - 1
    admin.dispose()


@contextmanager
def _postgres(url: str) -> Iterator[Ledger]:
    ledger = Ledger(engine_for(url), Keyring(engine_for("sqlite://"), bytes(32)))
    ledger.upgrade()
    yield ledger
    ledger.engine.dispose()


def _empty(admin: sa.Engine) -> None:
    with admin.connect() as connection:
        connection.execute(sa.text(f"TRUNCATE {', '.join(metadata.tables)}"))
