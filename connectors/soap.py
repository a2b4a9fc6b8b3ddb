"""The SOAP kind: any service whose system.yaml says which operation does what.

Reads records, notes, files and history by the declared operations. Knows no partner by name and no case.
Next: `soap_system.py` (the declaration), `soap_calls.py` (one call), `soap_pull.py` (paging), `soap_push.py` (writing).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import random as dice
from time import monotonic as real_monotonic
from time import sleep as real_sleep
from typing import Any, Final

from connectors import lanes, paths, soap_files
from connectors.adapter import Trace
from connectors.base import (
    SCANNED,
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
from connectors.evidence import About, Witness
from connectors.pacing import Before, free
from connectors.soap_calls import Calls
from connectors.soap_describe import described
from connectors.soap_fault import Fault
from connectors.soap_pull import Listing, pages, whole
from connectors.soap_push import apply
from connectors.soap_rows import answers, many, window
from connectors.soap_system import SoapSystem
from connectors.wire import Wire


def _now() -> datetime:
    return datetime.now(UTC)


_TIMESPEC: Final = {True: "seconds", False: "microseconds"}


class Soap:
    """A Connector over one SOAP service. Keeps the contract of connectors/base.py. Usable from several threads."""

    def __init__(
        self,
        system: SoapSystem,
        credentials: Credentials,
        *,
        clock: Callable[[], datetime] = _now,
        sleep: Callable[[float], None] = real_sleep,
        monotonic: Callable[[], float] = real_monotonic,
        random: Callable[[], float] = dice,
        observe: Callable[[Trace], None] = lambda trace: None,
        before: Before = free,
        witness: Witness | None = None,
    ) -> None:
        """Reads the contract. Raises Refused where it is not the declared one, or does not fit the declaration."""
        self.system = system
        self._clock, self._login = clock, credentials.login
        self._wire = Wire(
            system,
            credentials,
            monotonic=monotonic,
            sleep=sleep,
            random=random,
            observe=observe,
            before=before,
            witness=witness,
        )
        self._calls = Calls(system, credentials, self._wire, clock=clock, monotonic=monotonic)

    def check(self) -> str:
        """Who the service says we are. Raises Refused, Unreachable."""
        answer = self.told("who_am_i", {})
        return f"{self._at('who_am_i', 'name', answer)} at {self.system.title}"

    def describe(self) -> Description:
        """The service's own catalogue, whose fingerprint covers the contract too; nothing where it does not tell."""
        if "describe" not in self.system.operations:
            return Description({}, "")
        return described(self.system, self._rows("describe", "fields", {}))

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Pages by change stamp, or of everything where there is none; see soap_pull.py."""
        if self.system.record.stamp is None:
            return whole(self.system, self._listing)
        return pages(self.system, self._listing, cursor)

    def since(self, moment: datetime) -> Cursor:
        """The stamp itself; nothing where there is none."""
        return Cursor("" if self.system.record.stamp is None else moment.astimezone(UTC).isoformat())

    def history(self, native_id: str) -> Sequence[HistoryLine]:
        """The record's change history, oldest first; empty where none is declared or there is no such record."""
        if "history" not in self.system.operations:
            return ()
        inside = self.system.operations["history"].answer
        lines = []
        for one in self._rows("history", "lines", {"id": native_id}):
            said = {role: paths.get(one, inside[role]) for role in inside if role != "lines"}
            at = self._instant(said.get("changed_at"), "history")
            author, field = str(said.get("author") or ""), str(said.get("field") or "")
            old, new, ours = said.get("old"), said.get("new"), bool(author) and author == self._login
            lines.append(HistoryLine(native_id, str(said["id"]), at, author, field, old, new, ours))
        return sorted(lines, key=lambda line: line.changed_at)

    def histories(self, native_ids: Sequence[str]) -> Mapping[str, Sequence[HistoryLine]]:
        """A call each, some beside each other."""
        if "history" not in self.system.operations:
            return {}
        with ThreadPoolExecutor(self.system.concurrency) as pool:
            asked = list(dict.fromkeys(native_ids))
            return dict(zip(asked, pool.map(self.history, asked), strict=True))

    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]:
        """These records, `batch` a call; deleted ones as gone, where the service names them."""
        found: list[Record] = []
        for start in range(0, len(native_ids), self.system.batch):
            lacking = list(native_ids[start : start + self.system.batch])
            while lacking:
                told = self._got(lacking)
                found += told
                known = {one.native_id for one in told}
                # Those that an answer lacks may be no more, or were cut off: a service says nothing of its limit.
                lacking = [one for one in lacking if one not in known] if known else []
        return found

    def find(self, hub_id: str) -> Sequence[Record]:
        """Records that bear this hub id, looked at again on our side."""
        found = self._rows("find", "records", {"hub_id": hub_id})
        mine = [one for one in found if str(paths.get(one, self.system.record.hub_id)) == hub_id]
        return [self.record(one, "find") for one in mine]

    def find_all(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """One after the other."""
        return {hub_id: self.find(hub_id) for hub_id in hub_ids}

    def find_note(self, native_id: str, ref: str) -> str | None:
        """The id of the first note whose text bears the ref."""
        inside = self.system.operations["find_note"].answer
        for note in self._rows("find_note", "notes", {"id": native_id, "ref": ref}):
            if ref in str(paths.get(note, inside["text"])):
                return str(paths.get(note, inside["id"]))
        return None

    def read_file(self, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
        """The bytes of one file, whole in memory; see soap_files.py."""
        return soap_files.read(self, native_id, file_id, size)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """One receipt each, lanes side by side; see lanes.py and soap_push.py."""
        name, concurrency = self.system.name, self.system.concurrency
        return lanes.run(changes, self._apply, concurrency=concurrency, name=name)

    def close(self) -> None:
        """Give back the sockets."""
        self._wire.close()

    def ask(
        self,
        role: str,
        values: Mapping[str, Any],
        *,
        safe: bool,
        seconds: float | None = None,
        about: About | None = None,
    ) -> dict[str, Any] | Fault:
        """One call: what it answers, or the fault that it answers; see soap_calls.py. Raises connector errors."""
        return self._calls.ask(role, values, safe=safe, seconds=seconds, about=about)

    def told(self, role: str, values: Mapping[str, Any], missing: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """One safe call whose faults are errors. missing: what stands for a fault that says: no such record."""
        answer = self.ask(role, values, safe=True)
        if isinstance(answer, Fault):
            if answer.meaning == "missing" and missing is not None:
                return missing
            raise answer.error(self._where(role), safe=True)
        return answer

    def record(self, body: Mapping[str, Any], role: str) -> Record:
        """One record of an answer. Raises Refused for one without id or stamp."""
        native_id, stamp = paths.get(body, self.system.record.id), self.system.record.stamp
        changed = None if stamp is None else self._instant(paths.get(body, stamp), role)
        if native_id is None:
            raise self._odd(role, f"a record without {self.system.record.id}")
        return Record(self.system.name, str(native_id), self._version(changed), body, changed)

    def _apply(self, change: Change) -> Receipt:
        return soap_files.add(self, change) if change.kind == "add_file" else apply(self, change)

    def _listing(self, since: datetime | None, offset: int) -> Listing:
        text = None if since is None else self.system.stamp(since)
        values = {"since": text, **window(offset, max(2, self.system.page))}
        answer = self.told("list", values, missing={})  # some call it a fault that nothing is there
        records = [self.record(one, "list") for one in many(answer, self.system.operations["list"].answer["records"])]
        total = self._at("list", "total", answer)
        return Listing(tuple(records), int(total) if total is not None else None)

    def _got(self, native_ids: Sequence[str]) -> list[Record]:
        """One call, or as many as their windows need. Some services ignore a filter and answer everything."""
        found, wanted = list[Record](), frozenset(native_ids)
        for answer in self._answers("get", "records", {"ids": list(native_ids)}):
            rows = many(answer, self.system.operations["get"].answer["records"])
            found += [self.record(one, "get") for one in rows]
            found += self._gone(answer)
        return [one for one in found if one.native_id in wanted]

    def _gone(self, answer: Mapping[str, Any]) -> Iterator[Record]:
        inside = self.system.operations["get"].answer
        for one in many(answer, inside.get("gone")):
            native_id = paths.get(one, inside["gone_id"]) if "gone_id" in inside else one
            changed = self._instant(paths.get(one, inside["gone_stamp"]), "get") if "gone_stamp" in inside else None
            version = self._version(changed)
            into = paths.get(one, inside["gone_into"]) or None if "gone_into" in inside else None
            yield Record(self.system.name, str(native_id), version, {}, changed, gone=True, merged_into=into)

    def _version(self, changed: datetime | None) -> str:
        if self.system.record.stamp is None:
            return SCANNED
        spec = _TIMESPEC[self.system.abilities.clock_step >= 1]
        return (changed or self._clock()).astimezone(UTC).isoformat(timespec=spec)

    def _instant(self, text: object, role: str) -> datetime:
        try:
            return self.system.instant(text)
        except ValueError as error:
            raise self._odd(role, f"a time that stamps.format does not fit ({error})") from None

    def _at(self, role: str, part: str, answer: Mapping[str, Any]) -> Any:
        path = self.system.operations[role].answer.get(part)
        return None if path is None else paths.get(answer, path)

    def _answers(self, role: str, part: str, values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        return answers(self.system, role, part, values, lambda given: self.told(role, given, missing={}))

    def _rows(self, role: str, part: str, values: Mapping[str, Any]) -> list[Any]:
        path = self.system.operations[role].answer[part]
        return [row for answer in self._answers(role, part, values) for row in many(answer, path)]

    def _where(self, role: str) -> str:
        return f"{self.system.name} {self.system.operations[role].name}"

    def _odd(self, role: str, text: str) -> Refused:
        fix = "compare system.yaml with the contract."
        return Refused(f"answered {text}.", code="C378", where=self._where(role), fix=fix)
