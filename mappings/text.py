"""Text between companies: never changed in silence, never cut, and the footer that marks a note as carried.

Verdicts. Refused: NUL (PostgreSQL cannot keep it) and lone surrogates (no encoding carries them). Kept as they are:
emoji, bidi marks, NFC and NFD, CR LF, blanks at either end, markup. Two texts that differ only in Unicode
normalisation mean the same, so that a system that normalises starts no echo.

The footer is the last line of a note that the hub wrote: `— author, company [ref]`, after an empty line. Only the last
one is taken off, so a text that itself ends in such a line comes back whole. Next: `ops_notes.py`.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from mappings.errors import Unfit

REF = re.compile(r"[A-Za-z0-9._:/#-]{1,200}")
"""What a note's reference may consist of."""
_BRACKETED = re.compile(rf"{REF.pattern}\]").fullmatch
_FOOTER = re.compile(rf"(?:\r\n\r\n|\n\n)— [^\r\n]* \[({REF.pattern})\][ \t\r\n]*\Z")
LAST = "] \t\r\n"
"""What a text that has a footer ends in."""


def sound(text: str) -> str:
    """The text itself; raises Unfit M203 where a NUL or a lone surrogate stands in it."""
    if "\0" in text:
        raise Unfit("M203", f"the text has a NUL at character {text.index(chr(0)) + 1}.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise Unfit("M203", f"the text has half a surrogate pair at character {error.start + 1}.") from None
    return text


def same(one: object, other: object) -> bool:
    """Whether two texts mean the same: equal, or equal once both are in Unicode's composed form."""
    if one == other:
        return True
    return isinstance(one, str) and isinstance(other, str) and normalize("NFC", one) == normalize("NFC", other)


def trimmed(text: str) -> str:
    """The text without blanks at either end, its lines ended by LF."""
    return lines(text.strip())


def lines(text: str) -> str:
    """The text, its lines ended by LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def fitting(text: str, length: int | None, octets: int | None) -> str:
    """The text itself; raises Unfit M204 where it is longer than the field. Nothing is ever cut."""
    if length is not None and len(text) > length:
        raise Unfit("M204", f"the text has {len(text)} characters and the field takes {length}.")
    if octets is not None and len(text.encode()) > octets:
        raise Unfit("M204", f"the text has {len(text.encode())} bytes and the field takes {octets}.")
    return text


def footed(text: str, *, author: str, company: str, ref: str) -> str:
    """The text with the footer that says who wrote it where; author "": the company alone. ValueError: a ref that
    could not be read back."""
    if not REF.fullmatch(ref):
        raise ValueError(f"{ref!r} cannot be a note's reference: letters, digits and . _ : / # - only")
    signed = " ".join(", ".join(filter(None, (author, company))).split())
    return f"{text}\n\n— {signed} [{ref}]"


def unfooted(text: str) -> tuple[str, str | None]:
    """The text without its footer, and the reference; the text itself and None where it has none."""
    if text[-1:] not in LAST:
        return text, None
    words, mark, line = (text if text[-1:] == "]" else text.rstrip(LAST[1:])).rpartition("\n\n— ")
    author, opened, ref = line.rpartition(" [")
    if mark and opened and _BRACKETED(ref) and "\n" not in author and "\r" not in author:  # as the hub writes it
        return words, ref[:-1]
    found = _FOOTER.search(text) if text.rstrip(LAST[1:]).endswith("]") else None
    return (text, None) if found is None else (text[: found.start()], found[1])
