"""The pace before a wire: no more than the purse gives, whoever asks, and what was not called goes back."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from connectors.base import System
from connectors.declared import FirstContact, Quota, Rate
from connectors.errors import Throttled
from connectors.pacing import Grant, Pace
from connectors.salesforce_system import SalesforceSystem


class Purse:
    """Gives what a test wrote down, then nothing."""

    def __init__(self, grants: Sequence[Grant]) -> None:
        self.grants = list(grants)
        self.returned = 0

    def take(self) -> Grant:
        return self.grants.pop(0) if self.grants else Grant(0, 60.0, "C202", "the share is used up.")

    def give_back(self, calls: int) -> None:
        self.returned += calls


def test_calls_are_taken_some_at_a_time_and_the_rest_goes_back_once() -> None:
    purse = Purse([Grant(3), Grant(3)])
    pace = Pace(purse, sleep=lambda _: None)
    for _ in range(4):
        pace("acme list")
    pace.rest()
    pace.rest()
    assert purse.returned == 2


def test_a_short_wait_is_waited_for_and_a_long_one_is_told() -> None:
    naps: list[float] = []
    pace = Pace(Purse([Grant(0, 2.5), Grant(1)]), sleep=naps.append)
    pace("acme list")
    with pytest.raises(Throttled, match="acme list: C202 the share is used up") as caught:
        pace("acme list")
    assert (naps, caught.value.after, caught.value.code) == ([2.5], 60.0, "C202")


def test_many_threads_call_no_more_than_was_given() -> None:
    pace = Pace(Purse([Grant(7)] * 3), sleep=lambda _: None)

    def call(_: int) -> bool:
        try:
            pace("acme list")
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, range(100))) == 21


def test_what_bounds_the_calls_is_declared_with_its_bounds() -> None:
    told = {"name": "acme", "title": "Acme", "kind": "rest", "connection": "acme"}
    assert System(**told, rate=Rate(calls=2.5), quota=Quota(calls=15_000)).quota == Quota(calls=15_000, share=0.8)
    with pytest.raises(ValidationError, match=r"less than or equal to 0\.9"):
        Quota(calls=1, share=0.95)
    with pytest.raises(ValidationError, match=r"quota\.calls: say how many calls a window has"):
        System(**told, quota=Quota(share=0.5))
    assert SalesforceSystem(**{**told, "kind": "salesforce"}, fields=("Subject",)).quota.share == 0.8


def test_a_first_contact_begins_on_a_day_or_at_a_time() -> None:
    new_year = datetime(2026, 1, 1, tzinfo=UTC)
    for written in ("2026-01-01", "2026-01-01T00:00:00", "2026-01-01T05:00:00+05:00", new_year.date(), new_year):
        assert FirstContact.model_validate({"cut_off": written}).cut_off == new_year
    assert FirstContact().guard == 50
    for guard in (-1, "off", None):
        with pytest.raises(ValidationError, match="guard"):
            FirstContact.model_validate({"guard": guard})
