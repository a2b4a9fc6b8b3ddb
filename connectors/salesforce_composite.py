"""Several collections or queries in one call, /composite: what goes out, and what each part of the answer says.

Pure. A part's text may not hold `@{`: Salesforce takes it for a reference to another part's answer, also inside what a
person wrote. Such rows go by themselves. Next: `salesforce_sending.py` (writes), `salesforce_calls.py` (queries).
Source: Composite of the public REST API documents: at most 25 parts, of which 5 may be collections or queries; all of
it counts as one call; without collation the parts are done in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors import strict_json

PATH = "composite"
MOST = 5
"""Collections or queries in one call."""

REFERENCE = b"@{"


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the answer says. status: as HTTP has it. told: its JSON, None where there is none."""

    status: int
    told: Any


def collection(rows: Sequence[bytes]) -> bytes:
    """The body of a collection whose rows stand for themselves."""
    return b'{"allOrNone":false,"records":[' + b",".join(rows) + b"]}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One part of a call. path: below /services/data/vNN.0/. body: JSON, empty where there is none."""

    method: str
    path: str
    body: bytes = b""


def query(soql: str, *, deleted: bool) -> Asked:
    """A part that asks; deleted: rows in the bin too."""
    return Asked("GET", f"{'queryAll' if deleted else 'query'}?q={quote(soql, safe='')}")


def call(api: str, asked: Sequence[Asked]) -> bytes:
    """The body of a call with these parts."""
    parts = []
    for n, one in enumerate(asked):
        head = {"method": one.method, "url": f"/services/data/v{api}/{one.path}", "referenceId": f"part{n}"}
        parts.append(strict_json.dump(head)[:-1] + (b',"body":' + one.body if one.body else b"") + b"}")
    return b'{"allOrNone":false,"collateSubrequests":false,"compositeRequest":[' + b",".join(parts) + b"]}"


def read(told: Any, count: int) -> list[Part] | None:
    """The parts of the answer in the order of what was asked; None where it is no answer to that many."""
    listed = told.get("compositeResponse") if isinstance(told, Mapping) else None
    if not isinstance(listed, list) or len(listed) != count:
        return None
    parts = list(_parts(listed))
    return parts if len(parts) == count else None


def _parts(listed: Sequence[Any]) -> Iterator[Part]:
    """Those that are parts, as far as they stand in their places."""
    for n, one in enumerate(listed):
        status = one.get("httpStatusCode") if isinstance(one, Mapping) else None
        if isinstance(status, int) and one.get("referenceId") == f"part{n}":
            yield Part(status, one.get("body"))
