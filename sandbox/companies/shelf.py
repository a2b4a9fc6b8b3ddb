"""Where a company keeps what is in its files: one file of the disk for each, beside its database.

A file is written whole and synced before its row is; what a crash leaves without a row is nobody's. Knows no protocol.
Next: `store.py`, which has the rows.
"""

from __future__ import annotations

import os
import secrets
from hashlib import md5
from pathlib import Path
from typing import BinaryIO

from sandbox.companies.refusals import Refusal

CHUNK = 256 * 1024
NAME_LENGTH = 200


def put(folder: Path, source: BinaryIO, most: int) -> tuple[Path, int, str]:
    """Keep what is read from here: (where it is until it has a row, its bytes, MD5). Raises Refusal over `most`."""
    folder.mkdir(parents=True, exist_ok=True)
    path, size, digest = folder / f"new-{secrets.token_hex(8)}", 0, md5(usedforsecurity=False)
    try:
        with path.open("xb") as kept:
            while piece := source.read(CHUNK):
                size += len(piece)
                if size > most:
                    raise Refusal("file_too_large", f"A file has at most {most} bytes.", field="file", value=str(most))
                kept.write(piece)
                digest.update(piece)
            kept.flush()
            os.fsync(kept.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, size, digest.hexdigest()


def check_name(name: str) -> None:
    """Raises Refusal for a name that is no file's: empty, over long, a path, or with control characters."""
    if not name or len(name) > NAME_LENGTH or not name.isprintable() or {"/", "\\"} & {*name}:
        raise Refusal("file_name", "A file needs a plain name.", field="name", value=name[:60])
