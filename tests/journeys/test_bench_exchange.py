"""What `make bench-exchange` says of the hub, in small: the least calls, nothing twice after a kill. Nothing is timed.

The hub is a process of its own over the real REST connector, with a real ledger, before the benchmark's own server.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _runs() -> ModuleType:
    """The benchmark's module, by its place."""
    name = "casebridge_benchmark_exchange_runs"
    place = Path(__file__).parents[1] / "benchmarks" / "exchange_runs.py"
    spec = importlib.util.spec_from_file_location(name, place)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


runs = _runs()
CASES = 300
pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def at() -> Iterator[Any]:
    with runs.server() as started:
        yield started


@pytest.fixture
def postgres_of(side: Any, request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("postgres") if side.postgres else ""


@pytest.mark.parametrize(("side", "way"), list(zip((runs.SQLITE, runs.POSTGRES), runs.WAYS, strict=True)))
def test_calls_are_the_least_that_there_can_be(at: Any, side: Any, way: str, postgres_of: str) -> None:
    at.ask("reset", cases=CASES)
    with runs.place(side, way, postgres_of) as one:
        for changed, pages, creates in ((0, 3, CASES), (0, 1, 0), (3, 1, 0)):
            at.ask("change", count=changed) if changed else None
            told = one.run(at)
            runs.right(told, CASES, side.name)
            runs.least(told, way, pages=pages, creates=creates, updates=changed)


@pytest.mark.parametrize(("side", "unique"), [(runs.SQLITE, False), (runs.POSTGRES, True)])
def test_killed_at_half_nothing_is_doubled_and_nothing_that_arrived_is_sent_again(
    at: Any, side: Any, unique: bool, postgres_of: str
) -> None:
    way = "batches" if unique else "singly"
    half = 200 if unique else CASES // 2
    at.ask("reset", cases=CASES, unique=unique, stop_at=half)
    with runs.place(side, way, postgres_of, lease=2.0) as one:
        told = one.killed(at, half)
    assert told["arrived"] >= half
    runs.right(told, CASES, side.name)
    assert told["sent_again"] == 0
