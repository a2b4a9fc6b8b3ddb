"""One seed, played and judged; and a failing one made short.

    python -m simulated.play 4711          # the story of one seed

Next: `campaign.py` for many.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from simulated.laws import Broken, Verdict
from simulated.scenario import Scenario, scenario
from simulated.scratch import Watched, scratch
from simulated.world import Unrest, World

DEFECT = "defect"
"""Stands for a law where the program failed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one seed. windows: edits that were written over in a window that a company's abilities leave.
    doubled: what may stand twice because a worker slept while it sent it. calls: draws of the weather. head: of the
    ledger in the end, whose digest covers every entry that was written."""

    seed: int
    broken: Broken | None
    fingerprint: str
    windows: int = 0
    doubled: int = 0
    calls: int = 0
    head: tuple[int, str] = (0, "")
    counts: Mapping[str, int] = field(default_factory=dict)
    trace: tuple[str, ...] = ()


def played(history: Scenario, ledger: Watched, *, keep_trace: bool = False) -> Outcome:
    """Play it and judge it."""
    world = World(history, ledger, keep_trace=keep_trace)
    broken: Broken | None
    try:
        world.play()
        broken = Verdict(world).broken()
    except Unrest as error:
        broken = Broken("L4", str(error))
    except Exception as error:  # noqa: BLE001  a defect of the hub is a finding too, with its seed and its story
        broken = Broken(DEFECT, f"{type(error).__name__}: {error}")
    oracle = world.oracle
    return Outcome(
        seed=history.seed,
        broken=broken,
        fingerprint=world.fingerprint(),
        windows=oracle.windows,
        doubled=len(oracle.doubling),
        calls=world.calls,
        head=ledger.head(),
        counts=world.counts,
        trace=tuple(world.trace),
    )


def shortest(history: Scenario, ledger: Watched, law: str) -> Scenario:
    """The fewest acts and faults of this history that still break this law."""

    def breaks(fewer: Scenario) -> bool:
        outcome = played(fewer, ledger)
        return outcome.broken is not None and outcome.broken.law == law

    size = -1
    while size != (size := len(history.acts) + sum(map(bool, history.rates.values()))):
        for fault in history.rates:
            without = replace(history, rates={**history.rates, fault: 0.0})
            history = without if history.rates[fault] and breaks(without) else history
        run = len(history.acts) // 2
        while run:
            start = 0
            while start < len(history.acts):
                fewer = replace(history, acts=history.acts[:start] + history.acts[start + run :])
                if breaks(fewer):
                    history = fewer
                else:
                    start += run
            run //= 2
    return history


def told(history: Scenario, ledger: Watched) -> str:
    """The whole story of a history, the law it broke last."""
    outcome = played(history, ledger, keep_trace=True)
    trace = [line for line in outcome.trace if line.strip()]
    companies = "\n".join(f"  {one}" for one in history.companies)
    faults = ", ".join(f"{name} {rate:g}" for name, rate in history.rates.items() if rate)
    lines = [f"seed {history.seed}, {len(history.acts)} acts", companies, f"  faults: {faults}", *trace]
    return "\n".join([*lines, str(outcome.broken or "all laws hold")])


def main(seed: int) -> int:
    """Tell the shortest story of this seed."""
    ledger, history = scratch(), scenario(seed)
    outcome = played(history, ledger)
    if outcome.broken is not None:
        history = shortest(history, ledger, outcome.broken.law)
    print(told(history, ledger))
    return int(outcome.broken is not None)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
