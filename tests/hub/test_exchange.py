"""One case between three companies: it crosses, comes back, and leaves nothing owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Abilities
from connectors.errors import Refused, Rejected, Unknown, Unreachable
from hub.state import case_id_of


def test_a_case_that_is_handed_over_is_worked_in_the_other_companys_system(world: Any) -> None:
    world.hand_over()
    north, south = world.only("north"), world.only("south")
    assert (south["title"], south["state"], south["urgency"]) == ("No signal", "Open", "P2")
    assert south["hub_case"] == north["hub_case"] == case_id_of("north", "1")
    assert north["company_number"] == south["number"]
    assert south.get("company_number") is None
    assert (north["company"], north["accountable"], north["contact"]) == ("South", "North", "North")


def test_the_receivers_first_act_accepts_and_its_status_comes_back(world: Any) -> None:
    world.hand_over()
    south = world.only("south")
    world.stores["south"].edit(str(south["id"]), {"state": "Solved", "details": "new modem"})
    world.rest()
    assert world.only("north")["state"] == "Solved"
    assert world.only("north")["details"] == "new modem"
    assert world.only("north")["accountable"] == "South"
    assert world.kinds().count("accepted") == 1
    assert world.stores["east"].bodies() == []


def test_an_edit_that_a_person_makes_with_the_hubs_own_login_travels(world: Any) -> None:
    """Some companies have one user for all: who wrote last says nothing about whether it is an echo."""
    native_id = world.hand_over()
    world.stores["north"].edit(native_id, {"urgency": "P1"}, by="casebridge")
    world.rest()
    assert world.only("south")["urgency"] == "P1"
    world.stores["south"].edit("1", {"urgency": "P3"})
    world.round()
    world.stores["north"].edit(native_id, {"urgency": "P4"}, by="casebridge")  # upon the hub's own write, at once
    world.rest()
    assert world.only("south")["urgency"] == world.only("north")["urgency"] == "P4"


def test_at_rest_ten_more_rounds_write_nothing(world: Any) -> None:
    world.hand_over()
    world.stores["south"].note("1", "We are on it.", "partners", author="Ana")
    world.rest()
    before = world.written()
    for _ in range(10):
        world.round()
    assert world.written() == before


def test_a_note_for_partners_crosses_once_with_its_author_and_a_private_one_stays(world: Any) -> None:
    native_id = world.hand_over()
    world.stores["north"].note(native_id, "Customer is at home after six.", "partners", author="Ann Lee")
    world.stores["north"].note(native_id, "Customer is rude.", "internal", author="Ann Lee")
    world.rest()
    notes = world.only("south")["comments"]
    assert [note["audience"] for note in notes] == ["partners"]
    assert notes[0]["body"].startswith("Customer is at home after six.")
    assert "Ann Lee" in notes[0]["body"]
    assert "North" in notes[0]["body"]
    assert len(world.only("north")["comments"]) == 2
    case = world.ledger.case(case_id_of("north", "1"))
    assert [note.text for note in case.note] == ["Customer is at home after six."]


def test_what_the_edge_does_not_share_stays_at_home_both_ways(world: Any) -> None:
    world.hand_over(cost="12.50")
    assert world.only("south").get("cost") is None
    world.stores["south"].edit("1", {"cost": "99.00"})
    world.rest()
    assert str(world.only("north")["cost"]) == "12.50"


def test_two_edits_of_one_field_end_with_the_holders_word_and_a_logged_conflict(world: Any) -> None:
    world.hand_over()
    world.stores["north"].edit("1", {"title": "No signal at all"})
    world.stores["south"].edit("1", {"title": "Modem is dead"})
    world.rest()
    assert world.only("north")["title"] == world.only("south")["title"] == "Modem is dead"
    (conflict,) = [entry for entry in world.ledger.entries() if entry.kind == "conflict"]
    assert conflict.detail == {"field": "name", "winner": "south", "loser": "north"}


def test_edits_of_different_fields_are_both_kept(world: Any) -> None:
    world.hand_over()
    world.stores["north"].edit("1", {"title": "No signal at all"})
    world.stores["south"].edit("1", {"urgency": "P1"})
    world.rest()
    for name in ("north", "south"):
        assert (world.only(name)["title"], world.only(name)["urgency"]) == ("No signal at all", "P1")
    assert "conflict" not in world.kinds()


def test_values_that_come_back_travel_each_time(world: Any) -> None:
    world.hand_over()
    for urgency in ("P1", "P2", "P1", "P2"):
        world.stores["south"].edit("1", {"urgency": urgency})
        world.rest()
        assert world.only("north")["urgency"] == urgency


def test_a_transfer_that_no_edge_permits_is_denied_and_the_field_is_written_back(world: Any) -> None:
    world.stores["east"].create({"title": "Slow line", "state": "Open"})
    world.rest()
    world.stores["east"].edit("1", {"company": "North"})
    world.rest()
    assert world.only("east")["company"] == "East"
    assert world.stores["north"].bodies() == []
    (waiting,) = world.ledger.parked()
    assert (waiting.subject, waiting.code) == ("transfer", "A401")


def test_an_offer_that_is_given_back_leaves_the_giver_accountable(world: Any) -> None:
    world.hand_over()
    world.stores["south"].edit("1", {"company": "North"})
    world.rest()
    assert world.only("north")["company"] == "North"
    assert world.only("north")["accountable"] == "North"
    assert "refused" in world.kinds()
    assert "accepted" not in world.kinds()


def test_a_partners_closed_is_a_request_until_the_customer_is_content(world: Any) -> None:
    world.hand_over()
    world.stores["south"].edit("1", {"state": "Closed"})
    world.rest()
    assert world.only("south")["state"] == "Closed"
    assert world.only("north")["state"] == "Solved"
    assert "asked_to_close" in world.kinds()
    world.stores["north"].edit("1", {"score": 5})
    world.rest()
    assert world.only("north")["state"] == "Closed"
    assert "closed" in world.kinds()


def test_negative_feedback_reopens_the_case_everywhere(world: Any) -> None:
    world.hand_over()
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    world.stores["north"].edit("1", {"score": 2})
    world.rest()
    assert world.only("north")["state"] == world.only("south")["state"] == "Open"
    assert world.only("south")["reason"] == "negative feedback: 2 of 5"


@pytest.mark.parametrize("after", [False, True])
def test_a_create_whose_answer_was_lost_makes_one_record(world: Any, after: bool) -> None:
    world.stores["north"].create({"title": "No signal", "state": "Open", "company": "South"})
    world.exchange.intake("north")
    world.stores["south"].fail(Unknown("no answer"), on="push", after=after)
    assert world.exchange.deliver("south").unknown == 1
    world.later(60)
    world.rest()
    assert len(world.stores["south"].bodies()) == 1
    assert world.only("north")["company_number"] == "S-1"


def test_an_agent_who_edits_before_the_lost_answer_is_found_is_not_overwritten(world: Any) -> None:
    world.stores["north"].create({"title": "No signal", "state": "Open", "company": "South"})
    world.exchange.intake("north")
    world.stores["south"].fail(Unknown("no answer"), on="push", after=True)
    world.exchange.deliver("south")
    world.stores["south"].edit("1", {"title": "Dead modem"})
    world.later(60)
    world.rest()
    assert world.only("south")["title"] == world.only("north")["title"] == "Dead modem"


def test_a_note_whose_answer_was_lost_is_written_once(world: Any) -> None:
    world.hand_over()
    world.stores["north"].note("1", "At home after six.", "partners")
    world.exchange.intake("north")
    world.stores["south"].fail(Unknown("no answer"), on="push", after=True)
    world.exchange.deliver("south")
    world.later(60)
    world.rest()
    assert len(world.only("south")["comments"]) == 1


def test_a_partner_that_is_down_is_owed_and_served_when_it_returns(world: Any) -> None:
    world.hand_over()
    world.stores["south"].fail(Unreachable("no route"), on="*", times=1000)
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.exchange.intake("north")
    with pytest.raises(Unreachable):
        world.exchange.deliver("south")
    (health,) = [row for row in world.ledger.partners() if row.name == "south"]
    assert "no route" in health.error
    world.stores["south"].heal()
    world.exchange.intake("south")  # that it can be read does not mean that it can be written
    assert "no route" in world.ledger.partners()[-1].error
    world.later(3600)
    world.rest()
    assert world.only("south")["urgency"] == "P1"
    assert [row.error for row in world.ledger.partners()] == ["", "", ""]


def test_a_refusal_stops_the_partner_and_loses_nothing(world: Any) -> None:
    world.hand_over()
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.exchange.intake("north")
    world.stores["south"].fail(Refused("password changed"), on="push")
    with pytest.raises(Refused):
        world.exchange.deliver("south")
    world.later(3600)
    world.rest()
    assert world.only("south")["urgency"] == "P1"


def test_a_record_they_refuse_is_parked_and_the_others_go_on(world: Any) -> None:
    for title in ("one", "two", "three"):
        world.stores["north"].create({"title": title, "company": "South"})
    world.exchange.intake("north")
    world.stores["south"].fail(Rejected("title is taken", where="south title"), on="push", times=1)
    done = world.exchange.deliver("south")
    assert (done.parked, done.delivered) == (1, 2)
    (waiting,) = world.ledger.parked()
    assert "title is taken" in waiting.message
    assert len(world.stores["south"].bodies()) == 2


def test_a_word_that_is_not_mapped_parks_its_record_until_it_is_mended(world: Any) -> None:
    world.stores["north"].create({"title": "good"})
    world.stores["north"].create({"title": "bad", "channel": "Carrier pigeon"})
    world.rest()
    (waiting,) = world.ledger.parked()
    assert waiting.native_id == "2"
    assert "Carrier pigeon" in waiting.message
    assert world.ledger.count_cases() == 1
    world.stores["north"].edit("2", {"channel": "Phone"})
    world.rest()
    assert world.ledger.parked() == []
    assert world.ledger.count_cases() == 2


def test_a_linked_record_that_was_parked_and_reads_again_waits_for_nobody(world: Any) -> None:
    world.hand_over()
    world.stores["south"].edit("1", {"channel": "Carrier pigeon"})
    world.rest()
    assert [row.subject for row in world.ledger.parked()] == ["record"]
    world.stores["south"].edit("1", {"channel": "Phone"})
    world.rest()
    assert world.ledger.parked() == []


def created_without_an_answer(world: Any) -> Any:
    """South's store, where a case that North handed over was just made and no answer came."""
    south = world.stores["south"]
    world.stores["north"].create({"title": "No signal", "company": "South"})
    world.exchange.intake("north")
    south.fail(Unknown("no answer"), on="push", after=True)
    world.exchange.deliver("south")
    return south


def test_a_create_that_was_given_up_and_turns_up_late_is_not_taken_for_their_word(world: Any) -> None:
    south = created_without_an_answer(world)
    late = south.rows.pop("1")  # on its way, for longer than anybody waits
    world.later(1000)
    south.fail(Unreachable("no route"), on="push")
    with pytest.raises(Unreachable):
        world.exchange.deliver("south")
    world.stores["north"].edit("1", {"title": "No signal since noon"})
    world.exchange.intake("north")
    south.rows["1"] = late
    world.later(1000)
    world.rest()
    assert world.only("south")["title"] == world.only("north")["title"] == "No signal since noon"
    assert "conflict" not in world.kinds()
    assert world.ledger.parked() == []


@pytest.mark.parametrize("theirs", [{}, {"urgency": "P1"}], ids=["untouched", "their agent chose our new word, too"])
def test_of_two_creates_the_one_that_made_the_record_says_what_is_ours_in_it(world: Any, theirs: Any) -> None:
    south = created_without_an_answer(world)
    south.rows["1"].visible_at = world.now + timedelta(days=1)  # their index is later than they say
    world.stores["north"].edit("1", {"title": "No signal since noon", "urgency": "P1"})
    world.exchange.intake("north")
    south.edit("1", theirs)
    world.later(1000)
    assert world.exchange.deliver("south").sent == 2  # a create, which finds what the first one made, then the title
    world.rest()
    assert world.only("south")["title"] == world.only("north")["title"] == "No signal since noon"
    assert "conflict" not in world.kinds()


def test_a_note_does_not_cross_while_its_record_says_something_that_nobody_has_understood(world: Any) -> None:
    north = world.stores["north"]
    native_id = world.hand_over()
    note_id = north.note(native_id, "Gate code 4711.", "customer", author="Ann Lee")
    world.exchange.intake("north")  # South is owed it now
    north.edit_note(native_id, note_id, audience="internal")
    north.edit(native_id, {"score": "very good"})  # no number: the record cannot be read
    world.rest()
    assert world.only("south")["comments"] == []
    north.edit_note(native_id, note_id, audience="customer")
    north.edit(native_id, {"score": 5})
    world.rest()
    assert [note["body"].splitlines()[0] for note in world.only("south")["comments"]] == ["Gate code 4711."]


def test_what_was_written_is_ours_though_the_record_was_not_understood_when_it_was_read_back(world: Any) -> None:
    world.hand_over()
    south = world.stores["south"]
    world.stores["north"].edit("1", {"title": "No signal at all"})
    world.stores["north"].note("1", "At home after six.", "partners")
    world.exchange.intake("north")
    world.between_pushes["south"] = lambda: south.edit("1", {"score": "very good"})
    world.exchange.deliver("south")
    assert [row.subject for row in world.ledger.parked()] == ["record"]
    south.edit("1", {"score": 5})
    world.rest()
    theirs = [entry.fields for entry in world.ledger.entries() if (entry.kind, entry.partner) == ("changed", "south")]
    assert "name" not in [path for fields in theirs for path in fields]
    assert world.only("south")["title"] == world.only("north")["title"] == "No signal at all"


def test_nothing_is_written_over_a_word_that_nobody_has_understood(world: Any) -> None:
    world.hand_over()
    world.stores["north"].edit("1", {"score": "very good", "title": "Mine"})
    world.stores["south"].edit("1", {"title": "Theirs"})
    world.rest()
    assert (world.only("north")["score"], world.only("north")["title"]) == ("very good", "Mine")
    assert [row.subject for row in world.ledger.parked()] == ["record"]
    world.stores["north"].edit("1", {"score": 5})
    world.later(1000)
    world.rest()
    assert world.only("north")["title"] == world.only("south")["title"]
    assert world.kinds().count("conflict") == 1
    assert world.ledger.parked() == []


def test_a_create_that_turns_up_late_in_a_lagging_index_is_not_made_again(world: Any) -> None:
    south = world.stores["south"].system
    weak = south.abilities.model_copy(update={"unique_key": False, "index_lag": 600.0})
    world.stores["south"].system = south.model_copy(update={"abilities": weak})
    world.stores["north"].create({"title": "No signal", "state": "Open", "company": "South"})
    world.exchange.intake("north")
    world.stores["south"].fail(Unknown("no answer"), on="push")
    world.exchange.deliver("south")
    world.later(3)  # it is applied after all, and its index needs ten minutes from here
    world.stores["south"].create({"title": "No signal", "hub_case": case_id_of("north", "1")}, by="casebridge")
    world.later(598)
    assert world.exchange.deliver("south").sent == 0
    world.later(700)
    world.rest()
    assert len(world.stores["south"].bodies()) == 1


def test_an_edit_is_seen_though_the_hubs_clock_stepped_back(world: Any) -> None:
    stamps = {"changed_by": "stamp", "abilities": Abilities(clock_step=60.0)}
    world.stores["south"].system = world.stores["south"].system.model_copy(update=stamps)
    world.hand_over()
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.rest()
    world.later(-30)
    world.stores["south"].edit("1", {"title": "Dead modem"})  # in the same minute as our last write
    world.stores["north"].edit("1", {"title": "No signal at all"})
    world.rest()
    assert world.only("south")["title"] == world.only("north")["title"] == "Dead modem"


def test_a_worker_that_slept_past_its_lease_sends_nothing_more(world: Any) -> None:
    for title in ("one", "two"):
        world.stores["north"].create({"title": title, "company": "South"})
    world.exchange.intake("north")
    weak = world.stores["south"].system.abilities.model_copy(update={"unique_key": False})
    world.stores["south"].system = world.stores["south"].system.model_copy(update={"abilities": weak})

    def meanwhile() -> None:
        world.later(500)
        assert world.exchange.deliver("south").sent == 1  # the first one is found, the second one made

    world.between_pushes["south"] = meanwhile
    world.exchange.deliver("south")
    world.later(1000)
    world.rest()
    assert sorted(body["title"] for body in world.stores["south"].bodies()) == ["one", "two"]


def test_a_clock_that_was_set_back_hides_no_sleep(world: Any) -> None:
    awake = [0.0]
    world.exchange = replace(world.exchange, monotonic=lambda: awake[0])
    for title in ("one", "two"):
        world.stores["north"].create({"title": title, "company": "South"})
    world.exchange.intake("north")
    weak = world.stores["south"].system.abilities.model_copy(update={"unique_key": False})
    world.stores["south"].system = world.stores["south"].system.model_copy(update={"abilities": weak})

    def meanwhile() -> None:
        awake[0] += 500
        world.later(500)
        assert world.exchange.deliver("south").sent == 1
        world.later(-490)  # somebody sets the clock back

    world.between_pushes["south"] = meanwhile
    world.exchange.deliver("south")
    world.later(2000)
    world.rest()
    assert sorted(body["title"] for body in world.stores["south"].bodies()) == ["one", "two"]


def test_a_case_that_cannot_be_said_in_their_words_is_parked_alone(world: Any) -> None:
    world.stores["north"].create({"title": "x" * 61, "company": "South"})
    world.stores["north"].create({"title": "fits", "company": "South"})
    world.rest()
    assert [body["title"] for body in world.stores["south"].bodies()] == ["fits"]
    (waiting,) = world.ledger.parked()
    assert (waiting.subject, waiting.partner) == ("delivery", "south")
    assert "mapping.yaml" in waiting.place
    assert world.kinds().count("parked") == 1
    world.stores["north"].edit("1", {"title": "fits now"})
    world.rest()
    assert world.ledger.parked() == []
    assert [body["title"] for body in world.stores["south"].bodies()] == ["fits", "fits now"]


def test_an_edit_that_cannot_be_said_in_their_words_is_parked_when_it_is_about_to_be_sent(world: Any) -> None:
    world.hand_over()
    world.stores["south"].edit("1", {"title": "y" * 61})
    world.rest()
    (waiting,) = world.ledger.parked()
    assert (waiting.subject, waiting.partner) == ("delivery", "north")
    assert world.only("north")["title"] == "No signal"


def test_the_chain_verifies_and_sees_an_edit(world: Any) -> None:
    world.hand_over()
    assert world.ledger.broken_at() is None
    with world.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entries SET status = 'closed' WHERE seq = 3")
    assert world.ledger.broken_at() is not None
