"""One link of the hash chain: what it covers and how it is reckoned. Shared by who writes it and who verifies it.

A link covers the digest before it and, of each entry of its transaction, the clear envelope and the ciphertext. Edit,
delete or reorder an entry and the link no longer fits. A cut-off end is seen only against a head that was kept
elsewhere. Next: `writing.py` (adds links), `reading.py` (verifies them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from hub.codec import encode

START = "0" * 64
ENVELOPE = (
    "seq", "tx", "case_id", "kind", "partner", "native_id", "native_version", "business_at", "reported_at",
    "observed_at", "status", "holder", "accountable", "contact_point", "fields", "detail", "history", "test",
    "mapping_hash", "code_version", "subject", "body_digest",
)  # fmt: skip


def link_digest(previous: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """The digest of a transaction whose entries are these rows, in order."""
    digest = sha256(previous.encode())
    for row in rows:
        digest.update(encode({name: row[name] for name in ENVELOPE}))
        digest.update(bytes(row["body"] or b""))
    return digest.hexdigest()
