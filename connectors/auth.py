"""The signed wire: each call says who we are, in the way that system.yaml declares.

A token is fetched by one thread while the others wait, renewed before it expires, and once more when a call is answered
401: 401 means that nothing was applied, so the repeat is safe even for a write. A system that takes no token sees three
logins and is then left alone, with an alert.
Knows no records. Next: `auth_declared.py` (the ways), `auth_tokens.py`, `auth_hmac.py`, `wire.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any, Final, TypeVar

from connectors.answer import Answer
from connectors.auth_declared import (
    Auth,
    BasicAuth,
    BearerToken,
    HeaderToken,
    HmacSignature,
    NoAuth,
    Tokened,
)
from connectors.auth_hmac import Signer
from connectors.auth_tokens import FOR_EVER, Tokens, basic
from connectors.base import Credentials
from connectors.errors import Refused, Throttled, Unreachable
from connectors.evidence import About
from connectors.wire import Opened, Params, Wire

Called = TypeVar("Called")
MOST_LOGINS: Final = 3
"""In a row, without a call that was let in between them."""


class SignedWire:
    """A wire whose every call says who we are. logins: how often a token was asked for. meant: what to make of each
    answer; may raise, as who we are may be refused there too."""

    def __init__(
        self,
        wire: Wire,
        auth: Auth,
        credentials: Credentials,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        meant: Callable[[Answer], Answer] = lambda answer: answer,
    ) -> None:
        self.wire, self.logins, self._meant = wire, 0, meant
        self._auth, self._credentials, self._monotonic = auth, credentials, monotonic
        self._token, self._ends, self._in_a_row, self._lock = "", -FOR_EVER, 0, Lock()
        self._tokens = Tokens(wire, auth, credentials, clock, sleep, monotonic) if isinstance(auth, Tokened) else None
        self._signer = Signer(auth, wire.system, credentials, clock) if isinstance(auth, HmacSignature) else None
        self._sign = None if self._signer is None else self._signer.sign
        if isinstance(auth, Tokened) and "://" in auth.path:
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
        about: About | None = None,
    ) -> Answer:
        """As Wire.send, signed. Raises also Refused C301 where a fresh token is not taken either, and C310 once that
        happened too often."""
        return self._signed(
            lambda who: self._meant(
                self.wire.send(
                    method, path, safe=safe, headers={**(headers or {}), **who}, json=json, content=content,
                    params=params, where=where, seconds=seconds, sign=self._sign,
                    about=about,
                )
            )
        )  # fmt: skip

    def open(
        self, path: str, *, headers: Mapping[str, str], where: str, seconds: float, about: About | None = None
    ) -> Opened:
        """As Wire.open, signed, and as `send` where who we are is not taken."""
        return self._signed(
            lambda who: self.wire.open(
                path, headers={**headers, **who}, where=where, seconds=seconds, sign=self._sign, about=about
            )
        )

    def _signed(self, call: Callable[[Mapping[str, str]], Called]) -> Called:
        token = self._fresh()
        try:
            return self._tried(call, token)
        except Refused as error:
            if error.code != "C301" or not token:
                raise self._signer.explained(error) if self._signer else error from None
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
                return {"Authorization": basic(self._credentials)}
            case HeaderToken(header=header, prefix=prefix):
                return {header: f"{prefix}{self._credentials.password}"}
            case BearerToken():
                return {"Authorization": f"Bearer {self._credentials.password}"}
            case HmacSignature():
                return {}
            case _:
                return {"Authorization": f"Bearer {token}"}

    def _fresh(self, *, instead_of: str = "") -> str:
        """The token to send now; empty where the way of signing has none. instead_of: one that was just refused; where
        another thread has got a new one since, it is that."""
        if self._tokens is None:
            return ""
        with self._lock:
            refused = instead_of if self._token == instead_of else ""
            if refused:
                self._ends = -FOR_EVER
            if self._monotonic() >= self._ends:
                self._log_in(self._tokens, refused)
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

    def _log_in(self, tokens: Tokens, refused: str) -> None:
        connection = self.wire.system.connection
        if self._in_a_row >= MOST_LOGINS:
            raise Refused(
                f"{MOST_LOGINS} logins in a row gave no token that they let in.",
                code="C310",
                where=f"{self.wire.system.name} login",
                fix=f"check login and secret in connection {connection!r}, what its user is permitted, and `auth` in "
                "system.yaml.",
            )
        self.logins += 1
        self._in_a_row += 1
        try:
            token = tokens.ask(refused)
        except (Unreachable, Throttled):
            self._in_a_row -= 1  # nobody looked at who we are
            raise
        if not token.asked:
            self.logins -= 1
        self._token, self._ends = token.text, token.ends
