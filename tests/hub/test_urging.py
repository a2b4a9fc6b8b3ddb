"""The contact point escalates with authority: who has the case answers in its time, or the next level is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.declared import Told
from hub.agreement import Agreement, load_agreement
from hub.declarations import DeclarationError
from hub.promises import watch

LEVELS = [{"role": "shift lead", "answer": "1 h"}, {"role": "head of service", "answer": "4 h"}]


@pytest.fixture
def world(world: Any) -> Any:
    """North escalates by a critical priority; South has two levels. Both are told in a field."""
    alliance = world.exchange.alliance
    content = alliance.agreement.model_dump(by_alias=True, exclude_defaults=True)
    content["partners"]["south"]["escalation"] = LEVELS
    agreement = Agreement.model_validate({**content, "escalated_by": {"priority": "critical"}})
    partners = dict(alliance.partners)
    for name in ("north", "south"):
        system = world.stores[name].system.model_copy(
            update={"told": Told(field="hub_says", tells=("due",)), "language": "en"}
        )
        world.stores[name].system = system
        partners[name] = replace(partners[name], system=system)
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement, partners=partners))
    return world


def look(world: Any, **later: float) -> int:
    world.rest()
    world.later(timedelta(**later).total_seconds())
    found = watch(world.ledger, world.exchange.alliance.agreement, world.clock, world.exchange.alliance)
    world.rest()
    return found.escalated


def says(world: Any, name: str) -> str:
    return str(world.only(name).get("hub_says") or "")


def asked(world: Any) -> list[tuple[str, int, str]]:
    return [(e.partner, e.detail["level"], e.detail["role"]) for e in world.ledger.entries() if e.kind == "escalated"]


def test_an_escalation_climbs_until_somebody_answers_and_agents_are_told(world: Any) -> None:
    native_id = world.hand_over()
    north, south = world.stores["north"], world.stores["south"]
    south.edit("1", {"urgency": "P1"})  # no contact point, no authority
    assert look(world) == 0
    south.edit("1", {"urgency": "P2"})
    look(world)
    north.edit(native_id, {"urgency": "P1"})
    assert look(world) == 1
    assert [(e.partner, dict(e.detail)) for e in world.ledger.entries() if e.kind == "urged"] == [
        ("north", {"by": "priority"})
    ]
    assert says(world, "south") == "ESCALATED by North: shift lead has to answer by 2026-03-01 10:00."
    assert says(world, "north") == "Escalated: shift lead of South has to answer by 2026-03-01 10:00."
    assert look(world, minutes=59) == 0
    assert look(world, minutes=2) == 1
    assert asked(world) == [("south", 1, "shift lead"), ("south", 2, "head of service")]
    assert says(world, "south") == "ESCALATED by North: head of service has to answer by 2026-03-01 14:01."
    south.edit("1", {"details": "we are on it"})
    assert look(world) == 0
    assert (says(world, "south"), says(world, "north")) == ("", "")
    assert look(world, hours=24) == 0
    north.edit(native_id, {"urgency": "P2"})
    look(world)
    north.edit(native_id, {"urgency": "P1"})  # once more, and over once it is resolved
    assert look(world) == 1
    south.edit("1", {"state": "Solved"})
    assert look(world, hours=24) == 0
    assert len(asked(world)) == 3
    assert says(world, "north") == ""


def test_what_nobody_can_say_or_answer_is_found_by_check(tmp_path: Any) -> None:
    path = tmp_path / "agreement.yaml"
    path.write_text(
        "version: '1'\neffective: 2026-01-01\npartners:\n  north: {title: North}\nsharing: {}\n"
        "escalated_by:\n  priority: urgent\n  nowhere: any\n"
    )
    with pytest.raises(DeclarationError) as caught:
        load_agreement(path)
    assert [problem.code for problem in caught.value.problems] == ["A306", "A302", "A326"]
    assert "partners.north: has no `escalation`, and contact points may escalate cases" in str(caught.value)
