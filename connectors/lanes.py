"""Many changes at once, yet each case's in their order: lanes over a small pool of threads.

Changes of one lane run one after the other in the order given; lanes run beside each other. After an error that
concerns the partner nothing more is begun: each change that was not sent bears that error. After an outcome that is
not known the rest of that lane is held back, so that nothing overtakes a write which may yet be applied. Changes that
one call carries together are a bundle, and share its fate until it is answered.
Knows no protocol. Next: `rest.py`, which pushes through it; `rest_batches.py`, whose calls carry many.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from connectors.base import Change, Receipt
from connectors.errors import ConnectorError, Stale, Unknown

Bundle = Sequence[Change]
"""Changes that go in one call."""
Apply = Callable[[Bundle], Sequence[Receipt]]
"""Does one call: a receipt for each of its changes. Raises ConnectorError."""


def run(
    changes: Sequence[Change], apply: Callable[[Change], Receipt], *, concurrency: int, name: str
) -> Iterator[Receipt]:
    """One receipt a change. apply: does one, raises ConnectorError. name: the partner's, for texts and threads."""
    lanes: dict[str, list[Bundle]] = {}
    for change in changes:
        lanes.setdefault(change.lane, []).append((change,))
    return run_bundles([*lanes.values()], lambda bundle: (apply(bundle[0]),), concurrency=concurrency, name=name)


def run_bundles(lanes: Sequence[Sequence[Bundle]], apply: Apply, *, concurrency: int, name: str) -> Iterator[Receipt]:
    """One receipt a change, lanes beside each other."""
    if len(lanes) <= 1 or concurrency == 1:
        yield from _in_turn(lanes, apply, name)
        return
    done: queue.SimpleQueue[Sequence[Receipt] | BaseException] = queue.SimpleQueue()
    stop = _Stop()
    pool = ThreadPoolExecutor(min(concurrency, len(lanes)), thread_name_prefix=f"casebridge-{name}")
    try:
        for lane in lanes:
            pool.submit(_work, lane, apply, name, stop, done)
        for _ in range(sum(map(len, lanes))):
            receipts = done.get()
            if isinstance(receipts, BaseException):
                raise receipts
            yield from receipts
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


def _in_turn(lanes: Sequence[Sequence[Bundle]], apply: Apply, name: str) -> Iterator[Receipt]:
    stop = _Stop()
    for lane in lanes:
        for receipts in _lane(lane, apply, name, stop):
            yield from receipts


def _work(
    lane: Sequence[Bundle],
    apply: Apply,
    name: str,
    stop: _Stop,
    done: queue.SimpleQueue[Sequence[Receipt] | BaseException],
) -> None:
    try:
        for receipts in _lane(lane, apply, name, stop):
            done.put(receipts)
    except BaseException as error:  # noqa: BLE001  # a defect must surface in the caller's thread, not vanish in ours
        stop.set()
        done.put(error)


def _lane(lane: Sequence[Bundle], apply: Apply, name: str, stop: _Stop) -> Iterator[Sequence[Receipt]]:
    """The receipts of each bundle."""
    held: ConnectorError | None = None
    for bundle in lane:
        if stop.is_set() and held is None:
            held = stop.error or Stale("not sent: the push was ended.", code="C502", where=name)
        if held is not None:
            yield [Receipt(change.key, change.native_id, error=held) for change in bundle]
            continue
        try:
            receipts = apply(bundle)
        except ConnectorError as error:
            receipts = [Receipt(change.key, change.native_id, error=error) for change in bundle]
        failed = [receipt.error for receipt in receipts if receipt.error is not None]
        ill = next((error for error in failed if error.concerns_partner), None)
        if ill is not None:
            stop.set(ill)
        if any(isinstance(error, Unknown) for error in failed):
            held = after_unknown(bundle[0], name)
        yield receipts


def after_unknown(change: Change, name: str) -> Stale:
    """What the rest of a lane bears after an outcome that is not known."""
    text = "not sent: an earlier change of this case has no known outcome."
    return Stale(text, code="C501", where=f"{name} {change.native_id or change.hub_id}")
