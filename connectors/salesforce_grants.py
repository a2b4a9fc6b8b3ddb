"""The three declared ways to get a session of an org, each one request: who we are goes out, a Granted comes back.

client_credentials: the connected app itself, by key and secret. jwt_bearer: a user, by an assertion that our private
key signs (RS256) and the app's certificate proves; no secret crosses. password: a user by SOAP login, see
`salesforce_soap_login.py`. Knows no session at work and no count of logins. Next: `salesforce_login.py`, which does.

Sources: "OAuth 2.0 Client Credentials Flow" and "OAuth 2.0 JWT Bearer Flow" of the public Salesforce help (claims iss,
sub, aud, exp; an assertion lives three minutes at most); RFC 7523; refusals from public threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt

from connectors.answer import Answer
from connectors.base import Credentials
from connectors.errors import Refused
from connectors.salesforce_soap_login import Granted, soap_login
from connectors.salesforce_system import SalesforceSystem
from connectors.wire import Wire

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105  # a path, no secret
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LIVES = timedelta(minutes=3)
_JWT_FIXES = {
    "invalid assertion": "the connected app's certificate does not belong to the `private_key` of the connection, or "
    "our clock is wrong.",
    "audience is invalid": "set `audience` in system.yaml: https://login.salesforce.com, https://test.salesforce.com "
    "for a sandbox, or the org's own address.",
    "user hasn't approved": "let the connected app's policy say 'Admin approved users are pre-authorized', and give "
    "our user a permission set or profile of it.",
}
"""What to do, by a piece of what they say."""


@dataclass(frozen=True, slots=True)
class Grants:
    """Asks for sessions as the declaration says. clock: for the end of an assertion."""

    system: SalesforceSystem
    credentials: Credentials
    wire: Wire
    clock: Callable[[], datetime]

    def ask(self) -> Granted:
        """One login. Raises Refused, Unreachable, Throttled."""
        match self.system.login:
            case "client_credentials":
                form = {
                    "grant_type": "client_credentials",
                    "client_id": self.credentials.login,
                    "client_secret": self.credentials.password,
                }
                return self._oauth(form)
            case "jwt_bearer":
                return self._oauth({"grant_type": JWT_BEARER, "assertion": self._assertion()})
            case "password":
                return soap_login(self.system, self.credentials, self.wire, self._where)

    @property
    def _where(self) -> str:
        return f"{self.system.name} login"

    def _assertion(self) -> str:
        """The signed claims. Raises Refused for a key that is none."""
        claims = {
            "iss": self.credentials.extra["consumer_key"],
            "sub": self.credentials.login,
            "aud": self.system.audience,
            "exp": int((self.clock() + ASSERTION_LIVES).timestamp()),
        }
        try:
            assertion = jwt.encode(claims, self.credentials.password, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Refused(
                f"the private_key of the connection {self.system.connection!r} is no RSA key in PEM.", code="C364",
                where=self._where, fix="put the whole text into the extra, from '-----BEGIN PRIVATE KEY-----' to its "
                "END line, without a passphrase.",
            ) from None  # fmt: skip
        self.wire.redact.hide(assertion)
        return assertion

    def _oauth(self, form: Mapping[str, str]) -> Granted:
        """POST of the form to the token endpoint. A repeated login changes nothing, so it is safe although a POST."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        content = urlencode(form).encode()
        answer = self.wire.send("POST", TOKEN_PATH, safe=True, headers=headers, content=content, where=self._where)
        if answer.status >= 300:
            raise Refused(
                f"the login was refused ({answer.status}).", code="C350", where=self._where,
                said=self.wire.said(answer), fix=self._fix(answer),
            )  # fmt: skip
        told: Any = answer.json()
        token, instance, identity = (
            told.get(key) if isinstance(told, dict) else None for key in ("access_token", "instance_url", "id")
        )
        if not isinstance(token, str) or not isinstance(instance, str):
            token, instance = "", ""
        return Granted(token, instance, identity if isinstance(identity, str) else "")

    def _fix(self, answer: Answer) -> str:
        if self.system.login == "client_credentials":
            return (
                f"check consumer key and secret in the connection {self.system.connection!r}, and that the connected "
                "app allows the client credentials flow."
            )
        said = self.wire.said(answer)
        usual = f"check user name and consumer_key in the connection {self.system.connection!r}, and the app's policy."
        return next((fix for piece, fix in _JWT_FIXES.items() if piece in said), usual)
