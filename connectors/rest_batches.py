"""Writing to a REST partner many records a call, where its declaration has `create_batch` or `update_batch`.

A round takes the first change of each lane, so that a lane keeps its order and no record stands twice in one call. A
result says what became of one record: its neighbours go on. A call that was refused whole applied nothing, and its
records go one by one, each with a verdict of its own. What has no batch goes singly beside them.
Next: `rest_push.py` (one change, and what a refusal means), `lanes.py` (calls beside each other).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import lanes, paths
from connectors.answer import Answer
from connectors.auth import SignedWire
from connectors.base import Change, Receipt
from connectors.errors import ConnectorError, Refused, Throttled, Unknown
from connectors.evidence import About
from connectors.failures import USUAL_WAIT
from connectors.rest_conditions import stale
from connectors.rest_push import Refusal, RestWriter
from connectors.rest_read import RestReader
from connectors.rest_records import as_theirs, record, unclear
from connectors.rest_system import RestSystem
from connectors.rest_writes import BatchUpdate, BatchWrite


class RestBatches:
    """What a Rest connector writes, in as few calls as can be."""

    def __init__(self, system: RestSystem, signed: SignedWire, reader: RestReader, writer: RestWriter) -> None:
        self._system, self._signed, self._reader, self._writer = system, signed, reader, writer
        self._in_parts = system.in_parts
        slots = {"create": system.create_batch, "update": system.update_batch}
        self._slots: Mapping[str, BatchWrite] = {kind: slot for kind, slot in slots.items() if slot is not None}

    def run(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """One receipt a change. After an error that concerns the partner nothing more is sent."""
        queues: dict[str, deque[Change]] = {}
        for change in changes:
            queues.setdefault(change.lane, deque()).append(change)
        stop: ConnectorError | None = None
        held: dict[str, ConnectorError] = {}
        while queues:
            for receipt, change in self._round([queue.popleft() for queue in queues.values()], stop, held):
                error = receipt.error
                if error is not None and error.concerns_partner:
                    stop = stop or error
                if isinstance(error, Unknown):
                    held[change.lane] = lanes.after_unknown(change, self._system.name)
                yield receipt
            queues = {lane: queue for lane, queue in queues.items() if queue}

    def _round(
        self, changes: Sequence[Change], stop: ConnectorError | None, held: Mapping[str, ConnectorError]
    ) -> Iterator[tuple[Receipt, Change]]:
        by_key = {change.key: change for change in changes}
        bundles: list[list[lanes.Bundle]] = []
        for bundle in self._bundles([one for one in changes if stop is None and one.lane not in held]):
            bundles.append([bundle])
        system = self._system
        for receipt in lanes.run_bundles(bundles, self._apply, concurrency=system.concurrency, name=system.name):
            yield receipt, by_key.pop(receipt.key)
        for change in by_key.values():
            yield Receipt(change.key, change.native_id, error=stop or held[change.lane]), change

    def _bundles(self, changes: Sequence[Change]) -> Iterator[lanes.Bundle]:
        """Creates and updates in calls of as many as they take; a record that stands in one already goes alone."""
        kinds: dict[str, list[Change]] = {}
        for change in changes:
            kinds.setdefault(change.kind, []).append(change)
        for kind, found in kinds.items():
            most = self._slots[kind].most if kind in self._slots else 1
            yield from (found[start : start + most] for start in range(0, len(found), most))

    def _apply(self, bundle: lanes.Bundle) -> Sequence[Receipt]:
        """One call. Raises the errors of connectors.errors."""
        first = bundle[0]
        if len(bundle) == 1:
            return (self._writer.apply(first),)
        slot = self._slots[first.kind]
        sent: dict[str, Any] = {}
        rows, about, wire = [self._row(slot, change) for change in bundle], About.of(*bundle), self._signed.wire
        paths.put(sent, slot.wrap, rows)
        where = f"{self._system.name} {first.kind} of {len(bundle)}"
        headers = self._system.headers
        try:
            answer = self._signed.send(
                slot.method, slot.path, safe=False, headers=headers, json=sent, where=where, about=about
            )
        finally:
            for change, row in zip(bundle, rows, strict=True):
                wire.part(about, change.key, sent=row)
        if answer.status >= 300:
            return [self._alone(change) for change in bundle]
        return self._receipts(slot, bundle, answer, about)

    def _row(self, slot: BatchWrite, change: Change) -> dict[str, Any]:
        if not isinstance(slot, BatchUpdate):
            at = self._system.record.hub_id_at
            body = paths.copied_for(change.body, at)
            paths.put(body, at, change.hub_id)
            return body
        body = paths.copied_for(change.body, slot.key, slot.version)
        paths.put(body, slot.key, change.native_id)
        if slot.version and change.base_version:
            paths.put(body, slot.version, as_theirs(change.base_version))
        return body

    def _alone(self, change: Change) -> Receipt:
        try:
            return self._writer.apply(change)
        except ConnectorError as error:
            return Receipt(change.key, change.native_id, error=error)

    def _receipts(self, slot: BatchWrite, bundle: lanes.Bundle, answer: Answer, about: About) -> list[Receipt]:
        """One receipt a change. Raises Unknown where the answer tells no result of each."""
        told = paths.get(answer.json(), slot.results)
        if not isinstance(told, list) or len(told) != len(bundle):
            found = f"{len(told)} results" if isinstance(told, list) else f"no list at {slot.results!r}"
            fix = f"compare an answer of {self._system.title} with {bundle[0].kind}_batch in system.yaml."
            raise Unknown(f"answered {found} to {len(bundle)} records.", code="C405", where=answer.where, fix=fix)
        twins: list[tuple[Change, Refusal]] = []
        receipts: list[Receipt] = []
        for change, result in zip(bundle, told, strict=True):
            where = f"{self._system.name} {change.kind} {change.native_id or change.hub_id}"
            self._signed.wire.part(about, change.key, answered=result)
            try:
                refusal = self._refusal(slot, change, result, where)
                if refusal is not None:
                    twins.append((change, refusal))
                    continue
                receipts.append(self._written(slot, change, result, where))
            except ConnectorError as error:
                receipts.append(Receipt(change.key, change.native_id, error=error))
        return receipts + self._twins(twins)

    def _refusal(self, slot: BatchWrite, change: Change, result: Any, where: str) -> Refusal | None:
        """What was there already, None where it was written. Raises what its error means."""
        status = paths.get(result, slot.status) if slot.status else None
        status = status if isinstance(status, int) else 0
        if status < 300 and not paths.get(result, slot.error):
            return None
        told = Refusal(status, result, where)
        if isinstance(slot, BatchUpdate):
            code = paths.get(result, self._system.errors.code)
            if told.status == slot.stale or (slot.stale_code and code == slot.stale_code):
                raise stale(change, where)
        elif self._writer.is_duplicate(told):
            return told
        if told.status == 429:
            raise Throttled(f"answered 429: wait {USUAL_WAIT:g} s.", after=USUAL_WAIT, where=where)
        if told.status >= 500 or told.status == 408:
            raise Unknown(f"answered {told.status} to a write.", code="C403", where=where)
        raise self._writer.refusal(change, told)

    def _written(self, slot: BatchWrite, change: Change, result: Any, where: str) -> Receipt:
        """A receipt, with the read-back where the result carries it. Raises Unknown where it says not as what."""
        if slot.record is not None:
            try:
                whole = record(self._system, paths.get(result, slot.record), where)
            except Refused as error:
                raise unclear(error) from None
            return Receipt(change.key, whole.native_id, None if self._in_parts else whole)
        native_id = change.native_id or (paths.get(result, slot.id) if slot.id else None)
        if native_id is None:
            raise Unknown("written, and the answer does not say as what.", code="C405", where=where)
        return Receipt(change.key, str(native_id))

    def _twins(self, twins: Sequence[tuple[Change, Refusal]]) -> list[Receipt]:
        """What was there already, as it is now: read in one call where they say which records these are."""
        named = {change.key: self._writer.existing(told) for change, told in twins}
        receipts = []
        try:
            there = self._reader.fetch([one for one in named.values() if one is not None])
        except ConnectorError as error:
            return [Receipt(change.key, error=error) for change, _ in twins]
        for change, told in twins:
            native_id = named[change.key]
            try:
                found = [one for one in there if one.native_id == native_id]
                found = found if native_id is not None else self._reader.find(change.hub_id)
                receipts.append(self._writer.found(change, found, told.where))
            except ConnectorError as error:
                receipts.append(Receipt(change.key, error=error))
        return receipts
