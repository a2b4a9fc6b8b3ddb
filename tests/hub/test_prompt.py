"""Pausing and repairing at a prompt: what it says, what it does, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
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
from mappings.case import Attachment, Visibility

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
    assert "ann paused this case: lawyers look" in shown
    assert run("resume", "--case", "1042", "--why", "done", "--who", "bob") == "0 case c-1 goes on."
    assert run("resume", "--case", "1042", "--why", "done") == "0 case c-1 was not paused."
    assert run("paused") == "0 Nothing is paused."
    assert [entry.detail["who"] for entry in ledger.entries() if entry.kind in {"paused", "resumed"}] == ["ann", "bob"]


def test_a_case_shows_its_files_a_private_one_without_its_name(ledger: Ledger) -> None:
    with ledger.transaction(datetime.now(UTC)) as tx:
        state = tx.case("c-1")
        assert state is not None
        seen = {"line [1].png": Visibility.PARTNERS, "passport.png": Visibility.PRIVATE}
        files = [Attachment(partner="telvoz", id=name, name=name, size=20480, visibility=seen[name]) for name in seen]
        tx.keep_case(replace(state, files=tuple(files)))
    shown = run("show", "c-1")
    assert "file   line [1].png, 20 KiB, of telvoz, partners" in shown
    assert "file   (private), 20 KiB, of telvoz, private" in shown
    assert "passport" not in shown


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


def park(ledger: Ledger) -> tuple[str, str]:
    """A delivery that Telvoz refuses and a conflict, both of the one case; their numbers."""
    with ledger.transaction(NOW) as tx:
        why = lanes.Misfit("C601", "telvoz estado", "telvoz estado: C601 'x' is [no] state.")
        lanes.park(tx, "c-1", "telvoz", 1, why, None)
        case = tx.case("c-1")
        detail = {"field": "name", "winner": "telvoz", "loser": "northcable"}
        tx.append("conflict", case, "telvoz", detail=detail, body={"kept": "Sin señal", "lost": "No signal at all"})
        tx.park("conflict", "telvoz", case_id="c-1", native_id=None, code="X201", place="name", why="both changed it")
    first, second = (str(row.id) for row in ledger.parked())
    return first, second


def test_what_waits_is_listed_and_narrowed_by_any_id(ledger: Ledger) -> None:
    park(ledger)
    whole = run("parked", "list")
    assert "telvoz estado: C601 'x' is [no] state." in whole
    assert "both changed it" in whole
    for narrowed in (
        ("--code", "X201"),
        ("--code", "x201", "--case", "TV-000007"),
        ("--case", "c-1", "--code", "X201"),
    ):
        listed = run("parked", "list", *narrowed)
        assert "both changed it" in listed
        assert "C601" not in listed
    assert run("parked", "list", "--partner", "brightnet") == "0 Nothing waits for a person."


def test_one_thing_is_shown_whole_with_both_values_and_its_ways_out(ledger: Ledger) -> None:
    _, number = park(ledger)
    shown = run("parked", "show", number)
    for part in (
        "conflict of Telvoz, since", "X201 at name", "both changed it", "kept: 'Sin señal'", "lost: 'No signal at all'",
        "No signal  c-1: inProgress, held by telvoz; northcable NC-1042, telvoz TV-000007", "opened northcable",
        "Suggestion: Two sides changed one field.", f"casebridge parked fix {number} --set path=value: sets the value",
        f"casebridge parked drop {number}: lets the value that stands stand", "a person decides which value stands.",
    ):  # fmt: skip
        assert part in shown
    assert "parked retry" not in shown
    assert run("parked", "show", "NC-1042").count("Suggestion") == 2


def test_nothing_is_done_until_a_person_says_yes_and_why(ledger: Ledger) -> None:
    number, other = park(ledger)
    head = ledger.head()
    told = run("parked", "retry", number)
    assert told == (
        f"0 {number}: retry owes it to Telvoz again; a value that Telvoz ignored is sent once more.\n"
        "Nothing was done: a dry run of 1. Add --yes and --why to do it."
    )
    with pytest.raises(CannotDo, match="X505 nobody says why"):
        run("parked", "retry", number, "--yes")
    assert (ledger.head(), len(ledger.parked())) == (head, 2)
    done = run("parked", "retry", number, "--yes", "--why", "they mended it")
    assert done.endswith("is sent once more. Owed now: telvoz.")
    assert [str(row.id) for row in ledger.parked()] == [other]
    assert [row.state for row in ledger.deliveries()] == ["owed"]
    assert "ann had what waited for telvoz tried again: they mended it" in run("show", "c-1")


def test_all_that_can_be_tried_again_is_and_the_rest_is_told(ledger: Ledger) -> None:
    number, other = park(ledger)
    done = run("parked", "retry", "--all", "--yes", "--why", "new version there")
    assert f"{number}: retry owes it to Telvoz again" in done
    assert f"X506 {other}: `retry` means nothing for a conflict" in done
    assert [str(row.id) for row in ledger.parked()] == [other]
    again = run("parked", "retry", "--all", "--code", "C601")
    assert again == "0 Nothing waits that this could be done for."


def test_a_question_is_taken_away_and_a_value_set(ledger: Ledger) -> None:
    number, question = park(ledger)
    run("parked", "drop", question, "--yes", "--why", "settled by phone")
    assert [str(row.id) for row in ledger.parked()] == [number]
    assert "Nothing was done" in run("parked", "fix", "TV-000007", "--set", "name=No signal since Monday")
    run("parked", "fix", "TV-000007", "--set", "name=No signal since Monday", "--yes", "--why", "the customer says so")
    assert ledger.case("c-1").name == "No signal since Monday"
    assert ledger.parked() == []
    story = run("show", "c-1")
    assert "is not carried to or from telvoz: settled by phone" in story
    assert "ann set name as the hub's word: the customer says so" in story


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("parked", "show", "TV-9"), "X501 nothing that waits is called 'TV-9'."),
        (("parked", "retry"), "X506 say which: a number, or --all."),
        (("parked", "drop", "NC-1042"), "X501 'NC-1042' is what 2 things wait for: "),
        (("parked", "fix", "NC-1042", "--set", "holder=telvoz"), "X504 holder is not set by hand."),
    ],
)
def test_what_cannot_be_done_is_told(ledger: Ledger, given: Any, said: str) -> None:
    park(ledger)
    with pytest.raises(CannotDo) as caught:
        run(*given)
    assert str(caught.value).startswith(said)


def test_a_reconciliation_names_who_is_there_and_reads_nobody_that_is_paused(ledger: Ledger) -> None:
    with pytest.raises(CannotDo, match=r"X502 there is no partner 'telvos'"):
        run("reconcile", "telvos")
    with pytest.raises(CannotDo, match="X506 nothing is read from telvoz now: telvoz was not pulled yet"):
        run("reconcile", "telvoz", "--dry-run")
    with ledger.transaction(NOW) as tx:
        tx.note_partner("telvoz", cursor="1")
    run("pause", "--partner", "telvoz", "--why", "audit")
    with pytest.raises(CannotDo, match="nothing is read from telvoz now: telvoz was paused by ann"):
        run("reconcile", "telvoz")


def test_a_resync_names_who_is_there_and_reads_nobody_that_is_paused(ledger: Ledger) -> None:
    with pytest.raises(CannotDo, match="X502 there is no partner 'telvos'"):
        run("resync", "telvos")
    with pytest.raises(CannotDo, match="X507 'yesterday' is no time"):
        run("resync", "telvoz", "--since", "yesterday")
    with pytest.raises(CannotDo, match="X505 nobody says why"):
        run("resync", "telvoz", "--yes")
    run("pause", "--partner", "telvoz", "--why", "they move")
    with pytest.raises(CannotDo, match="X506 nothing is read from telvoz now: telvoz was paused by ann"):
        run("resync", "telvoz")


def test_the_time_of_a_case_and_its_promises_are_told_as_of_an_instant(ledger: Ledger) -> None:
    shown = run("clock", "NC-1042")
    assert "0 No signal  c-1" in shown
    assert "agreement 2026-11" in shown
    assert re.search(r"Northcable +offered|the hub +on its way from Northcable to Telvoz, still", shown), shown
    assert re.search(r"we-resolve +all +resolve, end to end +\S.* +3 d +\S+ \S+ +running", shown), shown
    assert "It was not known then." in run("clock", "NC-1042", "--at", "2026-01-01")
    assert run("clock", "no-such-case").startswith("1 'no-such-case' names none")
    with pytest.raises(CannotDo, match="X507 'soon' is no time"):
        run("clock", "NC-1042", "--at", "soon")
