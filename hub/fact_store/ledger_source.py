"""The ledger as the fact store reads it: envelopes only, on both databases. Next: `store.py`; `hub/reading.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby

import sqlalchemy as sa

from hub import reading
from hub.entries import Entry
from hub.ledger import Ledger
from hub.tables import entries as entry_table

AT_ONCE = 500
"""Cases that are asked for in one query."""


class LedgerSource:
    """A ledger's entries."""

    def __init__(self, ledger: Ledger) -> None:
        self._engine = ledger.engine

    def head(self) -> int:
        """The newest entry's seq."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(sa.func.max(entry_table.c.seq))).scalar() or 0

    def after(self, seq: int, until: int) -> Iterator[Entry]:
        """Entries from the one after seq to until."""
        with self._engine.connect() as connection:
            yield from reading.between(connection, seq, until)

    def stories(self, case_ids: Collection[str] | None, until: int) -> Iterator[list[Entry]]:
        """The entries of these cases up to until."""
        wanted = None if case_ids is None else sorted(case_ids)
        chunks = [None] if wanted is None else [wanted[at : at + AT_ONCE] for at in range(0, len(wanted), AT_ONCE)]
        with self._engine.connect() as connection:
            for chunk in chunks:
                found = reading.of_cases(connection, chunk, until)
                yield from (list(story) for _, story in groupby(found, key=lambda entry: entry.case_id))
