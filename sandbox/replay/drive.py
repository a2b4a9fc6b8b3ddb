"""Rounds: the k-th change of every incident, made by the agents of the company that holds it, then carried across.

Round k+1 begins when the hub is at rest: the ledger holds every change k, and after a hand-over the receiver's store
holds the case, which is where its next change is made. Business times are the log's. Without Airflow: the production
step functions of hub/exchange.py in this process, over real sockets to the companies' servers.
Next: `../commands.py`, which prints what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.exchange import Exchange
from sandbox.desks import Desk
from sandbox.replay.log import Row
from sandbox.replay.rows import spoken
from sandbox.words import field as field_name

MOST_TURNS = 20
"""Pushes around the companies that one round may take before it is called stuck."""


class Stuck(Exception):
    """The replay cannot go on: what is missing where."""


@dataclass(slots=True)
class Replay:
    """A replay under way. numbers: company -> incident -> the case's number there."""

    incidents: Sequence[Sequence[Row]]
    desks: Mapping[str, Desk]
    exchange: Exchange
    told: Callable[[int, int], None]
    numbers: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self) -> None:
        """Every round, in order. Raises Stuck, DeskError and what the exchange raises."""
        self.numbers = {name: {} for name in self.desks}
        longest = max((len(rows) for rows in self.incidents), default=0)
        done = 0
        for k in range(longest):
            rows = [rows for rows in self.incidents if len(rows) > k]
            self._act(rows, k)
            self.carry()
            self._await_receivers(rows, k)
            done += len(rows)
            self.told(k + 1, done)

    def carry(self) -> int:
        """Pull from all, then push to all until nothing is owed; how many changes were sent."""
        sent = 0
        for name in self.desks:
            self.exchange.intake(name)
        for _ in range(MOST_TURNS):
            owed: set[str] = set()
            for name in self.desks:
                done = self.exchange.deliver(name)
                sent += done.sent
                owed |= done.owed
            if not owed:
                return sent
        waiting = self.exchange.ledger.deliveries(("owed", "claimed", "unknown"), limit=3)
        raise Stuck(f"after {MOST_TURNS} turns something is still owed, first of all: {waiting}")

    def _act(self, rows: Sequence[Sequence[Row]], k: int) -> None:
        """The agents of each company make the k-th changes of the incidents that it holds."""
        acts: dict[str, list[tuple[str, dict[str, Any]]]] = {name: [] for name in self.desks}
        for changes in rows:
            row = changes[k]
            company = changes[max(k - 1, 0)].company
            said = spoken(company, row)
            if k == 0:
                acts[company].append((row.incident, {"op": "create", "fields": said}))
            else:
                number = self.numbers[company][row.incident]
                acts[company].append((row.incident, {"op": "edit", "number": number, "fields": said}))
        for company, wanted in acts.items():
            results = self.desks[company].act([action for _, action in wanted])
            for (incident, _), result in zip(wanted, results, strict=True):
                self.numbers[company][incident] = str(result["number"])

    def _await_receivers(self, rows: Sequence[Sequence[Row]], k: int) -> None:
        """After a hand-over, find the case in the receiver's own store; its number there is what its agents use."""
        sought: dict[str, list[str]] = {name: [] for name in self.desks}
        for changes in rows:
            incident, company = changes[k].incident, changes[k].company
            if incident not in self.numbers[company]:
                sought[company].append(incident)
        for company, wanted in sought.items():
            name = field_name(company, "reference")
            found = {str(body[name]): body for body in self.desks[company].cases(name, wanted)} if wanted else {}
            absent = [incident for incident in wanted if incident not in found]
            if absent:
                raise Stuck(
                    f"{company} does not hold {absent[0]} after round {k + 1}; {len(absent)} of {len(wanted)} absent"
                )
            for incident in wanted:
                self.numbers[company][incident] = str(found[incident][NUMBER[company]])


NUMBER: Mapping[str, str] = {"northcable": "number", "telvoz": "numero", "brightnet": "CaseNumber"}
"""What each company calls the number that its agents see."""
