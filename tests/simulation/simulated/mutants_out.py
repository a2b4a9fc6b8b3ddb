"""Bad designs of the way out: creates, updates, notes, leases, receipts. Next: `mutants.py`, which has them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from connectors import paths
from connectors.base import Change, Receipt, Record
from connectors.errors import Unknown
from connectors.memory import Memory
from hub import intents, lanes, looking_back, planning, route, settling, telling_changes
from hub.delivering import Batch, Courier
from hub.intents import Intent
from hub.lanes import Claim
from hub.looking_back import LookBack, Looked
from hub.noting import Lacks
from hub.settling import Outcome
from hub.state import Link
from hub.tables import deliveries
from hub.writing import Transaction
from mappings.lens import Lens

FENCE = sa.select(deliveries.c.fence).where(deliveries.c.id == sa.bindparam("delivery"))


@contextmanager
def patched(where: Any, name: str, new: Any) -> Iterator[None]:
    """Another thing in its place for a while."""
    old = getattr(where, name)
    setattr(where, name, new)
    try:
        yield
    finally:
        setattr(where, name, old)


def create_sent_again() -> AbstractContextManager[None]:
    """A create without an answer is sent again: the first one may have been applied."""

    def found(self: LookBack, claimed: Claim, intent: Intent, looked: Looked) -> bool:
        with self.ledger.transaction(self.clock()) as tx:
            intents.end(tx, claimed.case_id, [intent.key], "absent")
        return True

    return patched(LookBack, "_found_created", found)


def one_look_before_sending_again() -> AbstractContextManager[None]:
    """Looked for once and not found: sent again, though their index lags."""

    def found(self: LookBack, claimed: Claim, intent: Intent, looked: Looked) -> bool:
        records = looked.found(claimed.case_id)
        with self.ledger.transaction(self.clock()) as tx:
            for record in records:
                self.owed.update(looking_back.take(tx, self.alliance, record, read_from=looked.started).owed)
            if not records:
                intents.end(tx, claimed.case_id, [intent.key], "absent")
        return True

    return patched(LookBack, "_found_created", found)


@contextmanager
def patience_from_the_plan() -> Iterator[None]:
    """How long a write may still turn up is counted from its plan, not from when it may have been sent last. Two things
    say the latter, the delay of what is in flight and when the next look is due; here neither does."""
    kept = Courier._due

    def due(self: Courier, claimed: Claim, error: Any) -> Any:
        return self.clock() if isinstance(error, Unknown) else kept(self, claimed, error)

    with patched(intents, "delay", lambda tx, case_id, partner, until: None), patched(Courier, "_due", due):
        yield


def create_that_overwrites() -> AbstractContextManager[None]:
    """An upsert: the create that finds the record writes itself over what a person made of it meanwhile."""
    kept = Memory._apply

    def apply(self: Memory, change: Change) -> Receipt:
        receipt = kept(self, change)
        if change.kind == "create" and receipt.found and receipt.native_id:
            self._store.edit(receipt.native_id, paths.leaves(change.body), by=self._credentials.login)
            return replace(receipt, record=self._record(self._store.row(receipt.native_id)))
        return receipt

    return patched(Memory, "_apply", apply)


def note_sent_again() -> AbstractContextManager[None]:
    """A note without an answer is sent again unseen."""

    def find(self: LookBack, claimed: Claim, native_id: str, intent: Intent) -> None:
        with self.ledger.transaction(self.clock()) as tx:
            intents.end(tx, claimed.case_id, [intent.key], "absent")

    return patched(LookBack, "_find_note", find)


def no_intent() -> AbstractContextManager[None]:
    """Nothing is written down before it is sent: a new life does not know that it has to look."""

    def plan(tx: Transaction, claimed: Claim, partner: str, subject: str, change: Change, values: Any) -> None:
        return None

    return patched(intents, "plan", plan)


def unknown_is_failed() -> AbstractContextManager[None]:
    """No answer means not done: the intent is dropped and the change made anew."""

    def end(tx: Transaction, outcome: Outcome, *, unread: bool) -> None:
        intents.end(tx, outcome.claimed.case_id, [change.key for change in outcome.changes], "dropped")

    return patched(settling, "_end_intents", end)


def no_look_before_writing() -> AbstractContextManager[None]:
    """Where no condition can be set, the write goes over whatever came since the last pull."""
    return patched(Courier, "_refresh", lambda self, batch: None)


def unconditional() -> AbstractContextManager[None]:
    """A system that would refuse a stale write is never told what the write was made from."""
    kept = Memory._apply
    return patched(Memory, "_apply", lambda self, change: kept(self, replace(change, base_version=None)))


def whole_record_written() -> AbstractContextManager[None]:
    """Every shared field is written each time, changed or not."""
    kept = Lens.to_partner

    def to_partner(self: Lens, values: Mapping[str, Any], base: Any) -> Any:
        patch = kept(self, values, base)
        if base is None or not patch.paths:
            return patch
        return kept(self, {path: value for path, value in values.items() if value is not None}, {})

    return patched(Lens, "to_partner", to_partner)


def no_read_back() -> AbstractContextManager[None]:
    """A success code is believed: what was sent counts as what stands there."""

    def believed(self: Courier, batch: Batch, receipts: dict[str, Receipt]) -> dict[str, Record]:
        stands: dict[str, Record] = {}
        with self.ledger.transaction(self.clock()) as tx:
            for key, (change, claimed) in batch.changes.items():
                receipt = receipts.get(key)
                link = tx.links_of(claimed.case_id).get(self.partner)
                if receipt is None or receipt.error is not None or change.kind != "update" or link is None:
                    continue
                body = self.alliance.partners[self.partner].lens.apply(link.base, change.body)
                stands[link.native_id] = Record(self.partner, link.native_id, link.version, body)
        return {**kept(self, batch, receipts), **stands}

    kept = Courier._read_back
    return patched(Courier, "_read_back", believed)


def ignored_forgotten() -> AbstractContextManager[None]:
    """What they took and did not keep is sent again, and again."""
    kept = Transaction.keep_link
    return patched(Transaction, "keep_link", lambda self, link, subject: kept(self, replace(link, ignored={}), subject))


@contextmanager
def lease_without_fence() -> Iterator[None]:
    """A worker that slept past its lease settles as if it were still its turn, whoever has taken over. The fence is
    asked twice, before settling and in the statement that does; here neither is."""
    kept = lanes.settle

    def settle(tx: Transaction, claimed: Claim, *told: Any, **more: Any) -> None:
        row = tx.connection.execute(FENCE, {"delivery": claimed.delivery_id}).one()
        kept(tx, replace(claimed, fence=row[0]), *told, **more)

    with patched(lanes, "held", lambda tx, claims: [*claims]), patched(lanes, "settle", settle):
        yield


def claim_without_lease() -> AbstractContextManager[None]:
    """A claim ends as it is made: the next worker takes over what this one is just sending."""
    kept = lanes.claim
    return patched(lanes, "claim", lambda tx, partner, limit, lease: kept(tx, partner, limit, timedelta(0)))


def sleeper_goes_on() -> AbstractContextManager[None]:
    """A worker that slept past its lease goes on sending what it had planned."""
    return patched(Courier, "_renewed", lambda self, batch: {one.delivery_id for one in batch.claims})


def newer_left_behind() -> AbstractContextManager[None]:
    """What was delivered is done, though the case moved on while it was on its way."""
    return patched(settling, "owe_all", lambda tx, alliance, state: frozenset())


def batch_as_one() -> AbstractContextManager[None]:
    """One that failed among many that arrived counts as arrived."""
    return patched(Outcome, "error", lambda self: None)


def visibility_unasked() -> AbstractContextManager[None]:
    """A note crosses whoever it was written for."""
    kept = route.owed_to

    def owed(partner: str, state: Any, links: Mapping[str, Link], lens: Lens, agreement: Any, base: Any) -> Any:
        found = kept(partner, state, links, lens, agreement, base)
        link = links.get(partner)
        if link is None:
            return found
        refs = {route.note_ref(n.partner, n.id): n for n in state.notes if n.partner != partner}
        notes = tuple(Lacks(n, ref) for ref, n in refs.items() if ref not in link.notes)
        return replace(found, notes=notes)

    return patched(route, "owed_to", owed)


def unread_note_crosses() -> AbstractContextManager[None]:
    """A note crosses as it was last understood, though its record says something now that nobody understands: it may
    be private by now."""
    kept = route.owed_to

    def owed(partner: str, state: Any, links: Mapping[str, Link], *rest: Any) -> Any:
        return kept(partner, state, {name: replace(link, unread=False) for name, link in links.items()}, *rest)

    return patched(route, "owed_to", owed)


def told_to_all() -> AbstractContextManager[None]:
    """Every company gets every case."""
    names = {"north", "south"}
    return patched(route, "targets", lambda state, links: sorted({*links, state.holder, *names}))


def telling_waits() -> AbstractContextManager[None]:
    """What agents are told of a word that nobody understands waits until it is understood, like all the rest."""
    return patched(planning, "_tell_alone", lambda *_: False)


def told_again() -> AbstractContextManager[None]:
    """It is not kept what agents were told last: they are told it for ever."""
    return patched(telling_changes, "kept", lambda tx, link, *_: link)


def withdrawal_untold() -> AbstractContextManager[None]:
    """A note that its author took back stands where it went, as if it held."""
    kept = route.lacking_notes

    def lacking(*args: Any) -> Iterator[Lacks]:
        return (one for one in kept(*args) if one.how != "withdrawn")

    return patched(route, "lacking_notes", lacking)


OUT: Mapping[str, Callable[[], AbstractContextManager[None]]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            create_sent_again, one_look_before_sending_again, patience_from_the_plan, create_that_overwrites,
            note_sent_again, no_intent, unknown_is_failed, no_look_before_writing, unconditional, whole_record_written,
            no_read_back, ignored_forgotten, lease_without_fence, claim_without_lease,
            sleeper_goes_on, newer_left_behind, batch_as_one,
            visibility_unasked, unread_note_crosses, told_to_all, telling_waits, told_again,
            withdrawal_untold,
        )
    }
)  # fmt: skip
