"""The Salesforce company and one company on a real system, for the length of a block: the production exchange between
them, with a ledger on disk.

    with allied(home, "redmine", {"host": url, "login": ..., "password": ...}, SYSTEM_FOLDER) as alliance:
        alliance.act("create", fields=...)
        alliance.rest()

Brightnet's agents call the other company Телвоз, for that is the telephone company in their picklist.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from ruamel.yaml import YAML

from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox import desks
from sandbox.words import field, shown

ROOT = Path(__file__).resolve().parents[2]
AGREEMENT = ROOT / "tests" / "journeys" / "roundup" / "agreement.yaml"
"""Written for Roundup; another system stands in it under its own name."""


@dataclass
class Alliance:
    """Brightnet's desk, the partner of this name, and the hub between."""

    partner: str
    brightnet: desks.Desk
    exchange: Exchange
    settings: Settings

    def rest(self) -> None:
        """Pull and push until nobody is owed anything, twice."""
        names = sorted(("brightnet", self.partner))
        for _ in range(2):
            for name in names:
                self.exchange.intake(name)
            for _ in range(6):
                if not any(self.exchange.deliver(name).sent for name in names):
                    break

    def settle(self, seconds: float = 60.0) -> None:
        """Go on until nobody is owed anything, for as long as that may take: what has no answer is waited for."""
        until = monotonic() + seconds
        while True:
            self.rest()
            if not self.exchange.ledger.deliveries(("owed", "claimed", "unknown")):
                return
            assert monotonic() < until, self.exchange.ledger.deliveries(("owed", "claimed", "unknown"))
            sleep(0.5)

    def case(self, reference: str) -> dict[str, Any]:
        """Brightnet's case."""
        (found,) = self.brightnet.cases(field("brightnet", "reference"), [reference])
        return found

    def there(self, reference: str) -> bool:
        """Whether Brightnet has it."""
        return bool(self.brightnet.cases(field("brightnet", "reference"), [reference]))

    def says(self, reference: str, key: str) -> Any:
        return shown("brightnet", self.case(reference), key)

    def comments(self, reference: str) -> list[str]:
        """Brightnet's comments of the case."""
        return [one["CommentBody"] for one in self.case(reference)["CaseComments"]]

    def act(self, op: str, reference: str = "", **said: Any) -> None:
        """What an agent of Brightnet does."""
        about = {"number": self.case(reference)["CaseNumber"]} if reference else {}
        self.brightnet.act([{"op": op, **about, **said}])

    def parked(self) -> list[str]:
        return [row.code for row in self.exchange.ledger.parked()]


@contextmanager
def allied(home: Path, partner: str, connection: Mapping[str, str], folder: Path) -> Iterator[Alliance]:
    """connection: host, login and password. folder: the partner's declarations."""
    company = desks.start("brightnet", home, 0)
    try:
        settings, environ = _declared(home, company, partner, connection, folder)
        ledger = Ledger.open(settings)
        exchange = assemble(
            ledger, load_alliance(settings), lambda conn_id: from_environment(conn_id, environ), wall_clock
        )
        yield Alliance(partner, desks.Desk(company), exchange, settings)
        exchange.close()
        ledger.engine.dispose()
    finally:
        desks.stop([company])


def _title(folder: Path) -> str:
    """What the partner is called."""
    return str(YAML(typ="safe").load((folder / "system.yaml").read_text(encoding="utf-8"))["title"])


def _declared(
    home: Path, company: desks.Company, partner: str, connection: Mapping[str, str], folder: Path
) -> tuple[Settings, dict[str, str]]:
    """The two partner folders beside each other, and what they agreed on."""
    partners = home / "partners"
    shutil.copytree(ROOT / "mappings" / "partners" / "brightnet", partners / "brightnet")
    shutil.copytree(folder, partners / partner)
    for name, old in (("mapping.yaml", "Телвоз: telvoz"), ("examples.yaml", "holder: telvoz")):
        text = (partners / "brightnet" / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (partners / "brightnet" / name).write_text(text.replace(old, old.replace("telvoz", partner)), "utf-8")
    agreement = AGREEMENT.read_text(encoding="utf-8").replace("roundup", partner).replace("Roundup", _title(folder))
    (home / "agreement.yaml").write_text(agreement, encoding="utf-8")
    environ = {
        **os.environ,
        **desks.connections({"brightnet": company}),
        f"AIRFLOW_CONN_{partner.upper()}": json.dumps({"conn_type": "casebridge_rest", **connection}),
        "CASEBRIDGE_HOME": str(home),
        "CASEBRIDGE_PARTNERS": str(partners),
        "CASEBRIDGE_AGREEMENT": str(home / "agreement.yaml"),
        "CASEBRIDGE_SUBSCRIPTIONS": str(home / "subscriptions.yaml"),
    }
    return Settings.from_environment(environ), environ
