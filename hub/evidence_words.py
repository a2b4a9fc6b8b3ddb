"""Evidence of calls in words, for a terminal and for the board alike. Pure. Next: `evidence.py`, whose rows it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hub.entries import Entry
from hub.evidence import EvidenceRow

WIDEST: Final = 110
"""Characters of one line of a body in one piece of XML, before it is broken between two tags."""


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call as a list shows it. at: when it had ended. asked: verb and path; what: the operation, as the
    connector calls it. outcome: what came of it, in few words. good: it was answered
    with success."""

    at: datetime
    partner: str
    delivery: str
    asked: str
    what: str
    status: str
    ms: int
    tries: int
    outcome: str
    good: bool


def lines_of(rows: Iterable[EvidenceRow]) -> list[CallLine]:
    """The calls of these rows, in the order in which they ended."""
    return [line_of(row, line) for row in rows for line in row.lines if "calls" not in line]


def line_of(row: EvidenceRow, line: Mapping[str, Any]) -> CallLine:
    """One of a row's calls."""
    status, failed = int(line["status"]), str(line["failed"])
    about = int(line["about"])
    good = 200 <= status < 300 and not failed
    outcome = "ok" if good else _outcome(status, failed, int(line["ms"]))
    return CallLine(
        at=datetime.fromisoformat(line["at"]),
        partner=row.partner,
        delivery=str(row.delivery_id) if row.delivery_id is not None else "read",
        asked=f"{line['method']} {line['path']}",
        what=str(line["where"]).removeprefix(f"{row.partner} ").partition(" ")[0],
        status=str(status) if status else "none",
        ms=int(line["ms"]),
        tries=int(line["tries"]),
        outcome=f"{outcome}; one call for {about}" if about > 1 else outcome,
        good=good,
    )


def _outcome(status: int, failed: str, ms: int) -> str:
    if failed.startswith("C401") or (failed and "deadline" in failed):
        return f"no answer after {ms / 1000:.1f} s ({failed.partition(' ')[0]})"
    return failed or f"refused with {status}"


def pages_of(row: EvidenceRow) -> list[str]:
    """What was said in each of the row's calls, as text of several lines."""
    if row.calls is None:
        return ["cannot be read: its data subject was erased" if row.digest == "" else "nothing is kept of it"]
    return [_page(line, call) for line, call in zip(row.lines, row.calls, strict=False)]


def _page(line: Mapping[str, Any], call: Mapping[str, Any]) -> str:
    query = f"?{call['query']}" if call["query"] else ""
    first = "no answer" if call["first_ms"] is None else f"first byte after {call['first_ms']} ms"
    took = f"connected in {call['connect_ms']} ms, {first}, {line['ms']} ms in all, {_tries(line['tries'])}"
    pieces = [f"{line['method']} {line['path']}{query}   ({line['where']})", took, *_side(call["request"], ">")]
    pieces += [f"< {line['status']}" if line["status"] else f"< {line['failed']}", *_side(call["answer"], "<")]
    for part in call.get("parts", ()):
        pieces += ["of it, for this case alone:", *_side(part["request"], ">"), *_side(part["answer"], "<")]
    return "\n".join(pieces)


def _tries(count: int) -> str:
    return "1 try" if count == 1 else f"{count} tries"


def _side(side: Mapping[str, Any], mark: str) -> list[str]:
    heads = [f"{mark} {name}: {value}" for name, value in side["headers"].items()]
    body = [f"{mark}   {line}" for line in readable(side["text"]).splitlines()] if side["text"] else []
    size = "" if side["size"] is None else f"{side['size']} bytes: "
    return [*heads, *body, *([f"{mark}   ({size}{side['note']})"] if side["note"] else [])]


def readable(text: str) -> str:
    """JSON indented, XML a line a tag where it stands in one; anything else as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        pass
    if text.lstrip().startswith("<") and any(len(line) > WIDEST for line in text.splitlines()):
        return text.replace("><", ">\n<")
    return text


def proven(row: EvidenceRow, entries: Sequence[Entry]) -> str:
    """Whether a receipt in the ledger's chain bears this evidence, in words."""
    if row.calls is None or row.delivery_id is None:
        return ""
    seq = next((entry.seq for entry in entries if entry.detail.get("evidence") == row.digest), None)
    return (
        f"as in the receipt of entry {seq}"
        if seq is not None
        else "in no receipt: the try was given back, or this was edited"
    )


def run_line(row: EvidenceRow) -> str:
    """A run in one line."""
    line = row.lines[0]
    answers = ", ".join(
        f"{count} x {status if status != '0' else 'no answer'}" for status, count in line["answers"].items()
    )
    seconds, received = line["ms"] / 1000, line["received"]
    return f"{line['verb']}: {line['calls']} calls in {seconds:.1f} s, {received:,} bytes read; {answers}"
