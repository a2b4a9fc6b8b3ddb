"""Answers of a query in batches: a first page, and a locator under which the rest is kept for a while.

An org keeps ten open locators a user and each for two days; of an older one, or after a restart, it says
INVALID_QUERY_LOCATOR. Safe for threads. Next: `brightnet_query.py`, which finds the rows.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_faults import Fault
from sandbox.companies.brightnet_query import Found

MOST_OPEN = 10
LIFE = 2 * 24 * 3600.0
BATCH, LEAST_BATCH = 2000, 200
_BATCH = re.compile(r"batchSize\s*=\s*(\d{1,6})", re.IGNORECASE)
_LOCATOR = re.compile(r"([0-9A-Za-z]{18})-(\d{1,7})\Z")


@dataclass(frozen=True, slots=True)
class _Open:
    found: Found
    batch: int
    since: float


def batch_size(options: str) -> int:
    """Rows a page, of a Sforce-Query-Options header: 200 to 2000."""
    asked = _BATCH.search(options)
    return min(max(int(asked.group(1)), LEAST_BATCH), BATCH) if asked else BATCH


class Locators:
    """The open answers of one server. clock: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._open: dict[str, _Open] = {}
        self._made = 0

    def first(self, found: Found, batch: int, version: str) -> dict[str, Any]:
        """The first page; where rows are left, they are kept under a new locator."""
        if found.total <= batch or not found.rows:
            records = found.render(0, batch, version)
            return {"totalSize": found.total, "done": True, "records": records}
        with self._lock:
            self._made += 1
            locator = ids.make(ids.LOCATOR, self._made)
            self._open[locator] = _Open(found, batch, self._clock())
            while len(self._open) > MOST_OPEN:
                del self._open[next(iter(self._open))]
        return self._page(locator, self._open_one(locator), 0, version)

    def next(self, locator: str, version: str) -> dict[str, Any]:
        """The page that a nextRecordsUrl names. Raises Fault INVALID_QUERY_LOCATOR."""
        parts = _LOCATOR.match(locator)
        if parts is None:
            raise _gone()
        opened = self._open_one(parts.group(1))
        start = int(parts.group(2))
        if start >= opened.found.total:
            raise _gone()
        return self._page(parts.group(1), opened, start, version)

    def _open_one(self, locator: str) -> _Open:
        with self._lock:
            opened = self._open.get(locator)
        if opened is None or self._clock() - opened.since > LIFE:
            raise _gone()
        return opened

    @staticmethod
    def _page(locator: str, opened: _Open, start: int, version: str) -> dict[str, Any]:
        stop = start + opened.batch
        page: dict[str, Any] = {"totalSize": opened.found.total, "done": stop >= opened.found.total}
        if not page["done"]:
            page["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator}-{stop}"
        page["records"] = opened.found.render(start, stop, version)
        return page


def _gone() -> Fault:
    return Fault(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
