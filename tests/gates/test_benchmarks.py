"""What the benchmarks compare is the same work: those by hand give what the lens gives. Nothing is timed here."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

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
