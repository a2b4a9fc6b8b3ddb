"""Who is in and how often they may call: tokens with an end, and the calls of a day.

A token is signed with a key of the store: it holds over a restart and ends after its seconds. Calls are counted over
24 hours from the first, in memory. Knows no resource. Next: `brightnet_logins.py`, the ways to a token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_faults import no_session, over_limit
from sandbox.companies.logins import sign

DAY = 24 * 3600.0
ORG = ids.make(ids.ORG, 1)
LOGIN = "casebridge"
USERNAME = f"{LOGIN}@brightnet.example"
"""The integration user's."""


class Tokens:
    """Access tokens of the org. life: seconds. clock: seconds since 1970."""

    def __init__(self, key: bytes, life: float, clock: Callable[[], float] = time.time) -> None:
        self._key, self._life, self._clock = key, life, clock

    def issue(self, user: str, instance: str) -> dict[str, str]:
        """The answer of a login. user: the id of who logged in. instance: scheme and host that the client reached us
        at."""
        issued = str(int(self._clock() * 1000))
        identity = f"{instance}/id/{ORG}/{user}"
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
        "preferred_username": USERNAME,
        "nickname": LOGIN,
        "name": LOGIN,
        "active": True,
        "language": "ru",
        "locale": "ru_KZ",
        "zoneinfo": "Asia/Almaty",
    }
