"""Reading again what webhooks named: by id, and taken as a pull takes it; so a change is here before its poll.

A hint decides nothing but when: what it says is not believed, a record that they do not know changes nothing, and one
that cannot be asked for is let go, since the next pull reads all that changed. No transaction is open while the partner
is asked. Next: `hints.py` (what waits), `taking.py` (one record in), `serve/` (where hints come from).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.base import Connector, Record
from connectors.errors import Refused, Rejected
from hub import evidence, hints, pausing
from hub.alliance import Alliance, Taken
from hub.call_log import CallLog
from hub.hints import Hint
from hub.histories import with_history
from hub.ledger import Ledger
from hub.taking import take

AT_ONCE: Final = 100
"""Records that are asked for and taken in together."""
CONTRACT: Final = "C304"
"""An answer that the declaration does not foresee: here it may be the id that does not fit."""


@dataclass(frozen=True, slots=True)
class Heeded:
    """Some records that were read again. hinted: how many were named. held: why no more are read now, or nothing."""

    hinted: int
    taken: tuple[Taken, ...]
    held: str = ""


@dataclass(frozen=True, slots=True)
class Heeding:
    """The hints of one partner."""

    ledger: Ledger
    alliance: Alliance
    partner: str
    connector: Connector
    clock: Callable[[], datetime]
    log: CallLog

    def run(self) -> Iterator[Heeded]:
        """Read what is named until nothing waits. Raises what concerns the partner; those hints wait on."""
        for _ in range(hints.MOST // AT_ONCE):
            with self.ledger.look(self.clock()) as tx:
                some = hints.waiting(tx, self.partner, AT_ONCE)
            if not some:
                return
            done = self._heed(some)
            yield done
            if done.held:
                return

    def _heed(self, some: Sequence[Hint]) -> Heeded:
        started = self.ledger.newest()
        named = [one.native_id for one in some]
        found = [record for record in self._fetched(named) if record.native_id in set(named)]
        found = with_history(self.ledger, self.alliance, self.connector, found, self.clock)
        with self.ledger.transaction(self.clock()) as tx:
            tx.standing.foresee_all(self.partner, [record.native_id for record in found])
            taken = tuple(take(tx, self.alliance, record, read_from=started) for record in found)
            for record, one in zip(found, taken, strict=True):
                evidence.keep_read(tx, self.log, record, one)
            self.log.drop()
            hints.heeded(tx, self.partner, some)
            tx.note_success(self.partner, "pull")
            return Heeded(len(some), taken, pausing.stopped(tx, self.partner))

    def _fetched(self, named: Sequence[str]) -> Sequence[Record]:
        """Those that they know. An id that they cannot make sense of holds up no other and stops nobody."""
        try:
            return self.connector.fetch(named)
        except Rejected:
            pass
        except Refused as error:
            if error.code != CONTRACT:
                raise
        return [record for one in named for record in self._fetched([one])] if len(named) > 1 else []
