"""The words of a SOQL text: tokens with their places, what a value means, and the caret of an error message.

Next: `brightnet_soql.py`, the grammar over these.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from sandbox.companies.brightnet_faults import Fault

Kind = Literal["string", "number", "dateTime", "date", "boolean", "null"]
Value = str | Decimal | datetime | date | bool | None
ONE, MANY = "\ud800", "\ud801"
"""Stand in a read string for an escaped _ and %, which LIKE takes as themselves. Lone surrogates: no text that came
over the wire as UTF-8 holds one."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text. `at` is its offset."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Written:
    """A value as written in a query, read."""

    kind: Kind
    value: Value
    at: int


END = Token("end", "<EOF>", -1)
_TOKENS = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<dateTime>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    |(?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?![\w.]))
    |(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
    |(?P<mark>!=|<>|<=|>=|[=<>(),])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPES = {
    **{"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "N": "\n", "R": "\r", "T": "\t", "B": "\b", "F": "\f"},
    **{'"': '"', "'": "'", "\\": "\\", "_": ONE, "%": MANY},
}
_WORDS: dict[str, bool | None] = {"NULL": None, "TRUE": True, "FALSE": False}


def tokens(text: str) -> list[Token]:
    """All words of the text. Raises Fault MALFORMED_QUERY at a character that begins none."""
    found, at = [], 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None:
            said = f"line {text.count(chr(10), 0, at) + 1}:{at} no viable alternative at character '{text[at]}'"
            raise Fault(400, "MALFORMED_QUERY", pointed(text, at) + said)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match.group(), at))
        at = match.end()
    return found


def pointed(text: str, at: int) -> str:
    """The lines that Salesforce puts before a query error: a piece of the query, a caret, row and column."""
    at = min(max(at, 0), len(text))
    row, start = text.count("\n", 0, at) + 1, text.rfind("\n", 0, at) + 1
    left, right = max(start, at - 40), min(len(text), at + 40)
    piece, _, _ = text[left:right].partition("\n")
    return f"\n{piece}\n{' ' * (at - left)}^\nERROR at Row:{row}:Column:{at - start + 1}\n"


def read(token: Token, text: str) -> Written | None:
    """What the token means as a value; None where it is none. Raises Fault for one that cannot be."""
    if token.kind == "name" and token.text.upper() in _WORDS:
        word = _WORDS[token.text.upper()]
        return Written("null" if word is None else "boolean", word, token.at)
    if token.kind not in _READERS:
        return None
    kind, reader = _READERS[token.kind]
    try:
        return Written(kind, reader(token.text), token.at)
    except ValueError:
        message = f"{pointed(text, token.at)}Invalid {kind}: {token.text}"
        raise Fault(400, "MALFORMED_QUERY", message) from None


def _unquoted(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match.group(1) not in _ESCAPES:
            raise ValueError(match.group())
        return _ESCAPES[match.group(1)]

    return re.sub(r"\\(.)", one, text[1:-1], flags=re.DOTALL)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)


_READERS: dict[str, tuple[Kind, Callable[[str], Value]]] = {
    "string": ("string", _unquoted),
    "dateTime": ("dateTime", _instant),
    "date": ("date", date.fromisoformat),
    "number": ("number", Decimal),
}
