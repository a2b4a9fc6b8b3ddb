"""Files of Northcable's tickets over its API: added as a form with the bytes as `file`, read as they are.

    POST  /api/tickets/ID/files       201 the file; form fields name, type, audience and author may stand beside it
    GET   /api/tickets/ID/files/FID   its bytes

Next: `northcable_api.py`, `store.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from sandbox.companies.northcable_bodies import filed
from sandbox.companies.northcable_gate import BadCall, bearer
from sandbox.companies.refusals import Refusal
from sandbox.companies.store import Store

PARTS = ("name", "type", "audience", "author")
Login = Annotated[str, Depends(bearer)]


def add_files(router: APIRouter, store: Store, whole: Callable[[str], int]) -> None:
    """The two calls. whole: reads an id; raises BadCall."""

    @router.post("/tickets/{ticket_id}/files")
    async def add(ticket_id: str, request: Request, login: Login) -> Response:
        if int(request.headers.get("content-length") or 0) > store.vocabulary.largest_file + 2**20:
            raise Refusal("file_too_large", f"A file has at most {store.vocabulary.largest_file} bytes.", field="file")
        async with request.form(max_files=1, max_fields=10) as form:
            told = {name: value for name, value in form.items() if isinstance(value, str)}
            upload = form.get("file")
            unknown = [name for name in told if name not in PARTS]
            if unknown or not isinstance(upload, UploadFile):
                message = "Send a form with the bytes as `file`."
                raise BadCall("bad_request", message, field=unknown[0] if unknown else "file", known=PARTS)
            return await run_in_threadpool(_added, store, whole(ticket_id), upload, told, login)

    @router.get("/tickets/{ticket_id}/files/{file_id}")
    def read(ticket_id: str, file_id: str, _login: Login) -> Response:
        one, path = store.file(whole(ticket_id), whole(file_id))
        return FileResponse(path, media_type=one.type, headers={"X-Content-Type-Options": "nosniff"})


def _added(store: Store, ticket_id: int, upload: UploadFile, told: dict[str, Any], login: str) -> Response:
    made = store.attach(
        ticket_id,
        upload.file,
        told.get("name") or upload.filename or "",
        told.get("audience") or "internal",
        author=told.get("author") or login,
        type_=told.get("type") or upload.content_type or "",
    )
    return JSONResponse(filed(store.vocabulary, made), 201)
