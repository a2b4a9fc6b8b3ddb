"""Bad designs that others have shipped, each put in place of the hub's own for the length of one history.

A checker that lets one of them live is blind. Each says in its docstring what is wrong with it; `MUTANTS` has them by
name. Next: `mutants_out.py`, those of the way out; `campaign.py`, which looks for seeds that kill them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from connectors.base import Cursor, Record
from connectors.memory import Memory
from connectors.memory_row import Row
from hub import acts, exchange, folding, merge, parking, taking, transfers
from hub.alliance import Taken
from hub.exchange import Exchange, Intake
from hub.merge import Fold
from hub.state import HUB, Link
from simulated.mutants_out import OUT, patched

Mutant = Callable[[], AbstractContextManager[None]]


def watermark_without_overlap() -> AbstractContextManager[None]:
    """The next pull begins right behind the newest stamp: what was committed late is never read."""

    def start(self: Memory, cursor: Cursor | None) -> tuple[float, int]:
        first = kept(self, cursor)
        if self.system.changed_by != "stamp" or first[0] == float("-inf"):
            return first
        return (first[0] + self.system.overlap, 1 << 60)

    kept = Memory._start
    return patched(Memory, "_start", start)


def cursor_before_records() -> AbstractContextManager[None]:
    """The cursor is kept first, the records after: a death between the two loses them."""

    def intake(self: Exchange, partner: str) -> Intake:
        with self.speaking(partner, "pull") as connector:
            kept, started = self.ledger.cursor(partner), self.ledger.newest()
            for page in connector.pull(None if kept is None else Cursor(kept)):
                with self.ledger.transaction(self.clock()) as tx:
                    tx.note_partner(partner, cursor=page.cursor.value, pulled_at=tx.now)
                with self.ledger.transaction(self.clock()) as tx:
                    for record in page.records:
                        exchange.take(tx, self.alliance, record, read_from=started)
        return Intake()

    return patched(Exchange, "intake", intake)


def actor_filter() -> AbstractContextManager[None]:
    """A record that our login wrote last is our echo: a person's edit before it is not looked at."""
    kept = Memory._listed

    def listed(self: Memory, row: Row) -> bool:
        ours = bool(row.history) and row.history[-1].author == self._credentials.login
        return kept(self, row) and not ours

    return patched(Memory, "_listed", listed)


def _passed_over(is_old: Callable[[Link, Record], bool]) -> AbstractContextManager[None]:
    """What a pull brings is passed over where this says that it is old; what is read back after a write is not."""
    kept = exchange.take

    def take(tx: Any, alliance: Any, record: Record, *, read_from: int) -> Taken:
        link = tx.link(record.partner, record.native_id)
        if link is not None and is_old(link, record):
            return Taken(link.case_id)
        return kept(tx, alliance, record, read_from=read_from)

    return patched(exchange, "take", take)


def clocks_compared() -> AbstractContextManager[None]:
    """What their stamp puts before our last write is old."""
    return _passed_over(
        lambda link, record: (
            record.changed_at is not None and link.synced_at is not None and record.changed_at <= link.synced_at
        )
    )


def content_hash_as_key() -> AbstractContextManager[None]:
    """A content that was seen before is a replay: a value that comes back is dropped."""
    seen: set[tuple[str, str, str]] = set()

    def is_old(link: Link, record: Record) -> bool:
        text = repr({k: v for k, v in record.body.items() if k not in {"version", "updated_at", "state_changed_at"}})
        key = (record.partner, record.native_id, text)
        before = key in seen
        seen.add(key)
        return before

    return _passed_over(is_old)


def one_look_a_stamp() -> AbstractContextManager[None]:
    """Of two changes within one step of the clock the second is never seen."""
    return _passed_over(lambda link, record: link.state != "gone" and record.version <= link.version)


def last_writer_wins() -> AbstractContextManager[None]:
    """Whoever is read last has the word, and nobody is told."""

    def decide(self: Fold, path: str, value: Any) -> bool:
        return bool(value != self.state.values.get(path))

    return patched(Fold, "decide", decide)


def no_merge_base() -> AbstractContextManager[None]:
    """Every field that differs from the case counts as edited there: an old value goes over a new one."""

    def touched(self: Fold, path: str) -> bool:
        return path in self.theirs and self.theirs[path] != self.state.values.get(path)

    return patched(Fold, "touched", touched)


def echo_by_content_alone() -> AbstractContextManager[None]:
    """Nothing is remembered of what is on its way: our own write that comes back is an edit of theirs."""
    return patched(folding, "_flight", lambda partner, link, flying: {})


def notes_by_position() -> AbstractContextManager[None]:
    """As many notes as were seen are known, whichever they are."""
    kept = merge.fold_notes

    def fold(fold_: Fold, notes: tuple[Any, ...], placed: dict[str, str]) -> int:
        known = len([n for n in fold_.state.notes if n.partner == fold_.partner]) + len(placed)
        return kept(fold_, notes[known:], placed)

    return patched(folding, "fold_notes", fold)


def footers_unread() -> AbstractContextManager[None]:
    """A note of ours that comes back is a new note of theirs."""
    kept = merge.fold_notes

    def fold(fold_: Fold, notes: tuple[Any, ...], placed: dict[str, str]) -> int:
        return kept(fold_, tuple(note._replace(ref=None) for note in notes), placed)

    return patched(folding, "fold_notes", fold)


def closed_is_closed() -> AbstractContextManager[None]:
    """A company's "closed" closes the case, whatever the customer says."""
    return patched(acts, "read_status", lambda status, *, may_close: status)


def offered_is_accepted() -> AbstractContextManager[None]:
    """Who is offered a case answers for it from then on, asked or not."""
    kept = transfers.offer

    def offer(fold: Fold, receiver: str, edge: Any, by: str) -> None:
        kept(fold, receiver, edge, by)
        fold.state = replace(fold.state, accountable=receiver)

    return patched(transfers, "offer", offer)


def deletes_forgotten() -> AbstractContextManager[None]:
    """A record that its company deleted leaves no stone: it is made again."""

    def gone(tx: Any, record: Record, link: Link | None) -> Taken:
        if link is not None and link.case_id is not None:
            tx.keep_link(replace(link, case_id=None, state="parked"), None)
        return Taken()

    return patched(parking, "take_gone", gone)


def merge_read_as_deletion() -> AbstractContextManager[None]:
    """A record that its people merged into another one is a deleted one: what goes on there is not the case's."""
    kept = parking.take_gone
    return patched(parking, "take_gone", lambda tx, record, link: kept(tx, replace(record, merged_into=None), link))


def failed_item_passed_over() -> AbstractContextManager[None]:
    """A record that does not fit is passed over and the cursor moves on: nobody hears of what it said."""
    return patched(parking, "park_record", lambda tx, record, link, digest, partner, error: Taken())


def pages_by_stamp_alone() -> AbstractContextManager[None]:
    """The next page begins behind the last stamp: of equal stamps on both sides of it the second is never read."""

    def place(self: Memory, row: Row) -> tuple[float, int]:
        stamp, number = kept(self, row)
        return (stamp, 0 if self.system.changed_by == "stamp" else number)

    kept = Memory._place
    return patched(Memory, "_place", place)


def reading_from_before() -> AbstractContextManager[None]:
    """What was read before our write was settled, and arrives after it, is taken for news."""
    return patched(taking, "_is_unclear", lambda link, record, read_from: False)


def any_word_closes() -> AbstractContextManager[None]:
    """The customer was asked and answered, so the case is closed, whatever the answer was."""
    kept = acts.fold_closing

    def closing(fold: Fold, new_word: bool) -> None:
        if new_word and fold.state.status == acts.RESOLVED:
            acts.set_status(fold, acts.CLOSED, HUB)
        else:
            kept(fold, new_word)

    return patched(acts, "fold_closing", closing)


IN: Mapping[str, Mutant] = {
    function.__name__: function
    for function in (
        watermark_without_overlap, cursor_before_records, actor_filter, clocks_compared, content_hash_as_key,
        one_look_a_stamp, last_writer_wins, no_merge_base, echo_by_content_alone, notes_by_position, footers_unread,
        closed_is_closed, any_word_closes, offered_is_accepted, deletes_forgotten, merge_read_as_deletion,
        failed_item_passed_over, pages_by_stamp_alone, reading_from_before,
    )
}  # fmt: skip
MUTANTS: Mapping[str, Mutant] = MappingProxyType({**IN, **OUT})


@contextmanager
def living(name: str) -> Iterator[None]:
    """The hub with this mutant in it."""
    with MUTANTS[name]():
        yield


def said(name: str) -> str:
    """What is wrong with this mutant, on one line."""
    return " ".join((MUTANTS[name].__doc__ or "").split())
