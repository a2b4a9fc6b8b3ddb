"""A partner's rate and our share of its quota hold for all processes together, and across them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import System
from connectors.declared import Quota, Rate
from connectors.errors import Throttled
from connectors.memory import Memory
from connectors.pacing import Pace
from hub.allowance import LedgerPurse
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.settings import Settings

START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Clock:
    """A drawn clock; who sleeps moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def system(**limits: Any) -> System:
    return System(name="south", title="South", kind="rest", connection="south", **limits)


def calls_until_told(pace: Pace, most: int = 10_000) -> int:
    for number in range(most):
        try:
            pace("south list")
        except Throttled:
            return number
    return most


def test_our_share_of_a_quota_is_never_passed_and_comes_back_when_the_window_turns(ledger: Ledger) -> None:
    clock, limits = Clock(), system(quota=Quota(calls=50, per=86_400, share=0.8))
    paces = [Pace(LedgerPurse(ledger, limits, clock), clock.sleep) for _ in range(3)]  # three processes
    made = 0
    for pace in paces:
        made += calls_until_told(pace, 15)
        pace.rest()
    clock.sleep(3600)
    assert made == 40
    with pytest.raises(Throttled) as caught:
        paces[0]("south list")
    assert caught.value.after == 86_400 - 3600
    assert str(caught.value) == (
        "south list: C202 our share of South's quota is used up: 40 of 40 calls. "
        "The window turns at 2026-03-02 00:00:00 UTC."
    )
    clock.now = START + timedelta(days=1)
    assert calls_until_told(paces[1]) == 40


def test_what_was_taken_and_not_called_is_there_for_the_next_process(ledger: Ledger) -> None:
    clock, limits = Clock(), system(quota=Quota(calls=10, share=0.5))
    for _ in range(5):
        pace = Pace(LedgerPurse(ledger, limits, clock), clock.sleep)
        pace("south list")
        pace.rest()
    with pytest.raises(Throttled):
        Pace(LedgerPurse(ledger, limits, clock), clock.sleep)("south list")


def test_a_process_that_is_killed_has_counted_too_many_never_too_few(ledger: Ledger) -> None:
    clock, limits = Clock(), system(quota=Quota(calls=30, share=0.9))
    made = 0
    for _ in range(10):
        try:
            Pace(LedgerPurse(ledger, limits, clock), clock.sleep)("south list")
            made += 1
        except Throttled:
            break
    assert made == 3


def test_a_bucket_lets_a_burst_through_and_then_its_rate(ledger: Ledger) -> None:
    clock, limits = Clock(), system(rate=Rate(calls=2, burst=6))
    paces = [Pace(LedgerPurse(ledger, limits, clock), clock.sleep) for _ in range(2)]
    for number in range(6):
        paces[number % 2]("south list")
        paces[number % 2].rest()
    assert clock.now == START
    times = []
    for number in range(20):
        paces[number % 2]("south list")
        paces[number % 2].rest()
        times.append((clock.now - START).total_seconds())
    assert times == pytest.approx([(number + 1) / 2 for number in range(20)], abs=0.01)
    clock.sleep(3600)
    before = clock.now
    assert [paces[0]("south list") for _ in range(6)] == [None] * 6
    assert clock.now == before


def test_a_rate_so_low_that_a_step_would_stand_still_ends_it_with_the_time(ledger: Ledger) -> None:
    clock = Clock()
    pace = Pace(LedgerPurse(ledger, system(rate=Rate(calls=0.01, burst=1)), clock), clock.sleep)
    pace("south list")
    with pytest.raises(Throttled, match=r"south list: C201 more than 0\.01 calls a second were to be made") as caught:
        pace("south list")
    assert caught.value.after == pytest.approx(100)


def test_threads_of_one_step_share_the_purse_on_a_ledger_of_a_file(tmp_path: Path) -> None:
    ledger = Ledger.open(Settings.from_environment({"CASEBRIDGE_HOME": str(tmp_path)}))
    clock, limits = Clock(), system(quota=Quota(calls=100, share=0.5))
    pace = Pace(LedgerPurse(ledger, limits, clock), clock.sleep)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: calls_until_told(pace, 10), range(8))) == 50
    ledger.engine.dispose()


def test_a_step_stops_before_the_call_that_would_pass_the_share_and_goes_on_when_the_window_turns(world: Any) -> None:
    limits = world.system("south").model_copy(update={"quota": Quota(calls=10, per=3600, share=0.9)})
    store, paces = world.stores["south"], {}
    made: list[datetime] = []

    def connect(name: str) -> Any:
        if name != "south":
            return world.connect(name)
        pace = paces["south"] = Pace(LedgerPurse(world.ledger, limits, lambda: world.now), world.later)

        def counted(where: str) -> None:
            pace(where)
            made.append(world.now)

        return Memory(
            limits, store.credentials(), clock=world.clock, sleep=world.later, monotonic=world.now.timestamp,
            before=counted,
        )  # fmt: skip

    world.exchange = Exchange(
        world.ledger,
        world.exchange.alliance,
        connect,
        world.clock,
        rest=lambda name: name in paces and paces[name].rest(),
    )
    for number in range(20):
        world.stores["north"].create({"title": f"{number}", "company": "South"})
    world.exchange.intake("north")
    refused: list[str] = []
    for _ in range(24 * 6):
        try:
            world.exchange.deliver("south")
            world.exchange.intake("south")
        except Throttled as error:
            refused.append(error.code)
        world.later(600)
    assert len(store.bodies()) == 20
    assert set(refused) == {"C202"}
    windows: list[list[datetime]] = []
    for moment in made:
        if not windows or moment >= windows[-1][0] + timedelta(hours=1):
            windows.append([])
        windows[-1].append(moment)
    assert max(map(len, windows)) == 9
