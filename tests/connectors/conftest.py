"""Real sockets for the connectors' tests: a server that answers from a function, and one that answers raw bytes."""

from __future__ import annotations

import errno
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from connectors.base import Credentials, System
from connectors.wire import Wire
from sandbox.hostile.answers import Answering, HttpServer, RawServer, http_server, raw_server
from sandbox.hostile.kinds import Partner, hostile
from sandbox.hostile.org import Org, serving_org


@pytest.fixture(scope="session")
def hostile_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def org(hostile_authority: trustme.CA, tmp_path: Path) -> Iterator[Org]:
    """A Salesforce org that answers as the test says."""
    with serving_org(tmp_path, hostile_authority) as made:
        yield made


@pytest.fixture
def serve() -> Iterator[Callable[[Answering], HttpServer]]:
    """A server that answers each request by a function: serve(answer) -> HttpServer."""
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(http_server(answer))


@pytest.fixture
def serve_raw() -> Iterator[Callable[..., RawServer]]:
    """A server that writes raw bytes: serve_raw(talk, tls=None) -> RawServer."""
    with ExitStack() as stack:
        yield lambda talk, tls=None: stack.enter_context(raw_server(talk, tls=tls))


@pytest.fixture
def wire_to() -> Iterator[Callable[..., Wire]]:
    """wire_to(url, deadline=5, password=..., extra=..., private_network=True, cap=..., observe=...)."""
    made: list[Wire] = []

    def make(
        url: str,
        *,
        password: str = "bridge-secret",
        extra: dict[str, Any] | None = None,
        deadline: float = 5,
        private_network: bool = True,
        cap: int = 2**20,
        **more: Any,
    ) -> Wire:
        system = System(
            name="acme",
            title="Acme",
            kind="rest",
            connection="acme_api",
            deadline=deadline,
            private_network=private_network,
            largest_answer=cap,
        )
        credentials = Credentials(url, "casebridge", password, extra or {})
        jitter = random.Random(7).random
        wire = Wire(system, credentials, monotonic=time.monotonic, sleep=lambda _: None, random=jitter, **more)
        made.append(wire)
        return wire

    yield make
    for wire in made:
        wire.close()


@pytest.fixture
def partner_of(hostile_authority: trustme.CA, tmp_path: Path) -> Iterator[Callable[..., Partner]]:
    """A partner of a kind that answers so: partner_of("soap", answer, login=..., **declared)."""
    with ExitStack() as stack:
        yield lambda kind, answer, **more: stack.enter_context(
            hostile(kind, answer, tmp_path, hostile_authority, **more)
        )


@dataclass(frozen=True)
class Canary:
    """A pipe that nobody writes to: who opens it to read waits until he is told to go, and is seen."""

    path: Path

    def was_opened(self) -> bool:
        """Whether somebody holds it open now."""
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno == errno.ENXIO:
                return False
            raise
        return True


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    """A file that must not be opened."""
    os.mkfifo(tmp_path / "canary")
    return Canary(tmp_path / "canary")
