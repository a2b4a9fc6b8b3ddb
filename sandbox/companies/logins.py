"""Who may come in: the API's user, the desk's people, and the signed cookie of a desk session.

The cookie is signed with a key of the store, so that it holds over a restart; it bears the company's name, because
the companies share one host and browsers keep cookies by host, not by port. Knows no page. Next: `desk.py`, `pages.py`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

API_LOGINS: Mapping[str, str] = {"casebridge": "bridge-secret"}
DESK_LOGINS: Mapping[str, str] = {"agent": "agent"}
SESSION_SECONDS = 8 * 3600


def basic(header: str | None) -> tuple[str, str] | None:
    """Name and password of an `Authorization: Basic` header, or None where it is no such thing."""
    scheme, _, coded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def knows(logins: Mapping[str, str], name: str, password: str) -> bool:
    """Whether the two go together; takes the same time for an unknown name as for a wrong password."""
    wanted = logins.get(name)
    same = hmac.compare_digest(password.encode(), (wanted or "").encode())
    return same and wanted is not None


def sign(key: bytes, text: str) -> str:
    """The text's signature, in hex."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Sessions:
    """Cookies of the desk. key: from the store. clock: seconds since 1970."""

    company: str
    key: bytes
    clock: Callable[[], float] = time.time

    @property
    def cookie(self) -> str:
        return f"{self.company}_desk"

    def issue(self, name: str) -> str:
        """A cookie's value for that person."""
        text = f"{name}.{int(self.clock()) + SESSION_SECONDS}"
        return f"{text}.{sign(self.key, text)}"

    def person(self, value: str | None) -> str | None:
        """Who bears this cookie; None when it is absent, forged or too old."""
        text, _, signature = (value or "").rpartition(".")
        if not hmac.compare_digest(signature.encode(), sign(self.key, text).encode()):
            return None
        name, _, until = text.rpartition(".")
        return name if name in DESK_LOGINS and int(until) > self.clock() else None

    def token(self, value: str) -> str:
        """What each form of that session carries, so that no other site can send it."""
        return sign(self.key, f"form {value}")
