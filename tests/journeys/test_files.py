"""Files between the sandbox companies: real servers on sockets, agents at their pages, the production exchange."""

from __future__ import annotations

import importlib.util
import os
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import Company, Desk, companies, connections
from sandbox.words import COMPANIES, field, fields, word

pytestmark = pytest.mark.journey
FREE = dict.fromkeys(COMPANIES, 0)
NUMBER = {"northcable": "number", "telvoz": "numero", "brightnet": "CaseNumber"}
LISTED = {"northcable": ("files", "name"), "telvoz": ("archivos", "nombre"), "brightnet": ("Files", "PathOnClient")}
PICTURE = b"\xff\xd8\xff\xe0" + os.urandom(700_000)


@dataclass
class World:
    """The companies, and the hub between them."""

    running: dict[str, Company]
    desks: dict[str, Desk]
    exchange: Exchange
    home: Path

    def open(self, company: str, reference: str, holder: str, product: str) -> None:
        told = {"title": reference, "reference": reference, "status": "inProgress", "holder": holder}
        self.desks[company].act([{"op": "create", "fields": fields(company, {**told, "product": product})}])
        self.rest()

    def body(self, company: str, reference: str) -> dict[str, Any]:
        (found,) = self.desks[company].cases(field(company, "reference"), [reference])
        return found

    def number(self, company: str, reference: str) -> str:
        return str(self.body(company, reference)[NUMBER[company]])

    def attach(self, company: str, reference: str, name: str, raw: bytes, audience: str = "partners") -> None:
        act = {"op": "attach", "number": self.number(company, reference), "name": name, "author": "Ana López"}
        seen = {"audience": word(company, "audience", audience), "type": "image/jpeg"}
        self.desks[company].act([{**act, **seen, "base64": b64encode(raw).decode()}])

    def act(self, company: str, reference: str, told: dict[str, str]) -> None:
        edit = {"op": "edit", "number": self.number(company, reference), "fields": fields(company, told)}
        self.desks[company].act([edit])
        self.rest()

    def files(self, company: str, reference: str) -> dict[str, bytes]:
        """Name and bytes of each file there, as an agent gets them from the page."""
        body, (path, name) = self.body(company, reference), LISTED[company]
        listed = (body[path] or {}).get("archivo", []) if company == "telvoz" else body[path]
        page, number = self.page(company), self.number(company, reference)
        found = {}
        for one in listed:
            answer = page.get(f"{self.running[company].url}/cases/{number}/files/{one['id']}", timeout=30)
            assert answer.status_code == 200
            assert answer.headers["Content-Disposition"].startswith("attachment")
            found[one[name]] = answer.content
        page.close()
        return found

    def page(self, company: str) -> requests.Session:
        """Somebody signed in at the company's pages."""
        session = requests.Session()
        session.trust_env = False
        authority = self.running[company].ca_file
        session.verify = str(authority) if authority else True
        answer = session.post(
            f"{self.running[company].url}/login", data={"name": "agent", "password": "agent"}, timeout=30
        )
        assert answer.status_code == 200
        return session

    def carry(self) -> int:
        for name in COMPANIES:
            self.exchange.intake(name)
        return sum(self.exchange.deliver(name).sent for name in COMPANIES)

    def rest(self) -> None:
        for _ in range(8):
            if not self.carry():
                return


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("files")
    with companies(home, FREE) as running:
        environ = {**os.environ, "CASEBRIDGE_HOME": str(home), **connections(running)}
        settings = Settings.from_environment(environ)
        exchange = assemble(
            Ledger.open(settings), load_alliance(settings), lambda name: from_environment(name, environ), wall_clock
        )
        desks = {name: Desk(company) for name, company in running.items()}
        yield World(running, desks, exchange, home)
        exchange.close()
        exchange.ledger.engine.dispose()
        for desk in desks.values():
            desk.close()


@pytest.mark.parametrize(
    ("giver", "receiver", "product"), [("northcable", "telvoz", "TEL-HOME"), ("telvoz", "northcable", "CABLE-TV")]
)
def test_a_file_crosses_both_ways_once_and_a_private_one_stays(
    world: World, giver: str, receiver: str, product: str
) -> None:
    reference = f"files-{giver}"
    world.open(giver, reference, receiver, product)
    world.attach(giver, reference, "señal — 图.jpg", PICTURE)
    world.attach(giver, reference, "id card.jpg", b"private", "private")
    world.rest()
    assert world.files(receiver, reference) == {"señal — 图.jpg": PICTURE}
    world.attach(receiver, reference, "nuevo módem.jpg", PICTURE[::-1], "customer")
    world.rest()
    own = {"señal — 图.jpg": PICTURE, "id card.jpg": b"private"}
    assert world.files(giver, reference) == {**own, "nuevo módem.jpg": PICTURE[::-1]}
    head = world.exchange.ledger.head()
    for _ in range(3):
        assert world.carry() == 0
    assert world.exchange.ledger.head() == head
    assert world.exchange.ledger.parked() == []
    assert list((world.home / "files").iterdir()) == []


def test_an_agent_adds_a_file_on_the_page(world: World) -> None:
    world.open("northcable", "page", "telvoz", "TEL-HOME")
    url, page = world.running["northcable"].url, world.page("northcable")
    at = f"{url}/cases/{world.number('northcable', 'page')}"
    token = re.search(r'name="token" value="([^"]+)"', page.get(at, timeout=30).text)
    assert token is not None
    form = {"token": token[1], "audience": "customer"}
    answer = page.post(
        f"{at}/files", data=form, files={"file": ("bill.pdf", b"%PDF-1.7", "application/pdf")}, timeout=30
    )
    assert answer.status_code == 200
    assert "bill.pdf" in answer.text
    refused = page.post(f"{at}/files", data={**form, "token": "x"}, files={"file": ("x", b"x")}, timeout=30)
    assert refused.status_code == 403
    page.close()
    world.rest()
    assert world.files("telvoz", "page") == {"bill.pdf": b"%PDF-1.7"}


def test_what_is_too_large_for_one_company_is_told_with_where_it_is_and_the_case_goes_on(world: World) -> None:
    world.open("northcable", "large", "telvoz", "TEL-HOME")
    world.attach("northcable", "large", "film.bin", bytes(4 * 2**20))
    world.desks["northcable"].act(
        [
            {
                "op": "edit",
                "number": world.number("northcable", "large"),
                "fields": fields("northcable", {"priority": "high"}),
            }
        ]
    )
    world.rest()
    assert world.files("telvoz", "large") == {}
    (waiting,) = world.exchange.ledger.parked()
    assert (waiting.partner, waiting.code) == ("telvoz", "X308")
    number = world.number("northcable", "large")
    told = f"Not sent: film.bin (4 MiB) of Northcable in its case {number}, where it can be had."
    assert waiting.message == f"Telvoz takes files of up to 3 MiB. {told}"
    assert world.body("telvoz", "large")["prioridad"] == word("telvoz", "priority", "high")


def test_a_file_reaches_all_three_companies_from_each_of_them(world: World) -> None:
    world.open("northcable", "three", "brightnet", "BUNDLE")
    world.act("brightnet", "three", {"holder": "telvoz"})
    assert world.body("telvoz", "three")
    expected: dict[str, bytes] = {}
    for company in COMPANIES:
        name = f"от {company}.jpg"
        expected[name] = PICTURE + company.encode()
        world.attach(company, "three", name, expected[name])
        world.attach(company, "three", f"{company} only.jpg", b"private", "private")
        world.rest()
    for company in COMPANIES:
        assert world.files(company, "three") == {**expected, f"{company} only.jpg": b"private"}
    assert world.carry() == 0
    assert [row for row in world.exchange.ledger.parked() if row.subject == "file" and "three" in row.message] == []


@pytest.mark.parametrize("partner", ["northcable", "brightnet"])
def test_a_large_file_is_never_in_memory(tmp_path: Path, partner: str) -> None:
    """48 MiB by the benchmark's own child process; `make bench-files` does it with 200."""
    script = Path(__file__).parents[1] / "benchmarks" / "files.py"
    spec = importlib.util.spec_from_file_location("casebridge_bench_files", script)
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    told = bench.run(tmp_path, 48 * 2**20, partner)
    assert told["whole"]
    assert told["grown"] < 12 * 2**20
