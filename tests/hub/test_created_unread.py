"""A record that we made and that comes back in words nobody understands (their default, a workflow, a person's word)
is the counterpart all the same: none is made again, and what it says crosses once it is understood."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import Unknown
from hub.state import case_id_of


@pytest.fixture(params=[True, False], ids=["unique", "not unique"])
def given(world: Any, request: pytest.FixtureRequest) -> Any:
    """South fills in an urgency of its own that the mapping does not know. A case of North goes there."""
    partners, store = world.exchange.alliance.partners, world.stores["south"]
    abilities = store.system.abilities.model_copy(update={"unique_key": request.param})
    defaults = {**store.system.defaults, "urgency": "P9"}
    store.system = store.system.model_copy(update={"picklists": {}, "defaults": defaults, "abilities": abilities})
    partners["south"] = replace(partners["south"], system=store.system)
    native_id = store_of(world, "north").create({"title": "No signal", "state": "Open"})
    world.rest()
    store_of(world, "north").edit(native_id, {"company": "South"})
    world.exchange.intake("north")
    return world


def store_of(world: Any, name: str) -> Any:
    return world.stores[name]


def at_rest(world: Any) -> None:
    for _ in range(4):
        world.round()
        world.later(700)
    before = world.written()
    for _ in range(5):
        world.round()
        world.later(700)
    assert world.written() == before


def understood_in_the_end(world: Any) -> None:
    at_rest(world)
    assert len(store_of(world, "south").bodies()) == 1
    (row,) = world.ledger.parked()
    case_id = case_id_of("north", "1")
    assert (row.subject, row.code, row.partner, row.case_id) == ("record", "M201", "south", case_id)
    assert [link.partner for link in world.ledger.links(case_id)] == ["north", "south"]
    store_of(world, "south").edit("1", {"urgency": "P1", "state": "Held"})
    at_rest(world)
    assert world.ledger.parked() == []
    north = world.only("north")
    assert (north["urgency"], north["state"], north["company_number"]) == ("P1", "Held", "S-1")
    assert len(store_of(world, "south").bodies()) == 1
    assert "conflict" not in world.kinds()


def test_none_is_made_again(given: Any) -> None:
    understood_in_the_end(given)


def test_nor_where_the_answer_was_lost(given: Any) -> None:
    store_of(given, "south").fail(Unknown("no answer.", code="C401", where="south"), after=True)
    given.exchange.deliver("south")
    given.later(121)
    understood_in_the_end(given)


def test_nor_where_a_pull_reads_it_before_the_answer_comes(given: Any) -> None:
    given.after_push["south"] = lambda: given.exchange.intake("south")
    given.exchange.deliver("south")
    understood_in_the_end(given)


def test_nor_where_it_turns_up_after_it_was_given_up(given: Any) -> None:
    store = store_of(given, "south")
    store.fail(Unknown("no answer.", code="C401", where="south"))
    given.exchange.deliver("south")
    case_id = case_id_of("north", "1")
    store.create({"title": "No signal", "state": "Open", "company": "South", "hub_case": case_id})
    understood_in_the_end(given)
