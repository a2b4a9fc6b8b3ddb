"""Named points at which the exchange can be killed: around each commit of the ledger and each call to a partner.

Nothing in the hub knows of them: the ledger and the connectors that an Exchange is given are wrapped, and a point is
named after the step that asks (`_settle sealed`: its entries are written, not committed). Next: `lives.py`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import _GeneratorContextManager, contextmanager
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from connectors.base import Change, Connector, Cursor, Page, Receipt, Record
from hub.ledger import Ledger
from hub.writing import Transaction

STEPS = (
    "_intake", "carry", "_found_created", "_find_note", "_reread", "_refresh", "_plan", "_settle",
    "_give_back", "_deliver", "speaking", "_watch", "_account",
)  # fmt: skip
MOMENTS = ("decided", "sealed", "committed")
"""Of a transaction: all is decided and nothing of the chain written; the chain written; committed."""

CALLS = (
    "_intake pull asked", "_intake pull answered", "_refresh fetch asked", "_refresh fetch answered",
    "_reread fetch asked", "_reread fetch answered", "_read_back fetch asked", "_read_back fetch answered",
    "_look_for find_all asked", "_look_for find_all answered", "_find_note find_note asked",
    "_find_note find_note answered", "_push push asked", "_push create done", "_push update done",
    "_push add_note done", "_push push answered",
)  # fmt: skip
KEYS = ("key sealed", "key committed")

Answer = TypeVar("Answer")

Point = tuple[str, int]
"""A name, and at which passage of a life."""

POINTS: tuple[Point, ...] = (
    *((f"{step} {moment}", 1) for step in STEPS for moment in MOMENTS),
    *((f"{step} {moment}", 2) for step in ("_intake", "_refresh") for moment in MOMENTS),  # each has two transactions
    *((call, 1) for call in CALLS),
    *((key, 1) for key in KEYS),
)


class Fuse:
    """Counts the passages of one point, and kills this process at the one it was told. point "": never."""

    def __init__(self, point: str, passage: int) -> None:
        self._point, self._left = point, passage

    def passed(self, name: str) -> None:
        """This point is passed."""
        if name != self._point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedLedger(Ledger):
    """A ledger that tells each moment of its transactions, named after the step that opened it."""

    def __init__(self, ledger: Ledger, fuse: Fuse) -> None:
        super().__init__(ledger.engine, ledger.keyring, code_version=ledger.code_version)
        self._fuse, self._step = fuse, ""
        sa.event.listen(self.engine, "commit", lambda _: fuse.passed(f"{self._step} sealed"))

    def transaction(self, now: datetime) -> _GeneratorContextManager[Transaction]:
        """As the ledger's own."""
        return self._watched(sys._getframe(1).f_code.co_name, now)

    @contextmanager
    def _watched(self, step: str, now: datetime) -> Iterator[Transaction]:
        with super().transaction(now) as tx:
            self._step = step
            yield tx
            self._fuse.passed(f"{step} decided")
        self._fuse.passed(f"{step} committed")


def watch_keys(engine: sa.Engine, fuse: Fuse) -> None:
    """The key store tells when a key is about to be kept, and when the next thing is asked of it."""
    kept: list[bool] = []

    def about_to_commit(_: sa.Connection) -> None:
        kept.append(True)
        fuse.passed("key sealed")

    def checked_in(*_: object) -> None:
        if kept:
            kept.clear()
            fuse.passed("key committed")

    sa.event.listen(engine, "commit", about_to_commit)
    sa.event.listen(engine, "checkin", checked_in)


class WatchedConnector:
    """A connector that tells when it is asked and when it has answered."""

    def __init__(self, inner: Connector, fuse: Fuse) -> None:
        self.system, self._inner, self._fuse = inner.system, inner, fuse
        self.check, self.describe = inner.check, inner.describe
        self.history, self.histories = inner.history, inner.histories
        self.since, self.read_file = inner.since, inner.read_file

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """See the protocol."""
        self._fuse.passed("_intake pull asked")
        for page in self._inner.pull(cursor):
            self._fuse.passed("_intake pull answered")
            yield page

    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]:
        """See the protocol."""
        return self._told(lambda: self._inner.fetch(native_ids), "fetch", sys._getframe(1).f_code.co_name)

    def find(self, hub_id: str) -> Sequence[Record]:
        """See the protocol."""
        return self._told(lambda: self._inner.find(hub_id), "find", sys._getframe(1).f_code.co_name)

    def find_all(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """See the protocol."""
        return self._told(lambda: self._inner.find_all(hub_ids), "find_all", sys._getframe(1).f_code.co_name)

    def find_note(self, native_id: str, ref: str) -> str | None:
        """See the protocol."""
        name = sys._getframe(1).f_code.co_name
        return self._told(lambda: self._inner.find_note(native_id, ref), "find_note", name)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """See the protocol."""
        self._fuse.passed("_push push asked")
        kinds = {change.key: change.kind for change in changes}
        for receipt in self._inner.push(changes):
            self._fuse.passed(f"_push {kinds[receipt.key]} done")
            yield receipt
        self._fuse.passed("_push push answered")

    def close(self) -> None:
        """See the protocol."""
        self._inner.close()

    def _told(self, call: Callable[[], Answer], verb: str, step: str) -> Answer:
        self._fuse.passed(f"{step} {verb} asked")
        answer = call()
        self._fuse.passed(f"{step} {verb} answered")
        return answer
