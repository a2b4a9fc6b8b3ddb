"""Reading what is in the files that somebody is to have: a part of the source's pull, after its pages are kept.

One file after the other: written down as begun, read in a stream into the spool, hashed, then said in one transaction
with what is owed because of it. A kill loses the file that was being read, and the next pull begins it again; a file
that fails waits longer each time and stops no other; one that is not to be had is put before a person.
No transaction is open while the partner is asked. Next: `files.py` (what is wanted), `spool.py`, `owing.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.base import Connector
from connectors.errors import ConnectorError, Rejected, Throttled
from hub import files
from hub.alliance import Alliance
from hub.files import FileRow
from hub.keys import KeyLost
from hub.lacking import park, place_of, whereabouts
from hub.lanes import Misfit
from hub.ledger import Ledger
from hub.merge_files import native_id
from hub.owing import owe_all
from hub.spool import Kept, Spool
from hub.state import CaseState, Link, file_ref
from hub.writing import Transaction
from mappings.case import Attachment

AGAIN: Final = (60.0, 300.0, 1800.0, 7200.0, 21600.0)
"""Seconds before the n-th further try of one file; after the last a person is asked."""
MOST: Final = 200
"""Files that one pull reads."""
ILL: Final = 3
"""Failures in a row after which the partner is left alone until its next pull."""
NOT_READ: Final = "X309"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was read. owed: partners that now lack a file that is here."""

    fetched: int = 0
    failed: int = 0
    owed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Begun:
    row: FileRow
    file: Attachment
    link: Link
    subject: str


@dataclass(frozen=True, slots=True)
class Fetching:
    """The files of one partner."""

    ledger: Ledger
    alliance: Alliance
    spool: Spool
    partner: str
    connector: Connector
    clock: Callable[[], datetime]

    def run(self) -> Fetched:
        """Let go of what nobody is owed any more, and read what is wanted and due. Raises no error of the partner's."""
        with self.ledger.look(self.clock()) as tx:
            spent, due = files.spent(tx, self.partner), files.due(tx, self.partner, MOST)
        self._let_go(spent)
        fetched = failed = ill = 0
        owed: set[str] = set()
        for row in due:
            begun = self._begin(row)
            if begun is None:
                continue
            error = self._fetch(begun, owed)
            fetched, failed = fetched + (error is None), failed + (error is not None)
            ill = ill + 1 if error is not None and error.concerns_partner else 0
            if ill >= ILL or isinstance(error, Throttled):
                break
        return Fetched(fetched, failed, frozenset(owed))

    def _let_go(self, spent: list[FileRow]) -> None:
        for row in spent:
            self.spool.drop(row.spool)
        if spent:
            with self.ledger.transaction(self.clock()) as tx:
                for row in spent:
                    now = files.one(tx, row.case_id, row.ref)
                    if now is not None and now.spool == row.spool:
                        files.keep(tx, replace(now, spool=""))

    def _begin(self, row: FileRow) -> _Begun | None:
        """Write down under which name it is kept; None where it is not wanted any more, or another one is at it."""
        try:
            with self.ledger.transaction(self.clock()) as tx:
                now = files.one(tx, row.case_id, row.ref)
                if now is None or now.state != "wanted" or now.due_at > tx.now:
                    return None
                begun = self._wanted(tx, now)
                if begun is None:
                    files.keep(tx, replace(now, state="spent"))
                    return None
                files.keep(tx, begun.row)
        except KeyLost:
            self._end(row)
            return None
        if now.spool:  # of a life that was killed
            self.spool.drop(now.spool)
        return begun

    def _wanted(self, tx: Transaction, row: FileRow) -> _Begun | None:
        state, link = tx.case(row.case_id), tx.links_of(row.case_id).get(row.partner)
        file = _named(state, row.ref)
        system, tells = self.connector.system, self.connector.system.tells
        if state is None or file is None or link is None or link.state != "linked" or tells is None:
            return None
        size = tells.largest if file.size is None else file.size
        until = tx.now + timedelta(seconds=2 * tells.seconds(size, system.deadline))
        begun = replace(row, spool=tx.keyring.name(), attempts=row.attempts + 1, due_at=until)
        return _Begun(begun, file, link, state.subject)

    def _fetch(self, begun: _Begun, owed: set[str]) -> ConnectorError | None:
        """Read it and keep it; the error where it could not be read."""
        row, file = begun.row, begun.file
        try:
            with closing(self.connector.read_file(begun.link.native_id, native_id(file), file.size)) as pieces:
                kept = self.spool.keep(row.spool, begun.subject, pieces)
        except ConnectorError as error:
            self._failed(begun, error)
            return error
        except KeyLost:
            self._end(row)
            return None
        if not self._kept(begun, kept, owed):
            self.spool.drop(row.spool)
        return None

    def _kept(self, begun: _Begun, kept: Kept, owed: set[str]) -> bool:
        """Say so, and owe it to whoever lacks it; False where it was not wanted any more."""
        row = begun.row
        with self.ledger.transaction(self.clock()) as tx:
            now, state = files.one(tx, row.case_id, row.ref), tx.case(row.case_id)
            if now is None or state is None or (now.state, now.spool) != ("wanted", row.spool):
                return False
            files.keep(tx, replace(now, state="kept", attempts=0))
            told = {"size": kept.size, "sha256": kept.sha256}
            each = tuple(one.model_copy(update=told) if file_ref(one) == row.ref else one for one in state.files)
            after = replace(state, files=each, version=state.version + 1, updated_at=tx.now)
            tx.keep_case(after)
            tx.append("fetched", after, row.partner, native_id=begun.link.native_id,
                      detail={"ref": row.ref, "bytes": kept.size})  # fmt: skip
            tx.unpark("file", row.partner, native_id=begun.link.native_id, case_id=None, place=place_of(begun.file))
            owed |= owe_all(tx, self.alliance, after)
        return True

    def _failed(self, begun: _Begun, error: ConnectorError) -> None:
        """Try again later, or leave it to a person: at once where they say that it is not to be had."""
        row = begun.row
        with self.ledger.transaction(self.clock()) as tx:
            now, state = files.one(tx, row.case_id, row.ref), tx.case(row.case_id)
            if now is None or state is None or (now.state, now.spool) != ("wanted", row.spool):
                return
            if isinstance(error, Throttled):
                wait = timedelta(seconds=error.after)
                files.keep(tx, replace(now, spool="", attempts=row.attempts - 1, due_at=tx.now + wait))
            elif isinstance(error, Rejected) or row.attempts > len(AGAIN):
                files.keep(tx, replace(now, spool="", state="refused"))
                links = tx.links_of(state.id)
                text = f"{whereabouts(self.alliance, begun.file, links)} could not be read, and nobody else has it: "
                park(tx, state, begun.link, Misfit(NOT_READ, place_of(begun.file), text + error.text()))
            else:
                wait = timedelta(seconds=AGAIN[row.attempts - 1])
                files.keep(tx, replace(now, spool="", due_at=tx.now + wait))

    def _end(self, row: FileRow) -> None:
        """Whose case it is was erased: nothing of it is read."""
        with self.ledger.transaction(self.clock()) as tx:
            now = files.one(tx, row.case_id, row.ref)
            if now is not None:
                files.keep(tx, replace(now, state="spent"))


def _named(state: CaseState | None, ref: str) -> Attachment | None:
    files_of = state.files if state is not None else ()
    return next((file for file in files_of if file_ref(file) == ref), None)
