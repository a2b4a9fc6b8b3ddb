"""Synthetic cases for the rollup's benchmark: a few hundred stories of three companies, and facts of millions of cases.

The facts of each story are those that the hub computes; a million cases are the same stories again on other days, which
their facts may be shifted to, for the agreement's promises run day and night here. Next: `rollup.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import duckdb

from hub.agreement import Agreement
from hub.entries import Entry
from hub.fact_store.tables import KEPT, Rows, create
from hub.facts import facts_of
from hub.worked import worked

COMPANIES = ("northcable", "telvoz", "brightnet")
STORIES, DAYS, A_DAY = 400, 365, 86_400_000_000
AGREEMENT = Agreement.model_validate(
    {
        "version": "benchmark",
        "effective": "2026-01-01",
        "partners": {name: {"title": name.title()} for name in COMPANIES},
        "sharing": {},
        "commitments": (
            {"id": "accept", "clock": "accept", "of": "each", "within": "1 h"},
            {"id": "resolve", "clock": "resolve", "of": "each", "within": "4 h"},
            {"id": "together", "clock": "endToEnd", "of": "all", "within": "8 h"},
        ),
    }
)


def story(number: int) -> tuple[Entry, ...]:
    """The entries of one story; about one in four crosses, one in ten comes back, one in five is asked about."""
    chance = Random(number)
    origin, other = chance.sample(COMPANIES, 2)
    about = (f"product=P{chance.randrange(8)} priority={chance.choice(('low', 'medium', 'high'))} "
             f"channel={chance.choice(('phone', 'web', 'email'))} region=R{chance.randrange(5)}")  # fmt: skip
    clock = [8 * 3600 + chance.randrange(3600)]

    def at(most: int) -> str:
        clock[0] += 1 + chance.randrange(most)
        return f"{clock[0] // 3600:02}:{clock[0] // 60 % 60:02}:{clock[0] % 60:02}"

    lines = [f"a {at(60)} opened {origin} {about} owes {other}", f"a {at(20)} delivered {other}"]
    holder = origin
    lines += [f"a {at(900)} changed {origin}" for _ in range(chance.randrange(3))]
    if chance.random() < 0.25:
        lines += [f"a {at(1800)} offered {origin}>{other} owes {other}", f"a {at(20)} delivered {other}"]
        if chance.random() < 0.4:
            lines.append(f"a {at(3600)} refused {other}>{origin} reason=not_ours")
        else:
            holder = other
            lines += [f"a {at(3600)} changed {other}", f"a {at(900)} accepted {other}"]
    if chance.random() < 0.2:
        lines += [f"a {at(900)} changed {holder} status=pending", f"a {at(3600)} changed {holder} status=inProgress"]
    if chance.random() < 0.9:
        lines += [f"a {at(7200)} resolved {holder} owes {origin}", f"a {at(20)} delivered {origin}"]
        if chance.random() < 0.2:
            score = chance.choice((2, 4, 5, 5))
            lines += [f"a {at(60)} asked {origin}", f"a {at(3600)} fed_back {origin} score={score}"]
            lines.append(f"a {at(5)} {'closed' if score > 3 else 'reopened'} hub score={score}")
    return worked(*lines)


TALES = tuple(story(number) for number in range(STORIES))


def shifted(case_no: int, seq: int, day: int) -> list[Entry]:
    """A case: one of the stories on this day of the year, its entries numbered from seq on."""
    back = timedelta(days=day - DAYS)
    return [
        replace(entry, seq=seq + place, tx=seq + entry.tx, case_id=f"case-{case_no:08}",
                observed_at=entry.observed_at + back, business_at=entry.business_at and entry.business_at + back)
        for place, entry in enumerate(TALES[case_no % STORIES])
    ]  # fmt: skip


def many(entries: int) -> int:
    """How many cases have about so many entries."""
    return round(entries * STORIES / sum(len(tale) for tale in TALES))


class Year:
    """A ledger of so many cases, spread over the year; `late`: and as many more on the last day."""

    def __init__(self, cases: int, late: int = 0) -> None:
        self.cases, self.late = cases, late
        self.longest = max(len(tale) for tale in TALES)

    def head(self) -> int:
        """The newest entry's number; numbers are left out between cases."""
        return (self.cases + self.late) * self.longest

    def after(self, seq: int, until: int) -> Iterator[Entry]:
        """Entries from the one after seq to until."""
        for case_no in range(seq // self.longest, until // self.longest):
            yield from self._case(case_no)

    def stories(self, case_ids: Collection[str] | None, until: int) -> Iterator[list[Entry]]:
        """The entries of these cases, or of all."""
        every: Iterable[int] = range(until // self.longest)
        for case_no in every if case_ids is None else (int(name.removeprefix("case-")) for name in case_ids):
            yield self._case(case_no)

    def _case(self, case_no: int) -> list[Entry]:
        day = DAYS if case_no >= self.cases else case_no * DAYS // max(self.cases, 1)
        return shifted(case_no, 1 + case_no * self.longest, day)


def write_parquet(cases: int, folder: Path) -> None:
    """The facts of so many cases of the year as Parquet: facts, standings, cases; each story's computed once."""
    rows, db = Rows(), duckdb.connect()
    for case_no in range(STORIES):
        tale = shifted(case_no, 1, DAYS)
        rows.add(case_no, tale, facts_of(tale, AGREEMENT))
    for name, columns in KEPT.items():
        db.execute(create(name, columns))
    for statement in rows.statements():
        db.execute(statement)
    rows.close()
    again = f"(SELECT i AS copy, i * {DAYS} // {cases} - {DAYS} AS day FROM range({cases}) r(i))"
    for name, columns in KEPT.items():
        moment = "begun" if name == "cases" else "moment"
        moved = {
            "case_no": "copy AS case_no",
            "case_id": "format('case-{:08}', copy) AS case_id",
            moment: f"{moment} + day * {A_DAY} AS {moment}",
            **({"bucket": "bucket - day * 24 AS bucket"} if name == "standings" else {}),  # of hours
        }
        kept = ", ".join(moved.get(column, column) for column in columns)
        db.execute(f"COPY (SELECT {kept} FROM {again} JOIN {name} ON copy % {STORIES} = case_no ORDER BY copy) "
                   f"TO '{folder / name}.parquet' (FORMAT parquet)")  # fmt: skip
    db.close()
