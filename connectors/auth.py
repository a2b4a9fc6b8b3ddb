"""Who we are to a REST partner: six declared ways, and the signed wire that adds them to each call.

    auth: {kind: token_endpoint, path: /api/token}      # POST with Basic, answers a token that expires

The secret is always the connection's password (and the login its login); a declaration never holds one. A token is
fetched by one thread while the others wait, renewed before it expires, and once more when a call is answered 401:
401 means that nothing was applied, so the repeat is safe even for a write. A system that takes no token sees three
logins and is then left alone, with an alert.
Knows no records. Next: `wire.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Field

from connectors import paths
from connectors.answer import Answer
from connectors.base import Credentials
from connectors.declared import Declared
from connectors.errors import Refused, Throttled, Unreachable
from connectors.wire import Opened, Params, Wire

Called = TypeVar("Called")
EARLY: Final = 30.0
"""Seconds before its end at which a token counts as expired; a tenth of its life where that is shorter."""
FOR_EVER: Final = float("inf")
MOST_LOGINS: Final = 3
"""In a row, without a call that was let in between them."""


class NoAuth(Declared):
    """Nothing is sent."""

    kind: Literal["none"] = "none"


class BasicAuth(Declared):
    """HTTP Basic with the connection's login and password."""

    kind: Literal["basic"] = "basic"


class HeaderToken(Declared):
    """The connection's password in a header of its own."""

    kind: Literal["header"] = "header"
    header: str = Field(description="name of the header, such as X-Redmine-API-Key")
    prefix: str = Field("", description="text before the token, such as `token `")


class BearerToken(Declared):
    """The connection's password as `Authorization: Bearer`."""

    kind: Literal["bearer"] = "bearer"


class TokenEndpoint(Declared):
    """POST with HTTP Basic to the system's own endpoint, which answers a token that is then sent as Bearer."""

    kind: Literal["token_endpoint"] = "token_endpoint"
    path: str = Field(description="path of the endpoint")
    token: str = Field("access_token", description="path of the token in the answer")
    expires_in: str = Field("expires_in", description="path of its life in seconds; it lives on where there is none")


class ClientCredentials(Declared):
    """OAuth 2 client credentials (RFC 6749, 4.4): login is the client id, password the client secret."""

    kind: Literal["client_credentials"] = "client_credentials"
    path: str = Field(description="path or whole URL of the token endpoint")
    scope: str = Field("", description="scopes asked for, separated by spaces")
    token: str = Field("access_token", description="path of the token in the answer")
    expires_in: str = Field("expires_in", description="path of its life in seconds; it lives on where there is none")


Auth = Annotated[
    NoAuth | BasicAuth | HeaderToken | BearerToken | TokenEndpoint | ClientCredentials, Field(discriminator="kind")
]


class SignedWire:
    """A wire whose every call says who we are. logins: how often a token was asked for."""

    def __init__(self, wire: Wire, auth: Auth, credentials: Credentials, *, monotonic: Callable[[], float]) -> None:
        self.wire, self.logins = wire, 0
        self._auth, self._credentials, self._monotonic = auth, credentials, monotonic
        self._token, self._ends, self._in_a_row, self._lock = "", -FOR_EVER, 0, Lock()
        if isinstance(auth, ClientCredentials) and "://" in auth.path:
            wire.permit(auth.path)

    def send(
        self,
        method: str,
        path: str,
        *,
        safe: bool,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        params: Params | None = None,
        where: str = "",
        content: bytes | Iterable[bytes] | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """As Wire.send, signed. Raises also Refused C301 where a fresh token is not taken either, and C310 once that
        happened too often."""
        return self._signed(
            lambda who: self.wire.send(
                method, path, safe=safe, headers={**(headers or {}), **who}, json=json, content=content, params=params,
                where=where, seconds=seconds,
            )
        )  # fmt: skip

    def open(self, path: str, *, headers: Mapping[str, str], where: str, seconds: float) -> Opened:
        """As Wire.open, signed, and as `send` where who we are is not taken."""
        return self._signed(lambda who: self.wire.open(path, headers={**headers, **who}, where=where, seconds=seconds))

    def _signed(self, call: Callable[[Mapping[str, str]], Called]) -> Called:
        token = self._fresh()
        try:
            return self._tried(call, token)
        except Refused as error:
            if error.code != "C301" or not token:
                raise
        token = self._fresh(instead_of=token)
        try:
            return self._tried(call, token)
        except Refused as error:
            if error.code == "C301":
                self._refused(token)
            raise

    def _tried(self, call: Callable[[Mapping[str, str]], Called], token: str) -> Called:
        called = call(self._headers(token))
        if self._in_a_row:
            self._worked(token)
        return called

    def _headers(self, token: str) -> Mapping[str, str]:
        match self._auth:
            case NoAuth():
                return {}
            case BasicAuth():
                return {"Authorization": _basic(self._credentials)}
            case HeaderToken(header=header, prefix=prefix):
                return {header: f"{prefix}{self._credentials.password}"}
            case BearerToken():
                return {"Authorization": f"Bearer {self._credentials.password}"}
            case TokenEndpoint() | ClientCredentials():
                return {"Authorization": f"Bearer {token}"}

    def _fresh(self, *, instead_of: str = "") -> str:
        """The token to send now; empty where the way of signing has none. instead_of: one that was just refused; where
        another thread has got a new one since, it is that."""
        if not isinstance(self._auth, TokenEndpoint | ClientCredentials):
            return ""
        with self._lock:
            if instead_of and self._token == instead_of:
                self._ends = -FOR_EVER
            if self._monotonic() >= self._ends:
                self._log_in(self._auth)
            return self._token

    def _refused(self, token: str) -> None:
        """This token was not taken although it was new: the next call asks for another one first."""
        with self._lock:
            if self._token == token:
                self._ends = -FOR_EVER

    def _worked(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._in_a_row = 0

    def _log_in(self, auth: TokenEndpoint | ClientCredentials) -> None:
        where = f"{self.wire.system.name} login"
        connection = self.wire.system.connection
        if self._in_a_row >= MOST_LOGINS:
            raise Refused(
                f"{MOST_LOGINS} logins in a row gave no token that they let in.",
                code="C310",
                where=where,
                fix=f"check login and secret in connection {connection!r}, what its user is permitted, and `auth` in "
                "system.yaml.",
            )
        headers, content = {"Authorization": _basic(self._credentials)}, b""
        if isinstance(auth, ClientCredentials):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            scope = f"&scope={auth.scope.replace(' ', '+')}" if auth.scope else ""
            content = f"grant_type=client_credentials{scope}".encode()
        self.logins += 1
        self._in_a_row += 1
        started = self._monotonic()
        # Repeating a login changes nothing over there, so it is safe although it is a POST.
        try:
            answer = self.wire.send("POST", auth.path, safe=True, headers=headers, content=content, where=where)
        except (Unreachable, Throttled):
            self._in_a_row -= 1  # nobody looked at who we are
            raise
        body = answer.json()
        token = paths.get(body, auth.token)
        if answer.status >= 400 or not isinstance(token, str) or not token:
            raise Refused(
                f"the login was answered {answer.status} without a token at {auth.token!r}.",
                code="C309",
                where=where,
                said=self.wire.said(answer) if answer.status >= 400 else "",
                fix=f"check login and secret in connection {connection!r}, and `auth` in system.yaml.",
            )
        self.wire.redact.hide(token)
        self._token, self._ends = token, started + _life(paths.get(body, auth.expires_in))


def _basic(credentials: Credentials) -> str:
    pair = f"{credentials.login}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _life(expires_in: Any) -> float:
    """Seconds for which a token is used, from what its answer says."""
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError):
        return FOR_EVER
    return max(seconds - min(EARLY, seconds / 10), 0.0)
