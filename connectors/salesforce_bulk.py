"""Many creates or updates as one job of Bulk API 2.0, a verdict each: opened, filled, closed, waited for, read.

Nothing is applied before a job is closed, so what fails until then is provably unsent. A job whose opening had no
answer is found in the org's list and used; what closing it did is seen by looking at it. A job that takes too long is
aborted, and its results say what was done; a row that no result tells of is unknown. Where the job itself is refused,
its rows go by collections, which find the row that did it. A job of an earlier life is waited for before anything new
is sent: it could overwrite newer words with older ones.
Creates are inserts and no upserts: the external id is unique, and an upsert overwrites what a person wrote meanwhile.
Source: the Bulk API 2.0 developer guide. Next: `salesforce_tables.py` (CSV), `salesforce_sending.py`, which asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors import salesforce_tables as tables
from connectors import strict_json
from connectors.base import Change
from connectors.errors import ConnectorError, Refused, Rejected, Throttled, Unknown, Unreachable
from connectors.evidence import About
from connectors.salesforce_calls import Calls
from connectors.salesforce_receipts import Reader, Verdict

PATH: Final = "jobs/ingest"
RUNNING: Final = frozenset({"UploadComplete", "InProgress"})
ENDED: Final = frozenset({"JobComplete", "Failed", "Aborted"})
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 8.0
TRIES: Final = 3

Row = tuple[Change, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Did:
    """What a job did. left: rows that it provably did not do, for another way."""

    verdicts: list[Verdict]
    left: list[Change]


class Bulk:
    """The jobs of one connector. sleep, monotonic: for the pauses between two looks at a job."""

    def __init__(
        self,
        calls: Calls,
        reader: Reader,
        *,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._calls, self._reader = calls, reader
        self._sleep, self._monotonic = sleep, monotonic
        self._system, self._ours, self._adopted = calls.system, set[str](), set[str]()
        self._looked = False

    def look_back(self) -> None:
        """Wait, once, for what an earlier life left under way. Raises Unreachable where it is not done in time."""
        if self._looked or self._system.bulk is None:
            return
        for told in self._jobs():
            if told.get("state") in RUNNING and not self._ended(str(told.get("id"))):
                raise Unreachable(
                    "an earlier job of ours is still under way there.", code="C156", where=self._place,
                    fix="nothing was sent; it is tried again. Their administrator can abort the job.",
                )  # fmt: skip
        self._looked = True

    def run(self, rows: Sequence[Row]) -> Did:
        """One job. Raises Unreachable, Throttled, Refused where nothing was applied."""
        changes = [change for change, _ in rows]
        about = About.of(*changes)
        for change, row in rows:
            self._calls.wire.part(about, change.key, sent=row)
        try:
            job = self._opened(changes[0].kind)
            self._filled(job, rows, about)
        except Rejected:
            return Did([], changes)
        try:
            ended = self._closed(job)
        except ConnectorError as error:
            return Did([Verdict(change, self._unknown(error)) for change in changes], [])
        return self._told(job, ended, rows, about)

    def _opened(self, kind: str) -> str:
        """The id of a job that waits for rows."""
        operation = "insert" if kind == "create" else "update"
        asked = {"object": self._system.object, "operation": operation, "contentType": "CSV", "lineEnding": "LF"}
        try:
            job = _id(self._calls.write("POST", PATH, strict_json.dump(asked), "bulk job"))
        except Unknown as error:
            job = self._found(operation, error)
        self._ours.add(job)
        return job

    def _found(self, operation: str, error: Unknown) -> str:
        """The job that was opened although its answer was lost: the newest of ours that waits for such rows."""
        waiting = [one for one in self._jobs() if one.get("state") == "Open" and one.get("operation") == operation]
        found = sorted(waiting, key=lambda one: (str(one.get("createdDate")), str(one.get("id"))))
        if not found:
            raise _unsent(error)
        self._adopted.add(str(found[-1]["id"]))
        return str(found[-1]["id"])

    def _jobs(self) -> Iterator[Mapping[str, Any]]:
        """Our user's jobs for the object that this connector knows nothing of."""
        told = self._calls.get(f"{PATH}?jobType=V2Ingest", "bulk jobs")
        listed = told.get("records") if isinstance(told, dict) else None
        if not isinstance(listed, list):
            raise Refused("the answer lists no jobs.", code="C353", where=self._place)
        user = self._calls.identity().rpartition("/")[2][:15]
        for one in listed:
            mine = isinstance(one, dict) and str(one.get("createdById", ""))[:15] == user
            if mine and one.get("object") == self._system.object and str(one.get("id")) not in self._ours:
                yield one

    def _filled(self, job: str, rows: Sequence[Row], about: About) -> None:
        """Its rows go up. Without an answer it is closed all the same: what it has, its results say."""
        try:
            self._calls.upload(f"{PATH}/{job}/batches", tables.table([row for _, row in rows]), "bulk rows", about)
        except Unknown:
            return
        except ConnectorError:
            if job not in self._adopted:  # one that was found may be another worker's, who was faster with its rows
                self._abort(job)
            raise

    def _closed(self, job: str) -> Mapping[str, Any]:
        """Close it, and wait for its end; the job as it is then. Raises what hinders us from knowing."""
        for left in reversed(range(TRIES)):
            try:
                self._turn(job, "UploadComplete")
                break
            except (Unknown, Unreachable, Rejected):
                if self._look(job).get("state") != "Open":
                    break
                if not left:
                    raise
        ended = self._ended(job)
        if not ended:
            self._abort(job)
            ended = self._ended(job) or {"state": "Aborted"}
        return ended

    def _ended(self, job: str) -> Mapping[str, Any]:
        """The job once it has ended; nothing where that took too long."""
        until = self._monotonic() + (self._system.bulk.wait if self._system.bulk else 0.0)
        pause = FIRST_PAUSE
        while True:
            try:
                told = self._look(job)
            except Unreachable:
                told = {}
            if told.get("state") in ENDED:
                return told
            if self._monotonic() + pause > until:
                return {}
            self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _look(self, job: str) -> Mapping[str, Any]:
        told = self._calls.get(f"{PATH}/{job}", "bulk job")
        return told if isinstance(told, dict) else {}

    def _turn(self, job: str, state: str) -> None:
        self._calls.write("PATCH", f"{PATH}/{job}", strict_json.dump({"state": state}), "bulk job")

    def _abort(self, job: str) -> None:
        """As far as it can be: one that has ended meanwhile refuses, and its results say so."""
        try:
            self._turn(job, "Aborted")
        except ConnectorError:
            return

    def _told(self, job: str, ended: Mapping[str, Any], rows: Sequence[Row], about: About) -> Did:
        """What its results say of each row."""
        by_key = {_key(change): change for change, _ in rows}
        verdicts: dict[str, Verdict] = {}
        left: list[Change] = []
        lost: ConnectorError = Unknown("no result tells of it.", code="C450", where=self._place)
        try:
            for row in self._results(job, "successfulResults"):
                if change := by_key.get(self._key_of(row)):
                    told = {"success": True, "id": row.get("sf__Id", ""), "errors": []}
                    self._calls.wire.part(about, change.key, answered=row)
                    verdicts[change.key] = self._reader.verdict(change, told)
            for row in self._results(job, "failedResults"):
                if change := by_key.get(self._key_of(row)):
                    verdicts[change.key] = self._reader.verdict(change, tables.refusal(row.get("sf__Error", "")))
                    self._calls.wire.part(about, change.key, answered=row)
            if ended.get("state") == "Aborted":
                for row in self._results(job, "unprocessedrecords"):
                    if change := by_key.get(self._key_of(row)):
                        verdicts.setdefault(change.key, Verdict(change, self._undone()))
            elif _did_no_more(ended, len(verdicts)):
                left = [change for change in by_key.values() if change.key not in verdicts]
        except ConnectorError as error:
            lost = self._unknown(error)
        done = {*verdicts, *(change.key for change in left)}
        rest = [Verdict(change, lost) for change in by_key.values() if change.key not in done]
        return Did([*verdicts.values(), *rest], left)

    def _results(self, job: str, which: str) -> list[dict[str, str]]:
        raw = self._calls.table(f"{PATH}/{job}/{which}", f"bulk {which}")
        try:
            return tables.results(raw)
        except ValueError as error:
            text = f"the job's results are no table: {error}."
            raise Refused(text, code="C353", where=self._place) from None

    def _key_of(self, row: Mapping[str, str]) -> str:
        """What a row is known by: its id where it has one, else the hub id."""
        return (row.get("id") or row.get("Id") or "")[:15] or row.get(self._system.hub_id, "")

    def _undone(self) -> Unreachable:
        fix = "it is tried again; raise `bulk.wait`, or let collections do it (`bulk: null`)."
        text = "not written: the job took too long and was aborted before."
        return Unreachable(text, code="C157", where=self._place, fix=fix)

    def _unknown(self, error: ConnectorError) -> Unknown:
        return Unknown("a job was closed, and its results cannot be read.", code="C450", where=self._place,
                       said=error.said or error.message)  # fmt: skip

    @property
    def _place(self) -> str:
        return f"{self._system.name} bulk job"


def _did_no_more(ended: Mapping[str, Any], told: int) -> bool:
    """Whether a job provably did no other rows than those that its results tell of: it failed as a whole, or ended and
    counts no more (its rows never arrived)."""
    counted = ended.get("numberRecordsProcessed")
    return ended.get("state") == "Failed" or (ended.get("state") == "JobComplete" and counted == told)


def _key(change: Change) -> str:
    return change.hub_id if change.kind == "create" else str(change.native_id)[:15]


def _id(told: Any) -> str:
    job = told.get("id") if isinstance(told, dict) else None
    if not isinstance(job, str) or not job.isalnum():
        raise Unknown("a job was opened without an id.", code="C450", where="bulk job")
    return job


def _unsent(error: ConnectorError) -> ConnectorError:
    """Before a job is closed nothing is applied."""
    if isinstance(error, Throttled | Refused | Unreachable):
        return error
    text = "no job could be opened."
    return Unreachable(
        text, code="C153", where=error.where, said=error.said, fix="nothing was written; it is tried again."
    )
