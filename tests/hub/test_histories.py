"""What partners' own histories tell: each change once, in its order, whenever it was polled; nothing that is ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import Refused, Unreachable
from hub.entries import Entry
from hub.facts import facts_of
from hub.periods import Period
from hub.rollup import Scope, rollup
from hub.state import case_id_of
from hub.story import by_case
from hub.timeline import stretches

CASE = case_id_of("north", "1")
FIELDS = {
    "state": ("Open", "Waiting", "Held", "Solved"),
    "urgency": ("P1", "P2", "P3"),
    "title": ("No signal", "No picture"),
    "colour": ("red", "green"),
}
edits = st.sampled_from(list(FIELDS)).flatmap(lambda one: st.tuples(st.just(one), st.sampled_from(FIELDS[one])))
acts = st.lists(st.one_of(edits, st.sampled_from(["poll", "push", "wait"])), min_size=2, max_size=14)


def journaled(world: Any) -> list[Entry]:
    return [entry for entry in world.ledger.entries() if entry.kind == "journaled"]


def moves(world: Any) -> list[tuple[str, str]]:
    """Statuses before and after, as the history told them."""
    told = [entry.detail["status"] for entry in journaled(world) if "status" in entry.fields]
    return [(one["before"], one["after"]) for one in told]


def figure(world: Any, key: str, company: str = "") -> int | float | None:
    found = rollup(list(world.ledger.entries()), Period.parse("all"), ("north", "south", "east"))
    return found.row(key, Scope("company", company) if company else Scope("whole")).value


def test_what_comes_and_goes_between_two_polls_is_seen(world: Any) -> None:
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "Open"})
    world.rest()
    for word in ("Solved", "Open", "Solved"):
        world.later(60)
        north.edit(native_id, {"state": word})
    world.rest()
    assert moves(world) == [
        ("inProgress", "resolved"), ("resolved", "inProgress"), ("inProgress", "resolved"),
    ]  # fmt: skip
    assert world.ledger.case(CASE).status == "resolved"
    assert (figure(world, "reopened"), figure(world, "reopened", "north")) == (1, 1)
    assert figure(world, "changes", "north") == 4
    history = north.rows[native_id].history
    assert [entry.business_at for entry in journaled(world)] == [
        one.changed_at for one in history if one.field == "state"
    ]


def test_the_past_stands_before_the_record_that_it_led_to(world: Any) -> None:
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "Open"})
    world.rest()
    north.edit(native_id, {"state": "Solved"})
    north.edit(native_id, {"state": "Waiting"})
    world.exchange.intake("north")
    told = [(entry.kind, entry.status) for entry in world.ledger.entries(case_id=CASE)]
    assert told[-3:] == [("journaled", "resolved"), ("journaled", "pending"), ("changed", "pending")]


def test_a_case_that_is_first_seen_late_opens_as_it_was_then(world: Any) -> None:
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "Open"})
    created = north.rows[native_id].changed_at
    for word in ("Solved", "Open", "Solved"):
        world.later(3600)
        north.edit(native_id, {"state": word})
    world.rest()
    story = list(world.ledger.entries(case_id=CASE))
    assert (story[0].kind, story[0].status, story[0].business_at) == ("opened", "inProgress", created)
    assert [entry.status for entry in story if entry.kind == "journaled"] == ["resolved", "inProgress", "resolved"]
    assert figure(world, "time_to_resolve_median") == pytest.approx(3600, abs=1)
    assert figure(world, "reopened") == 1
    assert [row.what for row in stretches(story)] == ["work", "feedback", "work", "feedback"]


def test_what_we_wrote_is_no_change_of_theirs(world: Any) -> None:
    world.hand_over(state="Open")
    world.stores["north"].edit("1", {"state": "Solved"})
    world.rest()
    south = world.stores["south"].rows["1"].history
    assert ("casebridge", "state") in {(line.author, line.field) for line in south}
    assert {entry.partner for entry in journaled(world)} == {"north"}


def test_the_others_change_is_counted_once_though_it_stands_in_every_history(world: Any) -> None:
    world.hand_over(state="Open")
    south = world.stores["south"]
    for word in ("Solved", "Open", "Solved"):
        south.edit("1", {"state": word})
    world.rest()
    assert moves(world) == [("inProgress", "resolved"), ("resolved", "inProgress"), ("inProgress", "resolved")]
    assert {entry.partner for entry in journaled(world) if "status" in entry.fields} == {"south"}
    assert [fact.company for fact in facts_of(by_case(world.ledger.entries())[CASE]) if fact.what == "reopened"] == [
        "south"
    ]


def test_a_field_that_is_not_mapped_or_not_shared_leaves_nothing_in_the_ledger(world: Any) -> None:
    world.hand_over(state="Open")
    south = world.stores["south"]
    south.edit("1", {"colour": "secret blue"})  # no line of the mapping
    south.edit("1", {"cost": "12.50"})  # mapped, and no edge shares it
    south.edit("1", {"urgency": "P1"})
    world.rest()
    told = [entry for entry in journaled(world) if entry.partner == "south"]
    assert [entry.fields for entry in told] == [("priority",)]
    bodies = [world.ledger.body_of(CASE, "journaled", {"change": entry.detail["change"]}) for entry in told]
    assert bodies == [{"by": "agent", "field": "urgency", "priority": {"old": "high", "new": "critical"}}]


def test_values_and_who_it_was_are_sealed_and_the_envelope_names_nobody(world: Any) -> None:
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "Open", "customer": {"name": "Ann Lee"}})
    world.rest()
    north.edit(native_id, {"customer.name": "Ann Leigh"}, by="Margaret Price")
    world.rest()
    (entry,) = journaled(world)
    assert entry.fields == ("relatedParty.customer.name",)
    assert dict(entry.detail) == {"change": entry.detail["change"]}
    assert world.ledger.body_of(CASE, "journaled", {}) == {
        "by": "Margaret Price",
        "field": "customer.name",
        "relatedParty.customer.name": {"old": "Ann Lee", "new": "Ann Leigh"},
    }


def test_a_past_word_that_nobody_knows_is_kept_as_such_and_stops_nothing(world: Any) -> None:
    north = world.stores["north"]
    north.system = north.system.model_copy(update={"picklists": {}})
    native_id = north.create({"title": "No signal", "state": "Open"})
    world.rest()
    north.edit(native_id, {"state": "Escalated to the moon"})
    north.edit(native_id, {"state": "Solved"})
    world.rest()
    assert world.ledger.case(CASE).status == "resolved"
    assert world.ledger.parked() == []
    told = journaled(world)
    assert [(entry.detail.get("unread"), entry.status) for entry in told] == [("M201", None), ("M201", None)]
    assert (
        world.ledger.body_of(CASE, "journaled", {"change": told[0].detail["change"]})["new"] == "Escalated to the moon"
    )


def test_what_changes_between_the_record_and_its_history_waits_for_the_next_reading(world: Any) -> None:
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "Open"})
    world.rest()
    north.edit(native_id, {"state": "Solved"})
    asked = world.connect("north")

    class Late:
        system = asked.system

        def __getattr__(self, name: str) -> Any:
            return getattr(asked, name)

        def histories(self, native_ids: Any) -> Any:
            north.edit(native_id, {"state": "Open"})
            Late.histories = lambda self, ids: asked.histories(ids)  # type: ignore[method-assign]
            return asked.histories(native_ids)

    world.exchange.kept["north"] = Late()
    world.exchange.intake("north")
    assert moves(world) == [("inProgress", "resolved")]
    world.exchange.intake("north")
    assert moves(world) == [("inProgress", "resolved"), ("resolved", "inProgress")]
    assert world.ledger.case(CASE).status == "inProgress"
    assert figure(world, "reopened") == 1


@pytest.mark.parametrize("error", [Unreachable("no route"), Refused("not permitted", code="C302")])
def test_a_history_that_cannot_be_read_loses_nothing(world: Any, error: Exception) -> None:
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "Open"})
    world.rest()
    north.edit(native_id, {"state": "Solved"})
    north.edit(native_id, {"state": "Open"})
    north.fail(error, on="history")
    with pytest.raises(type(error)):
        world.exchange.intake("north")
    world.later(1000)
    world.rest()
    assert moves(world) == [("inProgress", "resolved"), ("resolved", "inProgress")]


def test_a_partner_without_a_history_is_never_asked_for_one(world: Any) -> None:
    north = world.stores["north"]
    weak = north.system.abilities.model_copy(update={"change_history": False})
    north.system = north.system.model_copy(update={"abilities": weak})
    north.fail(Refused("it has none", code="C304"), on="history", times=99)
    native_id = north.create({"title": "No signal", "state": "Open"})
    world.rest()
    north.edit(native_id, {"state": "Solved"})
    north.edit(native_id, {"state": "Open"})
    world.rest()
    assert journaled(world) == []


def test_what_a_history_tells_after_the_record_was_the_answer_to_our_write_counts_as_if_it_had_come_with_it(
    world: Any,
) -> None:
    """South writes on no condition: what its people did after our reading and before our write comes back with that."""
    world.hand_over(state="Open")
    south = world.stores["south"]
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.exchange.intake("north")

    def people() -> None:
        for word in ("Solved", "Open", "Solved"):
            world.later(60)
            south.edit("1", {"state": word})

    memory = world.connect("south")

    class Busy:
        system = memory.system

        def __getattr__(self, name: str) -> Any:
            return getattr(memory, name)

        def push(self, changes: Any) -> Any:
            people()
            Busy.push = lambda self, ours: memory.push(ours)  # type: ignore[method-assign]
            return memory.push(changes)

    world.exchange.kept["south"] = Busy()
    world.exchange.deliver("south")
    assert world.ledger.case(CASE).status == "resolved", "seen in the answer, without its history"
    assert moves(world) == []
    world.rest()
    assert moves(world) == [("inProgress", "resolved"), ("resolved", "inProgress"), ("inProgress", "resolved")]
    story = list(world.ledger.entries(case_id=CASE))
    first = next(entry for entry in story if entry.kind == "journaled" and "status" in entry.fields)
    resolved = [fact for fact in facts_of(story) if fact.what == "resolved"]
    assert resolved[0].at == first.business_at
    assert len(resolved) == 2
    assert figure(world, "reopened") == 1
    assert [row.what for row in stretches(story)].count("feedback") == 2
    assert [fact.company for fact in facts_of(story) if fact.what == "changed"].count("south") == 3


def play(world: Any, done: list[Any], *, polls: bool) -> None:
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "New"})
    world.rest()
    for act in done:
        world.later(1)
        if act == "poll" and polls:
            world.exchange.intake("north")
        elif act == "push" and polls:
            world.exchange.deliver("north")
        elif not isinstance(act, str) and north.body(native_id).get(act[0]) != act[1]:
            north.edit(native_id, dict([act]))  # a saving without a change leaves no line
    world.rest()


def told(world: Any) -> list[tuple[Any, ...]]:
    keep = ("change", "status", "unread")
    return [
        (entry.native_id, entry.fields, entry.status, {key: entry.detail.get(key) for key in keep})
        for entry in journaled(world)
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts)
def test_whenever_it_is_polled_the_same_is_told(new_world: Callable[[], Any], done: list[Any]) -> None:
    """The law: any sequence of changes polled at any points gives the entries of one poll at the end."""
    often, once = new_world(), new_world()
    play(often, done, polls=True)
    play(once, done, polls=False)
    assert told(often) == told(once)
    changes = [entry.detail["change"] for entry in journaled(often)]
    assert len(set(changes)) == len(changes)
    lines = often.stores["north"].rows["1"].history
    assert changes == [line.line_id for line in lines if line.field in ("state", "urgency", "title")]
    if not any(act[0] == "colour" for act in done if not isinstance(act, str)):  # of which no line of the mapping knows
        assert figure(often, "changes") == figure(once, "changes")
    for key in ("reopened", "resolved", "time_to_resolve_median"):
        assert figure(often, key) == pytest.approx(figure(once, key), abs=1), key


def test_a_history_that_is_told_from_some_day_on_tells_how_the_case_began(world: Any) -> None:
    north = world.stores["north"]
    able = north.system
    weak = able.abilities.model_copy(update={"change_history": False})
    north.system = able.model_copy(update={"abilities": weak})
    native_id = north.create({"title": "No signal", "state": "Open"})
    for word in ("Solved", "Open", "Solved"):
        world.later(60)
        north.edit(native_id, {"state": word})
    world.rest()
    assert journaled(world) == []
    assert figure(world, "reopened") == 0
    north.system = able
    world.exchange.close()
    north.edit(native_id, {"urgency": "P1"})
    world.rest()
    assert moves(world) == [("inProgress", "resolved"), ("resolved", "inProgress"), ("inProgress", "resolved")]
    assert (figure(world, "reopened"), figure(world, "resolved")) == (1, 1)
    whole = [row.what for row in stretches(list(world.ledger.entries(case_id=CASE)))]
    assert whole.count("feedback") == 2
