"""The forms of one report, by name: page, sheet, print and workbook, each as a file in memory.

Next: `page.py` (html), `sheet.py` (csv); `files.py`, which puts two of them on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.report.changes import Compared
from hub.report.page import page
from hub.report.printed import printed
from hub.report.sheet import sheet
from hub.report.words import Words
from hub.report.workbook import workbook
from hub.rollup import Rollup


@dataclass(frozen=True, slots=True)
class Form:
    """A file. kind: its media type."""

    name: str
    kind: str
    body: bytes


def forms(
    rollup: Rollup, wanted: Iterable[str], *, now: datetime, words: Words, before: Compared | None = None
) -> list[Form]:
    """The report in these forms. now: when it is written, aware. before: what changed against it. Raises
    KeyError for one that is not known."""
    made = []
    for form in wanted:
        kind, write = FORMS[form]
        made.append(Form(f"rollup-{rollup.period.name}.{form}", kind, write(rollup, now, words, before)))
    return made


def _page(rollup: Rollup, now: datetime, words: Words, before: Compared | None) -> bytes:
    return page(rollup, now=now, words=words, before=before).encode()


def _workbook(rollup: Rollup, now: datetime, words: Words, _before: Compared | None) -> bytes:
    return workbook(rollup, now, words)


def _sheet(rollup: Rollup, _now: datetime, words: Words, _before: Compared | None) -> bytes:
    return sheet(rollup, words.titles).encode("utf-8-sig")


FORMS: Mapping[str, tuple[str, Callable[[Rollup, datetime, Words, Compared | None], bytes]]] = {
    "html": ("text/html", _page),
    "pdf": ("application/pdf", printed),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _workbook),
    "csv": ("text/csv", _sheet),
}
"""Ending -> media type, and how it is made."""
