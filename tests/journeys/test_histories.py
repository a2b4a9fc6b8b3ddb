"""What comes and goes at real companies between two polls: their own change histories tell it, over REST, SOAP and
Salesforce; the ledger, `casebridge show` and the figures have it, and nothing that the hub wrote itself."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import Console

from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.entries import Entry
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.periods import Period
from hub.rollup import Scope, rollup
from hub.settings import Settings
from hub.showing import show_case
from sandbox.desks import Desk, companies, connections
from sandbox.words import COMPANIES, field, fields

pytestmark = pytest.mark.journey
NUMBER = {"northcable": "number", "telvoz": "numero", "brightnet": "CaseNumber"}
BETWEEN = ("resolved", "inProgress", "resolved")


@dataclass
class Alliance:
    """The companies' desks, and the hub between them."""

    desks: dict[str, Desk]
    exchange: Exchange
    environ: dict[str, str]

    def open(self, company: str, reference: str, **said: Any) -> str:
        told = {"title": f"Case {reference}", "reference": reference, "status": "inProgress", **said}
        (result,) = self.desks[company].act([{"op": "create", "fields": fields(company, told)}])
        return str(result["number"])

    def edit(self, company: str, reference: str, **said: Any) -> None:
        number = self.body(company, reference)[NUMBER[company]]
        self.desks[company].act([{"op": "edit", "number": number, "fields": fields(company, said)}])

    def body(self, company: str, reference: str) -> dict[str, Any]:
        (found,) = self.desks[company].cases(field(company, "reference"), [reference])
        return found

    def rest(self) -> None:
        for _ in range(3):
            for name in COMPANIES:
                self.exchange.intake(name)
            for name in COMPANIES:
                self.exchange.deliver(name)

    def story(self, number: str) -> list[Entry]:
        (row,) = self.exchange.ledger.cases(search=number)
        return list(self.exchange.ledger.entries(case_id=row.id))


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alliance]:
    home = tmp_path_factory.mktemp("hub")
    with companies(tmp_path_factory.mktemp("companies"), dict.fromkeys(COMPANIES, 0)) as running, ExitStack() as stack:
        environ = {**os.environ, "CASEBRIDGE_HOME": str(home), **connections(running)}
        settings = Settings.from_environment(environ)
        ledger = Ledger.open(settings)
        stack.callback(ledger.engine.dispose)
        made = assemble(ledger, load_alliance(settings), lambda conn: from_environment(conn, environ), wall_clock)
        stack.callback(made.close)
        desks = {name: Desk(running[name]) for name in COMPANIES}
        for desk in desks.values():
            stack.callback(desk.close)
        made_here = Alliance(desks, made, environ)
        made_here.rest()
        yield made_here


@pytest.mark.parametrize("company", COMPANIES)
def test_resolved_reopened_and_resolved_between_two_polls_is_all_there(
    alliance: Alliance, company: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = f"between-{company}"
    number = alliance.open(company, reference, product="NET-100")
    alliance.rest()
    for status in BETWEEN:
        alliance.edit(company, reference, status=status)
    alliance.rest()
    story = alliance.story(number)
    told = [entry for entry in story if entry.kind == "journaled" and "status" in entry.fields]
    assert [entry.detail["status"]["after"] for entry in told] == list(BETWEEN)
    assert [entry.status for entry in told] == list(BETWEEN)
    assert {entry.partner for entry in told} == {company}
    assert story[-1].status == "resolved"
    figures = rollup(story, Period.parse("all"), COMPANIES)
    assert figures.row("reopened", Scope("company", company)).value == 1
    assert figures.row("resolved").value == 1

    monkeypatch.setenv("CASEBRIDGE_HOME", alliance.environ["CASEBRIDGE_HOME"])
    out = io.StringIO()
    assert show_case(number, Console(file=out, width=200))
    assert out.getvalue().count("status inProgress -> resolved") == 2
    assert out.getvalue().count("status resolved -> inProgress") == 1


@pytest.mark.parametrize("company", COMPANIES)
def test_a_case_that_is_read_late_opens_as_it_began(alliance: Alliance, company: str) -> None:
    reference = f"late-{company}"
    number = alliance.open(company, reference)
    for status in BETWEEN:
        alliance.edit(company, reference, status=status)
    alliance.rest()
    story = alliance.story(number)
    assert (story[0].kind, story[0].status) == ("opened", "inProgress")
    assert rollup(story, Period.parse("all"), COMPANIES).row("reopened").value == 1


def test_what_the_hub_writes_is_no_change_of_the_company_that_it_is_written_to(alliance: Alliance) -> None:
    reference = "crossing"
    number = alliance.open("northcable", reference, product="TEL-HOME")
    alliance.rest()
    alliance.edit("northcable", reference, holder="telvoz")
    alliance.rest()
    alliance.edit("telvoz", reference, status="pending")
    alliance.rest()
    alliance.edit("northcable", reference, priority="critical")
    alliance.rest()
    told = [(entry.partner, entry.fields) for entry in alliance.story(number) if entry.kind == "journaled"]
    assert told == [("northcable", ("holder",)), ("telvoz", ("status",)), ("northcable", ("priority",))]


def test_a_change_that_is_told_of_by_a_reading_before_a_write_is_told_once(alliance: Alliance) -> None:
    """Brightnet writes on no condition, so its case is read right before: what its people did since is seen there."""
    reference = "read-before"
    number = alliance.open("northcable", reference, product="NET-100")
    alliance.rest()
    alliance.edit("northcable", reference, holder="brightnet")
    alliance.rest()
    alliance.edit("northcable", reference, priority="critical")
    alliance.exchange.intake("northcable")
    for status in ("pending", "inProgress", "pending"):
        alliance.edit("brightnet", reference, status=status)
    alliance.exchange.deliver("brightnet")
    alliance.rest()
    told = [entry for entry in alliance.story(number) if entry.kind == "journaled" and entry.partner == "brightnet"]
    after = [entry.detail["status"]["after"] for entry in told if "status" in entry.fields]
    assert after == ["pending", "inProgress", "pending"]


def test_at_rest_nothing_is_told_any_more(alliance: Alliance) -> None:
    alliance.rest()
    head = alliance.exchange.ledger.head()
    alliance.rest()
    assert alliance.exchange.ledger.head() == head
    assert alliance.exchange.ledger.broken_at() is None


def test_the_figures_of_the_whole_are_their_recomputation(alliance: Alliance) -> None:
    entries = list(alliance.exchange.ledger.entries())
    assert rollup(entries, Period.parse("all"), COMPANIES) == rollup(entries[::-1], Period.parse("all"), COMPANIES)
