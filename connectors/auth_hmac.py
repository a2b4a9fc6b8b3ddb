"""A signature over a call, as `auth: {kind: hmac, ...}` declares it: put on the request right before it is sent.

What is signed are the bytes that go out: path and query as they are on the wire, the body piece by piece. Who takes it
may look at the time, so where it is not taken and their clock is not ours, that is said. Next: `auth.py`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from string import Formatter
from typing import Final
from urllib.parse import urlsplit

import requests

from connectors.auth_declared import HmacSignature, SignedDate, parts_of
from connectors.base import Credentials, System
from connectors.errors import Refused

SKEW: Final = 30.0
"""Seconds between two clocks from which on it is said."""

Part = Iterable[bytes]


class Signer:
    """Signs for one connection. clock: aware."""

    def __init__(
        self, auth: HmacSignature, system: System, credentials: Credentials, clock: Callable[[], datetime]
    ) -> None:
        self._auth, self._system, self._login, self._clock = auth, system, credentials.login, clock
        self._key = _key(auth, system, credentials)

    def sign(self, request: requests.PreparedRequest) -> None:
        """Put the signature and what goes with it on this request."""
        auth, headers = self._auth, request.headers
        if auth.date is not None:
            headers[auth.date.header] = written(self._clock(), auth.date)
        wanted = {*parts_of(auth.sign), *parts_of(auth.value)}
        body_hash = ""
        if auth.body_header or "body_hash" in wanted:
            digest = hashlib.new(auth.algorithm)
            for piece in _body(request):
                digest.update(piece)
            body_hash = self._encoded(digest.digest())
        if auth.body_header:
            headers[auth.body_header] = body_hash
        parts = self._parts(request, body_hash)
        mac = hmac.new(self._key, digestmod=auth.algorithm)
        for literal, name, _, _ in Formatter().parse(auth.sign):
            mac.update(literal.encode())
            for piece in _body(request) if name == "body" else (parts[name].encode(),) if name else ():
                mac.update(piece)
        headers[auth.header] = auth.value.format(**parts, signature=self._encoded(mac.digest()))

    def explained(self, error: Refused) -> Refused:
        """The error of a call that they did not let in; where the clocks differ, that is the likely cause."""
        theirs = error.their_time
        if self._auth.date is None or theirs is None:
            return error
        ahead = (self._clock() - theirs).total_seconds()
        if abs(ahead) < SKEW:
            return error
        which = "ahead of" if ahead > 0 else "behind"
        text = f"they do not take our signature (401), and our clock is {abs(ahead):.0f} s {which} theirs."
        fix = "set this machine's clock (NTP); a signature is taken for a few minutes only."
        return Refused(text, code="C314", where=error.where, said=error.said, fix=fix)

    def _parts(self, request: requests.PreparedRequest, body_hash: str) -> Mapping[str, str]:
        url = urlsplit(request.url or "")
        date = self._auth.date
        return {
            "method": request.method or "",
            "path": url.path,
            "query": url.query,
            "target": url.path + (f"?{url.query}" if url.query else ""),
            "host": url.netloc,
            "date": str(request.headers[date.header]) if date is not None else "",
            "body": "",
            "body_hash": body_hash,
            "content_type": str(request.headers.get("Content-Type", "")),
            "login": self._login,
        }

    def _encoded(self, digest: bytes) -> str:
        return digest.hex() if self._auth.encoding == "hex" else base64.b64encode(digest).decode()


def written(now: datetime, date: SignedDate) -> str:
    """A time as the declaration writes it."""
    match date.format:
        case "http":
            return format_datetime(now.astimezone(UTC), usegmt=True)
        case "iso":
            return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "unix":
            return str(int(now.timestamp()))
        case "unix_ms":
            return str(int(now.timestamp() * 1000))


def _body(request: requests.PreparedRequest) -> Part:
    """The bytes that go out; a file is read for it once more."""
    body = request.body
    if body is None:
        return ()
    if isinstance(body, str):
        return (body.encode(),)
    return (body,) if isinstance(body, bytes) else body


def _key(auth: HmacSignature, system: System, credentials: Credentials) -> bytes:
    """The key's bytes. Raises Refused C311 where the password does not hold it as declared."""
    try:
        match auth.key:
            case "text":
                return credentials.password.encode()
            case "base64":
                return base64.b64decode(credentials.password, validate=True)
            case "hex":
                return bytes.fromhex(credentials.password)
    except (ValueError, binascii.Error):
        raise Refused(
            f"the password of connection {system.connection!r} is no key in {auth.key}.",
            code="C311",
            where=f"{system.name} login",
            fix="correct `auth.key` in system.yaml, or the password.",
        ) from None
