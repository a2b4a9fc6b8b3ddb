"""Two workers at one partner: what one reads while the other waits for an answer is not taken back by that answer."""

from __future__ import annotations

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
