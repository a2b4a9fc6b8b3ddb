"""A server that answers by a function, one that writes raw bytes, and the bytes that a hostile partner would write.

    with http_server(lambda asked: (200, {}, b"{}")) as server: ...
    with raw_server(dripping(HEAD)) as server: ...

Each answers on a port of 127.0.0.1 in threads of its own and remembers what it was asked. Knows no connector.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """One request as the server saw it. headers: by lower-case name. pairs: the query, each parameter as often as it
    stands there. target: path and query as they came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    pairs: tuple[tuple[str, str], ...] = ()
    target: str = ""


Told = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""
Answering = Callable[[Asked], Told | None]
"""What was asked -> what is answered; None hangs up without an answer."""


class Dripped(bytes):
    """A body that is written a byte at a time, `pause` seconds before each."""

    pause = 1.0


@dataclass
class HttpServer:
    """Where it is and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up on us is no error of the server."""


def _door(server: HttpServer, answer: Answering) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
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
            asked = Asked(self.command, parts.path, dict(pairs), headers, self.rfile.read(length), pairs, self.path)
            server.asked.append(asked)
            answered = answer(asked)
            if answered is None:
                self.close_connection = True
                return
            status, sent, body = answered
            self.send_response_only(status)
            usual = {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                "Date": self.date_time_string(),
            }
            for key, value in {**usual, **sent}.items():
                self.send_header(key, value)
            self.end_headers()
            pieces = [bytes([one]) for one in body] if isinstance(body, Dripped) else [body]
            for piece in pieces:
                if isinstance(body, Dripped):
                    self.wfile.flush()
                    time.sleep(body.pause)
                self.wfile.write(piece)
            self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # the names that http.server calls

    return Door


@contextmanager
def http_server(answer: Answering, *, tls: ssl.SSLContext | None = None) -> Iterator[HttpServer]:
    """Answers each request by the function. Over TLS its name is localhost."""
    server = HttpServer("")
    listener = _Quiet(("127.0.0.1", 0), _door(server, answer))
    if tls is not None:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True)
    server.url = f"{'https://localhost' if tls else 'http://127.0.0.1'}:{listener.server_port}"
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
    """Writes what `talk` writes, HTTP or not."""
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
        piece = stream.recv(65_536)
        if not piece:
            return False
        body += piece
    return True


def status(code: int, *headers: str, body: bytes = b"{}", kind: str = "application/json") -> bytes:
    """A whole answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {code} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def dripping(start: bytes, rest: bytes = b"x" * 100, *, pause: float = 0.1) -> Talking:
    """Writes the start at once and then a byte each pause, then closes."""

    def talk(write: Callable[[bytes], None], _: int) -> bool:
        write(start)
        with suppress(OSError):
            for one in rest:
                time.sleep(pause)
                write(bytes([one]))
        return False

    return talk


def bomb(unpacked: int, *, layers: int = 1, of: bytes = b"0") -> bytes:
    """So many bytes, packed by gzip as often as there are layers; made a piece at a time."""
    packed = bytearray()
    pack = gzip.GzipFile(fileobj=_Into(packed), mode="wb", compresslevel=9)
    piece = of * (2**16 // len(of))
    with pack:
        for start in range(0, unpacked, len(piece)):
            pack.write(piece[: unpacked - start])
    whole = bytes(packed)
    for _ in range(layers - 1):
        whole = gzip.compress(whole)
    return whole


class _Into:
    """A file that only takes."""

    def __init__(self, taken: bytearray) -> None:
        self._taken = taken

    def write(self, piece: bytes) -> int:
        self._taken += piece
        return len(piece)

    def flush(self) -> None:
        """There is nothing to flush."""
