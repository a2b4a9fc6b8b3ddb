"""Northcable's REST API: tickets, comments, history, fields; JSON in and out, errors that name field and known values.

    POST  /api/token                 HTTP Basic; {"access_token", "token_type", "expires_in"}
    GET   /api/tickets               ?after=SEQ&limit=N | ?ids=1,2 | ?hub_case=ID
    POST  /api/tickets               201 the ticket; 409 where its hub_case exists
    POST, PATCH  /api/tickets/batch  up to 200 of them (`northcable_batches.py`)
    GET   /api/tickets/ID            PATCH with If-Match: "VERSION" (412: the answer is the ticket as it is now)
    POST  /api/tickets/ID/comments   201 the comment; the ETag is the ticket's new version
    POST  /api/tickets/ID/files      GET /api/tickets/ID/files/FID   (`northcable_files.py`)
    GET   /api/tickets/ID/history    GET /api/history?ids=1,2    GET /api/fields    GET /api/me

Every ticket answer of one ticket carries its version as ETag. Next: `northcable_bodies.py` (what an answer looks
like), `northcable_gate.py` (tokens, rate, errors).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from sandbox.companies.desk import add_desk, json_body
from sandbox.companies.northcable_batches import create_many, edit_many
from sandbox.companies.northcable_bodies import changes, comment, fields, ticket
from sandbox.companies.northcable_files import add_files
from sandbox.companies.northcable_gate import BadCall, Bucket, Tokens, add_errors, bearer, tagged
from sandbox.companies.refusals import Refusal
from sandbox.companies.rows import Record
from sandbox.companies.store import Store
from sandbox.companies.vocabulary import flatten

MOST_TICKETS = 500
COMMENT_PARTS = ("body", "author", "audience", "language")


def application(store: Store, *, rate: float = 200.0, token_life: float = 3600.0) -> FastAPI:
    """Northcable's app over its store. rate: API calls a second, 0 for no limit. token_life: seconds."""
    app = FastAPI(title="Northcable", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    tokens = Tokens(store.secret("tokens"), token_life, time.time)
    app.state.tokens = tokens
    add_errors(app, store.vocabulary)
    api = APIRouter(prefix="/api", dependencies=[Depends(Bucket(rate, time.monotonic).take)])
    _entrance(api, tokens)
    _tickets(api, store)
    add_files(api, store, _id)
    app.include_router(api)
    add_desk(app, store, lambda record: ticket(store.vocabulary, record))
    return app


async def json_object(request: Request) -> dict[str, Any]:
    """A body that is one JSON object. 400 for anything else."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise BadCall("bad_request", "Send one JSON object.")
    return body


Login = Annotated[str, Depends(bearer)]
Body = Annotated[dict[str, Any], Depends(json_object)]


def _entrance(router: APIRouter, tokens: Tokens) -> None:
    @router.post("/token")
    def token(request: Request) -> JSONResponse:
        given = tokens.issue(request.headers.get("authorization"))
        return JSONResponse({"access_token": given, "token_type": "Bearer", "expires_in": int(tokens.life)})


def _tickets(router: APIRouter, store: Store) -> None:
    words = store.vocabulary

    @router.get("/me")
    def me(login: Login) -> JSONResponse:
        return JSONResponse(
            {"login": login, "company": words.title, "language": words.language, "zone": words.zone.key}
        )

    @router.get("/fields")
    def described(_login: Login) -> JSONResponse:
        return JSONResponse({"fields": fields(words)})

    @router.get("/tickets")
    def listed(request: Request, _login: Login) -> JSONResponse:
        return JSONResponse(_listed(store, request.query_params.multi_items()))

    @router.post("/tickets")
    def create(login: Login, body: Body) -> Response:
        return tagged(ticket(words, store.create(flatten(body, words.fields), by=login)), 201)

    @router.post("/tickets/batch")
    def create_batch(login: Login, body: Body) -> JSONResponse:
        return JSONResponse(create_many(store, body, login))

    @router.patch("/tickets/batch")
    def edit_batch(login: Login, body: Body) -> JSONResponse:
        return JSONResponse(edit_many(store, body, login))

    @router.get("/tickets/{ticket_id}")
    def one(ticket_id: str, _login: Login) -> Response:
        return tagged(ticket(words, store.get(_id(ticket_id))))

    @router.patch("/tickets/{ticket_id}")
    def edit(ticket_id: str, request: Request, login: Login, body: Body) -> Response:
        expected = _version(request.headers.get("if-match"))
        record = store.edit(_id(ticket_id), flatten(body, words.fields), by=login, expected=expected)
        return tagged(ticket(words, record))

    @router.post("/tickets/{ticket_id}/comments")
    def add_comment(ticket_id: str, login: Login, body: Body) -> Response:
        note, record = _commented(store, _id(ticket_id), body, login)
        return JSONResponse(note, 201, {"ETag": f'"{record.version}"'})

    @router.get("/tickets/{ticket_id}/history")
    def history(ticket_id: str, _login: Login) -> JSONResponse:
        record = store.get(_id(ticket_id))
        return JSONResponse({"history": changes(words, store.history([record.id]))})

    @router.get("/history")
    def histories(ids: str, _login: Login) -> JSONResponse:
        asked = [_id(one, "ids") for one in ids.split(",") if one][:MOST_TICKETS]
        return JSONResponse({"history": changes(words, store.history(asked) if asked else [])})


def _listed(store: Store, asked: list[tuple[str, str]]) -> dict[str, Any]:
    """The answer to one of the three questions of the list; a parameter that is not known is refused, not ignored."""
    match sorted(asked):
        case [("ids", ids)]:
            found = store.by_ids([_id(one, "ids") for one in ids.split(",") if one][:MOST_TICKETS])
            return {"tickets": [ticket(store.vocabulary, one) for one in found]}
        case [("hub_case", hub_id)]:
            bearer = store.by_hub(hub_id)
            return {"tickets": [ticket(store.vocabulary, bearer)] if bearer else []}
        case paging if {name for name, _ in paging} <= {"after", "limit"} and len(dict(paging)) == len(paging):
            chosen = dict(paging)
            after = _whole("after", chosen.get("after", "0"), 2**62)
            limit = max(1, min(_whole("limit", chosen.get("limit", "100"), 2**62), MOST_TICKETS))
            found = store.after(after, limit + 1)
            page = found[:limit]
            tickets = [ticket(store.vocabulary, one) for one in page]
            return {"tickets": tickets, "next": str(page[-1].seq if page else after), "more": len(found) > limit}
        case _:
            message = "Ask with after and limit, or with ids, or with hub_case; each once."
            raise BadCall("bad_request", message, known=("after", "limit", "ids", "hub_case"))


def _commented(store: Store, ticket_id: int, body: Mapping[str, Any], login: str) -> tuple[dict[str, Any], Record]:
    for name, value in body.items():
        if name not in COMMENT_PARTS:
            raise Refusal("unknown_field", f"A comment has no {name!r}.", field=name, known=COMMENT_PARTS)
        if not isinstance(value, str):
            raise Refusal("wrong_type", f"{name} takes a text, not {value!r}.", field=name, value=value)
    with store.together():
        note = store.note(
            ticket_id,
            body.get("body", ""),
            body.get("audience", "internal"),
            author=body.get("author", login),
            language=body.get("language"),
        )
        return comment(store.vocabulary, note), store.get(ticket_id)


def _id(text: str, field: str = "id") -> int:
    return _whole(field, text, 2**62)


def _whole(field: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) > most:
        raise BadCall("bad_request", f"{field} takes a whole number, not {text!r}.", field=field)
    return int(text)


def _version(header: str | None) -> int | None:
    """The version of an If-Match header; None where there is none, or `*`."""
    if header is None or header.strip() == "*":
        return None
    text = header.strip().removeprefix("W/").strip('"')
    return _whole("If-Match", text, 2**62)
