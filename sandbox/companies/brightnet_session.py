"""Who may call the org and how often: OAuth client credentials, tokens with an end, and the calls of a day.

A token is signed with a key of the store: it holds over a restart and ends after its seconds. Calls are counted over
24 hours from the first, in memory. Knows no resource. Next: `brightnet_door.py`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_faults import no_session, over_limit
from sandbox.companies.logins import API_LOGINS, basic, knows, sign

DAY = 24 * 3600.0
ORG = ids.make(ids.ORG, 1)
LOGIN = "casebridge"


class NoToken(Exception):
    """Why there is no token, as OAuth says it: status 400 with error and error_description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class Tokens:
    """Access tokens of the org. life: seconds. clock: seconds since 1970."""

    def __init__(self, key: bytes, life: float, clock: Callable[[], float] = time.time) -> None:
        self._key, self._life, self._clock = key, life, clock

    def issue(self, form: Mapping[str, str], authorization: str | None, instance: str) -> dict[str, str]:
        """The answer of the token endpoint. instance: scheme and host that the client reached us at. Raises NoToken."""
        grant = form.get("grant_type", "")
        if grant in ("password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
            raise NoToken("invalid_grant", "authentication failure")
        if grant != "client_credentials":
            raise NoToken("unsupported_grant_type", "grant type not supported")
        client, secret = basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if client not in API_LOGINS:
            raise NoToken("invalid_client_id", "client identifier invalid")
        if not knows(API_LOGINS, client, secret):
            raise NoToken("invalid_client", "invalid client credentials")
        issued = str(int(self._clock() * 1000))
        identity = f"{instance}/id/{ORG}/{ids.user(client)}"
        signature = hmac.new(self._key, f"{identity}{issued}".encode(), hashlib.sha256).digest()
        text = f"{issued}.{secrets.token_urlsafe(12)}"
        return {
            "access_token": f"{ORG[:15]}!{text}.{sign(self._key, text)}",
            "signature": base64.b64encode(signature).decode(),
            "scope": "api",
            "instance_url": instance,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued,
        }

    def demand(self, authorization: str | None) -> None:
        """Let a bearer of a living token in. Raises Fault INVALID_SESSION_ID."""
        scheme, _, token = (authorization or "").partition(" ")
        org, _, rest = token.strip().partition("!")
        text, _, signature = rest.rpartition(".")
        good = hmac.compare_digest(signature.encode(), sign(self._key, text).encode())
        if scheme.lower() not in ("bearer", "oauth") or org != ORG[:15] or not good:
            raise no_session()
        if int(text.partition(".")[0]) / 1000 + self._life <= self._clock():
            raise no_session()


class Quota:
    """Calls of the org in 24 hours. most: how many it has. clock: monotonic seconds."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self._clock, self._lock = most, clock, threading.Lock()
        self._used, self._since = 0, clock()

    def take(self) -> None:
        """One call. Raises Fault REQUEST_LIMIT_EXCEEDED."""
        with self._lock:
            if self._clock() - self._since >= DAY:
                self._used, self._since = 0, self._clock()
            if self._used >= self.most:
                raise over_limit()
            self._used += 1

    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self._used}/{self.most}"

    def limits(self) -> dict[str, dict[str, int]]:
        """The answer of /limits, as far as it concerns an integration."""
        left = {"Max": self.most, "Remaining": max(0, self.most - self._used)}
        return {"DailyApiRequests": left, "DailyBulkApiBatches": {"Max": 0, "Remaining": 0}}


def userinfo(instance: str) -> dict[str, Any]:
    """Who the integration user is."""
    user = ids.user(LOGIN)
    return {
        "sub": f"{instance}/id/{ORG}/{user}",
        "user_id": user,
        "organization_id": ORG,
        "preferred_username": f"{LOGIN}@brightnet.example",
        "nickname": LOGIN,
        "name": LOGIN,
        "active": True,
        "language": "ru",
        "locale": "ru_KZ",
        "zoneinfo": "Asia/Almaty",
    }
