"""The facts of every case in a file of DuckDB's beside the ledger, and the figures of any period out of it.

A run reads the entries that are new, computes the facts of their cases anew and nothing else. Of periods that were
asked for, what those cases had counted is taken away and what they count now added; a period that was over and was told
already is restated, with a note of each figure that changed. It is a copy: what it holds can be computed from the
ledger at any time, and is where the code, the catalogue or the agreement is another. One process has it at a time.
Next: `counting.py` (the SQL), `tables.py`, `restating.py`; `hub/rollup.py`, whose loops it must equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from types import MappingProxyType
from typing import Any

import duckdb

from hub.acting import CannotDo
from hub.agreement import Agreement
from hub.fact_store import restating, telling
from hub.fact_store.counting import additive, firsts
from hub.fact_store.groups import DIGEST
from hub.fact_store.ordering import bucketed
from hub.fact_store.source import Source, counted
from hub.fact_store.tables import CASES, FACTS, KEPT, OTHERS, SHAPE, STANDINGS, Rows, create, micros_at
from hub.facts import facts_of
from hub.periods import Period
from hub.rollup import Restated, Rollup

NAMES = """
    INSERT INTO names SELECT name, {sign}count(*)
    FROM (SELECT unnest([company, giver]) AS name
          FROM (SELECT company, giver FROM facts{suffix} UNION ALL SELECT company, giver FROM standings{suffix}))
    GROUP BY name"""
"""How often a company is met, to be taken away and added as all else."""


LOOK = 0.1
"""Seconds between two tries for the file."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a run took. head: up to which entry. cases, facts: of those that were computed anew, which were all where it
    is whole. restated: figures that had been told."""

    head: int
    cases: int
    facts: int
    whole: bool
    restated: int = 0


class FactStore:
    """Open it, bring it up to the ledger, ask it for rollups, close it."""

    def __init__(self, path: Path | None = None, *, threads: int | None = None, patience: float = 0.0) -> None:
        """path: of the file; None: in memory. patience: seconds to wait for another process that has it. Raises
        CannotDo R121 where it still does then."""
        self._path = path
        self._open(threads, monotonic() + patience)
        for name, columns in OTHERS.items():
            self.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")

    def _open(self, threads: int | None, until: float) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                self.connection = duckdb.connect(str(self._path) if self._path is not None else ":memory:")
                break
            except duckdb.IOException as busy:
                if monotonic() >= until:
                    raise CannotDo(
                        "R121",
                        f"{self._path}: the store of facts cannot be opened; another rollup may be at it.",
                        fix="try again when that has ended. The file is a copy: where it is broken, delete it.",
                    ) from busy
            sleep(LOOK)
        if threads is not None:
            self.execute(f"SET threads = {threads}")

    def close(self) -> None:
        """Let others have it."""
        self.connection.close()

    def bring_up(self, source: Source, agreement: Agreement | None = None, code_version: str = "") -> Brought:
        """Take in what the ledger has and this has not. agreement: whose promises are looked at."""
        stamp = _stamp(agreement, code_version)
        head = source.head()
        known = int(self._said("head") or 0)
        if self._said("stamp") != stamp or known > head or self._said("newest") not in (None, _newest(source, known)):
            return self._all(source, agreement, stamp, head)
        return self._new(source, agreement, known, head)

    def _all(self, source: Source, agreement: Agreement | None, stamp: str, head: int) -> Brought:
        rows, seen, cases = Rows(), _Seen(), 0
        try:
            for case_no, story in enumerate(source.stories(None, head)):
                seen.take(story)
                if kept := counted(story):
                    cases += 1
                    rows.add(case_no, kept, facts_of(kept, agreement))
            self.execute("BEGIN")
            for name in OTHERS:
                self.execute(f"DELETE FROM {name}")
            for name, columns in KEPT.items():
                self.execute(create(name, columns))
            for statement in rows.statements():
                self.execute(statement)
            self.execute(NAMES.format(suffix="", sign=""))
            self._keep(seen, head, stamp, _newest(source, head))
            self.execute("COMMIT")
        finally:
            rows.close()
        return Brought(head, cases, rows.facts, True)

    def _new(self, source: Source, agreement: Agreement | None, known: int, head: int) -> Brought:
        seen, touched = _Seen(), dict[str, int]()
        for entry in source.after(known, head):
            seen.take((entry,))
            touched[entry.case_id] = 0
        if not touched:
            return Brought(head, 0, 0, False)
        rows = Rows()
        try:
            self._number(touched)
            for story in source.stories(touched.keys(), head):
                if kept := counted(story):
                    rows.add(touched[story[0].case_id], kept, facts_of(kept, agreement))
            for name, columns in {"facts": FACTS, "standings": STANDINGS, "cases": CASES}.items():
                self.execute(create(f"{name}_was", columns).replace("CREATE OR REPLACE", "CREATE OR REPLACE TEMP"))
                self.execute(create(f"{name}_is", columns).replace("CREATE OR REPLACE", "CREATE OR REPLACE TEMP"))
                self.execute(
                    f"INSERT INTO {name}_was SELECT * FROM {name} WHERE case_no IN (SELECT case_no FROM touched)"
                )
            for statement in rows.statements("_is"):
                self.execute(statement)
            self.execute("BEGIN")
            restated = self._replace(seen, known, head, _newest(source, head))
            self.execute("COMMIT")
        finally:
            rows.close()
        return Brought(head, len(touched), rows.facts, False, restated)

    def _number(self, touched: dict[str, int]) -> None:
        """The numbers of these cases: those that they have, new ones for the others."""
        top = self.execute("SELECT coalesce(max(case_no), -1) FROM cases").fetchall()[0][0]
        ids = list(touched)
        known = dict(
            self.execute("SELECT case_id, case_no FROM cases WHERE case_id IN (SELECT unnest($1))", [ids]).fetchall()
        )
        fresh = (name for name in ids if name not in known)
        touched |= known | {name: top + place for place, name in enumerate(fresh, start=1)}
        self.execute(
            "CREATE OR REPLACE TEMP TABLE touched AS SELECT unnest($1::BIGINT[]) AS case_no", [list(touched.values())]
        )

    def _replace(self, seen: _Seen, known: int, head: int, newest: str) -> int:
        """The facts of the touched cases, in the tables and in the cells of every period that was asked for."""
        changed = [period for period in telling.periods(self.connection) if self._shift(period)]
        for name in KEPT:
            self.execute(f"DELETE FROM {name} WHERE case_no IN (SELECT case_no FROM touched)")
            self.execute(f"INSERT INTO {name} SELECT * FROM {name}_is")
        self.execute(NAMES.format(suffix="_was", sign="-"))
        self.execute(NAMES.format(suffix="_is", sign=""))
        self._keep(seen, head, None, newest)
        return sum(restating.restate(self.connection, period, known, head) for period in changed)

    def _shift(self, told: telling.Told) -> bool:
        """Take from a period's cells what the touched cases had counted, add what they count; whether any changed."""
        given = telling.bounds(told.period)
        self.execute("CREATE OR REPLACE TEMP TABLE was AS " + additive("_was"), given)
        self.execute("CREATE OR REPLACE TEMP TABLE now AS " + additive("_is"), given)
        if not self.execute("(FROM was EXCEPT FROM now) UNION ALL (FROM now EXCEPT FROM was) LIMIT 1").fetchall():
            return False
        self.execute("CREATE OR REPLACE TEMP TABLE lay AS " + bucketed("_was"), given)
        self.execute("CREATE OR REPLACE TEMP TABLE lie AS " + bucketed("_is"), given)
        self.execute("CREATE OR REPLACE TEMP TABLE began AS " + firsts("_was"), given)
        self.execute("CREATE OR REPLACE TEMP TABLE begin_now AS " + firsts("_is"), given)
        for statement in telling.SHIFT:
            self.execute(statement.format(period=told.no))
        return True

    def rollup(
        self,
        period: Period,
        companies: Sequence[str] = (),
        *,
        agreement_version: str = "",
        code_version: str = "",
        sampled: Mapping[str, float] = MappingProxyType({}),
    ) -> Rollup:
        """The rollup of the period, of all that was brought up. It is remembered: later runs keep it right."""
        told = telling.period(self.connection, period)
        if told is None:
            told = telling.remember(self.connection, period)
            for table, counted_up in {"cells": additive(), "buckets": bucketed(), "firsts": firsts()}.items():
                self.execute(f"INSERT INTO {table} SELECT {told.no}, * FROM ({counted_up})", telling.bounds(period))
        made = telling.rollup(self.connection, told, companies, sampled, agreement_version, code_version)
        telling.keep(self.connection, told, made)
        notes = (note for note in self.restated() if (note.period, note.zone) == (period.name, period.zone))
        return replace(made, restated=tuple(notes))

    def restated(self) -> tuple[Restated, ...]:
        """Figures that were told of periods that were over, and are others now."""
        return restating.restated(self.connection)

    def _keep(self, seen: _Seen, head: int, stamp: str | None, newest: str) -> None:
        as_of = max(int(self._said("as_of") or 0), seen.as_of)
        for name, said in {"head": head, "as_of": as_of, "stamp": stamp, "newest": newest}.items():
            if said is not None:
                self.execute("INSERT OR REPLACE INTO stamp VALUES ($1, $2)", [name, str(said)])
        for (partner, digest), seq in seen.mappings.items():
            self.execute("INSERT OR REPLACE INTO mappings VALUES ($1, $2, $3)", [partner, digest, seq])

    def _said(self, name: str) -> str | None:
        return telling.said(self.connection, name)

    def execute(self, statement: str, given: Any = None) -> duckdb.DuckDBPyConnection:
        """Run a statement on the tables of `tables.py`."""
        return self.connection.execute(statement, given) if given is not None else self.connection.execute(statement)


class _Seen:
    """What passes by of entries besides their facts."""

    def __init__(self) -> None:
        self.as_of = 0
        self.mappings: dict[tuple[str, str], int] = {}

    def take(self, entries: Sequence[Any]) -> None:
        """Look at these."""
        newest: datetime | None = max((entry.observed_at for entry in entries), default=None)
        if newest is not None:
            self.as_of = max(self.as_of, micros_at(newest))
        for entry in entries:
            if entry.mapping_hash:
                key = entry.partner, entry.mapping_hash
                self.mappings[key] = max(self.mappings.get(key, 0), entry.seq)


def _newest(source: Source, head: int) -> str:
    """Which entry has this number: in a ledger that was restored and went on it may be another one."""
    found = max(source.after(head - 1, head), key=lambda entry: entry.seq, default=None)
    return "" if found is None else f"{found.case_id} {found.kind} {found.observed_at.isoformat()}"


def _stamp(agreement: Agreement | None, code_version: str) -> str:
    """By what the facts that are kept were computed."""
    agreed = "" if agreement is None else "+".join([agreement.version, *agreement.versions_known])
    said = "" if agreement is None else agreement.text or agreement.model_dump_json()
    return "|".join((str(SHAPE), DIGEST, code_version, agreed, said))
