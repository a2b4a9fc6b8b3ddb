"""The desk's pages: a list of cases, one case, its form, transfer, note, files, merge and delete, in its language.

Plain forms and links, no script. Every act goes through the store, as any protocol's does; a refusal comes back as a
sentence at its field. Knows no protocol. Next: `door.py` (who), `forms.py` (what changed), `sheet.py` and templates/.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from sandbox.companies.door import Door, Form, FormRefused, NotSignedIn, Visitor
from sandbox.companies.forms import sections, sentence, texts_of, written
from sandbox.companies.listing import Asked, listing
from sandbox.companies.logins import Sessions
from sandbox.companies.refusals import Absent, Refusal, Stale
from sandbox.companies.rows import CREATED, DELETED
from sandbox.companies.sheet import HEADERS, Sheet
from sandbox.companies.store import Store


def pages(store: Store) -> APIRouter:
    """All pages of the desk."""
    sheet = Sheet(store.vocabulary)
    door = Door(Sessions(store.vocabulary.company, store.secret("sessions")))
    router = APIRouter(route_class=_guarded(sheet), default_response_class=Response, include_in_schema=False)
    _entrance(router, sheet, door)
    _reading(router, store, sheet, Depends(door.enter))
    _form(router, store, sheet, Depends(door.enter), Depends(door.receive))
    _acts(router, store, sheet, Depends(door.receive))
    _files(router, store, sheet, door)
    return router


def _entrance(router: APIRouter, sheet: Sheet, door: Door) -> None:
    fields, received = Depends(door.receive_unsigned), Depends(door.receive)

    @router.get("/company.css")
    def colours() -> Response:
        return sheet.colours()

    @router.get("/icon.svg")
    def mark() -> Response:
        return sheet.mark()

    @router.get("/login")
    def login(onward: str = "/") -> Response:
        return sheet.page("login", {"onward": onward, "wrong": "", "name": ""})

    @router.post("/login")
    def sign_in(request: Request, given: Mapping[str, str] = fields) -> Response:
        name, onward = given.get("name", ""), given.get("onward", "/")
        wrong = {"onward": onward, "wrong": sheet.words.labels.login_failed, "name": name}
        inside = door.sign_in(request, name, given.get("password", ""), onward)
        return inside or sheet.page("login", wrong, status=401)

    @router.post("/logout")
    def sign_out(_form: Form = received) -> Response:
        return door.sign_out()


def _reading(router: APIRouter, store: Store, sheet: Sheet, entered: Any) -> None:
    @router.get("/")
    def cases(request: Request, who: Visitor = entered) -> Response:
        found = listing(store, Asked.of(request.query_params))
        return sheet.page("list", {"found": found}, who)

    @router.get("/cases/new")
    def blank(who: Visitor = entered) -> Response:
        return sheet.page("edit", _blank(sheet), who)

    @router.get("/cases/{number}")
    def case(number: str, who: Visitor = entered) -> Response:
        return _case(store, sheet, number, who)

    @router.get("/cases/{number}/delete")
    def ask(number: str, who: Visitor = entered) -> Response:
        return sheet.page("delete", {"record": store.by_number(number)}, who)

    @router.get("/cases/{number}/merge")
    def ask_into(number: str, who: Visitor = entered) -> Response:
        return sheet.page("merge", {"record": store.by_number(number), "wrong": "", "into": ""}, who)


def _form(router: APIRouter, store: Store, sheet: Sheet, entered: Any, received: Any) -> None:
    words = store.vocabulary

    @router.get("/cases/{number}/edit")
    def edit(number: str, who: Visitor = entered) -> Response:
        record = store.by_number(number)
        texts = texts_of(words, record)
        return sheet.page(
            "edit", {"record": record, "sections": sections(words, texts, record=record), "wrong": ""}, who
        )

    @router.post("/cases/{number}/edit")
    def save(number: str, form: Form = received) -> Response:
        record = store.by_number(number)
        version = form.get("version")
        try:
            if version != str(record.version):
                raise Stale(record, int(version) if version.isdecimal() else 0)
            fields = written(words, texts_of(words, record), form.fields)
            store.edit(record.id, fields, by=form.visitor.name, expected=record.version, desk=True)
        except Stale as stale:
            texts, told = texts_of(words, stale.current), words.labels.stale
            again = sections(words, texts, record=stale.current)
            context = {"record": stale.current, "sections": again, "wrong": told}
            return sheet.page("edit", context, form.visitor, 409)
        except Refusal as refusal:
            again = sections(words, form.fields, refusal, record=record)
            context = {"record": record, "sections": again, "wrong": sentence(words, refusal)}
            return sheet.page("edit", context, form.visitor, 422)
        return _to(number)

    @router.post("/cases/new")
    def create(form: Form = received) -> Response:
        try:
            record = store.create(written(words, {}, form.fields), by=form.visitor.name, desk=True)
        except Refusal as refusal:
            again = sections(words, form.fields, refusal)
            context = {"record": None, "sections": again, "wrong": sentence(words, refusal)}
            return sheet.page("edit", context, form.visitor, 422)
        return _to(record.number)


def _acts(router: APIRouter, store: Store, sheet: Sheet, received: Any) -> None:
    words = store.vocabulary

    @router.post("/cases/{number}/transfer")
    def transfer(number: str, form: Form = received) -> Response:
        record = store.by_number(number)
        company = {words.roles.transfer: form.get("company")}
        try:
            store.edit(record.id, company, by=form.visitor.name, desk=True)
        except Refusal as refusal:
            return _case(store, sheet, number, form.visitor, sentence(words, refusal))
        return _to(number)

    @router.post("/cases/{number}/notes")
    def note(number: str, form: Form = received) -> Response:
        record = store.by_number(number)
        try:
            store.note(record.id, form.get("text").strip(), form.get("audience"), author=form.visitor.name)
        except Refusal as refusal:
            text = sentence(words, refusal)
            return _case(store, sheet, number, form.visitor, text, form.get("text"))
        return _to(number, "#notes")

    @router.post("/cases/{number}/delete")
    def delete(number: str, form: Form = received) -> Response:
        store.delete(store.by_number(number).id, by=form.visitor.name)
        return RedirectResponse("/", 303)

    @router.post("/cases/{number}/merge")
    def merge(number: str, form: Form = received) -> Response:
        record, into = store.by_number(number), form.get("into").strip()
        try:
            store.merge(record.id, store.by_number(into).id, by=form.visitor.name)
        except Refusal as refusal:
            told = {"record": record, "wrong": sentence(words, refusal), "into": into}
            return sheet.page("merge", told, form.visitor, 422)
        return _to(into)


def _files(router: APIRouter, store: Store, sheet: Sheet, door: Door) -> None:
    words = store.vocabulary

    @router.get("/cases/{number}/files/{file_id}")
    def read(number: str, file_id: int, _who: Visitor = Depends(door.enter)) -> Response:  # noqa: B008 - as FastAPI has it
        one, path = store.file(store.by_number(number).id, file_id)
        safe = {**HEADERS, "Content-Security-Policy": "sandbox; default-src 'none'"}
        return FileResponse(path, media_type=one.type, filename=one.name, headers=safe)

    @router.post("/cases/{number}/files")
    async def add(number: str, request: Request) -> Response:
        form, upload = await door.receive_file(request, words.largest_file)
        async with upload_closed(upload):
            return await run_in_threadpool(_filed, store, sheet, number, form, upload)


def _filed(store: Store, sheet: Sheet, number: str, form: Form, upload: UploadFile) -> Response:
    record, name = store.by_number(number), (upload.filename or "").replace("\\", "/").rpartition("/")[2]
    type_ = upload.content_type or ""
    try:
        store.attach(record.id, upload.file, name, form.get("audience"), author=form.visitor.name, type_=type_)
    except Refusal as refusal:
        return _case(store, sheet, number, form.visitor, sentence(sheet.words, refusal))
    return _to(number, "#files")


@asynccontextmanager
async def upload_closed(upload: UploadFile) -> AsyncIterator[None]:
    """What an upload took of the disk is given back."""
    try:
        yield
    finally:
        await upload.close()


def _case(store: Store, sheet: Sheet, number: str, who: Visitor, wrong: str = "", draft: str = "") -> Response:
    record = store.by_number(number)
    holder = record.fields[sheet.words.roles.transfer]
    context = {
        "record": record,
        "acts": [list(act) for _, act in groupby(store.history([record.id]), attrgetter("at"))][::-1],
        "ours": holder == sheet.words.own_company,
        "audience_of": {one.word: one for one in sheet.words.audiences},
        "first": CREATED,
        "last": DELETED,
        "wrong": wrong,
        "draft": draft,
    }
    return sheet.page("case", context, who, 422 if wrong else 200)


def _blank(sheet: Sheet) -> dict[str, Any]:
    return {"record": None, "sections": sections(sheet.words, texts_of(sheet.words, None)), "wrong": ""}


def _to(number: str, place: str = "") -> RedirectResponse:
    return RedirectResponse(f"/cases/{quote(number, safe='')}{place}", 303)


def _guarded(sheet: Sheet) -> type[APIRoute]:
    """A route that answers with pages also where it says no, whatever the app around it does with its errors."""

    class Guarded(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    return await answer(request)
                except NotSignedIn:
                    return RedirectResponse(f"/login?onward={quote(_asked_for(request))}", 303)
                except FormRefused:
                    return sheet.page("message", {"text": sheet.words.labels.form_old}, status=403)
                except Absent:
                    return sheet.page("message", {"text": sheet.words.labels.not_found}, status=404)

            return guarded

    return Guarded


def _asked_for(request: Request) -> str:
    if request.method != "GET":
        return "/"
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
