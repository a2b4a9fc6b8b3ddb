"""The desk's acts as JSON, for a demonstration or a replay that works as the company's agents would. HTTP Basic.

POST /desk/api/actions does many acts in one transaction, each with its own result; GET /desk/api/cases reads cases in
the company's own body, which each company gives as `render`. `add_desk` puts these and the pages on an app.
Knows no protocol of a company. Next: `pages.py`, `store.py`.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from sandbox.companies.logins import DESK_LOGINS, basic, knows
from sandbox.companies.pages import pages
from sandbox.companies.refusals import Refusal
from sandbox.companies.rows import Mail, Record
from sandbox.companies.store import Store
from sandbox.companies.strict import NotJson, loads
from sandbox.companies.values import from_text
from sandbox.companies.vocabulary import Value, flatten

Render = Callable[[Record], Mapping[str, Any]]
MOST_BYTES = 32_000_000
MOST_CASES = 5000


def add_desk(app: FastAPI, store: Store, render: Render) -> None:
    """The desk on an app: pages at /, static files, and the JSON acts below /desk/api."""
    app.include_router(acts(store, render))
    app.include_router(pages(store))
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")


async def json_body(request: Request) -> Any:
    """The request's strict JSON. 413 over MOST_BYTES, 415 for another type, 400 with the reason."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "Send application/json.")
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BYTES:
            raise HTTPException(413, f"At most {MOST_BYTES} bytes.")
    try:
        return loads(bytes(raw))
    except NotJson as error:
        raise HTTPException(400, str(error)) from error


def signed_in(request: Request) -> str:
    """The agent of this call. 401 for anybody else."""
    login = basic(request.headers.get("authorization"))
    if login is None or not knows(DESK_LOGINS, *login):
        raise HTTPException(401, "Sign in as an agent.", {"WWW-Authenticate": 'Basic realm="desk"'})
    return login[0]


def acts(store: Store, render: Render) -> APIRouter:
    """The two JSON calls."""
    router = APIRouter(prefix="/desk/api")

    @router.post("/actions")
    def actions(agent: Annotated[str, Depends(signed_in)], body: Annotated[Any, Depends(json_body)]) -> JSONResponse:
        wanted = body.get("actions") if isinstance(body, dict) else None
        if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
            raise HTTPException(400, 'Send {"actions": [{"op": ...}, ...]}.')
        with store.together():
            results = [result(store, one, agent) for one in wanted]
        return JSONResponse({"results": results})

    @router.get("/cases")
    def cases(
        _agent: Annotated[str, Depends(signed_in)],
        numbers: str | None = None,
        field: str | None = None,
        values: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_CASES)] = 200,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> JSONResponse:
        if numbers is not None:
            found = [one for one in store.by_numbers(_split(numbers)) if not one.deleted][offset : offset + limit]
        elif field is not None:
            if field not in store.vocabulary.fields:
                raise HTTPException(400, f"There is no field {field!r}. Known: {', '.join(store.vocabulary.fields)}.")
            found = store.by_values(field, _split(values or ""), limit, offset)
        else:
            found = store.select("deleted = 0", limit=limit, offset=offset)
        return JSONResponse({"cases": [render(one) for one in found]})

    @router.get("/files/{number}/{file_id}")
    def file(number: str, file_id: int, _agent: Annotated[str, Depends(signed_in)]) -> Response:
        one, path = store.file(store.by_number(number).id, file_id)
        return FileResponse(path, media_type=one.type)

    return router


def result(store: Store, action: Mapping[str, Any], agent: str) -> dict[str, Any]:
    """Do one act: {"number", "id", "version"}, or {"error", "code", "field", "known"} and nothing was done."""
    try:
        record = _act(store, action, agent)
    except Refusal as refusal:
        return {"error": refusal.message, "code": refusal.code, "field": refusal.field, "known": list(refusal.known)}
    return {"number": record.number, "id": record.id, "version": record.version}


def _act(store: Store, action: Mapping[str, Any], agent: str) -> Record:
    match action:
        case {"op": "create", "fields": dict(fields)}:
            return store.create(_typed(store, fields), by=agent, desk=True)
        case {"op": "edit", "number": str(number), "fields": dict(fields)}:
            return store.edit(store.by_number(number).id, _typed(store, fields), by=agent, desk=True)
        case {"op": "note" | "mail" | "attach", "number": str(number)}:
            _add(store, store.by_number(number), action, agent)
            return store.by_number(number)
        case {"op": "delete", "number": str(number)}:
            return store.delete(store.by_number(number).id, by=agent)
        case {"op": "merge", "number": str(number), "into": str(into)}:
            return store.merge(store.by_number(number).id, store.by_number(into).id, by=agent)
        case {"op": "purge", "number": str(number)}:
            return store.purge(number)
        case _:
            raise _no_act(action)


def _add(store: Store, record: Record, action: Mapping[str, Any], agent: str) -> None:
    """A note, a mail, or a file whose bytes are given as base64."""
    audience = str(action.get("audience") or store.vocabulary.audience("internal").word)
    author = str(action.get("author") or agent)
    match action:
        case {"op": "note", "text": str(text)}:
            store.note(record.id, text, audience, author=author, language=action.get("language"))
        case {"op": "mail", "from": str(sender)}:
            # Email-to-Case writes one that came; the customer wrote it or got it.
            told = {one: str(action.get(one) or "") for one in ("name", "to", "subject", "html")}
            mail = Mail(sender, incoming=bool(action.get("incoming", True)), **told)
            seen = store.vocabulary.audience("customer").word
            store.note(record.id, str(action.get("text") or ""), seen, author=author, mail=mail)
        case {"op": "attach", "name": str(name), "base64": str(encoded)}:
            try:
                source = BytesIO(b64decode(encoded, validate=True))
            except ValueError:
                raise _no_act(action) from None
            store.attach(record.id, source, name, audience, author=author, type_=str(action.get("type") or ""))
        case _:
            raise _no_act(action)


def _no_act(action: Mapping[str, Any]) -> Refusal:
    known = ("create", "edit", "note", "mail", "attach", "delete", "merge", "purge")
    message = f"op {action.get('op')!r}: not an act, or parts of it are absent. Known: {', '.join(known)}."
    return Refusal("unknown_value", message, field="op", value=action.get("op"), known=known)


def _typed(store: Store, fields: Mapping[str, Any]) -> dict[str, Value]:
    """Texts are read as a form's are, so that a caller may send "5" or "true" or a local time; the rest stays."""
    known = store.vocabulary.fields
    flat = flatten(fields, known)
    return {
        name: from_text(store.vocabulary, known[name], value) if name in known and isinstance(value, str) else value
        for name, value in flat.items()
    }


def _split(text: str) -> Sequence[str]:
    return [part for part in text.split(",") if part]
