"""A partner goes live: old records open no case, and a person looks before many are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.declared import FirstContact
from hub import first_contact
from hub.alliance import Alliance
from hub.exchange import Exchange
from hub.forecast import forecast
from hub.partners import Partner


@pytest.fixture
def declare(world: Any) -> Callable[..., None]:
    """Declare a company's first contact: declare("south", guard=3)."""

    def declared(name: str, **given: Any) -> None:
        partners = dict(world.exchange.alliance.partners)
        was = partners[name]
        system = was.system.model_copy(update={"first_contact": FirstContact(**given)})
        partners[name] = Partner(name, system, was.lens, was.mapping)
        alliance = Alliance(partners, world.exchange.alliance.agreement)
        world.exchange = Exchange(world.ledger, alliance, world.connect, world.clock)

    return declared


def hand_over(world: Any, many: int) -> None:
    for number in range(many):
        world.stores["north"].create({"title": f"case {number}", "company": "South"})
    world.exchange.intake("north")


def sign_off(world: Any) -> bool:
    with world.ledger.transaction(world.clock()) as tx:
        return first_contact.sign_off(tx, "south", "ann", "looked at the list")


def test_a_run_that_would_pass_the_guard_writes_nothing_and_asks_once(world: Any, declare: Any) -> None:
    declare("south", guard=3)
    hand_over(world, 4)
    for _ in range(3):
        done = world.exchange.deliver("south")
        assert (done.claimed, done.sent) == (0, 0)
        assert "X401" not in done.held
    assert world.stores["south"].writes == 0
    assert {row.state for row in world.ledger.deliveries()} == {"owed"}
    (waiting,) = world.ledger.parked()
    assert (waiting.subject, waiting.partner, waiting.code) == ("first contact", "south", "X401")
    assert (
        waiting.message
        == done.held
        == (
            "the first contact with South is not signed off: 0 records there were written so far, and now 4 would be "
            "created and 0 changed, more than 3 in all. Nothing was written. Look at them: casebridge push south "
            "--dry-run. Then: casebridge partner sign-off south --why ..."
        )
    )
    assert world.kinds().count("parked") == 1


def test_once_a_person_has_signed_it_off_all_that_is_owed_goes_out(world: Any, declare: Any) -> None:
    declare("south", guard=3)
    hand_over(world, 4)
    world.exchange.deliver("south")
    assert sign_off(world)
    assert not sign_off(world)
    assert world.ledger.parked() == []
    world.rest()
    assert len(world.stores["south"].bodies()) == 4
    (entry,) = [entry for entry in world.ledger.entries() if entry.kind == "signed_off"]
    assert (entry.partner, dict(entry.detail)) == ("south", {"who": "ann", "why": "looked at the list"})


def test_the_guard_counts_all_records_since_the_beginning_each_once(world: Any, declare: Any) -> None:
    declare("south", guard=3)
    hand_over(world, 3)
    assert world.exchange.deliver("south").delivered == 3
    for number in range(3):
        world.stores["north"].edit(str(number + 1), {"urgency": "P1"})
    world.exchange.intake("north")
    assert world.exchange.deliver("south").held == ""
    assert [body["urgency"] for body in world.stores["south"].bodies()] == ["P1"] * 3
    hand_over(world, 1)
    assert "3 records there were written so far" in world.exchange.deliver("south").held
    assert len(world.stores["south"].bodies()) == 3


def test_what_comes_in_while_a_push_is_at_work_does_not_pass_the_guard(world: Any, declare: Any) -> None:
    declare("south", guard=3)
    hand_over(world, 2)
    world.after_push["south"] = lambda: hand_over(world, 5)
    done = world.exchange.deliver("south")
    assert done.delivered == 2
    assert "2 records there were written so far, and now 5 would be created" in done.held
    assert len(world.stores["south"].bodies()) == 2


def test_a_guard_of_nought_asks_before_the_first_write_and_none_never(world: Any, declare: Any) -> None:
    declare("south", guard=0)
    hand_over(world, 1)
    assert world.exchange.deliver("south").held
    declare("south", guard="none")
    assert world.exchange.deliver("south").delivered == 1


def test_the_guard_of_one_partner_holds_up_no_other_and_no_reading(world: Any, declare: Any) -> None:
    declare("south", guard=0)
    hand_over(world, 1)
    world.stores["south"].create({"title": "theirs", "company": "North"})
    world.rest()
    assert {body["title"] for body in world.stores["north"].bodies()} == {"case 0", "theirs"}
    assert len(world.stores["south"].bodies()) == 1


def test_a_forecast_tells_what_would_be_sent_and_claims_nothing(world: Any) -> None:
    hand_over(world, 2)
    world.exchange.deliver("south")
    world.rest()
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.stores["north"].note("2", "At home after six.", "partners")
    world.stores["north"].create({"title": "x" * 61, "company": "South"})
    hand_over(world, 1)
    before = world.written()
    with world.ledger.look(world.clock()) as tx:
        planned = forecast(tx, world.exchange.alliance, "south")
    assert [(one.kind, one.number, one.notes) for one in planned] == [
        ("update", "S-1", 0),
        ("note", "S-2", 1),
        ("create", "", 0),
    ]
    assert planned[0].paths == ("priority",)
    assert "name" in planned[2].paths
    assert world.written() == before
    assert world.exchange.deliver("south").sent == 3


def old(world: Any, **fields: Any) -> datetime:
    """A record of North from before its cut-off, which is a day later."""
    world.stores["north"].create({"title": "old", **fields})
    world.later(86_400)
    return world.now - timedelta(seconds=3600)


def test_what_was_last_changed_before_the_cut_off_is_known_and_opens_no_case(world: Any, declare: Any) -> None:
    declare("north", cut_off=old(world, company="South"))
    world.stores["north"].create({"title": "new"})
    assert (done := world.exchange.intake("north")).applied == 1
    assert done.known == 1
    assert [case.name for case in world.ledger.cases()] == ["new"]
    world.rest()
    before = world.written()
    world.round()
    assert world.written() == before


def test_an_old_record_that_changes_after_the_cut_off_is_a_case_as_any_other(world: Any, declare: Any) -> None:
    declare("north", cut_off=old(world))
    world.exchange.intake("north")
    world.stores["north"].edit("1", {"company": "South"})
    world.rest()
    assert world.only("south")["title"] == "old"
    assert world.kinds().count("opened") == 1


def test_an_old_record_that_cannot_be_read_asks_nobody_until_it_changes(world: Any, declare: Any) -> None:
    declare("north", cut_off=old(world, channel="Carrier pigeon"))
    world.exchange.intake("north")
    assert world.ledger.parked() == []
    world.stores["north"].edit("1", {"title": "changed now"})
    world.exchange.intake("north")
    assert [row.subject for row in world.ledger.parked()] == ["record"]
    world.stores["north"].edit("1", {"channel": "Phone"})
    world.exchange.intake("north")
    assert world.ledger.parked() == []
    assert world.ledger.count_cases() == 1


def test_an_old_record_that_bears_a_cases_hub_id_belongs_to_it(world: Any, declare: Any) -> None:
    hand_over(world, 1)
    case_id = world.ledger.cases()[0].id
    world.stores["south"].create({"title": "case 0", "hub_case": case_id})
    declare("south", cut_off=world.now + timedelta(days=1))
    world.rest()
    assert len(world.stores["south"].bodies()) == 1
    assert {link.partner for link in world.ledger.links(case_id)} == {"north", "south"}


def test_a_deleted_old_record_is_nobodys_business(world: Any, declare: Any) -> None:
    declare("north", cut_off=old(world))
    world.exchange.intake("north")
    world.stores["north"].delete("1")
    world.rest()
    assert world.ledger.parked() == []
    assert world.kinds() == []
