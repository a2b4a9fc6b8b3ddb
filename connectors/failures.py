"""What a failed call means: the one place that turns an answer's status, or an exception beneath it, into the error
that says what happens next, with what the partner said.

    judged(answer, system, said)     an answer: itself where a kind should read it, else raises
    failed(error, call, ...)         no whole answer: the error to raise

    not sent                        Unreachable      429, 503 with Retry-After   Throttled
    sent, no whole answer           Unknown          401, 403                    Refused
    5xx, 408                        Unknown          other 4xx                   the kind's own to read
    (a safe call: Unreachable)

Knows no kind and no record. Next: `wire.py`, `adapter.py`, which ask here; `errors.py`.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead, RemoteDisconnected
from typing import Any, Final

from urllib3.exceptions import NameResolutionError

from connectors.answer import Answer, too_large
from connectors.base import System
from connectors.errors import ConnectorError, Refused, Throttled, Unknown, Unreachable
from connectors.redact import Redactor
from connectors.sockets import Call
from connectors.unpacking import TooLarge

LONGEST_WAIT: Final = 3600.0
SHORTEST_WAIT: Final = 1.0
USUAL_WAIT: Final = 30.0
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][0-9]{1,3})?")
"""Seconds are digits; some say 1.5 or 1e9."""


def judged(answer: Answer, system: System, told: str) -> Answer:
    """The answer, if it is one that a kind should read; else raises what its status means. told: their own words."""
    status, where = answer.status, answer.where
    if status == 429 or (status == 503 and "Retry-After" in answer.headers):
        after = retry_after(answer.headers)
        raise Throttled(f"answered {status}: wait {after:g} s.", after=after, where=where, said=told)
    if status == 401:
        fix = f"check login and secret in the connection {system.connection!r}."
        error = Refused("they do not know who we are (401).", code="C301", where=where, said=told, fix=fix)
        with suppress(ValueError):
            error.their_time = _moment(answer.headers.get("Date", ""))
        raise error
    if status == 403:
        fix = f"ask {system.title} to permit this to the user of connection {system.connection!r}."
        raise Refused("we are not permitted to do this (403).", code="C302", where=where, said=told, fix=fix)
    if status >= 500 or status < 200 or status == 408:  # 408: they gave up waiting for the rest of it
        if answer.safe:
            fix = "nothing was written; it is tried again."
            raise Unreachable(f"answered {status}.", code="C105", where=where, said=told, fix=fix)
        raise Unknown(f"answered {status} to a write.", code="C403", where=where, said=told)
    return answer


def said(answer: Answer, redact: Redactor) -> str:
    """Their own words, redacted, at most 300 characters; nothing of a page for people."""
    if "html" in answer.headers.get("Content-Type", "").lower():
        return ""
    return " ".join(redact(answer.body[:2000].decode("utf-8", "replace")).split())[:300]


def failed(error: Exception, call: Call, *, status: int, cap: int, redact: Redactor) -> ConnectorError:
    """What happened to a call without a whole answer. status: of the answer that began, 0 where none did."""
    if isinstance(error, TooLarge):
        return too_large(f"more than {_size(cap)}", call.where, safe=call.safe)
    causes = list(_causes(error))
    late = call.remaining() <= 0 or any(isinstance(one, TimeoutError) for one in causes)
    reason = redact(_reason(causes))
    if not call.sent:
        return _unsent(causes, late, reason, call.where)
    if call.safe:
        text = "no whole answer before the deadline" if late else f"no whole answer: {reason}"
        return Unreachable(f"{text}.", code="C104", where=call.where, fix="nothing was written; it is tried again.")
    text = "sent, and no whole answer before the deadline" if late else f"sent, and no whole answer: {reason}"
    seen = f" (status {status})" if status else ""
    return Unknown(f"{text}{seen}.", code="C401" if late else "C402", where=call.where)


def _size(count: int) -> str:
    """So many bytes, in words."""
    return f"{count >> 20} MiB" if count >= 2**20 else f"{count} bytes"


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait as Retry-After says (RFC 9110 10.2.3: seconds or a date), from 1 to 3600; 30 where it says none.

    A date is measured against the answer's own Date, so that no two clocks are compared.
    """
    said = headers.get("Retry-After", "").strip()
    try:
        if _NUMBER.fullmatch(said):
            seconds = float(said[:20])
        else:
            seconds = (_moment(said) - _moment(headers.get("Date", ""))).total_seconds()
    except (ValueError, OverflowError):
        seconds = USUAL_WAIT
    return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _unsent(causes: list[BaseException], late: bool, reason: str, where: str) -> Unreachable:
    if any(isinstance(one, ssl.SSLError) for one in causes) and not late:
        fix = "check the host's certificate; for an authority of your own, name its PEM file as `ca_file` in the extra."
        return Unreachable(f"TLS was refused: {reason}.", code="C103", where=where, fix=fix)
    if any(isinstance(one, NameResolutionError) for one in causes):
        return Unreachable("the host's name is not known.", code="C101", where=where, fix="check the host's name.")
    text = "no connection before the deadline" if late else f"no connection: {reason}"
    return Unreachable(
        f"{text}.", code="C102", where=where, fix="check that it is up and that host and port are right."
    )


def _causes(error: BaseException) -> list[BaseException]:
    """The exception and all that it wraps, outermost first, each once."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 20:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and not any(one is seen for seen in found):
            found.append(one)
            waiting += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
    return found


def _reason(causes: list[BaseException]) -> str:
    """A few words of the innermost cause, without addresses of objects and without URLs."""
    for one in reversed(causes):
        if isinstance(one, ssl.SSLCertVerificationError):
            return str(one.verify_message)
        if isinstance(one, ssl.SSLError):
            return str(one.reason or "handshake failed").replace("_", " ").lower()
        if isinstance(one, RemoteDisconnected):
            return "the connection was closed without an answer"
        if isinstance(one, IncompleteRead):
            return "the answer was cut short"
        if isinstance(one, OSError) and one.strerror:
            return str(one.strerror).lower()
    return type(causes[-1]).__name__
