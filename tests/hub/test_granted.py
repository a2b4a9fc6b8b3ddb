"""Refresh tokens over the real ledger: what a partner gave survives a kill, on both databases and between processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import sqlalchemy as sa

from connectors.grants import Claim, Granted
from hub import tables
from hub.granted import LedgerGrants
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.hostile.answers import http_server

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
SYSTEM = {
    "name": "acme", "title": "Acme", "connection": "acme_api", "private_network": True, "deadline": 3,
    "auth": {"kind": "refresh_token", "path": "/token"},
    "check": {"path": "/me", "name": "login"},
    "record": {"id": "id", "version": "version", "hub_id": "hub"},
    "list": {"path": "/issues", "paging": {"style": "page"}},
    "one": "/issues/{id}",
    "find": {"path": "/issues", "param": "hub"},
    "create": {"path": "/issues", "record": ""},
    "update": {"path": "/issues/{id}", "record": ""},
    "notes": {"add": {"path": "/issues/{id}/notes", "id": "id"}},
}  # fmt: skip
WORKER = """
import json, sys, time
from datetime import UTC, datetime
from connectors.base import Credentials
from connectors.errors import ConnectorError
from connectors.rest import Rest
from connectors.rest_system import RestSystem
from hub.granted import with_grants
from hub.ledger import Ledger
from hub.settings import Settings

system = RestSystem.model_validate(json.loads(sys.argv[1]))
ledger = Ledger.open(Settings.from_environment())
clock = lambda: datetime.now(UTC)
credentials = Credentials(sys.argv[2], "hub", "secret", {"refresh_token": "first-token"})
rest = Rest(system, with_grants(credentials, system, ledger, clock), clock=clock, sleep=time.sleep,
            monotonic=time.monotonic)
print("begun", flush=True)
sys.stdin.readline()
try:
    print(rest.check())
except ConnectorError as error:
    print(error.code, error.message)
"""


class Strict:
    """Rotates at each renewal and revokes everything when a spent token comes. kill: at which request whoever asked is
    killed, before he has an answer."""

    def __init__(self) -> None:
        self.refresh, self.access, self.renewed, self.revoked = "first-token", "", 0, False
        self.lock, self.kill, self.asking = threading.Lock(), "", 0

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes] | None:
        with self.lock:
            answer = self.renew(asked) if asked.path == "/token" else self.me(asked)
            if self.kill == asked.path:
                self.kill = ""
                os.kill(self.asking, signal.SIGKILL)
                return None
            return answer

    def renew(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        if self.revoked or parse_qs(asked.body.decode())["refresh_token"] != [self.refresh]:
            self.revoked = True
            return 400, {}, b'{"error": "invalid_grant"}'
        self.renewed += 1
        self.access, self.refresh = f"access-{self.renewed}", f"refresh-{self.renewed}"
        told = {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 600}
        return 200, {}, json.dumps(told).encode()

    def me(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        good = asked.headers.get("authorization") == f"Bearer {self.access}"
        return (200, {}, b'{"login": "hub"}') if good else (401, {}, b"{}")


@contextmanager
def worker(home: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that waits for a line before it asks who it is."""
    environ = {**os.environ, "CASEBRIDGE_HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, json.dumps(SYSTEM), url], env=environ, cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        assert process.stdout.readline() == "begun\n"
        yield process
    process.wait(20)


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def strict() -> Iterator[tuple[Strict, str]]:
    system = Strict()
    with http_server(system) as server:
        yield system, server.url


def prepared(home: Path) -> LedgerGrants:
    """A ledger on disk, and our own view of its tokens."""
    ledger = Ledger.open(Settings.from_environment({"CASEBRIDGE_HOME": str(home)}))
    return LedgerGrants(ledger, "acme_api", lambda: datetime.now(UTC))


def ran(home: Path, url: str) -> str:
    with worker(home, url) as process:
        go(process)
        return said(process)


def test_a_token_that_was_given_survives_a_kill_at_the_first_call_that_is_made_with_it(
    tmp_path: Path, strict: tuple[Strict, str]
) -> None:
    system, url = strict
    grants = prepared(tmp_path)
    with worker(tmp_path, url) as process:
        system.kill, system.asking = "/me", process.pid
        go(process)
        assert said(process) == ""
    assert process.returncode == -signal.SIGKILL
    assert grants.read("first-token").refresh == "refresh-1"
    assert ran(tmp_path, url) == "hub"
    assert (system.renewed, system.revoked) == (1, False)
    system.access = "ended"
    assert ran(tmp_path, url) == "hub"
    assert (system.renewed, system.revoked) == (2, False)


def test_a_kill_before_the_answer_is_told_where_the_token_was_spent_by_it(
    tmp_path: Path, strict: tuple[Strict, str]
) -> None:
    system, url = strict
    grants = prepared(tmp_path)
    with worker(tmp_path, url) as process:
        system.kill, system.asking = "/token", process.pid
        go(process)
        assert said(process) == ""
    assert grants.claim(1) is None  # for as long as the dead one's login could have taken
    with grants.ledger.engine.begin() as connection:  # half a minute later
        connection.execute(sa.update(tables.grants).values(claim_until=NOW - timedelta(days=999)))
    text = ran(tmp_path, url)
    assert text.startswith("C312 our refresh token is not taken any more (400). A process that renewed it at ")
    assert text.endswith("ended before it had an answer.")


def test_of_processes_that_begin_at_once_one_renews_and_the_others_take_what_it_got(
    tmp_path: Path, strict: tuple[Strict, str]
) -> None:
    system, url = strict
    prepared(tmp_path)
    with worker(tmp_path, url) as one, worker(tmp_path, url) as two, worker(tmp_path, url) as three:
        for process in (one, two, three):
            go(process)
        assert [said(process) for process in (one, two, three)] == ["hub"] * 3
    assert (system.renewed, system.revoked) == (1, False)


@pytest.fixture
def grants_of(ledger: Ledger) -> Callable[..., LedgerGrants]:
    return lambda now=NOW: LedgerGrants(ledger, "acme_api", lambda: now)


def test_what_is_kept_reads_back_until_the_connection_holds_another_first_token(
    ledger: Ledger, grants_of: Callable[..., LedgerGrants]
) -> None:
    grants = grants_of()
    given = Granted("refresh-1", "access-1", NOW + timedelta(hours=1))
    assert grants.read("first") == Granted("first")
    assert grants.claim(30) == Claim()
    grants.keep("first", given)
    assert grants_of().read("first") == given
    assert grants_of().read("consented anew") == Granted("consented anew")
    assert LedgerGrants(ledger, "another", lambda: NOW).read("first") == Granted("first")
    ledger.keyring.forget("connection:acme_api")
    assert grants_of().read("first") == Granted("first")


def test_a_claim_is_one_processs_until_it_ends_or_runs_out(grants_of: Callable[..., LedgerGrants]) -> None:
    one, two = grants_of(), grants_of()
    assert one.claim(30) == Claim()
    assert two.claim(30) is None
    two.release()  # not his
    assert two.claim(30) is None
    one.release()
    assert two.claim(30) == Claim()
    late = grants_of(NOW + timedelta(seconds=31))
    claim = late.claim(30)
    assert claim == Claim(NOW)
    two.keep("first", Granted("late answer"))  # what they gave is true all the same
    assert grants_of().read("first") == Granted("late answer")
    assert one.claim(30) is None  # and the other's claim stands


def test_no_token_stands_in_clear_in_the_ledgers_file(tmp_path: Path) -> None:
    grants = prepared(tmp_path)
    grants.claim(1)
    grants.keep("first-secret-token", Granted("second-secret-token", "access-secret-token"))
    grants.ledger.engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"acme_api" in stored
    assert b"secret-token" not in stored
