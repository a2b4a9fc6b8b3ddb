"""How fast calls may follow each other: asked for before each request, so that no bound is passed and then regretted.

A Purse keeps what may still be called, for all processes that speak to one partner; the hub has one in its ledger. A
Pace stands in one process before one wire and takes some calls at a time from the purse, so that not every request
asks it. What was taken and not called is given back at rest; a process that is killed has counted a few too many, never
too few. Knows no ledger and no HTTP. Next: `adapter.py`, which asks; `declared.py` (Rate, Quota).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

from connectors.errors import Throttled

PATIENCE: Final = 30.0
"""Seconds that a call is held back in place; a longer wait ends the step, and is told as Throttled."""

Before = Callable[[str], None]
"""Called before each request with where it is made. May wait; raises Throttled where the wait is long."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a purse gives. calls: that may be made now. Where none: seconds to wait, an error's code, and why."""

    calls: int
    wait: float = 0.0
    code: str = ""
    why: str = ""


class Purse(Protocol):
    """What may still be called of one partner, across processes."""

    def take(self) -> Grant:
        """Some calls, counted as made; or none, and how long to wait."""

    def give_back(self, calls: int) -> None:
        """Calls that were taken and not made."""


def free(_where: str) -> None:
    """The Before of a partner without bounds."""


class Pace:
    """Stands before the requests of one wire; usable from several threads at once. It is a Before."""

    def __init__(self, purse: Purse, sleep: Callable[[float], None]) -> None:
        self._purse, self._sleep = purse, sleep
        self._lock, self._left = Lock(), 0

    def __call__(self, where: str) -> None:
        with self._lock:  # who waits keeps the others waiting behind him: they come in turn
            while self._left == 0:
                grant = self._purse.take()
                self._left = grant.calls
                if grant.calls == 0:
                    if grant.wait > PATIENCE:
                        raise Throttled(grant.why, after=grant.wait, where=where, code=grant.code)
                    self._sleep(grant.wait)
            self._left -= 1

    def rest(self) -> None:
        """Give back what was not called: the step is over."""
        with self._lock:
            left, self._left = self._left, 0
        if left:
            self._purse.give_back(left)
