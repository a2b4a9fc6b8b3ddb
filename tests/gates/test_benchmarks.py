"""What the benchmarks compare is the same work: those by hand give what the lens gives, and all that read and send do
arrive. Nothing is timed here.

The sides of `make bench-wire` run in small, as far as the project's own packages go: aiohttp is none of them.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console

from hub.declarations import read
from mappings import lens as lenses

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
CASES = 400


def benchmark(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"casebridge_benchmark_{name}", BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_mappings_by_hand_give_what_the_lens_gives() -> None:
    cases, by_hand = benchmark("mapping_cases"), benchmark("mapping_by_hand")
    lens = lenses.compile(read(BENCHMARKS / "mapping.yaml").content, partner="benchmark")
    for number, body in enumerate(cases.records(0, CASES)):
        reading = lens.to_case(body)
        assert by_hand.to_case(body) == by_hand.plain_to_case(body) == (reading.values, reading.notes)
        values = cases.changed(number, reading.values)
        patch = lens.to_partner(values, body)
        assert by_hand.to_partner(values, body) == (patch.body, patch.paths)
        assert by_hand.plain_to_partner(values, body) == (patch.body, patch.paths)


def test_each_side_of_the_wire_reads_and_sends_all() -> None:
    command = [sys.executable, str(BENCHMARKS / "wire_rehearsal.py")]
    root = {**os.environ, "PYTHONPATH": str(BENCHMARKS.parents[1])}
    done = subprocess.run(command, env=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "Casebridge, transport: pull, singly, batches",
            "Casebridge, REST: pull, singly, batches",
            "requests: pull, singly, batches",
            "httpx: pull, singly, batches",
            "simple-salesforce: singly, batches",
            "Casebridge, SOAP: pull, singly",
            "zeep: pull, singly",
        ],
    ), done.stderr


def test_the_tables_of_the_wire_fit_and_say_what_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import wire  # type: ignore[import-not-found]  # by its folder, as its command finds it

    slow = wire.Found([0.09], [0.08], [0.72], [1.25])
    monkeypatch.setattr(wire, "measured", lambda at, sides, *more: {one.name: slow for one in sides})
    console = Console(width=120, record=True, quiet=True)
    lines = wire.compared(None, wire.SIDES, 10_000, 3, console)
    assert "| Casebridge, REST | 111,111 | 0.72 | 111,111 | 0.72 | 1.60 | 1.25 |" in lines
    assert "- zeep: at least 0.8 of bare: 0.72, pull at 0 ms (not reached)." in lines
    assert "…" not in console.export_text()


def test_the_rollup_by_hand_counts_what_the_store_of_facts_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    ours, by_hand, made = benchmark("rollup_ours"), benchmark("rollup_duckdb"), benchmark("rollup_cases")
    made.write_parquet(CASES, tmp_path)
    store = ours.loaded(tmp_path, CASES)
    cells, picks = ours.figures(store)
    store.close()
    some = [group for group in by_hand.GROUPS if group.what in ("resolved", "open", "changed", "handover", "refused")]
    numbers = {group.no for group in some}
    chosen = {key: cell for key, cell in cells.items() if key[0] in numbers}
    ours.same((chosen, picks), by_hand.by_duckdb(tmp_path, ours.AS_OF, some))
    assert {key[0] for key in chosen} == numbers
