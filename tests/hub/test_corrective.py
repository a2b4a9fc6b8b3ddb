"""A negative word begins a corrective action, with owner and deadline; only the next word makes it effective."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.declared import Told
from hub import corrective
from hub.acting import CannotDo, by
from hub.agreement import load_agreement
from hub.closing import Closing
from hub.declarations import DeclarationError
from hub.promises import Watched, watch
from hub.reviewing import answer, questions

ROOT = Path(__file__).parents[2]
AGREED = {
    "corrective": {"within": "8 h", "owners": {"south": {"role": "quality lead"}}},
    "ask_again": ["24 h"],
}


@pytest.fixture
def agreed(world: Any) -> Any:
    alliance = world.exchange.alliance
    agreement = alliance.agreement.model_copy(update={"closing": Closing.model_validate(AGREED)})
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement))
    world.hand_over()
    return world


def look(world: Any) -> Watched:
    alliance = world.exchange.alliance
    found = watch(world.ledger, alliance.agreement, world.clock, alliance)
    world.rest()
    return found


def solve(world: Any, score: int | None = None) -> Watched:
    """South resolves it; North's customer says how satisfied he is."""
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    look(world)
    if score is not None:
        world.stores["north"].edit("1", {"score": score})
        world.rest()
    return look(world)


def kinds(world: Any) -> list[str]:
    wanted = ("corrective", "corrected", "effective", "ineffective", "overdue")
    return [entry.kind for entry in world.ledger.entries() if entry.kind in wanted]


def test_it_has_an_owner_a_deadline_and_what_it_is_about(agreed: Any) -> None:
    answered = {
        "surveys": [{"id": "a", "stars": 1, "said": "It fell off.", "answered_at": "2026-03-01T10:00:00+00:00"}]
    }
    agreed.stores["south"].edit("1", {"state": "Solved"})
    agreed.rest()
    agreed.stores["north"].edit("1", answered)
    agreed.rest()
    assert look(agreed).corrective == 1
    (row,) = corrective.listed(agreed.ledger)
    assert (row.owner, row.role, row.state) == ("south", "quality lead", "open")
    (entry,) = [one for one in agreed.ledger.entries() if one.kind == "corrective"]
    assert row.due_at.isoformat() == entry.detail["due_at"]
    assert (entry.partner, entry.detail["no"], entry.detail["score"]) == ("south", row.id, 1)
    assert agreed.ledger.body_of(entry.case_id, "corrective", {"no": row.id}) == {"text": "It fell off."}
    assert look(agreed).corrective == 0


def test_only_a_good_word_afterwards_makes_it_effective(agreed: Any) -> None:
    solve(agreed, 2)
    solve(agreed)
    assert kinds(agreed) == ["corrective", "corrected"]
    assert corrective.listed(agreed.ledger)[0].state == "done"
    assert [entry.detail["round"] for entry in agreed.ledger.entries() if entry.kind == "asked"] == [1, 2]
    agreed.stores["north"].edit("1", {"score": 5})
    agreed.rest()
    look(agreed)
    assert kinds(agreed) == ["corrective", "corrected", "effective"]
    assert corrective.listed(agreed.ledger) == []
    assert [row.state for row in corrective.listed(agreed.ledger, every=True)] == ["effective"]


def test_another_bad_word_ends_it_and_begins_the_next(agreed: Any) -> None:
    solve(agreed, 2)
    solve(agreed, 1)
    assert kinds(agreed) == ["corrective", "corrected", "ineffective", "corrective"]
    assert [row.state for row in corrective.listed(agreed.ledger, every=True)] == ["ineffective", "open"]


def test_silence_afterwards_leaves_it_done_and_not_effective(agreed: Any) -> None:
    solve(agreed, 2)
    solve(agreed)
    agreed.later(72 * 3600)
    look(agreed)
    assert corrective.listed(agreed.ledger)[0].state == "done"


def test_a_deadline_that_passes_is_told_once(agreed: Any) -> None:
    solve(agreed, 2)
    agreed.later(7 * 3600)
    look(agreed)
    assert kinds(agreed) == ["corrective"]
    agreed.later(2 * 3600)
    for _ in range(3):
        look(agreed)
    assert kinds(agreed) == ["corrective", "overdue"]
    (entry,) = [one for one in agreed.ledger.entries() if one.kind == "overdue"]
    assert (entry.partner, entry.detail["commitment"]) == ("south", "corrective")


def test_its_company_says_what_was_done_with_who_and_why(agreed: Any) -> None:
    solve(agreed, 2)
    (row,) = corrective.listed(agreed.ledger, partner="south")
    alliance = agreed.exchange.alliance
    with agreed.ledger.transaction(agreed.clock()) as tx:
        corrective.say_done(tx, alliance, row.id, by("Lucía", "new cable laid"))
    (entry,) = [one for one in agreed.ledger.entries() if one.kind == "corrected"]
    assert dict(entry.detail) == {"no": row.id, "how": "said", "who": "Lucía", "why": "new cable laid"}
    solve(agreed, 5)
    assert kinds(agreed) == ["corrective", "corrected", "effective"]
    with (
        agreed.ledger.transaction(agreed.clock()) as tx,
        pytest.raises(
            CannotDo, match=r"X511 corrective action 1 is effective already\.\n  Fix: `casebridge corrective"
        ),
    ):
        corrective.say_done(tx, alliance, row.id, by("Lucía", "again"))
    with (
        agreed.ledger.transaction(agreed.clock()) as tx,
        pytest.raises(CannotDo, match="X511 corrective action 77 is not there"),
    ):
        corrective.say_done(tx, alliance, 77, by("Lucía", "again"))


def test_its_agents_read_of_it_in_their_own_tool_until_it_is_done(agreed: Any) -> None:
    partners, store = agreed.exchange.alliance.partners, agreed.stores["south"]
    store.system = store.system.model_copy(update={"told": Told(field="hub_says")})
    partners["south"] = replace(partners["south"], system=store.system)
    solve(agreed, 2)
    assert "Corrective action: quality lead, until 2026-03-01 17:0" in agreed.only("south")["hub_says"]
    solve(agreed)
    assert "Corrective action" not in str(agreed.only("south")["hub_says"])


def test_whoever_has_no_owner_named_is_asked_by_his_escalation_or_by_name(agreed: Any) -> None:
    agreement = agreed.exchange.alliance.agreement
    assert corrective.owner_of(agreement, "south") == "quality lead"
    assert corrective.owner_of(agreement, "north") == "north"
    real = load_agreement(ROOT / "agreement.yaml")
    bare = real.closing.model_copy(update={"corrective": real.closing.corrective.model_copy(update={"owners": {}})})
    assert corrective.owner_of(real.model_copy(update={"closing": bare}), "telvoz") == "jefe de turno"


def test_a_bad_word_that_nobody_owns_waits_for_a_person_to_say_who_sees_to_it(world: Any) -> None:
    world.hand_over()
    assert solve(world, 2).corrective == 0
    assert kinds(world) == []
    look(world)
    (row,) = world.ledger.parked()  # once
    assert (row.subject, row.code, row.partner) == ("feedback", "X514", "south")
    assert row.message.startswith("the customer gave 2 of 5, and nobody at South is named to see to it.")
    titles = {name: name.title() for name in ("north", "south", "east")}
    (asked,) = questions(world.ledger, world.exchange.alliance.agreement, titles, world.clock())
    assert asked.options == ("do not carry", "leave it")
    assert "Say who at South sees to it" in asked.body
    done = answer(world.ledger, lambda _: world.exchange, row.id, "do not carry", {"why": "their shift lead"}, "ann")
    assert done == f"{row.id}: do not carry, by ann."
    look(world)
    assert world.ledger.parked() == []
    world.stores["north"].edit("1", {"score": None})
    world.rest()
    solve(world, 1)
    assert [row.code for row in world.ledger.parked()] == ["X514"]
    world.stores["north"].edit("1", {"score": None})
    world.rest()
    solve(world, 5)
    look(world)
    assert world.ledger.parked() == []  # a better word closed it


def test_an_owner_that_is_no_partner_is_told_with_its_place(tmp_path: Path) -> None:
    text = (ROOT / "agreement.yaml").read_text(encoding="utf-8")
    file = tmp_path / "agreement.yaml"
    file.write_text(text.replace("      telvoz: {role: responsable", "      telvos: {role: responsable"), "utf-8")
    with pytest.raises(
        DeclarationError, match=r"yaml:\d+:7 A325 closing\.corrective\.owners\.telvos: .*\n.*Did you mean 'telvoz'"
    ):
        load_agreement(file)


def test_at_a_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from hub.cli import app

    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path))
    runner = CliRunner()
    shown = runner.invoke(app, ["corrective", "list"])
    assert "No corrective action is open." in shown.output
    refused = runner.invoke(app, ["corrective", "done", "1", "--why", "x"])
    assert isinstance(refused.exception, CannotDo)
    assert "X511" in str(refused.exception)
