"""What the result of one row of a collection means: applied, there already, locked, refused, and in which words.

Knows no transport. The text of an error never repeats what people wrote: only values of picklists are shown.
Sources: "Status Codes and Error Responses" and sObject Collections of the public REST API documents; the wording of
DUPLICATE_VALUE from public threads ("duplicate value found: Field__c duplicates value on record with id: 500...",
both names at times "<unknown>", the id of 15 characters). Next: `salesforce_collections.py`, which sends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import paths
from connectors.base import Change, Receipt, Record
from connectors.errors import ConnectorError, Rejected, Stale, Throttled, Unknown
from connectors.salesforce_calls import QUOTA_WAIT
from connectors.salesforce_system import SalesforceSystem

_DUPLICATE = re.compile(r"duplicate value found: (\S+) duplicates value on record with id: (\S+)")
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\Z")
_GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND", "MALFORMED_ID"})
_ROLLED_BACK = frozenset({"ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"})
_PICKLIST = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
_FIXES = {
    "REQUIRED_FIELD_MISSING": "map a value or a constant to the field in mapping.yaml.",
    "STRING_TOO_LONG": "shorten the text where it was written; nothing is cut silently.",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "ask their administrator to let our user write the field.",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "their own rule forbids it; agree with them, or map another value.",
    _PICKLIST: "map to one of the known values in mapping.yaml, or ask them to add this one.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One change and what its row's result says. error None: applied, made: the new row's id.

    twin: a record with the same hub id is there already, this id as far as they tell it.
    locked: another transaction held the row; nothing was applied, trying again may do.
    record: the case as it stands after it, where the answer brought it.
    """

    change: Change
    error: ConnectorError | None = None
    made: str | None = None
    twin: bool = False
    twin_id: str = ""
    locked: bool = False
    record: Record | None = None


class Reader:
    """Reads results. picklist: the known values of a field, empty where it has none or describe failed."""

    def __init__(self, system: SalesforceSystem, picklist: Callable[[str], tuple[str, ...]]) -> None:
        self._system, self._picklist = system, picklist

    def verdict(self, change: Change, told: Mapping[str, Any]) -> Verdict:
        """What one result says of its change."""
        if told.get("success") is True:
            made = told.get("id")
            if change.kind == "update" or (isinstance(made, str) and _ID.match(made)):
                return Verdict(change, made=made if change.kind != "update" else None)
            return Verdict(change, Unknown("success without an id.", code="C450", where=self._where(change)))
        errors = [one for one in told.get("errors") or () if isinstance(one, dict)]
        if told.get("success") is not False or not errors:
            text = "neither success nor an error."
            return Verdict(change, Unknown(text, code="C450", where=self._where(change)))
        return self._failed(change, errors)

    def _failed(self, change: Change, errors: Sequence[Mapping[str, Any]]) -> Verdict:
        first = errors[0]
        code, message = str(first.get("statusCode", "")), str(first.get("message", ""))
        where = self._where(change)
        if code == "UNABLE_TO_LOCK_ROW":
            text = "the record stayed locked by another transaction."
            fix = "nothing was written; it is tried again."
            return Verdict(change, Stale(text, code="C551", where=where, said=code, fix=fix), locked=True)
        if code in _ROLLED_BACK:
            text = "not applied: the whole call was rolled back."
            return Verdict(change, Stale(text, code="C552", where=where, said=code))
        if code == "REQUEST_LIMIT_EXCEEDED":
            text = "the org's calls are used up."
            return Verdict(change, Throttled(text, after=QUOTA_WAIT, where=where, said=code))
        found = _DUPLICATE.search(message)
        if code == "DUPLICATE_VALUE" and change.kind == "create" and found:
            field, twin = found.groups()
            if field in (self._system.hub_id, "<unknown>"):
                return Verdict(change, self._rejected(change, errors), twin=True, twin_id=twin)
        return Verdict(change, self._rejected(change, errors))

    def _rejected(self, change: Change, errors: Sequence[Mapping[str, Any]]) -> Rejected:
        first = errors[0]
        code, fields = str(first.get("statusCode", "")), [str(field) for field in first.get("fields") or ()]
        said = " ".join(f"{one.get('statusCode')}: {one.get('message')}" for one in errors)
        where = " ".join([self._where(change), *fields])
        if code in _GONE:
            text, fix = "the record is not there any more.", "see in their system whether it was deleted or merged."
            return Rejected(text, code="C653", where=where, value=change.native_id, said=said, fix=fix)
        if code == _PICKLIST and fields:
            text = f"{fields[0]} has no such value: {change.body.get(fields[0])!r}."
            known, value = self._picklist(fields[0]), change.body.get(fields[0])
            return Rejected(text, code="C651", where=where, value=value, known=known, said=said, fix=_FIXES[code])
        text = f"they refuse {', '.join(fields)}." if fields else "they refuse this record."
        return Rejected(text, code="C652", where=where, said=_hushed(said, change), fix=_FIXES.get(code, ""))

    def refused(self, change: Change, error: Rejected) -> Rejected:
        """A request with this row alone was refused as a whole."""
        text = "they refuse a request with this record."
        fix = "compare the fields in mapping.yaml with what `casebridge describe` shows of their object."
        return Rejected(text, code="C656", where=self._where(change), said=_hushed(error.said, change), fix=fix)

    def unsayable(self, change: Change, why: str) -> Rejected:
        """A value that JSON cannot hold."""
        fix = "correct the value in the case."
        return Rejected(f"a value cannot be sent: {why}.", code="C657", where=self._where(change), fix=fix)

    def homeless(self, change: Change) -> Rejected:
        """A change of a record that has no id."""
        text = "it names no record: its create has not been applied."
        return Rejected(text, code="C655", where=self._where(change), fix="settle the create, then send it again.")

    def wordless(self, change: Change) -> Rejected:
        """A note for a system that is declared to keep none."""
        text, fix = "this system is declared to keep no comments.", "declare `comments` in system.yaml."
        return Rejected(text, code="C658", where=self._where(change), fix=fix)

    def receipts(
        self, verdicts: Sequence[Verdict], twins: Callable[[Sequence[str]], Mapping[str, Sequence[Record]]]
    ) -> Iterator[Receipt]:
        """Receipts of verdicts; creates that were there already are read back in one go and proven."""
        there = [verdict.change.hub_id for verdict in verdicts if verdict.twin]
        found: Mapping[str, Sequence[Record]] = {}
        unread: ConnectorError | None = None
        if there:
            try:
                found = twins(there)
            except ConnectorError as error:
                unread = error
        for verdict in verdicts:
            change = verdict.change
            if verdict.twin and unread is not None:
                yield Receipt(change.key, error=unread)
            elif verdict.twin:
                yield self._twin(verdict, found.get(change.hub_id, ()))
            elif change.kind == "create":
                yield Receipt(change.key, verdict.made, verdict.record, error=verdict.error)
            else:
                yield Receipt(change.key, change.native_id, verdict.record, verdict.made, error=verdict.error)

    def _twin(self, verdict: Verdict, found: Sequence[Record]) -> Receipt:
        """Found: the record they name, if it bears our hub id; else the only one that does."""
        key = verdict.change.key
        named = [one for one in found if one.native_id[:15] == verdict.twin_id[:15]] or list(found)
        if len(named) == 1:
            return Receipt(key, named[0].native_id, named[0], found=True)
        error = Rejected(
            f"refused as a duplicate, and {len(found)} records bear the hub id.", code="C654",
            where=self._where(verdict.change), value=verdict.twin_id, said=verdict.error.said if verdict.error else "",
            fix="look whether our user may see that record, and clear the hub id of a clone.",
        )  # fmt: skip
        return Receipt(key, error=error)

    def _where(self, change: Change) -> str:
        return f"{self._system.name} {change.kind} {change.native_id or self._system.object}"


def _hushed(said: str, change: Change) -> str:
    """Their words without ours: what people wrote belongs into no log."""
    texts = (value for value in paths.leaves(change.body).values() if isinstance(value, str))
    for text in sorted(texts, key=len, reverse=True):
        for piece in (text, text[:255]):
            if len(piece) > 3:
                said = said.replace(piece, "[value]")
    return said
