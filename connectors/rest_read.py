"""Reading from a REST partner: lists walked to their end, records by id, notes that live apart.

Ways of knowing what changed, best first: the list is a change sequence whose cursor is ours too; a feed of events names
what changed (`rest_feed.py`); the list can be filtered and sorted by a change stamp; it is sorted by it, newest first
(`rest_newest.py`); or nothing of it, and the whole list is read every time.
With stamps nothing may be lost while agents work: the walk goes on from the last stamp that it saw and not by page
numbers, which shift under an edit; only within one stamp it must count pages, and then it counts until a whole round
shows nothing new. Knows no writing. Next: `rest_push.py`, `rest_records.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from connectors import paths
from connectors.answer import Answer
from connectors.auth import SignedWire
from connectors.base import Cursor, Page, Record
from connectors.errors import Refused
from connectors.evidence import About
from connectors.paging import CursorPaging
from connectors.rest_feed import Feed, FeedReader
from connectors.rest_newest import newest_first
from connectors.rest_note_lists import in_parts
from connectors.rest_notes import listed_notes, note_ids, placed
from connectors.rest_records import broken, record, records, unsorted
from connectors.rest_system import RestSystem
from connectors.rest_writes import Batch
from connectors.wire import Params

ROUNDS: Final = 20
"""Most rounds over one crowded stamp, so that a list that never stands still ends all the same."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One answer of a list. step: how to go on, None at the end."""

    records: list[Record]
    answer: Any
    step: Mapping[str, str] | str | None


class RestReader:
    """What a Rest connector reads. Raises the errors of connectors.errors."""

    def __init__(self, system: RestSystem, signed: SignedWire) -> None:
        self._system, self._signed = system, signed

    def get(self, path: str, what: str, params: Params | None = None, about: About | None = None) -> Answer:
        """One safe call; the answer may be a 4xx. what: for error texts. about: whom it is about, for its evidence."""
        where, headers = f"{self._system.name} {what}", self._system.headers
        return self._signed.send("GET", path, safe=True, headers=headers, params=params, where=where, about=about)

    def content(self, path: str, what: str, params: Params | None = None, about: About | None = None) -> Any:
        """The JSON of one safe call. Raises Refused C304 for a 4xx: the declaration asks for what is not there."""
        return self.answered(path, what, params, about).json()

    def answered(self, path: str, what: str, params: Params | None = None, about: About | None = None) -> Answer:
        """The good answer to one safe call. Raises Refused C304, as `content` does."""
        return self.usable(self.get(path, what, params, about))

    def usable(self, answer: Answer) -> Answer:
        """The answer, unless it is a 4xx."""
        if answer.status >= 300:
            text = f"answered {answer.status} to a call that the declaration says it understands."
            fix = f"compare the API of {self._system.title} with its system.yaml."
            said = self._signed.wire.said(answer)
            raise Refused(text, code="C304", where=answer.where, said=said, fix=fix)
        return answer

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Pages since the cursor, by the best way that is declared."""
        paging = self._system.list.paging
        if self._system.list.since is not None:
            yield from self._by_stamp(cursor)
        elif self._system.list.feed is not None:
            yield from self._by_feed(self._system.list.feed, cursor)
        elif self._system.list.newest_first:
            leaves = ((leaf.records, leaf.step is None) for leaf in self._walk({}))
            yield from newest_first(self._system, leaves, cursor)
        elif self._system.by_sequence and isinstance(paging, CursorPaging):
            reached = cursor.value if cursor else ""
            for leaf in self._walk({paging.param: reached} if reached else {}):
                reached = paging.reached(leaf.answer) or reached
                yield Page(tuple(leaf.records), Cursor(reached))
        else:
            for leaf in self._walk({}):
                yield Page(tuple(leaf.records), Cursor("all"))

    def fetch(self, native_ids: Sequence[str]) -> list[Record]:
        """Records by id; deleted ones as gone where the system tells of them."""
        batch, found, wanted = self._system.batch, [], set(native_ids)
        if batch is None:
            found = [one for one in map(self._one, native_ids) if one is not None]
            return self.with_notes(found)
        for answer in self._by_ids(batch, native_ids, "fetch", self._system.record.asked):
            found += records(self._system, answer, batch.records, f"{self._system.name} fetch")
        found = [one for one in found if one.native_id in wanted]
        if batch.absent_is_gone:
            found += [self._gone(native_id) for native_id in wanted.difference(one.native_id for one in found)]
        return self.with_notes(found)

    def find(self, hub_id: str) -> list[Record]:
        """Live records that bear the hub id. A filter that the system ignored cannot bring strangers in."""
        declared = self._system.find
        word = "".join(f"\\{sign}" if sign in declared.escaped else sign for sign in hub_id)
        params = {**self._system.record.asked, declared.param: declared.template.format(hub_id=word)}
        answer = self.content(declared.path, "find", params, About(hub_ids=(hub_id,)))
        found = records(self._system, answer, declared.records, f"{self._system.name} find")
        path = self._system.record.hub_id
        return self.with_notes([one for one in found if not one.gone and paths.get(one.body, path) == hub_id])

    def with_notes(self, found: list[Record]) -> list[Record]:
        """The same records, their notes and files inside, fetched where they live apart."""
        notes = self._system.notes
        if found and (notes.path is not None or self._system.lists_files):
            with ThreadPoolExecutor(self._system.concurrency) as pool:
                found = list(pool.map(lambda one: in_parts(self._system, self.answered, self._stuck, one), found))
        if notes.by_ids is not None and found:
            wanted = list(dict.fromkeys(note_id for one in found for note_id in note_ids(notes, one)))
            told = (listed_notes(self._system, answer) for answer in self._by_ids(notes.by_ids, wanted, "notes"))
            return placed(notes, found, [note for page in told for note in page])
        return found

    def _by_ids(
        self, batch: Batch, ids: Sequence[str], what: str, params: Mapping[str, str] | None = None
    ) -> Iterator[Any]:
        """The answers that hold these, as many of them a call as it takes."""
        for start in range(0, len(ids), batch.most):
            some = ids[start : start + batch.most]
            about = About(native_ids=tuple(some)) if what == "fetch" else None
            yield self.content(batch.path, what, {**(params or {}), batch.param: _joined(some, batch.separator)}, about)

    def at(self, path: str, native_id: str) -> str:
        """A declared path with the id in it."""
        return path.format(id=quote(native_id, safe=""))

    def _one(self, native_id: str) -> Record | None:
        about = About(native_ids=(native_id,))
        answer = self.get(self.at(self._system.one, native_id), "fetch", self._system.record.asked, about)
        if answer.status in (404, 410) and not answer.page:
            return self._gone(native_id)
        found = record(self._system, paths.get(self.usable(answer).json(), self._system.one_record), answer.where)
        if self._system.one_follows and found.native_id != native_id:
            return replace(self._gone(native_id), merged_into=found.native_id)
        return found

    def _gone(self, native_id: str) -> Record:
        return Record(self._system.name, native_id, "", {}, None, gone=True)

    def _walk(self, begin: Mapping[str, str], *, again: bool = True) -> Iterator[_Leaf]:
        """The list's answers from the beginning to the end, notes inside. again: where a cursor was forgotten it is
        read from the very beginning, once: what is told twice is known by its version."""
        listed, where = self._system.list, f"{self._system.name} list"
        size = {listed.limit: str(self._system.page)} if listed.limit else {}
        path = listed.path
        params = {**self._system.record.asked, **listed.params, **size, **listed.paging.first(), **begin}
        asked, before = set[str](), list[tuple[str, str]]()
        while True:
            got = self.get(path, "list", params)
            if again and self._has_forgotten(got, params):
                cursor = listed.paging.param if isinstance(listed.paging, CursorPaging) else ""
                yield from self._walk({name: begin[name] for name in begin if name != cursor}, again=False)
                return
            answer = self.usable(got).json()
            listing = records(self._system, answer, listed.records, where)
            asked.add(f"{path} {sorted(params.items())}")
            before = self._check_moves(listing, before)
            found = self.with_notes(listing)
            step = listed.paging.after(answer, len(found), self._system.page, params, got.headers) if found else None
            yield _Leaf(found, answer, step)
            if step is None:
                return
            path, params = (step, {}) if isinstance(step, str) else (path, {**params, **step})
            if f"{path} {sorted(params.items())}" in asked:
                raise self._stuck()

    def _has_forgotten(self, got: Answer, asked: Mapping[str, str]) -> bool:
        paging = self._system.list.paging
        return isinstance(paging, CursorPaging) and paging.param in asked and got.status == paging.forgotten

    def _by_stamp(self, cursor: Cursor | None) -> Iterator[Page]:
        reached = datetime.fromisoformat(cursor.value) if cursor and cursor.value else None
        start = reached - timedelta(seconds=self._system.overlap) if reached else None
        seen: set[tuple[str, str]] = set()
        rounds = 0
        while True:
            here, pages, crowded, last, passed = self._filter(start), 0, 0, start, False
            for leaf in self._walk(here):
                self._check_order(leaf.records, start)
                fresh = [one for one in leaf.records if _key(one) not in seen]
                seen.update(map(_key, fresh))
                crowded += sum(1 for one in fresh if self._filter(one.changed_at) == here)
                pages, last = pages + 1, _later(start, leaf.records)
                reached = _later(reached, leaf.records)
                yield Page(tuple(fresh), Cursor(reached.isoformat() if reached else ""))
                passed = leaf.step is not None and self._filter(last) != here
                if passed:
                    again = set(map(_key, leaf.records))
                    break
            rounds += 1
            if pages > 1 and crowded and rounds < ROUNDS:
                continue  # pages of one stamp were counted off: once more, until nothing new shows
            if not passed:
                return
            start, seen, rounds = last, again, 0

    def _by_feed(self, feed: Feed, cursor: Cursor | None) -> Iterator[Page]:
        where = f"{self._system.name} feed"
        reader = FeedReader(feed, self.get, self._system.page, lambda name, at: broken(self._system, where, name, at))

        def whole() -> Iterator[list[Record]]:
            return (leaf.records for leaf in self._walk({}))

        yield from reader.pull(cursor.value if cursor else "", whole, self.fetch, self.usable)

    def _filter(self, start: datetime | None) -> Mapping[str, str]:
        since = self._system.list.since
        if since is None or start is None:
            return {}
        return {since.param: since.template.format(stamp=self._system.stamp(start))}

    def _check_moves(self, found: list[Record], before: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The keys of this answer. Raises Refused where they are those of the one before."""
        keys = [(one.native_id, one.version) for one in found]
        if keys and keys == before:
            raise self._stuck()
        return keys

    def _stuck(self) -> Refused:
        text = "the list does not go on: an answer that was read comes again."
        title = self._system.title
        fix = f"compare how {title} pages with `list.paging` in system.yaml; some ignore a parameter in silence."
        return Refused(text, code="C304", where=f"{self._system.name} list", fix=fix)

    def _check_order(self, found: list[Record], start: datetime | None) -> None:
        system = self._system
        stamps = [one.changed_at for one in found if one.changed_at is not None]
        early = timedelta(seconds=system.list.since.early if system.list.since else 0)
        floor = system.instant(system.stamp(start)) - early if start else None
        if stamps != sorted(stamps) or (floor and stamps and stamps[0] < floor):
            what = "is not sorted by" if stamps != sorted(stamps) else "ignores the filter on"
            raise unsorted(system, what)


def _joined(ids: Sequence[str], separator: str | None) -> str | Sequence[str]:
    return ids if separator is None else separator.join(ids)


def _later(one: datetime | None, found: list[Record]) -> datetime | None:
    stamps = [one, *(record.changed_at for record in found)]
    return max((stamp for stamp in stamps if stamp is not None), default=None)


def _key(one: Record) -> tuple[str, str]:
    return one.native_id, one.version
