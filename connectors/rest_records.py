"""From a REST partner's answers to Records: ids, sortable versions, stamps, tombstones.

An answer that does not hold what the declaration says is a broken contract (Refused C304): better one partner that
stops with a sentence than records without ids. Pure: sends nothing. Next: `rest_read.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from connectors import paths
from connectors.base import SCANNED, Record
from connectors.errors import Refused, Unknown
from connectors.rest_history import Misplaced, taken_out, told
from connectors.rest_system import RestSystem

_IDS: Final = frozenset({str, int, Decimal, bool})
WIDTH: Final = 20
"""Digits of an integer version, so that versions sort as text."""


def sortable(version: Any) -> str:
    """A version as text that sorts: integers get leading zeros."""
    text = str(version)
    return text.zfill(WIDTH) if text.isascii() and text.isdigit() else text


def as_theirs(version: str) -> str:
    """The inverse of `sortable`: the version as the partner wrote it."""
    return str(int(version)) if len(version) == WIDTH and version.isascii() and version.isdigit() else version


def record(system: RestSystem, body: Any, where: str) -> Record:
    """One record of an answer. Raises Refused C304 where it lacks what the declaration names."""
    shape = system.record
    native_id = paths.get(body, shape.id)
    if type(native_id) not in _IDS or not isinstance(body, dict):
        raise broken(system, where, "record.id", shape.id)
    into = _only(paths.get(body, shape.merged_into)) if shape.merged_into else None
    flag = paths.get(body, shape.deleted) if shape.deleted else None
    gone = into is not None or (str(flag) in shape.deleted_is if shape.deleted_is else bool(flag))
    changed_at = _stamp(system, body, where, gone)
    version = paths.get(body, shape.version) if shape.version else None
    if system.list.scan and version is None:
        version = SCANNED
    if version is None and changed_at is None and not gone:
        raise broken(system, where, "record.version", shape.version or shape.stamp)
    if version is None:
        version = _in_utc(changed_at) if changed_at else ""
    merged_into = None if into is None else str(into)
    body = _ordered(shape.unordered, body) if shape.unordered else body
    past = None
    if system.history is not None and system.history.inside:
        try:
            lines, body = taken_out(system.history, body)
            past = told(system.history, str(native_id), lines, system.instant, system.history.us)
        except Misplaced as error:
            raise broken(system, where, f"history.{error.field}", error.path) from None
    return Record(
        system.name, str(native_id), sortable(version), {} if gone else body, changed_at, gone, merged_into, past
    )


def _ordered(unordered: Mapping[str, str], body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with these lists in an order of our own."""
    whole: dict[str, Any] = paths.copied(body)
    for path, by in unordered.items():
        listed = paths.get(whole, path)
        if isinstance(listed, list):
            listed.sort(key=partial(_said, by))
    return whole


def _said(by: str, member: Mapping[str, Any]) -> str:
    """By what a member of a list is put in its place."""
    return str(paths.get(member, by))


def version_at(system: RestSystem, said: Any) -> str | None:
    """A record's version as `record` makes it, from what stands where its version (else its stamp) does; None for what
    is none."""
    if system.record.version:
        return None if said is None else sortable(said)
    try:
        return _in_utc(system.instant(said))
    except ValueError:
        return None


def records(system: RestSystem, answer: Any, path: str, where: str) -> list[Record]:
    """The records of a list's answer, in its order. Raises Refused C304."""
    found = paths.get(answer, path)
    if not isinstance(found, list):
        raise broken(system, where, "records", path)
    return [record(system, body, where) for body in found]


def broken(system: RestSystem, where: str, field: str, path: str) -> Refused:
    """An answer that does not hold what the declaration says."""
    return Refused(
        f"the answer holds nothing usable at {path or 'its top'!r}, where {field} of system.yaml looks.",
        code="C304",
        where=where,
        fix=f"compare an answer of {system.title} with mappings/partners/{system.name}/system.yaml.",
    )


def unclear(error: Refused) -> Unknown:
    """An answer that says success and not what of: it may be written, so it is looked for before anything else."""
    return Unknown(error.message, code="C405", where=error.where, fix=error.fix)


def unsorted(system: RestSystem, what: str, how: str = ",") -> Refused:
    """A list that is in no order in which it can be read. what: it does instead. how: it should be."""
    return Refused(
        f"the list {what} {system.record.stamp!r}{how} so changes would be lost.",
        code="C304",
        where=f"{system.name} list",
        fix="correct `list.params` or `list.since` in system.yaml, or leave `since` out to read all each time.",
    )


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _only(said: Any) -> Any:
    """Of a list its first member, None of an empty one."""
    if isinstance(said, list):
        return said[0] if said else None
    return said


def _stamp(system: RestSystem, body: Any, where: str, gone: bool) -> datetime | None:
    path = system.record.stamp
    text = paths.get(body, path) if path else None
    try:
        return None if text is None and gone else system.instant(text)
    except ValueError:
        if system.list.since is None and not system.list.newest_first:
            return None  # nothing hangs on it: one odd stamp stops nobody
        raise broken(system, where, "record.stamp", path) from None
