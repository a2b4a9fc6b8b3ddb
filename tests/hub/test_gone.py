"""Records that are merged, deleted, restored or copied on a partner's side: nothing is lost, resurrected or doubled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import Rejected
from hub.state import case_id_of


def test_a_record_that_they_merged_takes_its_case_along(world: Any) -> None:
    world.hand_over()
    world.stores["north"].note("1", "At home after six.", "partners")
    world.rest()
    other = world.stores["south"].create({"title": "Customer called again", "state": "Open"})
    world.rest()
    world.stores["south"].merge("1", other)
    world.rest()
    assert world.only("south")["hub_case"] == world.only("north")["hub_case"]
    assert world.only("north")["company_number"] == world.only("south")["number"] == "S-2"
    assert world.only("north")["title"] == "Customer called again"  # what their people went on with
    assert [note["body"].splitlines()[0] for note in world.only("south")["comments"]] == ["At home after six."]
    assert world.ledger.parked() == []
    world.stores["south"].undelete("1")
    world.rest()
    assert [row.code for row in world.ledger.parked()] == ["X301"]


def test_a_record_that_they_deleted_restored_and_merged_takes_its_case_along(world: Any) -> None:
    world.hand_over()
    south = world.stores["south"]
    south.delete("1")
    world.rest()
    assert [row.subject for row in world.ledger.parked()] == ["deletion"]
    south.undelete("1")  # and nobody looks between
    other = south.create({"title": "Again no signal"})
    south.merge("1", other)
    world.rest()
    assert world.only("south")["hub_case"] == world.only("north")["hub_case"]
    assert world.ledger.parked() == []


def test_a_record_that_they_merged_into_another_case_is_put_before_a_person(world: Any) -> None:
    world.hand_over()
    world.stores["south"].create({"title": "Another case", "state": "Open", "company": "East"})
    world.rest()
    world.stores["south"].merge("1", "2")
    world.rest()
    (waiting,) = world.ledger.parked()
    assert (waiting.subject, waiting.code) == ("merge", "X304")
    assert waiting.message == (
        "south merged S-1 into S-2, which is another case that other companies have too. Two cases are one there: "
        "cancel the one that is not to go on, in a system that still has it."
    )
    assert len(world.stores["south"].bodies()) == 1


def test_a_copy_of_a_record_is_parked_and_becomes_a_case_once_the_hub_id_is_cleared(world: Any) -> None:
    world.hand_over()
    original = world.only("north")
    cloneable = world.stores["north"].system.abilities.model_copy(update={"unique_key": False})
    world.stores["north"].system = world.stores["north"].system.model_copy(update={"abilities": cloneable})
    copy = world.stores["north"].create({"title": original["title"], "hub_case": original["hub_case"]})
    world.exchange.intake("north")
    assert [row.code for row in world.ledger.parked()] == ["X301"]
    world.stores["north"].edit(copy, {"hub_case": None})
    world.exchange.intake("north")
    assert world.ledger.parked() == []
    assert world.ledger.count_cases() == 2


def test_a_record_that_bears_a_cases_hub_id_and_says_something_else_is_not_overwritten_in_silence(world: Any) -> None:
    """Somebody typed the id in, or a ledger from a backup does not remember making it."""
    native_id = world.stores["north"].create({"title": "No signal", "company": "South", "urgency": "P2"})
    world.exchange.intake("north")
    told = {"title": "Modem is dead", "details": "lamp is red", "urgency": "P2", "company": "South"}
    world.stores["south"].create({**told, "hub_case": case_id_of("north", native_id)})
    world.rest()
    assert world.only("north")["details"] == world.only("south")["details"] == "lamp is red"
    assert world.only("north")["title"] == world.only("south")["title"] == "Modem is dead"
    (conflict,) = [entry for entry in world.ledger.entries() if entry.kind == "conflict"]
    assert conflict.detail == {"field": "name", "winner": "south", "loser": "north"}


def test_a_deleted_record_is_not_made_again_and_a_person_is_asked(world: Any) -> None:
    world.hand_over()
    world.stores["south"].delete("1")
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.rest()
    assert world.stores["south"].bodies() == []
    assert [row.subject for row in world.ledger.parked()] == ["deletion"]
    world.stores["south"].undelete("1")
    world.rest()
    assert world.only("south")["urgency"] == "P1"


def test_a_restored_record_that_cannot_be_read_is_parked_once(world: Any) -> None:
    read_again = {"changed_by": "stamp", "overlap": 600.0}
    world.stores["south"].system = world.stores["south"].system.model_copy(update=read_again)
    world.hand_over()
    world.stores["south"].delete("1")
    world.rest()
    world.stores["south"].undelete("1")
    world.stores["south"].edit("1", {"channel": "Carrier pigeon"})
    world.rest()  # the pull reads it again each time
    assert {row.subject for row in world.ledger.parked()} == {"deletion", "record"}


def test_a_case_that_was_taken_back_before_it_was_sent_is_not_made_there(world: Any) -> None:
    north = world.stores["north"]
    north.create({"title": "No signal", "company": "South"})
    world.exchange.intake("north")
    north.edit("1", {"company": "North"})
    world.exchange.intake("north")
    world.rest()
    assert world.stores["south"].bodies() == []
    assert [row.state for row in world.ledger.deliveries() if row.partner == "south"] == ["delivered"]
    other = north.create({"title": "Customer called again"})
    world.rest()
    north.merge("1", other)
    world.rest()
    assert world.stores["south"].bodies() == []
    assert world.ledger.parked() == []


def just_before_a_push(world: Any, act: Callable[[], None]) -> None:
    """Something happens at South after its record was looked at and before it is written."""
    memory = world.exchange.kept["south"].memory
    push = memory.push

    def late(changes: Any) -> Any:
        memory.push = push
        act()
        return push(changes)

    memory.push = late


def test_what_the_old_record_refuses_after_they_merged_it_is_written_into_the_one_that_goes_on(world: Any) -> None:
    world.hand_over()
    south = world.stores["south"]
    other = south.create({"title": "Customer called again"})
    world.stores["north"].note("1", "At home after six.", "partners")
    world.stores["north"].edit("1", {"details": "since Monday"})
    world.exchange.intake("north")

    def merged() -> None:
        """Another worker reads the merge while this one is about to write into the old record."""
        south.merge("1", other)
        world.exchange.intake("south")

    just_before_a_push(world, merged)
    world.exchange.deliver("south")
    world.later(60)
    world.rest()
    body = world.only("south")
    assert body["hub_case"] == world.only("north")["hub_case"]
    assert [note["body"].splitlines()[0] for note in body["comments"]] == ["At home after six."]
    assert world.ledger.parked() == []


def test_what_a_deleted_record_refused_is_written_once_it_was_restored(world: Any) -> None:
    world.hand_over()
    south = world.stores["south"]
    world.stores["north"].note("1", "At home after six.", "partners")
    world.exchange.intake("north")
    just_before_a_push(world, lambda: south.delete("1"))
    world.exchange.deliver("south")
    assert [row.code for row in world.ledger.parked()] == ["C605"]
    south.undelete("1")  # and nobody looked between
    world.rest()
    assert world.ledger.parked() == []
    assert [note["body"].splitlines()[0] for note in world.only("south")["comments"]] == ["At home after six."]


@pytest.mark.parametrize("code", ["C605", "C653"])
def test_whichever_way_they_say_that_it_is_not_there_it_is_written_once_it_is_seen_again(world: Any, code: str) -> None:
    world.hand_over()
    south = world.stores["south"]
    world.stores["north"].note("1", "At home after six.", "partners")
    world.exchange.intake("north")
    south.fail(Rejected("there is no such record.", code=code, where="south update 1"), on="push")
    world.exchange.deliver("south")
    assert [row.code for row in world.ledger.parked()] == [code]
    south.edit("1", {"details": "it is there"})
    world.rest()
    assert world.ledger.parked() == []
    assert [note["body"].splitlines()[0] for note in south.bodies()[0]["comments"]] == ["At home after six."]
