"""The REST kind: any JSON service that `rest_system.py` can describe, spoken to by its declaration alone.

    rest = Rest(system, credentials, clock=clock, sleep=time.sleep, monotonic=time.monotonic)
    for page in rest.pull(None): ...
    for receipt in rest.push(changes): ...

Knows no partner by name and no canonical case. Next: `rest_read.py`, `rest_push.py`, `lanes.py`, `wire.py`.
"""

from __future__ import annotations

import random as randomness
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import datetime

from connectors import lanes, paths
from connectors.auth import SignedWire
from connectors.base import (
    Change,
    Credentials,
    Cursor,
    Description,
    HistoryLine,
    Page,
    Receipt,
    Record,
)
from connectors.errors import Refused
from connectors.evidence import Witness
from connectors.pacing import Before, free
from connectors.rest_batches import RestBatches
from connectors.rest_describe import describe
from connectors.rest_filling import filled
from connectors.rest_history import HistoryReader, Lines
from connectors.rest_meaning import meant
from connectors.rest_push import RestWriter
from connectors.rest_read import RestReader
from connectors.rest_records import broken
from connectors.rest_system import RestSystem
from connectors.wire import Wire


class Rest:
    """A Connector to one REST service. Keeps the contract of connectors/base.py."""

    def __init__(
        self,
        system: RestSystem,
        credentials: Credentials,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        random: Callable[[], float] = randomness.random,
        before: Before = free,
        witness: Witness | None = None,
    ) -> None:
        self.system = system = filled(system, credentials)
        self.wire = Wire(
            system, credentials, monotonic=monotonic, sleep=sleep, random=random, before=before, witness=witness
        )
        self._signed = SignedWire(
            self.wire, system.auth, credentials, clock=clock, sleep=sleep, monotonic=monotonic,
            meant=meant(system.errors.in_success, self.wire.judge),
        )  # fmt: skip
        self._reader = RestReader(system, self._signed)
        self._writer = RestWriter(system, self._signed, self._reader)
        self._history = self._past(system.history) if system.history is not None else None
        self._us: str | None = None
        in_batches = system.create_batch is not None or system.update_batch is not None
        self._batches = RestBatches(system, self._signed, self._reader, self._writer) if in_batches else None

    def check(self) -> str:
        """Our name there. Raises Refused C301 where the answer names nobody."""
        declared = self.system.check
        name = paths.get(self._reader.content(declared.path, "check"), declared.name)
        if not isinstance(name, str) or not name:
            fix = f"check login and secret in the connection {self.system.connection!r}."
            where = f"{self.system.name} check"
            raise Refused("the answer does not say who we are.", code="C301", where=where, fix=fix)
        return name

    def describe(self) -> Description:
        """Their fields, and a fingerprint over all that is told of them; nothing where the system does not tell."""
        return describe(self.system, self._reader)

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Pages of records changed since the cursor, oldest change first."""
        return self._reader.pull(cursor)

    def since(self, moment: datetime) -> Cursor:
        """The stamp where pulls go by it; else the beginning."""
        by_stamp = self.system.list.since is not None or self.system.list.newest_first
        return Cursor(moment.isoformat() if by_stamp else "")

    def history(self, native_id: str) -> Sequence[HistoryLine]:
        """The record's own lines, oldest first."""
        if self.system.history is not None and self.system.history.inside:
            return next((one.history or () for one in self._reader.fetch([native_id])), ())
        return self.histories([native_id]).get(native_id, ())

    def histories(self, native_ids: Sequence[str]) -> Mapping[str, Sequence[HistoryLine]]:
        """In few calls where the declaration has `by_ids`; nothing of those that bring theirs along."""
        return {} if self._history is None else self._history.read(list(dict.fromkeys(native_ids)))

    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]:
        """These records as they are now."""
        return self._reader.fetch(list(dict.fromkeys(native_ids)))

    def find(self, hub_id: str) -> Sequence[Record]:
        """Records that bear this hub id."""
        return self._reader.find(hub_id)

    def find_all(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """One after the other."""
        return {hub_id: self.find(hub_id) for hub_id in hub_ids}

    def find_note(self, native_id: str, ref: str) -> str | None:
        """The id of the note whose text bears the ref."""
        notes = self.system.notes
        for one in self._reader.fetch([native_id]):
            for note in paths.get(one.body, notes.field) or ():
                if ref in str(paths.get(note, notes.text) or ""):
                    return str(paths.get(note, notes.id))
        return None

    def read_file(self, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
        """The bytes of one file."""
        return self._writer.files.read(native_id, file_id, size)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """One receipt a change, lanes beside each other, in batches where the declaration has them."""
        if self._batches is not None:
            return self._batches.run(changes)
        return lanes.run(changes, self._writer.apply, concurrency=self.system.concurrency, name=self.system.name)

    def close(self) -> None:
        """Give back the sockets."""
        self.wire.close()

    def _past(self, declared: Lines) -> HistoryReader:
        system, reader = self.system, self._reader
        return HistoryReader(
            declared,
            reader.get,
            reader.usable,
            lambda field, path: broken(system, f"{system.name} history", field, path),
            system.instant,
            self._who,
            size=system.page,
            concurrency=system.concurrency,
        )

    def _who(self) -> str:
        """What stands at a line's author for us."""
        declared = self.system.history
        if declared is None or not declared.us_at:
            return "" if declared is None else declared.us
        if self._us is None:
            told = paths.get(self._reader.content(self.system.check.path, "check"), declared.us_at)
            if told is None:
                raise broken(self.system, f"{self.system.name} check", "history.us_at", declared.us_at)
            self._us = str(told)
        return self._us
