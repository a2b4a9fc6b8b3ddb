"""The signed wire: each call says who we are, in the way that system.yaml declares.

A token is fetched by one thread while the others wait, renewed before it expires, and once more when a call is answered
401: 401 means that nothing was applied, so the repeat is safe even for a write. A system that takes no token sees three
logins and is then left alone, with an alert.
Knows no records. Next: `auth_declared.py` (the ways), `auth_tokens.py`, `auth_hmac.py`, `session.py`, `wire.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

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
from connectors.auth_tokens import Tokens, basic
from connectors.base import Credentials
from connectors.errors import Refused
from connectors.evidence import About
from connectors.session import Opened, Session
from connectors.wire import Opened as OpenedAnswer
from connectors.wire import Params, Wire

Called = TypeVar("Called")


def _session(wire: Wire, tokens: Tokens, monotonic: Callable[[], float]) -> Session:
    """What keeps the token."""
    fix = (
        f"check login and secret in connection {wire.system.connection!r}, what its user is permitted, and `auth` in "
        "system.yaml."
    )

    def log_in(refused: str) -> Opened:
        token = tokens.ask(refused)
        return Opened(token.text, token.ends, token.asked)

    return Session(log_in, what="token", where=f"{wire.system.name} login", fix=fix, monotonic=monotonic)


class SignedWire:
    """A wire whose every call says who we are. meant: what to make of each
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
        self.wire, self._meant = wire, meant
        self._auth, self._credentials = auth, credentials
        tokens = Tokens(wire, auth, credentials, clock, sleep, monotonic) if isinstance(auth, Tokened) else None
        self._session = None if tokens is None else _session(wire, tokens, monotonic)
        self._signer = Signer(auth, wire.system, credentials, clock) if isinstance(auth, HmacSignature) else None
        self._sign = None if self._signer is None else self._signer.sign
        if isinstance(auth, Tokened) and "://" in auth.path:
            wire.permit(auth.path)

    @property
    def logins(self) -> int:
        """How often a token was asked for."""
        return 0 if self._session is None else self._session.logins

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
    ) -> OpenedAnswer:
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
            if error.code == "C301" and self._session is not None:
                self._session.over(token)
            raise

    def _tried(self, call: Callable[[Mapping[str, str]], Called], token: str) -> Called:
        called = call(self._headers(token))
        if self._session is not None:
            self._session.worked(token)
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
        """The token to send now; empty where the way of signing has none."""
        return "" if self._session is None else self._session.token(instead_of=instead_of)
