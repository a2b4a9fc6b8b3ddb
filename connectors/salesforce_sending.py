"""Rows of one kind to an org in few calls, a verdict each: up to 200 a collection, of notes up to five collections.

Cases set off their system's own rules, which take time: a collection of them has a call to itself. The records as they
stand after it come along in the same call, where that is declared.
A collection that is refused as a whole has applied nothing, and halves find the row that did it; a locked row is tried
again, alone. Knows no lane and no receipt. Next: `salesforce_composite.py` (many collections in one call),
`salesforce_bulk.py` (a job), `salesforce_receipts.py` (what a result means), `salesforce_collections.py`, the changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors import salesforce_composite as composite
from connectors import salesforce_tables as tables
from connectors.base import Change, Record
from connectors.errors import ConnectorError, Rejected, Stale, Unknown, Unreachable
from connectors.evidence import About
from connectors.salesforce_bulk import Bulk
from connectors.salesforce_calls import Calls
from connectors.salesforce_receipts import Reader, Verdict

LOCK_TRIES = 5
MOST_CALLS = 40
MOST_BYTES = 60_000_000
"""Of the rows of one job: a job takes 150 MB once it is coded in base64, and all of it stands in memory."""

PATH = "composite/sobjects"


@dataclass(frozen=True, slots=True)
class Sent:
    """One change and its row, as it is and as it goes over the wire."""

    change: Change
    told: Mapping[str, Any]
    row: bytes


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How the records as they stand after a write come along in its answer. soql: the query for what these changes
    write, None where it would be too long. records: those in the answer to it, as many as can be read."""

    soql: Callable[[Sequence[Change]], str | None]
    records: Callable[[Any], Sequence[Record]]


Heard = tuple[Sequence[Sent], Sequence[Verdict] | ConnectorError]
"""The rows of one collection and what became of each, or why the collection was refused."""


class Sending:
    """One push's way to the org. back: None where records are read back by calls of their own. sleep and random: for
    the pauses between tries on a locked row."""

    def __init__(
        self,
        calls: Calls,
        reader: Reader,
        back: ReadBack | None,
        bulk: Bulk,
        *,
        sleep: Callable[[float], None],
        random: Callable[[], float],
    ) -> None:
        self._calls, self._reader, self._back, self._bulk = calls, reader, back, bulk
        self._sleep, self._random = sleep, random
        self._system = calls.system

    def look_back(self) -> None:
        """Raises Unreachable while a job of an earlier life may still write."""
        self._bulk.look_back()

    def verdicts(self, sent: Sequence[Sent]) -> list[Verdict]:
        """One verdict a row, all of one kind. Locked rows are sent again, alone, at most five times in all."""
        verdicts, rest = self._in_a_job(sent)
        verdicts += self._sent(rest)
        for attempt in range(1, LOCK_TRIES):
            locked = {verdict.change.key for verdict in verdicts if verdict.locked}
            if not locked:
                break
            self._sleep(0.25 * 2**attempt * (0.5 + self._random()))
            again = self._sent([one for one in sent if one.change.key in locked])
            verdicts = [verdict for verdict in verdicts if not verdict.locked] + again
        return verdicts

    def _in_a_job(self, sent: Sequence[Sent]) -> tuple[list[Verdict], Sequence[Sent]]:
        """What a bulk job did, where there is enough for one, and the rows that are left for collections."""
        declared = self._system.bulk
        if declared is None or len(sent) < declared.above or sent[0].change.kind == "add_note":
            return [], sent
        rows = [(one.change, one.told) for one in sent if tables.sayable(one.told)]
        if len(rows) < declared.above or sum(len(one.row) for one in sent) > MOST_BYTES:
            return [], sent
        try:
            did = self._bulk.run(rows)
        except ConnectorError as error:
            return [Verdict(one.change, unsent(error)) for one in sent], []
        settled = {verdict.change.key for verdict in did.verdicts}
        return did.verdicts, [one for one in sent if one.change.key not in settled]

    def _sent(self, sent: Sequence[Sent]) -> list[Verdict]:
        """Where a whole request is refused, nothing was applied, and halves find the row that did it.

        Bounded: what is left after 40 calls waits for the next delivery, provably unsent.
        """
        verdicts: list[Verdict] = []
        waiting = self._calls_of(sent)
        hold: ConnectorError | None = None
        calls = 0
        while waiting:
            part = waiting.pop()
            if hold is None and calls == MOST_CALLS:
                hold = Stale(
                    "not sent: they refuse requests with other records of this delivery.", code="C554",
                    where=self._system.name, fix="see the parked ones first; this one is tried again.",
                )  # fmt: skip
            if hold is not None:
                verdicts += [Verdict(one.change, hold) for one in part]
                continue
            calls += 1
            try:
                told = self._told(part)
            except Rejected as error:
                middle = len(part) // 2
                if middle:
                    waiting += [part[middle:], part[:middle]]
                else:
                    verdicts.append(Verdict(part[0].change, self._reader.refused(part[0].change, error)))
            except ConnectorError as error:
                hold = unsent(error)
                verdicts += [Verdict(one.change, error) for one in part]
            else:
                hold = self._heard(told, verdicts, waiting)
        return verdicts

    def _heard(
        self, told: Sequence[Heard], verdicts: list[Verdict], waiting: list[Sequence[Sent]]
    ) -> ConnectorError | None:
        """Keep the verdicts of what was answered; a refused collection waits, to be sent alone. Gives what holds the
        rest back."""
        hold: ConnectorError | None = None
        for rows, results in told:
            if isinstance(results, Rejected):
                waiting.append(rows)
            elif isinstance(results, ConnectorError):
                hold = unsent(results)
                verdicts += [Verdict(one.change, results) for one in rows]
            else:
                verdicts += results
        return hold

    def _calls_of(self, sent: Sequence[Sent]) -> list[Sequence[Sent]]:
        """The rows of each call, the last one first. A row with `@{` never goes beside another part."""
        most = self._system.batch
        many = bool(sent) and sent[0].change.kind == "add_note"
        if self._back is None and (len(sent) <= most or not many):
            return _sliced(sent, most)[::-1]
        alone = [one for one in sent if composite.REFERENCE in one.row]
        others = [one for one in sent if composite.REFERENCE not in one.row]
        return [*_sliced(alone, most), *_sliced(others, most * composite.MOST if many else most)][::-1]

    def _told(self, sent: Sequence[Sent]) -> list[Heard]:
        """One call: what became of each collection in it. Raises what refuses the call, or its only collection."""
        method = "PATCH" if sent[0].change.kind == "update" else "POST"
        where = f"{sent[0].change.kind} of {len(sent)}"
        parts, about = _sliced(sent, self._system.batch), About.of(*(one.change for one in sent))
        if len(sent) > 1:
            for one in sent:
                self._calls.wire.part(about, one.change.key, sent=one.row)
        asked = [composite.Asked(method, PATH, composite.collection([one.row for one in part])) for part in parts]
        soql = self._soql(sent) if len(parts) < composite.MOST else None
        if len(parts) == 1 and soql is None:
            told = self._calls.write(method, PATH, asked[0].body, where, about)
            results = self._results(told, sent, where, about)
            return [(sent, results)]
        asked += [composite.query(soql, deleted=True)] if soql is not None else []
        told = self._calls.write("POST", composite.PATH, composite.call(self._system.api, asked), where, about)
        answers = composite.read(told, len(asked))
        if answers is None:
            text = f"answered no results to {len(asked)} parts."
            raise Unknown(text, code="C450", where=f"{self._system.name} {where}")
        heard = [(part, self._of_part(one, part, where, about)) for part, one in zip(parts, answers, strict=False)]
        if len(heard) == 1 and isinstance(heard[0][1], ConnectorError):
            raise heard[0][1]
        return self._with_records(heard, answers[-1]) if soql is not None else heard

    def _soql(self, sent: Sequence[Sent]) -> str | None:
        if self._back is None or any(composite.REFERENCE in one.row for one in sent):
            return None
        return self._back.soql([one.change for one in sent])

    def _of_part(
        self, answer: composite.Part, rows: Sequence[Sent], where: str, about: About
    ) -> Sequence[Verdict] | ConnectorError:
        if not 200 <= answer.status < 300:
            return self._calls.refusal(answer, where)
        try:
            return self._results(answer.told, rows, where, about)
        except Unknown as error:
            return error

    def _results(self, told: Any, rows: Sequence[Sent], where: str, about: About) -> Sequence[Verdict]:
        if isinstance(told, list) and len(told) == len(rows) and all(isinstance(one, dict) for one in told):
            for one, result in zip(rows, told, strict=True):
                if about.count > 1:
                    self._calls.wire.part(about, one.change.key, answered=result)
            return [self._reader.verdict(one.change, result) for one, result in zip(rows, told, strict=True)]
        found = len(told) if isinstance(told, list) else "no list of"
        text = f"answered {found} results to {len(rows)} records."
        raise Unknown(text, code="C450", where=f"{self._system.name} {where}")

    def _with_records(self, heard: Sequence[Heard], answer: composite.Part) -> list[Heard]:
        """The verdicts of what was applied with the records that came along."""
        told = self._back.records(answer.told) if self._back is not None and answer.status == 200 else ()
        records = {one.native_id[:15]: one for one in told}

        def with_record(verdict: Verdict) -> Verdict:
            made = verdict.made if verdict.change.kind == "create" else verdict.change.native_id
            found = records.get((made or "")[:15])
            return verdict if verdict.error is not None or found is None else replace(verdict, record=found)

        return [
            (rows, results if isinstance(results, ConnectorError) else [with_record(one) for one in results])
            for rows, results in heard
        ]


def unsent(error: ConnectorError) -> ConnectorError:
    """What a change gets that was held back because of that error."""
    if not isinstance(error, Unknown):
        return error
    text = "not sent: the call before it had no answer."
    return Unreachable(text, code="C153", where=error.where, fix="nothing was written; it is tried again.")


def _sliced(sent: Sequence[Sent], most: int) -> list[Sequence[Sent]]:
    return [sent[start : start + most] for start in range(0, len(sent), most)]
