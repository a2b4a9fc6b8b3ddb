"""Each indicator shows what its worked example says; the definitions hold on stories made to break them."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.entries import Entry
from hub.facts import facts_of
from hub.indicators import INDICATORS, LogFigures, indicator, log_figures
from hub.measures import FAMILIES, Indicator
from hub.periods import Period
from hub.rollup import rollup
from hub.story import by_case, seconds_between
from hub.worked import worked

ALL = Period.parse("all")


def shown(entries: tuple[Entry, ...], of: str) -> dict[str, int | float | None]:
    kinds = ("whole", "company", "edge")
    rows = (row for row in rollup(entries, ALL).rows if row.indicator == of and row.scope.kind in kinds)
    return {row.scope.key: row.value for row in rows}


@pytest.mark.parametrize("of", INDICATORS, ids=lambda known: known.id)
def test_the_worked_example_of_an_indicator_shows_what_it_says(of: Indicator) -> None:
    made = rollup(of.example.entries, ALL, agreement=of.example.agreement)
    figures = {row.scope.key: row.value for row in made.rows if row.indicator == of.id}
    assert {scope: figures[scope] for scope in of.example.shows} == dict(of.example.shows)


def test_every_indicator_is_explained() -> None:
    assert len({known.id for known in INDICATORS}) == len(INDICATORS)
    assert {known.family for known in INDICATORS} == set(FAMILIES)
    for known in INDICATORS:
        assert known.formula.endswith(".")
        assert known.question.endswith("?")
        assert "A company's: " in known.formula
        assert known.example.words.endswith(".")
        assert "whole" in known.example.shows


def test_an_unknown_indicator_is_told_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"R103 'opend' is no indicator\. Known: opened, resolved, open_at_end"):
        indicator("opend")


def test_a_hand_over_is_a_change_of_holder_and_accepting_is_none() -> None:
    entries = worked(
        "a 09:00 opened north",
        "a 10:00 offered north>south",
        "a 10:05 accepted south",
        "a 11:00 changed south",
        "a 12:00 offered south>west",
    )
    assert log_figures(entries) == LogFigures(2, 2, 1, 0, 0, 7200.0)


def test_a_refusal_takes_the_case_back_and_that_is_a_bounce() -> None:
    entries = worked("a 09:00 opened north", "a 10:00 offered north>south", "a 11:00 refused south>north")
    assert log_figures(entries) == LogFigures(1, 2, 1, 1, 1, 0.0)


def test_an_agents_edit_that_moves_the_holder_counts_once_beside_the_offer_it_makes() -> None:
    opened, moved = worked("a 09:00 opened north", "a 10:00 offered north>south")
    edit = replace(moved, kind="changed", fields=("holder",))
    assert log_figures([opened, edit, replace(moved, seq=3)]).handovers == 1


def test_each_return_is_a_bounce_and_three_in_a_row_are_two() -> None:
    path = ("south", "north", "south", "west", "south")
    lines = ["a 09:00 opened north"]
    giver = "north"
    for hour, receiver in enumerate(path, start=10):
        lines.append(f"a {hour}:00 offered {giver}>{receiver}")
        giver = receiver
    figures = log_figures(worked(*lines))
    assert (figures.handovers, figures.bounces, figures.pingpong_cases, figures.crossing) == (5, 3, 1, 1)


def test_a_case_with_the_test_marker_is_in_no_figure_and_history_is_in_all() -> None:
    lines = ("a 09:00 opened north", "a 10:00 offered north>south", "a 11:00 changed south")
    entries = worked(*(f"{line} history" for line in lines))
    assert log_figures(entries) == LogFigures(2, 1, 1, 0, 0, 7200.0)
    marked_late = (*entries[:-1], replace(entries[-1], test=True))
    assert log_figures(marked_late) == LogFigures(0, 0, 0, 0, 0, 0.0)
    assert {row.value for row in rollup(marked_late, ALL).rows} == {0, None}


def test_business_times_make_case_times_and_the_hubs_own_make_edge_times() -> None:
    entries = worked(
        "a 09:00 opened north seen=09:00:30 owes south",
        "a 09:00:40 delivered south",
        "a 11:00 resolved south seen=15:00",
    )
    wrong_clock = [
        replace(entry, business_at=entry.business_at and entry.business_at - timedelta(days=400)) for entry in entries
    ]
    late_hub = [replace(entry, observed_at=entry.observed_at + timedelta(days=3)) for entry in entries]
    for story in (entries, tuple(wrong_clock), tuple(late_hub)):
        assert shown(story, "time_to_resolve_median")["whole"] == 7200
        assert shown(story, "transport_median")["whole"] == 10


def test_without_business_times_there_is_a_count_and_no_duration() -> None:
    entries = tuple(
        replace(entry, business_at=None) for entry in worked("a 09:00 opened north", "a 10:00 resolved north")
    )
    assert shown(entries, "resolved")["whole"] == 1
    assert shown(entries, "time_to_resolve_median")["whole"] is None
    assert log_figures(entries).mean_throughput_seconds == 0.0


def test_an_entry_without_business_time_takes_that_of_its_transaction() -> None:
    opened, resolved = worked("a 09:00 opened north", "a 10:00 changed north status=resolved")
    page = [
        replace(opened, tx=1),
        replace(resolved, tx=1, kind="changed"),
        replace(resolved, tx=1, seq=3, kind="resolved", business_at=None),
    ]
    assert shown(tuple(page), "time_to_resolve_median")["whole"] == 3600


def test_changes_that_join_a_delivery_are_measured_from_the_one_that_began_it() -> None:
    entries = worked("a 09:00:00 opened north owes south", "a 09:00:10 changed north", "a 09:00:30 delivered south")
    assert (shown(entries, "transport_worst")["whole"], shown(entries, "transport_median")["whole"]) == (30, 30)


def test_a_change_that_comes_while_a_delivery_is_on_its_way_has_its_own_receipt() -> None:
    entries = worked(
        "a 09:00:00 opened north owes south",
        "a 09:00:10 changed north",
        "a 09:00:12 delivered south",
        "a 09:00:15 delivered south",
        "a 09:09:00 delivered south",
    )
    assert shown(entries, "transport_worst")["whole"] == 12
    assert shown(entries, "transport_median")["whole"] == 8.5
    assert shown(entries, "deliveries")["whole"] == 3


def test_a_delivery_that_was_withdrawn_is_no_slow_arrival() -> None:
    entries = worked(
        "a 09:00 opened north owes south", "a 17:00:00 changed north owes south", "a 17:00:05 delivered south"
    )
    assert shown(entries, "transport_worst")["whole"] == 5


def test_a_case_that_is_handed_over_as_it_is_opened_crosses() -> None:
    opened, offered = worked("a 09:00 opened north", "a 09:00 offered north>south")
    assert log_figures([replace(opened, holder="south"), replace(offered, tx=opened.tx)]).handovers == 1


def test_acts_of_one_transaction_count_each_although_its_envelopes_have_the_last_state() -> None:
    opened, changed, resolved, reopened = worked(
        "a 09:00 opened north", "a 10:00 changed north", "a 10:00 resolved north", "a 10:00 reopened north"
    )
    one = [replace(entry, tx=2, status="inProgress") for entry in (changed, resolved, reopened)]
    for of, value in (("resolved", 1), ("reopened", 1), ("open_at_end", 1), ("time_to_resolve_median", 3600)):
        assert shown((opened, *one), of)["whole"] == value


def test_what_the_hub_itself_loses_is_no_companys() -> None:
    entries = worked("a 09:00 opened north", "a 10:00 conflict north")
    lost = replace(entries[1], detail={"winner": "north", "loser": "hub"})
    assert shown((entries[0], lost), "conflicts") == {"whole": 1, "north": 0}


def test_what_goes_back_to_its_own_side_crosses_no_edge() -> None:
    entries = worked("a 09:00 opened north owes north", "a 09:01 delivered north")
    assert shown(entries, "transport_worst")["whole"] is None
    assert shown(entries, "deliveries")["whole"] == 1


def test_closed_is_no_return_and_a_cancelled_case_is_not_resolved() -> None:
    entries = worked(
        "a 09:00 opened north",
        "a 10:00 resolved north",
        "a 11:00 closed north",
        "a 12:00 reopened north",
        "b 09:00 opened north",
        "b 10:00 changed north status=cancelled",
    )
    assert shown(entries, "reopened")["whole"] == 1
    assert shown(entries, "resolved")["whole"] == 1
    assert shown(entries, "open_at_end")["whole"] == 1
    assert shown(entries, "awaiting_feedback")["whole"] == 0


def test_a_parked_record_of_no_case_counts_for_its_partner() -> None:
    entries = worked("a 09:00 opened north", "a 10:00 parked south")
    loose = (entries[0], replace(entries[1], case_id="", holder=None, status=None))
    assert shown(loose, "parked") == {"whole": 1, "north": 0, "south": 1}
    assert shown(loose, "opened")["whole"] == 1


def test_elapsed_time_is_real_where_clocks_changed() -> None:
    london = ZoneInfo("Europe/London")
    before, after = datetime(2026, 10, 25, 0, tzinfo=london), datetime(2026, 10, 25, 4, tzinfo=london)
    assert after - before == timedelta(hours=4)  # what Python does with one zone object
    assert seconds_between(before, after) == 5 * 3600


def test_facts_follow_the_ledgers_order_whatever_the_clocks_say() -> None:
    entries = worked("a 12:00 opened north", "a 09:00 offered north>south", "a 10:00 offered south>north")
    facts = [fact for fact in facts_of(by_case(reversed(entries))["a"]) if fact.what == "handover"]
    assert [(fact.giver, fact.company) for fact in facts] == [("north", "south"), ("south", "north")]


def test_shorthand_that_is_not_understood_is_refused() -> None:
    with pytest.raises(KeyError, match="oppened"):
        worked("a 09:00 oppened north")


def log_entries(log: Path) -> list[Entry]:
    with gzip.open(log, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seen: set[str] = set()
    entries = []
    for number, row in enumerate(rows, start=1):
        at = datetime.fromisoformat(row["changed_at"])
        case, company = row["sr_number"], row["org_line"]
        kind = "changed" if case in seen else "opened"
        seen.add(case)
        entries.append(Entry(number, number, case, kind, company, at.astimezone(UTC), at, holder=company, history=True))
    return entries


@pytest.mark.real_log
def test_the_first_500_incidents_within_three_companies_give_their_figures(real_log: Path) -> None:
    companies: dict[str, set[str]] = {}
    entries = log_entries(real_log)
    for entry in entries:
        companies.setdefault(entry.case_id, set()).add(entry.partner)
    within = [case for case, names in companies.items() if names <= {f"Org line {line}" for line in ("C", "A2", "B")}]
    assert len(within) == 6_341
    first = set(within[:500])
    figures = log_figures(entry for entry in entries if entry.case_id in first)
    assert round(figures.mean_throughput_seconds, 2) == 4_019_396.14
    assert replace(figures, mean_throughput_seconds=0) == LogFigures(7_998, 377, 165, 67, 198, 0)
