"""Two workers at one partner: what one reads while the other waits for an answer is not taken back by that answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from connectors.errors import Unknown

WAYS = ["sequence", "stamp", "scan"]


def ready(world: Any, changed_by: str) -> None:
    """A case that North and South hold, South's record to be written once; versions are as South's system has them."""
    world.stores["south"].system = world.stores["south"].system.model_copy(update={"changed_by": changed_by})
    world.stores["north"].create({"title": "No signal", "details": "since noon", "company": "South"})
    world.rest()
    world.stores["north"].edit("1", {"title": "No signal at all"})
    world.exchange.intake("north")


def agreed(world: Any) -> None:
    """Both words stand on both sides, and nobody was told that South took its own word back."""
    for name in ("north", "south"):
        body = world.only(name)
        assert (body["title"], body["details"]) == ("No signal at all", "since Monday")
    told = [entry.fields for entry in world.ledger.entries() if (entry.kind, entry.partner) == ("changed", "south")]
    assert told == [("description",)]
    assert world.ledger.parked() == []


@pytest.mark.parametrize("changed_by", WAYS)
def test_an_answer_takes_nothing_back_that_another_worker_read_since(world: Any, changed_by: str) -> None:
    ready(world, changed_by)

    def between() -> None:
        world.stores["south"].edit("1", {"details": "since Monday"})
        world.exchange.intake("south")

    world.between_pushes["south"] = between
    world.exchange.deliver("south")
    world.later(60)
    world.rest()
    agreed(world)


@pytest.mark.parametrize("changed_by", WAYS)
def test_a_look_for_a_lost_answer_takes_nothing_back_either(world: Any, changed_by: str) -> None:
    ready(world, changed_by)
    world.stores["south"].fail(Unknown("no answer"), on="push", after=True)
    world.exchange.deliver("south")
    world.later(60)
    memory = world.exchange.kept["south"].memory
    fetch = memory.fetch

    def slow(native_ids: Any) -> Any:
        """Their record is read, then their agent edits, and the pull that runs beside takes that."""
        found = fetch(native_ids)
        memory.fetch = fetch
        world.stores["south"].edit("1", {"details": "since Monday"})
        world.exchange.intake("south")
        return found

    memory.fetch = slow
    world.exchange.deliver("south")
    world.later(60)
    world.rest()
    agreed(world)


def test_a_reading_that_cannot_be_told_from_an_older_one_is_not_written_over(world: Any) -> None:
    ready(world, "scan")
    world.exchange.intake("south")
    south, memory = world.stores["south"], world.exchange.kept["south"].memory
    fetch = memory.fetch

    def beside(native_ids: Any) -> Any:
        """Another worker reads an edit while this one asks, and their agent edits once more before the answer."""
        memory.fetch = fetch
        south.edit("1", {"details": "since Monday"})
        world.exchange.intake("south")
        south.edit("1", {"title": "Dead since Monday"})
        return fetch(native_ids)

    memory.fetch = beside
    assert world.exchange.deliver("south").sent == 0
    assert world.only("south")["title"] == "Dead since Monday"
    world.later(60)
    world.rest()
    assert world.only("north")["title"] == world.only("south")["title"]
    assert world.kinds().count("conflict") == 1


def test_a_reading_from_before_our_write_is_old_though_nobody_answered_the_write(world: Any) -> None:
    ready(world, "scan")
    world.exchange.intake("south")
    south, memory = world.stores["south"], world.exchange.kept["south"].memory
    pull = memory.pull

    def slow(cursor: Any) -> Any:
        """Their record is read; then another worker writes into it, has no answer, and finds that it arrived."""
        pages = list(pull(cursor))
        memory.pull = pull
        south.fail(Unknown("no answer"), on="push", after=True, times=1)
        world.exchange.deliver("south")
        world.later(60)
        world.exchange.deliver("south")
        yield from pages

    memory.pull = slow
    world.exchange.intake("south")
    world.rest()
    assert world.only("north")["title"] == world.only("south")["title"] == "No signal at all"
    assert [e for e in world.ledger.entries() if (e.kind, e.partner) == ("changed", "south")] == []
    assert world.kinds().count("arrived") == 1


def test_a_worker_that_slept_while_it_lengthened_its_lease_looks_at_it_again(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("one", "two"):
        world.stores["north"].create({"title": title, "company": "South"})
    world.exchange.intake("north")
    weak = world.stores["south"].system.abilities.model_copy(update={"unique_key": False})
    world.stores["south"].system = world.stores["south"].system.model_copy(update={"abilities": weak})
    world.exchange.intake("south")
    memory, transaction = world.exchange.kept["south"].memory, world.ledger.transaction
    push = memory.push

    def slow(now: datetime) -> Any:
        """The clock was read; then the machine sleeps before the ledger is asked."""
        monkeypatch.setattr(world.ledger, "transaction", transaction)
        world.later(500)
        return transaction(now)

    def beside(changes: Any) -> Any:
        monkeypatch.setattr(memory, "push", push)
        assert world.exchange.deliver("south").sent == 0
        return push(changes)

    def meanwhile() -> None:
        world.later(70)
        monkeypatch.setattr(world.ledger, "transaction", slow)
        monkeypatch.setattr(memory, "push", beside)

    world.between_pushes["south"] = meanwhile
    assert world.exchange.deliver("south").sent == 2
    world.rest()
    assert sorted(body["title"] for body in world.stores["south"].bodies()) == ["one", "two"]
