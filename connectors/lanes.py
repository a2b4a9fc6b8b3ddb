"""Many changes at once, yet each case's in their order: lanes over a small pool of threads.

Changes of one lane run one after the other in the order given; lanes run beside each other. After an error that
concerns the partner nothing more is begun: each change that was not sent bears that error. After an outcome that is
not known the rest of that lane is held back, so that nothing overtakes a write which may yet be applied.
Knows no protocol. Next: `rest.py`, which pushes through it.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from connectors.base import Change, Receipt
from connectors.errors import ConnectorError, Stale, Unknown


def run(
    changes: Sequence[Change], apply: Callable[[Change], Receipt], *, concurrency: int, name: str
) -> Iterator[Receipt]:
    """One receipt a change. apply: does one, raises ConnectorError. name: the partner's, for texts and threads."""
    lanes: dict[str, list[Change]] = {}
    for change in changes:
        lanes.setdefault(change.lane, []).append(change)
    if len(lanes) <= 1 or concurrency == 1:
        yield from _in_turn(lanes, apply, name)
        return
    done: queue.SimpleQueue[Receipt | BaseException] = queue.SimpleQueue()
    stop = _Stop()
    pool = ThreadPoolExecutor(min(concurrency, len(lanes)), thread_name_prefix=f"casebridge-{name}")
    try:
        for lane in lanes.values():
            pool.submit(_work, lane, apply, name, stop, done)
        for _ in changes:
            receipt = done.get()
            if isinstance(receipt, BaseException):
                raise receipt
            yield receipt
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


class _Stop:
    """Set once: by the first error that concerns the partner, or when nobody waits any longer."""

    def __init__(self) -> None:
        self._event = Event()
        self.error: ConnectorError | None = None

    def set(self, error: ConnectorError | None = None) -> None:
        if not self._event.is_set():
            self.error = error
            self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()


def _in_turn(lanes: dict[str, list[Change]], apply: Callable[[Change], Receipt], name: str) -> Iterator[Receipt]:
    stop = _Stop()
    for lane in lanes.values():
        yield from _lane(lane, apply, name, stop)


def _work(
    lane: list[Change],
    apply: Callable[[Change], Receipt],
    name: str,
    stop: _Stop,
    done: queue.SimpleQueue[Receipt | BaseException],
) -> None:
    try:
        for receipt in _lane(lane, apply, name, stop):
            done.put(receipt)
    except BaseException as error:  # noqa: BLE001  # a defect must surface in the caller's thread, not vanish in ours
        stop.set()
        done.put(error)


def _lane(lane: list[Change], apply: Callable[[Change], Receipt], name: str, stop: _Stop) -> Iterator[Receipt]:
    held: ConnectorError | None = None
    for change in lane:
        if stop.is_set() and held is None:
            held = stop.error or Stale("not sent: the push was ended.", code="C502", where=name)
        if held is not None:
            yield Receipt(change.key, change.native_id, error=held)
            continue
        try:
            yield apply(change)
        except ConnectorError as error:
            if error.concerns_partner:
                stop.set(error)
            if isinstance(error, Unknown):
                text = "not sent: an earlier change of this case has no known outcome."
                held = Stale(text, code="C501", where=f"{name} {change.native_id or change.hub_id}")
            yield Receipt(change.key, change.native_id, error=error)
