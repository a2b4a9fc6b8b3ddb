"""Values of the case as bytes and back: JSON whose times and decimals say what they are.

Sorted keys, so that equal values are equal bytes and a digest means something. Next: `keys.py`, which seals the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

TIME, DECIMAL = "$time", "$decimal"


def encode(value: Any) -> bytes:
    """JSON in UTF-8. Knows mappings, lists, tuples, sets, str, int, bool, None, Decimal and aware datetime.

    Raises TypeError for anything else and for a float: money and amounts are Decimal.
    """
    return _TEXT.encode(_plain(value)).encode()


def decode(raw: bytes | str) -> Any:
    """What `encode` was given; tuples and sets come back as lists."""
    return _VALUE.decode(raw if isinstance(raw, str) else raw.decode())


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is dict:  # what most of it is, and what takes most of the time
        return {
            key if type(key) is str else str(key): part if type(part) in _AS_IT_IS else _plain(part)
            for key, part in value.items()
        }
    return _seldom(value)


def _seldom(value: Any) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"a naive time cannot be kept: {value.isoformat()}")
        return {TIME: value.isoformat()}
    if isinstance(value, Decimal):
        return {DECIMAL: str(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, frozenset | set):
        return sorted(_plain(part) for part in value)
    raise TypeError(f"cannot be kept: {type(value).__name__} {value!r}")


def _revive(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if TIME in found:
            return datetime.fromisoformat(found[TIME])
        if DECIMAL in found:
            return Decimal(found[DECIMAL])
    return found


_AS_IT_IS = frozenset({str, int, bool, type(None)})
_TEXT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_VALUE = json.JSONDecoder(object_hook=_revive)
