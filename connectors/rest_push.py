"""Writing to a REST partner: one change, one call, one receipt; and what their refusals mean.

A create that meets a record with the same hub id is found, never an error: that is how an earlier try whose answer was
lost shows itself. An update carries the version it was computed from, where the partner looks at it.
Knows no threads. Next: `lanes.py`, which runs these; `rest_batches.py` (many in one call); `rest_read.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors import paths, strict_json
from connectors.answer import Answer
from connectors.auth import SignedWire
from connectors.base import Change, Receipt, Record
from connectors.errors import Refused, Rejected
from connectors.evidence import About
from connectors.rest_conditions import Conditions, stale
from connectors.rest_files import RestFileCalls
from connectors.rest_read import RestReader
from connectors.rest_records import broken, record, unclear
from connectors.rest_system import RestSystem
from connectors.rest_writes import NoteLink, Write

LINKED: Final = 5
"""Most tries to tell a record of a new note, while others write to that record."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What they said of one record that they did not take. status: as HTTP has it, 0 where they say none. body: the
    JSON in which the declaration's `errors` looks."""

    status: int
    body: Any
    where: str
    said: str = ""


class RestWriter:
    """What a Rest connector writes."""

    def __init__(self, system: RestSystem, signed: SignedWire, reader: RestReader) -> None:
        self._system, self._signed, self._reader = system, signed, reader
        self._conditions = Conditions(system, reader)
        self.files = RestFileCalls(
            system, signed, self._send, lambda change, told: self.refusal(change, self._refused(told))
        )

    def apply(self, change: Change) -> Receipt:
        """Do it. Raises the errors of connectors.errors."""
        match change.kind:
            case "create":
                return self._create(change)
            case "update":
                return self._update(change)
            case "add_note":
                return self._add_note(change)
            case "add_file":
                return self.files.add(change)

    def _create(self, change: Change) -> Receipt:
        declared = self._system.create
        if declared.look_first and (there := self._reader.find(change.hub_id)):
            return self.found(change, there, f"{self._system.name} create {change.hub_id}")
        at = self._system.record.hub_id_at
        body = paths.copied_for(change.body, at)
        paths.put(body, at, change.hub_id)
        answer = self._send(declared, declared.path, body, change)
        if answer.status >= 300:
            told = self._refused(answer)
            if self.is_duplicate(told):
                return self._found(change, told)
            raise self.refusal(change, told)
        whole, native_id = self._answered(declared, answer, change)
        if not native_id:
            raise unclear(broken(self._system, answer.where, "create.id", declared.id or declared.record or ""))
        return Receipt(change.key, native_id, whole)

    def _update(self, change: Change) -> Receipt:
        declared, native_id = self._system.update, change.native_id or ""
        headers = self._conditions.of(declared, change)
        body = self._conditions.body_of(declared, change)
        answer = self._send(declared, self._reader.at(declared.path, native_id), body, change, headers)
        if answer.status >= 300:
            told = self._refused(answer)
            if (declared.condition or declared.version) and told.status == declared.stale:
                raise stale(change, answer.where)
            raise self.refusal(change, told)
        whole, _ = self._answered(declared, answer, change)
        return Receipt(change.key, native_id, whole)

    def _add_note(self, change: Change) -> Receipt:
        declared, native_id = self._system.notes.add, change.native_id or ""
        word = paths.get(change.body, declared.by) if declared.by else None
        path = declared.paths.get(str(word), declared.path)
        answer = self._send(declared, self._reader.at(path, native_id), change.body, change)
        if answer.status >= 300:
            raise self.refusal(change, self._refused(answer))
        whole = None
        note_id = paths.get(answer.json(), declared.id) if declared.id is not None and answer.body else None
        if declared.record is not None:
            whole, _ = self._answered(declared, answer, change)
        if self._system.notes.link is not None:
            if note_id is None:
                raise unclear(broken(self._system, answer.where, "notes.add.id", declared.id or ""))
            whole = self._linked(self._system.notes.link, str(note_id), change)
        return Receipt(change.key, native_id, whole, None if note_id is None else str(note_id))

    def _linked(self, declared: NoteLink, note_id: str, change: Change) -> Record | None:
        """Tell the record of its new note. Where it is never told, the note is nowhere seen, and may be added again."""
        body: dict[str, Any] = {}
        paths.put(body, declared.ids, [note_id])
        path, refused = self._reader.at(declared.path, change.native_id or ""), declared.stale
        for _ in range(LINKED):
            answer = self._send(declared, path, body, change, self._conditions.of(declared, change))
            if answer.status < 300:
                return self._answered(declared, answer, change)[0]
            if not declared.condition or answer.status != refused:
                raise self.refusal(change, self._refused(answer))
            if self._holds(note_id, change):  # it moved by ourselves: our request was delivered twice
                return None
        raise stale(change, answer.where)

    def _holds(self, note_id: str, change: Change) -> bool:
        notes = self._system.notes
        told = [paths.get(one.body, notes.field) or () for one in self._reader.fetch([change.native_id or ""])]
        return any(str(paths.get(note, notes.id)) == note_id for listed in told for note in listed)

    def _send(
        self,
        declared: Write,
        path: str,
        body: Mapping[str, Any],
        change: Change,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent: dict[str, Any] = {}
        body = _as_wanted(declared, body)
        if declared.wrap:
            paths.put(sent, declared.wrap, body)
        return self._signed.send(
            declared.method,
            path,
            safe=False,
            headers={**self._system.headers, **(headers or {})},
            json=sent or body,
            where=f"{self._system.name} {change.kind} {change.native_id or change.hub_id}",
            about=About.of(change),
        )

    def _answered(self, declared: Write, answer: Answer, change: Change) -> tuple[Record | None, str]:
        """The read-back, where the answer carries it, and the native id. Raises Unknown where it cannot be read."""
        if declared.record is not None and answer.body:
            try:
                whole = record(self._system, paths.get(answer.json(), declared.record), answer.where)
            except Refused as error:
                raise unclear(error) from None
            if not self._system.in_parts:
                return whole, whole.native_id
            return None, whole.native_id  # its notes are not in this answer, so it is no read-back
        native_id = paths.get(answer.json(), declared.id) if declared.id is not None and answer.body else None
        return None, change.native_id or ("" if native_id is None else str(native_id))

    def is_duplicate(self, told: Refusal) -> bool:
        """Whether they say that a record with this hub id exists."""
        errors = self._system.errors
        code = paths.get(told.body, errors.code)
        if told.status and told.status != errors.duplicate:
            return False
        return code == errors.duplicate_code if errors.duplicate_code else bool(told.status)

    def _found(self, change: Change, told: Refusal) -> Receipt:
        """The record that was there already, as it is now."""
        native_id = self.existing(told)
        there = self._reader.find(change.hub_id) if native_id is None else self._reader.fetch([native_id])
        return self.found(change, there, told.where)

    def existing(self, told: Refusal) -> str | None:
        """The native id of the record that was there already, where they say it."""
        path = self._system.errors.existing
        native_id = paths.get(told.body, path) if path else None
        return None if native_id is None else str(native_id)

    def found(self, change: Change, there: Sequence[Record], where: str) -> Receipt:
        """A receipt for what was there already. Raises Rejected where none of these is it."""
        hub_id = self._system.record.hub_id
        for one in there:
            if not one.gone and paths.get(one.body, hub_id) == change.hub_id:
                return Receipt(change.key, one.native_id, one, found=True)
        text = "they say that a record with this hub id exists, and none can be found."
        raise Rejected(text, code="C606", where=where, value=change.hub_id, fix="look for it in their system.")

    def _refused(self, answer: Answer) -> Refusal:
        """What they say of the record. Raises Refused where a page in the way says that there is no such address."""
        if answer.status in (404, 410) and answer.page:
            self._reader.usable(answer)
        return Refusal(answer.status, _error_body(answer), answer.where, self._signed.wire.said(answer))

    def refusal(self, change: Change, told: Refusal) -> Rejected:
        """What a refusal means for this one record."""
        errors, body, status = self._system.errors, told.body, told.status
        code, field = _text(paths.get(body, errors.code)), _text(paths.get(body, errors.field))
        said = self._signed.wire.redact(_text(paths.get(body, errors.message)))[:300] or told.said
        if status in (404, 410):
            return Rejected(
                "there is no such record.", code="C605", where=told.where, value=change.native_id, said=said
            )
        where = f"{told.where} {field}".rstrip()
        known = paths.get(body, errors.known)
        value = paths.get(body, errors.value) if errors.value else None
        if value is None and field:
            value = paths.get(change.body, field)
        by = " ".join([*([f"with {status}"] if status else []), *([code] if code else [])])
        text = f"refused {by}".rstrip() + (f" for {field}." if field else ".")
        return Rejected(
            text,
            code="C601" if field else "C600",
            where=where,
            value=value,
            known=[str(one) for one in known] if isinstance(known, list) else (),
            said=said,
            fix=f"correct the value in the case or in the mapping of {self._system.name}.",
        )


def _as_wanted(declared: Write, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body with what their system wants beside our words: its own way to empty a field, and constants."""
    whole = _without_null(body, declared.null_as) if isinstance(declared.null_as, str) else body
    instead = declared.null_as if isinstance(declared.null_as, Mapping) else {}
    if not declared.constants and not instead:
        return whole
    told: dict[str, Any] = paths.copied(whole)
    empty = {path for path, value in paths.leaves(told).items() if value is None}
    for path, value in {**{path: instead[path] for path in empty & instead.keys()}, **declared.constants}.items():
        paths.put(told, path, value)
    return told


def _without_null(value: Any, instead: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_null(inner, instead) for key, inner in value.items()}
    return instead if value is None else value


def _error_body(answer: Answer) -> Any:
    """The error's JSON, or nothing where it is none: then the status alone speaks."""
    try:
        return strict_json.parse(answer.body)
    except strict_json.BadJson:
        return None


def _text(value: Any) -> str:
    """A text, or several of them as one."""
    if isinstance(value, list):
        return "; ".join(one for one in value if isinstance(one, str))
    return value if isinstance(value, str) else ""
