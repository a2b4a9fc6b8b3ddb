"""The calls of one partner since they were last written down, in memory: the wire tells, a transaction keeps.

A call is looked for by what it was about: a change's key, a record's id, a case's id. What nobody asks for (pages, a
reading that brought no news) is only counted. Bounded: beyond 32 MB of bodies the calls go on without theirs.
Knows no ledger. Next: `evidence.py`, which keeps them; `connectors/evidence.py`, what a call tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Final

from connectors.evidence import NOTHING, Evidence

MOST_HELD: Final = 32 * 2**20
MOST_CALLS: Final = 10_000
"""Calls that are held at a time; further ones are counted."""
MOST_FAILED: Final = 5
"""Calls of one run that failed and are told one by one."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, and when it had ended by the hub's clock."""

    at: datetime
    told: Evidence


@dataclass(slots=True)
class Counted:
    """What one run called. answers: how often each status came, 0 for none. failed: the first that were no success."""

    calls: int = 0
    tries: int = 0
    seconds: float = 0.0
    sent: int = 0
    received: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    failed: list[Call] = field(default_factory=list)


class CallLog:
    """A witness of one partner's calls; told from several threads, asked from one."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock, self._lock = clock, Lock()
        self._named: dict[str, list[Call]] = {}
        self._held, self._calls, self._page, self._counted = 0, 0, list[Call](), Counted()

    def __call__(self, told: Evidence) -> None:
        """A call has ended."""
        with self._lock:
            if self._held > MOST_HELD:
                told = replace(told, request=NOTHING, answer=NOTHING)
            call = Call(self._clock(), told)
            self._count(call)
            names = told.about.names if self._calls < MOST_CALLS else ()
            self._calls += bool(names)
            if not told.about.count:
                self._page = [call]
            for name in names:
                self._named.setdefault(name, []).append(call)
            self._held += len(told.request.text) + len(told.answer.text)

    def take(self, names: Iterable[str]) -> list[Call]:
        """The calls that were about any of these, in the order in which they ended; each is given once for a name."""
        with self._lock:
            found = [call for name in names for call in self._named.pop(name, ())]
            once = {id(call): call for call in found}
            self._held -= sum(len(call.told.request.text) + len(call.told.answer.text) for call in once.values())
            self._held = max(self._held, 0)
            self._calls = max(self._calls - len(once), 0)
        return sorted(once.values(), key=lambda call: call.at)

    @property
    def busy(self) -> bool:
        """Whether anything was called since the last time."""
        return self._counted.calls > 0

    def page(self) -> list[Call]:
        """The newest call that was about nobody: that of the page which was just read."""
        with self._lock:
            return list(self._page)

    def drop(self) -> None:
        """What nobody asked for is let go; it was counted."""
        with self._lock:
            self._named, self._held, self._calls = {}, 0, 0

    def end(self) -> Counted:
        """What was called since the last time; nothing of it is held any longer."""
        self.drop()
        with self._lock:
            counted, self._counted, self._page = self._counted, Counted(), []
        return counted

    def _count(self, call: Call) -> None:
        counted, told = self._counted, call.told
        counted.calls += 1
        counted.tries += told.tries
        counted.seconds += told.seconds
        counted.sent += told.sent
        counted.received += told.received
        counted.answers[told.status] += 1
        if (told.failed or told.status >= 400) and len(counted.failed) < MOST_FAILED:
            counted.failed.append(call)
