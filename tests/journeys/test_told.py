"""Agents of the sandbox companies read in their own tool, in their language, how a case stands and what was held back:
real servers on sockets, their pages as an agent gets them, the production exchange, and the mended mapping."""

from __future__ import annotations

import html
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from hub.acting import By
from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.repair import act, plan
from hub.settings import Settings
from sandbox.desks import Company, Desk, companies, connections
from sandbox.words import COMPANIES, field, fields

pytestmark = pytest.mark.journey
PARTNERS = Path(__file__).resolve().parents[2] / "mappings" / "partners"
NUMBER = {"northcable": "number", "telvoz": "numero", "brightnet": "CaseNumber"}
FREE = dict.fromkeys(COMPANIES, 0)
PRODUCT = {"northcable": "CABLE-TV", "telvoz": "TEL-HOME", "brightnet": "NET-1000"}
UNKNOWN = {
    "northcable": "Reopened: inProgress",
    "telvoz": "Asignado: inProgress",
    "brightnet": "Открыто повторно: inProgress",
}
"""A word of their picklist, as the mapping has it."""
HELD_BACK = {
    "northcable": "NOT PASSED ON: “Reopened” in state is not understood (M201). "
    "Correct it here, or wait: Exchange desk (+44 20 7946 0199) acts on it.",
    "telvoz": "NO TRANSMITIDO: no se entiende «Asignado» en estado (M201). "
    "Corríjalo aquí o espere: Exchange desk (+44 20 7946 0199) se ocupa.",
    "brightnet": "НЕ ПЕРЕДАНО: значение «Открыто повторно» в поле Status непонятно (M201). "
    "Исправьте здесь или подождите. Этим занимается: Exchange desk (+44 20 7946 0199).",
}
OVER = {"telvoz": "TRANSMITIDO: ya no espera nada."}


@dataclass
class Alliance:
    """The companies, and a hub between them whose mappings can be mended."""

    running: dict[str, Company]
    desks: dict[str, Desk]
    environ: dict[str, str]
    ledger: Ledger

    def exchange(self, stack: ExitStack) -> Exchange:
        """As a new process has it: declarations are read anew."""
        settings = Settings.from_environment(self.environ)
        alliance = load_alliance(settings)
        made = assemble(self.ledger, alliance, lambda name: from_environment(name, self.environ), wall_clock)
        stack.callback(made.close)
        return made

    def body(self, company: str, reference: str) -> dict[str, Any]:
        (found,) = self.desks[company].cases(field(company, "reference"), [reference])
        return found

    def edit(self, company: str, reference: str, said: dict[str, str]) -> None:
        number = self.body(company, reference)[NUMBER[company]]
        self.desks[company].act([{"op": "edit", "number": number, "fields": said}])

    def page(self, company: str, reference: str) -> str:
        """The case's page as an agent of the company gets it, its text."""
        number, url = self.body(company, reference)[NUMBER[company]], self.running[company].url
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self.running[company].ca_file or True
            session.post(f"{url}/login", data={"name": "agent", "password": "agent"}, timeout=30)
            answer = session.get(f"{url}/cases/{number}", timeout=30)
        assert answer.status_code == 200
        now = answer.text.partition('id="history-head"')[0]  # below it stands what was told before
        return html.unescape(re.sub(r"<[^>]+>", "", now))


def carried(exchange: Exchange) -> None:
    """One poll of every company, and what follows."""
    for name in COMPANIES:
        exchange.intake(name)
    for name in COMPANIES:
        exchange.deliver(name)


def at_rest(exchange: Exchange) -> None:
    for _ in range(8):
        for name in COMPANIES:
            exchange.intake(name)
        if not sum(exchange.deliver(name).sent for name in COMPANIES):
            return
    raise AssertionError("the exchange does not come to rest")


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alliance]:
    home = tmp_path_factory.mktemp("told")
    shutil.copytree(PARTNERS, home / "partners")
    with companies(home, FREE) as running:
        environ = {**os.environ, "CASEBRIDGE_HOME": str(home), **connections(running)}
        environ["CASEBRIDGE_PARTNERS"] = str(home / "partners")
        desks = {name: Desk(company) for name, company in running.items()}
        ledger = Ledger.open(Settings.from_environment(environ))
        yield Alliance(running, desks, environ, ledger)
        ledger.engine.dispose()
        for desk in desks.values():
            desk.close()


@pytest.mark.parametrize(
    ("giver", "receiver"), [("northcable", "telvoz"), ("telvoz", "brightnet"), ("brightnet", "northcable")]
)
def test_a_word_that_nobody_understands_shows_on_the_agents_own_page_until_it_is_mended(
    alliance: Alliance, giver: str, receiver: str
) -> None:
    reference = f"told-{giver}"
    mapping = Path(alliance.environ["CASEBRIDGE_PARTNERS"]) / giver / "mapping.yaml"
    whole = mapping.read_text(encoding="utf-8")
    assert f"      {UNKNOWN[giver]}\n" in whole
    told = {"title": reference, "reference": reference, "status": "inProgress", "product": PRODUCT[receiver]}
    alliance.desks[giver].act([{"op": "create", "fields": fields(giver, {**told, "holder": receiver})}])
    with ExitStack() as stack:
        lacking = re.sub(r"(?ms)^transitions:.*?(?=^notes:)", "", whole).replace(f"      {UNKNOWN[giver]}\n", "")
        mapping.write_text(lacking, encoding="utf-8")
        unmended = alliance.exchange(stack)
        at_rest(unmended)
        theirs = alliance.body(receiver, reference)
        assert str(theirs[NUMBER[receiver]]) in alliance.page(giver, reference)

        said = {field(giver, "status"): UNKNOWN[giver].partition(":")[0], field(giver, "title"): "New title"}
        alliance.edit(giver, reference, said)
        carried(unmended)  # within one poll
        assert HELD_BACK[giver] in alliance.page(giver, reference)
        at_rest(unmended)
        assert alliance.body(receiver, reference)[field(receiver, "title")] == reference
        assert "Exchange desk" not in alliance.page(receiver, reference)

        mapping.write_text(whole, encoding="utf-8")
        mended = alliance.exchange(stack)
        (row,) = [row for row in alliance.ledger.parked() if row.partner == giver and row.subject == "record"]
        act(mended, plan(mended, "retry", row), By("Ana López", "the word is in the mapping now"))
        at_rest(mended)
        assert alliance.body(receiver, reference)[field(receiver, "title")] == "New title"
        page = alliance.page(giver, reference)
        assert OVER.get(giver, "") in page
        assert giver in OVER or HELD_BACK[giver] not in page
        assert [one for one in alliance.ledger.entries() if one.kind == "noted"] == []


def test_what_is_due_and_the_last_delivery_stand_there_in_their_own_zone(alliance: Alliance) -> None:
    told = {"title": "due", "reference": "due", "status": "inProgress", "product": "NET-1000", "holder": "brightnet"}
    due = {"due": "2026-12-02T14:00:00+00:00"}
    alliance.desks["northcable"].act([{"op": "create", "fields": fields("northcable", {**told, **due})}])
    with ExitStack() as stack:
        at_rest(alliance.exchange(stack))
    here, there = alliance.body("northcable", "due")["hub_says"], alliance.page("brightnet", "due")
    lines = here.splitlines()
    assert lines[0].startswith("With Brightnet, number there: ")
    assert lines[1] == "Due: 2026-12-02 14:00."
    assert lines[2].startswith("Last delivered to Brightnet: ")
    assert "Обращение у вас. Контактное лицо клиента — компания Northcable." in there
    assert "Срок: 02.12.2026 19:00." in there  # Almaty
