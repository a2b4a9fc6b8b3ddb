"""Changes into a Salesforce org, up to 200 a call, a receipt each.

Changes come in lanes (one a case). A round takes the first change of each lane, so that a lane's order is kept and no
record stands twice in one call; a round's creates, updates and notes go out as collections with allOrNone false.
What the answers mean is `salesforce_receipts.py`'s to say. Knows no query and no login.
Source: sObject Collections in the public REST API documents: order kept, HTTP 200 even where rows failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors import strict_json
from connectors.base import Change, Receipt, Record
from connectors.errors import ConnectorError, Rejected, Stale, Unknown, Unreachable
from connectors.salesforce_calls import Calls
from connectors.salesforce_receipts import Reader, Verdict

LOCK_TRIES = 5
MOST_CALLS = 40
PATH = "composite/sobjects"

_OF_ONE_RECORD = frozenset({"C550", "C551", "C552", "C554"})
"""Not written, and for this record only: the partner is well."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """One change and its row as it goes over the wire."""

    change: Change
    row: bytes


class Push:
    """One push. sleep and random: for the pauses between tries on a locked row. twins: records by hub id, for the
    creates that were there already."""

    def __init__(
        self,
        calls: Calls,
        reader: Reader,
        twins: Callable[[Sequence[str]], Mapping[str, Sequence[Record]]],
        *,
        sleep: Callable[[float], None],
        random: Callable[[], float],
    ) -> None:
        self._calls, self._reader, self._twins = calls, reader, twins
        self._sleep, self._random = sleep, random
        self._system = calls.system

    def run(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """One receipt a change. The first error that concerns the partner stops the rest, unsent."""
        lanes: dict[str, deque[Change]] = {}
        for change in changes:
            lanes.setdefault(change.lane, deque()).append(change)
        stop: ConnectorError | None = None
        while lanes:
            for batch in self._round(lanes):
                for change, receipt in self._settled(batch, stop):
                    stop = stop or _stops(receipt.error)
                    yield receipt
                    yield from _blocked(lanes.get(change.lane), receipt)
                    _fill(lanes.get(change.lane), receipt)
            lanes = {lane: queue for lane, queue in lanes.items() if queue}

    def _round(self, lanes: Mapping[str, deque[Change]]) -> Iterator[list[Change]]:
        """The first change of each lane in collections of one kind; a record that stands there already waits."""
        kinds: dict[str, list[Change]] = {"create": [], "update": [], "add_note": []}
        taken: set[str] = set()
        for queue in lanes.values():
            record = queue[0].native_id if queue[0].kind == "update" else None
            if record is None or record not in taken:
                change = queue.popleft()
                kinds[change.kind].append(change)
                taken.add(record or "")
        for batch in kinds.values():
            for start in range(0, len(batch), self._system.batch):
                yield batch[start : start + self._system.batch]

    def _settled(self, batch: Sequence[Change], stop: ConnectorError | None) -> Iterator[tuple[Change, Receipt]]:
        by_key = {change.key: change for change in batch}
        receipts = (Receipt(change.key, change.native_id, error=stop) for change in batch) if stop else self._did(batch)
        for receipt in receipts:
            yield by_key[receipt.key], receipt

    def _did(self, batch: Sequence[Change]) -> Iterator[Receipt]:
        """The receipts of one collection, whatever it takes: halves, tries, the reading of twins."""
        verdicts: list[Verdict] = []
        sent: list[_Sent] = []
        for change in batch:
            if change.kind == "update" and not change.body and change.native_id:
                verdicts.append(Verdict(change))  # nothing differs: a write would only move their stamp
                continue
            try:
                sent.append(_Sent(change, strict_json.dump(self._row(change))))
            except strict_json.BadJson as error:
                verdicts.append(Verdict(change, self._reader.unsayable(change, str(error))))
            except Rejected as error:
                verdicts.append(Verdict(change, error))
        verdicts += self._tried(sent)
        yield from self._reader.receipts(verdicts, self._twins)

    def _tried(self, sent: Sequence[_Sent]) -> list[Verdict]:
        """Locked rows are sent again, alone, at most five times in all."""
        verdicts = self._halved(sent)
        for attempt in range(1, LOCK_TRIES):
            locked = {verdict.change.key for verdict in verdicts if verdict.locked}
            if not locked:
                break
            self._sleep(0.25 * 2**attempt * (0.5 + self._random()))
            again = self._halved([one for one in sent if one.change.key in locked])
            verdicts = [verdict for verdict in verdicts if not verdict.locked] + again
        return verdicts

    def _halved(self, sent: Sequence[_Sent]) -> list[Verdict]:
        """One call; where a whole request is refused, nothing was applied, and halves find the row that did it.

        Bounded: what is left after 40 calls waits for the next delivery, provably unsent.
        """
        verdicts: list[Verdict] = []
        waiting = [sent] if sent else []
        hold: ConnectorError | None = None
        calls = 0
        while waiting:
            part = waiting.pop()
            if hold is None and calls == MOST_CALLS:
                hold = Stale(
                    "not sent: they refuse requests with other records of this delivery.", code="C554",
                    where=self._system.name, fix="see the parked ones first; this one is tried again.",
                )  # fmt: skip
            if hold is not None:
                verdicts += [Verdict(one.change, hold) for one in part]
                continue
            calls += 1
            try:
                results = self._call(part)
            except Rejected as error:
                middle = len(part) // 2
                if middle:
                    waiting += [part[middle:], part[:middle]]
                else:
                    verdicts.append(Verdict(part[0].change, self._reader.refused(part[0].change, error)))
            except ConnectorError as error:
                hold = _unsent(error)
                verdicts += [Verdict(one.change, error) for one in part]
            else:
                verdicts += [self._reader.verdict(one.change, told) for one, told in zip(part, results, strict=True)]
        return verdicts

    def _call(self, sent: Sequence[_Sent]) -> list[Any]:
        kind = sent[0].change.kind
        where = f"{kind} of {len(sent)}"
        body = b'{"allOrNone":false,"records":[' + b",".join(one.row for one in sent) + b"]}"
        told = self._calls.write("PATCH" if kind == "update" else "POST", PATH, body, where)
        if isinstance(told, list) and len(told) == len(sent) and all(isinstance(one, dict) for one in told):
            return told
        found = len(told) if isinstance(told, list) else "no list of"
        text = f"answered {found} results to {len(sent)} records."
        raise Unknown(text, code="C450", where=f"{self._system.name} {where}")

    def _row(self, change: Change) -> dict[str, Any]:
        """The change as a collection wants it. Raises Rejected where it names no record to change."""
        if change.kind == "create":
            body = {**change.body, self._system.hub_id: change.hub_id}
            return {"attributes": {"type": self._system.object}, **body}
        if change.native_id is None:
            raise self._reader.homeless(change)
        if change.kind == "update":
            return {"attributes": {"type": self._system.object}, **change.body, "id": change.native_id}
        comments = self._system.comments
        if comments is None:
            raise self._reader.wordless(change)
        return {"attributes": {"type": comments.object}, **change.body, comments.parent: change.native_id}


def _stops(error: ConnectorError | None) -> ConnectorError | None:
    """The error that the changes not sent yet get, where this one concerns them too.

    After an Unknown the partner may be ill: the rest waits, provably unsent, for the next delivery.
    """
    if error is None or not (error.concerns_partner or isinstance(error, Unknown)):
        return None
    return None if error.code in _OF_ONE_RECORD else _unsent(error)


def _unsent(error: ConnectorError) -> ConnectorError:
    """What a change gets that was held back because of that error."""
    if not isinstance(error, Unknown):
        return error
    text = "not sent: the call before it had no answer."
    return Unreachable(text, code="C153", where=error.where, fix="nothing was written; it is tried again.")


def _blocked(queue: deque[Change] | None, receipt: Receipt) -> Iterator[Receipt]:
    """Receipts of the rest of a lane whose change may come later: sent now, they would be overwritten by it."""
    error = receipt.error
    if queue is None or error is None or not (isinstance(error, Unknown) or error.code in _OF_ONE_RECORD):
        return
    text = "not sent: an earlier change of this case is not settled."
    held = Stale(text, code="C550", where=error.where, fix="it is sent once that one is.")
    while queue:
        change = queue.popleft()
        yield Receipt(change.key, change.native_id, error=held)


def _fill(queue: deque[Change] | None, receipt: Receipt) -> None:
    """Give the id of a record just made to the changes that wait behind it."""
    if queue and receipt.error is None and receipt.native_id is not None:
        for index, change in enumerate(queue):
            if change.native_id is None:
                queue[index] = replace(change, native_id=receipt.native_id)
