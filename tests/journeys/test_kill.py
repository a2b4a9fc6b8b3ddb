"""kill -9 of the real exchange over real servers behind a failing network, on both databases.

Counted in the companies' own stores. `make kills KILLS=1000` is the long run of the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.faults import FAULTS
from sandbox.kills.answers import LOST, lose_answers
from sandbox.kills.points import POINTS
from sandbox.kills.trial import Trial, trial

pytestmark = pytest.mark.journey
KILLS = 12
RATE = 0.25
CREATES = 30


@pytest.fixture(params=["sqlite", "postgresql"])
def begun(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    url = None
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("new_database")
        url = make()
    with trial(tmp_path, 11, ledger_url=url) as made:
        yield made


def test_wherever_and_whenever_it_is_killed_nothing_is_doubled_and_nothing_is_lost(
    begun: Trial, request: pytest.FixtureRequest
) -> None:
    """Every other named point on each database; then at random, while the network fails."""
    half = POINTS[request.node.callspec.id == "postgresql" :: 2]
    begun.kill_at_points(half)
    assert begun.kills["point"] >= len(half)
    begun.kill_at_random(KILLS, RATE)
    found = begun.settle()
    assert found.breaches == []
    assert set(begun.network.counts) == set(FAULTS)  # a fault that never fires proves nothing
    assert sum(begun.kills.values()) > len(half) + KILLS - 1
    assert (found.doubled, found.lost) == (0, 0)
    assert found.written_over <= 1  # two of the companies take writes on no condition: seldom, an edit meets one


def test_a_create_that_is_applied_and_not_answered_makes_one_record(tmp_path: Path) -> None:
    sent, lost, found = lose_answers(tmp_path, CREATES)
    assert (sent, lost) == (CREATES, CREATES)
    assert found.breaches == []
    assert found.cases == CREATES
    assert len(LOST) == 3
