"""What Airflow's triggerer watches for us: hints that `casebridge serve` wrote into the ledger.

An asset event of `hinted(partner)` starts the partner's reread DAG. It is a wake-up and carries nothing; where the
triggerer is down, the next pull takes the hints. Imported by the parser of DAG files: the ledger is not, until it
watches. Next: `dags/reread.py`, `hints.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import structlog
from airflow.sdk import Asset, AssetWatcher
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from hub.runtime import open_ledger, wall_clock

if TYPE_CHECKING:
    from hub.ledger import Ledger

EVERY = 1.0
"""Seconds between two looks: one indexed row of the ledger each."""


def hinted(partner: str) -> Asset:
    """The asset whose event says that a webhook named a record of this partner; which one, the ledger holds."""
    watcher = AssetWatcher(name=f"hints of {partner}", trigger=Hints(partner))
    return Asset(f"casebridge://hints/{partner}", watchers=[watcher])


class Hints(BaseEventTrigger):  # type: ignore[misc]  # untyped where we stand
    """Fires when a hint came that it has not told yet. every: seconds between two looks."""

    def __init__(self, partner: str, every: float = EVERY) -> None:
        super().__init__()
        self.partner, self.every = partner, every

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How Airflow makes it again in its triggerer."""
        return "hub.watching.Hints", {"partner": self.partner, "every": self.every}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """An event each time; it ends never. A ledger that cannot be read is tried again."""
        from sqlalchemy.exc import OperationalError  # noqa: PLC0415  heavy: see the module

        told, ledger = "", await asyncio.to_thread(open_ledger)
        while True:
            try:
                newest = await asyncio.to_thread(_newest, ledger, self.partner)
            except OperationalError as error:
                log = structlog.get_logger("casebridge")
                log.warning("hints not read", partner=self.partner, error=type(error.orig).__name__)
                newest = told
            if newest not in ("", told):
                yield TriggerEvent({"partner": self.partner})
            told = newest
            await asyncio.sleep(self.every)


def _newest(ledger: Ledger, partner: str) -> str:
    from hub import hints  # noqa: PLC0415  heavy, as above

    with ledger.look(wall_clock()) as tx:
        return hints.newest(tx, partner)
