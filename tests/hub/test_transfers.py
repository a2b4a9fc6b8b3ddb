"""Living by the edges: who accepts and how, reasons to refuse, where a refused case goes, offers that nobody answers,
companies that are only informed, and what agents are told to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.declared import Told
from hub.edges import Edge
from hub.promises import watch
from hub.state import case_id_of


def agreed(world: Any, edge_id: str, **changed: Any) -> None:
    """One edge says this besides."""
    keep(
        world,
        [_with(edge, changed) if edge.id == edge_id else edge for edge in world.exchange.alliance.agreement.edges],
    )


def _with(edge: Edge, changed: dict[str, Any]) -> Edge:
    return Edge.model_validate(edge.model_dump(by_alias=True, exclude_unset=True) | changed)


def without(world: Any, *edge_ids: str) -> None:
    """These edges are no more."""
    keep(world, [edge for edge in world.exchange.alliance.agreement.edges if edge.id not in edge_ids])


def keep(world: Any, edges: list[Edge]) -> None:
    """The agreement has these edges."""
    alliance = world.exchange.alliance
    agreement = alliance.agreement.model_copy(update={"edges": tuple(edges)})
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement))


def details(world: Any, kind: str) -> list[dict[str, Any]]:
    return [dict(entry.detail) for entry in world.ledger.entries() if entry.kind == kind]


def stands(world: Any) -> tuple[str, str]:
    """(holder, accountable) of the case that began at North."""
    case = world.ledger.case(case_id_of("north", "1"))
    return case.holder, case.accountable


def test_acceptance_is_what_the_edge_names_and_nothing_else(world: Any) -> None:
    agreed(world, "north-south", accepted_by={"status": ["held"], "relatedEntity.product.id": "any"})
    world.hand_over()
    world.stores["south"].edit("1", {"title": "No signal, seen"})
    world.rest()
    assert stands(world) == ("south", "north")
    world.stores["south"].edit("1", {"product": "PHONE"})
    world.rest()
    assert stands(world) == ("south", "south")


def test_a_refusal_without_a_reason_that_the_edge_allows_is_written_back(world: Any) -> None:
    agreed(world, "north-south", refusals={"notOurs": ["not our product", "no es nuestro"], "twice": []})
    world.hand_over()
    world.stores["south"].edit("1", {"company": "North", "reason": "no time"})
    world.rest()
    assert (world.only("south")["company"], stands(world)) == ("South", ("south", "north"))
    (waiting,) = world.ledger.parked()
    assert (waiting.code, waiting.place, waiting.partner) == ("A402", "refusal", "south")
    assert waiting.message == (
        "south refused it and named no reason that edge north-south allows: “not our product”, “twice”. It stays "
        "offered to south, until the reason stands in the status reason and it is refused again."
    )
    assert details(world, "denied")[-1]["why"] == "no reason"
    world.stores["south"].edit("1", {"company": "North", "reason": "No es nuestro, es de cable"})
    world.rest()
    assert (world.only("south")["company"], stands(world)) == ("North", ("north", "north"))
    assert details(world, "refused")[-1] == {
        "receiver": "south", "back_to": "north", "how": "refused", "reason": "notOurs"
    }  # fmt: skip
    assert [row.code for row in world.ledger.parked()] == []


def test_a_reason_that_was_written_before_the_refusal_counts(world: Any) -> None:
    agreed(world, "north-south", refusals=["twice"], accepted_by=["held"])
    world.hand_over()
    world.stores["south"].edit("1", {"reason": "twice, see 17"})
    world.rest()
    world.stores["south"].edit("1", {"company": "North"})
    world.rest()
    assert details(world, "refused")[-1]["reason"] == "twice"


def test_the_giver_takes_a_case_back_without_a_reason(world: Any) -> None:
    agreed(world, "north-south", refusals=["twice"])
    native_id = world.hand_over()
    world.stores["north"].edit(native_id, {"company": "North"})
    world.rest()
    assert details(world, "refused")[-1]["how"] == "withdrawn"
    assert world.only("south")["company"] == "North"


def test_a_refused_case_goes_on_to_whom_the_edge_names(world: Any) -> None:
    agreed(world, "north-south", refused_to="east")
    world.hand_over()
    world.stores["south"].edit("1", {"company": "North"})
    world.rest()
    assert stands(world) == ("east", "north")
    assert world.only("east")["company"] == "East"
    assert details(world, "offered")[-1] == {
        "giver": "north", "receiver": "east", "edge": "north-east", "by": "hub", "agreement": "test"
    }  # fmt: skip


def test_a_case_that_a_third_company_refuses_goes_to_the_contact_point(world: Any) -> None:
    agreed(world, "south-east", refused_to="contactPoint")
    world.hand_over()
    world.stores["south"].edit("1", {"state": "Open", "title": "ours"})
    world.rest()
    world.stores["south"].edit("1", {"company": "East"})
    world.rest()
    assert stands(world) == ("east", "south")
    world.stores["east"].edit("1", {"company": "South"})
    world.rest()
    assert stands(world) == ("north", "south")
    assert world.only("north")["company"] == "North"
    world.stores["north"].edit("1", {"state": "Held"})
    world.rest()
    assert stands(world) == ("north", "north")


def test_where_no_way_leads_on_from_a_refusal_a_person_is_asked_until_somebody_takes_the_case(world: Any) -> None:
    without(world, "north-east")
    world.hand_over()
    world.stores["south"].edit("1", {"company": "North"})
    world.rest()
    (waiting,) = world.ledger.parked()
    assert (waiting.subject, waiting.code) == ("refusal", "A403")
    assert waiting.message.startswith("south refused it, and no other edge of agreement test leads on from north")
    world.stores["north"].edit("1", {"company": "South"})
    world.rest()
    assert world.ledger.parked() == []


def test_an_offer_that_nobody_answers_goes_back_once_its_time_is_over(world: Any) -> None:
    agreed(world, "north-south", unanswered="2 h")
    world.hand_over()
    agreement, alliance = world.exchange.alliance.agreement, world.exchange.alliance
    world.later(90 * 60)
    assert watch(world.ledger, agreement, world.clock, alliance).timed_out == 0
    world.later(31 * 60)
    assert watch(world.ledger, agreement, world.clock, alliance).timed_out == 1
    assert watch(world.ledger, agreement, world.clock, alliance).timed_out == 0
    world.rest()
    assert stands(world) == ("north", "north")
    assert [world.only(name)["company"] for name in ("north", "south")] == ["North", "North"]
    assert details(world, "timed_out") == [{"receiver": "south", "back_to": "north", "edge": "north-south"}]
    world.stores["south"].edit("1", {"title": "too late"})
    world.rest()
    assert stands(world) == ("north", "north")
    assert world.ledger.broken_at() is None


def test_an_offer_that_was_accepted_stays_however_long_it_takes(world: Any) -> None:
    agreed(world, "north-south", unanswered="2 h")
    world.hand_over()
    world.stores["south"].edit("1", {"state": "Held"})
    world.rest()
    world.later(9 * 3600)
    alliance = world.exchange.alliance
    assert watch(world.ledger, alliance.agreement, world.clock, alliance).timed_out == 0
    assert stands(world) == ("south", "south")


@pytest.fixture
def informed(world: Any) -> Any:
    """East has every urgent case of North's to read."""
    without(world, "north-east", "east-south")
    news = Edge.model_validate(
        {"id": "news", "from": "north", "to": "east", "kind": "information", "when": {"priority": "critical"},
         "crosses": "standard"}
    )  # fmt: skip
    keep(world, [*world.exchange.alliance.agreement.edges, news])
    return world


def test_who_is_informed_gets_the_case_to_read_and_its_notes_come_back(informed: Any) -> None:
    native_id = informed.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P2"})
    informed.rest()
    assert informed.stores["east"].bodies() == []
    informed.stores["north"].edit(native_id, {"urgency": "P1"})
    informed.rest()
    assert (informed.only("east")["title"], informed.only("east")["company"]) == ("No signal", "North")
    assert details(informed, "informed") == [{"giver": "north", "receiver": "east", "edge": "news"}]
    informed.stores["east"].note("1", "Mast 7 is down.", "partners")
    informed.stores["east"].edit("1", {"title": "Mast 7", "state": "Solved", "urgency": "P4"})
    informed.rest()
    assert [note["body"].splitlines()[0] for note in informed.only("north")["comments"]] == ["Mast 7 is down."]
    for name in ("north", "east"):
        body = informed.only(name)
        assert (body["title"], body["state"], body["urgency"]) == ("No signal", "Open", "P1")
    assert stands(informed) == ("north", "north")


def test_who_is_informed_hands_nothing_over(informed: Any) -> None:
    informed.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P1"})
    informed.rest()
    informed.stores["east"].edit("1", {"company": "South"})
    informed.rest()
    assert (stands(informed), informed.only("east")["company"]) == (("north", "north"), "North")
    assert [row.code for row in informed.ledger.parked()] == ["A404"]
    assert informed.stores["south"].bodies() == []


def test_a_giver_is_told_where_the_agreement_says_that_a_case_goes(world: Any) -> None:
    agreed(world, "north-south", when={"relatedEntity.product.id": "PHONE"}, fires="suggested")
    partner = world.exchange.alliance.partners["north"]
    system = partner.system.model_copy(update={"told": Told(field="hub_says")})
    object.__setattr__(partner, "system", system)
    native_id = world.stores["north"].create({"title": "No signal", "state": "Open"})
    world.rest()
    assert not world.only("north").get("hub_says")
    world.stores["north"].edit(native_id, {"product": "PHONE"})
    world.rest()
    assert world.only("north")["hub_says"] == "The agreement says: hand it over to South."
    world.stores["north"].edit(native_id, {"company": "South"})
    world.rest()
    assert "hand it over" not in world.only("north")["hub_says"]


def low_goes_by_itself(world: Any) -> None:
    agreed(world, "north-south", when={"priority": "low"}, fires="auto")


def test_an_edge_that_fires_by_itself_moves_a_case_once(world: Any) -> None:
    low_goes_by_itself(world)
    world.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P4"})
    world.rest()
    assert stands(world) == ("south", "north")
    world.stores["south"].edit("1", {"company": "North", "reason": "not ours"})
    world.rest()
    assert stands(world) == ("north", "north")
    assert [entry["by"] for entry in details(world, "offered")] == ["hub"]


def test_an_edge_that_fires_by_itself_does_not_take_what_a_person_has_just_taken_back(world: Any) -> None:
    low_goes_by_itself(world)
    world.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P2", "company": "East"})
    world.rest()
    world.stores["north"].edit("1", {"company": "North", "urgency": "P4"})
    world.rest()
    assert stands(world) == ("north", "north")
    assert world.stores["south"].bodies() == []


def test_every_move_stands_in_the_entries_also_one_at_the_echo_of_our_own_write(world: Any) -> None:
    """A case that was offered elsewhere does not go on by itself before somebody answers for it."""
    low_goes_by_itself(world)
    agreed(world, "south-east", when={"priority": "low"}, fires="auto")
    world.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P4"})
    world.rest()
    assert stands(world) == ("south", "north")
    world.stores["south"].edit("1", {"state": "Held"})
    world.rest()
    assert stands(world) == ("east", "south")
    moves = [(entry["giver"], entry["receiver"]) for entry in details(world, "offered")]
    assert moves == [("north", "south"), ("south", "east")]


def test_who_answers_for_a_refused_case_may_solve_it_and_nobody_is_asked_any_more(world: Any) -> None:
    without(world, "north-east")
    native_id = world.hand_over()
    world.stores["south"].edit("1", {"company": "North"})
    world.rest()
    assert [row.code for row in world.ledger.parked()] == ["A403"]
    world.stores["north"].edit(native_id, {"state": "Solved"})
    world.rest()
    assert world.ledger.parked() == []
