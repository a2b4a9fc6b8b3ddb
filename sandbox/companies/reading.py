"""How records are read from a company's SQLite file. Reads only; `store.py` adds the acts.

`select` takes an SQL condition over the columns id, number, hub, seq, version, created, changed, deleted and over
`column(name)` for a field of the body: a query language of a protocol compiles to it. Stamps stand in the columns as
microseconds since 1970 (`ticks`), times in the body as UTC text of one width, so both sort. Knows no web.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.companies.refusals import Absent
from sandbox.companies.rows import Filed, Line, Mail, Note, Record
from sandbox.companies.values import unkeep
from sandbox.companies.vocabulary import Vocabulary

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ALIVE = "deleted = 0"
COLUMNS = "id, number, seq, version, created, changed, deleted, body, merged_into"


def ticks(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment."""
    return (moment - EPOCH) // MICROSECOND


def moment(stamp: int) -> datetime:
    """The inverse of `ticks`."""
    return EPOCH + stamp * MICROSECOND


class Reading:
    """The questions. All answers are of one moment: the lock is held while a question and its notes are read."""

    def __init__(self, connection: sqlite3.Connection, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._db = connection
        self._lock = threading.RLock()

    def column(self, name: str) -> str:
        """The SQL expression of a field of the body. Raises KeyError for a name that is no field."""
        return f"json_extract(body, '$.\"{self.vocabulary.fields[name].name}\"')"

    def get(self, record_id: int) -> Record:
        """The record of that id. Raises Absent, also for a deleted one."""
        return self._alive(record_id, self.select("id = ?", (record_id,)))

    def by_number(self, number: str) -> Record:
        """The record of the number that agents see. Raises Absent."""
        return self._alive(number, self.select("number = ?", (number,)))

    def by_ids(self, ids: Sequence[int]) -> list[Record]:
        """These records, deleted ones included, unknown ones left out; in the order of their ids."""
        return self._among("id", ids)

    def by_numbers(self, numbers: Sequence[str]) -> list[Record]:
        """These records, deleted ones included, unknown ones left out."""
        return self._among("number", numbers)

    def by_hub(self, hub_id: str) -> Record | None:
        """The one living record that bears this hub id, or None."""
        return next(iter(self.select(f"hub = ? AND {ALIVE}", (hub_id,))), None)

    def by_values(
        self, field: str, values: Sequence[str | int | bool], limit: int = -1, offset: int = 0
    ) -> list[Record]:
        """Living records whose field holds one of the values. Raises KeyError for a name that is no field."""
        among = f"{self.column(field)} IN ({', '.join('?' * len(values))})"
        return self.select(f"{among} AND {ALIVE}", tuple(values), limit=limit, offset=offset)

    def after(self, seq: int, limit: int) -> list[Record]:
        """Records and tombstones whose change sequence is above `seq`, oldest change first."""
        return self.select("seq > ?", (seq,), order="seq", limit=limit)

    def since(self, stamp: datetime, limit: int = -1, offset: int = 0, *, deleted: bool = False) -> list[Record]:
        """Records changed at the stamp or later, by (changed, id); with `deleted`, tombstones too."""
        condition = "changed >= ?" if deleted else f"changed >= ? AND {ALIVE}"
        return self.select(condition, (ticks(stamp),), order="changed, id", limit=limit, offset=offset)

    def select(
        self, condition: str, parameters: Sequence[Any] = (), *, order: str = "id", limit: int = -1, offset: int = 0
    ) -> list[Record]:
        """Records, tombstones included, that fit an SQL condition. limit -1: all."""
        sql = f"SELECT {COLUMNS} FROM records WHERE ({condition}) AND purged = 0 ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - callers give conditions, never values
        with self._lock:
            rows = self._db.execute(sql, (*parameters, limit, offset)).fetchall()
            notes = self._notes_of([row[0] for row in rows])
            files = self._files_of([row[0] for row in rows])
        return [self._record(row, notes.get(row[0], ()), files.get(row[0], ())) for row in rows]

    def graves(self, since: datetime, until: datetime) -> list[tuple[int, datetime]]:
        """Id and moment of each deletion in this time, purged ones too, oldest first; until: not included."""
        sql = "SELECT id, changed FROM records WHERE deleted = 1 AND changed >= ? AND changed < ? ORDER BY changed, id"
        with self._lock:
            return [(row[0], moment(row[1])) for row in self._db.execute(sql, (ticks(since), ticks(until)))]

    def count(self, condition: str = ALIVE, parameters: Sequence[Any] = ()) -> int:
        """How many records fit an SQL condition."""
        with self._lock:
            sql = f"SELECT count(*) FROM records WHERE ({condition}) AND purged = 0"  # noqa: S608 - callers give conditions, never values
            row = self._db.execute(sql, tuple(parameters)).fetchone()
        return int(row[0])

    def history(
        self, ids: Sequence[int] | None = None, *, since: datetime | None = None, limit: int = -1, offset: int = 0
    ) -> list[Line]:
        """History lines, oldest first: of these records or of all, from a stamp on or from the beginning."""
        chosen = "" if ids is None else f"AND record_id IN ({', '.join('?' * len(ids))})"
        sql = f"SELECT * FROM history WHERE at >= ? {chosen} ORDER BY id LIMIT ? OFFSET ?"  # noqa: S608 - callers give conditions, never values
        start = 0 if since is None else ticks(since)
        with self._lock:
            rows = self._db.execute(sql, (start, *(ids or ()), limit, offset)).fetchall()
        return [self._line(row) for row in rows]

    def notes_since(self, stamp: datetime, limit: int = -1, offset: int = 0) -> list[Note]:
        """Notes of living records written at the stamp or later, oldest first."""
        sql = (
            "SELECT notes.* FROM notes JOIN records ON records.id = record_id WHERE deleted = 0 AND notes.created >= ? "
            "ORDER BY notes.id LIMIT ? OFFSET ?"
        )
        with self._lock:
            return [_note(row) for row in self._db.execute(sql, (ticks(stamp), limit, offset)).fetchall()]

    def people(self) -> list[str]:
        """Names of everybody who did or wrote something."""
        sql = "SELECT by FROM history UNION SELECT author FROM notes UNION SELECT author FROM files"
        with self._lock:
            return [row[0] for row in self._db.execute(sql)]

    def filed(self, *, ids: Sequence[int] | None = None, since: datetime | None = None) -> list[Filed]:
        """Files, oldest first: these or all, from a stamp on or from the beginning; those of deleted records too."""
        chosen = "" if ids is None else f"AND id IN ({', '.join('?' * len(ids))})"
        sql = f"SELECT * FROM files WHERE created >= ? {chosen} ORDER BY id"  # noqa: S608 - marks only
        with self._lock:
            rows = self._db.execute(sql, (0 if since is None else ticks(since), *(ids or ()))).fetchall()
        return [_filed(row) for row in rows]

    def _among(self, column: str, wanted: Sequence[int] | Sequence[str]) -> list[Record]:
        return self.select(f"{column} IN ({', '.join('?' * len(wanted))})", wanted)

    def _notes_of(self, ids: Sequence[int]) -> dict[int, tuple[Note, ...]]:
        found: dict[int, list[Note]] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            sql = f"SELECT * FROM notes WHERE record_id IN ({', '.join('?' * len(part))}) ORDER BY id"  # noqa: S608 - marks only
            for row in self._db.execute(sql, part):
                found.setdefault(row[1], []).append(_note(row))
        return {one: tuple(notes) for one, notes in found.items()}

    def _files_of(self, ids: Sequence[int]) -> dict[int, tuple[Filed, ...]]:
        found: dict[int, list[Filed]] = {}
        if self.vocabulary.largest_file == 0:
            return {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            sql = f"SELECT * FROM files WHERE record_id IN ({', '.join('?' * len(part))}) ORDER BY id"  # noqa: S608 - marks only
            for row in self._db.execute(sql, part):
                found.setdefault(row[1], []).append(_filed(row))
        return {one: tuple(files) for one, files in found.items()}

    def _record(self, row: tuple[Any, ...], notes: tuple[Note, ...], files: tuple[Filed, ...]) -> Record:
        body = json.loads(row[7])
        fields = {name: unkeep(field, body.get(name)) for name, field in self.vocabulary.fields.items()}
        return Record(
            row[0], row[1], row[2], row[3], moment(row[4]), moment(row[5]), bool(row[6]), fields, notes, row[8], files
        )  # fmt: skip

    def _line(self, row: tuple[Any, ...]) -> Line:
        field = self.vocabulary.fields.get(row[2])
        old, new = (unkeep(field, json.loads(kept)) for kept in row[3:5])
        return Line(row[0], row[1], row[2], old, new, row[5], moment(row[6]))

    @staticmethod
    def _alive(wanted: object, found: list[Record]) -> Record:
        if not found or found[0].deleted:
            raise Absent(wanted, deleted=bool(found))
        return found[0]


def _note(row: tuple[Any, ...]) -> Note:
    mail = Mail(**json.loads(row[7])) if row[7] else None
    return Note(row[0], row[1], row[2], row[3], row[4], row[5], moment(row[6]), mail)


def _filed(row: tuple[Any, ...]) -> Filed:
    return Filed(row[0], row[1], row[2], row[3], row[4], row[5], row[6], moment(row[7]), row[8])
