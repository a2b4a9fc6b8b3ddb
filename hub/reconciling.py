"""The daily reconciliation with one partner: what polling missed is found and repaired, and the cursor stays.

Everything is read from the beginning and compared with the ledger by version and digest; what differs is taken in as a
pull takes it. Then each linked record that was not among it is asked for by its id: some systems tell of a deletion or
a merge only so. One that they do not know at all ends its link as a deletion does and is put before a person, once:
nothing is made again, and it belongs to its case again as soon as it is seen.

What comes or goes in the meantime is no concern: the next pull has it. Kept in memory: a page, and the ids of the
records that were read, as many as the partner has links. Next: `exchange.py` (who calls this), `taking.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from connectors.base import Connector, Record
from hub import lanes, pausing
from hub.alliance import Alliance, Taken
from hub.codec import encode
from hub.histories import with_history
from hub.ledger import Ledger
from hub.state import Link
from hub.tables import links
from hub.taking import take
from hub.writing import Transaction

ASKED = 100
"""Records that are asked for by id in one batch."""
WALKED = 500
"""Links that are looked at in one step."""
LISTED = 20
"""Records named one by one."""
ENDED = frozenset({"gone", "merged"})


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found. repaired: records that the ledger lacked, or had otherwise. gone: deleted or merged ones that no
    pull told of. missing: those that the partner does not know at all.

    named: (what, native id) of the first of them. owed: partners that now lack something. held: why nothing was read,
    or nothing more, in a sentence.
    """

    read: int = 0
    repaired: int = 0
    gone: int = 0
    missing: int = 0
    parked: int = 0
    named: tuple[tuple[str, str], ...] = ()
    owed: frozenset[str] = frozenset()
    held: str = ""

    @property
    def news(self) -> int:
        """How many records were not as the ledger had them."""
        return self.repaired + self.gone + self.missing


@dataclass(slots=True)
class Reconciliation:
    """One run with one partner. dry: compare and write nothing; what they refuse is then told when it is taken."""

    ledger: Ledger
    alliance: Alliance
    partner: str
    connector: Connector
    clock: Callable[[], datetime]
    dry: bool = False
    found: Reconciled = Reconciled()
    seen: set[str] = field(default_factory=set)

    def run(self) -> Reconciled:
        """Read, compare, repair. Raises what the partner's system raises, once all before is kept."""
        began = self.ledger.newest()
        self._read_all()
        if not self.found.held:
            self._ask_for_the_others(began)
        if not self.found.held:
            self._note()
        return self.found

    def _read_all(self) -> None:
        started = self.ledger.newest()
        for page in self.connector.pull(None):
            self._keep(page.records, started)
            self.seen.update(record.native_id for record in page.records if not record.gone)
            self.found = replace(self.found, read=self.found.read + len(page.records))
            if self.found.held:
                return
            started = self.ledger.newest()

    def _ask_for_the_others(self, began: int) -> None:
        for native_ids in self._others():
            started = self.ledger.newest()
            records = self.connector.fetch(native_ids)
            known = {record.native_id for record in records}
            self._keep(records, started, [one for one in native_ids if one not in known], began)
            if self.found.held:
                return

    def _others(self) -> Iterator[Sequence[str]]:
        """Linked records that were not read, a batch at a time."""
        batch: list[str] = []
        after = ""
        while True:
            with self.ledger.look(self.clock()) as tx:
                walked = _linked(tx, self.partner, after)
            batch += [one for one in walked if one not in self.seen]
            while len(batch) >= ASKED or (batch and not walked):
                yield batch[:ASKED]
                del batch[:ASKED]
            if not walked:
                return
            after = walked[-1]

    def _keep(self, records: Sequence[Record], started: int, missing: Sequence[str] = (), began: int = 0) -> None:
        """Take in what differs, and end the links of what is missing, in one transaction."""
        if not self.dry:
            records = with_history(self.ledger, self.alliance, self.connector, records, self.clock)
        with self._open() as tx:
            for record in records:
                self._count("gone" if record.gone else "repaired", record.native_id, self._taken(tx, record, started))
            for native_id in missing:
                self._count("missing", native_id, self._missed(tx, native_id, began))
            if not self.dry:
                tx.note_success(self.partner, "pull")
            self.found = replace(self.found, held=pausing.stopped(tx, self.partner))

    def _open(self) -> AbstractContextManager[Transaction]:
        return (self.ledger.look if self.dry else self.ledger.transaction)(self.clock())

    def _taken(self, tx: Transaction, record: Record, started: int) -> Taken:
        if self.dry:
            return Taken(news=compared(tx, record) in {"new", "differs"})
        return take(tx, self.alliance, record, read_from=started)

    def _missed(self, tx: Transaction, native_id: str, began: int) -> Taken:
        link = tx.link(self.partner, native_id)
        if link is None or link.state != "linked" or link.settled > began:
            return Taken()  # written or read since the run began: it may be too young to be answered
        return Taken(news=True) if self.dry else _end(tx, self.alliance.title(self.partner), link)

    def _count(self, what: str, native_id: str, taken: Taken) -> None:
        if not taken.news:
            return
        found = self.found
        self.found = replace(
            found,
            repaired=found.repaired + (what == "repaired"),
            gone=found.gone + (what == "gone"),
            missing=found.missing + (what == "missing"),
            parked=found.parked + taken.parked,
            named=(*found.named, (what, native_id))[:LISTED],
            owed=found.owed | taken.owed,
        )

    def _note(self) -> None:
        found = self.found
        with self.ledger.transaction(self.clock()) as tx:
            if self.dry:
                tx.note_success(self.partner, "pull")  # it was spoken to, so it is well
                return
            if found.news:
                counts = {name: getattr(found, name) for name in ("read", "repaired", "gone", "missing")}
                tx.append("reconciled", "", self.partner, detail=counts)
            tx.note_partner(self.partner, reconciled_at=tx.now)


def compared(tx: Transaction, record: Record) -> str:
    """A record beside what the ledger has: new, differs, older, or nothing where it is the same. Reads only."""
    link = tx.link(record.partner, record.native_id)
    if link is not None and link.state == "erased":
        return ""
    if link is None or link.case_id is None:
        if record.gone or (link is not None and _same(tx, link, record)):
            return ""
        return "new" if link is None else "differs"
    ended = link.state in ENDED
    if record.gone or ended:
        return "differs" if record.gone != ended else ""
    if record.version < link.version:
        return "older"
    return "" if _same(tx, link, record) else "differs"


def _same(tx: Transaction, link: Link, record: Record) -> bool:
    return record.version == link.version and tx.keyring.digest(encode(record.body)) == link.digest


def _linked(tx: Transaction, partner: str, after: str) -> Sequence[str]:
    """Native ids of this partner's linked records, some of those that sort behind `after`."""
    mine = [links.c.partner == partner, links.c.state == "linked", links.c.native_id > after]
    query = sa.select(links.c.native_id).where(*mine).order_by(links.c.native_id).limit(WALKED)
    return tx.connection.execute(query).scalars().all()


def _end(tx: Transaction, title: str, link: Link) -> Taken:
    """They do not know the record: its link ends, nothing is made again, and a person looks."""
    state = tx.case(link.case_id or "")
    if state is None:
        return Taken()
    tx.keep_link(replace(link, state="gone", digest=""), state.subject)
    detail = {"how": "unknown there"}
    tx.append("gone", state, link.partner, native_id=link.native_id, native_version=link.version, detail=detail)
    lanes.disown(tx, state.id, link.partner, lanes.open_of(tx, state.id).get(link.partner))
    why = (
        f"{title} does not know {link.number or link.native_id} any more: purged, moved out of our sight, or lost. "
        "Nothing is made again there; seen again, it belongs to its case again."
    )
    tx.park("deletion", link.partner, case_id=state.id, native_id=link.native_id, code="X305", place="record", why=why)
    return Taken(state.id, news=True, parked=True)
