"""Reading a partner again: the dry run really reads and writes nothing; doing it takes in what the ledger lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import Unreachable
from hub import resync
from hub.acting import By, CannotDo
from hub.tables import links

ANN = By("ann", "they restored a backup")


def crossed(world: Any, many: int = 4) -> None:
    for number in range(many):
        world.stores["north"].create({"title": f"case {number}", "company": "South"})
    world.rest()


def overlooked(world: Any) -> None:
    """A change and a new record that no pull will tell: the cursor stands behind them."""
    world.stores["north"].edit("2", {"urgency": "P1"})
    world.stores["north"].create({"title": "overlooked"})
    latest = next(iter(world.connect("north").pull(None)))
    for page in world.connect("north").pull(None):
        latest = page
    with world.ledger.transaction(world.clock()) as tx:
        tx.note_partner("north", cursor=latest.cursor.value)
    assert world.exchange.intake("north").read == 0


def counted(found: resync.Found) -> tuple[int, int, int, int]:
    return (found.read, found.new, found.differ, found.older)


def test_a_dry_run_reads_tells_what_differs_and_writes_nothing(world: Any) -> None:
    crossed(world)
    overlooked(world)
    before = world.written()
    cursor = world.ledger.cursor("north")
    found = resync.look(world.exchange, "north", None)
    assert counted(found) == (5, 1, 1, 0)
    assert set(found.named) == {("differs", "2"), ("new", "5")}
    assert world.ledger.cursor("north") == cursor
    assert world.written() == before


def test_what_was_overlooked_is_taken_in_and_crosses(world: Any) -> None:
    crossed(world)
    overlooked(world)
    found = resync.take_in(world.exchange, "north", None, ANN)
    assert (found.taken, found.owed) == (2, frozenset({"south"}))
    world.rest()
    assert world.stores["south"].body("2")["urgency"] == "P1"
    assert world.ledger.count_cases() == 5
    assert counted(resync.look(world.exchange, "north", None)) == (5, 0, 0, 0)
    (entry,) = [entry for entry in world.ledger.entries() if entry.kind == "resynced"]
    assert entry.partner == "north"
    assert dict(entry.detail) == {
        "who": "ann", "why": "they restored a backup", "since": "", "read": 5, "differ": 2, "older": 0, "taken": 2,
    }  # fmt: skip
    before = world.written()
    world.round()
    assert world.written() == before


def test_a_record_that_was_set_back_is_told_and_overwrites_nobody(world: Any) -> None:
    crossed(world, 1)
    with world.ledger.transaction(world.clock()) as tx:
        tx.connection.execute(sa.update(links).where(links.c.partner == "north").values(version="9" * 12))
    found = resync.look(world.exchange, "north", None)
    assert (counted(found), found.named) == ((1, 0, 0, 1), (("older", "1"),))
    assert resync.take_in(world.exchange, "north", None, ANN).taken == 0


def test_a_deletion_that_nobody_told_is_found(world: Any) -> None:
    crossed(world, 2)
    world.stores["south"].delete("1")
    assert resync.look(world.exchange, "south", None).named == (("differs", "1"),)
    resync.take_in(world.exchange, "south", None, ANN)
    assert [row.subject for row in world.ledger.parked()] == ["deletion"]
    assert counted(resync.look(world.exchange, "south", None)) == (2, 0, 0, 0)


def test_a_resync_that_breaks_off_keeps_what_it_read_and_says_so(world: Any) -> None:
    crossed(world, 7)
    pulls = iter([None, Unreachable("no route")])
    inner = world.stores["north"].operation

    def operation(name: str) -> Any:
        error = next(pulls, None) if name == "pull" else None
        if error is not None:
            raise error
        return inner(name)

    world.stores["north"].operation = operation
    with pytest.raises(Unreachable):
        resync.take_in(world.exchange, "north", None, ANN)
    assert "resynced" not in world.kinds()
    world.rest()
    assert counted(resync.look(world.exchange, "north", None)) == (7, 0, 0, 0)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T09:00+01:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_time_is_read_as_people_write_it(said: str, moment: datetime | None) -> None:
    assert resync.since_said(said) == moment


def test_a_time_that_is_none_is_told_with_how_to_write_it() -> None:
    with pytest.raises(CannotDo, match=r"X507 'yesterday' is no time\.\n  Fix: such as 2026-03-01, or"):
        resync.since_said("yesterday")


def test_since_a_time_only_what_changed_then_or_later_is_asked_for(world: Any) -> None:
    by_stamp = world.stores["north"].system.model_copy(update={"changed_by": "stamp"})
    world.stores["north"].system = by_stamp
    world.stores["north"].create({"title": "long ago"})
    world.later(86_400)
    world.stores["north"].create({"title": "today"})
    world.rest()
    assert resync.look(world.exchange, "north", world.now - timedelta(hours=1)).read == 1
    assert resync.look(world.exchange, "north", None).read == 2
