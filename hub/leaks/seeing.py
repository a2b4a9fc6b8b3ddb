"""What some bytes say, in every form that a text may take on its way out: as it is and decoded, again and again.

Base64 from each of its starting places, hex, quoted-printable, addresses (%41), HTML (&#65;), JSON (\\u0041), UTF-16,
gzip and zlib, from end to start. Capitals are left to who compares. A form in another is seen to a depth of four.
Pure. Next: `canaries.py`, `verdict.py`.
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

DEPTH: Final = 4
MOST: Final = 8 * 2**20
"""Bytes that one packed piece may unpack to: more than the leak test ever packs."""
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{14,}")
_HEX: Final = re.compile(rb"[0-9a-fA-F]{24,}|[0-9a-fA-F]{2}(?:[ :][0-9a-fA-F]{2}){11,}")
_ESCAPED: Final = re.compile(rb"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\/")
_READABLE: Final = bytes((0, 9, 10, 13, *range(32, 127)))
_PACKED: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


def seen(raw: bytes) -> Iterator[str]:
    """Each form of these bytes as text, the bytes themselves first."""
    waiting, known = [(raw, DEPTH)], {raw}
    while waiting:
        form, depth = waiting.pop()
        yield form.decode("latin-1")
        if not depth:
            continue
        for decode in _DECODERS:
            for other in decode(form):
                if other and other not in known:
                    known.add(other)
                    waiting.append((other, depth - 1))


def _base64(raw: bytes) -> Iterator[bytes]:
    whole = re.sub(rb"[\r\n]+", b"", raw) if b"\n" in raw else raw
    for text in {raw, whole}:
        for run in _BASE64.findall(text):
            plain = run.replace(b"-", b"+").replace(b"_", b"/")
            for start in range(4):
                piece = plain[start:] if (len(plain) - start) % 4 != 1 else plain[start:-1]
                decoded = base64.b64decode(piece + b"=" * (-len(piece) % 4))
                if _is_told(decoded):
                    yield decoded


def _is_told(decoded: bytes) -> bool:
    """Whether it may be something: packed, or text for the most part. The rest is chance."""
    strange = len(decoded.translate(None, _READABLE))
    return strange * 10 <= len(decoded) * 4 or _PACKED.search(decoded) is not None


def _hex(raw: bytes) -> Iterator[bytes]:
    for run in _HEX.findall(raw):
        digits = re.sub(rb"[ :]", b"", run)
        for start in range(2):
            piece = digits[start:]
            yield binascii.unhexlify(piece[: len(piece) // 2 * 2])


def _quoted(raw: bytes) -> Iterator[bytes]:
    if b"=" in raw:
        yield quopri.decodestring(raw)


def _address(raw: bytes) -> Iterator[bytes]:
    if b"%" in raw:
        yield unquote_to_bytes(raw)


def _entities(raw: bytes) -> Iterator[bytes]:
    if b"&" in raw:
        yield html.unescape(raw.decode("latin-1")).encode("utf-8")


def _json(raw: bytes) -> Iterator[bytes]:
    if b"\\" in raw:
        yield _ESCAPED.sub(_unescaped, raw)


def _unescaped(match: re.Match[bytes]) -> bytes:
    digits = match[1] or match[2]
    return b"/" if digits is None else chr(int(digits, 16)).encode("utf-8", "replace")


def _wide(raw: bytes) -> Iterator[bytes]:
    if b"\0" in raw:
        yield raw.replace(b"\0", b"")


def _backwards(raw: bytes) -> Iterator[bytes]:
    if len(raw) < 2**16:
        yield raw[::-1]


def _packed(raw: bytes) -> Iterator[bytes]:
    for match in _PACKED.finditer(raw):
        try:
            yield zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(raw[match.start() :], MOST)
        except zlib.error:
            continue


_DECODERS: Final[tuple[Callable[[bytes], Iterator[bytes]], ...]] = (
    _base64, _hex, _quoted, _address, _entities, _json, _wide, _packed, _backwards,
)  # fmt: skip
