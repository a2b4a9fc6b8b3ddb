"""How a company's server runs: bind, say READY, serve, stop cleanly; and the command line that all companies share.

`run` is for a process of its own, `serving` for a test (a real socket, in a thread). Knows no company. Plain uvicorn.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

FAREWELL = 0.2
"""Seconds that a closing connection is given at the end."""


@dataclass(frozen=True, slots=True)
class Tls:
    """server: PEM file with the certificate chain and its private key. authority: PEM file that clients trust.
    expired: as server, of a time that is over."""

    server: Path
    authority: Path
    expired: Path | None = None


class _Announced(uvicorn.Server):
    """Says so when it accepts."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """A TLS client that idles never answers our farewell: it is not waited for."""
        asyncio.get_running_loop().call_later(FAREWELL, self._abort)
        await super().shutdown(sockets=sockets)

    def _abort(self) -> None:
        for connection in list(self.server_state.connections):
            transport: asyncio.Transport | None = connection.transport
            if transport is not None and transport.is_closing():
                transport.abort()


Tell = Callable[[str, ssl.SSLContext | None], None]
"""Told once a server accepts: its address, and the context in which its connections begin."""


def _nobody(_url: str, _context: ssl.SSLContext | None) -> None:
    """The Tell of who tells nobody."""


def run(app: ASGIApp, port: int, *, host: str = "127.0.0.1", tls: Tls | None = None, tell: Tell = _nobody) -> None:
    """Serve until SIGTERM or SIGINT; prints `READY <url>`. Port 0 picks a free one. Exits 2 when the port is taken."""
    listener, config = bind(host, port), _config(app, tls)

    def ready() -> None:
        tell(url_of(listener, tls), config.ssl)
        print(f"READY {url_of(listener, tls)}", flush=True)

    server = _Announced(config, ready)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn takes these over while it serves and raises them again at its end, where they do no harm.
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.run(sockets=[listener])


@contextlib.contextmanager
def serving(app: ASGIApp, *, tls: Tls | None = None, tell: Tell = _nobody) -> Iterator[str]:
    """The app on a free port of 127.0.0.1 for the length of the block; yields its URL."""
    listener, config = bind("127.0.0.1", 0), _config(app, tls)
    accepts = threading.Event()

    def ready() -> None:
        tell(url_of(listener, tls), config.ssl)
        accepts.set()

    server = _Announced(config, ready)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        if not accepts.wait(20):
            raise TimeoutError("the server did not start within 20 s")
        yield url_of(listener, tls)
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; a taken port ends the process with a sentence that says what to do."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        reason = (
            f"Port {port} on {host} cannot be had ({error.strerror}). Choose another with --port, or 0 for a free one."
        )
        logging.getLogger(__name__).error(reason)
        raise SystemExit(2) from error
    return listener


def url_of(listener: socket.socket, tls: Tls | None) -> str:
    """Where clients on this machine reach it."""
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def flags(
    company: str, port: int, argv: Sequence[str] | None = None, *more: tuple[str, str, str]
) -> argparse.Namespace:
    """The flags that all companies share; `more` are (flag, default, help) of one company's own, read as text."""
    parser = argparse.ArgumentParser(
        prog=f"python -m sandbox.companies.{company}", description=f"The company {company}."
    )
    parser.add_argument("--port", type=int, default=port, help=f"0 picks a free one (default {port})")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    parser.add_argument("--state", type=Path, required=True, help="folder of its durable store")
    parser.add_argument("--rate", type=float, default=200.0, help="calls a second that the API takes; 0: no limit")
    for flag, default, text in more:
        parser.add_argument(flag, default=default, help=text)
    return parser.parse_args(argv)


def _config(app: ASGIApp, tls: Tls | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
        lifespan="on",
        ssl_certfile=str(tls.server) if tls else None,
    )
