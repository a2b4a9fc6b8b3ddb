"""The resources of Bulk API 2.0: /jobs/ingest and /jobs/query below /services/data/vNN.0.

    POST jobs/ingest; GET, PATCH, DELETE jobs/ingest/ID; PUT jobs/ingest/ID/batches (CSV)
    GET jobs/ingest/ID/successfulResults, failedResults, unprocessedrecords; GET jobs/ingest: all of them
    POST jobs/query; GET jobs/query/ID, jobs/query/ID/results: CSV in pieces, Sforce-Locator null at the end

A query is answered when its job is made, and shows the rows of that moment. Next: `brightnet_jobs.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.companies import brightnet_csv as tables
from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_ask import Answer, Ask, Csv
from sandbox.companies.brightnet_columns import shown
from sandbox.companies.brightnet_faults import Fault, no_method, no_resource
from sandbox.companies.brightnet_jobs import JOB, Jobs
from sandbox.companies.brightnet_query import find
from sandbox.companies.brightnet_session import LOGIN
from sandbox.companies.brightnet_sobjects import entity
from sandbox.companies.store import Store

RESULTS = frozenset({"successfulresults", "failedresults", "unprocessedrecords"})
MOST_RECORDS = 50_000
_FIRST_QUERY = 1_000_000
"""Numbers of query jobs start here, so that no two jobs have one id."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query job: its text, its answer as flat rows, and when it was made."""

    id: str
    operation: str
    query: str
    rows: list[dict[str, str]]
    made: datetime

    def told(self) -> dict[str, Any]:
        """The job as its resource shows it."""
        common = {"id": self.id, "operation": self.operation, "object": "Case", "createdById": ids.user(LOGIN)}
        times = {"createdDate": shown(self.made), "systemModstamp": shown(self.made)}
        rest = {"contentType": "CSV", "apiVersion": 60.0, "lineEnding": "LF", "columnDelimiter": "COMMA"}
        counted = {"state": "JobComplete", "numberRecordsProcessed": len(self.rows), "jobType": "V2Query"}
        return common | times | rest | counted


class Bulk:
    """The jobs of one org. Safe for threads."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store, self._jobs = store, jobs
        self._asked: dict[str, Asked] = {}
        self._lock = threading.Lock()

    def answer(self, ask: Ask) -> Answer:
        """Everything below /jobs. Raises Fault."""
        match ask.path[1:]:
            case ("ingest",):
                return self._ingest(ask)
            case ("ingest", job_id, *what):
                return self._job(ask, job_id, what)
            case ("query",) if ask.method == "POST":
                return Answer(200, self._ask(ask.thing()).told() | {"state": "UploadComplete"})
            case ("query", job_id, *what) if ask.method == "GET":
                return self._query(ask, job_id, what)
            case _:
                raise no_resource()

    def _ingest(self, ask: Ask) -> Answer:
        if ask.method == "GET":
            told = [job.told() for job in self._jobs.all()]
            return Answer(200, {"done": True, "records": told, "nextRecordsUrl": None})
        if ask.method != "POST":
            raise no_method(ask.method)
        asked = ask.thing()
        return Answer(200, self._jobs.open(entity(str(asked.get("object", ""))), asked).told())

    def _job(self, ask: Ask, job_id: str, what: list[str]) -> Answer:
        job = self._jobs.one(job_id)
        match ask.method, [one.lower() for one in what]:
            case "GET", []:
                return Answer(200, job.told())
            case "PATCH", []:
                self._jobs.turn(job, str(ask.thing().get("state")))
                return Answer(200, job.told())
            case "DELETE", []:
                self._jobs.drop(job)
                return Answer(204)
            case "PUT", ["batches"]:
                if not isinstance(ask.body, Csv):
                    raise Fault(415, "UNSUPPORTED_MEDIA_TYPE", "The job's data has to be text/csv")
                self._jobs.upload(job, ask.body)
                return Answer(201)
            case "GET", [which] if which in RESULTS:
                return Answer(200, Csv(job.table(which)))
            case _:
                raise no_resource()

    def _ask(self, asked: Mapping[str, Any]) -> Asked:
        operation, text = str(asked.get("operation")), str(asked.get("query", ""))
        if operation not in ("query", "queryAll"):
            raise Fault(400, "INVALIDJOB", f"Invalid operation: {operation}")
        found = find(self._store, text, deleted=operation == "queryAll")
        rows = [dict(_flat(row)) for row in found.render(0, found.total, "60.0")]
        with self._lock:
            job_id = ids.make(JOB, _FIRST_QUERY + len(self._asked))
            self._asked[job_id] = Asked(job_id, operation, text, rows, datetime.now(UTC))
            return self._asked[job_id]

    def _query(self, ask: Ask, job_id: str, what: list[str]) -> Answer:
        job = self._asked.get(ids.whole(job_id) or "")
        if job is None or what not in ([], ["results"]):
            raise no_resource()
        if not what:
            return Answer(200, job.told())
        start, most = (
            _whole(ask.params.get(name, other)) for name, other in (("locator", "0"), ("maxRecords", "50000"))
        )
        some = job.rows[start : start + min(max(most, 1), MOST_RECORDS)]
        header = list(job.rows[0]) if job.rows else []
        locator = str(start + len(some)) if start + len(some) < len(job.rows) else "null"
        headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(len(some))}
        return Answer(200, Csv(tables.write(header, some, ",", "\n")), headers)


def _flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Columns of a row, those of parents dotted. Raises Fault for a subquery, which CSV cannot hold."""
    for name, value in row.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping) and "records" in value:
            raise Fault(400, "API_ERROR", "Aggregate Relationships not supported in Bulk V2 Query")
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", tables.cell(value)


def _whole(text: str) -> int:
    if not text.isdigit():
        raise Fault(400, "INVALID_QUERY_LOCATOR", f"invalid locator or maxRecords: {text[:40]}")
    return int(text)
