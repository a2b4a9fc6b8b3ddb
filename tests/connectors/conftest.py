"""Real sockets for the connectors' tests: a server that answers from a function, and one that answers raw bytes."""

from __future__ import annotations

import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors.base import Credentials, System
from connectors.wire import Wire


@dataclass
class Asked:
    """One request as a test's server saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    pairs: tuple[tuple[str, str], ...] = ()
    """The query, each parameter as often as it stands there."""


Answering = Callable[[Asked], tuple[int, dict[str, str], bytes]]


@dataclass
class HttpServer:
    """Where it is and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def http_server(answer: Answering) -> Iterator[HttpServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            headers = {key.lower(): value for key, value in self.headers.items()}
            pairs = tuple(parse_qsl(parts.query))
            asked = Asked(self.command, parts.path, dict(pairs), headers, self.rfile.read(length), pairs)
            server.asked.append(asked)
            status, sent, body = answer(asked)
            self.send_response(status)
            for key, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **sent}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_PUT = _answer

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server = HttpServer(f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(5)


@dataclass
class RawServer:
    """url: where it is. connections: how many were accepted. requests: how many heads came in."""

    url: str
    connections: int = 0
    requests: int = 0


Talking = Callable[[Callable[[bytes], None], int], bool]
"""Given `write` and the number of this request (from 1), answers one request; False closes the connection."""


@contextmanager
def raw_server(talk: Talking, *, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = RawServer(f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}")
    over = threading.Event()

    def converse(conn: socket.socket) -> None:
        with suppress(OSError), conn:
            conn.settimeout(10)
            stream = tls.wrap_socket(conn, server_side=True) if tls else conn
            with stream:
                while not over.is_set() and _read_request(stream):
                    server.requests += 1
                    if not talk(stream.sendall, server.requests):
                        return

    def accept() -> None:
        while not over.is_set():
            with suppress(OSError):
                conn, _ = listener.accept()
                server.connections += 1
                threading.Thread(target=converse, args=(conn,), daemon=True).start()

    listener.settimeout(0.05)
    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        thread.join(5)
        listener.close()


def _read_request(stream: socket.socket) -> bool:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = stream.recv(65_536)
        if not piece:
            return False
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    wanted = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < wanted:
        body += stream.recv(65_536)
    return True


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
    """A wire to a URL: wire_to(url, deadline=5, password=..., extra=..., private_network=True, cap=..., observe=)."""
    made: list[Wire] = []

    def make(
        url: str,
        *,
        password: str = "bridge-secret",
        extra: dict[str, Any] | None = None,
        deadline: float = 5,
        private_network: bool = True,
        **more: Any,
    ) -> Wire:
        system = System(
            name="acme",
            title="Acme",
            kind="rest",
            connection="acme_api",
            deadline=deadline,
            private_network=private_network,
        )
        credentials = Credentials(url, "casebridge", password, extra or {})
        jitter = random.Random(7).random
        wire = Wire(system, credentials, monotonic=time.monotonic, sleep=lambda _: None, random=jitter, **more)
        made.append(wire)
        return wire

    yield make
    for wire in made:
        wire.close()
