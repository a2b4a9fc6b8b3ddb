"""Northcable's own webhooks over a line that loses some, holds some back and doubles some: nothing is lost by it.

Real servers, the real `casebridge serve`, and between them a line that answers for the hub. What the hints did not
bring, one pull does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
import requests
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub import hints
from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.companies.northcable import WEBHOOK_SECRET
from sandbox.companies.run import serving
from sandbox.desks import Desk, companies, connections

pytestmark = pytest.mark.journey
ROOT = Path(__file__).resolve().parents[2]
LOST = 0.3
CASES, ROUNDS = 12, 8
QUIET = 0.5
"""Seconds; Northcable looks ten times a second what it has to tell."""


@dataclass
class Line:
    """What lies between: it takes a webhook with 204, and passes it on, or not, or later, or twice."""

    random: Random
    hub: str = ""
    passed: int = 0
    lost: int = 0
    refused: list[int] = field(default_factory=list)
    waiting: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    newest: float = 0.0

    async def take(self, request: Request) -> Response:
        body, self.newest = await request.body(), time.monotonic()
        headers = {
            name: text for name, text in request.headers.items() if name.startswith(("webhook-", "content-type"))
        }
        drawn = self.random.random()
        if drawn < LOST:
            self.lost += 1
        elif drawn < LOST + 0.2:
            self.waiting.append((body, headers))
        else:
            await run_in_threadpool(self.send, body, headers)
            if drawn > 0.9:
                await run_in_threadpool(self.send, body, headers)
        return Response(status_code=204)

    def send(self, body: bytes, headers: dict[str, str]) -> None:
        answer = requests.post(f"{self.hub}/webhooks/northcable", data=body, headers=headers, timeout=20)
        self.passed += answer.status_code == 204
        if answer.status_code != 204:
            self.refused.append(answer.status_code)

    def quiet(self) -> None:
        """Until nothing more of what was done comes. Several changes of one ticket may be told as one."""
        self.newest = time.monotonic()
        while time.monotonic() < self.newest + QUIET:
            time.sleep(0.02)

    def let_go(self) -> None:
        """Those that were held back, the newest first."""
        while self.waiting:
            self.send(*self.waiting.pop())


@contextmanager
def hub_serving(environ: dict[str, str]) -> Iterator[str]:
    command = [str(Path(sys.executable).parent / "casebridge"), "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield next(line for line in process.stdout if line.startswith("Serving on")).split()[-1]
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def waiting(ledger: Ledger) -> int:
    with ledger.look(wall_clock()) as tx:
        return len(hints.waiting(tx, "northcable", 1000))


def test_with_a_third_of_webhooks_lost_and_others_late_or_doubled_one_poll_brings_all(tmp_path: Path) -> None:
    random = Random(53)
    line = Line(random)
    app = Starlette(routes=[Route("/", line.take, methods=["POST"])])
    with serving(app) as address, companies(
        tmp_path / "companies", {"northcable": 0, "telvoz": 0, "brightnet": 0},
        more={"northcable": ("--webhooks", address)},
    ) as running:  # fmt: skip
        written = connections(running)
        known = json.loads(written["AIRFLOW_CONN_NORTHCABLE"])
        written["AIRFLOW_CONN_NORTHCABLE"] = json.dumps({**known, "extra": {"webhook_secret": WEBHOOK_SECRET}})
        environ = {"PATH": os.environ["PATH"], "CASEBRIDGE_HOME": str(tmp_path / "hub"), **written}
        settings = Settings.from_environment(environ, root=ROOT)
        ledger = Ledger.open(settings)
        exchange = assemble(ledger, load_alliance(settings), lambda name: from_environment(name, environ), wall_clock)
        desks = {name: Desk(company) for name, company in running.items()}
        for name in running:
            exchange.intake(name)
        with hub_serving(environ) as line.hub:
            late, early = _worked(line, ledger, exchange, desks, random)
        for desk in desks.values():
            desk.close()
        exchange.close()
        ledger.engine.dispose()
    assert line.lost > 10
    assert line.refused == []
    assert early > late > 0


def _worked(line: Line, ledger: Ledger, exchange: Exchange, desks: dict[str, Desk], random: Random) -> tuple[int, int]:
    """Agents' edits round by round; how many of them a pull had to bring, and how many a hint had brought before."""
    north, telvoz = desks["northcable"], desks["telvoz"]
    late = early = 0
    fields = {"product.code": "TEL-HOME", "assigned_company": "Telvoz"}
    opened = [{"op": "create", "fields": {**fields, "title": "new", "reference": f"R-{one}"}} for one in range(CASES)]
    numbers = [one["number"] for one in north.act(opened)]
    for round_ in range(ROUNDS):
        chosen = random.sample(range(CASES), CASES // 2)
        north.act([{"op": "edit", "number": numbers[one], "fields": {"title": f"{round_} of {one}"}} for one in chosen])
        line.quiet()
        if round_ % 2:
            line.let_go()
        early += exchange.heed("northcable").applied
        late += exchange.intake("northcable").applied
        assert waiting(ledger) == 0
        exchange.deliver("telvoz")
        exchange.deliver("northcable")
        said = {one["reference"]: one["title"] for one in north.cases("reference", [f"R-{n}" for n in range(CASES)])}
        there = {one["referencia"]: one["asunto"] for one in telvoz.cases("referencia", list(said))}
        assert there == said  # L1 and L3, one poll after the edits
        assert len(said) == CASES
    line.quiet()
    before = ledger.head()
    line.let_go()  # the last of them come when all is at rest: they change nothing
    exchange.heed("northcable")
    assert exchange.intake("northcable").applied == 0
    assert ledger.head() == before
    return late, early
