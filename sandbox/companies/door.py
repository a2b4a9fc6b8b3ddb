"""The door of the desk's pages: who comes in by the cookie, and which forms are taken.

A form is taken from somebody signed in, from this site's own page (Origin), with the token of that session; the
cookie is SameSite=strict besides. Knows no page. Next: `pages.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from sandbox.companies.logins import DESK_LOGINS, SESSION_SECONDS, Sessions, knows

MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in. token: what the forms of this session carry."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody signed in sent. Line ends are \\n, whatever the browser made of them."""

    visitor: Visitor
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


class NotSignedIn(Exception):
    """Nobody, or a session that is over."""


class FormRefused(Exception):
    """A form of another site, of another session, or too large."""


class Door:
    """Sign in, come in, hand in a form, sign out."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def enter(self, request: Request) -> Visitor:
        """Who this is. Raises NotSignedIn."""
        cookie = request.cookies.get(self._sessions.cookie)
        name = self._sessions.person(cookie)
        if name is None or cookie is None:
            raise NotSignedIn
        return Visitor(name, self._sessions.token(cookie))

    async def receive(self, request: Request) -> Form:
        """A form of somebody signed in. Raises NotSignedIn, FormRefused."""
        visitor = self.enter(request)
        fields = await self.receive_unsigned(request)
        if not compare_digest(fields.get("token", "").encode(), visitor.token.encode()):
            raise FormRefused
        return Form(visitor, fields)

    async def receive_file(self, request: Request, most: int) -> tuple[Form, UploadFile]:
        """A form of somebody signed in that brings a file, kept on disk above a megabyte; who asks closes it. Raises
        NotSignedIn, FormRefused."""
        visitor = self.enter(request)
        self._check_origin(request)
        if int(request.headers.get("content-length") or most + MOST_BYTES) >= most + MOST_BYTES:
            raise FormRefused
        given = await request.form(max_files=1, max_fields=10)
        fields = {name: value for name, value in given.items() if isinstance(value, str)}
        upload = given.get("file")
        same = compare_digest(fields.get("token", "").encode(), visitor.token.encode())
        if not same or not isinstance(upload, UploadFile):
            await given.close()
            raise FormRefused
        return Form(visitor, fields), upload

    async def receive_unsigned(self, request: Request) -> Mapping[str, str]:
        """The fields of a form that needs no session: the sign-in. Raises FormRefused."""
        self._check_origin(request)
        raw = bytearray()
        async for part in request.stream():
            raw += part
            if len(raw) > MOST_BYTES:
                raise FormRefused
        try:
            pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
        except ValueError as error:
            raise FormRefused from error
        return {name: value.replace("\r\n", "\n") for name, value in pairs}

    @staticmethod
    def _check_origin(request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            raise FormRefused

    def sign_in(self, request: Request, name: str, password: str, onward: str) -> RedirectResponse | None:
        """To the page asked for, with the cookie; None where name and password do not go together."""
        if not knows(DESK_LOGINS, name, password):
            return None
        answer = RedirectResponse(_inside(onward), 303)
        answer.set_cookie(
            self._sessions.cookie,
            self._sessions.issue(name),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    def sign_out(self) -> RedirectResponse:
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(self._sessions.cookie, httponly=True, samesite="strict")
        return answer


def _inside(path: str) -> str:
    """Only a path of this site is gone to; anything else leads to the list."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else "/"
