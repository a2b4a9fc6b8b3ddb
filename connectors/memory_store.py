"""The store of an in-process company: what its agents do, what its system keeps, and faults on request.

    store = MemoryStore(system, clock=clock)
    native_id = store.create({"title": "No signal", "state": "New"})
    store.edit(native_id, {"state": "Open"})
    store.note(native_id, "rang back", "partners")
    store.fail(Unknown("no answer"), on="push", after=True)     # the next push is applied and its answer lost

Ids are counted, the clock is injected, nothing is random: the same acts give the same store.
Knows the declaration only. Next: `memory.py`, the connector over it; `memory_row.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from connectors import paths
from connectors.base import Credentials, HistoryLine
from connectors.errors import ConnectorError, Rejected
from connectors.memory_row import Fault, Row
from connectors.memory_system import MemorySystem


class MemoryStore:
    """One company's records. Every act is whole or not at all; may be shared by several connectors and threads.

    listing_lag: seconds until a pull tells of a write, asked at each write: some systems commit late with an old stamp.
    """

    def __init__(
        self,
        system: MemorySystem,
        *,
        clock: Callable[[], datetime],
        login: str = "casebridge",
        password: str = "bridge-secret",  # noqa: S107  the sandbox's own, told to everybody
    ) -> None:
        self.system, self.login, self.password = system, login, password
        self.rows: dict[str, Row] = {}
        self.writes = 0
        self.listing_lag: Callable[[], float] = lambda: 0.0
        self._clock, self._lock = clock, RLock()
        self._seq = 0
        self._notes = self._files = 0
        self._last = datetime.min.replace(tzinfo=UTC)
        self._faults: list[Fault] = []

    def credentials(self, password: str | None = None) -> Credentials:
        """Credentials that lead to this store; another password than its own is refused there."""
        given = self.password if password is None else password
        return Credentials("memory:", self.login, given, {"store": self})

    # What agents do

    def create(self, fields: Mapping[str, Any], *, by: str = "agent") -> str:
        """A new record; its native id. fields: nested or dotted. Raises Rejected."""
        with self._lock:
            names, native_id = self.system.names, str(self.system.first_id + len(self.rows))
            body: dict[str, Any] = {}
            for path, value in {**self.system.defaults, **paths.leaves(fields)}.items():
                paths.put(body, path, paths.copied(value))
            self._validate("create", body, self.system.required)
            now = self._now()
            paths.put(body, names.id, int(native_id))
            paths.put(body, names.number, self.system.number_format.format(native_id))
            paths.put(body, names.created, self.system.time(now))
            paths.put(body, names.notes, [])
            if paths.get(body, names.status_changed) is None:
                paths.put(body, names.status_changed, self.system.time(now))
            self.rows[native_id] = Row(native_id, body, 0, 0, now, now + timedelta(seconds=self._lag()))
            self._touch(self.rows[native_id], now)
            return native_id

    def edit(self, native_id: str, fields: Mapping[str, Any], *, by: str = "agent") -> None:
        """Change these fields only. fields: nested or dotted. Raises Rejected; C605 where the record is not."""
        with self._lock:
            row, names, now = self.row(native_id), self.system.names, self._now()
            given = paths.leaves(fields)
            body = paths.copied(row.body)
            for path, value in given.items():
                paths.put(body, path, paths.copied(value))
            self._validate("update", body, tuple(path for path in self.system.required if path in given))
            self._check_move(paths.get(row.body, names.status), paths.get(body, names.status))
            moved = paths.get(body, names.status) != paths.get(row.body, names.status)
            if moved and names.status_changed not in given:
                paths.put(body, names.status_changed, self.system.time(now))
            before, after = paths.leaves(row.body), paths.leaves(body)
            row.history += [
                HistoryLine(
                    native_id, f"{native_id}-{len(row.history) + n}", now, by, path, before.get(path), after[path]
                )
                for n, path in enumerate(path for path in after if before.get(path) != after[path])
            ]
            row.body = body
            self._touch(row, now)

    def note(self, native_id: str, text: str, visibility: str, *, author: str = "agent", **fields: Any) -> str:
        """Add a note; its native id. visibility: the company's own word. Raises Rejected."""
        names = self.system.names
        note: dict[str, Any] = dict(fields)
        told = {names.note_text: text, names.note_visibility: visibility, names.note_author: author}
        for path, value in told.items():
            paths.put(note, path, fields.get(path, value))
        return self.add_note(native_id, note, by=author)

    def edit_note(self, native_id: str, note_id: str, **fields: Any) -> None:
        """Change these fields of a note. Raises Rejected; C605 where the note is not."""
        with self._lock:
            row, names = self.row(native_id), self.system.names
            notes = paths.copied(paths.get(row.body, names.notes) or [])
            note = next((note for note in notes if str(paths.get(note, names.note_id)) == note_id), None)
            if note is None:
                where = f"{self.system.name} {native_id} note {note_id}"
                raise Rejected("there is no such note.", code="C605", where=where, value=note_id)
            note.update(fields)
            self._validate_note(note)
            paths.put(row.body, names.notes, notes)
            self._touch(row, self._now())

    def drop_note(self, native_id: str, note_id: str) -> None:
        """Delete a note. Raises Rejected C605."""
        with self._lock:
            row, names = self.row(native_id), self.system.names
            notes = paths.get(row.body, names.notes) or []
            paths.put(row.body, names.notes, [one for one in notes if str(paths.get(one, names.note_id)) != note_id])
            self._touch(row, self._now())

    def attach(self, native_id: str, raw: bytes, *, author: str = "agent", **told: Any) -> str:
        """Add a file; its native id. told: what is said of it, in the company's own words. Raises Rejected C605."""
        return self.add_file(native_id, told, raw, by=author)

    def detach(self, native_id: str, file_id: str) -> None:
        """Take a file away. Raises Rejected C605."""
        with self._lock:
            row, names = self.row(native_id), self.system.names
            self.file(native_id, file_id)
            del row.contents[file_id]
            listed = [one for one in paths.get(row.body, names.files) if str(paths.get(one, names.file_id)) != file_id]
            paths.put(row.body, names.files, listed)
            self._touch(row, self._now())

    def file(self, native_id: str, file_id: str) -> bytes:
        """What is in a file. Raises Rejected C605."""
        with self._lock:
            raw = self.row(native_id).contents.get(file_id)
            if raw is None:
                where = f"{self.system.name} {native_id} file {file_id}"
                raise Rejected("there is no such file.", code="C605", where=where, value=file_id)
            return raw

    def merge(self, native_id: str, into: str) -> None:
        """Merge a record into another one of this company: it is gone, and says where it went. Raises Rejected."""
        with self._lock:
            row = self.row(native_id)
            row.gone, row.merged_into = True, self.row(into).native_id
            self._touch(row, self._now())

    def delete(self, native_id: str) -> None:
        """Delete the record; it stays as a stone that a pull tells of. Raises Rejected."""
        with self._lock:
            row = self.row(native_id)
            row.gone = True
            self._touch(row, self._now())

    def undelete(self, native_id: str) -> None:
        """Take the deletion back."""
        with self._lock:
            row = self.rows[native_id]
            row.gone, row.merged_into = False, None
            self._touch(row, self._now())

    def body(self, native_id: str) -> dict[str, Any]:
        """A copy of the record as agents see it, notes included. Raises Rejected C605."""
        with self._lock:
            found: dict[str, Any] = paths.copied(self.row(native_id).body)
            return found

    def bodies(self) -> list[dict[str, Any]]:
        """Copies of all records that are not deleted, oldest first."""
        with self._lock:
            return [paths.copied(row.body) for row in self.rows.values() if not row.gone]

    # Faults on request

    def fail(self, error: ConnectorError, *, on: str = "push", times: int = 1, after: bool = False) -> None:
        """The next `times` operations named `on` (check, describe, pull, history, fetch, find, find_note, read_file,
        push: one a change; or *) raise this error: before they are applied, or after."""
        self._faults.append(Fault(on, error, times, after))

    def heal(self) -> None:
        """Forget all faults that were asked for."""
        self._faults.clear()

    @contextmanager
    def operation(self, name: str) -> Iterator[None]:
        """One operation of a connector: whole under the lock, with the fault that was asked for, if any."""
        with self._lock:
            fault = next((one for one in self._faults if one.on in (name, "*") and one.times > 0), None)
            if fault is not None:
                fault.times -= 1
                if not fault.after:
                    raise fault.error
            yield
            if fault is not None:
                raise fault.error

    # What the connector uses

    @property
    def now(self) -> datetime:
        """The injected clock's now."""
        return self._clock()

    def row(self, native_id: str) -> Row:
        """The live record. Raises Rejected C605."""
        row = self.rows.get(native_id)
        if row is None or row.gone:
            text = "there is no such record." if row is None else "the record is deleted."
            raise Rejected(text, code="C605", where=f"{self.system.name} {native_id}", value=native_id)
        return row

    def add_note(self, native_id: str, note: Mapping[str, Any], *, by: str) -> str:
        """Add a note in the company's words; its native id."""
        with self._lock:
            row, names, now = self.row(native_id), self.system.names, self._now()
            self._validate_note(note)
            self._notes += 1
            kept = _signed(note, names.note_author, by)
            paths.put(kept, names.note_id, self._notes)
            paths.put(kept, names.note_created, self.system.time(now))
            paths.put(row.body, names.notes, [*(paths.get(row.body, names.notes) or []), kept])
            self._touch(row, now)
            return str(self._notes)

    def add_file(self, native_id: str, told: Mapping[str, Any], raw: bytes, *, by: str) -> str:
        """Add a file, with what is told of it in the company's words; its native id."""
        with self._lock:
            row, names, now = self.row(native_id), self.system.names, self._now()
            self._files += 1
            file_id = str(self._files)
            kept = _signed(told, names.file_author, by)
            paths.put(kept, names.file_id, self._files)
            paths.put(kept, names.file_size, len(raw))
            paths.put(row.body, names.files, [*(paths.get(row.body, names.files) or []), kept])
            row.contents[file_id] = raw
            self._touch(row, now)
            return file_id

    def _lag(self) -> float:
        return self.system.abilities.index_lag

    def _now(self) -> datetime:
        """The stamp of a write: cut to the clock's step, and never before an earlier one."""
        step = self.system.abilities.clock_step if self.system.changed_by == "stamp" else 0.001
        ticks = int(self._clock().timestamp() / step + 1e-6)
        self._last = max(self._last, datetime.fromtimestamp(ticks * step, UTC))
        return self._last

    def _touch(self, row: Row, now: datetime) -> None:
        self._seq += 1
        self.writes += 1
        row.seq, row.version, row.changed_at = self._seq, row.version + 1, now
        lag = self.listing_lag()
        row.listed_at = self._clock() + timedelta(seconds=lag) if lag else None
        paths.put(row.body, self.system.names.version, row.version)
        paths.put(row.body, self.system.names.changed, self.system.time(now))

    def _validate(self, act: str, body: Mapping[str, Any], required: tuple[str, ...]) -> None:
        where = f"{self.system.name} {act}"
        for path in required:
            if paths.get(body, path) in (None, ""):
                raise Rejected(f"{path} is missing.", code="C602", where=f"{where} {path}")
        for path, known in self.system.picklists.items():
            value = paths.get(body, path)
            if value not in (None, "") and value not in known:
                text = f"{path} does not take {value!r}."
                raise Rejected(text, code="C601", where=f"{where} {path}", value=value, known=known)
        for path, most in self.system.lengths.items():
            value = paths.get(body, path)
            if isinstance(value, str) and len(value) > most:
                text = f"{path} takes {most} characters, not {len(value)}."
                raise Rejected(text, code="C603", where=f"{where} {path}", value=len(value))

    def _check_move(self, before: Any, after: Any) -> None:
        """A status moves only as their transitions say."""
        moves, path = self.system.transitions, self.system.names.status
        if moves and after != before and after not in moves.get(before, ()):
            text = f"{path} does not go from {before!r} to {after!r}."
            where = f"{self.system.name} update {path}"
            raise Rejected(text, code="C607", where=where, value=after, known=moves.get(before, ()))

    def _validate_note(self, note: Mapping[str, Any]) -> None:
        path = self.system.names.note_visibility
        known = self.system.picklists.get(f"{self.system.names.notes}.{path}", ())
        if known and note.get(path) not in known:
            text = f"a note's {path} does not take {note.get(path)!r}."
            where = f"{self.system.name} add_note {path}"
            raise Rejected(text, code="C601", where=where, value=note.get(path), known=known)


def _signed(told: Mapping[str, Any], author: str, by: str) -> dict[str, Any]:
    """A copy of what is told, with who says it where it does not say so itself."""
    kept: dict[str, Any] = paths.copied(told)
    if paths.get(kept, author) is None:
        paths.put(kept, author, by)
    return kept
