"""An exchange from its parts: declarations, ledger, and a way to resolve credentials.

The command line resolves them from the environment, a DAG from Airflow's Connections, a test from its own stores; all
get the same exchange. Knows no Airflow. Next: `exchange.py`, `runtime.py`, `cli.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.base import Connector, Credentials
from connectors.kinds import connect
from connectors.pacing import Pace
from hub import evidence
from hub.alliance import Alliance
from hub.allowance import LedgerPurse
from hub.call_log import CallLog
from hub.exchange import Exchange
from hub.granted import with_grants
from hub.ledger import Ledger
from hub.partners import load_partners
from hub.settings import Settings
from hub.versions import load_in_force


def load_alliance(settings: Settings) -> Alliance:
    """The partners and the agreement of these settings. Raises DeclarationError."""
    partners = load_partners(settings.partners_dir)
    agreement = load_in_force(settings.agreement_file, partners, wall_clock().date())
    return Alliance(partners, agreement, feedback_url=settings.feedback_url)


def assemble(
    ledger: Ledger,
    alliance: Alliance,
    resolve: Callable[[str], Credentials],
    clock: Callable[[], datetime],
    evidence_for: timedelta = evidence.USUAL,
) -> Exchange:
    """The exchange. resolve: connection id -> credentials; raises Refused where there are none. evidence_for: how long
    evidence of calls is kept; none where that is no time."""
    alliance = replace(alliance, spool=ledger.spool)
    paces: dict[str, Pace] = {}
    used: dict[str, Credentials] = {}
    logs: dict[str, CallLog] = {}

    def to(name: str) -> Connector:
        system = alliance.partners[name].system
        credentials = used[name] = resolve(system.connection)
        if system.renews:
            credentials = with_grants(credentials, system, ledger, clock)
        log = logs[name] = CallLog(clock)
        witness = log if evidence_for > timedelta() else None
        if system.rate is None and (system.quota is None or system.quota.calls is None):
            return connect(system, credentials, clock=clock, witness=witness)
        paces[name] = Pace(LedgerPurse(ledger, system, clock), time.sleep)
        return connect(system, credentials, clock=clock, before=paces[name], witness=witness)

    def rest(name: str) -> None:
        if name in paces:
            paces[name].rest()

    def rekeyed(name: str) -> bool:
        return name in used and resolve(alliance.partners[name].system.connection) != used[name]

    return Exchange(
        ledger=ledger, alliance=alliance, connect=to, clock=clock, rest=rest, rekeyed=rekeyed, logs=logs,
        evidence_for=evidence_for,
    )  # fmt: skip


def wall_clock() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)
