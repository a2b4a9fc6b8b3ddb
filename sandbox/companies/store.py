"""A company's durable memory: one SQLite file, where every act is a transaction that survives power loss.

Acts: create, edit, note, attach, delete, merge. Each moves the record's `seq` (store-wide), `version` (+1) and
`changed` stamp, which rises strictly over all acts of the company even when the clock stands still or steps back. Purge
empties the bin of a deleted record and moves nothing. Acts inside one `with store.together():` are one transaction.
Safe for threads. Knows no protocol and no page. `reading.py` has the questions, `values.py` the judging of values,
`shelf.py` what is in files.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from sandbox.companies import shelf
from sandbox.companies.reading import Reading, moment, ticks
from sandbox.companies.refusals import Absent, Duplicate, Refusal, Stale
from sandbox.companies.rows import CREATED, DELETED, Filed, Mail, Note, Record
from sandbox.companies.values import check, check_move, check_one, keep
from sandbox.companies.vocabulary import Field, Value, Vocabulary

TABLES = """
CREATE TABLE IF NOT EXISTS records (
  id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, hub TEXT, seq INTEGER NOT NULL UNIQUE,
  version INTEGER NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL, deleted INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL, merged_into INTEGER REFERENCES records, purged INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS records_hub ON records (hub) WHERE hub IS NOT NULL AND deleted = 0;
CREATE INDEX IF NOT EXISTS records_changed ON records (changed, id);
CREATE TABLE IF NOT EXISTS notes (
  id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL REFERENCES records, author TEXT NOT NULL, text TEXT NOT NULL,
  audience TEXT NOT NULL, language TEXT NOT NULL, created INTEGER NOT NULL, mail TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS notes_record ON notes (record_id);
CREATE TABLE IF NOT EXISTS files (
  id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL REFERENCES records, author TEXT NOT NULL, name TEXT NOT NULL,
  type TEXT NOT NULL, size INTEGER NOT NULL, audience TEXT NOT NULL, created INTEGER NOT NULL,
  md5 TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS files_record ON files (record_id);
CREATE TABLE IF NOT EXISTS history (
  id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL REFERENCES records, field TEXT NOT NULL, old TEXT NOT NULL,
  new TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS history_record ON history (record_id);
CREATE INDEX IF NOT EXISTS history_at ON history (at);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
LATER = (
    ("records", "merged_into", "INTEGER"),
    ("records", "purged", "INTEGER NOT NULL DEFAULT 0"),
    ("files", "md5", "TEXT NOT NULL DEFAULT ''"),
    ("notes", "mail", "TEXT NOT NULL DEFAULT ''"),
)
"""Columns that came after the first version: table, name, kind."""


def now() -> datetime:
    """The real clock, in UTC."""
    return datetime.now(UTC)


class Store(Reading):
    """The acts. Every act raises Refusal (and its kinds) and then has changed nothing."""

    def __init__(self, path: Path, vocabulary: Vocabulary, clock: Callable[[], datetime] = now) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        super().__init__(connection, vocabulary)
        self.clock = clock
        self._takes_twins = False
        self._shelf = path.with_suffix(".files")
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000", "foreign_keys = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.create_function("fold", 1, lambda text: str(text).casefold(), deterministic=True)
        self._db.executescript(TABLES)
        for table, name, kind in LATER:
            columns = {column[1] for column in self._db.execute(f"PRAGMA table_info({table})")}
            if name not in columns:  # a database of an earlier version
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
        for field in vocabulary.fields.values():
            if field.indexed:
                name = field.name.replace(".", "_")
                self._db.execute(f"CREATE INDEX IF NOT EXISTS field_{name} ON records ({self.column(field.name)})")

    def create(self, fields: Mapping[str, Any], *, by: str, desk: bool = False) -> Record:
        """A new record; defaults are filled in. Raises Refusal, Duplicate."""
        values = check(self.vocabulary, fields, creating=True, desk=desk)
        with self.together():
            stamp = self._stamp()
            self._date_status(values, None, stamp)
            self._refuse_twin(values, None)
            row = self._db.execute("SELECT coalesce(max(id) + 1, ?) FROM records", (self.vocabulary.first_id,))
            record_id = int(row.fetchone()[0])
            self._db.execute(
                "INSERT INTO records (id, number, seq, version, created, changed, body) "
                "VALUES (?, ?, ?, 1, ?, ?, '{}')",
                (record_id, self.vocabulary.number(record_id), self._seq(), stamp, stamp),
            )
            self._write_body(record_id, values)
            self._tell(record_id, CREATED, (None, None), by, stamp)
            return self.get(record_id)

    def edit(
        self, record_id: int, fields: Mapping[str, Any], *, by: str, expected: int | None = None, desk: bool = False
    ) -> Record:
        """Write these fields. One that changes nothing is a new version all the same: a person pressed Save.

        expected: the version that the act was made from. Raises Refusal, Stale, Absent, Duplicate.
        """
        values = check(self.vocabulary, fields, creating=False, desk=desk)
        with self.together():
            before = self.get(record_id)
            if expected is not None and expected != before.version:
                raise Stale(before, expected)
            status = self.vocabulary.roles.status
            check_move(self.vocabulary, before.fields[status], values.get(status, before.fields[status]))
            stamp = self._touch(before)
            self._date_status(values, before, stamp)
            self._refuse_twin(values, record_id)
            for name, value in values.items():
                if value != before.fields[name]:
                    self._tell(record_id, name, (before.fields[name], value), by, stamp)
            self._write_body(record_id, {**before.fields, **values})
            return self.get(record_id)

    def note(
        self, record_id: int, text: str, audience: str, *, author: str, language: str | None = None,
        mail: Mail | None = None,
    ) -> Note:  # fmt: skip
        """A note on the record, whose stamp, seq and version it moves. One that is a mail may be in HTML alone.
        Raises Refusal, Absent."""
        self._check_note(text or (mail.html if mail else ""), audience, author)
        with self.together():
            stamp = self._touch(self.get(record_id))
            added = self._db.execute(
                "INSERT INTO notes (record_id, author, text, audience, language, created, mail) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    record_id,
                    author,
                    text,
                    audience,
                    language or self.vocabulary.language,
                    stamp,
                    json.dumps(asdict(mail)) if mail else "",
                ),
            )
            return next(one for one in self.get(record_id).notes if one.id == added.lastrowid)

    def attach(
        self, record_id: int, source: BinaryIO, name: str, audience: str, *, author: str, type_: str = ""
    ) -> Filed:
        """A file on the record, whose stamp, seq and version it moves. Raises Refusal, Absent."""
        if self.vocabulary.largest_file == 0:
            raise Refusal("no_files", "No files are kept here.", field="file")
        shelf.check_name(name)
        self._check_audience(audience)
        made, size, md5 = shelf.put(self._shelf, source, self.vocabulary.largest_file)
        try:
            with self.together():
                stamp = self._touch(self.get(record_id))
                added = self._db.execute(
                    "INSERT INTO files (record_id, author, name, type, size, audience, created, md5) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (record_id, author, name, type_ or "application/octet-stream", size, audience, stamp, md5),
                )
                made.replace(self._shelf / str(added.lastrowid))
                return next(one for one in self.get(record_id).files if one.id == added.lastrowid)
        finally:
            made.unlink(missing_ok=True)

    def file(self, record_id: int, file_id: int) -> tuple[Filed, Path]:
        """A file of a living record, and where what is in it is. Raises Absent."""
        for one in self.get(record_id).files:
            if one.id == file_id:
                return one, self._shelf / str(file_id)
        raise Absent(file_id)

    def show_file(self, record_id: int, file_id: int, audience: str) -> Filed:
        """Let others read a file, or no longer. Moves the record's stamp, seq and version. Raises Refusal, Absent."""
        self._check_audience(audience)
        with self.together():
            self.file(record_id, file_id)
            self._touch(self.get(record_id))
            self._db.execute("UPDATE files SET audience = ? WHERE id = ?", (audience, file_id))
            return self.file(record_id, file_id)[0]

    def delete(self, record_id: int, *, by: str) -> Record:
        """Leave a tombstone: seq and version move on, the body stays for those who may read deleted ones."""
        with self.together():
            stamp = self._touch(self.get(record_id))
            self._db.execute("UPDATE records SET deleted = 1 WHERE id = ?", (record_id,))
            self._tell(record_id, DELETED, (None, None), by, stamp)
            return self.by_ids([record_id])[0]

    def merge(self, record_id: int, into: int, *, by: str) -> Record:
        """One case of two: this record is deleted and says where it went; its notes stand on the other one, which
        keeps its own words. Gives the one that stays. Raises Refusal, Absent."""
        if record_id == into:
            raise Refusal("merge_into_itself", "A case cannot be merged into itself.", field="into", value=into)
        with self.together():
            self.get(into)
            self.delete(record_id, by=by)
            self._db.execute("UPDATE records SET merged_into = ? WHERE id = ?", (into, record_id))
            self._db.execute("UPDATE notes SET record_id = ? WHERE record_id = ?", (into, record_id))
            self._db.execute("UPDATE files SET record_id = ? WHERE record_id = ?", (into, record_id))
            self._touch(self.get(into))
            return self.get(into)

    def purge(self, number: str) -> Record:
        """Take a deleted record out of the bin for good: no question shows it again, only `graves` tells that it was.
        Gives it as it was. Raises Refusal for one that is not in the bin."""
        with self.together():
            found = [one for one in self.by_numbers([number]) if one.deleted]
            if not found:
                raise Refusal("not_found", f"{number} is not in the bin.", field="number", value=number)
            record_id = found[0].id
            self._db.execute("UPDATE records SET purged = 1, body = '{}', hub = NULL WHERE id = ?", (record_id,))
            for (file_id,) in self._db.execute("SELECT id FROM files WHERE record_id = ?", (record_id,)).fetchall():
                (self._shelf / str(file_id)).unlink(missing_ok=True)
            for table in ("notes", "files", "history"):
                self._db.execute(f"DELETE FROM {table} WHERE record_id = ?", (record_id,))  # noqa: S608 - three names
            return found[0]

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction around several acts. Nested, an act that raises is undone alone, the others stand."""
        with self._lock:
            inner = self._db.in_transaction
            self._db.execute("SAVEPOINT act" if inner else "BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK TO act" if inner else "ROLLBACK")
                if inner:
                    self._db.execute("RELEASE act")
                raise
            self._db.execute("RELEASE act" if inner else "COMMIT")

    def secret(self, name: str) -> bytes:
        """A random key of this store, made at the first call: what signs cookies and tokens over restarts."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, secrets.token_bytes(32)))
            row = self._db.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()
        return bytes(row[0])

    def close(self) -> None:
        """Give back the file."""
        with self._lock:
            self._db.close()

    @property
    def _hub(self) -> str:
        return self.vocabulary.roles.hub_id

    def _stamp(self) -> int:
        """Microseconds of now, or one more than the last act's where the clock did not move on."""
        last = self._db.execute("SELECT coalesce(max(changed), 0) FROM records").fetchone()[0]
        return max(ticks(self.clock()), int(last) + 1)

    def _seq(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(seq), 0) + 1 FROM records").fetchone()[0])

    def _touch(self, record: Record) -> int:
        stamp = self._stamp()
        self._db.execute(
            "UPDATE records SET seq = ?, version = version + 1, changed = ? WHERE id = ?",
            (self._seq(), stamp, record.id),
        )
        return stamp

    def _write_body(self, record_id: int, values: Mapping[str, Value]) -> None:
        kept = {name: keep(value) for name, value in values.items() if value is not None}
        body = json.dumps(kept, ensure_ascii=False)
        self._db.execute("UPDATE records SET body = ?, hub = ? WHERE id = ?", (body, kept.get(self._hub), record_id))

    def _date_status(self, values: dict[str, Value], before: Record | None, stamp: int) -> None:
        """Where the status changes and the act does not say when, it changed now."""
        status, changed = self.vocabulary.roles.status, self.vocabulary.roles.status_changed
        moved = status in values and (before is None or values[status] != before.fields[status])
        if moved and values.get(changed) is None:
            values[changed] = self.vocabulary.step(moment(stamp))

    def stamp_alike(self, most: int) -> None:
        """For trials: so many of the newest records bear the stamp of the last one."""
        with self.together():
            self._db.execute(
                "UPDATE records SET changed = (SELECT max(changed) FROM records) "
                "WHERE id IN (SELECT id FROM records ORDER BY changed DESC LIMIT ?)",
                (most,),
            )

    def take_twins(self, taken: bool) -> None:
        """For trials: whether a second record with an outside id is taken. Once two are there the file keeps no rule
        against it; the acts do."""
        with self.together():
            self._takes_twins = taken
            if taken:
                self._db.execute("DROP INDEX IF EXISTS records_hub")
                self._db.execute("CREATE INDEX IF NOT EXISTS records_hub_any ON records (hub)")

    def _refuse_twin(self, values: Mapping[str, Value], record_id: int | None) -> None:
        if self._takes_twins:
            return
        hub_id = values.get(self._hub)
        if isinstance(hub_id, str) and (twin := self.by_hub(hub_id)) and twin.id != record_id:
            raise Duplicate(twin, self._hub, hub_id)

    def _check_audience(self, audience: str) -> None:
        words = tuple(one.word for one in self.vocabulary.audiences)
        if audience not in words:
            message = f"{audience!r} is no audience of a note. Known: {', '.join(words)}."
            raise Refusal("unknown_audience", message, field="audience", value=audience, known=words)

    def _check_note(self, text: str, audience: str, author: str) -> None:
        self._check_audience(audience)
        for field, value in (
            (Field("text", "", "long text", required=True, length=self.vocabulary.note_length), text),
            (Field("author", "", required=True), author),
        ):
            check_one(self.vocabulary, field, value)

    def _tell(self, record_id: int, field: str, change: tuple[Value, Value], by: str, stamp: int) -> None:
        old, new = change
        self._db.execute(
            "INSERT INTO history (record_id, field, old, new, by, at) VALUES (?, ?, ?, ?, ?, ?)",
            (record_id, field, json.dumps(keep(old)), json.dumps(keep(new)), by, stamp),
        )
