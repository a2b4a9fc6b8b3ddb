"""The rollup as CSV for those who calculate on: RFC 4180, a row a figure, numbers as numbers, the stamp on each row.

The file starts with a byte order mark when written (`files.py`), so that spreadsheets read it as UTF-8. Text that a
spreadsheet would take for a formula is made text with an apostrophe (OWASP, CSV injection). Durations are in seconds.
`sampled_every_s` is empty where nothing was missed between two polls.
Next: `hub/rollup.py` for what a row is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from hub.indicators import indicator
from hub.rollup import Rollup, Row

COLUMNS = (
    "period", "start", "end", "zone", "scope", "company", "company_title", "to", "to_title", "indicator", "name",
    "family", "value", "unit", "n", "better", "agreement_version", "code_version", "entry_head", "mapping_hashes",
    "sampled_every_s",
)  # fmt: skip
_FORMULA = frozenset("=+-@\t\r\n|%＝＋－＠")


def sheet(rollup: Rollup, titles: Mapping[str, str]) -> str:
    """The whole sheet, lines ended by CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rollup.rows:
        writer.writerow(_cells(rollup, row, titles))
    return text.getvalue()


def _cells(rollup: Rollup, row: Row, titles: Mapping[str, str]) -> list[str | int | float | None]:
    period, scope, meaning = rollup.period, row.scope, indicator(row.indicator)
    hashes = " ".join(f"{partner}:{digest}" for partner, digest in rollup.mapping_hashes)
    words: tuple[str, ...] = (
        period.name,
        period.start.isoformat() if period.start else "",
        period.end.isoformat() if period.end else "",
        period.zone,
        scope.kind,
        scope.company,
        titles.get(scope.company, ""),
        scope.to,
        titles.get(scope.to, ""),
        meaning.id,
        meaning.name,
        meaning.family,
    )
    stamp = (meaning.better, rollup.agreement_version, rollup.code_version)
    return [
        *map(as_text, words),
        row.value,
        as_text(row.unit),
        row.n,
        *map(as_text, stamp),
        rollup.head,
        as_text(hashes),
        row.sampled,
    ]


def as_text(text: str) -> str:
    """The text such that no spreadsheet computes it: NUL dropped, an apostrophe before what would start a formula."""
    clean = text.replace("\0", "")
    bare = clean.lstrip(" \u00a0\u200b\ufeff")
    return f"'{clean}" if bare and bare[0] in _FORMULA else clean
