"""What the demo asks of its Airflow: is it healthy, run the rollup, which runs failed and what do their logs say.

Over the public REST API with a token, as an operator's tool would; a failed task's last lines come from its log file.
Next: `airflow_process.py`, `reasons.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from sandbox.demo.airflow_process import Airflow

PARTS = ("metadatabase", "scheduler", "dag_processor")
"""What has to be healthy before a task can run."""
MOST_FAILED = 5
RUN_ID = "demo"
TRIES = 5
"""Of one call that Airflow answers with 500. On SQLite its API server can lock itself out: a call that writes the audit
log does so in the event loop, which another call's commit waits for. SQLite gives up after 5 s, and all goes on."""


class AirflowApi:
    """One Airflow, as its admin."""

    def __init__(self, airflow: Airflow) -> None:
        self._airflow = airflow
        self._session = requests.Session()
        self._session.trust_env = False
        again = Retry(
            connect=0, read=0, status=TRIES, status_forcelist=(500, 502, 503), allowed_methods=None,
            backoff_factor=0.5, raise_on_status=False,
        )  # fmt: skip
        self._session.mount("http://", HTTPAdapter(max_retries=again))

    def is_healthy(self) -> bool:
        """Whether tasks can run."""
        try:
            answer = self._session.get(f"{self._airflow.url}/api/v2/monitor/health", timeout=5)
            told = answer.json() if answer.ok else {}
        except (requests.RequestException, ValueError):
            return False
        return all(told.get(part, {}).get("status") == "healthy" for part in PARTS)

    def sign_in(self) -> None:
        """Get a token. Raises requests.RequestException."""
        login = {"username": "admin", "password": "admin"}
        answer = self._session.post(f"{self._airflow.url}/auth/token", json=login, timeout=30)
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def import_errors(self) -> list[str]:
        """What Airflow could not read of dags/."""
        return [f"{one['filename']}: {one['stack_trace']}" for one in self._get("importErrors")["import_errors"]]

    def dags(self) -> int:
        """How many DAGs it has."""
        return int(self._get("dags", limit=1)["total_entries"])

    def trigger(self, dag_id: str, **params: object) -> str:
        """Run a DAG now, the only time that this demo does; the run's id."""
        url = f"{self._airflow.url}/api/v2/dags/{dag_id}/dagRuns"
        answer = self._session.post(url, json={"logical_date": None, "dag_run_id": RUN_ID, "conf": params}, timeout=60)
        if answer.status_code != requests.codes.conflict:  # a first try that was answered badly had worked
            answer.raise_for_status()
        return RUN_ID

    def state(self, dag_id: str, run_id: str) -> str:
        """A run's state: queued, running, success or failed."""
        return str(self._get(f"dags/{dag_id}/dagRuns/{run_id}")["state"])

    def returned(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task of a run returned."""
        return self._get(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value")["value"]

    def failures(self) -> list[str]:
        """Runs that failed, newest first, each with the last lines of its task's log."""
        runs = self._get("dags/~/dagRuns", state="failed", order_by="-start_date", limit=MOST_FAILED)["dag_runs"]
        return [
            "\n".join((f"{run['dag_id']} {run['dag_run_id']} failed", *self._log(run["dag_id"], run["dag_run_id"])))
            for run in runs
        ]

    def close(self) -> None:
        """Give back the sockets."""
        self._session.close()

    def _get(self, path: str, **asked: str | int) -> Any:
        answer = self._session.get(f"{self._airflow.url}/api/v2/{path}", params=asked, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def _log(self, dag_id: str, run_id: str) -> list[str]:
        folder = self._airflow.home / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}"
        files = sorted(folder.glob("task_id=*/attempt=*.log"), key=lambda path: path.stat().st_mtime)
        return [f"  {line}" for line in tail(files[-1])] if files else []


def tail(log: Path, lines: int = 8) -> list[str]:
    """The last lines of a log that say something: of a structured one its events, with the error where one stands."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for one in text.splitlines() for line in _said(one)][-lines:]


def _said(line: str) -> Iterator[str]:
    event: Any = None
    with suppress(ValueError):
        event = json.loads(line)
    if not isinstance(event, dict):
        yield line
        return
    yield f"{event.get('level', '')} {event.get('event', '')}".strip()
    for error in event.get("error_detail") or ():
        yield f"{error.get('exc_type')}: {error.get('exc_value')}"
