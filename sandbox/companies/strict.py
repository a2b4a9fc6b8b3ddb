"""JSON as a careful system reads it: one verdict, no surprises.

Refused: duplicate keys, NaN and Infinity, lone surrogates, more than 64 levels, anything that is not UTF-8. Numbers
with a fraction come as Decimal. Knows no company.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

DEEPEST = 64
LONGEST_NUMBER = 40


class NotJson(ValueError):
    """Why the bytes are refused."""


def loads(raw: bytes) -> Any:
    """The value. Raises NotJson."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_decimal, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise NotJson("the body is not UTF-8") from error
    except RecursionError as error:
        raise NotJson(f"more than {DEEPEST} levels") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    _walk(value, DEEPEST)
    return value


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise NotJson(f"the key {key!r} stands twice in one object")
            seen.add(key)
    return whole


def _no_constant(word: str) -> Any:
    raise NotJson(f"{word} is no JSON number")


def _decimal(digits: str) -> Decimal:
    if len(digits) > LONGEST_NUMBER:
        raise NotJson(f"a number of {len(digits)} characters")
    return Decimal(digits)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise NotJson(f"a number of {len(digits)} characters")
    return int(digits)


def _walk(value: Any, levels: int) -> None:
    if levels == 0:
        raise NotJson(f"more than {DEEPEST} levels")
    if isinstance(value, str):
        if any("\ud800" <= one <= "\udfff" for one in value):
            raise NotJson("a lone surrogate in a text")
    elif isinstance(value, list):
        for one in value:
            _walk(one, levels - 1)
    elif isinstance(value, dict):
        for key, one in value.items():
            _walk(key, levels - 1)
            _walk(one, levels - 1)
