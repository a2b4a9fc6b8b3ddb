"""HTML read as plain text, and plain text written as HTML that reads back to the character.

A browser's own reading: runs of blanks are one, blocks and `<br>` begin lines, comments, scripts and styles say
nothing, character references are characters. One pass over the text, whatever is nested in it.
Next: `text_markdown.py`, `ops_format.py`.
"""

from __future__ import annotations

import re
from html import unescape

_TOKEN = re.compile(
    r"<!--(?:.*?-->|.*\Z)"
    r"|<(?P<mute>script|style)\b(?:.*?</(?P=mute)\s*>|.*\Z)"
    r"|<(?P<tag>/?[a-z][a-z0-9]*)\b[^<>]*>"
    r"|<[!?][^<>]*>"
    r"|(?P<reference>&(?:\#[0-9]{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)"
    r"|(?P<blank>[ \t\n\r\f]+)"
    r"|(?P<words>[^<& \t\n\r\f]+|.)",
    re.DOTALL | re.IGNORECASE,
)
_BLOCKS = frozenset(
    [
        *("address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("table", "tr", "ul"),
    ]
)
_APART = frozenset(["blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"])
_VERBATIM = {"pre": 1, "/pre": -1}
_SHOWN = {"br": "\n", "li": "- "}
_KEPT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "<br>", "\r": "&#13;", "\t": "&#9;", "\f": "&#12;"}
_ESCAPED = re.compile(r"[&<>\n\r\t\f]|^ | $| (?= )|(?<=[\n\r\t\f]) | (?=[\n\r\t\f])")


def plain(html: str) -> str:
    """The text that a reader sees."""
    out: list[str] = []
    blank, lines, verbatim = False, 0, 0
    for token in _TOKEN.finditer(html):
        kind, word = token.lastgroup, ""
        if kind == "blank" and not verbatim:
            blank = True
        elif kind == "reference":
            word = unescape(token[0])
        elif kind in {"words", "blank"}:
            word = token[0]
        elif kind == "tag":
            tag = token["tag"].lower()
            verbatim = max(0, verbatim + _VERBATIM.get(tag, 0))
            name = tag.removeprefix("/")
            if name in _BLOCKS:
                lines, blank = max(lines, 2 if name in _APART else 1), False
            blank = blank or tag in {"td", "th"}
            word = _SHOWN.get(tag, "")
        if word:
            if lines or blank:
                out.append(_before(word, out[-1] if out else "\n", lines))
            out.append(word)
            blank, lines = False, 0
    return "".join(out)


def _before(word: str, last: str, lines: int) -> str:
    """What stands between what was shown last and this word."""
    if lines:
        return "\n" * lines if last != "\n" else ""
    return "" if word == "\n" or last.endswith("\n") else " "


def written(text: str) -> str:
    """HTML that shows this text and reads back as it."""
    return _ESCAPED.sub(lambda found: _KEPT.get(found[0], "&#32;"), text)
