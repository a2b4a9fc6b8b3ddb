"""What waits for a person, and what the person does about it: each act exact, shown first, and told in the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Rejected, Throttled
from hub import breaker, repair
from hub.acting import By, CannotDo
from hub.entries import ParkedRow
from hub.repair_values import values_said

ANN = By("ann", "asked by South")


def waiting(world: Any) -> ParkedRow:
    (row,) = world.ledger.parked()
    return row


def do(world: Any, verb: Any, row: ParkedRow, **values: Any) -> frozenset[str]:
    given = values_said([f"{path}={value}" for path, value in values.items()]) if values else {}
    before = world.written()
    made = repair.plan(world.exchange, verb, row, given)
    assert world.written() == before, "a plan changes nothing"
    return repair.act(world.exchange, made, ANN)


def hand_over(world: Any, **fields: Any) -> None:
    world.stores["north"].create({"title": "No signal", "state": "Open", "company": "South", **fields})
    world.rest()


def refused(world: Any) -> ParkedRow:
    """An edit that South refuses."""
    hand_over(world)
    world.stores["north"].edit("1", {"urgency": "P1", "details": "at home after six"})
    world.exchange.intake("north")
    world.stores["south"].fail(Rejected("urgency is locked", code="C601", where="south urgency"), on="push")
    world.exchange.deliver("south")
    return waiting(world)


def ignored(world: Any) -> ParkedRow:
    """A value that South takes and does not keep."""
    hand_over(world, urgency="P2")
    world.ignoring["south"] = "urgency"
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.rest()
    world.ignoring.clear()
    return waiting(world)


def conflict(world: Any) -> ParkedRow:
    """Two sides that do not hold the case changed one field."""
    hand_over(world)
    world.stores["south"].edit("1", {"company": "East", "state": "Waiting"})
    world.rest()
    world.stores["north"].edit("1", {"title": "north's word"})
    world.stores["south"].edit("1", {"title": "south's word"})
    world.rest()
    return waiting(world)


def told(world: Any, kind: str) -> Any:
    (entry,) = [entry for entry in world.ledger.entries() if entry.kind == kind]
    return entry


def test_a_refused_delivery_is_sent_again(world: Any) -> None:
    row = refused(world)
    assert do(world, "retry", row) == {"south"}
    world.rest()
    assert (world.only("south")["urgency"], world.ledger.parked()) == ("P1", [])
    entry = told(world, "retried")
    assert (entry.partner, entry.case_id) == ("south", row.case_id)
    assert dict(entry.detail) == {
        "who": "ann", "why": "asked by South", "no": row.id, "code": "C601", "what": "delivery",
    }  # fmt: skip
    assert world.ledger.broken_at() is None


def test_a_value_that_was_ignored_is_sent_once_more(world: Any) -> None:
    assert do(world, "retry", ignored(world)) == {"south"}
    world.rest()
    assert world.only("south")["urgency"] == "P1"


def test_what_is_dropped_is_not_sent_until_it_changes_and_the_rest_is(world: Any) -> None:
    row = refused(world)
    assert do(world, "drop", row) == frozenset()
    world.rest()
    assert (world.only("south").get("urgency"), world.only("south").get("details")) == (None, None)
    assert world.ledger.deliveries(("owed", "parked", "claimed", "unknown")) == []
    assert set(told(world, "dropped").fields) == {"priority", "description"}
    before = world.written()
    for _ in range(3):
        world.round()
    assert world.written() == before
    world.stores["north"].edit("1", {"title": "Still no signal"})
    world.rest()
    assert (world.only("south")["title"], world.only("south").get("urgency")) == ("Still no signal", None)
    world.stores["north"].edit("1", {"urgency": "P3"})
    world.rest()
    assert (world.only("south")["urgency"], world.only("south").get("details")) == ("P3", None)


def test_a_note_that_is_dropped_never_crosses_and_the_next_one_does(world: Any) -> None:
    hand_over(world)
    world.stores["north"].note("1", "first", "partners")
    world.exchange.intake("north")
    world.stores["south"].fail(Rejected("no notes today", code="C600", where="south comments"), on="push")
    world.exchange.deliver("south")
    do(world, "drop", waiting(world))
    world.stores["north"].note("1", "second", "partners")
    world.rest()
    (note,) = world.only("south")["comments"]
    assert note["body"].startswith("second")
    assert told(world, "dropped").fields == ("note",)


def test_of_what_cannot_be_said_in_their_words_only_that_is_dropped(world: Any) -> None:
    hand_over(world)
    world.stores["north"].edit("1", {"title": "x" * 61, "urgency": "P1"})
    world.rest()
    row = waiting(world)
    assert world.only("south").get("urgency") is None
    assert do(world, "drop", row) == {"south"}
    world.rest()
    assert (world.only("south")["title"], world.only("south")["urgency"]) == ("No signal", "P1")
    assert told(world, "dropped").fields == ("name",)
    assert world.ledger.parked() == []


def test_a_dropped_create_is_owed_anew_by_the_cases_next_change(world: Any) -> None:
    world.stores["north"].create({"title": "No signal", "company": "South"})
    world.exchange.intake("north")
    world.stores["south"].fail(Rejected("title is taken", code="C600", where="south title"), on="push")
    world.exchange.deliver("south")
    do(world, "drop", waiting(world))
    world.rest()
    assert world.stores["south"].bodies() == []
    (owed,) = [one for one in world.ledger.deliveries() if one.partner == "south"]
    assert (owed.state, owed.code) == ("parked", "dropped")
    assert world.ledger.parked() == []
    world.stores["north"].edit("1", {"title": "No signal, second floor"})
    world.rest()
    assert world.only("south")["title"] == "No signal, second floor"


def test_a_value_set_by_a_person_is_the_hubs_word_everywhere(world: Any) -> None:
    row = conflict(world)
    assert row.code == "X201"
    owed = do(world, "fix", row, name="the right word")
    assert owed == {"north", "south", "east"}
    world.rest()
    assert {world.only(name)["title"] for name in ("north", "south", "east")} == {"the right word"}
    entry = told(world, "fixed")
    assert (entry.fields, entry.detail["who"], entry.detail["no"]) == (("name",), "ann", row.id)
    assert "the right word" not in str(entry.detail)
    assert world.ledger.parked() == []
    world.stores["east"].edit("1", {"title": "a later word"})
    world.rest()
    assert {world.only(name)["title"] for name in ("north", "south", "east")} == {"a later word"}


def test_a_parked_delivery_goes_out_with_the_value_that_a_person_set(world: Any) -> None:
    world.stores["north"].create({"title": "x" * 61, "company": "South"})
    world.rest()
    do(world, "fix", waiting(world), name="short enough")
    world.rest()
    assert (world.only("south")["title"], world.only("north")["title"]) == ("short enough", "short enough")
    assert world.ledger.parked() == []


def test_a_value_that_does_not_fit_their_words_either_waits_again(world: Any) -> None:
    world.stores["north"].create({"title": "x" * 61, "company": "South"})
    world.rest()
    first = waiting(world)
    do(world, "fix", first, name="y" * 61)
    world.rest()
    assert {row.code for row in world.ledger.parked()} == {first.code}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("priority=urgent", "X504 priority=urgent: Input should be 'low', 'medium', 'high' or 'critical'."),
        ("nmae=x", "X504 'nmae' is no path of a case. Did you mean 'name'?"),
        ("status=closed", "X504 status is not set by hand."),
        ("holder=east", "X504 holder is not set by hand."),
        ("feedback.score=5", "X504 feedback.score is not set by hand."),
        ("expectedResolutionDate=tomorrow", "X504 expectedResolutionDate: 'tomorrow' is no time in ISO 8601"),
        ("name", "X504 'name' is no path=value.\n  Fix: such as priority=high."),
    ],
)
def test_a_value_that_cannot_be_set_is_told_by_the_dry_run(world: Any, said: str, why: str) -> None:
    row = refused(world)
    with pytest.raises(CannotDo) as caught:
        repair.plan(world.exchange, "fix", row, values_said([said]))
    assert str(caught.value).startswith(why)


def pigeon(world: Any) -> ParkedRow:
    """A record that no line of the mapping reads."""
    world.stores["north"].create({"title": "bad", "channel": "Carrier pigeon", "company": "South"})
    world.rest()
    return waiting(world)


@pytest.mark.parametrize("verb", ["retry", "fix"])
def test_a_record_is_read_from_its_partner_at_once_and_taken(world: Any, verb: str) -> None:
    row = pigeon(world)
    world.stores["north"].edit("1", {"channel": "Phone"})
    assert do(world, verb, row) == {"north", "south"}
    assert world.ledger.parked() == []
    (case,) = world.ledger.cases()
    assert told(world, {"retry": "retried", "fix": "fixed"}[verb]).case_id == case.id
    world.rest()
    assert world.only("south")["title"] == "bad"


def test_a_record_that_still_does_not_fit_waits_as_a_new_row(world: Any) -> None:
    row = pigeon(world)
    do(world, "retry", row)
    again = waiting(world)
    assert (again.id > row.id, again.subject, again.native_id) == (True, "record", "1")


def test_a_dropped_record_is_taken_at_its_next_change(world: Any) -> None:
    do(world, "drop", pigeon(world))
    before = world.written()
    world.round()
    assert (world.written(), world.ledger.count_cases()) == (before, 0)
    world.stores["north"].edit("1", {"channel": "Phone"})
    world.rest()
    assert world.only("south")["title"] == "bad"


def test_a_record_is_not_read_from_a_partner_that_asked_to_wait(world: Any) -> None:
    row = pigeon(world)
    with world.ledger.transaction(world.clock()) as tx:
        breaker.failed(tx, "north", "pull", Throttled("slow", after=60))
    with pytest.raises(CannotDo, match=rf"X506 {row.id}: nothing is read from north now: north is left alone until"):
        do(world, "retry", row)
    assert waiting(world) == row


def test_a_deleted_record_that_was_restored_belongs_to_its_case_again(world: Any) -> None:
    hand_over(world)
    world.stores["south"].delete("1")
    world.rest()
    row = waiting(world)
    with pytest.raises(CannotDo, match=rf"X506 {row.id}: south's record 1 is still deleted"):
        do(world, "retry", row)
    assert waiting(world) == row
    world.stores["south"].undelete("1")
    do(world, "retry", row)
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.rest()
    assert (world.only("south")["urgency"], world.ledger.parked()) == ("P1", [])


def test_what_an_act_does_not_mean_for_a_thing_is_told_with_what_would(world: Any) -> None:
    world.stores["east"].create({"title": "Slow line", "state": "Open"})
    world.rest()
    world.stores["east"].edit("1", {"company": "North"})
    world.rest()
    row = waiting(world)
    with pytest.raises(CannotDo) as caught:
        repair.plan(world.exchange, "retry", row)
    assert str(caught.value) == (
        f"X506 {row.id}: `retry` means nothing for a transfer: an agent transfers the case again once an edge permits "
        "it.\n  Fix: Let the giver hand it to a company that an edge allows, or add the edge to the agreement. "
        "What can be done here: `drop`."
    )
    do(world, "drop", row)
    assert world.ledger.parked() == []
    assert world.only("east")["company"] == "East"


def test_two_people_do_not_do_it_twice(world: Any) -> None:
    row = refused(world)
    made = repair.plan(world.exchange, "retry", row)
    repair.act(world.exchange, made, ANN)
    with pytest.raises(CannotDo, match=rf"X501 {row.id} waits no longer"):
        repair.act(world.exchange, made, ANN)
    assert world.kinds().count("retried") == 1


def test_what_waits_is_found_by_any_id_of_any_system(world: Any) -> None:
    row = refused(world)
    world.stores["north"].create({"title": "bad", "channel": "Carrier pigeon"})
    world.rest()
    for search in (row.case_id, (row.case_id or "")[:8], "N-1", "S-1", str(row.id)):
        assert [one.id for one in repair.meant(world.ledger, search)] == [row.id]
        assert search == str(row.id) or [one.id for one in repair.waiting(world.ledger, search=search)] == [row.id]
    assert [one.native_id for one in repair.waiting(world.ledger, search="2")] == ["2"]
    assert repair.waiting(world.ledger, code="c601", partner="south") == [row]
    assert repair.waiting(world.ledger, code="C601", partner="north") == []
    with pytest.raises(CannotDo, match="X501 nothing that waits is called 'S-9'"):
        repair.meant(world.ledger, "S-9")


def test_a_poison_record_blocks_its_own_case_only_and_is_repaired(world: Any) -> None:
    for number in range(20):
        world.stores["north"].create({"title": f"case {number}", "company": "South"})
    world.rest()
    poisoned = world.stores["south"].edit

    def edit(native_id: str, fields: Any, *, by: str = "agent") -> None:
        if native_id == "7" and by == "casebridge":
            raise Rejected("this one always fails", code="C600", where="south 7")
        poisoned(native_id, fields, by=by)

    world.stores["south"].edit = edit
    for number in range(20):
        world.stores["north"].edit(str(number + 1), {"urgency": "P1"})
    world.rest()
    assert [body["id"] for body in world.stores["south"].bodies() if body.get("urgency") != "P1"] == [7]
    row = waiting(world)
    assert [one.state for one in world.ledger.deliveries(case_id=row.case_id)][-1] == "parked"
    world.stores["south"].edit = poisoned
    do(world, "retry", row)
    world.rest()
    assert {body["urgency"] for body in world.stores["south"].bodies()} == {"P1"}
