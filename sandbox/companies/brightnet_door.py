"""Brightnet's HTTP side: reads a request, lets it in, finds its resource, and puts the answer or the fault on the wire.

    POST /services/oauth2/token, POST /services/Soap/u/NN.0 (login), GET /services/oauth2/userinfo, GET /services/data
    /services/data/vNN.0/  query, queryAll, sobjects, composite, composite/sobjects, jobs, limits

Each answer below /services/data/vNN.0 bears Sforce-Limit-Info. Next: `brightnet_sobjects.py`, `brightnet_query.py`,
`brightnet_collections.py`, `brightnet_session.py`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from starlette.datastructures import UploadFile

from sandbox.companies.brightnet_ask import Answer, Ask, Csv, Form, Stream
from sandbox.companies.brightnet_bodies import body
from sandbox.companies.brightnet_bulk import Bulk
from sandbox.companies.brightnet_collections import collections
from sandbox.companies.brightnet_composite import batch, composite
from sandbox.companies.brightnet_describe import NEWEST, OLDEST, resources, versions
from sandbox.companies.brightnet_faults import Fault, no_method, no_resource, not_json
from sandbox.companies.brightnet_jobs import Jobs
from sandbox.companies.brightnet_logins import Logins, NoToken
from sandbox.companies.brightnet_pages import Locators, batch_size
from sandbox.companies.brightnet_query import find
from sandbox.companies.brightnet_session import Quota, Tokens, userinfo
from sandbox.companies.brightnet_sobjects import rows
from sandbox.companies.brightnet_words import LARGEST_FILE
from sandbox.companies.desk import MOST_BYTES, add_desk
from sandbox.companies.store import Store
from sandbox.companies.strict import NotJson, loads

METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD"]
LONGEST_URI = 16_384
_TOO_LONG = "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"


class Org:
    """The org behind its store: answers one Ask. Safe for threads."""

    def __init__(self, store: Store, quota: Quota, jobs: Jobs) -> None:
        self.store, self.quota, self.locators = store, quota, Locators()
        self.bulk = Bulk(store, jobs)

    def answer(self, ask: Ask) -> Answer:
        """Raises Fault."""
        match ask.path:
            case ():
                return Answer(200, resources(ask.version))
            case ("limits",):
                return Answer(200, self.quota.limits())
            case ("query" | "queryAll", *rest):
                return self._query(ask, rest)
            case ("sobjects", *_):
                return rows(self.store, ask)
            case ("jobs", *_):
                return self.bulk.answer(ask)
            case ("composite", *rest):
                return self._composite(ask, rest)
            case _:
                raise no_resource()

    def _composite(self, ask: Ask, rest: list[str]) -> Answer:
        if rest[:1] == ["sobjects"]:
            return collections(self.store, ask)
        if rest not in ([], ["batch"]) or ask.method != "POST":
            raise no_resource()
        if rest:
            return batch(ask, self.answer)
        return composite(self.store, ask, self.answer)

    def _query(self, ask: Ask, rest: list[str]) -> Answer:
        if ask.method != "GET":
            raise no_method(ask.method)
        if rest:
            return Answer(200, self.locators.next(rest[0], ask.version))
        if not ask.params.get("q"):
            raise Fault(400, "MALFORMED_QUERY", "A query string has to be specified")
        found = find(self.store, ask.params["q"], deleted=ask.path[0] == "queryAll")
        size = batch_size(ask.headers.get("sforce-query-options", ""))
        return Answer(200, self.locators.first(found, size, ask.version))


def application(
    store: Store,
    *,
    session_seconds: float = 7200.0,
    daily_limit: int = 100_000,
    certificate: str | None = None,
    bulk_pace: float = 0.0,
) -> FastAPI:
    """Brightnet's app over its store: the org's API and the people's desk. certificate: PEM of the connected app's.
    bulk_pace: seconds that 200 rows of a bulk job take."""
    jobs = Jobs(store, bulk_pace)
    app = FastAPI(
        title="Brightnet", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False,
        lifespan=_ending(jobs.close),
    )  # fmt: skip
    quota = Quota(daily_limit)
    org, tokens = Org(store, quota, jobs), Tokens(store.secret("salesforce"), session_seconds)
    logins = Logins(tokens, certificate)

    @app.post("/services/oauth2/token")
    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await _raw(request)).decode("utf-8", "replace")))
        try:
            return _json(200, logins.oauth(form, request.headers.get("authorization"), _instance(request)))
        except NoToken as why:
            return _json(400, why.body)

    @app.post("/services/Soap/u/{version}")
    async def soap(version: str, request: Request) -> Response:
        status, envelope = logins.soap(await _raw(request), version, _instance(request))
        return Response(envelope, status, media_type="text/xml;charset=UTF-8")

    @app.get("/services/oauth2/userinfo")
    def who(request: Request) -> Response:
        try:
            tokens.demand(request.headers.get("authorization"))
        except Fault as fault:
            return _json(fault.status, fault.answer())
        return _json(200, userinfo(_instance(request)))

    @app.get("/services/data")
    @app.get("/services/data/")
    def listed() -> Response:
        return _json(200, versions())

    @app.api_route("/services/{rest:path}", methods=METHODS)
    async def resource(request: Request) -> Response:
        if len(str(request.url)) > LONGEST_URI:
            return Response(_TOO_LONG, 414, media_type="text/html")
        try:
            tokens.demand(request.headers.get("authorization"))
            quota.take()
            async with _asked_in(request) as ask:
                answer = await run_in_threadpool(org.answer, ask)
        except Fault as fault:
            answer = Answer(fault.status, fault.answer(), {"WWW-Authenticate": "Token"} if fault.status == 401 else {})
        return _json(answer.status, answer.body, {**answer.headers, "Sforce-Limit-Info": quota.header()})

    add_desk(app, store, body)
    return app


@asynccontextmanager
async def _asked_in(request: Request) -> AsyncIterator[Ask]:
    """The request below its version, a form's file open as long as it lasts. Raises Fault: no such version, a body
    that is no JSON."""
    parts, version = _below(request)
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        yield _asked(request, parts, version, await _read(request, kind))
        return
    if int(request.headers.get("content-length") or 0) > LARGEST_FILE + 2**20:
        raise Fault(413, "REQUEST_TOO_LARGE", f"The request is larger than {LARGEST_FILE} bytes")
    async with request.form(max_files=1, max_fields=1) as form:
        told = next((loads(one.encode()) for one in form.values() if isinstance(one, str)), None)
        upload = form.get("VersionData")
        if not isinstance(told, dict) or not isinstance(upload, UploadFile):
            raise Fault(400, "INVALID_MULTIPART_REQUEST", "A form has the row as JSON, then the bytes as VersionData")
        yield _asked(request, parts, version, Form(told, upload.file, upload.filename or ""))


def _below(request: Request) -> tuple[list[str], str]:
    """The parts of the path, and the version in it. Raises Fault."""
    raw_path: bytes = request.scope["raw_path"]
    parts = [unquote(part) for part in raw_path.partition(b"?")[0].decode("ascii", "replace").split("/") if part]
    version = parts[2].removeprefix("v") if len(parts) > 2 else ""
    number = version.removesuffix(".0")
    known = parts[1:2] == ["data"] and number.isdigit() and OLDEST <= int(number) <= NEWEST and version.endswith(".0")
    if not known or not parts[2].startswith("v"):
        raise no_resource()
    return parts, version


async def _read(request: Request, kind: str) -> Any:
    """The body that is no form. Raises Fault."""
    raw = await _raw(request)
    if raw and kind == "text/csv" and request.method == "PUT":
        return _csv(raw)
    if raw and kind != "application/json":
        message = f"The HTTP entity body has the content type {kind}, which is not supported. Use application/json."
        raise Fault(415, "UNSUPPORTED_MEDIA_TYPE", message)
    try:
        return loads(raw) if raw else None
    except NotJson as why:
        raise not_json(str(why)) from why


def _asked(request: Request, parts: Sequence[str], version: str, told: Any) -> Ask:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Ask(request.method, tuple(parts[3:]), version, dict(request.query_params), headers, told)


def _csv(raw: bytes) -> Csv:
    try:
        return Csv(raw.decode())
    except UnicodeDecodeError:
        raise Fault(400, "INVALIDBATCH", "The job's data has to be UTF-8") from None


def _ending(end: Callable[[], None]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What an app does when it stops serving."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        end()

    return life


async def _raw(request: Request) -> bytes:
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BYTES:
            raise Fault(413, "REQUEST_TOO_LARGE", f"The request is larger than {MOST_BYTES} bytes")
    return bytes(raw)


def _instance(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _json(status: int, told: Any, headers: Mapping[str, str] | None = None) -> Response:
    if told is None:
        return Response(status_code=status, headers=dict(headers or {}))
    if isinstance(told, Stream):
        return FileResponse(told.path, status, dict(headers or {}), media_type="application/octetstream")
    if isinstance(told, Csv):
        return Response(told, status, dict(headers or {}), "text/csv;charset=UTF-8")
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, dict(headers or {}), "application/json;charset=UTF-8")
