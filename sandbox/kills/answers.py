"""Creates that are applied and whose answers are lost, each company's in turn: the exchange must find what it made.

In one process, over the companies' real servers: one case a call, every answer to a create lost in one of three ways.
Next: `counting.py`.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import Desk, companies, connections
from sandbox.faults import Passing, network, well
from sandbox.kills.agents import Agents
from sandbox.kills.counting import Count, count
from sandbox.words import COMPANIES

LOST = ("answer_lost", "reset_after", "half_body")
PATIENCE = timedelta(minutes=1)


def lose_answers(home: Path, creates: int) -> tuple[int, int, Count]:
    """(creates that the companies were sent, answers of theirs that were lost, what then stands)."""
    sent: list[Passing] = []
    ways = cycle(LOST)

    def lose(passing: Passing) -> str | None:
        if not passing.creates:
            return None
        sent.append(passing)
        return next(ways)

    later = timedelta()
    with (
        companies(home / "companies", dict.fromkeys(COMPANIES, 0)) as running,
        network(running, random.Random(1)) as between,
    ):
        environ = {**os.environ, "CASEBRIDGE_HOME": str(home), **connections(between.companies)}
        settings = Settings.from_environment(environ)
        ledger = Ledger.open(settings)
        made = assemble(
            ledger,
            load_alliance(settings),
            lambda conn_id: from_environment(conn_id, environ),
            lambda: wall_clock() + later,
        )
        exchange = replace(made, batch=1)
        agents = Agents({name: Desk(company) for name, company in running.items()}, random.Random(2))
        for _ in range(creates):
            agents.open()
        for name in COMPANIES:
            exchange.intake(name)
        between.plan = lose
        for name in COMPANIES:
            exchange.deliver(name)
        lost = sum(between.counts.values())
        later = PATIENCE  # and the network still loses the answer to each create, should one be sent again
        _rest(exchange)
        between.plan = well
        _rest(exchange)
        found = count(agents.desks, agents, ledger)
        exchange.close()
        ledger.engine.dispose()
        for desk in agents.desks.values():
            desk.close()
    return len(sent), lost, found


def _rest(exchange: Exchange) -> None:
    """Until a round writes nothing."""
    before = None
    while before != exchange.ledger.head():
        before = exchange.ledger.head()
        for name in COMPANIES:
            exchange.intake(name)
            exchange.deliver(name)
