"""Pausing at a prompt: what it says, what it does, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.errors import Refused
from hub import breaker, lanes
from hub.acting import CannotDo
from hub.cli import app
from hub.ledger import Ledger
from hub.settings import Settings
from hub.state import CaseState, Link

NOW = datetime.now(UTC)
Run = Callable[..., str]


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """The ledger of a prompt, over the sandbox's partners, with one case that Northcable and Telvoz hold."""
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("LOGNAME", "ann")
    opened = Ledger.open(Settings.from_environment())
    values = {"status": "inProgress", "holder": "telvoz", "name": "No signal"}
    case = CaseState(
        "c-1", "northcable", "s-1", 1, values, {}, "northcable", "northcable", opened_at=NOW, updated_at=NOW
    )
    with opened.transaction(NOW) as tx:
        tx.keep_case(case)
        tx.keep_link(Link("northcable", "1042", "c-1", "1", "d", "NC-1042"), "s-1")
        tx.keep_link(Link("telvoz", "7", "c-1", "1", "d", "TV-000007"), "s-1")
        tx.append("opened", case, "northcable")
    yield opened
    opened.engine.dispose()


def run(*given: str) -> str:
    done = CliRunner().invoke(app, given)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return f"{done.exit_code} {done.output}".strip()


def test_a_case_is_paused_by_any_number_and_let_go_on(ledger: Ledger) -> None:
    assert run("pause", "--case", "TV-000007", "--why", "lawyers look") == "0 case c-1 is paused."
    assert run("pause", "--case", "c-1", "--why", "again") == "0 case c-1 was paused already."
    assert "case c-1" in run("paused")
    shown = run("show", "NC-1042")
    assert "paused by ann: lawyers look" in shown
    assert "scope case, who ann, why lawyers look" in shown
    assert run("resume", "--case", "1042", "--why", "done", "--who", "bob") == "0 case c-1 goes on."
    assert run("resume", "--case", "1042", "--why", "done") == "0 case c-1 was not paused."
    assert run("paused") == "0 Nothing is paused."
    assert [entry.detail["who"] for entry in ledger.entries() if entry.kind in {"paused", "resumed"}] == ["ann", "bob"]


def test_a_partner_that_is_left_alone_is_listed_and_spoken_to_again_at_once(ledger: Ledger) -> None:
    with ledger.transaction(datetime.now(UTC)) as tx:
        breaker.failed(tx, "telvoz", "pull", Refused("they do not know who we are (401).", code="C301", where="telvoz"))
    listed = run("paused")
    assert "telvoz is left alone until" in listed
    assert "after 1 failures: telvoz: C301 they do not know who we are (401)." in listed
    assert run("resume", "--partner", "telvoz", "--why", "new password") == "0 telvoz goes on."
    assert run("paused") == "0 Nothing is paused."
    assert [entry.partner for entry in ledger.entries() if entry.kind == "resumed"] == ["telvoz"]


def test_a_paused_hub_is_told_by_every_step_at_a_prompt(ledger: Ledger) -> None:
    assert run("pause", "--hub", "--why", "migration") == "0 the hub is paused."
    for verb in ("pull", "push"):
        said = run(verb, "telvoz")
        assert said.startswith("1 the hub was paused by ann at ")
        assert "migration" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("pause", "--why", "x"), "X506 say what: one of --hub, --partner NAME, --case ID."),
        (("pause", "--hub", "--case", "c-1", "--why", "x"), "X506 say what"),
        (("pause", "--hub"), 'X505 nobody says why.\n  Fix: add --why "..."; it stands in the audit trail for ever.'),
        (
            ("pause", "--partner", "telvos", "--why", "x"),
            "X502 there is no partner 'telvos'.\n  Known: brightnet, northcable, telvoz. Did you mean 'telvoz'?",
        ),
        (
            ("pause", "--case", "TV-9", "--why", "x"),
            "X503 'TV-9' names no case.\n  Fix: give the case's id, or its number in one system",
        ),
    ],
)
def test_what_cannot_be_paused_is_told_with_the_way_out(ledger: Ledger, given: Any, said: str) -> None:
    with pytest.raises(CannotDo) as caught:
        run(*given)
    assert str(caught.value).startswith(said)
    assert ledger.pauses() == []


def test_what_would_be_sent_is_shown_and_a_first_contact_signed_off(ledger: Ledger) -> None:
    assert run("push", "telvoz", "--dry-run") == "0 telvoz: nothing would be sent."
    with ledger.transaction(NOW) as tx:
        lanes.owe(tx, "c-1", "telvoz", 1, None)
    shown = run("push", "telvoz", "--dry-run")
    assert "c-1   update  TV-000007" in shown
    assert "telvoz: 0 records would be created, 1 changed, 0 parked. Nothing was sent." in shown
    assert [row.state for row in ledger.deliveries()] == ["owed"]
    said = run("partner", "sign-off", "telvoz", "--why", "looked at it")
    assert said == "0 The first contact with telvoz is signed off; the next push writes what is owed."
    again = run("partner", "sign-off", "telvoz", "--why", "looked at it")
    assert again == "0 The first contact with telvoz was signed off before."
    (entry,) = [entry for entry in ledger.entries() if entry.kind == "signed_off"]
    assert (entry.partner, dict(entry.detail)) == ("telvoz", {"who": "ann", "why": "looked at it"})
