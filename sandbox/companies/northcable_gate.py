"""Who and how often: Northcable's bearer tokens, its token bucket, and the one shape of its errors.

    {"error": {"code": "unknown_value", "message": "...", "field": "state", "known": ["New", ...]}}

A token is signed with a key of the store: it holds over a restart, and ends after its life. Next: `northcable_api.py`.
"""

from __future__ import annotations

import hmac
import math
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from sandbox.companies.logins import API_LOGINS, DESK_LOGINS, basic, knows, sign
from sandbox.companies.northcable_bodies import ticket
from sandbox.companies.refusals import Duplicate, Refusal, Stale
from sandbox.companies.vocabulary import Vocabulary

STATUS: Final[Mapping[str, int]] = {
    "bad_request": 400,
    "unauthorized": 401,
    "token_expired": 401,
    "forbidden": 403,
    "not_found": 404,
    "deleted": 404,
    "duplicate": 409,
    "stale": 412,
    "file_too_large": 413,
    "too_many_calls": 429,
}
CODES_OF_STATUS: Final[Mapping[int, str]] = {401: "unauthorized", 403: "forbidden", 404: "not_found"}


class BadCall(Exception):
    """The call itself is refused, before any ticket is looked at. code: a key of STATUS."""

    def __init__(
        self, code: str, message: str, *, field: str = "", known: tuple[str, ...] = (), after: int = 0
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.known = known
        self.after = after


class Tokens:
    """Bearer tokens: "NAME.UNTIL.SIGNATURE". life in seconds; clock in seconds since 1970."""

    def __init__(self, key: bytes, life: float, clock: Callable[[], float]) -> None:
        self.life = life
        self._key = key
        self._clock = clock

    def issue(self, authorization: str | None) -> str:
        """A token for the API's user. Raises BadCall: unauthorized, forbidden (an agent is no API user)."""
        login = basic(authorization)
        if login and knows(API_LOGINS, *login):
            text = f"{login[0]}.{self._clock() + self.life:.3f}"
            return f"{text}.{sign(self._key, text)}"
        if login and knows(DESK_LOGINS, *login):
            raise BadCall("forbidden", f"{login[0]} may use the desk, not the API.")
        raise BadCall("unauthorized", "Name and password do not go together.")

    def bearer(self, request: Request) -> str:
        """Who bears the request's token. Raises BadCall: unauthorized, token_expired."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        text, _, signature = token.strip().rpartition(".")
        if scheme.lower() != "bearer" or not hmac.compare_digest(signature.encode(), sign(self._key, text).encode()):
            raise BadCall("unauthorized", "Send a token of POST /api/token as Authorization: Bearer.")
        name, _, until = text.partition(".")
        if float(until) <= self._clock():
            raise BadCall("token_expired", "The token's life is over; fetch a new one at POST /api/token.")
        return name


class Bucket:
    """So many calls a second, and a second's worth of them at once. rate 0: no limit. clock: monotonic seconds."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._left = max(1.0, rate)
        self._at = clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """One call. Raises BadCall: too_many_calls, with the whole seconds to wait."""
        if self._rate <= 0:
            return
        with self._lock:
            now = self._clock()
            self._left = min(max(1.0, self._rate), self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left < 1:
                wait = math.ceil((1 - self._left) / self._rate)
                raise BadCall("too_many_calls", f"At most {self._rate:g} calls a second; wait {wait} s.", after=wait)
            self._left -= 1


def bearer(request: Request) -> str:
    """The API user of this call; the tokens stand on the app's state."""
    tokens: Tokens = request.app.state.tokens
    return tokens.bearer(request)


def add_errors(app: FastAPI, words: Vocabulary) -> None:
    """Every refusal of the API in Northcable's one shape; the pages answer their own before it comes here."""

    @app.exception_handler(BadCall)
    def bad_call(_request: Request, error: BadCall) -> JSONResponse:
        return _refused(error)

    @app.exception_handler(Refusal)
    def refusal(_request: Request, error: Refusal) -> Response:
        if isinstance(error, Stale):
            return tagged(ticket(words, error.current), 412)
        return JSONResponse({"error": told(error)}, STATUS.get(error.code, 422))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        if not request.url.path.startswith(("/api", "/desk/api")):
            return await http_exception_handler(request, error)
        answer = shaped(error.status_code, CODES_OF_STATUS.get(error.status_code, "bad_request"), str(error.detail))
        answer.headers.update(error.headers or {})
        return answer


def told(error: Refusal) -> dict[str, Any]:
    """A refusal as the API says it."""
    about: dict[str, Any] = {"field": error.field or None, "known": list(error.known)}
    if isinstance(error, Duplicate):
        about |= {"id": error.existing.id, "number": error.existing.number}
    return {"code": error.code, "message": error.message, **about}


def shaped(status: int, code: str, message: str, about: Mapping[str, Any] | None = None) -> JSONResponse:
    """An error answer; about: field and known values, and more where the code has more to say."""
    return JSONResponse(
        {"error": {"code": code, "message": message, "field": None, "known": [], **(about or {})}}, status
    )


def tagged(body: Mapping[str, Any], status: int = 200) -> JSONResponse:
    """A ticket's answer, with its version as ETag."""
    return JSONResponse(body, status, {"ETag": f'"{body["version"]}"'})


def _refused(error: BadCall) -> JSONResponse:
    about = {"field": error.field or None, "known": list(error.known)}
    answer = shaped(STATUS[error.code], error.code, error.message, about)
    if error.after:
        answer.headers["Retry-After"] = str(error.after)
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="tickets"'
    return answer
