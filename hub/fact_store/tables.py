"""The fact store's tables, and how a case's facts become rows. Times and lengths are in whole microseconds.

`moment` is a fact's time since 1970, `place` its place among its case's. Facts of stocks stand apart, for they are
asked otherwise. The rows go through files: of the ways into DuckDB without another library the fastest.
Next: `store.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hub.dimensions import labels
from hub.entries import Entry
from hub.fact_store.ordering import HOUR, bucket_of
from hub.happened import STANDING, STOCKS, Fact
from hub.measures import MICRO
from hub.scopes import LABELS

SHAPE = 3
"""Raised when a table changes its shape: what is kept is computed anew then."""
FACTS = {
    "what": "VARCHAR", "moment": "BIGINT", "case_no": "BIGINT", "place": "INTEGER", "company": "VARCHAR",
    "giver": "VARCHAR", "origin": "VARCHAR", "part": "VARCHAR", "micros": "BIGINT", "bucket": "BIGINT",
}  # fmt: skip
STANDINGS = {**FACTS, "stock": "TINYINT"}
CASES = {
    "case_no": "BIGINT", "case_id": "VARCHAR", "begun": "BIGINT", "history": "BOOLEAN",
    **{str(label): "VARCHAR" for label in LABELS},
}  # fmt: skip
KEPT = {"facts": FACTS, "standings": STANDINGS, "cases": CASES}
CELLS = """period INTEGER, no SMALLINT, kind VARCHAR, a VARCHAR, b VARCHAR, n BIGINT, cases BIGINT, timed BIGINT,
    micros HUGEINT, last_cases BIGINT, last_micros HUGEINT"""
OTHERS = {
    "stamp": "name VARCHAR PRIMARY KEY, said VARCHAR",
    "mappings": "partner VARCHAR, digest VARCHAR, seq BIGINT, PRIMARY KEY (partner, digest)",
    "periods": "period INTEGER PRIMARY KEY, name VARCHAR, zone VARCHAR, head BIGINT, as_of BIGINT",
    "cells": CELLS,
    "buckets": "period INTEGER, no SMALLINT, kind VARCHAR, a VARCHAR, b VARCHAR, bucket BIGINT, n BIGINT",
    "firsts": "period INTEGER, what VARCHAR, minute BIGINT, n BIGINT",
    "names": "name VARCHAR, n BIGINT",
    "told": "period INTEGER, kind VARCHAR, a VARCHAR, b VARCHAR, indicator VARCHAR, said VARCHAR",
    "restated": "period INTEGER, head_before BIGINT, head BIGINT, kind VARCHAR, a VARCHAR, b VARCHAR, "
    "indicator VARCHAR, before VARCHAR, after VARCHAR",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros_at(at: datetime) -> int:
    """An instant in microseconds."""
    return (at.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def instant(micros: int) -> datetime:
    """And back."""
    return _EPOCH + timedelta(microseconds=micros)


def create(name: str, columns: dict[str, str]) -> str:
    """The statement that makes a table of these columns."""
    return f"CREATE OR REPLACE TABLE {name} ({', '.join(f'{key} {kind}' for key, kind in columns.items())})"


class Rows:
    """Rows of facts, standings and cases on their way into tables."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._files = {name: (Path(self._folder.name) / name).open("w", newline="", encoding="utf-8") for name in KEPT}
        self._writers = {name: csv.writer(file) for name, file in self._files.items()}
        self.facts = 0

    def add(self, case_no: int, story: Sequence[Entry], facts: Iterable[Fact]) -> None:
        """One case's."""
        stock_of = {what: place for place, stock in enumerate(STOCKS) for what in stock}
        flows: list[Sequence[Any]] = []
        stocks: list[Sequence[Any]] = []
        for place, fact in enumerate(facts):
            moment, micros = micros_at(fact.at), None if fact.seconds is None else round(fact.seconds * MICRO)
            told = (fact.what, moment, case_no, place, fact.company, fact.giver, fact.origin, fact.part, micros)
            if fact.what in STANDING:
                bucket = None if micros is None else (micros - moment) // HOUR
                stocks.append((*told, bucket, stock_of[fact.what]))
            else:
                flows.append((*told, None if micros is None else bucket_of(micros)))
        first, belongs = story[0], labels(story)
        begun = micros_at(first.business_at or first.observed_at)
        known = (first.case_id, begun, any(entry.history for entry in story))
        self._writers["cases"].writerow((case_no, *known, *(belongs.get(label, "") for label in LABELS)))
        self._writers["facts"].writerows(flows)
        self._writers["standings"].writerows(stocks)
        self.facts += len(flows) + len(stocks)

    def statements(self, suffix: str = "") -> list[str]:
        """Those that fill the tables with the rows."""
        for file in self._files.values():
            file.flush()
        return [
            f"INSERT INTO {name}{suffix} SELECT * FROM read_csv('{file.name}', header = false, auto_detect = false, "
            f"delim = ',', quote = '\"', escape = '\"', columns = {KEPT[name]}, "
            f"force_not_null = {[key for key, kind in KEPT[name].items() if kind == 'VARCHAR']})"
            for name, file in self._files.items()
        ]

    def close(self) -> None:
        """Remove the files."""
        for file in self._files.values():
            file.close()
        self._folder.cleanup()
