"""What became of what was sent: looked for before anything is sent again.

An intent that nobody settled (its worker died, or no answer came) may have arrived, may arrive yet, or never will. A
create is looked for by the case's id, a note by its ref, an update or a file by reading the record; what turns up is
taken in like any record. No transaction is open while the partner is asked. Next: `delivering.py`, which goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors.base import Connector, Record, System
from hub import intents, lanes
from hub.alliance import Alliance
from hub.lanes import Claim
from hub.ledger import Ledger
from hub.state import Link, record_subject
from hub.taking import take
from hub.writing import Transaction

PATIENCE = timedelta(seconds=5)
"""For a write without an answer to be applied after all; a partner's declared index lag comes on top."""

AGAIN = timedelta(seconds=1)
"""Until a record is read again that two workers read at once."""

AT_ONCE = "read by two at once"


def patience(system: System) -> timedelta:
    """How long a write without an answer may still turn up: applied late, and found later still."""
    return PATIENCE + timedelta(seconds=system.abilities.index_lag)


Left = tuple[Claim, intents.Intent, Link | None]
"""An intent that nobody settled: whose claim it is now, what was on its way, and the link of its record."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of several creates at once. started, at: the ledger's newest entry and the time before it was
    asked: what was not there then may have come since."""

    records: Mapping[str, Sequence[Record]]
    started: int
    at: datetime

    def found(self, case_id: str) -> list[Record]:
        """Living records that bear this id."""
        return [record for record in self.records.get(case_id, ()) if not record.gone]


@dataclass(frozen=True, slots=True)
class LookBack:
    """One look for what was on its way to one partner. owed: partners that lack something because of what was found."""

    ledger: Ledger
    alliance: Alliance
    partner: str
    connector: Connector
    clock: Callable[[], datetime]
    owed: set[str] = field(default_factory=set)

    def left(self, tx: Transaction, claims: Sequence[Claim]) -> list[Left]:
        """What an earlier life left on its way, of these claims."""
        for claimed in claims:
            if claimed.lapsed is not None:  # who held it may have sent until its lease ran out
                intents.delay(tx, claimed.case_id, self.partner, claimed.lapsed)
        tx.standing.foresee([claimed.case_id for claimed in claims])
        return [
            (claimed, intent, tx.record_at(claimed.case_id, self.partner))
            for claimed in claims
            for intent in intents.in_flight(tx, claimed.case_id, self.partner)
        ]

    def look_back(self, claims: Sequence[Claim], left: Sequence[Left]) -> list[Claim]:
        """The claims that can go on: nothing of theirs is on its way any more. Raises ConnectorError."""
        waiting: list[Claim] = []
        looked = self._look_for([claim.case_id for claim, intent, link in left if intent.kind == "create" and not link])
        for claimed, intent, link in left:
            if claimed in waiting:
                continue
            started = self.ledger.newest()
            if intent.kind == "create" and link is None:
                if not self._found_created(claimed, intent, looked):
                    waiting.append(claimed)
            elif intent.kind == "add_note" and link is not None and intent.ref is not None:
                self._find_note(claimed, link.native_id, intent)
            elif not self._reread(claimed, link.native_id if link else "", intent, started):
                waiting.append(claimed)
        return [claimed for claimed in claims if claimed not in waiting]

    def _look_for(self, case_ids: Sequence[str]) -> Looked:
        """Look for the records that unsettled creates may have made, all of them in as few calls as can be."""
        started, at = self.ledger.newest(), self.clock()
        return Looked(self.connector.find_all(case_ids) if case_ids else {}, started, at)

    def _found_created(self, claimed: Claim, intent: intents.Intent, looked: Looked) -> bool:
        """Take in the record that an unsettled create made; False while it may still turn up."""
        found = looked.found(claimed.case_id)
        until = intent.planned_at + patience(self.connector.system)
        with self.ledger.transaction(self.clock()) as tx:
            if self._take(tx, claimed, found, looked.started):
                return False
            if found:
                return True
            if looked.at < until:
                lanes.settle(tx, claimed, "unknown", due=until, code="C400", why="not found yet")
                return False
            intents.end(tx, claimed.case_id, [intent.key], "absent")
            return True

    def _find_note(self, claimed: Claim, native_id: str, intent: intents.Intent) -> None:
        """Look for the note that an unsettled add_note may have written."""
        note_id = self.connector.find_note(native_id, intent.ref or "")
        with self.ledger.transaction(self.clock()) as tx:
            link, state = tx.record_at(claimed.case_id, self.partner), tx.case(claimed.case_id)
            if link is not None and note_id is not None:
                kept = replace(link, notes={**link.notes, str(intent.ref): note_id})
                tx.keep_link(kept, state.subject if state else record_subject(link.partner, link.native_id))
            intents.end(tx, claimed.case_id, [intent.key], "settled" if note_id is not None else "absent")

    def _reread(self, claimed: Claim, native_id: str, intent: intents.Intent, started: int) -> bool:
        """Read the record that an unsettled update may have changed, or where a file may stand; what it still lacks is
        owed as before. False where it has to be read again."""
        records = self.connector.fetch([native_id]) if native_id else []
        with self.ledger.transaction(self.clock()) as tx:
            if self._take(tx, claimed, records, started):
                return False
            intents.end(tx, claimed.case_id, [intent.key], "settled")
        return True

    def _take(self, tx: Transaction, claimed: Claim, records: Sequence[Record], started: int) -> bool:
        """Take in what was read. True where another worker read one of them meanwhile and nobody can tell which is the
        newer: the claim waits for the next look."""
        taken = [take(tx, self.alliance, record, read_from=started) for record in records]
        self.owed.update(*(one.owed for one in taken))
        unclear = any(one.unclear for one in taken)
        if unclear:
            lanes.settle(tx, claimed, "unknown", due=tx.now + AGAIN, code="C400", why=AT_ONCE)
        return unclear
