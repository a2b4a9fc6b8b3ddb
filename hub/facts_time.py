"""Where the customer's time went and whether promises were kept, as facts: of each stretch and each clock that ended.

A stretch counts where it ended, with all its length; one that still runs counts nowhere yet. A clock counts where it
ended, and one that ran out where it ran out: looked at from the case's newest entry, so that the facts of a case change
with its entries alone. Pure. Next: `timeline.py` and `clocks.py`, which read them; `indicators/timeliness.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.agreement import Agreement
from hub.clocks import clocks_of
from hub.commitments import ALL
from hub.entries import Entry
from hub.happened import Fact
from hub.story import seconds_between
from hub.timeline import EDGE, Stretch, stretches


def time_facts(story: Sequence[Entry], origin: str, agreement: Agreement | None) -> Iterator[Fact]:
    """The facts of one case's entries, which are in the ledger's order. agreement: whose promises; None: nobody's."""
    if not story[0].case_id:
        return
    rows = stretches(story)
    for stretch in rows:
        if stretch.end is not None:
            yield from _of_stretch(stretch, story[0].case_id, origin)
    if agreement is not None and agreement.commitments:
        yield from _of_clocks(story, rows, origin, agreement)


def _of_stretch(stretch: Stretch, case_id: str, origin: str) -> Iterator[Fact]:
    assert stretch.end is not None
    took = seconds_between(stretch.start, stretch.end)
    if stretch.what in ("customer", "feedback"):
        yield Fact("waited", stretch.end, case_id, stretch.who, "", took, origin, stretch.what)
    elif stretch.what in EDGE:
        yield Fact("caused", stretch.end, case_id, stretch.receiver, stretch.giver, took, origin, stretch.what)
    else:
        yield Fact("caused", stretch.end, case_id, stretch.accountable, "", took, origin, stretch.what)
    if not stretch.accountable:
        yield Fact("orphan", stretch.end, case_id, stretch.who, "", took, origin)


def _of_clocks(story: Sequence[Entry], rows: Sequence[Stretch], origin: str, agreement: Agreement) -> Iterator[Fact]:
    now = max(entry.observed_at for entry in story)
    for clock in clocks_of(story, agreement, now, rows):
        at = clock.due_at if clock.state == "broken" else clock.ended_at if clock.state == "kept" else None
        if at is None:
            continue
        joint = clock.who == ALL
        yield Fact("joint promise" if joint else "promise", at, story[0].case_id, "" if joint else clock.who, "",
                   float(clock.state == "kept"), origin, clock.commitment.id)  # fmt: skip
