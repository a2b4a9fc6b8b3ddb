"""The keys under which bodies are sealed: one a data subject, kept apart from the ledger.

Forget a subject's key and every body about that person is gone, while the ledger's chain, which covers ciphertext,
still verifies: so erasure and audit are both true. Subject keys are wrapped by a master key
(CASEBRIDGE_MASTER_KEY, base64 of 32 bytes, or HOME/master.key, made at first use and readable by its owner only).
AES-256-GCM throughout. New keys are gathered and kept together, before what is sealed under them.

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

from hub.statements import Session, Statement

metadata = sa.MetaData()
subject_keys = sa.Table(
    "subject_keys",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)
NONCE = 12
LEAST_MAC = 16
MOST_KNOWN = 20_000
"""Subjects whose opened keys stay in memory, about 1 kB each."""
_k = subject_keys.c
STORED = Statement(sa.select(_k.wrapped).where(_k.subject == sa.bindparam("whose")))
NEW = Statement(sa.insert(subject_keys), ("subject", "wrapped"))


class KeyLost(Exception):
    """A body cannot be opened: its subject was erased, or the keys do not belong to this ledger."""


class Keyring:
    """Seals and opens. random_bytes is injected so that a simulation can repeat itself."""

    def __init__(self, engine: sa.Engine, master: bytes, *, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self.engine, self._master, self._random = engine, AESGCM(master), random_bytes
        self._mac_key = hmac.digest(master, b"casebridge digest", "sha256")
        self._sign_key = hmac.digest(master, b"casebridge signature", "sha256")
        self._known: dict[str, AESGCM] = {}
        self._made: dict[str, bytes] = {}
        metadata.create_all(engine)

    def seal(self, subject: str, plain: bytes) -> bytes:
        """Ciphertext under this subject's key, which is made if it has none: `keep` before what was sealed is kept."""
        nonce = self._random(NONCE)
        return nonce + self._key(subject, make=True).encrypt(nonce, plain, subject.encode())

    def seal_more(self, subject: str, plain: bytes) -> bytes:
        """Ciphertext under the key that this subject has: one that was erased gets no new one. Raises KeyLost."""
        nonce = self._random(NONCE)
        return nonce + self._key(subject, make=False).encrypt(nonce, plain, subject.encode())

    def name(self) -> str:
        """A name that nothing else has, for what is kept beside the ledger."""
        return self._random(16).hex()

    def open(self, subject: str, sealed: bytes) -> bytes:
        """The plain bytes. Raises KeyLost."""
        try:
            return self._key(subject, make=False).decrypt(sealed[:NONCE], sealed[NONCE:], subject.encode())
        except InvalidTag as error:
            raise KeyLost(f"{subject}: the key does not open this body; are these the keys of this ledger?") from error

    def digest(self, plain: bytes) -> str:
        """A keyed hash: tells equal bodies apart from different ones, and tells an outsider nothing."""
        return hmac.digest(self._mac_key, plain, "sha256").hex()

    def sign(self, purpose: str, plain: bytes) -> bytes:
        """32 bytes that only who has the master key can make for this text, and for no other purpose."""
        return hmac.digest(self._sign_key, purpose.encode() + b"\n" + plain, "sha256")

    def is_signed(self, purpose: str, plain: bytes, mac: bytes) -> bool:
        """Whether these are the first bytes, 16 at the least, of what `sign` makes for this text."""
        return len(mac) >= LEAST_MAC and hmac.compare_digest(self.sign(purpose, plain)[: len(mac)], mac)

    def keep(self) -> None:
        """Keep the keys that were made. One writer at a time: a key that another one made meanwhile is an error."""
        if self._made:
            with self.engine.begin() as connection:
                rows = [{"subject": subject, "wrapped": wrapped} for subject, wrapped in self._made.items()]
                NEW.run_each(Session(connection), rows)
            self._made.clear()
        if len(self._known) > MOST_KNOWN:
            self._known.clear()

    def drop(self) -> None:
        """Forget the keys that were made: what was sealed under them is not kept."""
        for subject in self._made:
            self._known.pop(subject, None)
        self._made.clear()

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
        with self.engine.connect() as connection:
            found: bytes | None = STORED.scalar(Session(connection), {"whose": subject})
            return found

    def _make(self, subject: str) -> bytes:
        """A new key, wrapped, to be kept."""
        nonce = self._random(NONCE)
        wrapped = self._made[subject] = nonce + self._master.encrypt(nonce, self._random(32), subject.encode())
        return wrapped


def master_key(home: Path, environ: Mapping[str, str]) -> bytes:
    """The 32 bytes that wrap the subjects' keys. Raises ValueError when the variable holds something else."""
    return kept_secret(home, environ, "CASEBRIDGE_MASTER_KEY", "master.key")


def kept_secret(home: Path, environ: Mapping[str, str], variable: str, name: str) -> bytes:
    """32 secret bytes: base64 in this variable, else in this file of HOME, made at first use and its owner's only.

    Raises ValueError when the variable holds something else."""
    given = environ.get(variable)
    if given:
        raw = base64.b64decode(given, validate=True)
        if len(raw) != sha256().digest_size:
            raise ValueError(f"{variable}: base64 of 32 bytes is needed, this is {len(raw)} bytes")
        return raw
    path = home / name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        made = home / f"{name}.{os.getpid()}"
        with os.fdopen(os.open(made, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(base64.b64encode(os.urandom(32)))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # of two first users at once, the first one's key stands
            os.link(made, path)
        made.unlink()
    return base64.b64decode(path.read_bytes())
