"""The one door at which a company is told to misbehave, and what stands before its server while it does.

    POST   /sandbox/misbehave   {"fault": "answer_lost", "times": 3, "where": {"call": "create", "after": 1}}
    GET    /sandbox/misbehave   what there is, and what is on, with how many calls each has met
    DELETE /sandbox/misbehave   ends it all, or ?fault=NAME that one

All with `Authorization: Bearer TOKEN`; the token is new at each start and stands in STATE/misbehave.json, readable by
its owner. Nothing is on when a server starts. A misbehaviour meets calls of the API alone: the company's own people
work on. An ASGI application around the company's. Next: `misbehaviours.yaml` (the catalogue), `misdeeds.py`,
`mischief.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.companies import misdeeds
from sandbox.companies.calling import API, Asked, call_of
from sandbox.companies.misbehaviours import CATALOGUE, GROUPS, KINDS, Unfit, Wanted, wanted
from sandbox.companies.mischief import STATES, Company, Undo
from sandbox.companies.misdeeds import HungUp, Meeting, Told
from sandbox.companies.run import Tell, Tls
from sandbox.companies.store import Store

PLACE: Final = "/sandbox/misbehave"
FILE: Final = "misbehave.json"
MOST_ASKED: Final = 100_000


@dataclass(slots=True)
class On:
    """One misbehaviour that is on. met: calls that met it. seen: calls of its kind that came. undo: of a state."""

    wanted: Wanted
    met: int = 0
    seen: int = 0
    memory: dict[str, Any] = field(default_factory=dict)
    undo: Undo | None = None

    def meets(self, call: str) -> bool:
        """Whether it meets this call, which came; counted."""
        if call not in GROUPS[self.wanted.call] or (self.wanted.times is not None and self.met >= self.wanted.times):
            return False
        self.seen += 1
        if self.seen <= self.wanted.after:
            return False
        self.met += 1
        return True

    def told(self) -> dict[str, Any]:
        """As JSON."""
        wanted = self.wanted
        where = {"call": wanted.call, "after": wanted.after}
        told = {"fault": wanted.fault.name, "times": wanted.times, "met": self.met, "where": where}
        return {**told, "with": dict(wanted.options)}


class Misbehaving:
    """See the module. token: who may say so."""

    def __init__(self, name: str, store: Store, make: Callable[[Store], ASGIApp]) -> None:
        self.company = Company(name, store, make, make(store))
        self.token = secrets.token_urlsafe(24)
        self.on: list[On] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.company.app(scope, receive, send)
        elif scope["path"] == PLACE:
            await _answer(send, await self._door(await _heard(scope, receive)))
        elif (self.on or self.company.skew) and scope["path"].startswith(API[self.company.name]):
            await self._meet(scope, receive, send)
        else:
            await self.company.app(scope, receive, send)

    def begin(self, asked: Any) -> On:
        """Switch one on. Raises Unfit."""
        one = On(wanted(KINDS[self.company.name], asked))
        name = one.wanted.fault.name
        if name in STATES:
            one.undo = STATES[name](self.company, one.wanted.options)
        self.on.append(one)
        return one

    def end(self, name: str = "") -> list[On]:
        """Switch them off, the newest first, or those of one name; they are given. Raises Unfit."""
        if name and name not in CATALOGUE:
            raise Unfit(f"{name!r} is no misbehaviour.", name, tuple(CATALOGUE))
        ended = [one for one in reversed(self.on) if not name or one.wanted.fault.name == name]
        for one in ended:
            self.on.remove(one)
            if one.undo is not None:
                one.undo()
        return ended

    async def _door(self, asked: Asked) -> Told:
        given = asked.headers.get("authorization", "").partition(" ")[2]
        if not compare_digest(given.encode(), self.token.encode()):
            return _json(401, {"error": f"Send the token of {FILE} in its state as Authorization: Bearer."})
        try:
            if asked.method == "GET":
                return _json(200, self._shown())
            if asked.method == "POST":
                one = await run_in_threadpool(self.begin, _read(asked.body))
                return _json(200, one.told())
            if asked.method == "DELETE":
                name = parse_qs(asked.query).get("fault", [""])[0]
                return _json(200, {"ended": [one.told() for one in await run_in_threadpool(self.end, name)]})
        except Unfit as error:
            return _json(422, {"error": str(error), "known": list(error.known)})
        return _json(405, {"error": "GET, POST or DELETE."})

    def _shown(self) -> dict[str, Any]:
        kind = KINDS[self.company.name]
        there = [asdict(one) for one in CATALOGUE.values() if kind in one.kinds]
        return {"company": self.company.name, "kind": kind, "there": there, "on": [one.told() for one in self.on]}

    async def _meet(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await _heard(scope, receive)
        call = call_of(self.company.name, asked)

        async def through(changed: Asked) -> Told:
            return await _told(self.company.app, scope, changed)

        one = next((one for one in self.on if one.meets(call)), None)
        try:
            if one is None:
                told = await through(asked)
            else:
                told = await misdeeds.CALLS[one.wanted.fault.name](self._meeting(one, asked, call, through))
            if self.company.skew:
                told = misdeeds.ahead(told, self.company.skew)
            await _answer(send, told)
        except HungUp:
            _hang_up(send)

    def _meeting(self, one: On, asked: Asked, call: str, through: Callable[[Asked], Awaitable[Told]]) -> Meeting:
        async def save_oldest() -> None:
            await run_in_threadpool(self.company.save_oldest)

        kind = KINDS[self.company.name]
        return Meeting(kind, asked, call, one.wanted, through, one.memory, self._later, save_oldest)

    def _later(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # the loop keeps a weak reference only
        task.add_done_callback(self._tasks.discard)


def tell_where(app: Misbehaving, state: Path, tls: Tls | None = None) -> Tell:
    """What writes address and token of a server that has begun into its state, for its owner alone."""

    def tell(url: str, context: ssl.SSLContext | None) -> None:
        company = app.company
        company.tls = context
        if tls is not None and tls.expired is not None:
            company.server, company.expired = str(tls.server), str(tls.expired)
        part = state / f"{FILE}.part"
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"url": url, "token": app.token}, file)
        part.replace(state / FILE)

    return tell


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise Unfit("the body is no JSON.") from None


def _json(status: int, told: Any) -> Told:
    return Told(status, {"content-type": "application/json"}, json.dumps(told, ensure_ascii=False).encode())


async def _heard(scope: Scope, receive: Receive) -> Asked:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body)


async def _told(app: ASGIApp, scope: Scope, asked: Asked) -> Told:
    """The company's whole answer to what may be another question than that which came."""
    headers = {**asked.headers, "content-length": str(len(asked.body))}
    given = [{"type": "http.request", "body": asked.body, "more_body": False}]
    said: list[Message] = []

    async def receive() -> Message:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    changed = {**scope, "headers": _lines(headers.items()), "query_string": asked.query.encode("latin-1")}
    await app(changed, receive, send)
    start = next(one for one in said if one["type"] == "http.response.start")
    body = b"".join(one.get("body", b"") for one in said if one["type"] == "http.response.body")
    return Told(start["status"], {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in start["headers"]}, body)


async def _answer(send: Send, told: Told) -> None:
    """Send it, as fast and as far as it is to go. Raises HungUp where that is not to its end."""
    headers = {**told.headers, "content-length": str(len(told.body))}
    cycle = _cycle(send)
    if "date" in headers and cycle is not None:  # else uvicorn's own stands before it
        cycle.default_headers = [line for line in cycle.default_headers if line[0].lower() != b"date"]
    if told.status == 204:
        headers.pop("content-length")
    await send({"type": "http.response.start", "status": told.status, "headers": _lines(headers.items())})
    if not told.whole:
        await send({"type": "http.response.body", "body": told.body[: len(told.body) // 2], "more_body": True})
        await asyncio.sleep(0.05)  # it is on its way before the connection goes
        raise HungUp
    if told.pause:
        for at in range(len(told.body)):
            await asyncio.sleep(told.pause)
            if cycle is not None and cycle.disconnected:
                return
            await send({"type": "http.response.body", "body": told.body[at : at + 1], "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.body", "body": told.body})


def _lines(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _cycle(send: Send) -> Any:
    """uvicorn's cycle of one request and its answer, for what ASGI has no word for; None where another server asks."""
    return getattr(send, "__self__", None)


def _hang_up(send: Send) -> None:
    """Close the connection under whoever asked."""
    _cycle(send).transport.abort()
