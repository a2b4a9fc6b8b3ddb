"""Every sentence that is said to people through a tongue, found in the code, and the catalogues brought up to them.

    python -m hub.reference.catalogues       adds what is new to each hub/catalogues/LANGUAGE.po, drops what is gone
    python -m hub.reference.catalogues de    begins one

Next: `../tongue.py`, which reads them; a test, which finds what is not translated.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from hub.indicators import INDICATORS
from hub.tongue import CATALOGUES, SOURCE, catalogue, languages

ROOM = Path(__file__).resolve().parents[1]
PLACES = ("report", "serve")
"""Rooms whose sentences are in the catalogues."""
KEYWORDS = {"say": None, "sentence": None, "many": (1, 2)}


def sentences() -> Catalog:
    """All of them, in the order of the files, without translations."""
    found = Catalog(project="Casebridge", fuzzy=False)
    for message in (*_in_code(), *_of_indicators()):
        found.add(message)
    return found


def updated(language: str) -> bytes:
    """The language's catalogue with what is new in it empty and what is gone left out."""
    found = sentences()
    kept = catalogue(language) if language in languages() else Catalog(locale=language)
    whole = Catalog(locale=language, project="Casebridge", fuzzy=False)
    for message in found:
        if message.id:
            old = kept.get(message.id)
            whole.add(message.id, old.string if old is not None else "")
    out = io.BytesIO()
    write_po(out, whole, width=0, omit_header=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Plural-Forms: {whole.plural_forms}\\n"\n'
    return (head + '"Content-Type: text/plain; charset=utf-8\\n"\n\n').encode() + out.getvalue()


def _in_code() -> Iterator[str | tuple[str, ...]]:
    for place in PLACES:
        for path in sorted((ROOM / place).rglob("*")):
            if path.suffix == ".py":
                method: object = "python"
            elif path.suffix == ".j2":
                method = babel_extract
            else:
                continue
            with path.open("rb") as file:
                for _line, message, _comments, _context in extract(method, file, keywords=KEYWORDS):  # type: ignore[arg-type]
                    yield message


def _of_indicators() -> Iterator[str]:
    for one in INDICATORS:
        yield from (one.name, one.unit, one.formula, one.example.words)


def main() -> None:
    """The command line: bring these catalogues, or all there are, up to the code."""
    for language in sys.argv[1:] or [one for one in languages() if one != SOURCE]:
        (CATALOGUES / f"{language}.po").write_bytes(updated(language))


if __name__ == "__main__":
    main()
