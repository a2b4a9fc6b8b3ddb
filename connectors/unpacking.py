"""The body of one answer, read whole under a cap: on the bytes that came and on those that they unpack to.

A little gzip may stand for gigabytes, so it is unpacked a piece at a time (urllib3 unpacks no more of it than it is
asked for) and both sizes are looked at after each. What is over is closed and not read to its end. How deep and how
much may stand in the bytes is for `strict_json.py` and `soap_xml.py` to say.
Knows no status's meaning. Next: `adapter.py`, which reads; `failures.py`, which names.
"""

from __future__ import annotations

from contextlib import suppress
from http.client import IncompleteRead
from typing import Final

import requests

_CHUNK: Final = 65_536
_BODILESS: Final = frozenset({204, 205, 304})


class TooLarge(Exception):
    """The answer passed the cap."""


def whole(response: requests.Response, cap: int) -> bytes:
    """The unpacked body, at most cap bytes; the connection goes back to its pool.

    Raises TooLarge, and what urllib3 and http.client raise for a body that is cut or broken.
    """
    raw, pieces, size = response.raw, [], 0
    if raw is None:
        return b""
    with suppress(ValueError):
        if int(response.headers.get("Content-Length", "0")) > cap:
            raw.close()
            raise TooLarge
    while piece := raw.read(_CHUNK, decode_content=True):
        size += len(piece)
        if max(size, raw.tell()) > cap:
            raw.close()
            raise TooLarge
        pieces.append(piece)
    if not pieces and not _framed(response) and response.status_code not in _BODILESS:
        raise IncompleteRead(b"")  # a head that was cut off looks like an empty answer
    raw.release_conn()
    return b"".join(pieces)


def _framed(response: requests.Response) -> bool:
    """Whether the head says where the body ends; one that is cut within `Content-Length: 17` does not."""
    said = response.headers
    return said.get("Content-Length", "").strip().isdigit() or "chunked" in said.get("Transfer-Encoding", "").lower()
