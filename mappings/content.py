"""One short hash for one content of a declaration: order and comments aside, types told apart.

It is stamped on what a mapping made, so that a change of the mapping can be seen later. Next: `lens.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256


def content_hash(declaration: object, tables: Mapping[str, object]) -> str:
    """Sixteen digits for a declaration and the tables of files that were handed in with it."""
    return sha256((_canonical(declaration) + (_canonical(tables) if tables else "")).encode()).hexdigest()[:16]


def _canonical(given: object) -> str:
    """One text for one content: keys in order, types told apart."""
    if isinstance(given, Mapping):
        inner = sorted(f"{_canonical(key)}:{_canonical(value)}" for key, value in given.items())
        return "{" + ",".join(inner) + "}"
    if isinstance(given, (list, tuple)):
        return "[" + ",".join(_canonical(each) for each in given) + "]"
    return f"{type(given).__name__} {given!r}"
