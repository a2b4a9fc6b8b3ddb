"""kill -9 of the real exchange at random moments, over the companies' real servers: counted in their own stores."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import Desk, companies, connections
from sandbox.words import COMPANIES, VALUES, field, fields, shown, word

pytestmark = pytest.mark.journey
LOOP = Path(__file__).parent / "exchange_loop.py"
EDGES = [
    ("northcable", "telvoz", "TEL-HOME"),
    ("northcable", "brightnet", "NET-100"),
    ("telvoz", "brightnet", "NET-1000"),
    ("telvoz", "northcable", "CABLE-TV"),
    ("brightnet", "telvoz", "TEL-MOBILE"),
    ("brightnet", "northcable", "CABLE-BOX"),
]
KILLS = 12


def open_case(desks: dict[str, Desk], number: int) -> tuple[str, str, str, str]:
    """A case with a note for partners, handed over at once: giver, receiver, reference, the giver's number."""
    giver, receiver, product = EDGES[number % len(EDGES)]
    reference = f"K{number}"
    said = {"title": f"Case {reference}", "reference": reference, "product": product, "holder": receiver}
    (made,) = desks[giver].act([{"op": "create", "fields": fields(giver, said)}])
    note = {"text": f"word {reference}", "audience": word(giver, "audience", "partners"), "author": "Ann"}
    desks[giver].act([{"op": "note", "number": made["number"], **note}])
    return giver, receiver, reference, str(made["number"])


def texts(company: str, body: dict[str, Any]) -> list[str]:
    if company == "northcable":
        return [note["body"] for note in body["comments"]]
    if company == "telvoz":
        return [note["texto"] for note in body["notas"]["nota"]] if body["notas"] else []
    return [note["CommentBody"] for note in body["CaseComments"]]


def priority(company: str, body: dict[str, Any]) -> str | None:
    """The canonical priority that a case shows."""
    said = shown(company, body, "priority")
    return next((name for name in VALUES["priority"] if word(company, "priority", name) == said), None)


def test_whenever_it_is_killed_nothing_is_doubled_and_nothing_is_lost(tmp_path: Path) -> None:
    chance = random.Random(11)
    with companies(tmp_path / "companies", dict.fromkeys(COMPANIES, 0)) as running:
        environ = {**os.environ, "CASEBRIDGE_HOME": str(tmp_path), **connections(running)}
        desks = {name: Desk(company) for name, company in running.items()}
        made: list[tuple[str, str, str, str]] = []
        for _ in range(KILLS):
            child = subprocess.Popen([sys.executable, LOOP, "60"], env=environ, stdout=subprocess.PIPE, text=True)
            assert child.stdout is not None
            assert child.stdout.readline() == "UP\n"
            made += [open_case(desks, len(made) + n) for n in range(3)]
            giver, _, _, number = chance.choice(made)
            edit = fields(giver, {"priority": chance.choice(tuple(VALUES["priority"]))})
            desks[giver].act([{"op": "edit", "number": number, "fields": edit}])
            time.sleep(chance.uniform(0.01, 0.9))
            child.kill()
            child.wait()
            child.stdout.close()
        time.sleep(6)  # the patience with which an unknown outcome is looked into
        subprocess.run([sys.executable, LOOP, "14"], env=environ, check=True, stdout=subprocess.DEVNULL)
        for giver, receiver, reference, _ in made:
            (here,) = desks[giver].cases(field(giver, "reference"), [reference])
            (there,) = desks[receiver].cases(field(receiver, "reference"), [reference])
            assert sum(f"word {reference}" in text for text in texts(receiver, there)) == 1
            assert priority(giver, here) == priority(receiver, there)
        for desk in desks.values():
            desk.close()
        ledger = Ledger.open(Settings.from_environment(environ))
        assert ledger.broken_at() is None
        assert ledger.deliveries(("owed", "claimed", "unknown")) == []
        assert ledger.parked() == []
        ledger.engine.dispose()
