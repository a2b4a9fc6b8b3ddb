"""A mail server over a handler of aiosmtpd, for the length of a block. Port 0 is a free one.

Next: `box.py`, the handler of the mailbox.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller


class _Listening(Controller):
    """On a socket that listens already, so that the port is known and nobody else's."""

    def __init__(self, handler: Any, listener: socket.socket) -> None:
        host, port = listener.getsockname()
        super().__init__(handler, hostname=host, port=port)
        self._listener = listener

    def _create_server(self) -> Coroutine[Any, Any, asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


@contextmanager
def taking_mail(handler: Any, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """The server; yields its port. Raises OSError where the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    controller = _Listening(handler, listener)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
