"""The keys under which bodies are sealed: one a data subject, kept apart from the ledger.

Forget a subject's key and every body about that person is gone, while the ledger's chain, which covers ciphertext,
still verifies: so erasure and audit are both true. Subject keys are wrapped by a master key
(CASEBRIDGE_MASTER_KEY, base64 of 32 bytes, or HOME/master.key, made at first use and readable by its owner only).
AES-256-GCM throughout.

Back this store up apart from the ledger. Next: `ledger.py`, the only caller.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

metadata = sa.MetaData()
subject_keys = sa.Table(
    "subject_keys",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)
NONCE = 12


class KeyLost(Exception):
    """A body cannot be opened: its subject was erased, or the keys do not belong to this ledger."""


class Keyring:
    """Seals and opens. random_bytes is injected so that a simulation can repeat itself."""

    def __init__(self, engine: sa.Engine, master: bytes, *, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self.engine, self._master, self._random = engine, AESGCM(master), random_bytes
        self._mac_key = hmac.digest(master, b"casebridge digest", "sha256")
        self._known: dict[str, AESGCM] = {}
        metadata.create_all(engine)

    def seal(self, subject: str, plain: bytes) -> bytes:
        """Ciphertext under this subject's key, which is made if it has none."""
        nonce = self._random(NONCE)
        return nonce + self._key(subject, make=True).encrypt(nonce, plain, subject.encode())

    def open(self, subject: str, sealed: bytes) -> bytes:
        """The plain bytes. Raises KeyLost."""
        try:
            return self._key(subject, make=False).decrypt(sealed[:NONCE], sealed[NONCE:], subject.encode())
        except InvalidTag as error:
            raise KeyLost(f"{subject}: the key does not open this body; are these the keys of this ledger?") from error

    def digest(self, plain: bytes) -> str:
        """A keyed hash: tells equal bodies apart from different ones, and tells an outsider nothing."""
        return hmac.digest(self._mac_key, plain, "sha256").hex()

    def forget(self, subject: str) -> bool:
        """Erase a subject's key, for ever. True if there was one."""
        self._known.pop(subject, None)
        with self.engine.begin() as connection:
            gone = connection.execute(sa.delete(subject_keys).where(subject_keys.c.subject == subject))
            return gone.rowcount > 0

    def _key(self, subject: str, *, make: bool) -> AESGCM:
        if subject not in self._known:
            wrapped = self._stored(subject) or (self._make(subject) if make else None)
            if wrapped is None:
                raise KeyLost(f"{subject}: no key; the subject was erased, or the key store is not the ledger's")
            try:
                raw = self._master.decrypt(wrapped[:NONCE], wrapped[NONCE:], subject.encode())
            except InvalidTag as error:
                raise KeyLost(f"{subject}: the master key does not open its key") from error
            self._known[subject] = AESGCM(raw)
        return self._known[subject]

    def _stored(self, subject: str) -> bytes | None:
        query = sa.select(subject_keys.c.wrapped).where(subject_keys.c.subject == subject)
        with self.engine.connect() as connection:
            found: bytes | None = connection.execute(query).scalar()
            return found

    def _make(self, subject: str) -> bytes:
        """A new key, kept before anything is sealed under it; of two makers at once, the first one's key stands."""
        nonce = self._random(NONCE)
        wrapped = nonce + self._master.encrypt(nonce, self._random(32), subject.encode())
        try:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(subject_keys).values(subject=subject, wrapped=wrapped))
        except sa.exc.IntegrityError:
            return self._stored(subject) or wrapped
        return wrapped


def master_key(home: Path, environ: Mapping[str, str]) -> bytes:
    """The 32 bytes that wrap the subjects' keys. Raises ValueError when the variable holds something else."""
    given = environ.get("CASEBRIDGE_MASTER_KEY")
    if given:
        raw = base64.b64decode(given, validate=True)
        if len(raw) != sha256().digest_size:
            raise ValueError(f"CASEBRIDGE_MASTER_KEY: base64 of 32 bytes is needed, this is {len(raw)} bytes")
        return raw
    path = home / "master.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        made = home / f"master.key.{os.getpid()}"
        with os.fdopen(os.open(made, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(base64.b64encode(os.urandom(32)))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # of two first users at once, the first one's key stands
            os.link(made, path)
        made.unlink()
    return base64.b64decode(path.read_bytes())
