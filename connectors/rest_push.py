"""Writing to a REST partner: one change, one call, one receipt; and what their refusals mean.

A create that meets a record with the same hub id is found, never an error: that is how an earlier try whose answer was
lost shows itself. An update carries the version it was computed from, where the partner looks at it.
Knows no threads. Next: `lanes.py`, which runs these; `rest_read.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors import paths, strict_json
from connectors.auth import SignedWire
from connectors.base import Change, Receipt, Record
from connectors.errors import ConnectorError, Rejected, Stale
from connectors.rest_read import RestReader
from connectors.rest_records import as_theirs, broken, record
from connectors.rest_system import RestSystem, Update, Write
from connectors.wire import Answer


class RestWriter:
    """What a Rest connector writes."""

    def __init__(self, system: RestSystem, signed: SignedWire, reader: RestReader) -> None:
        self._system, self._signed, self._reader = system, signed, reader

    def apply(self, change: Change) -> Receipt:
        """Do it. Raises the errors of connectors.errors."""
        match change.kind:
            case "create":
                return self._create(change)
            case "update":
                return self._update(change)
            case "add_note":
                return self._add_note(change)

    def _create(self, change: Change) -> Receipt:
        declared = self._system.create
        body = paths.copied(change.body)
        paths.put(body, self._system.record.hub_id, change.hub_id)
        answer = self._send(declared, declared.path, body, change)
        if answer.status >= 300:
            if self._is_duplicate(answer):
                return self._found(change, answer)
            raise self._refusal(change, answer)
        whole, native_id = self._answered(declared, answer, change)
        if not native_id:
            raise broken(self._system, answer.where, "create.id", declared.id or declared.record or "")
        return Receipt(change.key, native_id, whole)

    def _update(self, change: Change) -> Receipt:
        declared, native_id = self._system.update, change.native_id or ""
        headers = {}
        if declared.condition and change.base_version:
            theirs = as_theirs(change.base_version)
            headers[declared.condition] = declared.condition_value.format(version=theirs)
        answer = self._send(declared, self._reader.at(declared.path, native_id), change.body, change, headers)
        if answer.status >= 300:
            raise self._refusal(change, answer, declared)
        whole, _ = self._answered(declared, answer, change)
        return Receipt(change.key, native_id, whole)

    def _add_note(self, change: Change) -> Receipt:
        declared, native_id = self._system.notes.add, change.native_id or ""
        answer = self._send(declared, self._reader.at(declared.path, native_id), change.body, change)
        if answer.status >= 300:
            raise self._refusal(change, answer)
        whole = None
        note_id = paths.get(answer.json(), declared.id) if declared.id is not None and answer.body else None
        if declared.record is not None:
            whole, _ = self._answered(declared, answer, change)
        return Receipt(change.key, native_id, whole, None if note_id is None else str(note_id))

    def _send(
        self,
        declared: Write,
        path: str,
        body: Mapping[str, Any],
        change: Change,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent: dict[str, Any] = {}
        if declared.wrap:
            paths.put(sent, declared.wrap, body)
        return self._signed.send(
            declared.method,
            path,
            safe=False,
            headers={**self._system.headers, **(headers or {})},
            json=sent or body,
            where=f"{self._system.name} {change.kind} {change.native_id or change.hub_id}",
        )

    def _answered(self, declared: Write, answer: Answer, change: Change) -> tuple[Record | None, str]:
        """The read-back, where the answer carries it, and the native id."""
        if declared.record is not None and answer.body:
            whole = record(self._system, paths.get(answer.json(), declared.record), answer.where)
            if self._system.notes.path is None:
                return whole, whole.native_id
            return None, whole.native_id  # its notes are not in this answer, so it is no read-back
        native_id = paths.get(answer.json(), declared.id) if declared.id is not None and answer.body else None
        return None, change.native_id or ("" if native_id is None else str(native_id))

    def _is_duplicate(self, answer: Answer) -> bool:
        errors = self._system.errors
        code = paths.get(_error_body(answer), errors.code)
        return answer.status == errors.duplicate and (not errors.duplicate_code or code == errors.duplicate_code)

    def _found(self, change: Change, answer: Answer) -> Receipt:
        """The record that was there already, as it is now."""
        path = self._system.errors.existing
        native_id = paths.get(_error_body(answer), path) if path else None
        there = self._reader.find(change.hub_id) if native_id is None else self._reader.fetch([str(native_id)])
        hub_id = self._system.record.hub_id
        for one in there:
            if not one.gone and paths.get(one.body, hub_id) == change.hub_id:
                return Receipt(change.key, one.native_id, one, found=True)
        text = "they say that a record with this hub id exists, and none can be found."
        raise Rejected(text, code="C606", where=answer.where, value=change.hub_id, fix="look for it in their system.")

    def _refusal(self, change: Change, answer: Answer, declared: Write | None = None) -> ConnectorError:
        """What a 4xx means for this one record."""
        errors, body = self._system.errors, _error_body(answer)
        code, field = _text(paths.get(body, errors.code)), _text(paths.get(body, errors.field))
        said = self._signed.wire.redact(_text(paths.get(body, errors.message)))[:300] or self._signed.wire.said(answer)
        if isinstance(declared, Update) and declared.condition and answer.status == declared.stale:
            return Stale("the record changed since it was read.", where=answer.where, value=change.base_version)
        if answer.status in (404, 410):
            return Rejected(
                "there is no such record.", code="C605", where=answer.where, value=change.native_id, said=said
            )
        where = f"{answer.where} {field}".rstrip()
        known = paths.get(body, errors.known)
        value = paths.get(body, errors.value) if errors.value else None
        if value is None and field:
            value = paths.get(change.body, field)
        text = f"refused with {answer.status}{f' {code}' if code else ''}" + (f" for {field}." if field else ".")
        return Rejected(
            text,
            code="C601" if field else "C600",
            where=where,
            value=value,
            known=[str(one) for one in known] if isinstance(known, list) else (),
            said=said,
            fix=f"correct the value in the case or in the mapping of {self._system.name}.",
        )


def _error_body(answer: Answer) -> Any:
    """The error's JSON, or nothing where it is none: then the status alone speaks."""
    try:
        return strict_json.parse(answer.body)
    except strict_json.BadJson:
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
