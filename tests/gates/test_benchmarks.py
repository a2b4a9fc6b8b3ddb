"""What the benchmarks compare is the same work: those by hand give what the lens gives. Nothing is timed here."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

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
