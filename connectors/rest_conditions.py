"""The condition under which a write is taken: that its record is still what it was when the change was computed.

Made from the version of which the change knows; or, where the system wants a proof that only an answer of its own
holds (an ETag), from a reading right before the write, which also says whether the record moved since.
Writes nothing. Next: `rest_push.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors import paths
from connectors.base import Change
from connectors.errors import Rejected, Stale
from connectors.evidence import About
from connectors.rest_read import RestReader
from connectors.rest_records import as_theirs, broken, version_at
from connectors.rest_system import RestSystem
from connectors.rest_writes import Reading, Update


class Conditions:
    """Headers that writes carry. Raises the errors of connectors.errors."""

    def __init__(self, system: RestSystem, reader: RestReader) -> None:
        self._system, self._reader = system, reader

    def of(self, write: Update, change: Change) -> Mapping[str, str]:
        """The header for this write, none where the system looks at none. Raises Stale where the record moved."""
        if write.read_first is not None:
            proof = self._read(write.read_first, change)
            return {write.condition: proof} if write.condition and proof else {}
        if not write.condition or not change.base_version:
            return {}
        return {write.condition: write.condition_value.format(version=as_theirs(change.base_version))}

    def body_of(self, write: Update, change: Change) -> Mapping[str, Any]:
        """What is sent: the changed fields, or the whole record with them in it, and the version where it is wanted.
        Raises Stale where the record moved, and Rejected where it is gone."""
        if not write.whole and not write.version:
            return change.body
        body = self._whole(write, change) if write.whole else paths.copied(change.body)
        if write.version and change.base_version:
            paths.put(body, write.version, as_theirs(change.base_version))
        return body

    def _whole(self, write: Update, change: Change) -> dict[str, Any]:
        found = [one for one in self._reader.fetch([change.native_id or ""]) if not one.gone]
        where = f"{self._system.name} reading before {change.kind} {change.native_id}"
        if not found:
            raise Rejected("there is no such record.", code="C605", where=where, value=change.native_id)
        if change.base_version and found[0].version != change.base_version:
            raise stale(change, where)
        whole: dict[str, Any] = paths.copied(found[0].body)
        for path in write.leave_out:
            _drop(whole, path)
        return _merged(whole, change.body)

    def _read(self, reading: Reading, change: Change) -> str:
        """What the answer's header holds, once it is seen that the record is the one that the change was made for.
        Empty where no header is looked at."""
        what = f"reading before {change.kind} {change.native_id}"
        answer = self._reader.get(self._reader.at(reading.path, change.native_id or ""), what, about=About.of(change))
        if answer.status in (404, 410) and not answer.page:
            raise Rejected("there is no such record.", code="C605", where=answer.where, value=change.native_id)
        body = self._reader.usable(answer).json()
        if reading.version and change.base_version:
            version = version_at(self._system, paths.get(body, reading.version))
            if version is None:
                raise broken(self._system, answer.where, "read_first.version", reading.version)
            if version != change.base_version:
                raise stale(change, answer.where)
        if reading.header is None:
            return ""
        proof = answer.headers.get(reading.header)
        if not proof:
            raise broken(self._system, answer.where, "read_first.header", reading.header)
        return str(proof)


def _merged(whole: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The record with the changes in it; a list takes the place of a list."""
    for key, value in changes.items():
        inner = whole.get(key)
        whole[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, Mapping) else value
    return whole


def _drop(body: dict[str, Any], path: str) -> None:
    *before, last = path.split(".")
    inner: Any = body
    for step in before:
        inner = inner.get(step) if isinstance(inner, dict) else None
    if isinstance(inner, dict):
        inner.pop(last, None)


def stale(change: Change, where: str) -> Stale:
    """Their word that it changed since it was read."""
    return Stale("the record changed since it was read.", where=where, value=change.base_version)
