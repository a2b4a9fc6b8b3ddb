"""Stopping the hub, a partner or a case: what is stopped waits, what is not flows, and the ledger says who and why."""

from __future__ import annotations

from typing import Any

import pytest

from hub import pausing


def pause(world: Any, scope: str, name: str = "") -> bool:
    with world.ledger.transaction(world.clock()) as tx:
        return pausing.pause(tx, scope, name, "ann", "they move house")


def resume(world: Any, scope: str, name: str = "") -> bool:
    with world.ledger.transaction(world.clock()) as tx:
        return pausing.resume(tx, scope, name, "bob", "done")


def crossed(world: Any, *titles: str) -> list[str]:
    """Cases of North that South holds too; their ids in the hub."""
    for title in titles:
        world.stores["north"].create({"title": title, "company": "South"})
    world.rest()
    return [body["hub_case"] for body in world.stores["north"].bodies()]


def test_a_paused_partner_is_neither_read_nor_written_and_the_others_go_on(world: Any) -> None:
    crossed(world, "one")
    assert pause(world, "partner", "south")
    assert not pause(world, "partner", "south")
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.stores["south"].edit("1", {"details": "new modem"})
    world.rest()
    why = "south was paused by ann at 2026-03-01 09:00 UTC: they move house"
    assert world.exchange.intake("south").held == why
    assert world.exchange.deliver("south").held == why
    assert (world.only("south").get("urgency"), world.only("north").get("details")) == (None, None)
    (row,) = [row for row in world.ledger.partners() if row.name == "south"]
    assert row.paused == "ann: they move house"
    assert resume(world, "partner", "south")
    assert not resume(world, "partner", "south")
    world.rest()
    assert (world.only("south")["urgency"], world.only("north")["details"]) == ("P1", "new modem")


def test_a_paused_hub_speaks_to_nobody(world: Any) -> None:
    pause(world, "hub")
    world.stores["north"].create({"title": "one", "company": "South"})
    for name in ("north", "south", "east"):
        assert world.exchange.intake(name).held.startswith("the hub was paused by ann at")
        assert world.exchange.deliver(name).held
    assert world.ledger.cases() == []
    resume(world, "hub")
    world.rest()
    assert world.only("south")["title"] == "one"


def test_a_paused_case_is_read_and_nothing_is_sent_for_it_while_others_flow(world: Any) -> None:
    stopped, _ = crossed(world, "one", "two")
    pause(world, "case", stopped)
    for native_id in ("1", "2"):
        world.stores["north"].edit(native_id, {"urgency": "P1"})
        world.stores["south"].edit(native_id, {"details": "new modem"})
    world.rest()
    held, flowing = world.stores["south"].bodies()
    assert (held.get("urgency"), flowing["urgency"]) == (None, "P1")
    assert world.stores["north"].body("1").get("details") is None
    assert world.ledger.case(stopped).description == "new modem"
    assert {row.partner for row in world.ledger.deliveries(("owed",), stopped)} == {"north", "south"}
    resume(world, "case", stopped)
    world.rest()
    assert world.stores["south"].body("1")["urgency"] == "P1"
    assert world.stores["north"].body("1")["details"] == "new modem"


def test_a_step_that_is_at_work_stops_between_two_batches(world: Any) -> None:
    for number in range(7):
        world.stores["north"].create({"title": f"{number}", "company": "South"})
    world.exchange.intake("north")
    world.exchange = type(world.exchange)(world.ledger, world.exchange.alliance, world.connect, world.clock, batch=3)
    world.after_push["south"] = lambda: pause(world, "partner", "south")
    done = world.exchange.deliver("south")
    assert (done.delivered, len(world.stores["south"].bodies())) == (3, 3)
    assert done.held.startswith("south was paused by ann")


def test_who_stopped_what_and_why_stands_in_the_ledger(world: Any) -> None:
    (case_id,) = crossed(world, "one")
    for scope, name in (("hub", ""), ("partner", "south"), ("case", case_id)):
        pause(world, scope, name)
    assert [(row.scope, row.name, row.who, row.why) for row in world.ledger.pauses()] == [
        ("hub", "", "ann", "they move house"),
        ("partner", "south", "ann", "they move house"),
        ("case", case_id, "ann", "they move house"),
    ]
    resume(world, "case", case_id)
    told = [(entry.kind, entry.partner, entry.case_id, dict(entry.detail)) for entry in world.ledger.entries()][-4:]
    assert told == [
        ("paused", "hub", "", {"scope": "hub", "who": "ann", "why": "they move house"}),
        ("paused", "south", "", {"scope": "partner", "who": "ann", "why": "they move house"}),
        ("paused", "hub", case_id, {"scope": "case", "who": "ann", "why": "they move house"}),
        ("resumed", "hub", case_id, {"scope": "case", "who": "bob", "why": "done"}),
    ]
    assert world.ledger.broken_at() is None


@pytest.mark.parametrize("scope", ["hub", "partner", "case"])
def test_what_was_not_stopped_cannot_go_on(world: Any, scope: str) -> None:
    assert not resume(world, scope, "" if scope == "hub" else "south")
    assert world.kinds() == []
