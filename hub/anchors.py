"""The ledger's head, signed and kept where who can change the ledger cannot: one line of a file, each bearing the last.

A line says: up to this transaction and entry the chain's digest was this, at this time. It is signed with Ed25519, so
whoever has the public key can check it without the hub. The key is CASEBRIDGE_AUDIT_KEY (base64 of 32 bytes) or
HOME/audit.key. Put CASEBRIDGE_ANCHORS on storage that only lets add, and give the lines to the partners. Knows no SQL.
Next: `audit.py`.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.acting import CannotDo
from hub.keys import kept_secret
from hub.sealing import START


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was kept. previous: digest of the line before, START for the first."""

    tx: int
    seq: int
    digest: str
    at: str
    previous: str
    signature: str = ""

    @property
    def plain(self) -> bytes:
        """What is signed."""
        told = {"tx": self.tx, "seq": self.seq, "digest": self.digest, "at": self.at, "previous": self.previous}
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()

    @property
    def line(self) -> str:
        """As it stands in the file."""
        return json.dumps({**json.loads(self.plain), "signature": self.signature})

    @property
    def own_digest(self) -> str:
        """What the next line bears of this one."""
        return sha256(self.plain).hexdigest()


class Signer:
    """Signs heads. raw: the private key's 32 bytes."""

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(raw)

    @classmethod
    def of(cls, home: Path, environ: Mapping[str, str]) -> Signer:
        """The signer of this installation; its key is made at first use. Raises ValueError for what is no key."""
        return cls(kept_secret(home, environ, "CASEBRIDGE_AUDIT_KEY", "audit.key"))

    @property
    def public(self) -> str:
        """The public key, base64: for whoever wants to check."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def anchor(self, tx: int, seq: int, digest: str, at: datetime, before: Sequence[Anchor]) -> Anchor:
        """The line that comes after these."""
        plain = Anchor(tx, seq, digest, at.isoformat(timespec="seconds"), before[-1].own_digest if before else START)
        signature = base64.b64encode(self._key.sign(plain.plain)).decode()
        return Anchor(plain.tx, plain.seq, plain.digest, plain.at, plain.previous, signature)


def signed(anchor: Anchor, public: str) -> bool:
    """Whether this public key's owner signed it."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(anchor.signature, validate=True), anchor.plain)
    except (InvalidSignature, ValueError):
        return False
    return True


def add(path: Path, anchor: Anchor) -> None:
    """Add the line, and have it on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(anchor.line + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[Anchor]:
    """The lines, oldest first; none where there is no file. Raises CannotDo A506, with the line, for what is none.

    A last line that was cut short by a crash is no line yet.
    """
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1].splitlines()
    return [_read(line, f"{path}:{number}") for number, line in enumerate(whole, start=1)]


def _read(line: str, where: str) -> Anchor:
    try:
        told: Any = json.loads(line)
        texts = (str(told[name]) for name in ("digest", "at", "previous", "signature"))
        return Anchor(int(told["tx"]), int(told["seq"]), *texts)
    except (ValueError, KeyError, TypeError) as wrong:
        what = f"{where}: this is no anchor ({type(wrong).__name__}: {wrong})."
        raise CannotDo("A506", what, fix="put the line back as it was written; your partners have it too.") from wrong
