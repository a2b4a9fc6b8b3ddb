"""`python -m sandbox.kills.forks`: imports everything once and forks a life of the exchange for each line it reads.

A life is a process of its own: its own connections to ledger and companies, its own end. It pulls and pushes until it
dies at its point or is killed from here, or ends by itself where it was told to bring everything to rest. SIGKILL of a
fork is kill -9 of a process; only the second of importing is saved.

    in   {"point": "_settle sealed", "passage": 1, "order": [...], "pushes_first": false, "rest": 0,
         "lease": 1.0, "deadline": 1.5, "later": 0}
    in   KILL
    out  BORN, then DEAD point | DEAD killed | DEAD rested | DEAD failed

Next: `lives.py`, which speaks to this.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

import connectors.kinds  # noqa: F401  imported before a fork, so that each fork has it
from connectors.base import Connector
from connectors.errors import ConnectorError
from hub.alliance import Alliance
from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.keys import Keyring, master_key
from hub.ledger import Ledger, engine_for
from hub.settings import Settings
from sandbox.kills.points import Fuse, WatchedConnector, WatchedLedger, watch_keys

OPEN = ("owed", "claimed", "unknown")
LONGEST_REST = 120.0


def main() -> None:
    """Until stdin is closed."""
    settings = Settings.from_environment()
    alliance = load_alliance(settings)
    print("READY", flush=True)
    while line := os.read(0, 4096):
        if line == b"KILL\n":  # it was dead already
            continue
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(settings, alliance, told)
        print("BORN", flush=True)
        print(f"DEAD {_end_of(pid)}", flush=True)


def _end_of(pid: int) -> str:
    """Waits for the end of this child; kills it when told to, or when nobody is there any more to tell."""
    sent = False
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            return ("killed" if sent else "point") if killed else "failed" if status else "rested"
        if not sent and select.select([0], [], [], 0.003)[0]:
            os.read(0, 4096)
            os.kill(pid, signal.SIGKILL)
            sent = True
        elif sent:
            sleep(0.001)


def _live(settings: Settings, alliance: Alliance, told: Mapping[str, Any]) -> None:
    """One life; never returns."""
    status = 1
    try:
        exchange = _exchange(settings, alliance, told)
        if told["rest"]:
            _rest(exchange, told["order"], told["rest"])
        else:
            for name in told["order"] if told["pushes_first"] else ():
                _deliver(exchange, name)
            while True:
                _round(exchange, told["order"])
                sleep(0.01)
        status = 0
    except BaseException:  # noqa: BLE001  a fork must not go on as its parent, whatever happened
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _exchange(settings: Settings, alliance: Alliance, told: Mapping[str, Any]) -> Exchange:
    fuse = Fuse(told["point"], told["passage"])
    shift = timedelta(seconds=told["later"])
    partners = {
        name: replace(one, system=one.system.model_copy(update={"deadline": told["deadline"], "watch": 0}))
        for name, one in alliance.partners.items()
    }
    keys = engine_for(settings.keys_url)
    watch_keys(keys, fuse)
    engine = Ledger.open(settings).engine
    ledger = WatchedLedger(Ledger(engine, Keyring(keys, master_key(settings.home, os.environ))), fuse)
    clock: Callable[[], datetime] = lambda: wall_clock() + shift  # noqa: E731  one line, one use
    made = assemble(ledger, Alliance(partners, alliance.agreement), _resolve, clock)

    def connect(name: str) -> Connector:
        return WatchedConnector(made.connect(name), fuse)

    return replace(made, connect=connect, lease=timedelta(seconds=told["lease"]))


def _resolve(conn_id: str) -> Any:
    return from_environment(conn_id, os.environ)


def _round(exchange: Exchange, order: list[str]) -> None:
    for name in order:
        with suppress(ConnectorError):
            exchange.intake(name)
        _deliver(exchange, name)


def _deliver(exchange: Exchange, name: str) -> None:
    with suppress(ConnectorError):
        exchange.deliver(name)


def _rest(exchange: Exchange, order: list[str], quiet: int) -> None:
    """Rounds until so many in a row wrote nothing and nothing is open. Raises where that does not come."""
    until, still = monotonic() + LONGEST_REST, 0
    while still < quiet:
        if monotonic() > until:
            raise TimeoutError(f"no rest: {exchange.ledger.deliveries(OPEN)}")
        before = exchange.ledger.head()
        _round(exchange, order)
        same = exchange.ledger.head() == before and not exchange.ledger.deliveries(OPEN)
        still = still + 1 if same else 0


if __name__ == "__main__":
    main()
