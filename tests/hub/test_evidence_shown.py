"""Evidence of calls as an engineer reads it: at a prompt, and on the board behind a permission of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from typer.testing import CliRunner

from connectors.evidence import NOTHING, About, Evidence, Side
from hub import evidence
from hub.acting import CannotDo
from hub.board import board
from hub.call_log import CallLog
from hub.cli import app
from hub.evidence_words import readable
from hub.ledger import Ledger
from hub.settings import Settings
from hub.state import CaseState, Link
from sandbox.companies.run import serving

NOW = datetime.now(UTC)
HOSTILE = "<script>alert(1)</script> [bold]"


def a_call(key: str, **told: Any) -> Evidence:
    said = {
        "about": About((key,)), "where": "telvoz crearCaso", "method": "POST", "path": "/soap", "query": "",
        "status": 200, "failed": "", "tries": 1, "connect": 0.004, "first": 0.031, "seconds": 0.042, "sent": 20,
        "received": 30, "request": Side({"Content-Type": "application/json"}, '{"a": {"b": 1}}', 15),
        "answer": Side({}, f"<a><b>{HOSTILE}</b></a>", 30, "… 9 bytes cut"),
    }  # fmt: skip
    return Evidence(**(said | told))


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """One case, one delivery of two calls: the second had no answer; and a run of a pull."""
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    opened = Ledger.open(Settings.from_environment())
    values = {"status": "inProgress", "holder": "telvoz", "name": "No signal"}
    case = CaseState(
        "c-1", "northcable", "s-1", 1, values, {}, "northcable", "northcable", opened_at=NOW, updated_at=NOW
    )
    silent = {"status": 0, "failed": "C401 sent, and no whole answer before the deadline.", "first": None}
    log = CallLog(lambda: NOW)
    for told in (a_call("k"), a_call("k", **silent, answer=NOTHING, seconds=30.0, where="telvoz modificarCaso TV-7")):
        log(told)
    with opened.transaction(NOW) as tx:
        tx.keep_case(case)
        tx.keep_link(Link("telvoz", "7", "c-1", "1", "d", "TV-000007"), "s-1")
        tx.append("opened", case, "northcable", body={"a": 1})
        calls = log.take(evidence.names("c-1", [], ["k"]))
        digest = evidence.keep(tx, calls, "telvoz", case, "s-1", keys=["k"], delivery_id=5)
        tx.append("unknown", case, "telvoz", detail={"code": "C401", "evidence": digest})
        evidence.end_run(tx, log, "telvoz", "push", evidence.USUAL)
    yield opened
    opened.engine.dispose()


def run(*given: str) -> str:
    done = CliRunner().invoke(app, given)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return str(done.output)


def test_a_case_is_shown_with_a_line_for_each_call(ledger: Ledger) -> None:
    shown = run("show", "TV-000007")
    first, second = [line.split() for line in shown.splitlines() if "/soap" in line]
    assert first[2:] == ["telvoz", "5", "crearCaso", "POST", "/soap", "200", "42", "1", "ok"]
    assert second[4:9] == ["modificarCaso", "POST", "/soap", "none", "30000"]
    assert "no answer after 30.0 s (C401)" in shown
    assert "evidence" not in shown.partition("Calls")[0]  # a digest is nothing to read


def test_what_was_said_is_a_page_of_text(ledger: Ledger) -> None:
    shown = run("show", "c-1", "--calls")
    assert "telvoz  delivery 5  (as in the receipt of entry 2)" in shown
    assert "connected in 4 ms, first byte after 31 ms, 42 ms in all, 1 try" in shown
    assert '>   {\n>     "a": {\n>       "b": 1\n' in shown
    assert f"<   <a><b>{HOSTILE}</b></a>" in shown
    assert "<   (30 bytes: … 9 bytes cut)" in shown
    assert "< C401 sent, and no whole answer before the deadline." in shown


def test_a_partner_is_shown_with_a_line_for_each_run_and_what_failed(ledger: Ledger) -> None:
    shown = run("calls", "telvoz").splitlines()
    assert "push: 2 calls in 30.0 s, 60 bytes read; 1 x no answer, 1 x 200" in shown[0]
    assert shown[1].strip() == "POST /soap: no answer after 30.0 s (C401)"
    with pytest.raises(CannotDo, match=r"X502 there is no partner 'telvox'(?s:.*)Did you mean 'telvoz'\?"):
        run("calls", "telvox")


def test_nothing_is_kept_where_no_days_are_asked_for_and_a_wrong_number_says_so(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEBRIDGE_EVIDENCE_DAYS", "0")
    assert "Calls" not in run("show", "c-1")
    monkeypatch.setenv("CASEBRIDGE_EVIDENCE_DAYS", "fortnight")
    with pytest.raises(CannotDo, match="X531 CASEBRIDGE_EVIDENCE_DAYS: 'fortnight' is no number of days from 0 to"):
        run("show", "c-1")
    assert "X531" in run("explain", "X531")


def test_only_an_engineer_reads_it_on_the_board(ledger: Ledger) -> None:
    permitted = [False]

    def engineers() -> None:
        if not permitted[0]:
            raise HTTPException(403)

    pages = FastAPI()
    pages.include_router(board(lambda: ledger, lambda: {"telvoz": "Telvoz"}, engineers=engineers))
    with serving(pages) as url, httpx.Client(base_url=url) as client:
        case = client.get("/case", params={"id": "c-1"}).text
        assert 'href="calls?id=c-1"' in case
        assert HOSTILE not in case
        assert client.get("/calls", params={"id": "c-1"}).status_code == 403
        permitted[0] = True
        page = client.get("/calls", params={"id": "c-1"}).text
        assert "as in the receipt of entry 2" in page
        assert "no answer after 30.0 s" in page
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert client.get("/calls", params={"id": "c-9"}).status_code == 404


def test_a_board_for_others_has_no_such_page(ledger: Ledger) -> None:
    pages = FastAPI()
    pages.include_router(board(lambda: ledger, lambda: {}))
    with serving(pages) as url, httpx.Client(base_url=url) as client:
        assert "calls?id" not in client.get("/case", params={"id": "c-1"}).text
        assert client.get("/calls", params={"id": "c-1"}).status_code == 404


def test_bodies_are_laid_out_as_what_they_are() -> None:
    assert readable('{"a":[1]}') == '{\n  "a": [\n    1\n  ]\n}'
    assert readable("<a>" + "<b/>" * 40 + "</a>").count("\n") == 41
    assert readable("id,name\n1,x") == "id,name\n1,x"


def test_a_log_holds_no_more_than_it_may_and_counts_all_the_same() -> None:
    log = CallLog(lambda: NOW)
    large = Side(text="x" * 16_000)
    for number in range(3000):
        log(a_call(f"k{number}", request=large, answer=large))
    bodies = [call.told.request.text for number in range(3000) for call in log.take([f"key k{number}"])]
    assert len(bodies) == 3000
    assert sum(len(text) for text in bodies) < 20 * 2**20
    assert log.end().calls == 3000
    assert log.end().calls == 0
