"""What came by mail: each as the file that was received, NUMBER.eml, and how it reads.

`Box` is aiosmtpd's handler too. A mail appears whole or not at all. Next: `pages.py`.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Mail:
    """One that came. number: counts from 1."""

    number: int
    message: EmailMessage

    @property
    def html(self) -> str:
        """Its HTML part, the pictures that lie within put in; "" where it has none."""
        body = self.message.get_body(("html",))
        text = str(body.get_content()) if body is not None else ""
        for part in self.message.walk():
            if isinstance(part, EmailMessage) and part.get_content_maintype() == "image" and part["Content-ID"]:
                picture = base64.b64encode(bytes(part.get_content())).decode()
                name = str(part["Content-ID"]).strip("<> ")
                text = text.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{picture}")
        return text

    @property
    def plain(self) -> str:
        """Its text part."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body is not None else ""

    @property
    def attachments(self) -> list[EmailMessage]:
        """What goes along."""
        return list(self.message.iter_attachments())


class Box:
    """The mails of one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._lock = folder, threading.Lock()

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        """Take a mail."""
        self.keep(bytes(envelope.content))
        return "250 OK"

    def keep(self, content: bytes) -> int:
        """Put it down; its number."""
        with self._lock:
            number = max(self.numbers(), default=0) + 1
            beside = self._folder / f".{number}"
            beside.write_bytes(content)
            beside.replace(self._folder / f"{number}.eml")
        return number

    def numbers(self) -> list[int]:
        """Of the mails that came, newest first."""
        return sorted((int(path.stem) for path in self._folder.glob("*.eml")), reverse=True)

    def mail(self, number: int) -> Mail | None:
        """One of them."""
        try:
            content = (self._folder / f"{number}.eml").read_bytes()
        except OSError:
            return None
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return Mail(number, message)
