"""A person is forgotten at real companies, over REST, SOAP and Salesforce: a copy is emptied where the hub may."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.acting import By
from hub.alliance import Alliance
from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.erasing import ask_all, begin
from hub.erasure import of_case
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import Desk, companies, connections
from sandbox.words import COMPANIES, fields

MARK = "Margaret zqx"


@pytest.mark.journey
@pytest.mark.parametrize(
    ("giver", "receiver", "product"),
    [
        ("northcable", "telvoz", "TEL-HOME"),
        ("northcable", "brightnet", "NET-100"),
        ("telvoz", "northcable", "CABLE-TV"),
    ],
)
def test_a_copy_is_emptied_over_the_wire_and_stays_so(tmp_path: Path, giver: str, receiver: str, product: str) -> None:
    with companies(tmp_path / "companies", dict.fromkeys(COMPANIES, 0)) as running:
        environ = {**os.environ, "CASEBRIDGE_HOME": str(tmp_path), **connections(running)}
        settings = Settings.from_environment(environ)
        ledger = Ledger.open(settings)
        declared = load_alliance(settings)
        partners = {
            name: replace(one, system=one.system.model_copy(update={"erasure": "blank"}))
            for name, one in declared.partners.items()
        }
        exchange = assemble(
            ledger, Alliance(partners, declared.agreement), lambda name: from_environment(name, environ), wall_clock
        )
        desks = {name: Desk(company) for name, company in running.items()}
        said = {"title": f"{MARK} title", "details": f"{MARK} details", "customer": MARK, "product": product}
        desks[giver].act([{"op": "create", "fields": fields(giver, {**said, "holder": receiver, "reference": "R-1"})}])
        carry(exchange)
        assert MARK in told(exchange, receiver)
        with ledger.look(wall_clock()) as tx:
            found = of_case(tx, ledger.cases()[0].id)
        begin(exchange, found, By("ann", "a letter"))
        steps = {step.partner: step for step in ask_all(exchange)}
        assert steps[giver].state == "waiting"
        assert (steps[receiver].state, steps[receiver].told) == ("done", "blanked")
        assert MARK not in told(exchange, receiver)
        carry(exchange)
        assert MARK not in told(exchange, receiver)
        assert (ledger.count_cases(), ledger.broken_at()) == (0, None)
        for desk in desks.values():
            desk.close()
        exchange.close()
        ledger.engine.dispose()
        ledger.keyring.engine.dispose()


def carry(exchange: Any) -> None:
    for _ in range(3):
        for name in COMPANIES:
            exchange.intake(name)
        for name in COMPANIES:
            exchange.deliver(name)


def told(exchange: Any, company: str) -> str:
    """All that this company's system tells of its records, asked anew."""
    with exchange.speaking(company, "pull") as connector:
        return repr([record.body for page in connector.pull(None) for record in page.records])
