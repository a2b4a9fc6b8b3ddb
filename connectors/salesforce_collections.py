"""Changes into a Salesforce org, many a call, a receipt each.

Changes come in lanes (one a case). A round takes the first change of each lane, so that a lane's order is kept and no
record stands twice in one call; notes that follow each other in a lane go together, in their order, for each is a
record of its own. A round's creates, updates and notes go out as collections with allOrNone false, its files one by
one.
What the answers mean is `salesforce_receipts.py`'s to say, how rows travel `salesforce_sending.py`'s. Knows no query
and no login. Source: sObject Collections in the public REST API documents: order kept, HTTP 200 even where rows failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors import strict_json
from connectors.base import Change, Receipt, Record
from connectors.errors import ConnectorError, Rejected, Stale, Unknown
from connectors.salesforce_composite import MOST
from connectors.salesforce_receipts import Reader, Verdict
from connectors.salesforce_sending import Sending, Sent, unsent
from connectors.salesforce_system import SalesforceSystem

_OF_ONE_RECORD = frozenset({"C550", "C551", "C552", "C554"})
"""Not written, and for this record only: the partner is well."""


class Push:
    """One push. sending: the way to the org. twins: records by hub id, for the creates that were there already. add: a
    file, alone; raises ConnectorError."""

    def __init__(
        self,
        system: SalesforceSystem,
        reader: Reader,
        sending: Sending,
        twins: Callable[[Sequence[str]], Mapping[str, Sequence[Record]]],
        add: Callable[[Change], Receipt],
    ) -> None:
        self._system, self._reader, self._sending, self._twins = system, reader, sending, twins
        self._add = add

    def run(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """One receipt a change. The first error that concerns the partner stops the rest, unsent."""
        lanes: dict[str, deque[Change]] = {}
        for change in changes:
            lanes.setdefault(change.lane, deque()).append(change)
        stop: ConnectorError | None = None
        try:
            self._sending.look_back()
        except ConnectorError as error:
            stop = error
        while lanes:
            for batch in self._round(lanes):
                for change, receipt in self._settled(batch, stop):
                    stop = stop or _stops(receipt.error)
                    yield receipt
                    yield from _blocked(lanes.get(change.lane), receipt)
                    _fill(lanes.get(change.lane), receipt)
            lanes = {lane: queue for lane, queue in lanes.items() if queue}

    def _round(self, lanes: Mapping[str, deque[Change]]) -> Iterator[list[Change]]:
        """The first change of each lane, and the notes that follow one, in batches of one kind; a record that stands
        there already waits."""
        kinds: dict[str, list[Change]] = {"create": [], "update": [], "add_note": [], "add_file": []}
        taken: set[str] = set()
        for queue in lanes.values():
            record = queue[0].native_id if queue[0].kind == "update" else None
            if record is None or record not in taken:
                change = queue.popleft()
                kinds[change.kind].append(change)
                taken.add(record or "")
                while change.kind == "add_note" and queue and queue[0].kind == "add_note":
                    kinds["add_note"].append(queue.popleft())
        for kind, batch in kinds.items():
            most = 1 if kind == "add_file" else self._system.batch * (MOST if kind == "add_note" else 1)
            if kind in ("create", "update") and self._system.bulk and len(batch) >= self._system.bulk.above:
                most = len(batch)
            for start in range(0, len(batch), most):
                yield batch[start : start + most]

    def _settled(self, batch: Sequence[Change], stop: ConnectorError | None) -> Iterator[tuple[Change, Receipt]]:
        by_key = {change.key: change for change in batch}
        receipts = (Receipt(change.key, change.native_id, error=stop) for change in batch) if stop else self._did(batch)
        for receipt in receipts:
            yield by_key[receipt.key], receipt

    def _did(self, batch: Sequence[Change]) -> Iterator[Receipt]:
        """The receipts of one collection, whatever it takes: halves, tries, the reading of twins; or that of a file."""
        if batch[0].kind == "add_file":
            yield self._filed(batch[0])
            return
        verdicts: list[Verdict] = []
        sent: list[Sent] = []
        for change in batch:
            if change.kind == "update" and not change.body and change.native_id:
                verdicts.append(Verdict(change))  # nothing differs: a write would only move their stamp
                continue
            try:
                row = self._row(change)
                sent.append(Sent(change, row, strict_json.dump(row)))
            except strict_json.BadJson as error:
                verdicts.append(Verdict(change, self._reader.unsayable(change, str(error))))
            except Rejected as error:
                verdicts.append(Verdict(change, error))
        verdicts += self._sending.verdicts(sent)
        yield from self._reader.receipts(verdicts, self._twins)

    def _filed(self, change: Change) -> Receipt:
        try:
            return self._add(change)
        except strict_json.BadJson as error:
            return Receipt(change.key, change.native_id, error=self._reader.unsayable(change, str(error)))
        except ConnectorError as error:
            return Receipt(change.key, change.native_id, error=error)

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
    return None if error.code in _OF_ONE_RECORD else unsent(error)


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
