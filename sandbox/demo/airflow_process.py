"""`airflow standalone` for the length of a demo: its environment, its start, and where it writes.

A real Airflow over the project's own dags/ and plugins/, with the few settings that make it quick on a small machine,
all in the environment: there is no airflow.cfg of ours. It listens on this machine only, since its logins are printed.
SIGTERM to its parent alone would orphan the rest, so `ground.end` ends the whole session.
Next: `airflow_api.py` (speaks to it), `ground.py`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.desks import is_free

ROOT = Path(__file__).resolve().parents[2]
PORT = 8080
LOGINS = {"admin": "admin", "viewer": "viewer"}
"""Users of this Airflow; each one's role, and password, is its name."""
FOREIGN = ("AIRFLOW_", "PYTHONDONTWRITEBYTECODE")
SETTINGS = frozenset(
    f"CASEBRIDGE_{name}" for name in ("HOME", "LEDGER", "KEYS", "PARTNERS", "AGREEMENT", "SUBSCRIPTIONS", "REPORTS")
)
"""Variables of the caller that would make this a demo of something else, or recompile everything at each start."""


@dataclass(frozen=True, slots=True)
class Airflow:
    """An Airflow that was started. gave_way: whether the port that it wanted was taken."""

    url: str
    home: Path
    log: Path
    process: subprocess.Popen[bytes]
    gave_way: bool = False


def start(home: Path, hub: Mapping[str, str], port: int = PORT) -> Airflow:
    """Start it, leader of a session of its own; ready or not. hub: the hub's variables and the AIRFLOW_CONN_*."""
    home.mkdir(parents=True, exist_ok=True)
    log = home.parent / "airflow.log"
    gave_way = not is_free(port)
    port = free_port() if gave_way else port
    command = [str(Path(sys.executable).with_name("airflow")), "standalone"]
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, env=_environment(home, hub, port), cwd=home, stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    return Airflow(f"http://127.0.0.1:{port}", home, log, process, gave_way)


def free_port() -> int:
    """A port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(home: Path, hub: Mapping[str, str], port: int) -> dict[str, str]:
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps(LOGINS), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN) and name not in SETTINGS}
    url = f"http://127.0.0.1:{port}"
    settings = {
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",  # workers are forked ahead, and each is kept
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{name}" for name in LOGINS),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": url,
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",  # the default of 1 s is most of a short task's latency
        "DAG_PROCESSOR__REFRESH_INTERVAL": "20",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",  # parsing what did not change takes the time of tasks
        "LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
    }
    return {
        **kept,
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
        **hub,
        "AIRFLOW_HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",  # standalone calls `airflow`
        "NO_PROXY": ",".join(filter(None, (kept.get("NO_PROXY"), "127.0.0.1,localhost"))),
    }
