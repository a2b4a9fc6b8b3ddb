"""Puts a report on disk: rollup-<period>.html and .csv, each appearing whole or not at all.

Both are rendered, then both written beside, then both renamed over. A reader who opens one meanwhile reads the old one
to its end.
Next: `page.py`, `sheet.py`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from hub.report.page import page
from hub.report.sheet import sheet
from hub.report.words import Words
from hub.rollup import Rollup
from hub.tongue import languages, tongue

_NO_TITLES: Mapping[str, str] = MappingProxyType({})


class ReportError(ValueError):
    """The report cannot be written as asked. The text carries the code, the value, what is known and the fix."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the report lies."""

    html: Path
    csv: Path


def write_report(
    rollup: Rollup,
    directory: Path,
    *,
    now: datetime,
    language: str = "en",
    titles: Mapping[str, str] = _NO_TITLES,
) -> Paths:
    """Write the page and the sheet into directory, which is made if absent; what lay there for the period is replaced.

    now: when it is written, aware. titles: company name -> what people call it. Raises ReportError, OSError.
    """
    if language not in languages():
        raise ReportError(f"R111 language: {language!r} is not spoken here. Known: {', '.join(languages())}.")
    if not re.fullmatch(r"\w[\w.-]*", rollup.period.name, re.ASCII):
        raise ReportError(
            f"R112 period: {rollup.period.name!r} makes no file name. Known: letters, digits, '.', '-' and '_'. "
            "Make the period with Period.parse."
        )
    html = page(rollup, now=now, words=Words(tongue(language), titles)).encode()
    csv = sheet(rollup, titles).encode("utf-8-sig")
    directory.mkdir(parents=True, exist_ok=True)
    paths = Paths(directory / f"rollup-{rollup.period.name}.html", directory / f"rollup-{rollup.period.name}.csv")
    with ExitStack() as leftovers:
        beside = [(path, _beside(path, content, leftovers)) for path, content in ((paths.html, html), (paths.csv, csv))]
        for path, ready in beside:
            ready.replace(path)
    return paths


def _beside(path: Path, content: bytes, leftovers: ExitStack) -> Path:
    """The content on disk beside path, ready to be renamed over it; leftovers removes it where that never happens."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    leftovers.callback(Path(name).unlink, missing_ok=True)
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())
    return Path(name)
