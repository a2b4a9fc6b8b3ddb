"""The process of `casebridge serve`: bind, say who may send, serve until SIGTERM or SIGINT.

It speaks plain HTTP: TLS, and whom the network lets come near, belong to the proxy before it. Next: `app.py`.
"""

from __future__ import annotations

import logging
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

import structlog
import uvicorn

from connectors.base import Credentials
from connectors.errors import Refused
from hub.acting import CannotDo
from hub.asking import PATH
from hub.assembly import load_alliance, wall_clock
from hub.ledger import Ledger
from hub.serve.app import application
from hub.serve.feedback import Customers
from hub.serve.partner import Companies
from hub.serve.webhooks import Senders
from hub.settings import Settings

AT_ONCE: Final = 200
"""Connections that are served together; further ones are answered 503."""


def serve(
    settings: Settings, host: str, port: int, say: Callable[[str], None], resolve: Callable[[str], Credentials]
) -> None:
    """Serve this installation's doors. Port 0 is a free one. resolve: connection id -> credentials. Raises
    DeclarationError, LedgerBehind, and CannotDo X508 where the address cannot be had."""
    alliance, ledger = load_alliance(settings), Ledger.open(settings)
    systems = {name: one.system for name, one in alliance.partners.items() if one.system.webhooks is not None}
    senders = Senders(systems, resolve, ledger, wall_clock)
    customers = Customers(ledger, alliance, wall_clock, time.monotonic)
    companies = Companies(ledger, alliance, wall_clock, time.monotonic)
    _log_to_stderr()
    with _bound(host, port) as listener:
        shown, number = listener.getsockname()[:2]
        for line in [*told(senders), told_of(customers)]:
            say(line)
        say(f"Serving on http://{shown}:{number}")
        config = uvicorn.Config(
            application(senders, customers, companies), log_level="warning", access_log=False, server_header=False,
            limit_concurrency=AT_ONCE, timeout_keep_alive=30, timeout_graceful_shutdown=5,
        )  # fmt: skip
        server = uvicorn.Server(config)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            server.should_exit = True

        # uvicorn takes these over while it serves and raises them again at its end, where they do no harm.
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        server.run(sockets=[listener])


def told(senders: Senders) -> list[str]:
    """A line for each partner that sends webhooks: where to, or why none of them will be taken."""
    lines = []
    for name, system in sorted(senders.systems.items()):
        try:
            count = len(senders.secrets(system, system.webhooks)) if system.webhooks is not None else 0
        except Refused as error:
            lines.append(f"{name}: its webhooks are answered 503. {error}")
        else:
            lines.append(f"{name}: webhooks at /webhooks/{name}, {count} secret{'s' if count > 1 else ''}")
    return lines or ["No partner declares `webhooks` in its system.yaml."]


def told_of(customers: Customers) -> str:
    """A line on the customers' page: where they reach it."""
    address = customers.alliance.feedback_url
    if address:
        return f"Customers answer at {address}{PATH}..."
    return "Customers answer at /feedback/...; CASEBRIDGE_FEEDBACK_URL is not set, so nobody is told a link."


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        fix = "choose another with --port, or 0 for a free one."
        raise CannotDo("X508", f"port {port} on {host} cannot be had: {error.strerror}.", fix=fix) from None


def _log_to_stderr() -> None:
    """One JSON object a line; what the doors say and no more."""
    logging.basicConfig(level=logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=open(2, "w", closefd=False, encoding="utf-8")),  # noqa: SIM115  as long as the process
    )
