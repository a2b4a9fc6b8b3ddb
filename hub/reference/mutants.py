"""The page of the bad designs: what is wrong with each, and which seeds of the simulation break which law with it.

Made from tests/simulation/mutants.yaml, which `make mutants` writes and which is no part of the wheel: without it there
is no such page. Next: `pages.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.declarations import read
from hub.reference.markdown import code, page, table

RECORD = Path(__file__).resolve().parents[2] / "tests" / "simulation" / "mutants.yaml"


def mutants() -> str:
    """The whole page."""
    designs: Mapping[str, Mapping[str, Any]] = read(RECORD).content
    alive = [name for name, one in designs.items() if not one["kills"]]
    return page(
        "Bad designs that the simulation finds out",
        f"{len(designs) - len(alive)} of {len(designs)} designs that lose, double or leak something are found out. "
        "Each is put in place of the hub's own for the length of one drawn history, which then breaks a law that the "
        "hub itself keeps there. A checker that lets one live is blind: `make test` replays every seed, and fails for "
        "one that lives.",
        "`make mutants` looks for the seeds and writes `tests/simulation/mutants.yaml`. From `tests/simulation`, "
        "`python -m simulated.play SEED` tells what happens in one. L1 to L12 are the laws of the exchange.",
        table(("design", "what is wrong with it", "seeds that find it out, and the law"), map(_cells, designs.items())),
    )


def _cells(design: tuple[str, Mapping[str, Any]]) -> tuple[str, str, str]:
    name, told = design
    return code(name), told["wrong"], ", ".join(f"{seed} ({law})" for seed, law in told["kills"].items()) or "lives"
