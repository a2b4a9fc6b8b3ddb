"""A record that bears the id of a case which its company was never given: it learns nothing, and people see it."""

from __future__ import annotations

from typing import Any

from hub.state import case_id_of


def one_case(world: Any) -> str:
    world.stores["north"].create({"title": "Ann Lee has no line", "details": "flat 7", "company": "South"})
    world.rest()
    [case_id] = {entry.case_id for entry in world.ledger.entries()}
    return str(case_id)


def test_the_id_of_another_companys_case_links_nothing_tells_nothing_and_is_kept_in_the_audit(world: Any) -> None:
    case_id = one_case(world)
    east = world.stores["east"]
    native_id = east.create({"title": "mine", "hub_case": case_id})
    before = east.body(native_id)
    world.rest()
    assert east.body(native_id) == before
    assert len(east.bodies()) == 1
    assert {link.partner for link in world.ledger.links(case_id)} == {"north", "south"}
    [waits] = world.ledger.parked()
    assert (waits.code, waits.partner, waits.native_id, waits.case_id) == ("X310", "east", native_id, None)
    assert waits.message.startswith("bears the hub id of a case that this company was never given.")
    tried = [entry for entry in world.ledger.entries(case_id=case_id) if entry.kind == "parked"]
    assert [(entry.partner, entry.native_id, entry.detail["code"]) for entry in tried] == [("east", native_id, "X310")]


def test_what_it_says_later_is_not_taken_in_either_and_nothing_of_the_case_changes(world: Any) -> None:
    case_id = one_case(world)
    east = world.stores["east"]
    native_id = east.create({"title": "mine", "hub_case": case_id})
    world.rest()
    version = world.ledger.cases(search=case_id)[0].version
    east.edit(native_id, {"title": "yours is mine", "state": "Solved", "company": "East"})
    east.note(native_id, "tell me all", "partners")
    world.rest()
    case = world.ledger.cases(search=case_id)[0]
    assert (case.version, case.status, case.holder) == (version, "acknowledged", "south")
    assert "hub_case" in east.body(native_id)
    assert len(world.ledger.parked()) == 1


def test_once_the_id_is_cleared_it_is_a_case_of_its_own(world: Any) -> None:
    case_id = one_case(world)
    native_id = world.stores["east"].create({"title": "mine", "hub_case": case_id})
    world.rest()
    world.stores["east"].edit(native_id, {"hub_case": None})
    world.rest()
    assert world.ledger.parked() == []
    own = world.ledger.cases(search=case_id_of("east", native_id))[0]
    assert (own.contact_point, own.name, {link.partner for link in own.links}) == ("east", "mine", {"east"})


def test_a_case_that_has_not_come_yet_cannot_be_taken_by_its_id(world: Any) -> None:
    foretold = case_id_of("north", "1")
    world.stores["east"].create({"title": "mine", "hub_case": foretold})
    world.rest()
    assert [row.code for row in world.ledger.parked()] == ["X310"]
    assert one_case_of(world, "north") == foretold
    case = world.ledger.cases(search=foretold)[0]
    assert (case.contact_point, case.origin, case.name) == ("north", "north", "no line")
    assert {link.partner for link in case.links} == {"north"}


def one_case_of(world: Any, company: str) -> str:
    world.stores[company].create({"title": "no line"})
    world.rest()
    [found] = [case.id for case in world.ledger.cases()]
    return str(found)


def test_a_company_that_was_given_the_case_and_took_part_in_it_is_no_stranger(world: Any) -> None:
    case_id = one_case(world)
    [native_id] = world.stores["south"].rows
    world.stores["south"].delete(native_id)
    world.rest()
    again = world.stores["south"].create({"title": "Ann Lee has no line", "hub_case": case_id})
    world.rest()
    assert [row.code for row in world.ledger.parked() if row.code == "X310"] == []
    assert again
