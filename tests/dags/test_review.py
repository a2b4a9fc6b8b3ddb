"""Review as people meet it: a run of the DAG asks, waits, is answered over Airflow's own API, and carries it out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.api_fastapi.app import create_app, purge_cached_app
from airflow.dag_processing.dagbag import DagBag
from airflow.models.dagrun import DagRun
from starlette.testclient import TestClient

from hub.ledger import Ledger
from hub.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None) -> Ledger:
    """A ledger in which a transfer waits for a person."""
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path / "home"))
    made = Ledger.open(Settings.from_environment())
    with made.transaction(NOW) as tx:
        tx.park("transfer", "telvoz", case_id=None, native_id="17", code="A401", place="telvoz -> brightnet",
                why="a secret of the customer's")  # fmt: skip
    return made


@pytest.fixture
def api() -> Iterator[TestClient]:
    purge_cached_app()
    with TestClient(create_app()) as client:
        answer = client.post("/auth/token", json={"username": "admin", "password": "admin-of-the-tests"})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def answering(api: TestClient, seen: list[dict[str, Any]], chosen: str, why: str) -> threading.Thread:
    """A person who looks for required actions, and answers the first one."""

    def answer() -> None:
        for _ in range(1500):  # a run waits for ever, so a person who looks too early must not give up
            found = api.get("/api/v2/dags/review/dagRuns/~/hitlDetails").json()
            for one in found.get("hitl_details", ()):
                at = one["task_instance"]
                place = f"/api/v2/dags/review/dagRuns/{at['dag_run_id']}/taskInstances/decide/{at['map_index']}"
                said = {"chosen_options": [chosen], "params_input": {"why": why, "values": ""}}
                told = api.patch(f"{place}/hitlDetails", json=said)
                if told.status_code == 200:
                    seen.extend((one, {"status": 200}))
                    return
            time.sleep(0.2)

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def run() -> DagRun:
    dag = DagBag(dag_folder=str(ROOT / "dags")).dags["review"]
    dag.deadline = None  # dag.test() of Airflow 3.3.2 takes a deadline's definition for its id; a scheduler does not
    return dag.test()


def test_a_person_answers_in_airflow_and_it_stands_in_the_ledger(waiting: Ledger, api: TestClient) -> None:
    seen: list[dict[str, Any]] = []
    person = answering(api, seen, "do not carry", "Telvoz keeps it")
    done = run()
    person.join()
    assert (done.state, seen[1]["status"]) == ("success", 200)
    assert seen[0]["subject"] == "A401 at Telvoz: transfer"
    assert seen[0]["options"] == ["do not carry", "leave it"]
    assert "secret" not in str(seen[0])
    assert waiting.parked() == []
    (deed,) = [entry for entry in waiting.entries() if entry.kind == "dropped"]
    assert (deed.detail["who"], deed.detail["why"]) == ("admin (Airflow)", "Telvoz keeps it")


def test_a_run_with_nothing_to_ask_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None
) -> None:
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path / "home"))
    Ledger.open(Settings.from_environment())
    assert run().state == "success"
