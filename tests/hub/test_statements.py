"""A statement that is run on the driver's own cursor behaves as SQLAlchemy's: rows, errors, connections that break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from hub.ledger import Ledger
from hub.statements import Session, Statement, among, upserting
from hub.tables import pauses

NOON = datetime(2026, 3, 1, 12, 30, 0, 5, tzinfo=timezone(timedelta(hours=2)))
ROW = {"scope": "case", "name": "c1", "who": "Ann", "why": "100 % of it; it's :odd ?", "since": NOON}
ADD = Statement(sa.insert(pauses), tuple(ROW))
KEEP = upserting(pauses, ("scope", "name"), ("who", "why", "since"))
ALL = Statement(sa.select(pauses).where(among(pauses.c.scope, ("case", "hub"))).order_by(pauses.c.name))
OF = Statement(sa.select(pauses.c.why).where(pauses.c.name == sa.bindparam("of")))
CHANGE = Statement(sa.update(pauses).where(pauses.c.name == sa.bindparam("of")).values(why=sa.bindparam("why")))
END = Statement(sa.delete(pauses).where(pauses.c.scope == "case"))


@pytest.fixture(params=["unheard", "listened to"])
def session(ledger: Ledger, request: pytest.FixtureRequest) -> Any:
    """A session in a transaction; a listener sends statements the whole way through SQLAlchemy."""
    heard: list[str] = []
    if request.param == "listened to":
        sa.event.listen(ledger.engine, "before_cursor_execute", lambda *told: heard.append(told[2]))
    with ledger.transaction(NOON) as tx:
        yield tx.session
    assert bool(heard) == (request.param == "listened to")


def test_what_goes_in_comes_out_and_times_are_instants_in_utc(session: Session) -> None:
    assert ADD.run(session, ROW) == 1
    assert ALL.rows(session) == [ROW]
    assert ALL.rows(session)[0]["since"].utcoffset() == UTC.utcoffset(None)
    assert OF.scalar(session, {"of": "c1"}) == ROW["why"]
    assert (OF.row(session, {"of": "c2"}), OF.scalar(session, {"of": "c2"})) == (None, None)


def test_many_are_run_each_and_what_stands_is_changed_not_doubled(session: Session) -> None:
    ADD.run_each(session, [{**ROW, "name": f"c{n}"} for n in range(3)])
    KEEP.run(session, {**ROW, "why": "another"})
    KEEP.run(session, {**ROW, "name": "c9"})
    assert [(row["name"], row["why"] == "another") for row in ALL.rows(session)] == [
        ("c0", False), ("c1", True), ("c2", False), ("c9", False),
    ]  # fmt: skip
    assert END.run(session) == 4
    ADD.run_each(session, [])
    assert ALL.rows(session) == []


def test_what_waits_and_touches_the_same_row_is_run_in_the_order_in_which_it_was_said(session: Session) -> None:
    for name in ("c1", "c2"):
        session.later(ADD, {**ROW, "name": name}, touches=name)
        session.later(KEEP, {**ROW, "name": name, "why": "kept"}, touches=name)
    session.later(CHANGE, {"of": "c2", "why": "anew"}, touches="c2")
    session.later(KEEP, {**ROW, "name": "c2", "why": "last"}, touches="c2")
    assert {row["name"]: row["why"] for row in ALL.rows(session)} == {"c1": "kept", "c2": "last"}
    session.later(KEEP, {**ROW, "name": "c1", "why": "last"}, touches="c1")
    session.later(CHANGE, {"of": "c1", "why": "anew"}, touches="c1")
    assert {row["name"]: row["why"] for row in ALL.rows(session)} == {"c1": "anew", "c2": "last"}


def test_what_the_database_refuses_is_sqlalchemys_error_and_the_next_transaction_works(ledger: Ledger) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, ledger.transaction(NOON) as tx:
        ADD.run_each(tx.session, [ROW, ROW])
    assert "[SQL: INSERT INTO pauses" in str(caught.value)
    assert "it's :odd" not in str(caught.value)  # errors reach task logs: they quote no values
    with ledger.look(NOON) as tx:
        assert ALL.rows(tx.session) == []


def test_a_connection_that_broke_is_given_up(ledger: Ledger) -> None:
    if ledger.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no connection that another can end")
    with pytest.raises(sa.exc.OperationalError) as caught:
        _ended_within(ledger)
    assert caught.value.connection_invalidated
    with ledger.transaction(NOON) as tx:
        assert ADD.run(tx.session, ROW) == 1


def _ended_within(ledger: Ledger) -> None:
    """Another one ends our connection in the middle of a transaction."""
    with ledger.transaction(NOON) as tx:
        pid = Statement(sa.select(sa.func.pg_backend_pid())).scalar(tx.session)
        with ledger.engine.connect() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        ADD.run(tx.session, ROW)
