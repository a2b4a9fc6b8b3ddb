"""The one strict JSON parser and writer: one verdict for every partner, whatever their server lets through.

Refused: NaN and Infinity, numbers beyond 1e308 or longer than 64 digits, duplicate keys, NUL, lone surrogates, a byte
order mark, other encodings than UTF-8, nesting deeper than 64, more than 150,000 values, anything after the value.
Numbers with a fraction or an exponent become Decimal, so that nothing is rounded on the way. The standard parser takes
all of the first, SQLite turns NaN into NULL and PostgreSQL refuses NUL: three stores must never see three different
cases.

Nearly every text is shown to be harmless by counting in its bytes and in its value, and is msgspec's to read and to
write, which is several times as quick as the standard library; any other is read with care, each object and number
looked at by itself. Both give the same values, and all errors are those of the careful one.
Knows no HTTP. Next: `wire.py`, whose answers are read with `parse`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any, Final, NoReturn

import msgspec

MAX_DEPTH: Final = 64
MAX_DIGITS: Final = 64
MAX_EXPONENT: Final = 308
MAX_VALUES: Final = 150_000
"""Objects, lists and what stands between commas: a few bytes of text become some hundred of memory each."""

# An unterminated string runs to the end, so that a hostile text is scanned once, not once a quote.
_STRING: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")
_SUSPECT: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_DIGITS: Final = bytes.maketrans(b"0123456789", b"0" * 10)
_LONG_ROW: Final = b"0" * (MAX_DIGITS + 1)
_NESTING: Final = frozenset({dict, list})
_PLAIN: Final = frozenset({str, int, bool, type(None)})
_KEYS: Final = frozenset({str})
_ENCODE: Final = msgspec.json.Encoder().encode


class BadJson(ValueError):
    """The text is no JSON that we accept; the message says why and never quotes the text."""


class TooMuch(BadJson):
    """There is more in it than we take in at once."""


def parse(text: bytes | str) -> Any:
    """The value of a JSON text: dict, list, str, int, Decimal, bool or None. Raises BadJson."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if (len(raw) <= MAX_VALUES or _marks(raw) <= MAX_VALUES) and not _SUSPECT.search(raw):
        with suppress(ValueError, RecursionError):  # msgspec's DecodeError is one, too
            value = _QUICK(raw)
            if _is_harmless(value, raw):
                return value
    return _carefully(text)


def _carefully(text: bytes | str) -> Any:
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise BadJson(f"not UTF-8 at byte {error.start}") from None
    if decoded.startswith("\ufeff"):
        raise BadJson("starts with a byte order mark")
    _check_size(decoded)
    try:
        value = _CAREFUL(decoded)
    except RecursionError:  # of a text that is no JSON either
        raise BadJson(f"nested deeper than {MAX_DEPTH}") from None
    except json.JSONDecodeError as error:
        raise BadJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    _check_text(value)
    return value


def _marks(raw: bytes) -> int:
    """At least as many as there are values. What stands inside strings only makes it more."""
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


def _is_harmless(value: Any, raw: bytes) -> bool:
    """Whether a value that was read without care is what the careful reading gives: no key stood twice, for there are
    as many keys as colons behind a quote; no number is too long, for there is no such row of digits; it is not too
    deep."""
    marks = raw.translate(_DIGITS, b" \t\n\r")
    if _LONG_ROW in marks:
        return False
    keys, depth, level = 0, 0, [value]
    while level := [one for one in level if type(one) in _NESTING]:
        depth += 1
        keys += sum([len(one) for one in level if type(one) is dict])
        level = [*chain.from_iterable([one.values() if type(one) is dict else one for one in level])]
    return depth <= MAX_DEPTH and marks.count(b'":') == keys


def dump(value: Any) -> bytes:
    """The JSON text of a value, UTF-8, Decimals written as they stand. Raises BadJson for what parse would refuse."""
    if _is_plain(value, MAX_DEPTH):
        with suppress(UnicodeEncodeError):  # a lone surrogate
            text = _ENCODE(value)
            if not _SUSPECT.search(text):
                return text
    return "".join(_write(value)).encode("utf-8")


def _is_plain(value: Any, depth: int) -> bool:
    """Whether msgspec says what `_write` would, but for characters: the types are JSON's own."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if depth == 0 or kind not in (dict, list, tuple):
        return False
    if kind is dict and not _KEYS.issuperset(map(type, value)):
        return False
    inside = value.values() if kind is dict else value
    return _PLAIN.issuperset(map(type, inside)) or all(_is_plain(inner, depth - 1) for inner in inside)


def _check_size(text: str) -> None:
    brackets = text.count("[") + text.count("{")
    if brackets + text.count(",") <= MAX_VALUES and brackets <= MAX_DEPTH:
        return
    depth, outside = 0, _STRING.sub("", text)
    if outside.count(",") + outside.count("[") + outside.count("{") > MAX_VALUES:
        raise TooMuch(f"more than {MAX_VALUES} values")
    for bracket in _BRACKET.findall(outside):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise BadJson(f"nested deeper than {MAX_DEPTH}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadJson(f"the key {key[:60]!r} stands twice in one object")
            seen.add(key)
    return found


def _no_constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is no number")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise BadJson(f"a number of {len(digits)} digits; at most {MAX_DIGITS}")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > MAX_DIGITS:
        raise BadJson(f"a number of {len(digits)} digits; at most {MAX_DIGITS}")
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = Decimal("Infinity")
    if not number.is_finite() or (number and abs(number.adjusted()) > MAX_EXPONENT):
        raise BadJson(f"a number beyond 1e{MAX_EXPONENT}")
    return number


_QUICK: Final = msgspec.json.Decoder(float_hook=_decimal).decode
_CAREFUL: Final = json.JSONDecoder(
    object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_decimal, parse_int=_integer
).decode


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise BadJson("a NUL character in a text")
        if _SURROGATE.search(value):
            raise BadJson("a lone surrogate in a text")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _check_text(key)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)


def _write(value: Any) -> Sequence[str]:
    match value:
        case None | bool() | int():
            return (json.dumps(value),)
        case str():
            _check_text(value)
            return (json.dumps(value, ensure_ascii=False),)
        case float() | Decimal():
            number = value if isinstance(value, Decimal) else Decimal(repr(value))
            if not number.is_finite():
                raise BadJson(f"{value} is no number")
            return (str(number),)
        case date():
            return (json.dumps(value.isoformat()),)
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise BadJson("an object's key that is no text")
            members = (f"{''.join(_write(key))}:{''.join(_write(inner))}" for key, inner in value.items())
            return ("{", ",".join(members), "}")
        case list() | tuple():
            return ("[", ",".join("".join(_write(inner)) for inner in value), "]")
    raise BadJson(f"a {type(value).__name__} has no JSON form")
