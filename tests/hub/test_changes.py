"""What changed and why: what was made to change is named with its cause, and what chance makes is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from hub.acting import CannotDo
from hub.decisions import decide, decided, figure_of
from hub.entries import Entry
from hub.ledger import Ledger
from hub.periods import Period
from hub.report.changes import changes, compared, effects, suggestions, told
from hub.report.forms import forms
from hub.report.scoping import seen_by
from hub.report.words import Words
from hub.rollup import Rollup, rollup
from hub.worked import worked

THIS, BEFORE = Period.parse("2026-W47"), Period.parse("2026-W46")
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def week(start: datetime, cases: int, slow: float = 4.0, back: int = 2, seed: int = 1) -> list[Entry]:
    """Cases of a week that go north>south or north>east. slow: seconds to east; back: how many south sends back."""
    chance, made = Random(seed), []
    for n in range(cases):
        name, to = f"{start:%d}-{n}", ("south", "east")[n % 2]
        lines = [f"{name} 09:00 opened north", f"{name} 09:01 offered north>{to}"]
        if to == "south" and n // 2 < back:
            lines.append(f"{name} 09:02 offered south>north")
        holder = "north" if len(lines) > 2 else to
        lines += [f"{name} 09:03 resolved {holder}", f"{name} 09:04 closed {holder}"]
        shift = start + timedelta(hours=chance.uniform(0, 150)) - worked(*lines)[0].observed_at
        opened, offered, *rest = (moved(entry, shift) for entry in worked(*lines))
        owed = replace(offered, kind="owed", partner=to, detail={"version": 2}, business_at=None)
        seconds = chance.uniform(0.8, 1.2) * (slow if to == "east" else 4.0)
        held = replace(owed, kind="delivered", observed_at=offered.observed_at + timedelta(seconds=seconds))
        made += [opened, offered, owed, held, *rest]
    return made


def moved(entry: Entry, by: timedelta) -> Entry:
    business = entry.business_at + by if entry.business_at else None
    return replace(entry, observed_at=entry.observed_at + by, business_at=business)


def of(period: Period, *weeks: list[Entry]) -> Rollup:
    entries = [replace(entry, seq=n) for n, entry in enumerate((one for week in weeks for one in week), 1)]
    return rollup(entries, period, ("north", "south", "east"))


def test_a_slow_edge_and_cases_that_are_sent_back_are_named_as_the_cause() -> None:
    weeks = week(BEFORE.start, 80), week(THIS.start, 80, slow=60.0, back=30, seed=2)
    found = changes(of(THIS, *weeks), of(BEFORE, *weeks))
    by = {change.of.id: change for change in found}
    assert [change.worse for change in found] == [True, True, True, True, None]  # what got worse is told first
    assert by["transport_median"].causes[0].scope.key == "north>east"
    assert [cause.scope.key for cause in by["bounces"].causes] == ["south>north"]
    assert told(by["bounces"], Words()) == (
        "Bounces: 30, before 2.", "100 % of the difference: South → North 30, before 2.",
    )  # fmt: skip
    said = suggestions(found, Words())
    assert len(said) <= 3
    assert any(line.startswith("Look at North → East first: Time across the edge, ") for line in said)
    assert any(line.startswith("Look at South → North first: ") for line in said)


def test_a_companys_people_are_told_of_the_causes_that_are_theirs_and_of_no_others() -> None:
    weeks = week(BEFORE.start, 80), week(THIS.start, 80, slow=60.0, back=30, seed=2)
    found = compared(of(THIS, *weeks), of(BEFORE, *weeks), "east")
    assert found.period == BEFORE
    causes = {change.of.id: [cause.scope.key for cause in change.causes] for change in found.changes}
    assert (causes["bounces"], causes["transport_median"]) == ([], ["north>east"])
    said = [" ".join(told(change, Words())) for change in found.changes] + list(suggestions(found.changes, Words()))
    assert "South" not in " ".join(said)


def test_a_decision_shows_what_its_figure_was_and_is_until_its_day_and_to_those_who_may_see_it(ledger: Ledger) -> None:
    weeks = week(BEFORE.start, 80, back=30, seed=2), week(THIS.start, 80)
    now, before = of(THIS, *weeks), of(BEFORE, *weeks)
    with pytest.raises(CannotDo, match=r"R130 there is no indicator 'bounce'\.\n.*Did you mean 'bounces'"):
        figure_of(before, "bounce", "whole")
    with pytest.raises(CannotDo, match=r"R131 bounces has no figure for 'south>nort' in 2026-W46\.\n.*'south>north'"):
        figure_of(before, "bounces", "south>nort")
    was = figure_of(before, "bounces", "south>north")
    with ledger.transaction(THIS.start + timedelta(hours=9)) as tx:
        asked = {"owner": "Ana", "expected": 5.0, "who": "ana"}
        decide(tx, "South\r\nasks first", was, BEFORE, due=THIS.end.date(), **asked)
        decide(tx, "Over already", was, BEFORE, due=BEFORE.start.date(), **asked)
    found = compared(now, before, decisions=decided(ledger))
    said = (
        "South asks first (Ana, by 23 November 2026).",
        "Bounces, South → North: 30 in 2026-W46, 2 now. Expected: 5.",
        "better",
    )
    assert effects(found.decisions, now, Words()) == (said,)
    assert effects(found.decisions, seen_by(now, "east"), Words()) == ()
    (page, pdf) = forms(now, ["html", "pdf"], now=NOW, words=Words(), before=found)
    assert "South asks first (Ana, by 23 November 2026)." in page.body.decode()
    assert pdf.body.startswith(b"%PDF")


@pytest.mark.parametrize("seed", range(2, 7))
def test_of_what_chance_makes_nothing_is_said_and_nothing_suggested(seed: int) -> None:
    weeks = week(BEFORE.start, 80), week(THIS.start, 74 + 3 * seed, back=seed, seed=seed)
    found = changes(of(THIS, *weeks), of(BEFORE, *weeks))
    assert found == ()
    assert suggestions(found, Words()) == ()


def test_it_stands_first_on_the_page_and_a_report_without_a_period_before_has_none() -> None:
    weeks = week(BEFORE.start, 80), week(THIS.start, 80, slow=60.0, seed=2)
    now = of(THIS, *weeks)
    before = compared(now, of(BEFORE, *weeks))
    (page,) = forms(now, ["html"], now=NOW, words=Words(), before=before)
    text = page.body.decode()
    assert text.index("What changed against Week 46 of 2026") < text.index('class="tiles"')
    assert forms(now, ["pdf"], now=NOW, words=Words(), before=before)[0].body.startswith(b"%PDF")
    (alone,) = forms(now, ["html"], now=NOW, words=Words())
    assert "What changed" not in alone.body.decode()


@pytest.mark.parametrize(
    ("name", "before"),
    [("2026-W01", "2025-W52"), ("2026-03", "2026-02"), ("2026-Q1", "2025-Q4"), ("2026-03-01", "2026-02-28"),
     ("2026-11-08..2026-11-10", "2026-11-05..2026-11-07"), ("2026-11-08..2026-11-08", "2026-11-07")],
)  # fmt: skip
def test_the_period_before_is_of_the_same_kind_and_ends_where_this_one_starts(name: str, before: str) -> None:
    this = Period.parse(name, "Europe/London")
    assert this.preceding == Period.parse(before, "Europe/London")
    assert this.preceding.end == this.start
    assert Period.parse("all").preceding is None
