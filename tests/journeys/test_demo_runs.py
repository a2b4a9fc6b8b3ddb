"""`casebridge demo` as a person runs it: to its end over a log, interrupted, killed, and with a company that dies."""

from __future__ import annotations

import csv
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.demo.ground import Ground, end, members
from sandbox.desks import LOGIN
from sandbox.load.crossings import crossings
from sandbox.load.plan import Phase, openings
from sandbox.replay.log import COLUMNS
from sandbox.words import COMPANIES

pytestmark = pytest.mark.journey

NEWEST = 1
"""Runs of a DAG that are cleared."""
UP = "Airflow with the hub's DAGs …"
STAYS = "All of it stays up"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A state folder of this test's own; whatever runs on it at the end is ended."""
    yield tmp_path
    end([session for session in Ground(tmp_path / "demo").written() if members(session)], patience=1.0)


@contextmanager
def demo(home: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """The command, its output going to home/out.txt."""
    command = [str(Path(sys.executable).with_name("casebridge")), "demo", *more]
    environ = {**os.environ, "CASEBRIDGE_HOME": str(home)}
    with (home / "out.txt").open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, text=True, env=environ)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)


def said(home: Path) -> str:
    return (home / "out.txt").read_text()


def until(home: Path, text: str, process: subprocess.Popen[str], seconds: float = 60) -> None:
    limit = monotonic() + seconds
    while text not in said(home):
        assert process.poll() is None, said(home)
        assert monotonic() < limit, said(home)
        sleep(0.1)


def left(home: Path) -> list[str]:
    return [process.command for session in Ground(home / "demo").written() for process in members(session)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder whose demo has played a log to its end, and stays up."""
    home = tmp_path_factory.mktemp("played")
    log = home / "incidents.csv"
    with log.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows(incident("1-1", "CCAA") + incident("1-2", "BCB") + incident("1-3", "AA"))
    with demo(home, "--log", str(log)) as process:
        until(home, STAYS, process, 300)
        yield home
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, said(home)
    assert left(home) == []


def test_a_log_runs_through_the_real_airflow_and_the_figures_agree(played: Path) -> None:
    assert re.search(r"changes\W+7\W+7\W+equal", said(played)), said(played)
    assert re.search(r"ping-pong bounces\W+1\W+1\W+equal", said(played)), said(played)
    assert "First crossing" in said(played)


def test_runs_that_are_cleared_write_nothing_new(played: Path) -> None:
    with Ledger.open(Settings.from_environment({"CASEBRIDGE_HOME": str(played / "demo")})).engine.connect() as ledger:
        airflow = Operator(said(played))
        before = stand(ledger, played)
        cleared = {dag: airflow.clear(dag) for verb in ("pull", "push") for dag in (f"{verb}_{at}" for at in COMPANIES)}
        assert all(cleared.values()), cleared
        for dag_id, runs in cleared.items():
            airflow.wait(dag_id, runs)
        assert stand(ledger, played) == before


def test_a_burst_of_cases_crosses_through_the_real_airflow_each_once(played: Path) -> None:
    """Ten times the pace of 50,000 cases a day. How long it takes is for `make load`: this machine may be busy."""
    cases = list(openings((Phase("burst", 8, 5.8),)))
    stores = played / "demo" / "companies"
    for name in COMPANIES:
        (url,) = re.findall(rf"{name.capitalize()}\s+(https?://127\.0\.0\.1:\d+)", said(played))[-1:]
        acts = [{"op": "create", "fields": one.fields} for one in cases if one.giver == name]
        authority = str(stores / name / "tls" / "ca.pem") if url.startswith("https") else True
        answer = requests.post(
            f"{url}/desk/api/actions", json={"actions": acts}, auth=LOGIN, verify=authority, timeout=60
        )
        assert not [one for one in answer.json()["results"] if "error" in one], answer.text
    limit = monotonic() + 120
    while len((found := crossings(stores, cases)[0]).seconds) < len(cases):
        assert monotonic() < limit, found
        sleep(1)
    assert (found.opened, found.doubled) == (46, 0)


def stand(ledger: sa.Connection, home: Path) -> dict[str, object]:
    """How much was ever written: entries of the ledger, and acts in each company's own store."""
    written: dict[str, object] = {"entries": ledger.execute(sa.text("SELECT max(seq) FROM entries")).scalar()}
    for name in COMPANIES:
        (store,) = (home / "demo" / "companies" / name).glob("*.db")
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            written[name] = connection.execute("SELECT max(seq), sum(version), count(*) FROM records").fetchone()
    return written


def test_ctrl_c_ends_all_and_the_next_one_ends_what_a_killed_one_left(home: Path) -> None:
    with demo(home) as first:
        until(home, UP, first)
        first.send_signal(signal.SIGINT)
        assert first.wait(120) == 130
        assert said(home).endswith("Stopped.\n")
        assert left(home) == []
    with demo(home) as second:
        until(home, UP, second)
        second.kill()
        second.wait(60)
        assert left(home) != []
    with demo(home) as third:
        until(home, UP, third)
        assert "An earlier demo left northcable, telvoz, brightnet, mailbox, airflow behind" in said(home)
        third.send_signal(signal.SIGTERM)
        assert third.wait(120) == 130
        assert left(home) == []


def test_a_company_that_dies_ends_it_with_the_reason(home: Path) -> None:
    with demo(home, "--once") as process:
        until(home, UP, process)
        telvoz = next(session for session in Ground(home / "demo").written() if session.name == "telvoz")
        os.kill(telvoz.leader, signal.SIGKILL)
        assert process.wait(120) == 1
    assert "Telvoz's server ended (signal 9); its log is" in said(home)
    assert left(home) == []


def incident(number: str, lines: str) -> list[list[str]]:
    """Changes of an incident, one a minute; a letter is the organisation line after it: C, A(2) or B."""
    names = {"C": "Org line C", "A": "Org line A2", "B": "Org line B"}
    return [
        [number, f"2012-05-01T10:{minute:02d}:00+02:00", "Accepted", "In Progress", "E_1", names[line], "T1", "1st",
         "Low", "PROD1", "SE", "PL", "Ann"]
        for minute, line in enumerate(lines)
    ]  # fmt: skip


class Operator:
    """An operator at the demo's Airflow, over its public API."""

    def __init__(self, told: str) -> None:
        found = re.search(r"Airflow\s+(http://127\.0\.0\.1:\d+)", told)
        assert found, told
        self._url = found[1]
        self._session = requests.Session()
        self._session.trust_env = False
        token = self._call("POST", "/auth/token", json={"username": "admin", "password": "admin"})["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def clear(self, dag_id: str) -> list[str]:
        """Clear the newest successful runs, which then run again; their ids."""
        asked = {"state": "success", "order_by": "-run_after", "limit": NEWEST}
        runs = [
            run["dag_run_id"] for run in self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=asked)["dag_runs"]
        ]
        for run_id in runs:
            body = {"dry_run": False, "only_failed": False, "dag_run_id": run_id}
            assert self._call("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", json=body)["total_entries"] == 1
        return runs

    def wait(self, dag_id: str, runs: Collection[str]) -> None:
        """Until these runs have ended well, once more."""
        limit = monotonic() + 120
        while (states := {self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run}")["state"] for run in runs}) != {
            "success"
        }:
            assert "failed" not in states, (dag_id, states)
            assert monotonic() < limit, (dag_id, states)
            sleep(0.5)

    def _call(self, method: str, path: str, **asked: Any) -> Any:
        for _ in range(10):  # on SQLite the API server and the scheduler lock each other out for a moment
            answer = self._session.request(method, self._url + path, timeout=30, **asked)
            if answer.status_code < 500:
                break
            sleep(1)
        assert answer.ok, (answer.status_code, answer.text)
        return answer.json()
