"""The DAG files as Airflow's parser sees them: who gets which DAG, and that reading them asks nobody."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

ROOT = Path(__file__).resolve().parents[2]
PARTNERS = ("brightnet", "northcable", "telvoz")


def parsed() -> DagBag:
    return DagBag(dag_folder=str(ROOT / "dags"))


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    bag = parsed()
    assert bag.import_errors == {}
    return bag.dags


def test_each_partner_has_a_pull_a_push_and_a_reconciliation_and_six_dags_are_of_all(dags: dict[str, DAG]) -> None:
    expected = {f"{kind}_{name}" for kind in ("pull", "push", "reconcile") for name in PARTNERS}
    expected |= {"audit", "promises", "reports", "retention", "review", "rollup"}
    assert set(dags) == expected | {"reread_northcable"}  # it sends webhooks


def test_a_reread_is_woken_by_the_hints_of_its_partner_and_by_no_clock(dags: dict[str, DAG]) -> None:
    (asset,) = dags["reread_northcable"].timetable.asset_condition.objects
    assert asset.uri == "casebridge://hints/northcable"
    (watcher,) = asset.watchers
    assert watcher.trigger.serialize() == ("hub.watching.Hints", {"partner": "northcable", "every": 1.0})


def test_a_pull_runs_as_often_as_the_partner_is_declared_to_be_polled(dags: dict[str, DAG]) -> None:
    assert dags["pull_telvoz"].timetable.delta == timedelta(seconds=5)


def test_a_push_is_woken_by_its_own_outbox_and_swept_behind_it(dags: dict[str, DAG]) -> None:
    timetable = dags["push_telvoz"].timetable
    assert [asset.uri for asset in timetable.asset_condition.objects] == ["casebridge://outbox/telvoz"]
    assert timetable.timetable.delta == timedelta(seconds=30)


def test_reconciliations_are_spread_over_the_night_each_at_its_own_time(dags: dict[str, DAG]) -> None:
    times = [dags[f"reconcile_{name}"].timetable.expression for name in PARTNERS]
    assert times == ["23 3 * * *", "15 2 * * *", "22 4 * * *"]


def test_every_dag_is_ready_for_its_operator(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        assert (dag.max_active_runs == 1) == (dag.dag_id != "review")  # which waits for people, and holds no worker
        assert dag.catchup is False
        assert dag.is_paused_upon_creation is False
        assert "casebridge" in dag.tags
        assert "**When it is red**" in (dag.doc_md or "")
        assert dag.deadline is not None
        for task in dag.tasks:
            assert task.has_on_failure_callback
            assert type(task.retry_policy).__name__ == "PartnerRetries"
            assert task.execution_timeout or task.task_id == "decide"  # a person has a day


def test_records_are_batched_inside_one_task(dags: dict[str, DAG]) -> None:
    counts = {dag.dag_id: len(dag.tasks) for dag in dags.values()}
    assert counts == {**dict.fromkeys(dags, 1), "review": 3, "reports": 2}  # ask, wait, carry out; what is due, send it


def test_parsing_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a DAG file opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    assert parsed().import_errors == {}


def test_parsing_loads_no_heavy_room() -> None:
    script = (
        "import sys, time, warnings; warnings.simplefilter('ignore')\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        "import airflow.sdk\n"
        "began = time.perf_counter()\n"
        f"bag = DagBag(dag_folder={str(ROOT / 'dags')!r})\n"
        "print('SECONDS', round(time.perf_counter() - began, 3), len(bag.dags), bag.import_errors)\n"
        "heavy = ('zeep', 'simple_salesforce', 'alembic', 'fastapi', 'hub.ledger', 'hub.exchange', 'hub.rollup')\n"
        "print('HEAVY', [name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert "HEAVY []" in done.stdout
    assert " 16 {}" in done.stdout


@pytest.fixture
def partners_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied = tmp_path / "partners"
    shutil.copytree(ROOT / "mappings" / "partners", copied)
    monkeypatch.setenv("CASEBRIDGE_PARTNERS", str(copied))
    return copied


def test_a_new_folder_is_a_new_partner(partners_dir: Path) -> None:
    (partners_dir / "acme").mkdir()
    (partners_dir / "acme" / "system.yaml").write_text("name: acme\ntitle: Acme\nkind: memory\nconnection: acme\n")
    dags = parsed().dags
    assert dags["pull_acme"].timetable.delta == timedelta(seconds=60)
    assert dags["push_acme"].timetable.timetable.delta == timedelta(seconds=60)


def test_a_broken_declaration_costs_the_others_nothing_and_shows_where_it_is_broken(partners_dir: Path) -> None:
    system = partners_dir / "telvoz" / "system.yaml"
    system.write_text(system.read_text(encoding="utf-8").replace("kind: soap", "kind: saop"), encoding="utf-8")
    bag = parsed()
    assert bag.import_errors == {}
    assert len(bag.dags) == 16
    broken = bag.dags["pull_telvoz"]
    assert "broken" in broken.tags
    assert "telvoz/system.yaml:" in (broken.doc_md or "")
    assert "Did you mean 'soap'?" in (broken.doc_md or "")
    assert "broken" not in bag.dags["pull_northcable"].tags


def test_a_task_parses_its_own_partner_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "_AIRFLOW_PARSING_CONTEXT_DAG_ID", "push_telvoz")
    assert set(parsed().dags) == {"push_telvoz", "audit", "promises", "reports", "retention", "review", "rollup"}
