"""How a token is asked for, one request each: what is sent by each declared way, and what its answer means.

A refresh token may be good once, so it is renewed by one process at a time (`grants.py`), and the next one is kept
before the access token that came with it is used; where another process was quicker, its token is taken. Nobody here
counts logins or knows a call. Next: `auth.py`, which asks.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn
from urllib.parse import urlencode

import jwt

from connectors import paths
from connectors.answer import Answer
from connectors.auth_declared import JwtBearer, RefreshToken, Tokened, TokenEndpoint
from connectors.base import Credentials
from connectors.errors import ConnectorError, Refused, Throttled
from connectors.grants import Claim, Granted, Grants
from connectors.session import EARLY, FOR_EVER, life
from connectors.wire import Wire

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NAP: Final = 0.2
"""Seconds between two looks whether another process has renewed."""


@dataclass(frozen=True, slots=True)
class Token:
    """ends: monotonic seconds at which it counts as expired. asked: whether they were asked for it now."""

    text: str
    ends: float
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Tokens:
    """Asks for tokens as the declaration says. clock: aware. sleep, monotonic: seconds."""

    wire: Wire
    auth: Tokened
    credentials: Credentials
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]

    def ask(self, instead_of: str) -> Token:
        """A token that is good now. instead_of: one that is not taken any more, or nothing. Raises Refused,
        Unreachable, Throttled."""
        if isinstance(self.auth, RefreshToken):
            return self._shared(self.auth, instead_of)
        told, body, started = self._post(self._form(self.auth))
        return Token(self._token(told, body), started + life(paths.get(body, self.auth.expires_in)))

    @property
    def _where(self) -> str:
        return f"{self.wire.system.name} login"

    def _form(self, auth: Tokened) -> Mapping[str, str]:
        if isinstance(auth, TokenEndpoint):
            return {}
        scope = {"scope": auth.scope} if auth.scope else {}
        if isinstance(auth, JwtBearer):
            return {"grant_type": JWT_BEARER, "assertion": self._assertion(auth), **scope}
        return {"grant_type": "client_credentials", **scope}

    def _post(self, form: Mapping[str, str]) -> tuple[Answer, Any, float]:
        """(the answer, its JSON, when it was asked). A repeated login changes nothing: it is safe although a POST."""
        headers, sent, who = dict[str, str](), dict(form), self.credentials
        if isinstance(self.auth, JwtBearer):
            pass  # the assertion says who we are
        elif not isinstance(self.auth, TokenEndpoint) and (self.auth.client == "body" or not who.password):
            sent |= {"client_id": who.login, **({"client_secret": who.password} if who.password else {})}
        else:
            headers["Authorization"] = basic(who)
        if sent:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = self.monotonic()
        content = urlencode(sent).encode()
        answer = self.wire.send("POST", self.auth.path, safe=True, headers=headers, content=content, where=self._where)
        return answer, answer.json(), started

    def _token(self, answer: Answer, body: Any) -> str:
        token = paths.get(body, self.auth.token)
        if answer.status < 400 and isinstance(token, str) and token:
            self.wire.redact.hide(token)
            return token
        connection = self.wire.system.connection
        raise Refused(
            f"the login was answered {answer.status} without a token at {self.auth.token!r}.",
            code="C309",
            where=self._where,
            said=self.wire.said(answer) if answer.status >= 400 else "",
            fix=f"check login and secret in connection {connection!r}, and `auth` in system.yaml.",
        )

    def _assertion(self, auth: JwtBearer) -> str:
        """The signed claims. Raises Refused C311 for a key that is none."""
        login, now = self.credentials.login, self.clock()
        claims = {
            "iss": auth.issuer.replace("{login}", login),
            "sub": auth.subject.replace("{login}", login),
            "aud": auth.audience or self.wire.address(auth.path),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=auth.lives)).timestamp()),
        }
        head = {"kid": auth.key_id} if auth.key_id else None
        try:
            key = str(self.credentials.extra.get(auth.key) or "")
            assertion = jwt.encode(claims, key, algorithm=auth.algorithm, headers=head)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Refused(
                f"{auth.key!r} in the extra of connection {self.wire.system.connection!r} is no PEM key for "
                f"{auth.algorithm}.",
                code="C311",
                where=self._where,
                fix="put the whole text there, from its BEGIN line to its END line, without a passphrase.",
            ) from None
        self.wire.redact.hide(assertion)
        return assertion

    # a refresh token

    def _shared(self, auth: RefreshToken, instead_of: str) -> Token:
        grants, first = self._grants(auth)
        until = self.monotonic() + 2 * self.wire.system.deadline
        while True:
            if (token := self._usable(grants.read(first), instead_of)) is not None:
                return token
            claim = grants.claim(self.wire.system.deadline + EARLY)
            if claim is not None:
                return self._renewed(auth, grants, first, claim, instead_of)
            if self.monotonic() >= until:
                text = "another process is renewing our token, and has not ended yet."
                raise Throttled(text, after=EARLY, where=self._where, code="C203")
            self.sleep(NAP)

    def _renewed(self, auth: RefreshToken, grants: Grants, first: str, claim: Claim, instead_of: str) -> Token:
        """The next token; kept before it is used."""
        try:
            granted = grants.read(first)
            if (token := self._usable(granted, instead_of)) is not None:  # by who had the claim before us
                grants.release()
                return token
            scope = {"scope": auth.scope} if auth.scope else {}
            answer, body, started = self._post(
                {"grant_type": "refresh_token", "refresh_token": granted.refresh, **scope}
            )
            if answer.status in (400, 401):
                self._spent(answer, claim)
            token_text, seconds = self._token(answer, body), life(paths.get(body, auth.expires_in))
        except ConnectorError:
            grants.release()
            raise
        following = paths.get(body, auth.refresh)
        refresh = following if isinstance(following, str) and following else granted.refresh
        self.wire.redact.hide(refresh)
        ends = None if seconds == FOR_EVER else self.clock() + timedelta(seconds=seconds - (self.monotonic() - started))
        grants.keep(first, Granted(refresh, token_text, ends))
        return Token(token_text, started + seconds)

    def _usable(self, granted: Granted, instead_of: str) -> Token | None:
        if not granted.access or granted.access == instead_of:
            return None
        left = FOR_EVER if granted.ends is None else (granted.ends - self.clock()).total_seconds()
        if left <= 0:
            return None
        self.wire.redact.hide(granted.access)
        return Token(granted.access, self.monotonic() + left, asked=False)

    def _grants(self, auth: RefreshToken) -> tuple[Grants, str]:
        connection, first = self.wire.system.connection, self.credentials.extra.get(auth.first)
        if self.credentials.grants is None:
            text = "a refresh token may be good once, and nothing here keeps the next one."
            fix = f"use `casebridge pull {self.wire.system.name}` or `casebridge describe {self.wire.system.name}`."
            raise Refused(text, code="C313", where=self._where, fix=fix)
        if not isinstance(first, str) or not first:
            text = f"the extra of connection {connection!r} holds no {auth.first!r}."
            fix = "let a person consent once, and put the refresh token of that there."
            raise Refused(text, code="C312", where=self._where, fix=fix)
        self.wire.redact.hide(first)
        return self.credentials.grants, first

    def _spent(self, answer: Answer, claim: Claim) -> NoReturn:
        text = f"our refresh token is not taken any more ({answer.status})."
        if claim.broken_off is not None:
            text += (
                f" A process that renewed it at {claim.broken_off:%Y-%m-%d %H:%M:%S UTC} ended before it had an answer."
            )
        connection = self.wire.system.connection
        fix = f"let a person consent anew, and put the new token into the extra of connection {connection!r}."
        raise Refused(text, code="C312", where=self._where, said=self.wire.said(answer), fix=fix)


def basic(credentials: Credentials) -> str:
    """HTTP Basic with login and password."""
    pair = f"{credentials.login}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"
