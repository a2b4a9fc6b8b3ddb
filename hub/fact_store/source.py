"""Where the fact store reads entries from: what it asks of a ledger, and a list that answers.

Stories come whole and one case at a time, so that memory does not grow with the ledger.
Next: `ledger_source.py`, `store.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol, runtime_checkable

from hub.entries import Entry
from hub.story import by_case


@runtime_checkable
class Source(Protocol):
    """What the store needs of a ledger."""

    def head(self) -> int:
        """The newest entry's seq, 0 where there is none."""
        ...

    def after(self, seq: int, until: int) -> Iterable[Entry]:
        """Entries from the one after seq to until, in order."""
        ...

    def stories(self, case_ids: Collection[str] | None, until: int) -> Iterator[list[Entry]]:
        """The entries of these cases (None: of all) up to until, case by case, each in order."""
        ...


class ListSource:
    """Entries that are in memory."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = sorted(entries, key=lambda entry: entry.seq)

    def head(self) -> int:
        """The newest entry's seq."""
        return self._entries[-1].seq if self._entries else 0

    def after(self, seq: int, until: int) -> Iterator[Entry]:
        """Entries from the one after seq to until."""
        return (entry for entry in self._entries if seq < entry.seq <= until)

    def stories(self, case_ids: Collection[str] | None, until: int) -> Iterator[list[Entry]]:
        """The entries of these cases up to until."""
        wanted = None if case_ids is None else frozenset(case_ids)
        told: dict[str, list[Entry]] = {}
        for entry in self._entries:
            if entry.seq <= until and (wanted is None or entry.case_id in wanted):
                told.setdefault(entry.case_id, []).append(entry)
        yield from told.values()


def counted(story: list[Entry]) -> list[Entry]:
    """The story as figures see it: nothing of a case that bears the test marker. story: of one case."""
    return next(iter(by_case(story).values()), [])
