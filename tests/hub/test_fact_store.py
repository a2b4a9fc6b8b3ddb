"""The store of facts comes to the same rollup as the plain loops, to the last digit, in whatever order entries come."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.entries import Entry
from hub.fact_store import FactStore, ListSource
from hub.indicators import INDICATORS
from hub.periods import Period
from hub.report.sentences import restated
from hub.report.words import Words
from hub.rollup import rollup
from hub.stories import CROSSING, GIVENBACK, LIFE, OPINIONS, PROMISES, RETURN, ROAD, TROUBLE, WORDS
from hub.worked import worked

PERIODS = [Period.parse(name) for name in ("all", "2026-11-03")]
STORIES = (CROSSING, GIVENBACK, LIFE, OPINIONS, PROMISES, RETURN, ROAD, TROUBLE, WORDS)


def pool() -> list[Entry]:
    """All worked stories, each its own cases, on three days and with labels."""
    found: list[Entry] = []
    for day, story in enumerate(STORIES):
        for entry in worked(*story.lines):
            shift = timedelta(days=day % 3, seconds=day)
            at = entry.business_at and entry.business_at + shift
            about = (
                {"about": {"priority": ("low", "high")[day % 2], "channel": "web"}} if entry.kind == "opened" else {}
            )
            found.append(replace(entry, case_id=f"{day}{entry.case_id}", tx=entry.tx + 100 * day, business_at=at,
                                 observed_at=entry.observed_at + shift, detail={**entry.detail, **about},
                                 mapping_hash=f"m{day}", history=day == 4))  # fmt: skip
    return found


@settings(deadline=None, max_examples=3)
@given(st.randoms(use_true_random=False), st.integers(1, 2))
def test_runs_come_to_the_full_recomputation_whatever_comes_late(chance, runs: int) -> None:
    entries = pool()
    by_case: dict[str, list[Entry]] = {}
    for entry in entries:
        by_case.setdefault(entry.case_id, []).append(entry)
    mixed: list[Entry] = []
    while queues := [queue for queue in by_case.values() if queue]:  # late: the cases' own order only
        mixed.append(replace(chance.choice(queues).pop(0), seq=len(mixed) + 1))
    if chance.random() < 0.3:
        mixed.append(replace(mixed[0], seq=len(mixed) + 1, test=True, kind="noted"))
    agreement = PROMISES.agreement
    store = FactStore(threads=1)
    cuts = [*sorted(chance.randrange(1, len(mixed)) for _ in range(runs)), len(mixed)]
    for cut in cuts:
        source = ListSource(mixed[:cut])
        store.bring_up(source, agreement)
        for period in PERIODS:
            made = store.rollup(period, ("northcable",), sampled={"telvoz": 60.0}, agreement_version="example")
            whole = rollup(mixed[:cut], period, ("northcable",), sampled={"telvoz": 60.0}, agreement=agreement)
            assert replace(made, restated=()) == whole
    store.close()
    assert {of.id for of in INDICATORS} == {row.indicator for row in made.rows}


def test_what_comes_late_restates_the_periods_that_were_told_and_says_so() -> None:
    story = worked("a 09:00 opened north", "a 10:00 resolved north", "b 11:00 opened north", "a 12:00 reopened north")
    later = [replace(entry, observed_at=entry.observed_at + timedelta(days=3)) for entry in story[2:]]
    day, other = Period.parse("2026-11-02"), Period.parse("2026-11-03")
    store = FactStore(threads=1)
    clock = replace(
        story[0], seq=3, case_id="c", observed_at=story[0].observed_at + timedelta(days=2), business_at=None
    )
    told = ListSource([*story[:2], clock])
    assert store.bring_up(told).whole
    assert [store.rollup(period).row("opened").value for period in (day, other)] == [1, 0]
    late = ListSource([*story[:2], clock, *(replace(entry, seq=entry.seq + 1) for entry in later)])
    brought = store.bring_up(late)
    assert (brought.whole, brought.cases, brought.head) == (False, 2, 5)
    notes = {(note.period, note.scope, note.indicator): (note.before, note.after) for note in store.restated()}
    assert brought.restated == len(notes)
    assert notes["2026-11-02", "north", "opened"] == ("1", "2")
    assert notes["2026-11-02", "whole", "first_time_resolved"] == ("100.0", "0.0")
    assert not [note for note in notes if note[0] == "2026-11-03" and note[2] == "opened"]
    assert {(note.head_before, note.head) for note in store.restated()} == {(3, 5)}
    again = store.rollup(day)
    assert {(note.scope, note.indicator) for note in again.restated} == {key[1:] for key in notes if key[0] == day.name}
    assert re.fullmatch(
        r"\d+ figures were told otherwise in a report up to entry 3: events came late", restated(again, Words())
    )
    assert store.bring_up(late).cases == 0
    restored = ListSource([*story[:2], clock, *(replace(entry, seq=entry.seq + 1, case_id="d") for entry in later)])
    assert store.bring_up(restored).whole  # the same numbers, other entries
    store.close()
