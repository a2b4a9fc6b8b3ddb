"""What there is to look at: three companies with an exchange between them, the board over its ledger, a report.

All real and on this machine: the companies' servers as processes, the hub's own step functions over a ledger on disk,
the board on a socket. Next: `../conftest.py`, the browser.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from hub.assembly import assemble, load_alliance, wall_clock
from hub.board import board
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.fact_store.ledger_source import LedgerSource
from hub.ledger import Ledger
from hub.periods import Period
from hub.report.forms import forms
from hub.report.mail import Letter, mail
from hub.report.words import Words
from hub.reporting import figures, write_reports
from hub.settings import Settings
from hub.tongue import tongue
from sandbox.companies.run import serving
from sandbox.desks import LOGIN, Company, Desk, companies, connections
from sandbox.mailbox.box import Box
from sandbox.mailbox.pages import pages
from sandbox.words import COMPANIES, fields

TITLES = {name: name.title() for name in COMPANIES}


@dataclass(slots=True)
class World:
    """Three companies and the hub between them."""

    running: Mapping[str, Company]
    exchange: Exchange
    settings: Settings
    desks: Mapping[str, Desk]

    def carry(self) -> None:
        """Pull and push until nothing is owed."""
        for _ in range(6):
            for name in COMPANIES:
                self.exchange.intake(name)
            sent = [self.exchange.deliver(name).sent for name in COMPANIES]
            if not any(sent):
                return
        raise AssertionError("the exchange does not come to rest")

    def create(self, company: str, **said: Any) -> str:
        """A case that an agent of this company opens; its number there."""
        (done,) = self.desks[company].act([{"op": "create", "fields": fields(company, said)}])
        return str(done["number"])

    def case_at(self, company: str, key: str, value: str) -> dict[str, Any]:
        """The one case there whose field has this value."""
        (found,) = self.desks[company].cases(key, [value])
        return found


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The companies on free ports, and the exchange over a ledger on disk."""
    home = tmp_path_factory.mktemp("home")
    with companies(home / "companies", dict.fromkeys(COMPANIES, 0)) as running:
        environ = {**os.environ, "CASEBRIDGE_HOME": str(home), **connections(running)}
        settings = Settings.from_environment(environ)
        ledger = Ledger.open(settings)
        exchange = assemble(
            ledger, load_alliance(settings), lambda conn_id: from_environment(conn_id, environ), wall_clock
        )
        desks = {name: Desk(company) for name, company in running.items()}
        yield World(running, exchange, settings, desks)
        for desk in desks.values():
            desk.close()
        exchange.close()
        ledger.engine.dispose()


@pytest.fixture(scope="session")
def crossed(world: World) -> str:
    """A world in which cases crossed, came back and were parked; the number at Northcable of one that crossed."""
    number = world.create(
        "northcable", title="No dial tone since the storm", product="TEL-HOME", customer="Margaret O'Neill",
        details="Box restarted twice.\nNeighbours have the same.", holder="telvoz", priority="high", reference="R-100",
    )  # fmt: skip
    world.desks["northcable"].act(
        [
            {"op": "note", "number": number, "text": "She works from home.", "audience": "partners", "author": "Tom"},
            {
                "op": "note",
                "number": number,
                "text": "She threatens to leave.",
                "audience": "internal",
                "author": "Tom",
            },
        ]
    )
    world.create(
        "telvoz", title="La imagen se congela", product="CABLE-TV", customer="José Ibáñez", holder="northcable"
    )
    world.create(
        "brightnet", title="Не работает домашний телефон", product="TEL-HOME", customer="Алия", holder="telvoz"
    )
    world.create("northcable", title="Wants a second box", product="CABLE-BOX", holder="telvoz")  # no edge permits it
    world.carry()
    there = world.case_at("telvoz", "referencia", "R-100")
    work = [{"status": "inProgress", "agent": "Lucía"}, {"status": "resolved"}]  # Telvoz takes no shorter way
    world.desks["telvoz"].act(
        [{"op": "edit", "number": there["numero"], "fields": fields("telvoz", said)} for said in work]
    )
    world.carry()
    return number


@pytest.fixture(scope="session")
def board_address(world: World, crossed: str) -> Iterator[str]:
    """The board on a socket, mounted as Airflow mounts it."""
    app, pages = FastAPI(), FastAPI()
    pages.include_router(board(lambda: world.exchange.ledger, lambda: TITLES))
    app.mount("/casebridge", pages)
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/casebridge"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def report(world: World, crossed: str) -> Path:
    """The report of everything that happened."""
    files = write_reports(world.exchange.ledger.entries(), world.settings, TITLES, datetime.now(UTC), ["all"])
    (page,) = [path for path in files if path.suffix == ".html"]
    return page


@pytest.fixture
def mailbox(world: World, crossed: str, tmp_path: Path) -> Iterator[Callable[[str], tuple[str, int]]]:
    """Puts the report of everything, in this language, into a mailbox; its address and the mail's number."""
    box = Box(tmp_path / "mails")
    agreement = world.exchange.alliance.agreement

    def put(language: str) -> tuple[str, int]:
        (of,) = figures(LedgerSource(world.exchange.ledger), world.settings, [Period.parse("all")], agreement, None)
        words, now = Words(tongue(language), TITLES), datetime.now(UTC)
        letter = Letter("reports@hub.example", "manager@alliance.example", "1@hub.example", "all", "op@hub.example")
        attached = forms(of, ["pdf", "xlsx"], now=now, words=words)
        return address, box.keep(bytes(mail(of, letter, now=now, words=words, attached=attached)))

    with serving(pages(box)) as address:
        yield put


@pytest.fixture(scope="session")
def login() -> tuple[str, str]:
    """Name and password of an agent, at every company."""
    return LOGIN
