"""Pseudonyms: what a company is given in place of personal data, where its edge's sharing says so.

One for each case, company and path, always the same, whatever the value is and however it changes; made under a key, so
that nobody can try names on it, and another one at another company, so that two companies cannot compare. A value that
comes back as the pseudonym is no edit. Pure. Next: `route.py` (gives it), `merge.py` (knows it).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from hub.edges import Sharing


def shown(sharing: Sharing, secret: str, partner: str, path: str, value: Any) -> Any:
    """The value as this company is given it. secret: of the case; known to who holds the ledger's keys."""
    if value is None or path not in sharing.pseudonyms:
        return value
    return pseudonym(secret, partner, path)


def pseudonym(secret: str, partner: str, path: str) -> str:
    """Short enough for a field of 20 characters; says what it is."""
    named = f"{partner}/{path}".encode()
    return f"anon-{blake2b(named, key=secret.encode()[:64], digest_size=7).hexdigest()}"
