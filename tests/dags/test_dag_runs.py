"""The DAGs at work, over a real Airflow database, a real ledger and two companies' servers on sockets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent, AssetModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import delete, select, text

from hub import breaker
from hub.anchors import read
from hub.ledger import Ledger
from hub.provider_hooks import RestHook, SoapHook
from hub.settings import Settings
from sandbox.mailbox.box import Box
from sandbox.mailbox.server import taking_mail

ROOT = Path(__file__).resolve().parents[2]
TYPES = {"northcable": "casebridge_rest", "telvoz": "casebridge_soap"}
LOGIN = {"login": "casebridge", "password": "bridge-secret"}


@dataclass
class Company:
    """A company's server, and its agent."""

    name: str
    url: str
    process: subprocess.Popen[str]
    agent: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.agent = httpx.Client(base_url=self.url, auth=("agent", "agent"), timeout=20)

    def act(self, **action: Any) -> dict[str, Any]:
        answer = (
            self.agent.post("/desk/api/actions", json={"actions": [action]}).raise_for_status().json()["results"][0]
        )
        assert "error" not in answer, answer
        return dict(answer)

    def cases(self) -> list[dict[str, Any]]:
        return list(self.agent.get("/desk/api/cases", params={"limit": 50}).raise_for_status().json()["cases"])

    def stop(self) -> None:
        self.agent.close()
        self.process.terminate()
        self.process.wait(timeout=10)


def start(name: str, state: Path) -> Company:
    command = [sys.executable, "-m", f"sandbox.companies.{name}", "--port", "0", "--state", str(state)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    with process.stdout as told:
        word, url = told.readline().split()
    assert word == "READY"
    return Company(name, url, process)


@dataclass
class Hub:
    """This installation: the two companies, the ledger's home, and a way to run a DAG once."""

    companies: dict[str, Company]
    settings: Settings
    run: Callable[..., DagRun]

    def ledger(self) -> Ledger:
        return Ledger.open(self.settings)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None) -> Iterator[Hub]:
    companies = {name: start(name, tmp_path / name) for name in TYPES}
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path / "home"))
    for name, company in companies.items():
        text = json.dumps({"conn_type": TYPES[name], "host": company.url, **LOGIN})
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", text)
    with create_session() as session:
        session.execute(delete(AssetEvent))

    def run(dag_id: str, logical_date: datetime | None = None, **conf: Any) -> DagRun:
        dag = DagBag(dag_folder=str(ROOT / "dags")).dags[dag_id]
        dag.deadline = (
            None  # dag.test() of Airflow 3.3.2 takes a deadline's definition for its id; a scheduler does not
        )
        when = {} if logical_date is None else {"logical_date": logical_date}  # None is a date to it: none
        return dag.test(**when, **({"run_conf": conf} if conf else {}))

    yield Hub(companies, Settings.from_environment(), run)
    for company in companies.values():
        company.stop()


def woken() -> list[str]:
    with create_session() as session:
        query = select(AssetModel.uri).join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
        return sorted(uri.rpartition("/")[2] for uri in session.scalars(query))


def hand_over(hub: Hub) -> None:
    """An agent of Northcable opens a case and hands it to Telvoz."""
    fields = {"title": "No dial tone", "kind": "Maintenance", "product.code": "TEL-HOME", "assigned_company": "Telvoz"}
    hub.companies["northcable"].act(op="create", fields=fields)


def test_a_case_crosses_and_only_its_receiver_is_woken(hub: Hub) -> None:
    hand_over(hub)
    pulled = hub.run("pull_northcable")
    assert pulled.state == "success"
    assert woken() == ["northcable", "telvoz"]  # the giver is told the case's id; Brightnet has no part in it
    assert hub.run("push_telvoz").state == "success"
    (there,) = hub.companies["telvoz"].cases()
    assert there["asunto"] == "No dial tone"
    (case,) = hub.ledger().cases()
    assert {link.partner for link in case.links} == {"northcable", "telvoz"}
    assert there["casoHub"] == case.id


def test_a_run_that_is_made_again_or_for_a_time_that_is_past_writes_nothing_new(hub: Hub) -> None:
    hand_over(hub)
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    order = ("pull_northcable", "push_telvoz", "pull_telvoz", "push_northcable", "pull_northcable")
    for dag_id in order:
        assert hub.run(dag_id, now).state == "success"
    stands = hub.ledger().head(), {name: company.cases() for name, company in hub.companies.items()}
    assert len(stands[1]["telvoz"]) == 1
    for logical_date in (now, *(now - timedelta(hours=hours) for hours in (1, 24))):
        for dag_id in order:
            assert hub.run(dag_id, logical_date).state == "success"
    assert (hub.ledger().head(), {name: company.cases() for name, company in hub.companies.items()}) == stands


def test_a_deletion_that_no_pull_of_telvoz_tells_is_found_at_night(hub: Hub) -> None:
    hand_over(hub)
    for dag_id in ("pull_telvoz", "pull_northcable", "push_telvoz", "push_northcable"):
        hub.run(dag_id)
    (there,) = hub.companies["telvoz"].cases()
    hub.companies["telvoz"].act(op="delete", number=there["numero"])
    hub.run("pull_telvoz")
    assert hub.ledger().parked() == []
    night = hub.run("reconcile_telvoz")
    (task,) = night.get_task_instances()
    assert (night.state, task.state) == ("success", "success")
    assert task.xcom_pull(task_ids="reconcile") == {"read": 0, "repaired": 0, "gone": 1, "missing": 0}
    assert [(row.partner, row.code) for row in hub.ledger().parked()] == [("telvoz", "X302")]


def test_a_reconciliation_of_a_partner_that_was_never_pulled_is_skipped(hub: Hub) -> None:
    (task,) = hub.run("reconcile_northcable").get_task_instances()
    assert task.state == "skipped"


def test_a_quiet_pull_wakes_nobody(hub: Hub) -> None:
    assert hub.run("pull_northcable").state == "success"
    assert woken() == []


def test_refused_credentials_fail_at_once_and_name_the_fix(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"conn_type": "casebridge_soap", "host": hub.companies["telvoz"].url, "login": "casebridge"}
    monkeypatch.setenv("AIRFLOW_CONN_TELVOZ", json.dumps(wrong | {"password": "not-the-password"}))
    run = hub.run("pull_telvoz")
    assert run.state == "failed"
    assert [task.try_number for task in run.get_task_instances()] == [1]
    (telvoz,) = hub.ledger().partners()
    assert "C301" in telvoz.error
    assert "not-the-password" not in telvoz.error


def test_a_partner_that_fails_costs_the_others_nothing_and_is_not_woken(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_TELVOZ")
    assert hub.run("pull_telvoz").state == "failed"
    hand_over(hub)
    assert hub.run("pull_northcable").state == "success"
    assert woken() == ["northcable"]
    owed = {row.partner for row in hub.ledger().deliveries(("owed",))}
    assert owed == {"northcable", "telvoz"}


def test_a_broken_declaration_fails_its_own_dag_and_loses_nothing(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "partners"
    shutil.copytree(ROOT / "mappings" / "partners", copied)
    system = copied / "telvoz" / "system.yaml"
    whole = system.read_text(encoding="utf-8")
    system.write_text(whole.replace("kind: soap", "kind: saop"), encoding="utf-8")
    monkeypatch.setenv("CASEBRIDGE_PARTNERS", str(copied))
    hand_over(hub)
    assert hub.run("pull_northcable").state == "success"
    broken = hub.run("push_telvoz")
    assert broken.state == "failed"
    telvoz = next(row for row in hub.ledger().partners() if row.name == "telvoz")
    assert "Did you mean 'soap'?" in telvoz.error
    system.write_text(whole, encoding="utf-8")
    assert hub.run("push_telvoz").state == "success"
    assert len(hub.companies["telvoz"].cases()) == 1


def test_the_rollup_writes_its_reports_and_hands_on_paths_only(hub: Hub) -> None:
    hand_over(hub)
    hub.run("pull_northcable")
    run = hub.run("rollup")
    assert run.state == "success"
    (task,) = run.get_task_instances()
    paths = [Path(path) for path in task.xcom_pull(task_ids="report")]
    assert {path.suffix for path in paths} == {".html", ".csv"}
    assert all(path.is_file() and path.parent == hub.settings.reports_dir for path in paths)


def test_a_report_goes_by_mail_and_to_a_folder_and_what_is_not_due_to_nobody(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, folder = Box(tmp_path / "mails"), tmp_path / "written"
    declared = (
        "sender: reports@hub.example\nconnection: post\nsubscriptions:\n  telvoz: {to: [boss@telvoz.example], "
        f"files: 'file://{folder}', audience: managers, company: telvoz, period: month, day: 28, at: '23:59'}}\n"
    )
    (tmp_path / "subscriptions.yaml").write_text(declared)
    monkeypatch.setenv("CASEBRIDGE_SUBSCRIPTIONS", str(tmp_path / "subscriptions.yaml"))
    hand_over(hub)
    hub.run("pull_northcable")
    with taking_mail(box) as port:
        extra = {"disable_ssl": True, "disable_tls": True}
        written = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_POST", json.dumps(written))
        assert hub.run("reports", names=["telvoz"], period="all").state == "success"
    (number,) = box.numbers()
    mail = box.mail(number)
    assert mail is not None
    assert mail.message["To"] == "boss@telvoz.example"
    assert "There were few cases; figures on fewer than five are held back." in mail.plain
    assert "- Cases opened: held back" in mail.plain
    assert [path.name for path in (folder / "telvoz").iterdir()] == ["rollup-all.html"]


def test_the_promises_of_what_changed_are_looked_at_and_only_counts_are_handed_on(hub: Hub) -> None:
    hand_over(hub)
    hub.run("pull_northcable")
    run = hub.run("promises")
    assert run.state == "success"
    (task,) = run.get_task_instances()
    counted = dict.fromkeys(("due_soon", "overdue", "escalated", "timed_out", "asked", "silent", "corrective"), 0)
    assert task.xcom_pull(task_ids="watch") == {"looked": 1, **counted}
    hub.run("promises")
    (task,) = hub.run("promises").get_task_instances()
    assert task.xcom_pull(task_ids="watch")["looked"] == 0


def test_the_head_of_the_ledger_is_kept_elsewhere_and_what_was_changed_since_is_red(hub: Hub) -> None:
    hand_over(hub)
    hub.run("pull_northcable")
    with hub.ledger().connected(writer=True) as connection, connection.begin():
        connection.execute(text("UPDATE evidence SET at = '2020-01-01T00:00:00.000000Z'"))
    (task,) = hub.run("audit").get_task_instances()
    kept = task.xcom_pull(task_ids="anchor")
    with hub.ledger().connected() as connection:
        assert connection.execute(text("SELECT count(*) FROM evidence")).scalar() == 0
    assert read(hub.settings.anchors_file)[-1].digest == kept["digest"]
    with hub.ledger().connected(writer=True) as connection, connection.begin():
        connection.execute(text("DELETE FROM chain WHERE tx = (SELECT max(tx) FROM chain)"))
    assert hub.run("audit").state == "failed"


def test_the_test_button_asks_the_partner_itself(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert RestHook("northcable").test_connection() == (True, "Northcable answers and knows us as casebridge.")
    text = json.dumps({"conn_type": "casebridge_soap", "host": hub.companies["telvoz"].url, "login": "x"})
    monkeypatch.setenv("AIRFLOW_CONN_MADE_UP", text)
    works, said = SoapHook("made_up").test_connection()
    assert not works
    assert "Telvoz: " in said
    assert "C301" in said


def test_a_partner_that_is_left_alone_is_red_once_and_skipped_until_a_person_lets_it_go_on(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = os.environ["AIRFLOW_CONN_TELVOZ"]
    monkeypatch.delenv("AIRFLOW_CONN_TELVOZ")
    assert hub.run("pull_telvoz").state == "failed"
    monkeypatch.setenv("AIRFLOW_CONN_TELVOZ", known)
    skipped = hub.run("pull_telvoz")
    assert (skipped.state, [task.state for task in skipped.get_task_instances()]) == ("success", ["skipped"])
    with hub.ledger().transaction(datetime.now(UTC)) as tx:
        assert breaker.close(tx, "telvoz")
    ran = hub.run("pull_telvoz")
    assert [task.state for task in ran.get_task_instances()] == ["success"]
