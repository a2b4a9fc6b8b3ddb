"""Ways into a partner's body: `customer.name` read, written, merged and cut out.

A way is compiled once to a tuple of keys and a getter. Absent and null are one. Bodies are never changed in place.
Knows nothing of cases or declarations. Next: `lens.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mappings.errors import Unfit

Body = Mapping[str, Any]
At = tuple[str, ...]


def parse(text: object) -> At | None:
    """The keys of a dotted way, or of a list of keys (for names that hold a dot); None where it is no way at all."""
    keys = text.split(".") if isinstance(text, str) else text
    if not isinstance(keys, list) or not keys:
        return None
    good = all(isinstance(key, str) and key.strip() == key and key for key in keys)
    return tuple(keys) if good else None


def getter(at: At) -> Callable[[Body], Any]:
    """A function that takes a body to what stands at that way, None where nothing does. It raises Unfit M214."""
    *heads, last = at

    def get(body: Body) -> Any:
        inner: Any = body
        key = ""
        try:
            for key in heads:
                inner = inner.get(key)
                if inner is None:
                    return None
            return inner.get(last)
        except AttributeError:
            raise Unfit("M214", f"{key or 'the record'} is {kind(inner)}, not an object with fields.") from None

    return get


def kind(value: object) -> str:
    """What kind of thing a value from a partner is, for people."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, (list, tuple)) else "a number"


def put(body: dict[str, Any], at: At, value: Any) -> None:
    """Write into a body that is being built; the objects on the way are made."""
    for key in at[:-1]:
        body = body.setdefault(key, {})
    body[at[-1]] = value


def merged(base: Body, patch: Body) -> dict[str, Any]:
    """A new body: the patch laid over the base, object by object; everything else of the base is kept."""
    whole = dict(base)
    for key, value in patch.items():
        old = whole.get(key)
        if isinstance(value, Mapping):
            whole[key] = merged(old if isinstance(old, Mapping) else {}, value)
        else:
            whole[key] = value
    return whole


def without(body: Body, at: At) -> dict[str, Any]:
    """A new body that lacks what stands at that way, and the objects that this leaves empty."""
    key, rest = at[0], at[1:]
    whole = dict(body)
    inner = whole.get(key)
    if rest and isinstance(inner, Mapping):
        inner = without(inner, rest)
        if inner:
            whole[key] = inner
            return whole
    whole.pop(key, None)
    return whole
