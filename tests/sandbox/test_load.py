"""The plan of a day's load, and how long cases took by the companies' own stamps."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.companies import brightnet_words, northcable, telvoz
from sandbox.companies.store import Store
from sandbox.load.crossings import Crossings, crossings
from sandbox.load.plan import ROUTES, Opening, openings, phases

WORDS = {"northcable": northcable.VOCABULARY, "telvoz": telvoz.VOCABULARY, "brightnet": brightnet_words.BRIGHTNET}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_fifty_thousand_a_day_and_ten_times_that_in_the_burst() -> None:
    planned = list(openings(phases(86_400, 60)))
    assert Counter(one.phase for one in planned) == {"steady": 50_000, "burst": 347, "after": 50_000}
    assert all(one.at <= two.at for one, two in pairwise(planned))
    assert {(one.giver, one.receiver) for one in planned} == {route[:2] for route in ROUTES}
    assert len({one.reference for one in planned}) == len(planned)


def test_what_the_stores_say_is_counted_by_phase(tmp_path: Path) -> None:
    times = iter([NOON, NOON + timedelta(seconds=1), NOON + timedelta(seconds=4.5), NOON + timedelta(seconds=9)])
    stores = {name: Store(tmp_path / name / f"{name}.db", words, lambda: next(times)) for name, words in WORDS.items()}
    stores["northcable"].create({"title": "a", "reference": "burst-0"}, by="agent")
    stores["northcable"].create({"title": "b", "reference": "burst-1"}, by="agent")
    for _ in range(2):
        stores["telvoz"].create({"asunto": "a", "referencia": "burst-0"}, by="casebridge")
    for store in stores.values():
        store.close()
    opened = [Opening(0, "burst", f"burst-{n}", "northcable", "telvoz", {}) for n in range(2)]
    assert crossings(tmp_path, opened) == [Crossings("burst", 2, [4.5], 1)]


@pytest.mark.parametrize(("part", "seconds"), [(0.5, 10.0), (0.95, 19.0), (1, 20.0)])
def test_a_share_is_the_seconds_within_which_so_many_arrived(part: float, seconds: float) -> None:
    assert Crossings("burst", 20, [float(n) for n in range(1, 21)], 0).share(part) == seconds
