"""Values that a company takes and does not keep: a person is told of each, and it is not sent for ever."""

from __future__ import annotations

from typing import Any

from connectors.errors import Rejected


def test_a_persons_edit_between_our_write_and_its_read_back_is_an_edit_and_no_ignored_value(world: Any) -> None:
    world.hand_over()
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.exchange.intake("north")

    def meanwhile() -> None:
        world.stores["south"].edit("1", {"urgency": "P4"})
        world.exchange.intake("south")  # the pull that runs beside the push sees it first

    world.after_push["south"] = meanwhile
    world.exchange.deliver("south")
    world.rest()
    assert world.only("north")["urgency"] == world.only("south")["urgency"] == "P4"
    assert [row.code for row in world.ledger.parked()] == []
    world.stores["north"].edit("1", {"urgency": "P3"})
    world.rest()
    assert world.only("south")["urgency"] == "P3"
    assert world.kinds().count("conflict") == 1


def test_a_value_that_they_took_and_did_not_keep_waits_for_a_person_and_is_not_sent_again(world: Any) -> None:
    world.hand_over()
    world.ignoring["south"] = "urgency"
    world.stores["north"].edit("1", {"urgency": "P1", "title": "Still no signal"})
    world.rest()
    assert world.only("south")["urgency"] == "P2"
    assert world.only("south")["title"] == "Still no signal"
    (waiting,) = world.ledger.parked()
    assert waiting.code == "X303"
    assert (
        waiting.message == "priority: south answered that it was written, and still shows 'high'; 'critical' was sent."
    )
    world.stores["south"].edit("1", {"urgency": "P3"})
    world.rest()
    assert world.only("north")["urgency"] == "P3"


def test_each_value_that_they_did_not_keep_waits_for_a_person(world: Any) -> None:
    world.hand_over()
    for ignored, word in (("urgency", "P1"), ("reason", "rang back")):
        world.ignoring["south"] = ignored
        world.stores["north"].edit("1", {ignored: word})
        world.rest()
    assert [(row.code, row.place) for row in world.ledger.parked()] == [
        ("X303", "priority"),
        ("X303", "statusChangeReason"),
    ]


def test_what_they_did_not_keep_waits_on_when_something_else_is_owed_and_taken_back(world: Any) -> None:
    world.hand_over()
    world.ignoring["south"] = "urgency"
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.rest()
    title = world.only("north")["title"]
    for word in ("No signal at all", title):  # owed to South, and no more
        world.stores["north"].edit("1", {"title": word})
        world.exchange.intake("north")
    world.rest()
    assert [(row.code, row.place) for row in world.ledger.parked()] == [("X303", "priority")]


def ignored(world: Any) -> None:
    """South takes a priority and keeps its own."""
    world.hand_over()
    world.ignoring["south"] = "urgency"
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.rest()
    assert told(world) == [("X303", "priority")]


def told(world: Any) -> list[tuple[str, str]]:
    return [(row.code, row.place) for row in world.ledger.parked()]


def test_what_they_did_not_keep_waits_on_when_something_else_is_refused_and_then_taken(world: Any) -> None:
    ignored(world)
    world.stores["north"].edit("1", {"title": "No signal at all"})
    world.exchange.intake("north")
    world.stores["south"].fail(Rejected("title is taken", where="south title"), on="push", times=1)
    world.exchange.deliver("south")
    assert told(world) == [("X303", "priority"), ("C600", "south title")]
    world.stores["north"].edit("1", {"title": "Not a single signal"})
    world.rest()
    assert told(world) == [("X303", "priority")]


def test_what_they_did_not_keep_waits_for_nobody_once_their_people_say_the_same(world: Any) -> None:
    ignored(world)
    world.stores["south"].edit("1", {"urgency": "P1"})
    world.rest()
    assert told(world) == []
    assert world.only("north")["urgency"] == world.only("south")["urgency"] == "P1"


def test_a_record_that_was_deleted_and_restored_is_told_anew_what_it_did_not_keep(world: Any) -> None:
    ignored(world)
    world.stores["south"].delete("1")
    world.rest()
    assert [row.code for row in world.ledger.parked()] == ["X302"]
    world.stores["south"].undelete("1")
    world.rest()
    assert told(world) == [("X303", "priority")]
