"""What waits for a person is asked about once a day, without a word of the case, and the answer is carried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.agreement import Company
from hub.commitments import Level
from hub.reviewing import answer, questions

TITLES = {"north": "North", "south": "South", "east": "East"}


@pytest.fixture
def waiting(world: Any) -> Any:
    """A transfer that no edge permits, and a value that nobody knows."""
    alliance = world.exchange.alliance
    levels = (Level(role="desk lead", answer="1 h"), Level(role="head of exchange", answer="4 h"))  # type: ignore[arg-type]
    agreement = alliance.agreement.model_copy(update={"operator": Company(title="Desk", escalation=levels)})
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement))
    world.stores["east"].create({"title": "Slow line", "state": "Open"})
    world.rest()
    world.stores["east"].edit("1", {"company": "North"})
    world.rest()
    world.stores["north"].create({"title": "Nobody may read this", "channel": "Carrier pigeon"})
    world.rest()
    return world


def asked(world: Any) -> list[Any]:
    return questions(world.ledger, world.exchange.alliance.agreement, TITLES, world.clock(), "https://hub/casebridge")


def answered(world: Any, no: int, chosen: str, **said: str) -> str:
    return answer(world.ledger, lambda _: world.exchange, no, chosen, said, "ann (Airflow)")


def test_each_thing_is_asked_about_once_with_what_can_be_done(waiting: Any) -> None:
    first, second = asked(waiting)
    assert asked(waiting) == []
    assert (first.subject, first.options) == ("A401 at East: transfer", ("do not carry", "leave it"))
    assert (second.subject, second.options) == ("M201 at North: record",
                                                ("try again", "set values", "do not carry", "leave it"))  # fmt: skip
    assert "**Suggestion:** Correct the record in North's system" in second.body
    assert "[On the board](https://hub/casebridge/case?id=" in first.body
    assert "casebridge parked show 1" in first.body


def test_a_question_has_no_word_of_the_case_in_it(waiting: Any) -> None:
    said = "".join(one.subject + one.body for one in asked(waiting))
    for word in ("pigeon", "Nobody", "Slow"):
        assert word not in said


def test_what_is_not_answered_in_a_day_is_asked_about_again_and_climbs(waiting: Any) -> None:
    asked(waiting)
    roles = []
    for _ in range(3):
        waiting.later(timedelta(days=1).total_seconds())
        roles.append(asked(waiting)[0].subject)
    assert roles == [
        "A401 at East: transfer (asked 2 times, desk lead)",
        "A401 at East: transfer (asked 3 times, head of exchange)",
        "A401 at East: transfer (asked 4 times, head of exchange)",
    ]
    reminded = [dict(entry.detail) for entry in waiting.ledger.entries() if entry.kind == "reminded"]
    assert reminded[0] == {"no": 1, "code": "A401", "times": 2, "role": "desk lead"}
    assert len(reminded) == 6
    assert waiting.ledger.broken_at() is None


def test_an_answer_is_carried_out_with_who_and_why(waiting: Any) -> None:
    asked(waiting)
    assert answered(waiting, 1, "do not carry", why="East keeps it") == "1: do not carry, by ann (Airflow)."
    (deed,) = [entry for entry in waiting.ledger.entries() if entry.kind == "dropped"]
    assert (deed.detail["who"], deed.detail["why"]) == ("ann (Airflow)", "East keeps it")
    assert [row.id for row in waiting.ledger.parked()] == [2]
    assert answered(waiting, 1, "do not carry", why="again") == "1 waits no longer: it was answered elsewhere."


def test_a_record_is_read_again_once_it_was_corrected(waiting: Any) -> None:
    asked(waiting)
    waiting.stores["north"].edit("1", {"channel": "Phone", "company": "South"})
    assert (
        answered(waiting, 2, "try again", why="corrected") == "2: try again, by ann (Airflow). Owed now: north, south."
    )
    assert [row.id for row in waiting.ledger.parked()] == [1]


def test_what_is_left_is_left(waiting: Any) -> None:
    asked(waiting)
    assert answered(waiting, 1, "leave it") == "1 is left as it is, and asked about again in a day."
    assert len(waiting.ledger.parked()) == 2


@pytest.mark.parametrize(
    ("chosen", "said", "expected"),
    [
        ("do not carry", {}, "1 could not be done and is asked about again: X505 say why"),
        ("set values", {"why": "x", "values": "holder=north"}, "1 could not be done and is asked about again: X504"),
        ("try again", {"why": "x"}, "1 could not be done and is asked about again: X506"),
    ],
)
def test_an_answer_that_cannot_be_carried_out_is_told_and_asked_for_again_at_once(
    waiting: Any, chosen: str, said: dict[str, str], expected: str
) -> None:
    asked(waiting)
    assert answered(waiting, 1, chosen, **said).startswith(expected)
    assert [one.no for one in asked(waiting)] == [1]
