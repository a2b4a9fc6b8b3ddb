"""The stage: performs the scripts' acts at the companies' desks, and sees when each one shows where it should.

Cases go on side by side; within a case an act waits until the one before has shown everywhere it should, as an agent
would who answers what it reads. Everything is done and seen over HTTP at the desks. The ledger is only read: how far it
has come, and for a replayed log whether it holds a change. One thread; `step` never waits. The clock is given.
Next: `acts.py` (an act), `rest.py` (when all has been said), `command.py` (calls `step`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.ledger import Ledger
from sandbox.demo.acts import Act, Script, Sight, missing
from sandbox.desks import Desk
from sandbox.replay.drive import NUMBER
from sandbox.words import field as field_name

PATIENCE = 180.0
"""Seconds after which an act that does not show is given up."""
BETWEEN = 0.8
"""Seconds between the openings of two cases: telephones do not all ring at once."""


@dataclass(slots=True)
class Awaited:
    """What one company must still show in consequence of an act. absent: what was wrong at the last look."""

    script: Script
    act: Act
    company: str
    sight: Sight
    since: float
    absent: dict[str, tuple[Any, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An act that was seen at another company. seconds: since its agent pressed Save; at: on the stage's clock."""

    script: Script
    act: Act
    company: str
    number: str
    seconds: float
    at: float


@dataclass(slots=True)
class Run:
    """One script under way. numbers: company -> the case's number there. holder: who has it, as far as was seen."""

    script: Script
    starts: float
    done: int = 0
    numbers: dict[str, str] = field(default_factory=dict)
    awaited: list[Awaited] = field(default_factory=list)
    unkept: Act | None = None
    holder: str = ""
    last: str = ""

    @property
    def finished(self) -> bool:
        """Whether all was done and has shown."""
        return self.done == len(self.script.acts) and not self.awaited and self.unkept is None


class Stage:
    """All scripts, performed side by side."""

    def __init__(
        self, scripts: Sequence[Script], desks: Mapping[str, Desk], ledger: Ledger, clock: Callable[[], float]
    ) -> None:
        self.runs = [Run(script, BETWEEN * i) for i, script in enumerate(scripts)]
        self.arrivals: list[Arrival] = []
        self.acts_done = 0
        self._desks, self._ledger, self._clock = desks, ledger, clock
        self._read_to = 0
        self._kept: Counter[tuple[str, datetime]] = Counter()
        self._started: float | None = None

    @property
    def expected(self) -> int:
        """How many arrivals the scripts ask for."""
        return sum(len(act.seen) for run in self.runs for act in run.script.acts)

    @property
    def first_crossing(self) -> Arrival | None:
        """The first case that was seen at the company it was handed to."""
        return next((one for one in self.arrivals if one.company != one.act.at and "holder" in one.act.says), None)

    @property
    def finished(self) -> bool:
        """Whether every script has ended."""
        return all(run.finished for run in self.runs)

    def overdue(self) -> list[Awaited]:
        """What did not show in time."""
        now = self._clock()
        return [one for run in self.runs for one in run.awaited if now - one.since > PATIENCE]

    def unkept(self) -> list[Run]:
        """Runs that wait for the ledger."""
        return [run for run in self.runs if run.unkept is not None]

    def open_what_stays(self) -> None:
        """The first acts that concern no other company, before the hub is up: its partners had cases long before."""
        for run in self.runs:
            if not run.script.acts[0].seen and run.script.acts[0].kept_at is None:
                self._do(run)

    def step(self) -> None:
        """Do what can be done now, then look for what was done."""
        if self._started is None:
            self._started = self._clock()
        for run in self.runs:
            while self._may_go_on(run):
                self._do(run)
        self._look()
        if any(run.unkept for run in self.runs):
            self._read_ledger()

    def _may_go_on(self, run: Run) -> bool:
        waits = run.awaited or run.unkept is not None or run.done == len(run.script.acts)
        return not waits and self._clock() - (self._started or 0.0) >= run.starts

    def _do(self, run: Run) -> None:
        """The next act, at its desk. Raises DeskError."""
        act = run.script.acts[run.done]
        number = run.numbers.get(act.at)
        result = self._desks[act.at].act([act.action(number)])[0]
        run.numbers[act.at] = str(result["number"])
        run.done += 1
        self.acts_done += 1
        run.last = f"{act.at.capitalize()} {act.does}"
        run.holder = run.holder or act.at
        run.unkept = act if act.kept_at is not None else None
        since = self._clock()
        run.awaited = [Awaited(run.script, act, company, sight, since) for company, sight in act.seen.items()]

    def _look(self) -> None:
        """One question to each desk that something is awaited of."""
        for company, desk in self._desks.items():
            wanted = [one for run in self.runs for one in run.awaited if one.company == company]
            if not wanted:
                continue
            name = field_name(company, "reference")
            bodies = {str(body[name]): body for body in desk.cases(name, [one.script.reference for one in wanted])}
            for one in wanted:
                body = bodies.get(one.script.reference)
                one.absent = None if body is None else missing(company, body, one.sight)
                if body is not None and not one.absent:
                    self._arrived(one, str(body[NUMBER[company]]))

    def _arrived(self, one: Awaited, number: str) -> None:
        now = self._clock()
        self.arrivals.append(Arrival(one.script, one.act, one.company, number, now - one.since, now))
        run = next(run for run in self.runs if run.script is one.script)
        run.numbers[one.company] = number
        run.awaited.remove(one)
        run.holder = str(one.sight.get("holder", run.holder))

    def _read_ledger(self) -> None:
        """Which changes it holds: how many of each case and business time, against how many were made."""
        for entry in self._ledger.entries(after=self._read_to):
            self._read_to = entry.seq
            if entry.kind in {"opened", "changed"} and entry.business_at is not None:
                self._kept[entry.case_id, entry.business_at] += 1
        cases = {(link.partner, link.number): row.id for row in self._ledger.cases(limit=1000) for link in row.links}
        for run in self.unkept():
            made = run.script.acts[: run.done]
            act = made[-1]
            case_id = cases.get((act.at, run.numbers[act.at]), "")
            if act.kept_at is not None and self._kept[case_id, act.kept_at] >= sum(
                one.kept_at == act.kept_at for one in made
            ):
                run.unkept = None
