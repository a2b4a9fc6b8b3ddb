"""The SOAP kind: any document/literal service whose system.yaml says which operation does what.

A call is: fill the declared template, make the envelope by the contract, send it over the hardened wire, read what
comes back by the contract. Knows no partner by name and no case. Next: `soap_system.py` (the declaration),
`soap_wsdl.py` (the contract), `soap_fault.py`, `soap_pull.py` (paging), `soap_push.py` (writing).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import random as dice
from time import monotonic as real_monotonic
from time import sleep as real_sleep
from typing import Any, Final

from connectors import lanes, paths, soap_files
from connectors.adapter import Trace
from connectors.answer import Answer, too_large
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
from connectors.errors import Refused, Unknown
from connectors.pacing import Before, free
from connectors.soap_describe import described
from connectors.soap_fault import Fault, read_fault
from connectors.soap_pull import Listing, pages, whole
from connectors.soap_push import apply
from connectors.soap_system import SoapSystem, fill
from connectors.soap_wsdl import Contract
from connectors.soap_xml import BadXml, TooMuch
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
    ) -> None:
        """Reads the contract. Raises Refused where it is not the declared one, or does not fit the declaration."""
        self.system = system
        self._contract = Contract(system)
        self._wire = Wire(
            system, credentials, monotonic=monotonic, sleep=sleep, random=random, observe=observe, before=before
        )
        self._clock = clock
        self._endpoint = credentials.url.rstrip("/") + system.path
        pair = f"{credentials.login}:{credentials.password}".encode()
        self._login = {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"} if credentials.login else {}

    def check(self) -> str:
        """Who the service says we are. Raises Refused, Unreachable."""
        answer = self.told("who_am_i", {})
        return f"{self._at('who_am_i', 'name', answer)} at {self.system.title}"

    def describe(self) -> Description:
        """The service's own catalogue; its fingerprint covers the contract too."""
        return described(self.system, self.told("describe", {}))

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
        answer = self.told("history", {"id": native_id}, missing={})
        inside = self.system.operations["history"].answer
        lines = []
        for one in self._many("history", "lines", answer):
            said = {role: paths.get(one, inside[role]) for role in inside if role != "lines"}
            at = self._instant(said.get("changed_at"), "history")
            author, field = str(said.get("author") or ""), str(said.get("field") or "")
            lines.append(HistoryLine(native_id, str(said["id"]), at, author, field, said.get("old"), said.get("new")))
        return sorted(lines, key=lambda line: line.changed_at)

    def fetch(self, native_ids: Sequence[str]) -> Sequence[Record]:
        """These records, `batch` a call; deleted ones as gone, where the service names them."""
        found: list[Record] = []
        for start in range(0, len(native_ids), self.system.batch):
            part = list(native_ids[start : start + self.system.batch])
            answer = self.told("get", {"ids": part})
            wanted = frozenset(part)  # some services ignore a filter and answer everything
            records = [self.record(one, "get") for one in self._many("get", "records", answer)]
            found += [one for one in records if one.native_id in wanted]
            found += [one for one in self._gone(answer) if one.native_id in wanted]
        return found

    def find(self, hub_id: str) -> Sequence[Record]:
        """Records that bear this hub id, looked at again on our side."""
        answer = self.told("find", {"hub_id": hub_id}, missing={})
        found = self._many("find", "records", answer)
        mine = [one for one in found if str(paths.get(one, self.system.record.hub_id)) == hub_id]
        return [self.record(one, "find") for one in mine]

    def find_all(self, hub_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """One after the other."""
        return {hub_id: self.find(hub_id) for hub_id in hub_ids}

    def find_note(self, native_id: str, ref: str) -> str | None:
        """The id of the first note whose text bears the ref."""
        answer = self.told("find_note", {"id": native_id, "ref": ref}, missing={})
        inside = self.system.operations["find_note"].answer
        for note in self._many("find_note", "notes", answer):
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
        self, role: str, values: Mapping[str, Any], *, safe: bool, seconds: float | None = None
    ) -> dict[str, Any] | Fault:
        """One call: what it answers, or the fault that it answers. seconds: what it may take, by default the deadline.
        Raises connector errors."""
        where, operation = self._where(role), self.system.operations[role]
        arguments = fill(operation.arguments, values)
        envelope = self._contract.request(role, arguments, blank=role == "update", where=where)
        headers = {"Accept": "text/xml", **envelope.headers, **self._login}
        with self._wire.call(where, safe=safe, seconds=seconds):
            response = self._wire.session.post(
                self._endpoint, data=envelope.body, headers=headers, allow_redirects=False
            )
        answer = self._wire.answer(response, where=where, safe=safe)
        if answer.status not in (200, 500):
            self._judge(answer)
        try:
            inside = self._contract.open(answer.body)
            if self._contract.is_fault(inside):
                return read_fault(inside, self.system, self._wire.redact)
            self._judge(answer)
            return self._contract.answer(role, inside)
        except BadXml as error:
            self._judge(answer)
            raise self._unreadable(answer, error) from None

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
        answer = self.told("list", {"since": text, "offset": offset, "limit": max(2, self.system.page)})
        records = [self.record(one, "list") for one in self._many("list", "records", answer)]
        total = self._at("list", "total", answer)
        return Listing(tuple(records), int(total) if total is not None else None)

    def _gone(self, answer: Mapping[str, Any]) -> Iterator[Record]:
        inside = self.system.operations["get"].answer
        for one in self._many("get", "gone", answer):
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

    def _many(self, role: str, part: str, answer: Mapping[str, Any]) -> list[Any]:
        found = self._at(role, part, answer)
        return found if isinstance(found, list) else [] if found is None else [found]

    def _where(self, role: str) -> str:
        return f"{self.system.name} {self.system.operations[role].name}"

    def _odd(self, role: str, text: str) -> Refused:
        fix = "compare system.yaml with the contract."
        return Refused(f"answered {text}.", code="C378", where=self._where(role), fix=fix)

    def _judge(self, answer: Answer) -> None:
        """Raises what the status means. Markup is not quoted: there may be a customer's words in it."""
        self._wire.judge(replace(answer, body=b"") if answer.body.lstrip().startswith(b"<") else answer)

    def _unreadable(self, answer: Answer, error: BadXml) -> Refused | Unknown:
        """No error of ours may say that a write failed when it may have been done."""
        if isinstance(error, TooMuch):
            return too_large(str(error), answer.where, safe=answer.safe)
        text = f"answered {answer.status} with no SOAP that we accept: {self._wire.redact(str(error))}."
        if answer.safe or answer.status >= 400:
            fix = "check the address in the connection, and whether the contract has changed."
            return Refused(text, code="C304", where=answer.where, fix=fix)
        return Unknown(text, code="C404", where=answer.where)
