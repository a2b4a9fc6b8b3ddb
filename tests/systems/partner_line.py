"""The way between the hub and a real system, which may lose an answer, deliver a request twice, or let people act
between two calls of ours. It forwards bytes and understands none.

    with line_to(tracker_url) as line:
        line.lost = at("POST", "/issue")
        ... speak to line.url ...
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import requests

FORWARDED = ("if-match", "authorization", "content-type", "x-requested-with", "x-redmine-api-key", "accept")
TOLD = ("ETag", "Content-Type", "Retry-After")


@dataclass
class Asked:
    """One request on its way. path: without its query, which stands in target."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


Where = Callable[[Asked], bool]


def nowhere(asked: Asked) -> bool:
    return False


def at(method: str, path: str) -> Where:
    """Calls of this method whose path ends so."""
    return lambda asked: asked.method == method and asked.path.endswith(path)


@dataclass
class Line:
    """before: called with each request ahead of its delivery. lost: which answers never come. twice: which requests are
    delivered a second time, whose answer is the one that comes."""

    tracker: str
    url: str = ""
    before: Callable[[Asked], object] = field(default=nowhere)
    lost: Where = nowhere
    twice: Where = nowhere

    def clear(self) -> None:
        self.before = self.lost = self.twice = nowhere

    def carry(self, asked: Asked) -> requests.Response | None:
        """What comes back, None where nothing does."""
        self.before(asked)
        answer = self._deliver(asked)
        if self.twice(asked):
            answer = self._deliver(asked)
        return None if self.lost(asked) else answer

    def _deliver(self, asked: Asked) -> requests.Response:
        headers = {name: value for name, value in asked.headers.items() if name in FORWARDED} | {"Origin": self.tracker}
        return requests.request(
            asked.method, f"{self.tracker}{asked.target}", headers=headers, data=asked.body, timeout=30
        )


@contextmanager
def line_to(tracker: str) -> Iterator[Line]:
    """A line to this tracker, on a port of its own."""
    line = Line(tracker)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _carry(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = line.carry(Asked(self.command, self.path, headers, body))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            for name in TOLD:
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_PATCH = _carry

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    line.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
