"""Bulk API 2.0: jobs that a worker does by and by, 200 rows at a time, with results a row.

An ingest job is Open until its rows came (one PUT) and it is closed (UploadComplete), then InProgress, and ends as
JobComplete, Failed (its header names no fields of the object) or Aborted; what was done stays done. Jobs live in this
process and end with it; a real org keeps them a week. pace: seconds that 200 rows take. Safe for threads.
Sources: the Bulk API 2.0 developer guide (states, resources, one PUT a job), and error cells `CODE:message:fields --`
from public threads. Next: `brightnet_bulk.py`, the resources; `brightnet_writes.py`, one row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.companies import brightnet_csv as tables
from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_columns import Entity, same, shown
from sandbox.companies.brightnet_faults import Fault
from sandbox.companies.brightnet_schema import CASE
from sandbox.companies.brightnet_session import LOGIN
from sandbox.companies.brightnet_writes import HUB, create, delete, update, upsert
from sandbox.companies.store import Store

JOB, CHUNK = "750", 200
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
_API = 60.0


@dataclass
class Job:
    """One job. rows: as they were uploaded. done, failed: with what Salesforce adds in front. at: rows taken so far."""

    id: str
    entity: Entity
    operation: str
    outside: str
    delimiter: str
    ending: str
    created: datetime
    state: str = "Open"
    error: str = ""
    text: str | None = None
    header: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    done: list[dict[str, str]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    at: int = 0

    def told(self) -> dict[str, Any]:
        """The job as its resource shows it."""
        whole: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.entity.name,
            "createdById": ids.user(LOGIN),
            "createdDate": shown(self.created),
            "systemModstamp": shown(self.created),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": _API,
            "jobType": "V2Ingest",
            "contentUrl": f"services/data/v{_API}/jobs/ingest/{self.id}/batches",
            "lineEnding": next(name for name, mark in tables.ENDINGS.items() if mark == self.ending),
            "columnDelimiter": next(name for name, mark in tables.DELIMITERS.items() if mark == self.delimiter),
            "numberRecordsProcessed": len(self.done) + len(self.failed),
            "numberRecordsFailed": len(self.failed),
        }
        if self.outside:
            whole["externalIdFieldName"] = self.outside
        return whole | ({"errorMessage": self.error} if self.error else {})

    def table(self, which: str) -> str:
        """successfulResults, failedResults or unprocessedrecords as CSV."""
        rows, added = {
            "successfulresults": (self.done, ["sf__Id", "sf__Created"]),
            "failedresults": (self.failed, ["sf__Id", "sf__Error"]),
            "unprocessedrecords": (self.rows[self.at :], []),
        }[which]
        return tables.write([*added, *self.header], rows, self.delimiter, self.ending)


class Jobs:
    """The org's ingest jobs, and the thread that does them."""

    def __init__(self, store: Store, pace: float = 0.0, clock: Callable[[], datetime] | None = None) -> None:
        self._store, self._pace, self._clock = store, pace, clock or (lambda: datetime.now(UTC))
        self._jobs: dict[str, Job] = {}
        self._lock, self._ended = threading.RLock(), threading.Event()

    def all(self) -> list[Job]:
        return list(self._jobs.values())

    def one(self, job_id: str) -> Job:
        """Raises Fault NOT_FOUND."""
        job = self._jobs.get(ids.whole(job_id) or "")
        if job is None:
            raise Fault(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def open(self, entity: Entity, asked: Mapping[str, Any]) -> Job:
        """A new job. Raises Fault."""
        operation, outside = str(asked.get("operation")), str(asked.get("externalIdFieldName") or "")
        if operation not in OPERATIONS:
            raise Fault(400, "INVALIDJOB", f"Invalid operation: {operation}")
        if asked.get("contentType", "CSV") != "CSV":
            raise Fault(400, "INVALIDJOB", "Invalid Content Type. Supported Content Types are: [CSV]")
        if operation == "upsert" and not (entity is CASE and same(outside, HUB)):
            raise Fault(400, "INVALIDJOB", "Invalid externalIdFieldName")
        delimiter = tables.DELIMITERS.get(str(asked.get("columnDelimiter", "COMMA")))
        ending = tables.ENDINGS.get(str(asked.get("lineEnding", "LF")))
        if delimiter is None or ending is None:
            raise Fault(400, "INVALIDJOB", "Invalid columnDelimiter or lineEnding")
        with self._lock:
            job_id = ids.make(JOB, len(self._jobs) + 1)
            self._jobs[job_id] = Job(job_id, entity, operation, outside, delimiter, ending, self._clock())
            return self._jobs[job_id]

    def upload(self, job: Job, text: str) -> None:
        """Its rows. Raises Fault for a second time."""
        with self._lock:
            if job.state != "Open":
                raise Fault(400, "INVALIDJOBSTATE", f"Job is in state {job.state}: no data can be uploaded")
            if job.text is not None:
                message = f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' the job"
                raise Fault(400, "INVALIDJOBSTATE", message)
            job.text = text

    def turn(self, job: Job, state: str) -> None:
        """Close or abort it. Raises Fault where it is too late."""
        with self._lock:
            if state == "Aborted" and job.state not in ENDED:
                job.state = "Aborted"
            elif state == "UploadComplete" and job.state == "Open":
                job.state = "UploadComplete"
                threading.Thread(target=self._work, args=(job,), daemon=True, name="brightnet-bulk").start()
            else:
                raise Fault(400, "INVALIDJOBSTATE", f"Invalid job state: {job.state} cannot become {state}")

    def drop(self, job: Job) -> None:
        """Raises Fault where it is not done."""
        with self._lock:
            if job.state in ("UploadComplete", "InProgress"):
                raise Fault(400, "INVALIDJOBSTATE", f"Job is in state {job.state} and cannot be deleted")
            del self._jobs[job.id]

    def close(self) -> None:
        """No row is begun after this."""
        self._ended.set()

    def _work(self, job: Job) -> None:
        if not self._read(job):
            return
        while not self._ended.wait(self._pace):
            with self._lock, self._store.together():
                if job.state != "InProgress":
                    return
                for row in job.rows[job.at : job.at + CHUNK]:
                    self._row(job, row)
                    job.at += 1
                if job.at >= len(job.rows):
                    job.state = "JobComplete"
                    return

    def _read(self, job: Job) -> bool:
        """Read what was uploaded; False where the job ends by it."""
        try:
            job.header, rows = tables.read(job.text or "", job.delimiter)
        except tables.BadCsv as error:
            job.state, job.error = "Failed", f"InvalidBatch : Failed to parse CSV header or row. {error}"
            return False
        job.rows = rows
        unknown = [name for name in job.header if job.entity.column(name) is None]
        if unknown:
            job.state, job.error = "Failed", f"InvalidBatch : Field name not found : {unknown[0]}"
            return False
        with self._lock:
            if job.state == "UploadComplete":
                job.state = "InProgress"
        return True

    def _row(self, job: Job, row: dict[str, str]) -> None:
        try:
            with self._store.together():
                record_id, new = _written(self._store, job, tables.body(row))
        except Fault as fault:
            error = f"{fault.code}:{fault.message}:{','.join(fault.fields or ())} --"
            job.failed.append({"sf__Id": row.get("Id", ""), "sf__Error": error, **row})
        else:
            job.done.append({"sf__Id": record_id, "sf__Created": "true" if new else "false", **row})


def _written(store: Store, job: Job, body: Mapping[str, Any]) -> tuple[str, bool]:
    """The id of the record that a row wrote, and whether it is new. Raises Fault."""
    named = {name: value for name, value in body.items() if not same(name, "Id")}
    record_id = str(next((value for name, value in body.items() if same(name, "Id")), ""))
    match job.operation:
        case "insert":
            return create(store, job.entity, body), True
        case "upsert":
            hub_id = next((value for name, value in named.items() if same(name, HUB)), None)
            if not hub_id:
                raise Fault(400, "MISSING_ARGUMENT", f"{HUB} not specified", [HUB])
            return upsert(store, hub_id, {name: value for name, value in named.items() if not same(name, HUB)})
    if not record_id:
        raise Fault(400, "MISSING_ARGUMENT", f"Id not specified in an {job.operation} call", [])
    if job.operation in ("delete", "hardDelete"):
        gone = delete(store, job.entity, record_id)
        if job.operation == "hardDelete":
            store.purge(store.by_ids([ids.numbers(gone, ids.CASE)[0]])[0].number)  # type: ignore[index]  # it is a case's
        return gone, False
    return update(store, job.entity, record_id, named), False
