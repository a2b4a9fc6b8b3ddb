"""Rollups as the ledger has them now, out of the store of facts; or as they were up to an entry, computed anew.

A rollup's stamp says from what it was computed: with its entry head, anyone who has the ledger comes to the same
figures again, under the agreement that was in force when that entry was written. Next: `fact_store/`, `reporting.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from hub.acting import CannotDo
from hub.agreement import Agreement
from hub.entries import Entry
from hub.fact_store import FactStore, Source
from hub.ledger import code_version
from hub.nameable import nameable
from hub.periods import Period
from hub.rollup import Rollup

PATIENCE = 60.0
"""Seconds to wait for another process that has the store: reports of one evening come one after the other."""
FILE = "facts.duckdb"
"""The store's file in the hub's folder of state."""


class UpTo:
    """A source as it was when this entry was its newest. Raises CannotDo R122 for one that it has not."""

    def __init__(self, source: Source, head: int) -> None:
        newest = source.head()
        if not 1 <= head <= newest:
            raise CannotDo(
                "R122",
                f"there is no entry {head} in the ledger.",
                fix=f"take one from 1 to {newest}; a report bears it.",
            )
        self._source, self._head = source, head

    def head(self) -> int:
        """The entry."""
        return self._head

    def after(self, seq: int, until: int) -> Iterable[Entry]:
        """Entries from the one after seq to until."""
        return self._source.after(seq, min(until, self._head))

    def stories(self, case_ids: Collection[str] | None, until: int) -> Iterator[list[Entry]]:
        """The entries of these cases up to until."""
        return self._source.stories(case_ids, min(until, self._head))

    def day(self) -> date:
        """When its newest entry was written."""
        (entry,) = self._source.after(self._head - 1, self._head)
        return entry.observed_at.date()


def rollups(
    source: Source,
    periods: Sequence[Period],
    agreement: Agreement,
    sampled: Mapping[str, float],
    store: Path | None = None,
    patience: float = PATIENCE,
) -> list[Rollup]:
    """The rollup of each period, of what may stand in a report. store: the file that remembers; None: everything is
    computed. patience: seconds to wait for who has it. Raises CannotDo R121."""
    facts = FactStore(store, patience=patience)
    try:
        facts.bring_up(source, agreement, code_version())
        made = (facts.rollup(period, tuple(agreement.partners), agreement_version=agreement.version,
                             code_version=code_version(), sampled=sampled) for period in periods)  # fmt: skip
        return [nameable(figures, agreement) for figures in made]
    finally:
        facts.close()


def as_of(source: Source, head: int, agreed: Callable[[date], Agreement]) -> tuple[UpTo, Agreement]:
    """The source up to an entry, and the agreement that was in force then. Raises CannotDo R122."""
    past = UpTo(source, head)
    return past, agreed(past.day())
