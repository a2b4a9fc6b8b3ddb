"""The fourth kind: a company inside this process, with the same contract as the three that are reached by wire.

It is shipped, because the tests of the hub, the simulation and a partner's first try all stand on it. What it promises
is what its declaration's abilities say: without unique_key it makes the duplicate, without conditional_write it
overwrites, with index_lag it finds late. Credentials bring the store: `store.credentials()`.
Knows no case and no ledger. Next: `memory_store.py` (agents' acts, faults), `memory_system.py` (declaration).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors import paths
from connectors.base import (
    SCANNED,
    Change,
    Credentials,
    Cursor,
    Description,
    FieldDescription,
    HistoryLine,
    Page,
    Receipt,
    Record,
)
from connectors.errors import ConnectorError, Refused, Rejected, Stale
from connectors.evidence import Witness
from connectors.files import PIECE, bounded
from connectors.memory_row import Row
from connectors.memory_store import MemoryStore
from connectors.memory_system import MemorySystem
from connectors.pacing import Before, free


class Memory:
    """A Connector over a MemoryStore. Keeps the contract of connectors/base.py."""

    def __init__(
        self,
        system: MemorySystem,
        credentials: Credentials,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        before: Before = free,
        witness: Witness | None = None,
    ) -> None:
        store = credentials.extra.get("store")
        if not isinstance(store, MemoryStore):
            fix = "make the credentials with `store.credentials()`."
            raise Refused("the credentials lead to no MemoryStore.", code="C313", where=system.name, fix=fix)
        self.system = system
        self._store, self._credentials, self._before = store, credentials, before

    def check(self) -> str:
        """The login. Raises Refused C301 for a wrong password."""
        with self._store.operation("check"):
            self._admit()
            return self._credentials.login

    def describe(self) -> Description:
        """The fields that the declaration says something of, and those of the first record."""
        with self._store.operation("describe"):
            self._admit()
            system = self._store.system
            known = {**system.picklists, **dict.fromkeys(system.required, ()), **dict.fromkeys(system.lengths, ())}
            fields = {
                path: FieldDescription(
                    path,
                    type="picklist" if path in system.picklists else "text",
                    length=system.lengths.get(path),
                    required=path in system.required,
                    values=tuple(system.picklists.get(path, ())),
                )
                for path in sorted(known)
            }
            print_ = hashlib.sha256(repr(sorted(fields.items())).encode()).hexdigest()
            return Description(fields, print_)

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Pages by sequence, or by stamp with the overlap, as declared."""
        position = self._start(cursor)
        while True:
            with self._store.operation("pull"):
                self._admit()
                rows = sorted((row for row in self._store.rows.values() if self._listed(row)), key=self._place)
                later = [row for row in rows if self._place(row) > position]
                page = later[: self.system.page]
                records = tuple(self._record(row) for row in page)
            reached = self._stand(page[-1]) if page else None
            # A stamp's last second may still grow, so it is told by the overlap and not by the position in it.
            cursor = Cursor(reached) if reached is not None else cursor or Cursor("")
            yield Page(records, cursor)
            if len(later) <= len(page):
                return
            position = self._place(page[-1])

    def since(self, moment: datetime) -> Cursor:
        """The stamp; by sequence the beginning, as of any system that knows its changes by number."""
        return Cursor(moment.astimezone(UTC).isoformat() if self.system.changed_by == "stamp" else "")

    def history(self, native_id: str) -> Sequence[HistoryLine]:
        """The lines that the store kept, if its abilities say that it tells them."""
        return self.histories((native_id,)).get(native_id, ())

    def histories(self, native_ids: Sequence[str]) -> Mapping[str, Sequence[HistoryLine]]:
        """The same for many, in one call."""
        if not self.system.abilities.change_history:
            return {}
        with self._store.operation("history"):
            self._admit()
            rows = [row for one in native_ids if (row := self._store.rows.get(one)) is not None]
            login = self._credentials.login
            return {
                row.native_id: tuple(replace(line, ours=line.author == login) for line in row.history) for row in rows
            }

    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]:
        """Those that exist or existed."""
        with self._store.operation("fetch"):
            self._admit()
            rows = (self._store.rows.get(native_id) for native_id in native_ids)
            return [self._record(row) for row in rows if row is not None]

    def find(self, hub_id: str) -> Sequence[Record]:
        """Live records with this hub id whose index entry is no younger than the declared lag."""
        with self._store.operation("find"):
            self._admit()
            now = self._store.now
            return [self._record(row) for row in self._bearing(hub_id) if row.visible_at <= now]

    def find_all(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """One after the other."""
        return {hub_id: self.find(hub_id) for hub_id in hub_ids}

    def find_note(self, native_id: str, ref: str) -> str | None:
        """The id of the note whose text bears the ref."""
        with self._store.operation("find_note"):
            self._admit()
            names, row = self.system.names, self._store.rows.get(native_id)
            for note in (paths.get(row.body, names.notes) or []) if row else ():
                if ref in str(paths.get(note, names.note_text) or ""):
                    return str(paths.get(note, names.note_id))
            return None

    def read_file(self, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
        """The bytes as the store has them."""
        with self._store.operation("read_file"):
            self._admit()
            raw, where = self._store.file(native_id, file_id), f"{self.system.name} read_file {native_id} {file_id}"
        pieces = (raw[start : start + PIECE] for start in range(0, len(raw), PIECE))
        return bounded(pieces, self.system.files.largest if self.system.files else 0, size, where)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """One after the other. After an error that concerns the partner, nothing more is tried."""
        stopped: ConnectorError | None = None
        for change in changes:
            if stopped is not None:
                yield Receipt(change.key, change.native_id, error=stopped)
                continue
            try:
                with self._store.operation("push"):
                    self._admit()
                    receipt = self._apply(change)
            except ConnectorError as error:
                stopped = error if error.concerns_partner else None
                receipt = Receipt(change.key, change.native_id, error=error)
            yield receipt

    def close(self) -> None:
        """Nothing to give back."""

    def _admit(self) -> None:
        self._before(self.system.name)
        ours = (self._credentials.login, self._credentials.password)
        if ours != (self._store.login, self._store.password):
            fix = f"check login and secret in the connection {self.system.connection!r}."
            raise Refused("they do not know who we are.", code="C301", where=self.system.name, fix=fix)

    def _apply(self, change: Change) -> Receipt:
        store, names, by = self._store, self.system.names, self._credentials.login
        if change.kind == "create":
            there = self._bearing(change.hub_id) if self.system.abilities.unique_key else []
            if there:
                return Receipt(change.key, there[0].native_id, self._record(there[0]), found=True)
            native_id = store.create({**paths.leaves(change.body), names.hub_id: change.hub_id}, by=by)
            return Receipt(change.key, native_id, self._record(store.row(native_id)))
        native_id = change.native_id or ""
        row = store.row(native_id)
        if change.kind == "add_note":
            note_id = store.add_note(native_id, change.body, by=by)
            return Receipt(change.key, native_id, self._record(row), note_id)
        if change.kind == "add_file":
            file_id = self._add_file(native_id, change, by)
            return Receipt(change.key, native_id, self._record(row), file_id=file_id)
        conditional = self.system.abilities.conditional_write and change.base_version is not None
        if conditional and change.base_version != self._version(row):
            text = "the record changed since it was read."
            raise Stale(text, where=f"{self.system.name} update {native_id}", value=change.base_version)
        store.edit(native_id, change.body, by=by)
        return Receipt(change.key, native_id, self._record(row))

    def _add_file(self, native_id: str, change: Change, by: str) -> str:
        where, declared, content = f"{self.system.name} add_file {native_id}", self.system.files, change.content
        if declared is None or content is None:
            raise Rejected("there is no place for files.", code="C600", where=where)
        raw = b"".join(bounded(content.read(), declared.largest, content.size, where))
        return self._store.add_file(native_id, change.body, raw, by=by)

    def _bearing(self, hub_id: str) -> list[Row]:
        path = self.system.names.hub_id
        return [row for row in self._store.rows.values() if not row.gone and paths.get(row.body, path) == hub_id]

    def _record(self, row: Row) -> Record:
        body = {} if row.gone else paths.copied(row.body)
        version = self._version(row)
        return Record(self.system.name, row.native_id, version, body, row.changed_at, row.gone, row.merged_into)

    def _listed(self, row: Row) -> bool:
        if row.gone and not self.system.tells_deletions:
            return False
        return row.listed_at is None or row.listed_at <= self._store.now

    def _version(self, row: Row) -> str:
        if self.system.changed_by == "stamp":
            return row.changed_at.isoformat(timespec="milliseconds")
        return f"{row.version:012d}" if self.system.changed_by == "sequence" else SCANNED

    def _place(self, row: Row) -> tuple[float, int]:
        if self.system.changed_by == "sequence":
            return (row.seq, 0)
        stamp = row.changed_at.timestamp() if self.system.changed_by == "stamp" else 0.0
        return (stamp, int(row.native_id))

    def _stand(self, row: Row) -> str:
        if self.system.changed_by == "stamp":
            return row.changed_at.isoformat()
        return str(row.seq) if self.system.changed_by == "sequence" else ""

    def _start(self, cursor: Cursor | None) -> tuple[float, int]:
        if cursor is None or not cursor.value:
            return (float("-inf"), 0)
        if self.system.changed_by == "stamp":
            since = datetime.fromisoformat(cursor.value) - timedelta(seconds=self.system.overlap)
            return (since.timestamp(), 0)  # native ids start at 1, so the second itself is read again
        return (int(cursor.value), 0)
