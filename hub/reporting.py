"""From the ledger to the files that managers get: the rollup of everything, of this month and of yesterday.

Reads what is new since the last time; writes nothing but the reports and the store of facts. Knows no Airflow; the
clock is given. Next: `rolling_up.py` for the figures, `report/` for how they look, `dags/rollup.py` and the command
line, which call this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from hub.agreement import Agreement
from hub.entries import Entry
from hub.fact_store import ListSource, Source
from hub.partners import sampled_in
from hub.periods import Period
from hub.report import write_report
from hub.rolling_up import FILE, as_of, rollups
from hub.rollup import Rollup
from hub.settings import Settings
from hub.suppressing import suppress
from hub.versions import load_in_force


def periods_at(now: datetime) -> tuple[str, ...]:
    """Names of the periods that are reported at this time: all, this month, yesterday; in UTC."""
    today = now.astimezone(UTC)
    return ("all", f"{today:%Y-%m}", f"{today - timedelta(days=1):%Y-%m-%d}")


def write_reports(
    entries: Source | Iterable[Entry],
    settings: Settings,
    titles: Mapping[str, str],
    now: datetime,
    periods: Iterable[str] = (),
    agreement: Agreement | None = None,
    *,
    head: int = 0,
    reader: str | None = None,
) -> list[Path]:
    """Write the reports of these periods (none: `periods_at` now). entries: of the ledger, whose facts are remembered;
    or a list, whose are not. titles: partner -> the company's name. agreement: under which; None: the one in force.
    head: up to this entry, as it was then; 0: all. reader: as this company ("": one of none) may see it; None: as all.

    Returns the files. Raises DeclarationError, PeriodError, ReportError, OSError, CannotDo R121 and R122.
    """
    source, store = (entries, settings.home / FILE) if isinstance(entries, Source) else (ListSource(entries), None)
    in_force = partial(load_in_force, settings.agreement_file, titles)
    if head:
        source, agreed = as_of(source, head, in_force)
        agreement, store = agreement or agreed, None
    agreement = agreement or in_force(now.date())
    asked = [Period.parse(name) for name in tuple(periods) or periods_at(now)]
    files: list[Path] = []
    for figures in rollups(source, asked, agreement, sampled_in(settings.partners_dir), store):
        seen = figures if reader is None else suppress(figures, reader)
        written = write_report(seen, settings.reports_dir, now=now, titles=titles)
        files += [written.html, written.csv]
    return files


def figures(
    source: Source, settings: Settings, periods: Sequence[Period], agreement: Agreement, reader: str | None
) -> list[Rollup]:
    """The rollups of these periods under this agreement, as this company ("": one of none) may see them; None: all of
    them. Raises CannotDo R121."""
    made = rollups(source, periods, agreement, sampled_in(settings.partners_dir), settings.home / FILE)
    return made if reader is None else [suppress(one, reader) for one in made]
