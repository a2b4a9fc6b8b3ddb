"""Where the bytes of files wait between the company that they come from and those that are to have them.

One file of ours for each, under a name that says nothing, its pieces sealed one by one under the key of the case's
subject: who is forgotten is forgotten here too. Each piece says which it is and whether it is the last, so that none is
left out, moved or taken from elsewhere unseen. It is on the disk before the ledger says so; what a kill leaves is named
in the ledger before it is begun, and removed by the next pull. Knows no partner. Next: `fetching.py`, `keys.py`.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from hub.keys import Keyring

PIECE: Final = 128 * 2**10
_LENGTH: Final = struct.Struct(">I")
_PLACE: Final = struct.Struct(">?Q")


class Lost(Exception):
    """What was kept is not there any more, or is not what was kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """size: bytes. sha256: of the plain bytes."""

    size: int
    sha256: str


class Spool:
    """The folder. Names come from `Keyring.name`."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder, self._keyring = folder, keyring

    def keep(self, name: str, subject: str, pieces: Iterable[bytes]) -> Kept:
        """Write these bytes, and have them on the disk. Raises KeyLost, OSError, and what the pieces raise: then
        nothing of it is left."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest, size = sha256(), 0
        path = self._folder / name
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                for n, (piece, last) in enumerate(_even(pieces)):
                    digest.update(piece)
                    size += len(piece)
                    sealed = self._keyring.seal_more(subject, _PLACE.pack(last, n) + name.encode() + piece)
                    file.write(_LENGTH.pack(len(sealed)) + sealed)
                file.flush()
                os.fsync(file.fileno())
            self._sync_folder()
        except BaseException:
            self.drop(name)
            raise
        return Kept(size, digest.hexdigest())

    def read(self, name: str, subject: str) -> Iterator[bytes]:
        """The plain bytes, piece by piece. Raises Lost, KeyLost."""
        try:
            file = (self._folder / name).open("rb")
        except OSError as error:
            raise Lost(f"{name}: {error.strerror}") from error
        with file:
            n, last = 0, False
            while head := file.read(_LENGTH.size):
                sealed = file.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
                if not sealed:
                    raise Lost(f"{name}: cut short")
                plain = self._keyring.open(subject, sealed)
                last, place = _PLACE.unpack_from(plain)
                named = plain[_PLACE.size : _PLACE.size + len(name.encode())]
                if place != n or named != name.encode():
                    raise Lost(f"{name}: piece {n} is another one")
                yield plain[_PLACE.size + len(named) :]
                n += 1
            if not last:
                raise Lost(f"{name}: its end is not there")

    def has(self, name: str) -> bool:
        """Whether it is there."""
        return bool(name) and (self._folder / name).is_file()

    def drop(self, name: str) -> None:
        """Remove it, if it is there."""
        (self._folder / name).unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _even(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in pieces of one size, each with whether it is the last; at least one, maybe empty."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > PIECE:
            yield bytes(waiting[:PIECE]), False
            del waiting[:PIECE]
    yield bytes(waiting), True
