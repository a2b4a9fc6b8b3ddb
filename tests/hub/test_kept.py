"""What was promised beside what was kept: target, deviation, and what may still be missed."""

from __future__ import annotations

from hub.kept import Kept, kept
from hub.periods import Period
from hub.rollup import rollup
from hub.stories import PROMISES
from hub.worked import worked


def test_each_commitment_has_its_target_its_deviation_and_what_is_left_of_its_budget() -> None:
    agreement = PROMISES.agreement
    assert agreement is not None
    made = rollup(worked(*PROMISES.lines), Period.parse("all"), agreement=agreement)
    alone, together = kept(made.rows, agreement)
    assert alone == Kept("solve-in-2h", "telvoz", 0.95, 0.5, 0.5 - 0.95, 2, 1, -1)
    assert together == Kept("solved-in-a-day", "all", 0.9, 1.0, 1.0 - 0.9, 2, 0, 0)
    nothing = kept(rollup([], Period.parse("all"), agreement=agreement).rows, agreement)
    assert [(one.actual, one.deviation, one.left) for one in nothing] == [(None, None, 0), (None, None, 0)]
