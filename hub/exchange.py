"""The exchange: three verbs a partner. `intake` reads what changed there, `deliver` writes what it is owed, `reconcile`
looks whether anything was missed.

Single-threaded step functions; the scheduler, the command line and the simulation only call them. Clock and connectors
are injected. A cursor moves in the same transaction as the records that it covers, so a crash reads them again and the
ledger knows them; a delivery's lease guards it, not the scheduler that may run one task twice. A partner that a person
paused, or that its circuit breaker leaves alone, is not spoken to: the answer says so in `held`.
Next: `taking.py` (one record in), `delivering.py` (one batch out), `reconciling.py`, `pausing.py`, `breaker.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from connectors.base import Connector, Cursor, Record
from connectors.errors import ConnectorError
from hub import adopting, breaker, drift, evidence, first_contact, pausing
from hub.alliance import Alliance, Taken
from hub.call_log import CallLog
from hub.delivering import Courier
from hub.fetching import Fetched, Fetching
from hub.heeding import Heeding
from hub.histories import with_history
from hub.ledger import Ledger
from hub.reconciling import Reconciled, Reconciliation
from hub.taking import take
from hub.writing import Transaction

LEASE = timedelta(seconds=120)
ROUNDS = 1000
"""Batches that one call carries at most: what one partner is owed is drained, and a bug cannot run for ever."""
KEYS = 2
"""Times that a step begins again because the partner's key was changed meanwhile."""


class _Rekeyed(Exception):
    """The partner refused the key that we came with, and it was changed since."""

    def __init__(self, refusal: ConnectorError) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))


Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Intake:
    """What a pull brought. applied: records that were news. known: replays and our own writes coming back.

    hinted: records that webhooks named and that were read again by their ids.
    fetched, unfetched: files that were read, and that are tried again or wait for a person.
    held: why nothing was read (paused, or left alone after failures), in a sentence.
    """

    read: int = 0
    applied: int = 0
    known: int = 0
    parked: int = 0
    hinted: int = 0
    fetched: int = 0
    unfetched: int = 0
    owed: frozenset[str] = frozenset()
    held: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a push did. sent: changes pushed. stepped: status steps on the way to what is owed.

    owed: partners that now lack something because of what came back. held: why nothing was written (paused, or left
    alone after failures), in a sentence.
    """

    claimed: int = 0
    sent: int = 0
    delivered: int = 0
    parked: int = 0
    unknown: int = 0
    retry: int = 0
    stepped: int = 0
    owed: frozenset[str] = frozenset()
    held: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Everything that a step needs, injected. connect: partner name -> a connector.

    A connector is kept for the next step and given back when it fails as a whole, or by `close`. rest: told at the end
    of each step whose it was. batch: deliveries claimed at a time, by default as many as the partner's calls take best.
    monotonic: seconds of a clock that nobody sets. rekeyed: whether a partner's credentials are others by now than
    those that its connector was given. logs: partner name -> witness of its connector's calls; evidence_for: how long
    evidence of them is kept.
    """

    ledger: Ledger
    alliance: Alliance
    connect: Callable[[str], Connector]
    clock: Callable[[], datetime]
    lease: timedelta = LEASE
    batch: int | None = None
    kept: dict[str, Connector] = field(default_factory=dict)
    rest: Callable[[str], None] = lambda partner: None
    monotonic: Callable[[], float] = time.monotonic
    rekeyed: Callable[[str], bool] = lambda partner: False
    logs: dict[str, CallLog] = field(default_factory=dict)
    evidence_for: timedelta = evidence.USUAL

    def intake(self, partner: str) -> Intake:
        """Read everything that changed at this partner.

        Raises Unreachable, Throttled and Refused once all that came before is kept.
        """
        return self._with_its_key(partner, self._intake)

    def _intake(self, partner: str) -> Intake:
        if held := self.held(partner, "pull"):
            return Intake(held=held)
        total = Intake()
        with self.speaking(partner, "pull") as connector:
            self._watch(partner, connector)
            kept, started = self.ledger.cursor(partner), self.ledger.newest()
            for page in connector.pull(None if kept is None else Cursor(kept)):
                records = with_history(self.ledger, self.alliance, connector, page.records, self.clock, late=True)
                with self.ledger.transaction(self.clock()) as tx:
                    tx.standing.foresee_all(partner, [record.native_id for record in records])
                    taken = [take(tx, self.alliance, record, read_from=started) for record in records]
                    self._keep_read(tx, partner, records, taken)
                    tx.note_partner(partner, cursor=page.cursor.value, pulled_at=tx.now)
                    tx.note_success(partner, "pull")
                    held = pausing.stopped(tx, partner)
                total = _more(total, taken, held)
                if held:
                    break
                started = self.ledger.newest()
            if not total.held:
                total = self._heeded(partner, connector, total)
            files = Fetched() if total.held else self._fetch(partner, connector)
        total = replace(total, fetched=files.fetched, unfetched=files.failed, owed=total.owed | files.owed)
        if not total.held and self._unread(partner):
            with self.ledger.transaction(self.clock()) as tx:
                tx.note_partner(partner, read_whole_at=tx.now)
        return total

    def heed(self, partner: str) -> Intake:
        """Read again what webhooks named at this partner, and nothing else. Raises as `intake` does.

        A partner that was never pulled is read whole first, by its pull.
        """
        return self._with_its_key(partner, self._heed)

    def _heed(self, partner: str) -> Intake:
        if self.ledger.cursor(partner) is None:
            return Intake(held=f"{partner} was not pulled yet: the pull reads everything first")
        if held := self.held(partner, "pull"):
            return Intake(held=held)
        with self.speaking(partner, "pull") as connector:
            return self._heeded(partner, connector, Intake())

    def deliver(self, partner: str) -> Delivered:
        """Write everything that this partner is owed and that is due. Raises as `intake` does."""
        return self._with_its_key(partner, self._deliver)

    def _deliver(self, partner: str) -> Delivered:
        if held := self._unread(partner) or self._guarded(partner) or self.held(partner, "push"):
            return Delivered(held=held)
        total = Delivered()
        with self.speaking(partner, "push") as connector:
            self._watch(partner, connector)
            courier = Courier(
                self.ledger, self.alliance, partner, connector, self.clock, lease=self.lease,
                size=self.batch or connector.system.at_once,
                forbidden=lambda tx: pausing.stopped(tx, partner) or first_contact.guarded(tx, self.alliance, partner),
                monotonic=self.monotonic, log=self.log(partner),
            )  # fmt: skip
            for batch in courier.run(ROUNDS):
                states = [outcome.state for outcome in batch.outcomes]
                total = Delivered(
                    claimed=total.claimed + len(batch.claims),
                    sent=total.sent + len(batch.changes),
                    delivered=total.delivered + states.count("delivered") + states.count("told"),
                    parked=total.parked + states.count("parked"),
                    unknown=total.unknown + states.count("unknown"),
                    retry=total.retry + states.count("owed"),
                    stepped=total.stepped + states.count("stepped"),
                    owed=total.owed | batch.owed,
                )
                if batch.failed is not None and batch.failed.concerns_partner:
                    raise batch.failed
            with self.ledger.transaction(self.clock()) as tx:
                tx.note_partner(partner, pushed_at=tx.now)
                self._end_run(tx, partner, "push")
                held = pausing.stopped(tx, partner)
                if total.delivered:
                    tx.note_success(partner, "push")
                else:
                    breaker.untried(tx, partner, "push")
        return replace(total, held=held or self._guarded(partner))

    def reconcile(self, partner: str, *, dry: bool = False) -> Reconciled:
        """Read everything of this partner and repair what polling missed. dry: only tell it. Raises as `intake` does.

        A partner that was never pulled has nothing to be compared yet.
        """
        if self.ledger.cursor(partner) is None:
            return Reconciled(held=f"{partner} was not pulled yet: the pull reads everything first")
        if held := self.held(partner, "pull"):
            return Reconciled(held=held)
        with self.speaking(partner, "pull") as connector:
            return Reconciliation(self.ledger, self.alliance, partner, connector, self.clock, dry=dry).run()

    def reread(self, partner: str, native_ids: Sequence[str]) -> tuple[Sequence[Record], str]:
        """These records as they stand at the partner now, and why none was read. Raises as `intake` does."""
        if held := self.held(partner, "pull"):
            return (), held
        with self.speaking(partner, "pull") as connector:
            found = with_history(self.ledger, self.alliance, connector, connector.fetch(native_ids), self.clock)
            with self.ledger.transaction(self.clock()) as tx:
                tx.note_success(partner, "pull")
        return found, ""

    def close(self, *partners: str) -> None:
        """Give back the connectors of these partners; none named: all."""
        for name in partners or tuple(self.kept):
            connector = self.kept.pop(name, None)
            if connector is not None:
                connector.close()

    def _heeded(self, partner: str, connector: Connector, total: Intake) -> Intake:
        """What webhooks named, on top of what was read."""
        if connector.system.webhooks is None:
            return total
        for some in Heeding(self.ledger, self.alliance, partner, connector, self.clock, self.log(partner)).run():
            total = _more(replace(total, hinted=total.hinted + some.hinted), some.taken, some.held)
        return total

    def _fetch(self, partner: str, connector: Connector) -> Fetched:
        """Read the files of theirs that somebody is to have."""
        spool = self.alliance.spool
        if spool is None or connector.system.tells is None:
            return Fetched()
        return Fetching(self.ledger, self.alliance, spool, partner, connector, self.clock).run()

    def _unread(self, partner: str) -> str:
        """Why nothing is written to a partner whose records may be counterparts and were not all read yet."""
        if not adopting.concerns(self.alliance, partner):
            return ""
        with self.ledger.look(self.clock()) as tx:
            return adopting.unread(tx, self.alliance, partner)

    def _guarded(self, partner: str) -> str:
        """Why a first contact writes nothing, or nothing more, until a person has signed it off."""
        if self.alliance.partners[partner].system.first_contact.guard == "none":
            return ""
        with self.ledger.look(self.clock()) as tx:
            why = first_contact.guarded(tx, self.alliance, partner)
        if why:
            with self.ledger.transaction(self.clock()) as tx:
                first_contact.ask(tx, partner, why)
        return why

    def _watch(self, partner: str, connector: Connector) -> None:
        """Look whether their fields are still what the mapping stands on, when it is time. Raises Refused X402."""
        theirs = self.alliance.partners[partner]
        with self.ledger.look(self.clock()) as tx:
            due = drift.due(tx, theirs)
        kept = drift.kept(theirs) if due else None
        if kept is None:
            return
        found = drift.look(theirs, kept, connector)
        with self.ledger.transaction(self.clock()) as tx:
            error = drift.looked(tx, theirs, found)
        if error is not None:
            raise error

    def held(self, partner: str, verb: str) -> str:
        """Why this step speaks to nobody, or nothing: then it does speak, and is the one that tries after failures."""
        with self.ledger.look(self.clock()) as tx:
            why, is_open = pausing.stopped(tx, partner), breaker.is_open(tx, partner)
        if why or not is_open:
            return why
        with self.ledger.transaction(self.clock()) as tx:
            return breaker.held(tx, partner, verb)

    def _with_its_key(self, partner: str, step: Callable[[str], Done]) -> Done:
        """The step, begun again where the partner's key was changed in the middle of it: what was kept is kept, and
        what was refused was not done."""
        left = KEYS
        while True:
            try:
                return step(partner)
            except _Rekeyed as changed:
                self.close(partner)
                if not left:
                    raise changed.refusal from None
                left -= 1

    @contextmanager
    def speaking(self, partner: str, verb: str) -> Iterator[Connector]:
        """A connector to this partner; a failure that concerns all of it is noted for whoever looks at its health."""
        try:
            if partner not in self.kept:
                self.kept[partner] = self.connect(partner)
            yield self.kept[partner]
            self._account(partner, verb)
        except ConnectorError as error:
            if error.code == "C301" and self.rekeyed(partner):
                raise _Rekeyed(error) from error
            if error.concerns_partner:
                self.close(partner)
                with self.ledger.transaction(self.clock()) as tx:
                    error.held_until = breaker.failed(tx, partner, verb, error)
                    self._end_run(tx, partner, verb)
            raise
        finally:
            self.rest(partner)

    def log(self, partner: str) -> CallLog:
        """The witness of this partner's calls."""
        return self.logs.setdefault(partner, CallLog(self.clock))

    def _keep_read(self, tx: Transaction, partner: str, records: Sequence[Record], taken: Sequence[Taken]) -> None:
        log = self.log(partner)
        for record, one in zip(records, taken, strict=True):
            evidence.keep_read(tx, log, record, one)
        log.drop()

    def _account(self, partner: str, verb: str) -> None:
        """Write down what was called, where it was not yet."""
        if self.log(partner).busy:
            with self.ledger.transaction(self.clock()) as tx:
                self._end_run(tx, partner, verb)

    def _end_run(self, tx: Transaction, partner: str, verb: str) -> None:
        evidence.end_run(tx, self.log(partner), partner, verb, self.evidence_for)


def _more(total: Intake, taken: Sequence[Taken], held: str) -> Intake:
    return replace(
        total,
        read=total.read + len(taken),
        applied=total.applied + sum(one.news for one in taken),
        known=total.known + sum(not one.news for one in taken),
        parked=total.parked + sum(one.parked for one in taken),
        owed=total.owed.union(*(one.owed for one in taken)),
        held=held,
    )
