"""One case's entries as a story: sorted out by case, in the order in which things happened, with business times.

What a history told late is put where it belongs. Pure: reads entries and nothing else. Next: `facts.py` (what
happened), `timeline.py` (where the time went), which both read stories so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hub.entries import Entry

CHANGES = frozenset({"opened", "changed"})
Timed = tuple[Entry, datetime | None]
"""An entry and its business time, where there is one."""


def by_case(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Entries of each case in the ledger's order, cases that bear the test marker left out, and tasks, which are parts
    of a case that counts itself.

    Entries of no case ("": a record that could not be read far enough) stand under "".
    """
    cases: dict[str, list[Entry]] = {}
    tests = set()
    for entry in entries:
        if entry.test or (entry.kind == "opened" and "task_of" in entry.detail):
            tests.add(entry.case_id)
            if not entry.case_id:
                continue
        cases.setdefault(entry.case_id, []).append(entry)
    for case_id in tests - {""}:
        del cases[case_id]
    for story in cases.values():
        story.sort(key=lambda entry: entry.seq)
    return cases


def in_order(story: Sequence[Entry]) -> list[Entry]:
    """The story with what a history told late put where it belongs: with the record that it led to, as if it had been
    read with it. A record is read without its history where it is the answer to a write of ours. Only the partner's own
    times are compared, and where two are one the order of the ledger stands."""
    if not any(entry.kind == "journaled" for entry in story):
        return list(story)
    records: dict[tuple[str, str | None], list[Entry]] = {}
    led_to: dict[int, list[Entry]] = {}
    late: set[int] = set()
    for entry in story:
        if entry.kind in CHANGES:
            records.setdefault((entry.partner, entry.native_id), []).append(entry)
    for entry in story:
        if entry.kind == "journaled":
            record = _led_to(entry, records.get((entry.partner, entry.native_id), ()))
            if record is not None:
                led_to.setdefault(record.seq, []).append(replace(entry, tx=record.tx, observed_at=record.observed_at))
                late.add(entry.seq)
    placed: list[Entry] = []
    for entry in story:
        past = led_to.get(entry.seq, [])
        if entry.seq not in late:
            placed += [_as_it_began(entry, past), *past] if entry.kind == "opened" else [*past, entry]
    return placed


def _led_to(past: Entry, records: Sequence[Entry]) -> Entry | None:
    """The record that this change led to, where that was taken in earlier; None where the change stands right."""
    beside = any(record.tx == past.tx for record in records)
    for record in records:
        at, when = record.reported_at, past.business_at
        if record.tx >= past.tx or at is None or when is None:
            continue
        if when < at or (when == at and not beside):
            return record
    return None


def _as_it_began(opened: Entry, past: Sequence[Entry]) -> Entry:
    """A case opens in the status that the first of these changes found, and not after it."""
    first = next((entry for entry in past if entry.status is not None), None)
    if first is None:
        return opened
    times = [at for at in (opened.business_at, first.business_at) if at is not None]
    return replace(
        opened, status=first.detail["status"]["before"] or opened.status, business_at=min(times, default=None)
    )


def seconds_between(first: datetime, last: datetime) -> float:
    """Elapsed time. Both go to UTC first: Python subtracts wall clocks where two times share one zone object."""
    return (last.astimezone(UTC) - first.astimezone(UTC)).total_seconds()


def with_business_time(story: Sequence[Entry]) -> list[Timed]:
    """Each entry with its business time: its own, or that of the entry before it, or after it, in one transaction."""
    first = {entry.tx: entry.business_at for entry in reversed(story) if entry.business_at is not None}
    timed: list[Timed] = []
    for entry in story:
        before = timed[-1][1] if timed and timed[-1][0].tx == entry.tx else None
        timed.append((entry, entry.business_at or before or first.get(entry.tx)))
    return timed
