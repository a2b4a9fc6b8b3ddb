"""The mailbox as pages: a list, and each mail as a mail program would show it.

A mail's HTML is shown in a frame that may run nothing and ask nobody. Next: `box.py`.
"""

from __future__ import annotations

from pathlib import Path

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.mailbox.box import Box

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
FRAMED = {**HEADERS, "Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; sandbox allow-popups"}


def pages(box: Box) -> Starlette:
    """The app."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip

    def whole(_request: Request) -> Response:
        mails = [mail for number in box.numbers()[:200] if (mail := box.mail(number)) is not None]
        return HTMLResponse(templates.get_template("mails.html.j2").render(mails=mails), headers=HEADERS)

    def one(request: Request) -> Response:
        mail = box.mail(request.path_params["number"])
        if mail is None:
            return _absent()
        return HTMLResponse(templates.get_template("mail.html.j2").render(mail=mail), headers=HEADERS)

    def shown(request: Request) -> Response:
        mail = box.mail(request.path_params["number"])
        return _absent() if mail is None else HTMLResponse(mail.html, headers=FRAMED)

    def attached(request: Request) -> Response:
        mail = box.mail(request.path_params["number"])
        place = request.path_params["place"]
        if mail is None or not 0 <= place < len(mail.attachments):
            return _absent()
        part = mail.attachments[place]
        name = (part.get_filename() or "file").replace('"', "")
        kept = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(part.get_payload(decode=True), media_type=part.get_content_type(), headers=kept)

    return Starlette(
        routes=[
            Route("/", whole),
            Route("/mails/{number:int}", one),
            Route("/mails/{number:int}/html", shown),
            Route("/mails/{number:int}/attached/{place:int}", attached),
        ]
    )


def _absent() -> Response:
    return HTMLResponse("<!doctype html><title>Mailbox</title><p>There is no such mail.", 404, headers=HEADERS)
