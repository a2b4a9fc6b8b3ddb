"""What one call was, for people who ask later: who was asked what, what came back, how long it took.

    about = About.of(change)                       said by the kind, beside the call
    wire.send("POST", path, ..., about=about)      the wire makes an Evidence and hands it to its witness

Secrets are taken out and both bodies are cut here, before anybody else is told. Bodies are kept of a call that is about
one case alone: what several cases share (a page, a batch) would put one customer's words beside another's. Of a batch
the kind says which part was whose (`Wire.part`), and each case gets its own.
Knows no case and no ledger. Next: `adapter.py`, which makes these; `redact.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.base import Change
from connectors.redact import HIDDEN, Redactor

LARGEST: Final = 16_384
"""Bytes that are kept of one body."""
MARGIN: Final = 512
"""Bytes that are looked at beyond those, at least: a secret that the cut would halve is seen whole."""
SIGNATURE: Final = 16
"""Letters of the shortest that is looked for."""
_KEPT_OUT: Final = "[not kept]"
_HEADERS: Final = frozenset(
    (
        *(
            "accept",
            "accept-encoding",
            "connection",
            "content-type",
            "content-length",
            "content-encoding",
            "transfer-encoding",
        ),
        *("date", "etag", "last-modified", "if-match", "if-none-match", "if-unmodified-since", "allow", "retry-after"),
        *("prefer", "preference-applied", "soapaction", "sforce-limit-info", "sforce-query-options", "user-agent"),
        *("x-request-id", "x-correlation-id", "request-id", "server"),
    )
)
_LIMITS: Final = ("ratelimit", "x-ratelimit", "x-rate-limit")
_TEXTS: Final = ("json", "xml", "text", "csv", "form-urlencoded", "html", "soap")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a call. headers: those that can hold no secret; of the others only that they were there. text: the
    body, secrets hidden, at most LARGEST of it; empty where it is not kept. size: its bytes, unpacked; None where
    nobody counted them. note: what of it is not here, in words."""

    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    size: int | None = 0
    note: str = ""


NOTHING: Final = Side()


@dataclass(slots=True)
class About:
    """Whom a call is about: changes by their keys, records by their ids or by the hub ids that they bear. Nothing: a
    page, a login, a description. parts: of a call about several changes, by key: what was sent of it and what was
    answered, filled in by `Wire.part`."""

    keys: tuple[str, ...] = ()
    native_ids: tuple[str, ...] = ()
    hub_ids: tuple[str, ...] = ()
    parts: dict[str, tuple[Side, Side]] = field(default_factory=dict)

    @classmethod
    def of(cls, *changes: Change) -> About:
        """A call that carries these."""
        return cls(keys=tuple(change.key for change in changes))

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be looked for by."""
        return (*map(key_name, self.keys), *map(id_name, self.native_ids), *map(hub_name, self.hub_ids))

    @property
    def count(self) -> int:
        """How many cases it is about."""
        return len(self.keys) + len(self.native_ids) + len(self.hub_ids)


def key_name(key: str) -> str:
    """The name of a change."""
    return f"key {key}"


def id_name(native_id: str) -> str:
    """The name of a record of theirs."""
    return f"id {native_id}"


def hub_name(hub_id: str) -> str:
    """The name of a case."""
    return f"hub {hub_id}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One call, repeats included. where: as its errors say. status: of the last answer, 0 where none came. failed: code
    and sentence of why there is no whole answer, or nothing. tries: requests made. connect: seconds until the last of
    them had a connection, 0 on one that was open; first: until its answer's head had come, None where it did not;
    seconds: of all of it, pauses included. sent, received: bytes of the last request's and answer's body."""

    about: About
    where: str
    method: str
    path: str
    query: str
    status: int
    failed: str
    tries: int
    connect: float
    first: float | None
    seconds: float
    sent: int
    received: int
    request: Side
    answer: Side


Witness = Callable[[Evidence], None]
"""Told of each call once it has ended, by the thread that made it."""


def side(redact: Redactor, headers: Mapping[str, str], body: Any, *, whole: bool, once: Sequence[str] = ()) -> Side:
    """One side of a call. body: bytes, or what is no bytes and went by in a stream. whole: its text is kept. once: what
    this call alone came with and is not to be shown, see `signatures`."""
    shown = _shown(redact, headers)
    if body is None or body == b"":
        return Side(shown)
    if not isinstance(body, bytes):
        return Side(shown, size=None, note="a stream, not kept")
    if not whole:
        return Side(shown, size=len(body), note="not kept: it is about others too")
    kind = headers.get("Content-Type", "").lower()
    if kind and not any(one in kind for one in _TEXTS):
        return Side(shown, size=len(body), note=f"no text ({kind.partition(';')[0][:60]}), not kept")
    text, note = cut(redact, body)
    for secret in once:
        text = text.replace(secret, HIDDEN)
    return Side(shown, text, len(body), note)


def signatures(headers: Mapping[str, str]) -> list[str]:
    """What a request's headers hold beside what is kept of them: a signature is made for one call and known to nobody,
    and some say back what they were sent."""
    return [text for name, value in headers.items() if not _is_kept(name) and len(text := _text(value)) >= SIGNATURE]


def part(redact: Redactor, body: bytes) -> Side:
    """A part of a body, as that of one case alone."""
    text, note = cut(redact, body)
    return Side(text=text, size=len(body), note=note)


def cut(redact: Redactor, body: bytes) -> tuple[str, str]:
    """(the text without secrets, at most LARGEST; what was cut off, in words)."""
    margin = max(MARGIN, redact.longest)
    whole = len(body) <= LARGEST
    seen = body if whole else body[: LARGEST + margin]
    if b"\0" in seen:
        return "", "not in UTF-8, not kept"
    text = redact.lines(seen.decode("utf-8", "replace"))
    if whole:
        return text, ""
    if len(body) > len(seen):
        text = text[:-margin]  # where it ends a secret may stand in halves
    return text[:LARGEST], f"… {len(body) - LARGEST} bytes cut"


def _shown(redact: Redactor, headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by their names, the values of those that may hold a secret left out."""
    found = dict.fromkeys(headers, _KEPT_OUT)
    plain = [name for name in headers if _is_kept(name)]
    values = redact.lines("\n".join(_text(headers[name])[:200].replace("\n", " ") for name in plain)).split("\n")
    return {**found, **dict(zip(plain, values, strict=True))} if plain else found


def _is_kept(name: str) -> bool:
    return name.lower() in _HEADERS or name.lower().startswith(_LIMITS)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
