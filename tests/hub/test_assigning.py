"""A task has a case of its own at who does it; its result comes back, and the first case waits for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.declared import Told
from hub.edges import Edge
from hub.promises import watch
from hub.state import case_id_of
from hub.story import by_case
from simulated.laws import answered_for

LINE_CHECK = {
    "id": "line-check", "from": "north", "to": "east", "kind": "assignment", "when": {"priority": "critical"},
    "accepted_by": ["inProgress"], "refusals": ["not ours"], "crosses": "standard",
}  # fmt: skip


@pytest.fixture
def world(world: Any) -> Any:
    """East checks the line of every critical case that North answers for; North's agents are told in a field."""
    keep(world, {**LINE_CHECK})
    system = world.stores["north"].system.model_copy(
        update={"told": Told(field="hub_says", tells=("holder",)), "language": "en"}
    )
    world.stores["north"].system = system
    partners = dict(world.exchange.alliance.partners)
    partners["north"] = replace(partners["north"], system=system)
    world.exchange = replace(world.exchange, alliance=replace(world.exchange.alliance, partners=partners))
    return world


def keep(world: Any, edge: dict[str, Any]) -> None:
    agreement = world.exchange.alliance.agreement
    ways = (*(one for one in agreement.edges if one.id != edge["id"]), Edge.model_validate(edge))
    agreement = agreement.model_copy(update={"edges": ways})
    world.exchange = replace(world.exchange, alliance=replace(world.exchange.alliance, agreement=agreement))


def rest(world: Any) -> None:
    """Until nothing moves, promises watched."""
    for _ in range(2):
        world.rest()
        watch(world.ledger, world.exchange.alliance.agreement, world.clock, world.exchange.alliance)
    world.rest()


def given(world: Any) -> tuple[str, str]:
    """A case of North's of which East has a task; (its id, the task's)."""
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "Open", "urgency": "P1", "cost": "3", "currency": "EUR"})
    rest(world)
    case_id = case_id_of("north", native_id)
    (link,) = world.ledger.case(case_id).relationship
    return case_id, link.id


def told(world: Any, kind: str) -> list[dict[str, Any]]:
    return [dict(entry.detail) for entry in world.ledger.entries() if entry.kind == kind]


def test_a_task_is_done_and_told_and_the_case_is_resolved_after_it(world: Any) -> None:
    north, east = world.stores["north"], world.stores["east"]
    case_id, task_id = given(world)
    task, theirs = world.ledger.case(task_id), world.only("east")
    assert [(one.id, one.relationship_type) for one in task.relationship] == [(case_id, "parent")]
    assert (task.holder, task.accountable, world.ledger.case(case_id).accountable) == ("east", "north", "north")
    assert (theirs["title"], theirs["urgency"], theirs["company"], theirs.get("cost")) == (
        "No signal",
        "P1",
        "East",
        None,
    )
    assert told(world, "assigned") == [{"receiver": "east", "edge": "line-check", "task": task_id}]
    north.edit("1", {"state": "Solved"})
    rest(world)
    assert (world.only("north")["state"], told(world, "early")) == ("Open", [{"tasks": [task_id]}])
    assert "A task is with East: the case can be resolved once that has ended." in world.only("north")["hub_says"]
    north.edit("1", {"title": "No signal at all"})  # the first case's own from now on
    east.edit("1", {"state": "Open"})
    rest(world)
    assert (world.ledger.case(task_id).accountable, world.ledger.case(case_id).accountable) == ("east", "north")
    east.edit("1", {"state": "Solved", "reason": "a new splitter"})
    rest(world)
    assert world.only("east")["title"] == "No signal"
    assert told(world, "answered") == [{"task": task_id, "status": "resolved"}]
    (note,) = world.only("north")["comments"]
    assert note["body"].splitlines()[0] == "Task with East (E-1): resolved. a new splitter"
    assert "A task is with" not in (world.only("north").get("hub_says") or "")
    assert world.only("east")["state"] == "Solved"  # no customer is asked about a task
    assert [entry for entry in world.ledger.entries() if entry.kind == "asked" and entry.case_id == task_id] == []
    north.edit("1", {"state": "Solved"})
    rest(world)
    north.edit("1", {"score": 5})
    rest(world)
    assert (world.only("north")["state"], world.only("east")["state"]) == ("Closed", "Closed")
    log = list(world.ledger.entries())
    assert not list(answered_for(log, world.stores))
    assert by_case(log).keys() - {""} == {case_id}  # what counts is the customer's case
    assert told(world, "assigned") == [{"receiver": "east", "edge": "line-check", "task": task_id}]  # once
    assert world.ledger.broken_at() is None


def test_a_task_is_refused_with_a_reason_and_never_handed_on(world: Any) -> None:
    east = world.stores["east"]
    _, task_id = given(world)
    east.edit("1", {"company": "South"})
    rest(world)
    east.edit("1", {"company": "North"})
    rest(world)
    assert (world.only("east")["company"], world.ledger.case(task_id).status) == ("East", "acknowledged")
    assert [row.code for row in world.ledger.parked()] == ["A402"]
    assert [entry["why"] for entry in told(world, "denied")] == ["a task", "no reason"]
    assert len(world.stores["north"].bodies()) == 1
    assert world.stores["south"].bodies() == []
    east.edit("1", {"reason": "not ours: it is the modem", "company": "North"})
    rest(world)
    assert (world.only("east")["state"], world.only("east")["company"]) == ("Refused", "East")
    assert told(world, "refused") == [{"receiver": "east", "back_to": "north", "how": "refused", "reason": "not ours"}]
    (note,) = world.only("north")["comments"]
    assert note["body"].splitlines()[0] == "Task with East (E-1): not done. not ours: it is the modem"
    world.stores["north"].edit("1", {"state": "Solved"})
    rest(world)
    assert world.only("north")["state"] == "Solved"
    assert world.ledger.parked() == []


def test_a_case_need_not_wait_and_takes_its_tasks_along_when_it_is_cancelled(world: Any) -> None:
    keep(world, {**LINE_CHECK, "waits": False})
    given(world)
    world.stores["north"].edit("1", {"state": "Solved"})
    rest(world)
    assert world.only("north")["state"] == "Solved"
    world.stores["north"].edit("1", {"state": "Withdrawn"})
    rest(world)
    assert world.only("east")["state"] == "Withdrawn"


def test_a_task_says_only_what_a_task_has() -> None:
    with pytest.raises(ValidationError, match="refused_to is of a transfer; a task that is refused is over, and stays"):
        Edge.model_validate({**LINE_CHECK, "refused_to": "giver"})
    with pytest.raises(ValidationError, match="waits is of an assignment; no other case waits for a task"):
        Edge.model_validate({"id": "a", "from": "north", "to": "east", "waits": False})
