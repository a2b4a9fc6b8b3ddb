"""Markdown read as plain text, and plain text written as Markdown that reads back to the character.

Emphasis, headings, links and code lose their marks (a link keeps its address); lists and quotes are text already.
One pass; an inner text is read once more, and holds no such mark. Next: `ops_format.py`.
"""

from __future__ import annotations

import re
from html import unescape

_MARK = re.compile(
    r"\\(?P<literal>[!-/:-@\[-`{-~\n])"
    r"|(?P<reference>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<fence>`{1,3})(?P<code>[^`]+)(?P=fence)"
    r"|!?\[(?P<shown>[^\[\]\n]*)\]\((?P<address>[^()\s]*)\)"
    r"|\*\*(?P<strong>[^*\\\n]+)\*\*|\*(?P<strong2>[^*\\\s][^*\\\n]*)\*"
    r"|(?<![A-Za-z0-9])(?:__(?P<under>[^_\\\n]+)__|_(?P<under2>[^_\\\s][^_\\\n]*)_)(?![A-Za-z0-9])"
    r"|^\ {0,3}\#{1,6}[\ \t]+"
    r"|(?P<pause>\ {2,}(?=\n))",
    re.MULTILINE,
)
_ESCAPED = re.compile(
    r"(?P<mark>[\\`*_\[\]<>#&~|])|(?P<blank>\r|^ | $| (?=\r|\n))|^(?P<bullet>[+-]|[0-9]+(?=\.))", re.MULTILINE
)
_BREAK = re.compile(r"(?<!\n)\n(?!\n)")


def plain(markdown: str) -> str:
    """The text without its marks."""
    return _MARK.sub(_plain, markdown)


def _plain(found: re.Match[str]) -> str:
    if found["literal"]:
        return found["literal"]
    if found["reference"]:
        return unescape(found["reference"])
    if found["shown"] is not None:
        shown, address = plain(found["shown"]), found["address"]
        return shown if shown == address or not address else f"{shown} ({address})"
    if found["code"]:
        return found["code"]
    inner = found["strong"] or found["strong2"] or found["under"] or found["under2"]
    return plain(inner) if inner else ""


def written(text: str) -> str:
    """Markdown that shows this text and reads back as it."""
    return _BREAK.sub("\\\\\n", _ESCAPED.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    if found["mark"]:
        return "\\" + found["mark"]
    if found["bullet"]:
        return found["bullet"] + "\\" if found["bullet"].isdigit() else "\\" + found["bullet"]
    return "&#13;" if found["blank"] == "\r" else "&#32;"
