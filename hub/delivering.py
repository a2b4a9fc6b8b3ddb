"""Delivering to one partner: look at what an earlier life left, plan, write the plan down, push, read back, settle.

A batch goes through these steps in order, each decision in a ledger transaction of its own and no transaction open
while a partner is waited for. What was on its way and not settled is looked for before anything is sent again. The
answer to a write is taken in like any record, so a person's edit that came between is seen, and what the partner did
not keep is put before a person with both values. A full batch is settled while the next one is under way, so that the
ledger works while the partner does. Next: `looking_back.py`, `planning.py`, `lanes.py` (claims), `exchange.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from connectors.base import Change, Connector, Receipt, Record
from connectors.errors import ConnectorError, Stale, Throttled, Unknown
from hub import evidence, lanes
from hub.alliance import Alliance
from hub.call_log import CallLog
from hub.histories import with_history
from hub.lanes import Claim
from hub.ledger import Ledger
from hub.looking_back import AGAIN, AT_ONCE, LookBack, patience
from hub.planning import Batch, plan
from hub.settling import Outcome, settle
from hub.taking import take
from hub.writing import Transaction

BACKOFF = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before the n-th further try of one delivery."""


@dataclass(frozen=True, slots=True)
class Courier:
    """Carries batches to one partner. forbidden: asked as each batch is claimed: why none may be sent, or nothing.
    log: of the calls that are made to it; None: nobody keeps evidence."""

    ledger: Ledger
    alliance: Alliance
    partner: str
    connector: Connector
    clock: Callable[[], datetime]
    lease: timedelta
    size: int
    forbidden: Callable[[Transaction], str] = lambda tx: ""
    monotonic: Callable[[], float] = time.monotonic
    log: CallLog | None = None

    def run(self, most: int) -> Iterator[Batch]:
        """Batch after batch until nothing is due, `most` of them; each as it is settled. An error that concerns the
        partner stands in `failed`."""
        batch = self.carry()
        while batch is not None:
            most -= 1
            following = None
            if batch.failed is None:
                self._collect(batch)
                if batch.full and batch.failed is None and most:
                    following = self.carry()
                self._settle(batch)
            yield batch
            batch = following or (self.carry() if most else None)

    def carry(self) -> Batch | None:
        """One batch, its push begun, or None where nothing is due."""
        started = self.monotonic()
        with self.ledger.transaction(self.clock()) as tx:
            claims = [] if self.forbidden(tx) else lanes.claim(tx, self.partner, self.size, self.lease)
            batch = Batch(claims, tx.now + self.lease, started, full=len(claims) == self.size)
            look = LookBack(self.ledger, self.alliance, self.partner, self.connector, self.clock, batch.owed)
            left = look.left(tx, claims)
            ready = not left and not self._to_read(tx, claims)
            if ready:
                self._reckon(tx, batch)
        if not claims:
            return None
        if not ready:
            before = batch.claims
            try:
                batch.claims = look.look_back(before, left)
                self._refresh(batch)
            except ConnectorError as error:
                self._give_back(batch, batch.claims, error)
                return batch
            self._plan(batch, [claimed for claimed in before if claimed not in batch.claims])
        batch.answers = self._push(batch)
        self._take_answer(batch)  # a connector begins when it is asked for the first
        return batch

    def _take_answer(self, batch: Batch) -> bool:
        """Wait for the next receipt; False where there is none."""
        receipt = next(batch.answers, None)
        if receipt is not None:
            batch.receipts[receipt.key] = receipt
        return receipt is not None

    def _collect(self, batch: Batch) -> None:
        """Wait for the rest of the answers, and read back what they did not carry."""
        while self._take_answer(batch):
            pass
        batch.stands = self._read_back(batch, batch.receipts)
        errors = [receipt.error for receipt in batch.receipts.values() if receipt.error is not None]
        batch.failed = batch.failed or next((error for error in errors if error.concerns_partner), None)

    def _to_read(self, tx: Transaction, claims: Sequence[Claim]) -> list[str]:
        """Native ids of what has to be read again before it is written: where no write can be made on a condition, all.

        A record that was never read (another one was merged into it), or not understood, is read in any case; so is one
        that is no case yet.
        """
        tx.standing.foresee([claimed.case_id for claimed in claims])
        links = [tx.record_at(claimed.case_id, self.partner) for claimed in claims]
        always = not self.connector.system.abilities.conditional_write
        there = [link for link in links if link and (link.state == "linked" or link.is_untaken)]
        return [link.native_id for link in there if always or link.unread or link.version == ""]

    def _refresh(self, batch: Batch) -> None:
        """Read again, as late as can be, what is about to be written. What another worker read at the same time, nobody
        knowing which is the newer, waits for the next look."""
        with self.ledger.transaction(self.clock()) as tx:
            native_ids = self._to_read(tx, batch.claims)
        if not native_ids:
            return
        started = self.ledger.newest()
        records = self.connector.fetch(native_ids)
        records = with_history(self.ledger, self.alliance, self.connector, records, self.clock)
        with self.ledger.transaction(self.clock()) as tx:
            tx.standing.foresee_all(self.partner, native_ids)
            taken = [take(tx, self.alliance, record, read_from=started) for record in records]
            batch.owed.update(*(one.owed for one in taken))
            unclear = {one.case_id for one in taken if one.unclear}
            for claimed in lanes.held(tx, [claimed for claimed in batch.claims if claimed.case_id in unclear]):
                lanes.settle(tx, claimed, "owed", due=tx.now + AGAIN, why=AT_ONCE)
        batch.claims = [claimed for claimed in batch.claims if claimed.case_id not in unclear]

    def _plan(self, batch: Batch, waiting: Sequence[Claim]) -> None:
        """Reckon, once the partner was asked. waiting: claims that go no further now."""
        with self.ledger.transaction(self.clock()) as tx:
            for claimed in waiting:
                self._kept(tx, claimed, ())
            self._reckon(tx, batch)

    def _reckon(self, tx: Transaction, batch: Batch) -> None:
        """What each claim lacks now; it is written down before it is sent."""
        for claimed in lanes.held(tx, batch.claims):
            plan(tx, self.alliance, self.partner, batch, claimed, self._due)
        batch.asked_from = tx.newest

    def _push(self, batch: Batch) -> Iterator[Receipt]:
        """Send what is still ours to send. A worker that slept past its lease sends nothing more: another one may
        have looked for it, not found it, and sent it again."""
        planned = {claimed.delivery_id for _, claimed in batch.changes.values()}
        batch.longest = self._longest([change for change, _ in batch.changes.values()])
        ours = planned & self._renewed(batch)
        changes = [
            self._at_hand(batch, change) for change, claimed in batch.changes.values() if claimed.delivery_id in ours
        ]
        for receipt in self.connector.push(changes) if changes else ():
            yield receipt
            if not ours <= self._renewed(batch):
                return

    def _at_hand(self, batch: Batch, change: Change) -> Change:
        """The change, a file's bytes given out only while the lease lasts: one call takes as long as the file is large.
        Raises Stale where it does not: another worker may be at it."""
        content = change.content
        if content is None:
            return change

        def read() -> Iterator[bytes]:
            for piece in content.read():
                if self.clock() >= batch.until:
                    where = f"{self.partner} {change.native_id}"
                    raise Stale("not sent: the lease ran out meanwhile.", code="C502", where=where)
                yield piece

        return replace(change, content=replace(content, read=read))

    def _longest(self, changes: Sequence[Change]) -> timedelta:
        """What the largest file among these may take to be sent, beyond what any call may."""
        takes, system = self.connector.system.takes, self.connector.system
        sizes = [change.content.size for change in changes if change.content is not None]
        return timedelta(seconds=takes.seconds(max(sizes), system.deadline)) if takes and sizes else timedelta()

    def _renewed(self, batch: Batch) -> set[int]:
        """Ids of the deliveries that are ours, their leases lengthened once half of them has gone: no call lasts that
        long. Looked at once more then, for we may have slept before they were lengthened."""
        kept = batch.claims
        while self._is_half_gone(batch):
            started = self.monotonic()
            with self.ledger.transaction(self.clock()) as tx:
                lease = self.lease + batch.longest
                kept = lanes.renew(tx, batch.claims, lease)
                batch.until, batch.leased = tx.now + lease, started
        return {claimed.delivery_id for claimed in kept}

    def _is_half_gone(self, batch: Batch) -> bool:
        """By either clock: one that was set back hides how long we slept, the other may stand still while we do."""
        slept = timedelta(seconds=self.monotonic() - batch.leased)
        return self.clock() >= batch.until - batch.longest - self.lease / 2 or slept >= self.lease / 2

    def _read_back(self, batch: Batch, receipts: dict[str, Receipt]) -> dict[str, Record]:
        """native id -> the record as it stands after the write, from the answer where it carried it, else fetched."""
        stands: dict[str, Record] = {}
        wanted: set[str] = set()
        for key, (change, _) in batch.changes.items():
            receipt = receipts.get(key)
            native_id = receipt.native_id if receipt and receipt.native_id else change.native_id
            if receipt is None or native_id is None:
                continue
            if receipt.record is not None:
                stands[native_id] = receipt.record
            if (receipt.error is None and receipt.record is None) or isinstance(receipt.error, Stale):
                wanted.add(native_id)
        if not wanted:
            return stands
        try:
            stands.update({record.native_id: record for record in self.connector.fetch(sorted(wanted))})
        except ConnectorError as error:
            batch.failed = error
            for native_id in wanted:
                stands.pop(native_id, None)
        return stands

    def _settle(self, batch: Batch) -> None:
        """Each claim on its own: what arrived is settled, whatever became of its neighbours."""
        receipts = batch.receipts
        by_claim: dict[int, list[Change]] = {}
        for change, claimed in batch.changes.values():
            by_claim.setdefault(claimed.delivery_id, []).append(change)
        with self.ledger.transaction(self.clock()) as tx:
            ours = {claimed.delivery_id for claimed in lanes.held(tx, batch.claims)}
            tx.standing.foresee_all(self.partner, tuple(batch.stands))
            for claimed in batch.claims:
                changes = by_claim.get(claimed.delivery_id, [])
                proof = self._kept(tx, claimed, changes)
                if not changes:
                    continue
                outcome = Outcome(
                    partner=self.partner,
                    claimed=claimed,
                    changes=tuple(changes),
                    receipts={c.key: receipts[c.key] for c in changes if c.key in receipts},
                    paths=batch.paths[claimed.delivery_id],
                    values=batch.values[claimed.delivery_id],
                    due=partial(self._due, claimed),
                    asked_from=batch.asked_from,
                    step=claimed.delivery_id in batch.steps,
                    told=batch.told.get(claimed.delivery_id),
                    proof=proof,
                )
                if claimed.delivery_id in ours:
                    batch.owed |= settle(tx, self.alliance, outcome, batch.stands)
                else:  # its intents stay open: who took it over looks for what we wrote
                    outcome.state = "overtaken"
                batch.outcomes.append(outcome)

    def _kept(self, tx: Transaction, claimed: Claim, changes: Sequence[Change]) -> str:
        """Keep the calls that were made for this claim; their digest, for the receipt."""
        state = tx.case(claimed.case_id) if self.log is not None else None
        if self.log is None or state is None:
            return ""
        link, keys = tx.links_of(claimed.case_id).get(self.partner), [change.key for change in changes]
        native_ids = [link.native_id if link is not None else None, *(change.native_id for change in changes)]
        calls = self.log.take(evidence.names(claimed.case_id, native_ids, keys))
        return evidence.keep(tx, calls, self.partner, state, state.subject, keys=keys, delivery_id=claimed.delivery_id)

    def _due(self, claimed: Claim, error: ConnectorError | None) -> datetime:
        """When to try again after this error."""
        if isinstance(error, Stale) and error.changed and claimed.attempts < len(BACKOFF):
            return self.clock()
        if isinstance(error, Throttled):
            return self.clock() + timedelta(seconds=error.after)
        if isinstance(error, Unknown):
            return self.clock() + patience(self.connector.system)
        return self.clock() + timedelta(seconds=BACKOFF[min(claimed.attempts, len(BACKOFF)) - 1])

    def _give_back(self, batch: Batch, claims: Sequence[Claim], error: ConnectorError) -> None:
        """The partner could not be asked: the claims go back as they were."""
        with self.ledger.transaction(self.clock()) as tx:
            for claimed in claims:
                self._kept(tx, claimed, ())
            for claimed in lanes.held(tx, claims):
                lanes.settle(tx, claimed, "owed", due=self._due(claimed, error), code=error.code, why=str(error))
        batch.failed = error
