"""The companies' servers as processes, and their desks as an agent uses them.

`start` runs the three servers and waits until each accepts; a port that is taken gives way to a free one. `Desk` does
an agent's acts over HTTP. Of the hub it knows where state lies. Next: `words.py` (what agents say), `replay/`, `demo/`.
"""

from __future__ import annotations

import json
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from types import MappingProxyType
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from hub.settings import Settings
from sandbox.words import COMPANIES

PORTS = {"northcable": 8101, "telvoz": 8102, "brightnet": 8103}
LOGIN = ("agent", "agent")
API_LOGIN = ("casebridge", "bridge-secret")
ANY_MOVES = {"telvoz": ("--moves", "any")}
"""For a log of real cases: Telvoz's system lets a state move as it did there."""
CHUNK = 200
START_SECONDS = 30.0


class DeskError(Exception):
    """A desk refused an act: what was done, and what it said."""


@dataclass(frozen=True, slots=True)
class Company:
    """One company's server, running. ca_file: the authority that vouches for it, where it speaks HTTPS."""

    name: str
    url: str
    process: subprocess.Popen[str]
    ca_file: Path | None = None


class Desk:
    """A company's desk, as its agents use it."""

    def __init__(self, company: Company) -> None:
        self.name, self.url = company.name, company.url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = LOGIN
        self._session.verify = str(company.ca_file) if company.ca_file else True

    def act(self, actions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Do these acts in order; what each gave. Raises DeskError for the first that was refused."""
        results: list[dict[str, Any]] = []
        for start in range(0, len(actions), CHUNK):
            sent = actions[start : start + CHUNK]
            answer = self._session.post(f"{self.url}/desk/api/actions", json={"actions": sent}, timeout=120)
            if answer.status_code != requests.codes.ok:
                raise DeskError(f"{self.name}: {answer.status_code} {answer.text[:300]}")
            for action, result in zip(sent, answer.json()["results"], strict=True):
                if "error" in result:
                    raise DeskError(f"{self.name}: {dict(action)}: {result['error']}")
                results.append(result)
        return results

    def cases(self, field: str, values: Sequence[str]) -> list[dict[str, Any]]:
        """Cases whose field has one of these values, whole, in the company's own words."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(values), CHUNK):
            asked = {"field": field, "values": ",".join(values[start : start + CHUNK]), "limit": "5000"}
            answer = self._session.get(f"{self.url}/desk/api/cases", params=asked, timeout=60)
            answer.raise_for_status()
            found += answer.json()["cases"]
        return found

    def close(self) -> None:
        """Give back the sockets."""
        self._session.close()


@contextmanager
def companies(
    state: Path,
    ports: Mapping[str, int] | None = None,
    begun: Callable[[str, int], object] | None = None,
    *,
    more: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Iterator[dict[str, Company]]:
    """The three companies for the length of the block, their state below `state`. Ports 0: free ones.

    begun: told of each process as soon as there is one, before it accepts; each then leads a session of its own, so
    that a Ctrl-C in the terminal reaches only who started it. more: further flags by company. Raises DeskError.
    """
    processes: dict[str, subprocess.Popen[str]] = {}
    try:
        for name in COMPANIES:
            processes[name] = _spawn(name, state, (ports or PORTS)[name], more.get(name, ()), apart=begun is not None)
            if begun is not None:
                begun(name, processes[name].pid)
        yield {name: _company(name, state, process) for name, process in processes.items()}
    finally:
        _end(processes.values())


def start(name: str, state: Path, port: int, more: Sequence[str] = ()) -> Company:
    """One company's server; on a free port where this one is taken. Raises DeskError when it does not come up."""
    process = _spawn(name, state, port, more)
    try:
        return _company(name, state, process)
    except BaseException:
        _end([process])
        raise


def stop(running: Iterable[Company]) -> None:
    """End these servers, kindly first."""
    _end([company.process for company in running])


def stay() -> None:
    """`casebridge sandbox`: the three companies alone, their stores kept from one time to the next, until Ctrl-C."""
    console = Console()
    state = Settings.from_environment().home / "sandbox"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), companies(state) as running:
        table = Table(box=None, header_style="dim", pad_edge=False)
        for heading in ("company", "page", "agents sign in as"):
            table.add_column(heading, no_wrap=True)
        for name, company in running.items():
            table.add_row(name.capitalize(), company.url, " / ".join(LOGIN))
        console.print(table)
        console.print(f"The hub signs in as {' / '.join(API_LOGIN)}.", style="dim", highlight=False)
        console.print(f"Stores below {state}. Ctrl-C ends all three.", style="dim", highlight=False, soft_wrap=True)
        while all(company.process.poll() is None for company in running.values()):
            sleep(0.5)
        ended = [name for name, company in running.items() if company.process.poll() is not None]
        console.print(f"{ended[0]} ended; see {state / ended[0] / 'server.log'}", style="red")


def _spawn(
    name: str, state: Path, port: int, more: Sequence[str] = (), *, apart: bool = False
) -> subprocess.Popen[str]:
    """A company's process. apart: in a session of its own."""
    folder = state / name
    folder.mkdir(parents=True, exist_ok=True)
    port = port if port and is_free(port) else 0
    command = [sys.executable, "-m", f"sandbox.companies.{name}", "--port", str(port), "--state", str(folder), *more]
    if name == "northcable" and "--rate" not in more:
        command += ["--rate", "0"]
    with (folder / "server.log").open("a") as log:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=apart)


def _company(name: str, state: Path, process: subprocess.Popen[str]) -> Company:
    """The company behind a process, once it accepts."""
    url = _ready(process)
    if url is None:
        raise DeskError(f"{name} did not start; see {state / name / 'server.log'}")
    ca_file = state / name / "tls" / "ca.pem"
    return Company(name, url, process, ca_file if url.startswith("https") else None)


def _end(processes: Iterable[subprocess.Popen[str]]) -> None:
    ending = list(processes)
    for process in ending:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in ending:
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
            process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def connections(running: Mapping[str, Company]) -> dict[str, str]:
    """AIRFLOW_CONN_* of these companies, as the hub's connection ids ask: name -> JSON."""
    login, password = API_LOGIN
    kinds = {"northcable": "casebridge_rest", "telvoz": "casebridge_soap", "brightnet": "salesforce"}
    written = {}
    for name, company in running.items():
        whole: dict[str, Any] = {"conn_type": kinds[name], "host": company.url}
        if kinds[name] == "salesforce":
            extra = {"consumer_key": login, "consumer_secret": password, "instance_url": company.url}
            whole = {"conn_type": kinds[name], "extra": {**extra, "ca_file": str(company.ca_file)}}
        else:
            whole |= {"login": login, "password": password}
        written[f"AIRFLOW_CONN_{name.upper()}"] = json.dumps(whole)
    return written


def _ready(process: subprocess.Popen[str]) -> str | None:
    """The URL of the line `READY <url>`, or None where it does not come in time."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        if process.stdout is not None:
            for line in process.stdout:
                lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    with suppress(queue.Empty):
        while line := lines.get(timeout=START_SECONDS):
            if line.startswith("READY "):
                return line.split()[1]
    return None
