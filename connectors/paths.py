"""Dotted paths into a partner's body: `customer.name` is the member `name` of the member `customer`.

Knows no partner. Next: `rest.py` and `memory.py`, whose declarations are full of such paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

PLAIN: Final = frozenset({str, int, float, bool, type(None)})
"""Types of most leaves: a copy of one is itself."""


def get(body: Any, path: str) -> Any:
    """What stands at the path, or None where there is nothing. The empty path is the body itself."""
    for step in path.split(".") if path else ():
        if not isinstance(body, Mapping):
            return None
        body = body.get(step)
    return body


def put(body: dict[str, Any], path: str, value: Any) -> None:
    """Write the value at the path, making the objects on the way."""
    *outer, last = path.split(".")
    for step in outer:
        inner = body.get(step)
        if not isinstance(inner, dict):
            inner = body[step] = {}
        body = inner
    body[last] = value


def merge(body: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A new body: the patch's values over the body's, object by object; lists and plain values are replaced whole."""
    merged = dict(body)
    for key, value in patch.items():
        before = merged.get(key)
        if isinstance(value, Mapping):
            merged[key] = merge(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def copied(value: Any) -> Any:
    """The same JSON-like value, sharing no object with the original."""
    if type(value) is dict or isinstance(value, Mapping):  # the first is quicker to ask
        return {key: inner if type(inner) in PLAIN else copied(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [copied(inner) for inner in value]
    return value


def leaves(body: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Every plain value and list by its dotted path."""
    found: dict[str, Any] = {}
    for key, value in body.items():
        if isinstance(value, Mapping):
            found.update(leaves(value, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = value
    return found
