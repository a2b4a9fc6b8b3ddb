"""Reading an incident log: VINST of the BPI Challenge 2013, doi 10.4121/uuid:500573e6-accc-4b0c-9576-aa5468b10cee.

One row is one change of one incident, in time order within the incident. The organisation line stands for a company;
all lines belong to one group, so that reading is ours. Next: `rows.py`, `figures.py`.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

ORG_LINES = {"Org line C": "northcable", "Org line A2": "telvoz", "Org line B": "brightnet"}
"""Which company stands for which line."""

COLUMNS = (
    "sr_number", "changed_at", "status", "sub_status", "function_div", "org_line", "support_team", "support_level",
    "impact", "product", "country", "owner_country", "owner",
)  # fmt: skip


class LogError(Exception):
    """The file is not the log it should be: which file, which line, what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One change. changed_at keeps the log's offset. company: who holds the incident after it."""

    incident: str
    changed_at: datetime
    status: str
    sub_status: str
    division: str
    company: str
    team: str
    level: str
    impact: str
    product: str
    country: str
    owner_country: str
    owner: str


def incidents(path: Path, *, most_changes: int | None = None, crossing_only: bool = False) -> Iterator[list[Row]]:
    """The incidents that stay within the three lines, in file order, each with its changes.

    most_changes: leave out those with more. crossing_only: leave out those that stay with one company.
    Raises LogError.
    """
    for rows in _grouped(path):
        lines = {line for _, line in rows}
        if not lines <= ORG_LINES.keys():
            continue
        if crossing_only and len(lines) < 2:
            continue
        if most_changes is not None and len(rows) > most_changes:
            continue
        yield [row for row, _ in rows]


def _grouped(path: Path) -> Iterator[list[tuple[Row, str]]]:
    group: list[tuple[Row, str]] = []
    for row, line in _rows(path):
        if group and group[0][0].incident != row.incident:
            yield group
            group = []
        group.append((row, line))
    if group:
        yield group


def _rows(path: Path) -> Iterator[tuple[Row, str]]:
    try:
        with _open(path) as file:
            reader = csv.DictReader(file)
            absent = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if absent:
                raise LogError(
                    f"{path}:1 has no column {', '.join(absent)}; it has {', '.join(reader.fieldnames or ())}"
                )
            for number, cells in enumerate(reader, 2):
                try:
                    yield _row(cells), cells["org_line"]
                except ValueError as error:
                    raise LogError(f"{path}:{number} changed_at: {error}") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise LogError(f"{path} cannot be read: {error}") from error


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _row(cells: dict[str, str]) -> Row:
    changed_at = datetime.fromisoformat(cells["changed_at"])
    if changed_at.tzinfo is None:
        raise ValueError(f"{cells['changed_at']!r} has no offset")
    return Row(
        incident=cells["sr_number"],
        changed_at=changed_at,
        status=cells["status"],
        sub_status=cells["sub_status"],
        division=cells["function_div"],
        company=ORG_LINES.get(cells["org_line"], ""),
        team=cells["support_team"],
        level=cells["support_level"],
        impact=cells["impact"],
        product=cells["product"],
        country=cells["country"],
        owner_country=cells["owner_country"],
        owner=cells["owner"],
    )
