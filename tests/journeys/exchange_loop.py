"""The exchange in a process of its own, to be killed: pulls from and pushes to all three until its time is over."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from time import monotonic

from connectors.errors import ConnectorError
from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.words import COMPANIES


def main(seconds: float) -> None:
    """Says UP once it can begin. The lease is short, so that what a killed one held is soon taken over."""
    settings = Settings.from_environment()
    made = assemble(
        Ledger.open(settings),
        load_alliance(settings),
        lambda conn_id: from_environment(conn_id, os.environ),
        wall_clock,
    )
    exchange = replace(made, lease=timedelta(seconds=2))
    print("UP", flush=True)
    until = monotonic() + seconds
    while monotonic() < until:
        for name in COMPANIES:
            with suppress(ConnectorError):
                exchange.intake(name)
            with suppress(ConnectorError):
                exchange.deliver(name)


if __name__ == "__main__":
    main(float(sys.argv[1]))
