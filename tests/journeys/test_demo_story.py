"""The demo's script keeps its own promises, before anything is started: it can happen, and it can be seen to happen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.agreement import load_agreement
from sandbox.demo.acts import NOTE, Script, missing
from sandbox.demo.incidents import script
from sandbox.demo.lines import NARROW
from sandbox.demo.story import SCENES, story
from sandbox.replay.log import Row
from sandbox.words import COMPANIES, fields

AGREEMENT = load_agreement(Path(__file__).resolve().parents[2] / "agreement.yaml")
STORY = story()


def product(case: Script) -> dict[str, Any]:
    return {"relatedEntity.product.id": case.acts[0].says["product"]}


def test_the_story_is_the_same_each_time() -> None:
    assert story() == story()


def test_nine_of_twelve_cases_cross_one_is_denied_and_all_three_companies_take_part() -> None:
    crossing = [case for case in STORY if len(case.companies) > 1]
    assert (len(STORY), len(crossing)) == (12, 9)
    assert [case.planned for case in STORY if case.planned] == [("A401",)]
    assert {case.acts[0].at for case in STORY} == set(COMPANIES)
    assert any(set(case.companies) == set(COMPANIES) for case in STORY)


@pytest.mark.parametrize("case", STORY, ids=lambda case: case.reference)
def test_each_hand_over_has_an_edge_and_the_denied_one_has_none(case: Script) -> None:
    holder = case.path[0]
    for act in case.acts:
        receiver = act.says.get("holder")
        if receiver is None:
            continue
        assert act.at == holder
        if act.does.startswith("gives it back"):  # what was offered and not accepted needs no edge
            holder = receiver
            continue
        edge = AGREEMENT.edge(holder, receiver, product(case))
        assert (edge is None) == bool(case.planned), act
        holder = receiver if edge else holder


def test_what_an_edge_keeps_back_is_what_the_story_looks_for() -> None:
    contact = "relatedParty.customer.contact"
    narrow = {(e.giver, e.receiver) for e in AGREEMENT.edges if not AGREEMENT.sharing[e.crosses].allows(contact)}
    assert narrow == NARROW
    assert any(case.hidden for case in STORY)


@pytest.mark.parametrize("case", STORY, ids=lambda case: case.reference)
def test_each_arrival_changes_something_that_was_to_be_seen_there(case: Script) -> None:
    """An act that already shows before it is done would be measured as instant."""
    known: dict[str, dict[str, Any]] = {name: {} for name in COMPANIES}
    for act in case.acts:
        known[act.at].update(act.says)
        for company, sight in act.seen.items():
            assert any(known[company].get(key) != value for key, value in sight.items()), (act.does, company)
            known[company].update(sight)


@pytest.mark.parametrize("case", STORY, ids=lambda case: case.reference)
def test_a_private_note_is_to_be_seen_by_nobody(case: Script) -> None:
    for act in case.acts:
        assert act.audience != "private" or not act.seen
        assert all(sight.get(NOTE) not in case.private for sight in act.seen.values())


def test_notes_can_be_told_apart() -> None:
    notes = [line.note for scene in SCENES for line in scene.lines if line.note]
    assert len(set(notes)) == len(notes)


def test_what_a_desk_shows_is_compared_in_its_own_words() -> None:
    body = fields("telvoz", {"status": "resolved", "minutes": 5}) | {"notas": {"nota": [{"texto": "listo"}]}}
    assert missing("telvoz", body, {"status": "resolved", "minutes": 5, NOTE: "listo"}) == {}
    assert missing("telvoz", body, {"status": "closed"}) == {"status": ("Solucionado", "Cerrado")}
    assert missing("telvoz", body, {NOTE: "otra"}) == {NOTE: (None, "otra")}


def test_an_incident_of_a_log_is_worked_by_whoever_holds_it() -> None:
    rows = [row(0, "northcable"), row(1, "northcable"), row(2, "telvoz"), row(3, "telvoz"), row(4, "northcable")]
    made = script(rows)
    assert [act.at for act in made.acts] == ["northcable", "northcable", "northcable", "telvoz", "telvoz"]
    assert made.path == ("northcable", "telvoz", "northcable")
    assert [sorted(act.seen) for act in made.acts] == [[], [], ["telvoz"], [], ["northcable"]]
    assert [act.kept_at for act in made.acts] == [one.changed_at for one in rows]


def row(minute: int, company: str) -> Row:
    when = datetime(2012, 5, 1, 10, minute, tzinfo=UTC)
    return Row("1-1", when, "Accepted", "In Progress", "E_1", company, "T1", "1st", "Low", "PROD1", "SE", "PL", "Ann")
