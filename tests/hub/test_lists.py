"""What comes in a list of a partner's record besides notes: the customer's answers, each taken once, and files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.state import case_id_of

CASE = case_id_of("north", "1")


def answer(native_id: int, stars: int | None, day: int, said: str | None = None) -> dict[str, Any]:
    """An answer to a survey, as North's system keeps it."""
    return {"id": native_id, "stars": stars, "answered_at": f"2026-03-{day:02}T12:00:00+00:00", "said": said}


def solved_by_south(world: Any) -> None:
    """A case of North's that South has solved; at rest."""
    world.stores["north"].create({"title": "No signal", "state": "Open"})
    world.rest()
    world.stores["north"].edit("1", {"company": "South"})
    world.rest()
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()


def answered(world: Any, *answers: dict[str, Any]) -> None:
    world.stores["north"].edit("1", {"surveys": list(answers)})
    world.rest()


def let_feedback_cross(world: Any) -> None:
    alliance = world.exchange.alliance
    told = alliance.agreement.model_dump(by_alias=True)
    told["sharing"]["standard"]["fields"] = [*told["sharing"]["standard"]["fields"], "feedback.*"]
    agreement = type(alliance.agreement).model_validate(told)
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement))


def words(world: Any) -> list[tuple[int, str | None]]:
    """What the case holds of the customer's words."""
    with world.ledger.transaction(world.now) as tx:
        return [(word.score, word.text) for word in tx.case(CASE).feedback]


def feedback_entries(world: Any) -> list[tuple[str, Any]]:
    kinds = {"fed_back", "closed", "reopened"}
    return [(entry.kind, entry.detail.get("score")) for entry in world.ledger.entries() if entry.kind in kinds]


def test_a_good_answer_closes_the_case_everywhere(world: Any) -> None:
    solved_by_south(world)
    answered(world, answer(1, 5, 2, "Quick and kind."))
    assert world.only("north")["state"] == world.only("south")["state"] == "Closed"
    assert words(world) == [(5, "Quick and kind.")]
    assert feedback_entries(world) == [("fed_back", 5), ("closed", 5)]


def test_a_bad_answer_reopens_it_everywhere(world: Any) -> None:
    solved_by_south(world)
    answered(world, answer(1, 2, 2))
    assert world.only("north")["state"] == world.only("south")["state"] == "Open"
    assert world.only("south")["reason"] == "negative feedback: 2 of 5"
    assert feedback_entries(world) == [("fed_back", 2), ("reopened", 2)]


def test_several_answers_are_taken_by_their_dates_whatever_their_order_in_the_list(world: Any) -> None:
    solved_by_south(world)
    answered(world, answer(7, 1, 9), answer(8, 5, 3))
    assert words(world) == [(5, None), (1, None)]
    assert feedback_entries(world) == [("fed_back", 5), ("fed_back", 1), ("closed", 5), ("reopened", 1)]
    assert world.only("south")["state"] == "Open"


def test_an_answer_is_taken_once_however_often_it_is_read(world: Any) -> None:
    solved_by_south(world)
    answered(world, answer(1, 2, 2))
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    world.stores["north"].edit("1", {"title": "No signal at all"})
    world.rest()
    assert world.only("north")["state"] == "Solved"
    answered(world, answer(1, 2, 2), answer(2, 2, 4))  # the same score again is a word of its own
    assert words(world) == [(2, None), (2, None)]
    assert world.only("south")["state"] == "Open"
    answered(world)  # their system forgets its surveys
    answered(world, answer(1, 2, 2), answer(2, 2, 4))
    assert words(world) == [(2, None), (2, None)]
    before = world.written()
    for _ in range(3):
        world.round()
    assert world.written() == before


def test_a_customer_who_answers_does_not_accept_an_offer(world: Any) -> None:
    let_feedback_cross(world)
    world.stores["north"].create({"title": "No signal", "state": "Solved"})
    world.rest()
    world.stores["north"].edit("1", {"company": "South"})
    world.rest()
    world.stores["south"].edit("1", {"surveys": [answer(3, 5, 2)]})
    world.rest()
    assert words(world) == [(5, None)]
    assert "accepted" not in world.kinds()


def test_an_unanswered_survey_says_nothing_and_is_heard_when_it_is_answered(world: Any) -> None:
    solved_by_south(world)
    answered(world, answer(1, None, 2))
    assert (words(world), world.only("north")["state"]) == ([], "Solved")
    answered(world, answer(1, 4, 3))
    assert (words(world), world.only("north")["state"]) == ([(4, None)], "Closed")


def test_an_answer_that_does_not_fit_parks_the_record_with_its_place_and_is_taken_when_it_does(world: Any) -> None:
    solved_by_south(world)
    answered(world, answer(1, 5, 2), answer(2, 9, 3))
    (parked,) = world.ledger.parked()
    said = "M211 feedback (surveys): answer 2, score: 9 is not from 1 to 5.\n  More: casebridge explain M211"
    assert (parked.code, parked.message) == ("M211", said)
    assert words(world) == []
    answered(world, answer(1, 5, 2), answer(2, 3, 3))
    assert world.ledger.parked() == []
    assert words(world) == [(5, None), (3, None)]


def test_what_another_company_does_not_share_with_the_case_is_no_word_of_it(world: Any) -> None:
    solved_by_south(world)
    world.stores["south"].edit("1", {"surveys": [answer(1, 5, 2)]})  # its edge lets no feedback cross
    world.rest()
    assert words(world) == []
    assert world.only("north")["state"] == "Solved"


def test_the_other_companies_are_told_the_newest_word_in_their_fields(world: Any) -> None:
    let_feedback_cross(world)
    solved_by_south(world)
    answered(world, answer(2, 4, 5), answer(1, 2, 2))
    assert (world.only("south")["score"], world.only("north")["score"]) == (4, 4)
    assert words(world) == [(2, None), (4, None)]  # what the hub wrote there is no word of anybody's


def test_what_was_heard_is_kept_with_the_link_and_an_older_ledger_has_heard_nothing(world: Any) -> None:
    solved_by_south(world)
    answered(world, answer(1, 5, 2))
    with world.ledger.transaction(world.now) as tx:
        link = tx.link("north", "1")
        assert list(link.heard) == ["1"]
        kept = {key: value for key, value in link.to_kept().items() if key != "heard"}
        assert list(type(link)(partner="north", native_id="1", case_id=CASE, version="", digest="", **kept).heard) == []


@pytest.mark.parametrize("stars", [1, 5])
def test_imported_history_keeps_its_answers_and_nothing_closes_or_reopens(world: Any, stars: int) -> None:
    world.stores["north"].create(
        {"title": "Old", "state": "Solved", "channel": "Log", "surveys": [answer(1, stars, 1)]}
    )
    world.rest()
    assert (words(world), world.only("north")["state"]) == ([(stars, None)], "Solved")


def test_files_are_counted_on_the_entry_of_a_change_and_stay_where_they_are(world: Any) -> None:
    solved_by_south(world)
    files = [
        {"id": 1, "name": "bill.pdf", "type": "application/pdf", "author": "Ana", "audience": "all"},
        {"id": 2, "name": "../own.txt", "type": None, "author": "Ana", "audience": "internal"},
    ]
    world.stores["north"].edit("1", {"files": files})
    world.rest()
    changed = [entry for entry in world.ledger.entries() if entry.kind == "changed"]
    assert changed[-1].detail == {"attachments": 2}
    assert "files" not in world.only("south")
    with world.ledger.transaction(world.now) as tx:
        assert "files" not in tx.link("north", "1").base
