"""Takes secrets out of any text before it can reach an error or a log.

Two nets: the exact secrets that we hold (as they are, and as Basic credentials, URLs and JSON write them), and the
shapes in which others echo them (Authorization values, tokens in JSON, XML and forms).
Knows no HTTP. Next: `wire.py`, which learns each secret as it is made.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from typing import Any, Final
from urllib.parse import quote, quote_plus

from connectors.base import Credentials

HIDDEN: Final = "[hidden]"

_NAMES: Final = r"(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|session[-_]?id|assertion)"
_SECRET_KEY: Final = re.compile(_NAMES, re.IGNORECASE)
_WORDS: Final = ("pass", "secret", "token", "key", "session", "assertion")
_SHAPES: Final = (
    (
        ("bearer", "basic", "token"),
        re.compile(  # a set of letters in the first place is several times as quick as words in either case
            r"([BbTt](?<!\w.)(?:(?<=[Bb])(?i:earer|asic)|(?<=[Tt])(?i:oken))\s+)(?i:[A-Za-z0-9+/=._~!-]{8,})"
        ),
    ),
    (_WORDS, re.compile(rf"(?i)({_NAMES}[\w.-]{{0,64}}[\"']?\s{{0,16}}[:=]\s{{0,16}}[\"']?)[^\s\"'&<>,;]{{4,}}")),
    (_WORDS, re.compile(rf"(?i)(<[\w:.-]{{0,64}}{_NAMES}[\w.-]{{0,64}}(?:\s[^<>]{{0,512}})?>)[^<]+")),
)


class Redactor:
    """Knows the secrets of one connection. Calling it gives the text without them."""

    def __init__(self, credentials: Credentials) -> None:
        self._known: tuple[str, ...] = ()
        if credentials.password:
            self.hide(credentials.password)
            pair = f"{credentials.login}:{credentials.password}"
            self.hide(base64.b64encode(pair.encode()).decode())
        self._hide_extra(credentials.extra)

    def _hide_extra(self, extra: Mapping[str, Any]) -> None:
        for key, value in extra.items():
            if isinstance(value, Mapping):
                self._hide_extra(value)
            elif isinstance(value, str) and _SECRET_KEY.search(key):
                self.hide(value)

    def hide(self, secret: str) -> None:
        """Learn one more secret (a token that was just issued). Shorter ones than four characters are left."""
        if len(secret) >= 4:
            # a new tuple: other threads may be reading the old one
            self._known = tuple(sorted(_forms(secret).union(self._known), key=len, reverse=True))

    @property
    def longest(self) -> int:
        """Letters of the longest way in which a secret that we hold is written."""
        return len(self._known[0]) if self._known else 0

    def __call__(self, text: str) -> str:
        """The text without secrets and without control characters, so that it forges no log line."""
        text = self._hidden(text)
        return _printable(text)

    def lines(self, text: str) -> str:
        """The same for a page: lines stay lines."""
        text = self._hidden(text)
        return text if text.isprintable() else "\n".join(map(_printable, text.split("\n")))

    def _hidden(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        low = text.casefold()
        for words, shape in _SHAPES:
            if any(word in low for word in words):  # mostly none is, and to look for a word costs next to nothing
                text = shape.sub(rf"\g<1>{HIDDEN}", text)
        return text


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join([c if c.isprintable() else " " for c in text])


def _forms(secret: str) -> set[str]:
    """The ways in which it is written: as it is, in a URL or a form, in JSON and in XML, by whoever writes them."""
    in_json = json.dumps(secret)[1:-1]
    by_numbers = secret.encode("ascii", "xmlcharrefreplace").decode()
    forms = {secret, quote(secret, safe=""), quote_plus(secret), in_json, in_json.replace("/", "\\/"), escape(secret)}
    forms |= {escape(secret, quote=False), by_numbers, escape(by_numbers, quote=False).replace("&amp;#", "&#")}
    forms.add(json.dumps(secret, ensure_ascii=False)[1:-1])
    with suppress(UnicodeEncodeError):
        forms.add(secret.encode("latin-1").decode("utf-8", "replace"))  # as we read what others write in Latin-1
    return {form for form in forms if len(form) >= 4}
