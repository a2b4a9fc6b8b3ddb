"""Dotted paths into a partner's body: `customer.name` is the member `name` of the member `customer`.

A list is entered by what its member holds, or by its place: `custom_fields[id=1].value`, `values[0]`.
Knows no partner. Next: `rest.py` and `memory.py`, whose declarations are full of such paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

PLAIN: Final = frozenset({str, int, float, bool, type(None)})
"""Types of most leaves: a copy of one is itself."""


def get(body: Any, path: str) -> Any:
    """What stands at the path, or None where there is nothing. The empty path is the body itself."""
    for name, which in _steps(path):
        if type(body) is not dict and not isinstance(body, Mapping):  # the first is quicker to ask
            return None
        body = body.get(name)
        if which:
            body = _member(body, which)
    return body


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[tuple[str, str], ...]:
    """(name, which member of a list, "" for what is none), from the outside in."""
    parted = (step.partition("[") for step in path.split(".")) if path else ()
    return tuple((name, which.rstrip("]")) for name, _, which in parted)


def put(body: dict[str, Any], path: str, value: Any) -> None:
    """Write the value at the path, making the objects on the way, and the members of lists that are not there yet."""
    if "." not in path:
        body[path] = value
        return
    outer, _, last = path.rpartition(".")
    for name, which in _steps(outer):
        if which:
            body = _made(body, name, which)
            continue
        inner = body.get(name)
        if not isinstance(inner, dict):
            inner = body[name] = {}
        body = inner
    body[last] = value


def _member(listed: Any, which: str) -> Any:
    """The member of a list that is meant, None where there is none."""
    if not isinstance(listed, list):
        return None
    key, named, word = which.partition("=")
    if named:
        return next((one for one in listed if isinstance(one, Mapping) and str(one.get(key)) == word), None)
    return listed[int(which)] if int(which) < len(listed) else None


def _made(body: dict[str, Any], name: str, which: str) -> dict[str, Any]:
    """The member that is meant, put there where it is not. A whole number is written as one."""
    listed = body.get(name)
    if not isinstance(listed, list):
        listed = body[name] = []
    found = _member(listed, which)
    if not isinstance(found, dict):
        key, _, word = which.partition("=")
        found = {key: int(word) if word.isascii() and word.isdigit() else word}
        listed.append(found)
    return found


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


def copied_for(body: Mapping[str, Any], *paths: str) -> dict[str, Any]:
    """A copy into which values may be put at these paths and no others: it shares what they do not meet."""
    if any("." in path or "[" in path for path in paths):
        return dict(copied(body))
    return dict(body)


def leaves(body: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Every plain value and list by its dotted path."""
    found: dict[str, Any] = {}
    for key, value in body.items():
        if isinstance(value, Mapping):
            found.update(leaves(value, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = value
    return found
