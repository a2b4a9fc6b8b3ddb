"""What is new about promises: told before the fact, told once, and climbing until somebody acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.agreement import Agreement
from hub.entries import Entry
from hub.lapses import lapses
from hub.promises import watch
from hub.worked import worked

LEVELS = [{"role": "team lead", "answer": "30 min"}, {"role": "head of service", "answer": "1 h"}]
PROMISES = [
    {"id": "accept", "clock": "accept", "of": "each", "within": "1 h", "near": "50 %"},
    {"id": "together", "clock": "endToEnd", "of": "all", "within": "6 h"},
]
AGREEMENT = Agreement.model_validate(
    {
        "version": "1",
        "effective": "2026-01-01",
        "partners": {name: {"title": name.title(), "escalation": LEVELS} for name in ("north", "south")},
        "sharing": {"standard": {"fields": ["name"]}},
        "edges": [{"id": "phones", "from": "north", "to": "south"}],
        "commitments": PROMISES,
    }
)
OFFERED = (
    "a 09:00 opened north",
    "a 10:00 offered north>south edge=phones owes south",
    "a 10:00 delivered south",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-02T{text}").replace(tzinfo=UTC)


class Watch:
    """A case's story, and a look at it now and then: what a look finds is written down."""

    def __init__(self, *lines: str) -> None:
        self.lines, self.written = list(lines), list[Entry]()

    def look(self, clock: str) -> list[str]:
        """What is new at this time, short."""
        both = sorted([*worked(*self.lines), *self.written], key=lambda entry: entry.observed_at)
        story = [replace(entry, seq=place, tx=place) for place, entry in enumerate(both, start=1)]
        news, self.again = lapses(story, AGREEMENT, at(clock))
        self.written += [
            replace(story[-1], kind=one.kind, partner=one.partner, observed_at=at(clock), detail=one.detail)
            for one in news
        ]
        return [
            " ".join(
                str(word) for word in (one.kind, one.partner, one.detail["commitment"], one.detail.get("level")) if word
            )
            for one in news
        ]


def test_it_is_told_before_the_fact_then_when_it_was_not_kept_and_each_once() -> None:
    seen = Watch(*OFFERED)
    assert seen.look("10:10") == []
    assert seen.again == at("10:30")
    assert seen.look("10:30") == ["due_soon south accept"]
    assert seen.look("10:31") == []
    assert seen.again == at("11:00")
    assert seen.look("11:01") == ["overdue south accept", "escalated south accept 1"]
    assert seen.look("11:02") == []
    assert seen.again == at("11:31")


def test_an_escalation_climbs_until_that_side_acts() -> None:
    seen = Watch(*OFFERED)
    assert seen.look("11:01") == ["overdue south accept", "escalated south accept 1"]
    assert seen.look("11:31") == ["escalated south accept 2"]
    assert seen.look("12:31") == []  # there is nobody above

    seen = Watch(*OFFERED)
    seen.look("11:01")
    seen.lines.append("a 11:10 noted south")  # they looked: the clock runs on, nobody above is asked
    assert seen.look("11:40") == []
    seen.lines.append("a 11:45 accepted south")
    assert seen.look("12:00") == []


def test_an_act_of_another_company_is_no_answer() -> None:
    seen = Watch(*OFFERED)
    seen.look("11:01")
    seen.lines.append("a 11:10 noted north")
    assert seen.look("11:31") == ["escalated south accept 2"]


def test_a_promise_that_was_kept_is_silent_for_ever() -> None:
    seen = Watch(*OFFERED, "a 10:20 accepted south", "a 10:40 resolved south", "a 11:00 closed south")
    assert seen.look("23:00") == []
    assert seen.again is None


def test_one_that_was_broken_while_nobody_watched_is_told_all_the_same_and_asks_nobody() -> None:
    seen = Watch(*OFFERED, "a 12:00 accepted south")
    assert seen.look("12:10") == ["overdue south accept"]


def test_what_all_promised_is_asked_of_who_answers_for_the_case() -> None:
    seen = Watch(*OFFERED, "a 10:20 accepted south")
    assert seen.look("14:00") == ["due_soon south together"]
    assert seen.look("15:01") == ["overdue south together", "escalated south together 1"]


@given(st.lists(st.integers(0, 14 * 60 + 59), min_size=1, max_size=30))
def test_whoever_looks_how_often_each_thing_is_told_once(minutes: list[int]) -> None:
    seen, told = Watch(*OFFERED), list[str]()
    for minute in sorted(minutes):
        told += seen.look(f"{9 + minute // 60:02}:{minute % 60:02}")
    assert len(told) == len(set(told))


@pytest.fixture
def promised(world: Any) -> Agreement:
    agreed = world.exchange.alliance.agreement
    return agreed.model_copy(
        update={
            "commitments": AGREEMENT.commitments,
            "partners": {
                name: company.model_copy(update={"escalation": AGREEMENT.partners["south"].escalation})
                for name, company in agreed.partners.items()
            },
        }
    )  # type: ignore[no-any-return]


def kinds(world: Any) -> list[str]:
    return [entry.kind for entry in world.ledger.entries() if entry.kind in ("due_soon", "overdue", "escalated")]


def test_the_watch_writes_it_down_once_and_looks_at_what_changed_or_is_due(world: Any, promised: Agreement) -> None:
    world.stores["north"].create({"title": "no line", "company": "South"})
    world.stores["north"].create({"title": "stays here"})
    world.rest()
    assert watch(world.ledger, promised, world.clock).looked == 2
    assert watch(world.ledger, promised, world.clock).looked == 0
    world.later(31 * 60)
    found = watch(world.ledger, promised, world.clock)
    assert (found.looked, found.due_soon) == (1, 1)
    world.later(30 * 60)
    assert watch(world.ledger, promised, world.clock).escalated == 1
    assert watch(world.ledger, promised, world.clock).looked == 0
    assert kinds(world) == ["due_soon", "overdue", "escalated"]
    assert world.ledger.broken_at() is None


def test_a_record_that_comes_between_two_looks_is_looked_at(world: Any, promised: Agreement) -> None:
    world.stores["north"].create({"title": "no line", "company": "South"})
    world.rest()
    watch(world.ledger, promised, world.clock)
    [native_id] = world.stores["south"].rows
    world.stores["south"].edit(native_id, {"state": "Open"})
    world.rest()
    world.later(2 * 3600)
    assert watch(world.ledger, promised, world.clock).overdue == 0
    assert kinds(world) == []
    world.later(3 * 3600)
    assert watch(world.ledger, promised, world.clock).due_soon == 1


def test_imported_history_asks_nobody(world: Any, promised: Agreement) -> None:
    world.stores["north"].create({"title": "long ago", "company": "South"})
    world.rest()
    [case_id] = {entry.case_id for entry in world.ledger.entries()}
    with world.ledger.transaction(world.clock()) as tx:
        tx.keep_case(replace(tx.case(case_id), history=True))
    world.later(9 * 3600)
    assert watch(world.ledger, promised, world.clock).looked == 0
    assert kinds(world) == []


def test_time_passes_in_the_ledger_s_own_order_whatever_the_clock_does(world: Any, promised: Agreement) -> None:
    world.stores["north"].create({"title": "no line", "company": "South"})
    world.rest()
    world.now -= timedelta(hours=3)  # the machine's clock is set back
    assert watch(world.ledger, promised, world.clock).looked == 1
    assert kinds(world) == []
