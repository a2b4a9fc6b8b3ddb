"""What may still be called of a partner, kept in the ledger for all processes that call it: its rate and our quota.

The rate is a token bucket, kept as the one time at which it is full again; the quota counts the calls of a window that
begins with its first call. Calls are counted when they are taken, so a process that is killed has counted a few too
many; what was taken and not called comes back. Never asked inside a ledger transaction: it opens its own.
Next: `connectors/pacing.py`, which takes; `assembly.py`, which puts it before a connector.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from connectors.base import System
from connectors.declared import Quota, Rate
from connectors.pacing import Grant
from hub.ledger import Ledger
from hub.tables import allowances
from hub.writing import Transaction

MOST: Final = 10
"""Calls taken at a time: fewer transactions, and no more than these counted in vain by a process that is killed."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """free_at: when the bucket is full again. window_at: when the quota's window began. calls: made in it."""

    free_at: datetime | None = None
    window_at: datetime | None = None
    calls: int = 0


@dataclass(frozen=True, slots=True)
class LedgerPurse:
    """One partner's purse; see `connectors.pacing.Purse`."""

    ledger: Ledger
    system: System
    clock: Callable[[], datetime]

    def take(self) -> Grant:
        """Some calls, or how long to wait for the next one."""
        with self.ledger.transaction(self.clock()) as tx:
            standing, grant = self._reckoned(self._standing(tx), tx.now)
            self._keep(tx, standing)
        return grant

    def give_back(self, calls: int) -> None:
        """These were not made."""
        with self.ledger.transaction(self.clock()) as tx:
            standing = self._standing(tx)
            free_at = standing.free_at
            if self.system.rate is not None and free_at is not None:
                free_at -= timedelta(seconds=calls / self.system.rate.calls)
            self._keep(tx, replace(standing, free_at=free_at, calls=max(0, standing.calls - calls)))

    def _reckoned(self, standing: _Standing, now: datetime) -> tuple[_Standing, Grant]:
        calls = MOST
        if self.system.quota is not None and self.system.quota.calls is not None:
            standing = _turned(standing, self.system.quota, now)
            most = math.floor(self.system.quota.calls * self.system.quota.share)
            calls = min(calls, most - standing.calls)
            if calls <= 0:
                return standing, self._used_up(standing, self.system.quota, most, now)
        if self.system.rate is not None:
            calls = min(calls, _in_bucket(standing, self.system.rate, now))
            if calls <= 0:
                return standing, _too_fast(standing, self.system.rate, now)
            free_at = max(standing.free_at or now, now) + timedelta(seconds=calls / self.system.rate.calls)
            standing = replace(standing, free_at=free_at)
        return replace(standing, calls=standing.calls + calls), Grant(calls)

    def _used_up(self, standing: _Standing, quota: Quota, most: int, now: datetime) -> Grant:
        turns = (standing.window_at or now) + timedelta(seconds=quota.per)
        why = (
            f"our share of {self.system.title}'s quota is used up: {standing.calls} of {most} calls. "
            f"The window turns at {turns:%Y-%m-%d %H:%M:%S UTC}."
        )
        return Grant(0, (turns - now).total_seconds(), "C202", why)

    def _standing(self, tx: Transaction) -> _Standing:
        query = sa.select(allowances).where(allowances.c.partner == self.system.name)
        row = tx.connection.execute(query).one_or_none()
        return _Standing() if row is None else _Standing(row.free_at, row.window_at, row.calls)

    def _keep(self, tx: Transaction, standing: _Standing) -> None:
        told = {"free_at": standing.free_at, "window_at": standing.window_at, "calls": standing.calls}
        mine = sa.update(allowances).where(allowances.c.partner == self.system.name)
        if tx.connection.execute(mine.values(**told)).rowcount == 0:
            tx.connection.execute(sa.insert(allowances).values(partner=self.system.name, **told))


def _turned(standing: _Standing, quota: Quota, now: datetime) -> _Standing:
    """The window of now; a clock that was set back starts none."""
    if standing.window_at is None or now >= standing.window_at + timedelta(seconds=quota.per):
        return replace(standing, window_at=now, calls=0)
    return standing


def _in_bucket(standing: _Standing, rate: Rate, now: datetime) -> int:
    owed = max(0.0, ((standing.free_at or now) - now).total_seconds())
    return math.floor(rate.burst - owed * rate.calls + 1e-6)


def _too_fast(standing: _Standing, rate: Rate, now: datetime) -> Grant:
    owed = ((standing.free_at or now) - now).total_seconds()
    wait = owed - (rate.burst - 1) / rate.calls
    return Grant(0, max(wait, 0.001), "C201", f"more than {rate.calls:g} calls a second were to be made.")
