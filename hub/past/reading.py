"""From rows to a company's past: each case with its changes in the order of time, all words understood or none taken.

A row says how its case stands after it: its status, and who holds it. What a row made is told of whoever held the case
before. Pure but for the file. Next: `importing.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from hub.declarations import DeclarationError, Document, Problem, shown
from hub.past.declared import ABOUT, History
from hub.past.logs import Line, lines

MOST_TOLD = 20
"""Problems of one file that are told at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row: how the case stands after it. at: aware. about: dimension -> value. score: 1 to 5, if one was given."""

    at: datetime
    status: str
    company: str
    about: Mapping[str, str]
    score: int | None = None

    @property
    def digest(self) -> str:
        """By which the same row is known in a later export."""
        told = (self.at.timestamp(), self.status, self.company, sorted(self.about.items()), self.score)
        return sha256(repr(told).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Past:
    """An export that was understood whole. cases: number -> its steps in the order of time, as many as rows."""

    name: str
    cases: Mapping[str, tuple[Step, ...]]

    @property
    def steps(self) -> int:
        """How many rows."""
        return sum(map(len, self.cases.values()))


@dataclass(slots=True)
class _Faults:
    """What was not understood: each value once, with where it first stands and how often."""

    document: Document
    told: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)

    def note(self, code: str, role: str, value: str, at: str) -> None:
        self.told.setdefault((code, role, value), []).append(at)

    def problems(self, declared: History) -> Iterator[Problem]:
        for (code, role, value), places in list(self.told.items())[:MOST_TOLD]:
            often = f" (and {len(places) - 1} more rows)" if len(places) > 1 else ""
            known = tuple(getattr(declared.values, role, None) or ())
            yield Problem(f"{places[0]}{often}", code, _SAID[code].format(role=role, value=value), value, known)
        if len(self.told) > MOST_TOLD:
            yield self.document.problem((), "H100", f"there are {len(self.told) - MOST_TOLD} more such problems.")


_SAID = {
    "H103": "{role}: {value!r} has no meaning in `values.{role}` of the declaration.",
    "H104": "time: {value!r} is no time of the declared form, ISO 8601 if none is.",
    "H105": "time: it names no offset, and the declaration no `zone`.",
    "H106": "{role}: the cell is empty.",
    "H107": "score: {value!r} is no whole number from 1 to 5.",
}


def read_past(path: Path, declared: History, document: Document) -> Past:
    """All of the file. Raises DeclarationError with what is not understood: H101 to H107."""
    faults = _Faults(document)
    cases: dict[str, list[Step]] = {}
    step = _stepping(declared, faults)
    for number, line in enumerate(lines(path, declared.delimiter)):
        if not number:
            _has_columns(line, declared, document, path)
        case = line.cells.get(declared.columns.case, "").strip()
        if not case:
            faults.note("H106", "case", "", line.at)
        made = step(line)
        if made is not None and case:
            cases.setdefault(case, []).append(made)
    if faults.told:
        raise DeclarationError(faults.problems(declared))
    if not cases:
        raise DeclarationError([Problem(shown(path), "H101", "has no row.")])
    ordered = {case: tuple(sorted(steps, key=lambda one: one.at)) for case, steps in cases.items()}
    return Past(declared.name, MappingProxyType(ordered))


def company_name(word: str) -> str:
    """A company's word as a partner's name: `Org line C` is org_line_c."""
    return re.sub(r"\W+", "_", word.strip().lower()).strip("_") or "nobody"


_EACH = frozenset({"case", "time", "status", "company"})


def _has_columns(line: Line, declared: History, document: Document, path: Path) -> None:
    """CSV names its columns once; an event of XES may lack one that others have, so only what each needs is asked."""
    asked = _EACH if path.name.removesuffix(".gz").endswith(".xes") else declared.columns.named().keys()
    absent = [
        document.problem(
            ("columns", role), "H102", f"columns.{role}: no {name!r} in the file.", name, tuple(line.cells)
        )
        for role, names in declared.columns.named().items()
        for name in names
        if role in asked and name not in line.cells
    ]
    if absent:
        raise DeclarationError(absent)


def _stepping(declared: History, faults: _Faults) -> Callable[[Line], Step | None]:
    """Makes a step of a row, or notes what is wrong with it."""
    named, form = declared.columns.named(), declared.format
    zone = ZoneInfo(declared.zone) if declared.zone else None

    def word(line: Line, role: str) -> str:
        return "/".join(line.cells.get(name, "").strip() for name in named[role])

    def meant(line: Line, role: str) -> str:
        said = word(line, role)
        meaning = declared.meaning(role, said)
        if meaning is None:
            faults.note("H103", role, said, line.at)
        return meaning or ""

    def moment(line: Line) -> datetime | None:
        said = word(line, "time")
        try:
            at = datetime.strptime(said, form) if form else datetime.fromisoformat(said)  # noqa: DTZ007  zone: below
        except ValueError:
            faults.note("H104", "time", said, line.at)
            return None
        if at.tzinfo is None and zone is None:
            faults.note("H105", "time", "", line.at)
            return None
        return at if at.tzinfo is not None else at.replace(tzinfo=zone)

    def scored(line: Line) -> int | None:
        said = word(line, "score") if "score" in named else ""
        if not said:
            return None
        if said not in {"1", "2", "3", "4", "5"}:
            faults.note("H107", "score", said, line.at)
            return None
        return int(said)

    def step(line: Line) -> Step | None:
        at, status = moment(line), meant(line, "status")
        company = declared.company or company_name(meant(line, "company"))
        about = {role: value for role in ABOUT if role in named and (value := meant(line, role))}
        score = scored(line)
        return None if at is None or not status else Step(at, status, company, about, score)

    return step
