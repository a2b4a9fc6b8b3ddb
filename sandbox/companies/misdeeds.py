"""What each misbehaviour of the catalogue does to one call: between the request that came and the answer that goes.

    told = await CALLS["answer_lost"](meeting)

A Told is sent; HungUp closes the connection under whoever asked. Knows ASGI no more than that, and no company's rules:
the company itself is asked through `meeting.through`. Next: `misbehaving.py`, which calls these; `mischief.py`, what an
administrator or the store does.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from typing import Any, Final

from sandbox.companies import misdeeds_rows
from sandbox.companies.calling import Asked
from sandbox.companies.misbehaviours import Wanted

JSON: Final = "application/json"
XML: Final = "text/xml; charset=utf-8"
UUID: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOBODY: Final = b"00000000-0000-0000-0000-000000000000"
ELSEWHERE: Final = "http://127.0.0.1:9/elsewhere"
PAGE: Final = b"<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"
FAULT: Final = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
    "<faultcode>soap:Server</faultcode><faultstring>{}</faultstring></soap:Fault></soap:Body></soap:Envelope>"
)
WAITS: Final[Mapping[str, str]] = {"seconds": "3", "fraction": "1.5", "negative": "-1", "huge": "1e9", "words": "soon"}


class HungUp(Exception):
    """The connection is closed without an answer, or without the rest of one."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer. pause: seconds before each byte of it, 0: at once. whole: what its head says is sent; else half."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    pause: float = 0.0
    whole: bool = True


@dataclass(slots=True)
class Meeting:
    """One call that meets a misbehaviour. kind: of the company. through: asks the company itself. memory: what the
    misbehaviour remembers from one call to the next. later: does something once the answer has gone."""

    kind: str
    asked: Asked
    call: str
    wanted: Wanted
    through: Callable[[Asked], Awaitable[Told]]
    memory: dict[str, Any]
    later: Callable[[Awaitable[Any]], None]
    save_oldest: Callable[[], Awaitable[None]]

    def option(self, name: str) -> Any:
        return self.wanted.options[name]

    def error(self, status: int, code: str, text: str) -> Told:
        """An error as this kind of company writes one."""
        if self.kind == "soap":
            return Told(
                500 if status >= 500 else status, {"content-type": XML}, FAULT.format(f"{code}: {text}").encode()
            )
        told: Any = [{"errorCode": code, "message": text}]
        if self.kind == "rest":
            told = {"error": {"code": code.lower(), "message": text, "field": None, "known": []}}
        return Told(status, {"content-type": JSON}, json.dumps(told).encode())


Misdeed = Callable[[Meeting], Awaitable[Told]]


async def request_lost(meeting: Meeting) -> Told:
    raise HungUp


async def answer_lost(meeting: Meeting) -> Told:
    await meeting.through(meeting.asked)
    raise HungUp


async def answer_late(meeting: Meeting) -> Told:
    told = await meeting.through(meeting.asked)
    await asyncio.sleep(meeting.option("seconds"))
    return told


async def applied_late(meeting: Meeting) -> Told:
    async def apply() -> None:
        await asyncio.sleep(meeting.option("seconds"))
        await meeting.through(meeting.asked)

    meeting.later(apply())
    raise HungUp


async def delivered_twice(meeting: Meeting) -> Told:
    await meeting.through(meeting.asked)
    return await meeting.through(meeting.asked)


async def slow_drip(meeting: Meeting) -> Told:
    return replace(await meeting.through(meeting.asked), pause=meeting.option("seconds"))


async def half_body(meeting: Meeting) -> Told:
    return replace(await meeting.through(meeting.asked), whole=False)


async def broken_body(meeting: Meeting) -> Told:
    told = await meeting.through(meeting.asked)
    return replace(told, body=told.body[: len(told.body) // 2])


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * 200_000_000, 9)


async def gzip_bomb(meeting: Meeting) -> Told:
    kind = XML if meeting.kind == "soap" else JSON
    return Told(200, {"content-type": kind, "content-encoding": "gzip"}, await asyncio.to_thread(_bomb))


async def redirect(meeting: Meeting) -> Told:
    return Told(302, {"location": ELSEWHERE}, b"")


async def html_page(meeting: Meeting) -> Told:
    return Told(int(meeting.option("status")), {"content-type": "text/html"}, PAGE)


async def gateway_error(meeting: Meeting) -> Told:
    return Told(503, {"content-type": "text/html"}, b"<html><body><h1>503 Service Unavailable</h1></body></html>")


async def server_error(meeting: Meeting) -> Told:
    return meeting.error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.")


async def server_error_after(meeting: Meeting) -> Told:
    await meeting.through(meeting.asked)
    return await server_error(meeting)


async def wrong_credentials(meeting: Meeting) -> Told:
    if meeting.kind == "salesforce" and meeting.call == "login":
        told = {"error": "invalid_client", "error_description": "invalid client credentials"}
        return Told(400, {"content-type": JSON}, json.dumps(told).encode())
    return meeting.error(401, "INVALID_SESSION_ID", "Session expired or invalid")


async def session_expired(meeting: Meeting) -> Told:
    return meeting.error(401, "INVALID_SESSION_ID", "Session expired or invalid")


async def rights_taken(meeting: Meeting) -> Told:
    return meeting.error(403, "INSUFFICIENT_ACCESS", "insufficient access rights")


async def rate_limit(meeting: Meeting) -> Told:
    form, now = meeting.option("form"), datetime.now(UTC)
    told = meeting.error(429, "TOO_MANY_CALLS", "Slow down.")
    wait = {"retry-after": format_datetime(now + timedelta(seconds=3), usegmt=True)} if form == "date" else {}
    wait = {"retry-after": WAITS[form]} if form in WAITS else wait
    return replace(told, headers={**told.headers, **wait, "date": format_datetime(now, usegmt=True)})


async def overloaded(meeting: Meeting) -> Told:
    told = meeting.error(503, "SERVER_UNAVAILABLE", "Come again.")
    return replace(told, status=503, headers={**told.headers, "retry-after": "2"})


async def quota_used_up(meeting: Meeting) -> Told:
    return meeting.error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


async def quota_near_end(meeting: Meeting) -> Told:
    told = await meeting.through(meeting.asked)
    return replace(told, headers={**told.headers, "sforce-limit-info": "api-usage=14999/15000"})


async def row_locked(meeting: Meeting) -> Told:
    asked = json.loads(meeting.asked.body)
    error = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access to this record"}

    def refused(part: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{"success": False, "errors": [{**error, "fields": []}]} for _ in part.get("records", ())]

    if "compositeRequest" not in asked:
        return Told(200, {"content-type": JSON}, json.dumps(refused(asked)).encode())
    nothing = {"totalSize": 0, "done": True, "records": []}
    parts = [
        {
            "body": refused(one["body"]) if "body" in one else nothing, "httpHeaders": {}, "httpStatusCode": 200,
            "referenceId": one["referenceId"],
        }
        for one in asked["compositeRequest"]
    ]  # fmt: skip
    return Told(200, {"content-type": JSON}, json.dumps({"compositeResponse": parts}).encode())


async def last_row_refused(meeting: Meeting) -> Told:
    asked = json.loads(meeting.asked.body)
    if not misdeeds_rows.without_last(asked):
        return await meeting.through(meeting.asked)
    told = await meeting.through(replace(meeting.asked, body=json.dumps(asked).encode()))
    return replace(told, body=json.dumps(misdeeds_rows.refused(json.loads(told.body))).encode())


async def last_result_lost(meeting: Meeting) -> Told:
    told = await meeting.through(meeting.asked)
    if not misdeeds_rows.without_last(json.loads(meeting.asked.body)):
        return told
    return replace(told, body=json.dumps(misdeeds_rows.left_out(json.loads(told.body))).encode())


async def cursor_lost(meeting: Meeting) -> Told:
    if meeting.kind == "rest" and "after=" in meeting.asked.query:
        return meeting.error(410, "CURSOR_GONE", "This cursor is too old.")
    if meeting.kind == "salesforce" and "/query/" in meeting.asked.path:
        return meeting.error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return await meeting.through(meeting.asked)


async def error_in_success(meeting: Meeting) -> Told:
    return replace(meeting.error(400, "FIELD_INTEGRITY_EXCEPTION", "It could not be saved."), status=200)


async def nothing_changed(meeting: Meeting) -> Told:
    return Told(204, {}, b"")


async def ignored_value(meeting: Meeting) -> Told:
    asked, name = meeting.asked, str(meeting.option("field"))
    if meeting.kind == "soap":
        word = re.escape(name.encode())
        body = re.sub(
            rb"<((?:[\w-]+:)?)" + word + rb"(?:\s[^>]*)?(?:/>|>.*?</\1" + word + rb">)", b"", asked.body, flags=re.S
        )
    else:
        body = json.dumps(_without(json.loads(asked.body), name), ensure_ascii=False).encode()
    return await meeting.through(replace(asked, body=body))


def _without(told: Any, name: str) -> Any:
    if isinstance(told, dict):
        head, _, rest = name.partition(".")
        kept = {key: _without(value, name) for key, value in told.items() if key != name}
        if rest and isinstance(kept.get(head), dict):
            kept[head] = _without(kept[head], rest)
        return kept
    return [_without(one, name) for one in told] if isinstance(told, list) else told


async def unknown_word(meeting: Meeting) -> Told:
    told = await meeting.through(meeting.asked)
    old, new = str(meeting.option("word")), str(meeting.option("instead"))
    body = told.body.replace(old.encode(), new.encode())
    return replace(told, body=body.replace(json.dumps(old)[1:-1].encode(), new.encode()))


async def lagging_find(meeting: Meeting) -> Told:
    asked = meeting.asked
    query = UUID.sub(NOBODY, asked.query.encode()).decode()
    return await meeting.through(replace(asked, query=query, body=UUID.sub(NOBODY, asked.body)))


async def stale_page(meeting: Meeting) -> Told:
    if "first" not in meeting.memory:
        meeting.memory["first"] = await meeting.through(meeting.asked)
    told: Told = meeting.memory["first"]
    return told


async def changing_while_read(meeting: Meeting) -> Told:
    told = await meeting.through(meeting.asked)
    await meeting.save_oldest()
    return told


def ahead(told: Told, seconds: float) -> Told:
    """The answer as a server writes it whose clock is so many seconds ahead."""
    if "date" not in told.headers:
        now = datetime.now(UTC) + timedelta(seconds=seconds)
    else:
        now = parsedate_to_datetime(told.headers["date"]) + timedelta(seconds=seconds)
    return replace(told, headers={**told.headers, "date": format_datetime(now, usegmt=True)})


_MISDEEDS: Final[tuple[Misdeed, ...]] = (
    request_lost, answer_lost, answer_late, applied_late, delivered_twice, slow_drip, half_body, broken_body, gzip_bomb,
    redirect, html_page, gateway_error, server_error, server_error_after, wrong_credentials, session_expired,
    rights_taken, rate_limit, overloaded, quota_used_up, quota_near_end, row_locked, last_row_refused,
    last_result_lost, cursor_lost, error_in_success, nothing_changed,
    ignored_value, unknown_word, lagging_find, stale_page, changing_while_read,
)  # fmt: skip
CALLS: Final[Mapping[str, Misdeed]] = {one.__name__: one for one in _MISDEEDS}
"""By the name that the catalogue has for each."""
