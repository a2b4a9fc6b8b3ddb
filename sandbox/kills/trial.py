"""A trial: companies, a failing network, lives of the exchange that are killed, and the count at the end.

`kill_at_points` ends a life at each named point, `kill_at_random` at drawn moments under drawn faults; `settle` takes
the faults away, moves the hub's clock past lease and patience, waits for rest and counts. The draws are seeded; what
the operating system makes of them is not, so a seed is a start and not a recording.
Next: `points.py`, `lives.py`, `agents.py`, `counting.py`.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import Desk, companies, connections
from sandbox.faults import Network, Passing, drawn, network, well
from sandbox.kills.agents import Agents
from sandbox.kills.counting import Count, count, read
from sandbox.kills.lives import Lives, lives
from sandbox.kills.points import Point
from sandbox.words import COMPANIES

LEASE = 0.6
DEADLINE = 1.5
LONGEST_LIFE = 1.5
"""Seconds in which a life reaches its point, or work has to be prepared for it first; the next try has longer."""
MOST_TRIES = 12
QUIET = 10
PAST = 1000.0
"""Seconds by which the clock is moved: past the lease, the patience and the longest back-off."""


class NeverReached(Exception):
    """Points at which no life could be killed."""


@dataclass(slots=True)
class Trial:
    """See the module."""

    network: Network
    desks: Mapping[str, Desk]
    agents: Agents
    lives: Lives
    chance: random.Random
    ledger: Callable[[], Ledger]
    kills: Counter[str] = field(default_factory=Counter)

    def kill_at_points(self, points: Sequence[Point]) -> None:
        """A life ends at each of these. Raises NeverReached."""
        waiting = list(points)
        for tried in range(MOST_TRIES):
            seconds = LONGEST_LIFE * (1 + tried)  # a busy machine gets there late, or somewhere else first
            waiting = [point for point in waiting if not self._die_at(point, seconds)]
            if not waiting:
                return
        raise NeverReached(", ".join(f"{name} ({passage})" for name, passage in waiting))

    def kill_at_random(self, kills: int, rate: float) -> None:
        """So many lives ended at drawn moments, each request meeting a fault with this probability."""
        self.network.plan = drawn(self.network.chance, rate)
        for _ in range(kills):
            self._work()
            self.lives.begin(self._order(), pushes_first=self.chance.random() < 0.5)
            for _ in range(self.chance.randrange(3)):
                sleep(self.chance.uniform(0.0, 0.2))
                self.agents.act()
            sleep(self.chance.uniform(0.01, self.chance.choice((0.2, 0.5, 1.5))))
            self.kills[self.lives.kill()] += 1
        self.network.plan = well

    def settle(self) -> Count:
        """Everything at rest, ten rounds more that write nothing, and the count."""
        self.network.plan = well
        self.lives.later += PAST
        self._rest(2)
        before = read(self.desks, self.agents)
        self._rest(QUIET)
        ledger = self.ledger()
        found = count(self.desks, self.agents, ledger)
        ledger.engine.dispose()
        if read(self.desks, self.agents) != before:
            found.breaches.append("at rest, ten more rounds wrote to a company")
        return found

    def _rest(self, rounds: int) -> None:
        self.lives.begin(COMPANIES, rest=rounds)
        while self.lives.ended(1.0) is None:
            pass

    def _die_at(self, point: Point, seconds: float) -> bool:
        """One life towards this point; where it does not get there, it is killed leaving work for the next try."""
        name, passage = point
        step = name.split()[0]
        left = LEFT_BEHIND.get(step)
        if left is not None:  # only a life that pushes before it pulls comes here, after one that died in a push
            self._work()
            self.lives.begin(self._order(), left)
            self._end(seconds)
            sleep(self.lives.lease)
        self._work()
        self.network.plan = ILL.get(step, well)
        self.lives.begin(self._order(), name, passage, pushes_first=left is not None)
        return self._end(seconds)

    def _end(self, seconds: float) -> bool:
        """Whether it died at its point; killed where it still lives after so many seconds."""
        how = self.lives.ended(seconds) or self.lives.kill()
        self.kills[how] += 1
        self.network.plan = well
        return how == "point"

    def _work(self) -> None:
        self.agents.open()
        self.agents.say()
        self.agents.act()

    def _order(self) -> list[str]:
        return self.chance.sample(COMPANIES, len(COMPANIES))


def _no_reads_of_one(passing: Passing) -> str | None:
    """Telvoz's and Brightnet's records cannot be read one by one; lists can."""
    one = b"obtenerCasos" in passing.body or (passing.company == "brightnet" and "+Id+IN" in passing.line)
    return "request_lost" if one else None


def _no_lists(passing: Passing) -> str | None:
    """Nothing that changed can be read."""
    listing = b"listarCasos" in passing.body or passing.line.startswith("GET /api/tickets?")
    return "request_lost" if listing else None


ILL: Mapping[str, Callable[[Passing], str | None]] = {"_give_back": _no_reads_of_one, "speaking": _no_lists}
LEFT_BEHIND: Mapping[str, str] = {
    "_look_for": "_push create done",
    "_found_created": "_push create done",
    "_find_note": "_push add_note done",
    "_reread": "_push update done",
}
"""step -> where the life before must have died, for a later one to come to that step."""


@contextmanager
def trial(home: Path, seed: int, *, ledger_url: str | None = None) -> Iterator[Trial]:
    """Everything up, for the length of the block. home: an empty folder. ledger_url: SQLite in home if None."""
    chance = random.Random(seed)
    with (
        companies(home / "companies", dict.fromkeys(COMPANIES, 0)) as running,
        network(running, random.Random(seed + 1)) as between,
    ):
        own = {"CASEBRIDGE_HOME": str(home), **connections(between.companies)}
        if ledger_url is not None:
            own["CASEBRIDGE_LEDGER"] = ledger_url
        environ = {**os.environ, **own}
        settings = Settings.from_environment(environ)
        Ledger.prepare(settings).engine.dispose()
        desks = {name: Desk(company) for name, company in running.items()}
        agents = Agents(desks, random.Random(seed + 2))
        with lives(environ, lease=LEASE, deadline=DEADLINE) as born:
            yield Trial(between, desks, agents, born, chance, lambda: Ledger.open(settings))
        for desk in desks.values():
            desk.close()
