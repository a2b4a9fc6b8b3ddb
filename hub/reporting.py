"""From the ledger to the files that managers get: the rollup of everything, of this month and of yesterday.

Reads entries once for all periods; writes nothing but the reports. Knows no Airflow; the clock is given.
Next: `rollup.py` for the figures, `report/` for how they look, `dags/rollup.py` and the command line, which call this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.agreement import Agreement
from hub.entries import Entry
from hub.ledger import code_version
from hub.partners import sampled_in
from hub.periods import Period
from hub.report import write_report
from hub.rollup import Rollup, rollup
from hub.settings import Settings
from hub.versions import load_in_force


def periods_at(now: datetime) -> tuple[str, ...]:
    """Names of the periods that are reported at this time: all, this month, yesterday; in UTC."""
    today = now.astimezone(UTC)
    return ("all", f"{today:%Y-%m}", f"{today - timedelta(days=1):%Y-%m-%d}")


def write_reports(
    entries: Iterable[Entry],
    settings: Settings,
    titles: Mapping[str, str],
    now: datetime,
    periods: Iterable[str] = (),
    agreement: Agreement | None = None,
) -> list[Path]:
    """Write the reports of these periods (none: `periods_at` now). titles: partner -> the company's name. agreement:
    under which; None: the one in force now.

    Returns the files. Raises DeclarationError, PeriodError, ReportError, OSError.
    """
    agreement = agreement or load_in_force(settings.agreement_file, titles, now.date())
    kept = list(entries)
    files: list[Path] = []
    for name in tuple(periods) or periods_at(now):
        written = write_report(
            figures(kept, settings, Period.parse(name), agreement), settings.reports_dir, now=now, titles=titles
        )
        files += [written.html, written.csv]
    return files


def figures(entries: Iterable[Entry], settings: Settings, period: Period, agreement: Agreement) -> Rollup:
    """The rollup of this period under this agreement, stamped with the program's version."""
    return rollup(
        entries,
        period,
        tuple(agreement.partners),
        agreement_version=agreement.version,
        code_version=code_version(),
        sampled=sampled_in(settings.partners_dir),
    )
