"""Webhooks where Airflow is: the reread DAG at work, and a server whose secrets are Airflow's own connections."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.models import Connection
from airflow.models.asset import AssetEvent, AssetModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from sqlalchemy import delete, select

from hub import hints
from hub.ledger import Ledger
from hub.runtime import wall_clock
from hub.settings import Settings
from sandbox.desks import Company, Desk, connections, start, stop

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_dGhpcnR5LXR3byBieXRlcyBvZiB0aGlzIHBhcnRuZXI="


@pytest.fixture
def northcable(tmp_path: Path) -> Iterator[Company]:
    company = start("northcable", tmp_path / "companies", 0)
    yield company
    stop([company])


def run(dag_id: str) -> DagRun:
    dag = DagBag(dag_folder=str(ROOT / "dags")).dags[dag_id]
    dag.deadline = None  # see test_dag_runs.py
    return dag.test()


def states(run_id: str) -> list[str | None]:
    with create_session() as session:
        return list(session.scalars(select(TaskInstance.state).where(TaskInstance.run_id == run_id)))


def test_a_hinted_record_is_read_by_its_id_and_its_receiver_is_woken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None, northcable: Company
) -> None:
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path / "home"))
    for name, text in connections({"northcable": northcable}).items():
        monkeypatch.setenv(name, text)
    ledger = Ledger.open(Settings.from_environment())
    early = run("reread_northcable")
    assert states(early.run_id) == ["skipped"]  # not pulled yet: the pull reads everything first
    assert run("pull_northcable").state == "success"
    desk = Desk(northcable)
    fields = {"title": "No dial tone", "product.code": "TEL-HOME", "assigned_company": "Telvoz"}
    one, other = desk.act([{"op": "create", "fields": fields}, {"op": "create", "fields": {"title": "not hinted"}}])
    desk.close()
    with ledger.transaction(wall_clock()) as tx:
        hints.note(tx, "northcable", "msg_1", str(one["id"]))
    with create_session() as session:
        session.execute(delete(AssetEvent))
    assert run("reread_northcable").state == "success"
    assert [case.name for case in ledger.cases()] == ["No dial tone"]
    with create_session() as session:
        query = select(AssetModel.uri).join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
        assert "casebridge://outbox/telvoz" in list(session.scalars(query))
    assert run("pull_northcable").state == "success"
    assert {case.name for case in ledger.cases()} == {"No dial tone", "not hinted"}
    assert other["id"] != one["id"]


def test_a_server_beside_airflow_takes_its_secrets_from_airflows_connections(
    tmp_path: Path, airflow_database: None
) -> None:
    with create_session() as session:
        extra = json.dumps({"webhook_secret": SECRET})
        session.add(Connection("northcable", "casebridge_rest", host="https://nc.example", extra=extra))
    environ = {**os.environ, "CASEBRIDGE_HOME": str(tmp_path)}
    command = [str(Path(sys.executable).parent / "casebridge"), "serve", "--port", "0", "--airflow"]
    try:
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        with process.stdout:
            told = next(line for line in process.stdout if line.startswith("northcable"))
            process.terminate()
        process.wait(20)
    finally:
        with create_session() as session:
            session.execute(delete(Connection).where(Connection.conn_id == "northcable"))
    assert told == "northcable: webhooks at /webhooks/northcable, 1 secret\n"
