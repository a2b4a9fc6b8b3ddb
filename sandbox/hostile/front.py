"""What stands before a company's server and meddles with single calls: answers for it, or changes what goes in and
what comes out. The company itself is the sandbox's own, unchanged.

    async def meddle(asked, through): return Answer(503) if asked.method == "PATCH" else await through(asked)

An ASGI application around another one. Knows no company. Next: `alliance.py`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.hostile.answers import Asked


@dataclass(frozen=True)
class Answer:
    """One answer. body: bytes as they are, anything else as JSON."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        """The bytes of the body."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


Through = Callable[[Asked], Awaitable[Answer]]
"""Asks the company itself."""
Meddle = Callable[[Asked, Through], Awaitable[Answer]]


async def leave(asked: Asked, through: Through) -> Answer:
    """The Meddle that meddles with nothing."""
    return await through(asked)


class Front:
    """See the module. asked: all that came, in order; `meddle` and `app` may be set at any time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.meddle: Meddle = leave
        self.asked: list[Asked] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = await _heard(scope, receive)
        self.asked.append(asked)

        async def through(changed: Asked) -> Answer:
            return await _told(self.app, scope, changed)

        answer = await self.meddle(asked, through)
        body = answer.raw()
        headers = {"content-type": "application/json", **answer.headers, "content-length": str(len(body))}
        lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": lines})
        await send({"type": "http.response.body", "body": body})


async def _heard(scope: Scope, receive: Receive) -> Asked:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["method"], scope["path"], dict(parse_qsl(scope["query_string"].decode())), headers, body)


async def _told(app: ASGIApp, scope: Scope, asked: Asked) -> Answer:
    headers = {**asked.headers, "content-length": str(len(asked.body))}
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    given = [{"type": "http.request", "body": asked.body, "more_body": False}]
    said: list[Message] = []

    async def receive() -> Message:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    await app({**scope, "headers": lines}, receive, send)
    start = next(one for one in said if one["type"] == "http.response.start")
    body = b"".join(one.get("body", b"") for one in said if one["type"] == "http.response.body")
    return Answer(start["status"], body, {n.decode("latin-1"): v.decode("latin-1") for n, v in start["headers"]})
