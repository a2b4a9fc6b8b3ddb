"""A file as the body of an HTTP request: streamed, its length said beforehand, as a form's part, as it is, or in JSON.

RFC 7578 for forms. The boundary follows from the change and the content, so that a file cannot hold its own. The name
is quoted as HTML's forms do it: what would end it was taken out before it came here, and is escaped all the same.
Knows no partner. Next: `wire.py`, which sends it; `rest_files.py`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from connectors import sockets, strict_json
from connectors.errors import Stale
from connectors.files import Content
from connectors.inline import encoded, encoded_size


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that may be sent more than once. type: its Content-Type. answer: seconds within which an answer must begin
    once all of it was sent."""

    type: str
    head: bytes
    content: Content
    tail: bytes
    answer: float

    def __len__(self) -> int:
        return len(self.head) + self.content.size + len(self.tail)

    def __iter__(self) -> Iterator[bytes]:
        """Raises Stale where what is in the file is not as long as was said: no whole request was sent then."""
        if self.head:
            yield self.head
        left = self.content.size
        for piece in self.content.read():
            left -= len(piece)
            if left < 0:
                break
            yield piece
        if left:
            raise Stale("not sent: the file is not as long as was said.", code="C503", where=self.content.name)
        if self.tail:
            yield self.tail
        call = sockets.current()
        if call is not None:
            call.shorten(self.answer)


def form(
    content: Content, fields: Mapping[str, str], part: str, key: str, answer: float, *, of_fields: str = ""
) -> Upload:
    """A multipart form: the fields, then the file as the part of this name. key: of the change. of_fields: their
    own Content-Type, where they need one."""
    typed = f"\r\nContent-Type: {of_fields}" if of_fields else ""
    boundary = "casebridge-" + sha256(f"{key}\n{content.sha256}\n{content.size}".encode()).hexdigest()[:40]
    head = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"{typed}\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    told = f'form-data; name="{_quoted(part)}"; filename="{_quoted(content.name)}"'
    head += f"--{boundary}\r\nContent-Disposition: {told}\r\nContent-Type: {_plain(content.mime_type)}\r\n\r\n".encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    return Upload(f"multipart/form-data; boundary={boundary}", head, content, tail, answer)


def raw(content: Content, answer: float, mime_type: str = "") -> Upload:
    """The bytes as they are. mime_type: what they are called, empty for the file's own."""
    return Upload(mime_type or _plain(content.mime_type), b"", content, b"", answer)


def inline(content: Content, told: Mapping[str, Any], answer: float) -> Upload:
    """JSON that holds the file in base64 where `mark` stands in it first."""
    head, _, tail = strict_json.dump(told).partition(mark(content).encode())
    letters = replace(content, size=encoded_size(content.size), read=lambda: encoded(content.read()))
    return Upload("application/json", head, letters, tail, answer)


def mime_word(name: str) -> str:
    """The name as RFC 2047 writes a text beyond ASCII, in one word; the name itself where it is ASCII."""
    return name if name.isascii() else f"=?UTF-8?B?{b64encode(name.encode()).decode()}?="


def mark(content: Content) -> str:
    """What stands for the file in a body that is to hold it."""
    return f"casebridge-{content.sha256}"


def _quoted(name: str) -> str:
    """As the HTML standard's multipart/form-data encoding writes a name."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _plain(mime_type: str) -> str:
    """A MIME type that is a header; anything else is no known one."""
    fits = mime_type.isascii() and mime_type.isprintable() and "/" in mime_type
    return mime_type if fits else "application/octet-stream"
