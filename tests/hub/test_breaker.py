"""A partner that fails is left alone, ever longer, then tried once; when it returns, everything drains in order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import ConnectorError, Refused, Throttled, Unreachable
from hub import breaker
from hub.exchange import Exchange

GONE = Unreachable("no route", code="C102")


class Counted:
    """A connector that counts how often its partner was spoken to, and when."""

    def __init__(self, inner: Any, world: Any, calls: list[float]) -> None:
        self.inner, self.world, self.calls = inner, world, calls

    def __getattr__(self, called: str) -> Any:
        if called in {"pull", "fetch", "find", "find_all", "push"}:
            self.calls.append(self.world.now.timestamp())
        return getattr(self.inner, called)


@pytest.fixture
def calls(world: Any) -> list[float]:
    """When south was spoken to."""
    times: list[float] = []

    def connect(name: str) -> Any:
        return Counted(world.connect(name), world, times) if name == "south" else world.connect(name)

    world.exchange = Exchange(world.ledger, world.exchange.alliance, connect, world.clock)
    return times


def step(world: Any, verb: str = "intake") -> str:
    """One step with south: held, well, or the error's name."""
    try:
        return "held" if getattr(world.exchange, verb)("south").held else "well"
    except ConnectorError as error:
        return type(error).__name__


def health(world: Any) -> Any:
    return next(row for row in world.ledger.partners() if row.name == "south")


@contextmanager
def down(world: Any, error: ConnectorError = GONE) -> Iterator[None]:
    world.stores["south"].fail(error, on="*", times=10**9)
    yield
    world.stores["south"].heal()


def test_after_five_failures_in_a_row_it_is_left_alone_ever_longer_and_tried_once_each_time(
    world: Any, calls: list[float]
) -> None:
    with down(world):
        assert [step(world) for _ in range(6)] == ["Unreachable"] * 5 + ["held"]
        waits = []
        for _ in range(7):
            began = world.now
            waits.append(round((health(world).open_until - began).total_seconds()))
            world.now = health(world).open_until
            assert [step(world), step(world), step(world, "deliver")] == ["Unreachable", "held", "well"]
        assert waits == [30, 60, 120, 240, 480, 900, 900]
    assert len(calls) == 12
    world.now = health(world).open_until
    assert step(world) == "well"
    assert (health(world).failures, health(world).open_until, health(world).error) == (0, None, "")


def test_while_one_step_tries_the_others_wait_and_a_try_that_died_is_made_again(world: Any, calls: list[float]) -> None:
    with down(world, Throttled("slow", after=60)):
        assert step(world) == "Throttled"
    world.later(60)
    with world.ledger.transaction(world.clock()) as tx:
        assert breaker.held(tx, "south", "pull") == ""  # a step that never came back
    assert (step(world, "deliver"), step(world)) == ("held", "held")
    world.later(breaker.PROBE.total_seconds())
    assert step(world) == "well"


def test_a_step_that_had_nothing_to_say_leaves_the_try_to_the_next(world: Any, calls: list[float]) -> None:
    with down(world, Throttled("slow", after=60)):
        step(world)
    world.later(61)
    assert step(world, "deliver") == "well"  # nothing is owed: it spoke to nobody
    assert health(world).failures == 1
    assert step(world) == "well"
    assert health(world).failures == 0


def test_a_refusal_opens_at_once_for_what_was_refused_only(world: Any, calls: list[float]) -> None:
    world.stores["north"].create({"title": "one", "company": "South"})
    world.exchange.intake("north")
    world.stores["south"].fail(Refused("may read only", code="C302"), on="push")
    assert step(world, "deliver") == "Refused"
    assert (step(world, "deliver"), step(world, "intake")) == ("held", "well")
    assert "may read only" in world.exchange.deliver("south").held
    world.later(31)
    assert step(world, "deliver") == "well"
    assert world.only("south")["title"] == "one"


def test_when_reading_and_writing_both_fail_either_one_that_works_is_enough(world: Any, calls: list[float]) -> None:
    world.stores["north"].create({"title": "one", "company": "South"})
    world.exchange.intake("north")
    with down(world, Refused("no", code="C301")):
        assert (step(world, "intake"), step(world, "deliver")) == ("Refused", "Refused")
        assert (step(world, "intake"), step(world, "deliver")) == ("held", "held")
    world.later(900)
    assert (step(world, "intake"), step(world, "deliver")) == ("well", "well")


@pytest.mark.parametrize(
    ("after", "waited"), [(42.0, 42), (0.0, 1), (-5.0, 1), (float("nan"), 1), (1e9, 3600), (float("inf"), 3600)]
)
def test_a_wait_that_they_ask_for_is_kept_by_reading_and_writing_up_to_an_hour(
    world: Any, calls: list[float], after: float, waited: float
) -> None:
    with down(world, Throttled("slow", after=after)), pytest.raises(Throttled) as caught:
        world.exchange.intake("south")
    assert caught.value.held_until == health(world).open_until
    began = calls[-1]
    while len(calls) == 1:
        world.later(waited / 20)
        step(world, "deliver")
        step(world)
    assert waited <= calls[-1] - began <= waited * 1.2


def test_a_quota_that_is_used_up_is_asked_about_once_in_a_quarter_of_an_hour(world: Any, calls: list[float]) -> None:
    world.stores["north"].create({"title": "one", "company": "South"})
    world.exchange.intake("north")
    with down(world, Throttled("REQUEST_LIMIT_EXCEEDED", after=900)):
        ends = world.now + timedelta(hours=6)
        while world.now < ends:
            step(world)
            step(world, "deliver")
            world.later(30)
    assert min(after - before for before, after in itertools.pairwise(calls)) >= 900
    assert 20 <= len(calls) <= 25


def test_a_person_lets_it_go_on_at_once(world: Any, calls: list[float]) -> None:
    with down(world, Refused("password changed", code="C301")):
        step(world)
    assert step(world) == "held"
    with world.ledger.transaction(world.clock()) as tx:
        assert breaker.close(tx, "south")
        assert not breaker.close(tx, "south")
    assert step(world) == "well"


def test_a_partner_that_was_down_for_three_days_drains_in_order_and_once(world: Any) -> None:
    north, south = world.stores["north"], world.stores["south"]
    many = 500 if world.ledger.engine.dialect.name == "sqlite" else 40
    native_ids = [north.create({"title": f"{n}", "company": "South"}) for n in range(many)]
    world.rest()
    order: dict[str, list[int]] = {}
    edited = south.edit

    def edit(native_id: str, fields: Any, *, by: str = "agent") -> None:
        if "urgency" in fields and by == "casebridge":
            order.setdefault(native_id, []).append(int(str(fields["urgency"])[1]))
        edited(native_id, fields, by=by)

    south.edit = edit
    failures = 0
    with down(world):
        for hour in range(72):
            if hour % 24 == 0:
                for native_id in native_ids:
                    north.edit(native_id, {"urgency": f"P{hour // 24 + 1}", "details": f"day {hour // 24}"})
            for name in ("north", "south"):
                for verb in ("intake", "deliver"):
                    try:
                        getattr(world.exchange, verb)(name)
                    except Unreachable:
                        failures += 1
            world.later(3600)
    assert failures <= 2 * 72
    assert order == {}
    world.later(900)
    world.rest()
    world.later(600)
    world.rest()
    assert order == {str(body["id"]): [3] for body in south.bodies()}, "the newest version, once"
    assert len(order) == many
    assert {body["details"] for body in south.bodies()} == {"day 2"}
    assert world.ledger.deliveries(("owed", "unknown", "claimed", "parked")) == []
    versions: dict[str, list[int]] = {}
    for entry in world.ledger.entries():
        if entry.kind == "delivered" and entry.partner == "south":
            versions.setdefault(entry.case_id, []).append(int(entry.detail["version"]))
    assert all(told == sorted(told) for told in versions.values())
    before = world.written()
    world.round()
    assert world.written() == before
