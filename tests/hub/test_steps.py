"""A status that a partner's own transitions do not reach at once: the steps between are planned, one a carry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import Rejected, Unknown
from hub.declarations import Document
from hub.state import case_id_of
from mappings import lens as lenses

MOVES = {
    "New": ("Open", "Withdrawn", "Refused"), "Open": ("Waiting", "Held", "Solved", "Withdrawn"), "Waiting": ("Open",),
    "Held": ("Open",), "Solved": ("Open", "Closed"), "Closed": ("Open",), "Withdrawn": (), "Refused": (),
}  # fmt: skip
LEASE = 121


def strict(world: Any, name: str, moves: dict[str, tuple[str, ...]] = MOVES) -> None:
    """This company's system refuses other moves, and its mapping says so."""
    partners, store = world.exchange.alliance.partners, world.stores[name]
    store.system = store.system.model_copy(update={"transitions": moves})
    old = partners[name]
    whole = old.mapping.content | {"transitions": {word: list(after) for word, after in moves.items()}}
    document = Document(old.mapping.path, whole, {(): (1, 1)})
    partners[name] = replace(old, lens=lenses.compile(whole, partner=name), mapping=document)


def offered(world: Any, state: str = "New") -> None:
    """A case of North's that South holds; at rest."""
    world.stores["north"].create({"title": "No signal", "state": state, "company": "South"})
    world.rest()


def walked(world: Any, name: str) -> list[str]:
    """The states that this company's record went through, first to last."""
    lines = [line for line in world.stores[name].rows["1"].history if line.field == "state"]
    return [lines[0].old, *(line.new for line in lines)] if lines else [world.only(name)["state"]]


def statuses(world: Any) -> list[str]:
    return [str(line.status) for line in world.ledger.case(case_id_of("north", "1")).status_change_history]


@pytest.mark.parametrize(("giver", "strict_one"), [("south", "north"), ("north", "south")])
def test_a_status_goes_over_the_words_between_and_nobody_else_sees_those(
    world: Any, giver: str, strict_one: str
) -> None:
    offered(world)
    strict(world, strict_one)
    world.stores[giver].edit("1", {"state": "Solved", "reason": "new modem"})
    world.rest()
    assert walked(world, strict_one) == ["New", "Open", "Solved"]
    assert walked(world, giver) == ["New", "Solved"]
    assert world.only(strict_one)["reason"] == "new modem"
    assert statuses(world) == ["acknowledged", "resolved"]
    assert [entry.partner for entry in world.ledger.entries() if entry.kind == "changed"] == [giver]
    assert world.kinds().count("stepped") == 1
    assert (world.ledger.parked(), world.kinds().count("conflict")) == ([], 0)


def test_a_step_is_no_act_of_the_company_and_accepts_nothing(world: Any) -> None:
    """Its system stamps the moment of each move by itself: that stamp is no edit of an agent."""
    offered(world)
    strict(world, "south")
    world.stores["north"].edit("1", {"state": "Solved", "state_changed_at": "2026-02-01T10:00:00+00:00"})
    world.rest()
    assert world.only("south")["state_changed_at"] == "2026-02-01T10:00:00.000000+00:00"
    assert world.only("north")["accountable"] == "North"
    assert "accepted" not in world.kinds()


def test_a_stamp_that_only_their_system_writes_is_no_act_either(world: Any) -> None:
    offered(world)
    partner = world.exchange.alliance.partners["south"]
    rule = {"from": "state_changed_at", "time": "iso", "read_only": True}
    whole = {**partner.mapping.content, "case": {**partner.mapping.content["case"], "statusChangeDate": rule}}
    world.exchange.alliance.partners["south"] = replace(partner, lens=lenses.compile(whole, partner="south"))
    world.stores["north"].edit("1", {"state": "Open", "state_changed_at": "2026-02-01T10:00:00+00:00"})
    world.rest()
    assert world.only("north")["state_changed_at"] == "2026-02-01T10:00:00+00:00"
    assert [entry.partner for entry in world.ledger.entries() if entry.kind == "changed"] == ["north"]
    assert "accepted" not in world.kinds()


def test_what_a_step_did_is_told_apart_from_what_was_delivered(world: Any) -> None:
    offered(world)
    strict(world, "south")
    world.stores["north"].edit("1", {"state": "Solved"})
    world.exchange.intake("north")
    done = world.exchange.deliver("south")
    assert (done.claimed, done.sent, done.stepped, done.delivered, done.retry) == (2, 2, 1, 1, 0)
    (entry,) = [entry for entry in world.ledger.entries() if entry.kind == "stepped"]
    assert (entry.partner, entry.fields) == ("south", ("status",))


def test_only_the_status_goes_before_and_notes_wait_for_the_rest(world: Any) -> None:
    offered(world)
    strict(world, "south")
    world.stores["north"].edit("1", {"state": "Solved", "urgency": "P1"})
    world.stores["north"].note("1", "Ring before six.", "partners")
    seen: list[tuple[Any, ...]] = []
    world.after_push["south"] = lambda: seen.append(stood(world, "south"))
    world.rest()
    assert seen == [("Open", None, 0)]
    assert stood(world, "south") == ("Solved", "P1", 1)


def stood(world: Any, name: str) -> tuple[Any, ...]:
    body = world.only(name)
    return body["state"], body.get("urgency"), len(body["comments"])


@pytest.mark.parametrize("strict_one", ["north", "south"])
def test_a_life_that_ends_between_two_steps_is_gone_on_with(world: Any, strict_one: str) -> None:
    offered(world)
    strict(world, strict_one)
    world.stores["south" if strict_one == "north" else "north"].edit("1", {"state": "Solved"})
    world.exchange.intake("north")
    world.exchange.intake("south")
    world.after_push[strict_one] = died
    with pytest.raises(KeyboardInterrupt):
        world.exchange.deliver(strict_one)
    assert world.only(strict_one)["state"] == "Open"
    world.exchange.intake(strict_one)  # the step is pulled before anybody settled it
    assert statuses(world) == ["acknowledged", "resolved"]
    world.later(LEASE)
    world.rest()
    assert walked(world, strict_one) == ["New", "Open", "Solved"]
    assert statuses(world) == ["acknowledged", "resolved"]
    assert world.ledger.parked() == []


def died() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("applied", [True, False])
def test_a_step_without_an_answer_is_looked_for_before_anything_is_sent(world: Any, applied: bool) -> None:
    offered(world)
    strict(world, "south")
    world.stores["north"].edit("1", {"state": "Solved"})
    world.stores["south"].fail(Unknown("no answer"), on="push", after=applied)
    world.rest()
    world.later(60)
    world.rest()
    assert walked(world, "south") == ["New", "Open", "Solved"]
    assert statuses(world) == ["acknowledged", "resolved"]


@pytest.mark.parametrize("strict_one", ["north", "south"])
def test_an_edit_between_two_steps_is_a_persons_and_is_not_written_over_unseen(world: Any, strict_one: str) -> None:
    """South holds the case, so its word stands where both changed it."""
    other = "south" if strict_one == "north" else "north"
    offered(world)
    strict(world, strict_one)
    world.stores[other].edit("1", {"state": "Solved"})
    world.after_push[strict_one] = lambda: world.stores[strict_one].edit("1", {"state": "Held"})
    world.rest()
    (conflict,) = [entry for entry in world.ledger.entries() if entry.kind == "conflict"]
    assert (conflict.detail["field"], conflict.detail["winner"]) == ("status", "south")
    ends = {
        "south": ("held", ["New", "Open", "Held"]),
        "north": ("resolved", ["New", "Open", "Held", "Open", "Solved"]),
    }
    status, way = ends[strict_one]
    assert (statuses(world)[-1], walked(world, strict_one)) == (status, way)


def test_where_no_way_leads_the_delivery_waits_with_its_place_and_the_others_go_on(world: Any) -> None:
    offered(world)
    strict(world, "south")
    world.stores["south"].edit("1", {"state": "Withdrawn"})
    world.rest()
    world.stores["north"].edit("1", {"state": "Open"})
    world.rest()
    (waiting,) = world.ledger.parked()
    assert (waiting.subject, waiting.partner, waiting.code) == ("delivery", "south", "M223")
    assert waiting.place == "mappings/partners/south/mapping.yaml:1:1"
    assert waiting.message.splitlines()[0] == (
        "M223 transitions.Withdrawn (state): no way leads from 'Withdrawn' to 'Open'."
    )
    assert world.only("south")["state"] == "Withdrawn"
    world.stores["north"].edit("1", {"state": "Withdrawn"})
    world.rest()
    assert world.ledger.parked() == []


def test_a_step_that_they_take_and_do_not_keep_is_put_before_a_person(world: Any) -> None:
    offered(world)
    strict(world, "south")
    world.ignoring["south"] = "state"
    world.stores["north"].edit("1", {"state": "Solved", "urgency": "P1"})
    world.rest()
    assert (world.only("south")["state"], world.only("south")["urgency"]) == ("New", "P1")
    (waiting,) = world.ledger.parked()
    assert (waiting.code, waiting.place) == ("X303", "status")
    assert "still shows 'New'; 'Open' was sent" in waiting.message


def test_the_hub_closes_nothing_in_passing(world: Any) -> None:
    """The way from Solved back to work leads over Closed alone: the hub may not take it."""
    moves = {**MOVES, "Solved": ("Closed",)}
    offered(world, "Open")
    strict(world, "south", moves)
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    world.stores["north"].edit("1", {"state": "Open"})
    world.rest()
    assert [one.code for one in world.ledger.parked()] == ["M223"]
    assert walked(world, "south") == ["Open", "Solved"]


def test_closing_after_a_good_word_goes_over_resolved_and_asks_nobody_to_close(world: Any) -> None:
    offered(world, "Open")
    strict(world, "south")
    world.stores["north"].edit("1", {"state": "Solved", "score": 5})
    world.rest()
    assert walked(world, "south") == ["Open", "Solved", "Closed"]
    assert statuses(world)[-1] == "closed"
    assert "asked_to_close" not in world.kinds()


def test_a_mapping_that_knows_too_many_moves_is_told_by_their_refusal(world: Any) -> None:
    offered(world)
    strict(world, "south")
    strict_system = world.stores["south"].system
    strict(world, "south", {**MOVES, "New": (*MOVES["New"], "Solved")})
    world.stores["south"].system = strict_system
    world.stores["north"].edit("1", {"state": "Solved"})
    world.rest()
    (waiting,) = world.ledger.parked()
    assert (waiting.code, waiting.message.splitlines()[0]) == (
        "C607", "south update state: C607 state does not go from 'New' to 'Solved'."
    )  # fmt: skip


def test_ten_more_rounds_after_the_steps_write_nothing(world: Any) -> None:
    offered(world)
    strict(world, "south")
    world.stores["north"].edit("1", {"state": "Solved"})
    world.rest()
    before = world.written()
    for _ in range(10):
        world.round()
    assert world.written() == before


def refused(act: Callable[[], object]) -> Rejected:
    with pytest.raises(Rejected) as caught:
        act()
    return caught.value


def test_a_memory_company_refuses_an_agents_move_too(world: Any) -> None:
    world.stores["south"].create({"title": "No dial tone"})
    strict(world, "south")
    known: Sequence[str] = refused(lambda: world.stores["south"].edit("1", {"state": "Closed"})).known
    assert tuple(known) == MOVES["New"]
    world.stores["south"].edit("1", {"state": "New", "title": "Nothing moves"})
