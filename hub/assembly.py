"""An exchange from its parts: declarations, ledger, and a way to resolve credentials.

The command line resolves them from the environment, a DAG from Airflow's Connections, a test from its own stores; all
get the same exchange. Knows no Airflow. Next: `exchange.py`, `runtime.py`, `cli.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from connectors.base import Connector, Credentials
from connectors.kinds import connect
from connectors.pacing import Pace
from hub.agreement import load_agreement
from hub.alliance import Alliance
from hub.allowance import LedgerPurse
from hub.exchange import Exchange
from hub.granted import with_grants
from hub.ledger import Ledger
from hub.partners import load_partners
from hub.settings import Settings


def load_alliance(settings: Settings) -> Alliance:
    """The partners and the agreement of these settings. Raises DeclarationError."""
    partners = load_partners(settings.partners_dir)
    return Alliance(partners, load_agreement(settings.agreement_file, partners), feedback_url=settings.feedback_url)


def assemble(
    ledger: Ledger, alliance: Alliance, resolve: Callable[[str], Credentials], clock: Callable[[], datetime]
) -> Exchange:
    """The exchange. resolve: connection id -> credentials; raises Refused where there are none."""
    alliance = replace(alliance, spool=ledger.spool)
    paces: dict[str, Pace] = {}
    used: dict[str, Credentials] = {}

    def to(name: str) -> Connector:
        system = alliance.partners[name].system
        credentials = used[name] = resolve(system.connection)
        if system.renews:
            credentials = with_grants(credentials, system, ledger, clock)
        if system.rate is None and (system.quota is None or system.quota.calls is None):
            return connect(system, credentials, clock=clock)
        paces[name] = Pace(LedgerPurse(ledger, system, clock), time.sleep)
        return connect(system, credentials, clock=clock, before=paces[name])

    def rest(name: str) -> None:
        if name in paces:
            paces[name].rest()

    def rekeyed(name: str) -> bool:
        return name in used and resolve(alliance.partners[name].system.connection) != used[name]

    return Exchange(ledger=ledger, alliance=alliance, connect=to, clock=clock, rest=rest, rekeyed=rekeyed)


def wall_clock() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)
