"""A file's bytes as text in base64 inside JSON, read and written in a stream: never the whole of it in memory.

RFC 4648 section 4, in one member of the answer's or the body's outermost object; line ends between the letters are
overlooked, whether JSON writes them out (`\\n`) or not. Knows no partner. Next: `rest_files.py`, `files_sent.py`.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Generator, Iterable, Iterator
from typing import Final

from connectors.errors import Refused, Rejected, Unreachable

HEAD: Final = 64 * 2**10
"""Bytes before the text: names, types, dates. What is longer is no answer about one file."""
LINE: Final = 3 * 2**14
"""Bytes encoded at once: whole groups of three."""
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def decoded(pieces: Iterable[bytes], member: str, where: str) -> Generator[bytes, None, None]:
    """The bytes that this member of the answer holds. Raises Refused C304 where it has no such text, Rejected C609
    where that is no base64, Unreachable C106 where the answer ends within it."""
    left = b""
    for text in _text(iter(pieces), member, where):
        letters = left + text
        whole = len(letters) - len(letters) % 4
        left = letters[whole:]
        if whole:
            yield _bytes(letters[:whole], member, where, last=not left)
    if left:
        raise _broken(member, where)


def encoded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes as base64 without line ends."""
    left = b""
    for piece in pieces:
        whole = left + piece
        end = len(whole) - len(whole) % 3
        left = whole[end:]
        for start in range(0, end, LINE):
            yield b2a_base64(whole[start : min(start + LINE, end)], newline=False)
    if left:
        yield b2a_base64(left, newline=False)


def encoded_size(size: int) -> int:
    """How many letters so many bytes become."""
    return (size + 2) // 3 * 4


def _bytes(letters: bytes, member: str, where: str, *, last: bool) -> bytes:
    if b"=" in letters[:-2] or (not last and b"=" in letters):
        raise _broken(member, where)
    try:
        return a2b_base64(letters, strict_mode=True)
    except Error:
        raise _broken(member, where) from None


def _broken(member: str, where: str) -> Rejected:
    return Rejected(f"what stands in {member} is no base64.", code="C609", where=where, fix="attach it anew there.")


def _text(pieces: Iterator[bytes], member: str, where: str) -> Iterator[bytes]:
    """The letters of the member's text, without line ends and what JSON escapes."""
    rest = _begun(pieces, member, where)
    while True:
        end = rest.find(b'"')
        letters, held = (rest[:end], b"") if end >= 0 else _unsplit(rest)
        clean = letters.replace(b"\\r", b"").replace(b"\\n", b"").replace(b"\\/", b"/")
        if clean := clean.translate(None, b"\r\n"):
            yield clean
        if end >= 0:
            return
        piece = next(pieces, None)
        if piece is None:
            text = f"the answer ends within {member}: cut off."
            raise Unreachable(text, code="C106", where=where, fix="nothing was written; it is tried again.")
        rest = held + piece


def _unsplit(letters: bytes) -> tuple[bytes, bytes]:
    """An escape whose end is not here yet is held back."""
    return (letters[:-1], b"\\") if letters.endswith(b"\\") else (letters, b"")


def _begun(pieces: Iterator[bytes], member: str, where: str) -> bytes:
    """What follows the quote that opens the member's text."""
    opened, head = re.compile(rb'"%s"\s*:\s*"' % re.escape(member.encode())), b""
    for piece in pieces:
        head += piece
        for found in opened.finditer(head):
            before = _STRING.sub(b"", head[: found.start()])
            if sum(before.count(one) for one in (b"{", b"[")) - sum(before.count(one) for one in (b"}", b"]")) == 1:
                return head[found.end() :]
        if len(head) > HEAD:
            break
    fix = "name in `files.content` of system.yaml the member that holds the text."
    raise Refused(f"the answer has no text in {member}.", code="C304", where=where, fix=fix)
