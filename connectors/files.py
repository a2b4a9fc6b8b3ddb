"""Files that hang on a record: what a system takes of them, and the bytes of one on their way into it.

A file is streamed, never held: its bytes are asked for a piece at a time, and may be asked for again from the
beginning. How large it may be is declared by each system, since no two take the same.
Knows no wire and no case. Next: `base.py`, whose System and Change hold these; `files_sent.py`, how they go over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from connectors.declared import Declared
from connectors.errors import Rejected, Unreachable

PIECE: Final = 128 * 2**10
"""Bytes of a file that are in memory at once, or little more."""


class Files(Declared):
    """What a system takes and tells of files; one that declares none takes none, and none of its own are read."""

    largest: int = Field(25 * 2**20, ge=1, le=4 * 2**30, description="bytes of the largest file, read or written")
    types: tuple[str, ...] = Field(
        (), description="MIME types that it takes, `image/*` for all of one sort; none named: all"
    )
    refused: tuple[str, ...] = Field((), description="endings of file names that it does not take, such as exe")
    slowest: int = Field(
        64 * 2**10, gt=0, description="bytes a second that a transfer must make; `deadline` comes on top of that"
    )

    def seconds(self, size: int, deadline: float) -> float:
        """What a transfer of so many bytes may take."""
        return deadline + size / self.slowest

    def against(self, name: str, mime_type: str | None, size: int | None) -> str:
        """Why this file does not go in there, as `takes ...`; nothing where it does. None: not known yet."""
        if size is not None and size > self.largest:
            return f"takes files of up to {told_size(self.largest)}"
        ending = name.rpartition(".")[2].lower()
        if "." in name and ending in {one.lower().lstrip(".") for one in self.refused}:
            return f"takes no .{ending} files"
        known = (mime_type or "application/octet-stream").partition(";")[0].strip().lower()
        if self.types and not any(_fits(known, one.lower()) for one in self.types):
            return f"takes {', '.join(self.types)} and no {known}"
        return ""


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file, on its way into a system. name: safe to be written anywhere. size: bytes. sha256: of them.
    read: the bytes from the beginning, a piece at a time; raises ConnectorError where they are not to be had."""

    name: str
    mime_type: str
    size: int
    sha256: str
    read: Callable[[], Iterator[bytes]]


def bounded(pieces: Iterable[bytes], most: int, told: int | None, where: str) -> Generator[bytes, None, None]:
    """The same bytes. Raises Rejected C608 once they are more than `most`, and Unreachable C106 where they are not as
    many as was told: cut off, or changed meanwhile."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            text = f"the file is larger than {told_size(most)}."
            raise Rejected(text, code="C608", where=where, fix="raise `files.largest` in system.yaml, if it may be.")
        yield piece
    if told is not None and size != told:
        text = f"the file was told to have {told} bytes, and {size} came: cut off, or changed meanwhile."
        raise Unreachable(text, code="C106", where=where, fix="nothing was written; it is tried again.")


def told_size(size: int) -> str:
    """A number of bytes as people say it."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{size} byte{'' if size == 1 else 's'}"


def _fits(known: str, declared: str) -> bool:
    return declared in {known, "*/*"} or (declared.endswith("/*") and known.startswith(declared[:-1]))
