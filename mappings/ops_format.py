"""Text that they keep as HTML or Markdown, or without blanks at its ends, and plain text to us.

What they wrote is never touched while its plain text is what is to be written: the record itself keeps the source, so
it goes back byte for byte. A text that did change is written as escaped text in their format; the marks that the old
one had are gone then, and nothing of the new one can become a tag. Of a system that trims what it is given, blanks at
either end and the way in which a line ends are no word of its people: ours keep them, and none is written there.
Next: `text_html.py`, `text_markdown.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from mappings import text, text_html, text_markdown
from mappings.errors import Unfit
from mappings.ops import Example
from mappings.ops_text import Text
from mappings.paths import kind

Format = Literal["html", "markdown", "trimmed"]
_PLAIN: Mapping[str, Callable[[str], str]] = {
    "html": text_html.plain,
    "markdown": text_markdown.plain,
    "trimmed": text.lines,
}
_WRITTEN: Mapping[str, Callable[[str], str]] = {
    "html": text_html.written,
    "markdown": text_markdown.written,
    "trimmed": text.trimmed,
}
FORMATS = ("plain", *_PLAIN)


@dataclass(frozen=True, slots=True)
class Formatted:
    """length and octets bound what is written, marks included."""

    format: Format
    bounds: Text
    example: ClassVar[Example] = Example(
        "Text that they keep as `html` or `markdown` and that is plain text to us. While its words do not change, what "
        "they wrote stays byte for byte; changed words are written as escaped text in their format. `trimmed` is plain "
        "text of a system that takes off blanks at either end and ends lines its own way: neither counts as an edit.",
        {"from": "body", "format": "html"},
        "<p>No signal &amp; no <b>tone</b></p>",
        "No signal & no tone",
        "No signal &amp; no tone",
    )

    def forward(self, word: Any) -> str:
        if not isinstance(word, str):
            raise Unfit("M202", f"text is expected, not {kind(word)}.", word)
        return text.sound(_PLAIN[self.format](text.sound(word)))

    def inverse(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Unfit("M202", f"text is expected, not {kind(value)}.", value)
        return self.bounds.inverse(_WRITTEN[self.format](text.sound(value)))

    def same(self, one: Any, other: Any) -> bool:
        if self.format == "trimmed":
            one, other = (text.trimmed(each) if isinstance(each, str) else each for each in (one, other))
        return text.same(one or None, other or None)
