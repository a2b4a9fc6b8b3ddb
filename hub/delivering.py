"""Delivering to one partner: look at what an earlier life left, plan, write the plan down, push, read back, settle.

A batch goes through these steps in order, each decision in a ledger transaction of its own and no transaction open
while a partner is spoken to. What was on its way and not settled is looked for before anything is sent again. The
answer to a write is taken in like any record, so a person's edit that came between is seen, and what the partner did
not keep is put before a person with both values. Next: `looking_back.py`, `lanes.py` (claims, intents), `exchange.py`
(the loop around).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from connectors.base import Change, Connector, Receipt, Record
from connectors.errors import ConnectorError, Stale, Throttled, Unknown
from hub import adopting, lanes, route
from hub.alliance import Alliance
from hub.lanes import Claim
from hub.ledger import Ledger
from hub.looking_back import LookBack, patience
from hub.parking import misfit
from hub.settling import Outcome, settle
from hub.state import CaseState, Link, note_ref
from hub.taking import take
from hub.writing import Transaction
from mappings.case import Note
from mappings.errors import MappingError
from mappings.lens import Lens

BACKOFF = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before the n-th further try of one delivery."""


@dataclass(slots=True)
class Batch:
    """One batch on its way. changes: key -> the change and whose it is. steps: deliveries of which only a status step
    between goes out now. failed: what concerns the whole partner. until: when its leases run out. leased: when they
    began, by the clock that nobody sets."""

    claims: list[Claim]
    until: datetime
    leased: float
    changes: dict[str, tuple[Change, Claim]] = field(default_factory=dict)
    values: dict[int, dict[str, object]] = field(default_factory=dict)
    paths: dict[int, tuple[str, ...]] = field(default_factory=dict)
    steps: set[int] = field(default_factory=set)
    owed: set[str] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    failed: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class Courier:
    """Carries batches to one partner. forbidden: asked as each batch is claimed: why none may be sent, or nothing."""

    ledger: Ledger
    alliance: Alliance
    partner: str
    connector: Connector
    clock: Callable[[], datetime]
    lease: timedelta
    size: int
    forbidden: Callable[[Transaction], str] = lambda tx: ""
    monotonic: Callable[[], float] = time.monotonic

    def carry(self) -> Batch | None:
        """One batch, or None where nothing is due. An error that concerns the partner stands in `failed`."""
        with self.ledger.transaction(self.clock()) as tx:
            claims = [] if self.forbidden(tx) else lanes.claim(tx, self.partner, self.size, self.lease)
            until, leased = tx.now + self.lease, self.monotonic()
        if not claims:
            return None
        batch = Batch(claims, until, leased)
        try:
            look = LookBack(self.ledger, self.alliance, self.partner, self.connector, self.clock, batch.owed)
            batch.claims = look.look_back(batch.claims)
            self._refresh(batch)
        except ConnectorError as error:
            self._give_back(batch, batch.claims, error)
            return batch
        self._plan(batch)
        receipts = self._push(batch)
        read_back = self._read_back(batch, receipts)
        self._settle(batch, receipts, read_back)
        return batch

    def _refresh(self, batch: Batch) -> None:
        """Where no write can be made on a condition: read again, as late as can be, what is about to be written.

        A record that was never read (another one was merged into it), or not understood, is read in any case.
        """
        with self.ledger.transaction(self.clock()) as tx:
            links = [tx.links_of(claimed.case_id).get(self.partner) for claimed in batch.claims]
        always = not self.connector.system.abilities.conditional_write
        native_ids = [
            k.native_id for k in links if k and k.state == "linked" and (always or k.unread or k.version == "")
        ]
        if not native_ids:
            return
        started = self.ledger.newest()
        records = self.connector.fetch(native_ids)
        with self.ledger.transaction(self.clock()) as tx:
            for record in records:
                batch.owed |= take(tx, self.alliance, record, read_from=started).owed

    def _plan(self, batch: Batch) -> None:
        """Reckon what each claim lacks now, and write it down before it is sent."""
        with self.ledger.transaction(self.clock()) as tx:
            for claimed in batch.claims:
                if lanes.holds(tx, claimed):
                    self._plan_one(tx, batch, claimed)

    def _plan_one(self, tx: Transaction, batch: Batch, claimed: Claim) -> None:
        state, links = tx.case(claimed.case_id), tx.links_of(claimed.case_id)
        link = links.get(self.partner)
        if state is None or (link is not None and link.state == "gone"):
            lanes.settle(tx, claimed, "delivered", why="nothing to deliver to")
            return
        if link is not None and (link.unread or link.version == ""):
            # their people's word stands there and nobody has understood it yet, or another record was merged into it
            waits = "their record says something that is not understood" if link.unread else "not read yet"
            lanes.settle(tx, claimed, "owed", due=self._due(claimed, None), why=waits)
            return
        lens = self.alliance.partners[self.partner].lens
        base = lens.to_case(link.base).values if link is not None and link.base else {}
        try:
            owed = route.owed_to(self.partner, state, links, lens, self.alliance.agreement, base)
            notes = [] if link is None or owed.step else [self._noted(note, lens, state, link) for note in owed.notes]
        except MappingError as error:
            self._park(tx, claimed, state, misfit(self.alliance.partners[self.partner], error))
            return
        if link is None and (why := adopting.unmet(tx, state, self.partner)) is not None:
            self._park(tx, claimed, state, why)
            return
        # A step goes alone: the next carry plans the rest from what was read back, so a kill between repeats nothing.
        patch = owed.step or owed.patch
        if owed.step is not None:
            batch.steps.add(claimed.delivery_id)
        lane = f"{state.id}/{self.partner}"
        changes: list[Change] = []
        if link is None:
            changes.append(Change(f"{lane}/create", "create", state.id, owed.patch.body, state.id))
        elif owed.patch.paths:
            key = f"{lane}/{claimed.delivery_id}.{claimed.fence}"
            changes.append(
                Change(key, "update", state.id, patch.body, state.id, link.native_id, base_version=link.version)
            )
        changes += notes
        if not changes:
            lanes.settle(tx, claimed, "delivered")
            return
        batch.values[claimed.delivery_id] = {path: owed.values.get(path) for path in patch.paths}
        batch.paths[claimed.delivery_id] = patch.paths
        for change in changes:
            lanes.plan(tx, claimed, self.partner, state.subject, change, batch.values[claimed.delivery_id])
            batch.changes[change.key] = (change, claimed)

    def _park(self, tx: Transaction, claimed: Claim, state: CaseState, why: lanes.Misfit) -> None:
        lanes.settle(tx, claimed, "parked", code=why.code, why=why.text)
        tx.append("parked", state, self.partner, detail={"code": why.code, "where": why.place})
        tx.park("delivery", self.partner, case_id=state.id, native_id=None, code=why.code, place=why.place,
                why=why.text)  # fmt: skip

    def _noted(self, note: Note, lens: Lens, state: CaseState, link: Link) -> Change:
        """A note of ours as a change. Raises MappingError."""
        ref = note_ref(note.partner, note.id)
        body = lens.to_note(note, company=self.alliance.title(note.partner), ref=ref)
        lane = f"{state.id}/{self.partner}"
        return Change(f"{lane}/note/{ref}", "add_note", state.id, body, state.id, link.native_id, ref=ref)

    def _push(self, batch: Batch) -> dict[str, Receipt]:
        """Send what is still ours to send. A worker that slept past its lease sends nothing more: another one may
        have looked for it, not found it, and sent it again."""
        ours = self._renewed(batch)
        changes = [change for change, claimed in batch.changes.values() if claimed in ours]
        receipts: dict[str, Receipt] = {}
        for receipt in self.connector.push(changes) if changes else ():
            receipts[receipt.key] = receipt
            if len(self._renewed(batch)) < len(ours):
                break
        return receipts

    def _renewed(self, batch: Batch) -> list[Claim]:
        """The claims that are ours, their leases lengthened once half of them has gone: no call lasts that long. Gone
        by either clock: one that was set back hides how long we slept, the other may stand still while we do."""
        now, slept = self.clock(), timedelta(seconds=self.monotonic() - batch.leased)
        if now < batch.until - self.lease / 2 and slept < self.lease / 2:
            return batch.claims
        with self.ledger.transaction(now) as tx:
            kept = lanes.renew(tx, batch.claims, self.lease)
            batch.until, batch.leased = tx.now + self.lease, self.monotonic()
        return kept

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

    def _settle(self, batch: Batch, receipts: dict[str, Receipt], read_back: dict[str, Record]) -> None:
        """Each claim on its own: what arrived is settled, whatever became of its neighbours."""
        by_claim: dict[int, list[Change]] = {}
        for change, claimed in batch.changes.values():
            by_claim.setdefault(claimed.delivery_id, []).append(change)
        with self.ledger.transaction(self.clock()) as tx:
            for claimed in batch.claims:
                changes = by_claim.get(claimed.delivery_id)
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
                    step=claimed.delivery_id in batch.steps,
                )
                batch.owed |= settle(tx, self.alliance, outcome, read_back)
                batch.outcomes.append(outcome)
        errors = [receipt.error for receipt in receipts.values() if receipt.error is not None]
        batch.failed = batch.failed or next((error for error in errors if error.concerns_partner), None)

    def _due(self, claimed: Claim, error: ConnectorError | None) -> datetime:
        """When to try again after this error."""
        if isinstance(error, Stale) and claimed.attempts < len(BACKOFF):
            return self.clock()
        if isinstance(error, Throttled):
            return self.clock() + timedelta(seconds=error.after)
        if isinstance(error, Unknown):
            return self.clock() + patience(self.connector.system)
        return self.clock() + timedelta(seconds=BACKOFF[min(claimed.attempts, len(BACKOFF)) - 1])

    def _give_back(self, batch: Batch, claims: Iterable[Claim], error: ConnectorError) -> None:
        """The partner could not be asked: the claims go back as they were."""
        with self.ledger.transaction(self.clock()) as tx:
            for claimed in claims:
                if lanes.holds(tx, claimed):
                    lanes.settle(tx, claimed, "owed", due=self._due(claimed, error), code=error.code, why=str(error))
        batch.failed = error
