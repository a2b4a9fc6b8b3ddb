"""What is past the agreement's time is removed, whole customers at a time, and nothing before its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from hub import showing
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.cli import app
from hub.retaining import Retention, Span
from hub.retention import sweep

ENDED = {"state": "Closed", "score": 5}


def keeping(world: Any, **spans: str) -> Any:
    told = world.exchange.alliance.agreement.model_dump(by_alias=True)
    agreed = Agreement.model_validate({**told, "retention": spans})
    world.exchange = replace(world.exchange, alliance=Alliance(world.exchange.alliance.partners, agreed))
    return world


def case_of(world: Any, customer: str, **fields: Any) -> None:
    world.stores["north"].create({"title": "No signal", "state": "Open", "customer": {"id": customer}, **fields})
    world.rest()


@pytest.mark.parametrize(
    ("span", "at", "before"),
    [
        (Span(90, "day"), "2026-03-31", "2025-12-31"),
        (Span(2, "week"), "2026-03-31", "2026-03-17"),
        (Span(1, "month"), "2026-03-31", "2026-02-28"),
        (Span(14, "month"), "2026-01-15", "2024-11-15"),
        (Span(2, "year"), "2028-02-29", "2026-02-28"),
    ],
)
def test_a_span_is_of_the_calendar(span: Span, at: str, before: str) -> None:
    moments = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (at, before)]
    assert span.before(moments[0]) == moments[1]


@pytest.mark.parametrize("wrong", ["2", "two years", "0 days", "2 h", "-1 year", 5])
def test_a_span_that_is_none_is_told(wrong: object) -> None:
    with pytest.raises(ValidationError, match=r"a span is a number and a unit \(day, week, month, year\), such as"):
        Retention.model_validate({"closed": wrong})


def test_an_ended_case_goes_when_its_time_is_over_and_not_before(world: Any) -> None:
    keeping(world, closed="2 years")
    case_of(world, "7", **ENDED)
    assert world.ledger.cases()[0].status == "closed"
    world.later(timedelta(days=729).total_seconds())
    assert sweep(world.exchange).erased == 0
    world.later(timedelta(days=2).total_seconds())
    assert sweep(world.exchange).erased == 1
    assert sweep(world.exchange).erased == 0
    assert world.ledger.count_cases() == 0
    assert world.ledger.broken_at() is None
    world.rest()
    assert world.ledger.count_cases() == 0  # the pull finds it, and it stays forgotten
    (said,) = [e.detail for e in world.ledger.entries() if e.kind == "erasing"]
    assert said == {"who": "retention", "why": "closed: 2 years", "partners": []}


def test_one_open_case_keeps_a_customers_others(world: Any) -> None:
    keeping(world, closed="30 days")
    case_of(world, "7", **ENDED)
    case_of(world, "7")
    case_of(world, "8", **ENDED)
    world.later(timedelta(days=40).total_seconds())
    assert sweep(world.exchange).erased == 1
    assert world.ledger.count_cases() == 2


def test_nothing_is_removed_that_nothing_was_agreed_on(world: Any) -> None:
    case_of(world, "7", **ENDED)
    world.later(timedelta(days=4000).total_seconds())
    assert sweep(world.exchange).erased == 0
    assert world.ledger.count_cases() == 1


def test_erasing_at_a_prompt_is_shown_first_and_done_with_who_and_why(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "exchange_here", lambda: world.exchange)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LOGNAME", "ann")
    case_of(world, "7", company="South")
    case_of(world, "7")
    run: Callable[..., str] = lambda *given: _run("erase", *given)  # noqa: E731
    shown = run("--customer", "7")
    assert "north" in shown
    assert "south" in shown
    assert "Nothing was done. To do it: the same with --yes --why ..." in shown
    assert world.ledger.count_cases() == 2
    assert "X505 nobody says why" in run("--customer", "7", "--yes")
    assert "X534 it is sealed under the key of its customer, with 1 more of his cases" in run("--case", "N-1")
    assert "X533 say whose data" in run()
    assert "X503 no case of this customer is kept" in run("--customer", "8")
    assert world.ledger.count_cases() == 2
    done = run("--customer", "7", "--yes", "--why", "a letter of 1 March")
    assert "Erased here: 2 cases." in done
    assert "south S-1: waiting, a person asked to be forgotten. South deletes or empties record S-1" in done
    assert world.ledger.count_cases() == 0
    (case_id, _) = [e.case_id for e in world.ledger.entries() if e.kind == "opened"]
    waits = run("--pending")
    assert f"waiting south S-1 of {case_id}" in waits
    assert run("--confirm", "south", "--case", case_id, "--why", "purged") == "0 south: 1 confirmed."
    assert f"waiting south S-1 of {case_id}" not in run("--pending")
    (receipt,) = [e.detail for e in world.ledger.entries() if (e.kind, e.partner) == ("erased", "south")]
    assert receipt == {"how": "confirmed", "who": "ann", "why": "purged"}


def _run(*given: str) -> str:
    done = CliRunner().invoke(app, given)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return str(done.exception)
    return f"{done.exit_code} {done.output}".strip()


def test_files_that_wait_too_long_are_let_go_of(world: Any, tmp_path: Path) -> None:
    from connectors.files import Files
    from hub.spool import Spool
    from hub.tables import files

    keeping(world, files="30 days")
    alliance = world.exchange.alliance
    for name, partner in alliance.partners.items():
        world.stores[name].system = partner.system.model_copy(update={"files": Files()})
        alliance.partners[name] = replace(partner, system=world.stores[name].system)
    told = alliance.agreement.model_dump(by_alias=True)
    told["sharing"]["standard"]["attachments"] = ["customer"]
    world.ledger.spool = Spool(tmp_path, world.ledger.keyring)
    alliance = Alliance(alliance.partners, Agreement.model_validate(told), world.ledger.spool)
    world.exchange = replace(world.exchange, alliance=alliance)
    north = world.stores["north"]
    native_id = north.create({"title": "No signal", "state": "Open", "company": "South"})
    north.attach(native_id, b"a photo", name="a.png", type="image/png", audience="all")
    world.exchange.intake("north")
    world.exchange.intake("north")  # read; South cannot be reached
    assert len(list(tmp_path.iterdir())) == 1
    assert sweep(world.exchange).files == 0
    world.later(timedelta(days=31).total_seconds())
    assert sweep(world.exchange).files == 1
    assert list(tmp_path.iterdir()) == []
    with world.ledger.connected() as connection:
        assert connection.execute(files.select()).one().state == "refused"
