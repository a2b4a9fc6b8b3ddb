"""The exchange in a simulated world: hundreds of histories hold every law, and each bad design is found out.

What a history is made of stands in `simulated/`. A seed that fails here is told by `python -m simulated.play SEED`, run
from this folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulated.both import differing, unsynced
from simulated.mutants import MUTANTS, living, said
from simulated.play import DEFECT, played
from simulated.scenario import STRICT, scenario
from simulated.scratch import Watched, scratch

SEEDS = 300
CHUNK = 50
STRICT_ONES = 100
BROKEN = (6307,)
"""Beyond these: agents of a record that is not there any more were to be told without end."""
TWICE = 10
BOTH = 15
RECORDED = YAML(typ="safe").load(Path(__file__).with_name("mutants.yaml").read_text())


@pytest.fixture(scope="module")
def bare() -> Iterator[Watched]:
    """A ledger to play on, emptied for each seed."""
    ledger = scratch()
    yield ledger
    ledger.dispose()


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_whatever_happens_the_laws_hold(bare: Watched, first: int) -> None:
    for seed in range(first, first + CHUNK):
        outcome = played(scenario(seed), bare)
        assert outcome.broken is None, f"seed {seed}: {outcome.broken}"


def test_the_laws_hold_where_edges_say_what_accepts_and_refuses_a_case(bare: Watched) -> None:
    for seed in range(STRICT, STRICT + STRICT_ONES):
        outcome = played(scenario(seed), bare)
        assert outcome.broken is None, f"seed {seed}: {outcome.broken}"


@pytest.mark.parametrize("seed", BROKEN)
def test_what_once_broke_a_law_holds(bare: Watched, seed: int) -> None:
    assert played(scenario(seed), bare).broken is None


def test_the_same_seed_gives_the_same_story(bare: Watched) -> None:
    for seed in range(TWICE):
        once, twice = played(scenario(seed), bare), played(scenario(seed), bare)
        assert (once.fingerprint, once.head) == (twice.fingerprint, twice.head), seed


@pytest.mark.parametrize("first", range(0, BOTH, BOTH))
def test_the_same_seed_ends_the_same_on_postgresql(bare: Watched, new_database: Callable[[], str], first: int) -> None:
    other = scratch(unsynced(new_database()))
    differ = list(differing(range(first, first + BOTH), bare, other))
    other.dispose()
    assert not differ, "\n".join(differ)


def test_every_fault_happens(bare: Watched) -> None:
    counts: dict[str, int] = {}
    for seed in range(30):
        for fault, times in played(scenario(seed), bare).counts.items():
            counts[fault] = counts.get(fault, 0) + times
    assert set(counts) >= set(scenario(0).rates), counts


def test_what_is_recorded_of_each_bad_design_is_what_it_says() -> None:
    assert {name: told["wrong"] for name, told in RECORDED.items()} == {name: said(name) for name in MUTANTS}


ALIVE = {"lease_without_fence"}
"""One drawn history in ten thousand finds it out, and none that is recorded does now: `make mutants` looks. Until then
tests/hub/test_lanes.py, a worker that froze past its lease, is what holds the fence."""


def test_designs_that_no_recorded_history_finds_out_are_known() -> None:
    assert {name for name, told in RECORDED.items() if not told["kills"]} == ALIVE


@pytest.mark.parametrize("name", sorted(set(MUTANTS) - ALIVE))
def test_a_bad_design_is_found_out(bare: Watched, name: str) -> None:
    with living(name):
        laws = (
            outcome.broken.law for seed in RECORDED[name]["kills"] if (outcome := played(scenario(seed), bare)).broken
        )
        assert any(law != DEFECT for law in laws), f"{name} lives: run `make mutants`"
