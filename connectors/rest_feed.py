"""What changed, by a feed of events: it names records by their ids, behind a cursor, and they are then read by id.

The first pull, and one whose cursor they have forgotten, reads the whole list; where the feed stands is asked before
that, so that what changes meanwhile is told by it afterwards. Next: `rest_read.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from connectors import paths
from connectors.answer import Answer
from connectors.base import Cursor, Page, Record
from connectors.declared import Declared

ROUNDS: Final = 20
"""Most rounds over a list that never stands still."""
Get = Callable[[str, str, Mapping[str, str]], Answer]
"""(path, what for error texts, params) -> the answer, 4xx included."""


class Feed(Declared):
    """A list of events, oldest first, that is read from a cursor on: an audit log, a journal, a queue of changes."""

    path: str = Field(description="path of the feed")
    params: Mapping[str, str] = Field(default_factory=dict, description="sent with each call, such as kinds of events")
    limit: str = Field("limit", description="query parameter that takes the page's size; empty: none")
    param: str = Field(description="query parameter that takes the cursor")
    events: str = Field("", description="path of the events in the answer")
    id: str = Field(description="in an event: path of the record's native id; an event without one is passed over")
    next: str = Field("", description="path of the next cursor in the answer; empty: `cursor` of the last event")
    cursor: str = Field("id", description="in an event: path of its cursor")
    more: str = Field("", description="path of a flag that says whether there is more; else a short page is the last")
    forgotten: int = Field(410, description="status that says: this cursor is too old; all is read again then")


def _all(whole: Callable[[], Iterator[Sequence[Record]]]) -> Iterator[Sequence[Record]]:
    """Every record once. Pages shift under an edit, so the list is read until a round of it shows nothing new."""
    seen: set[str] = set()
    for _ in range(ROUNDS):
        pages, known = 0, len(seen)
        for records in whole():
            pages += 1
            fresh = [one for one in records if one.native_id not in seen]
            seen.update(one.native_id for one in fresh)
            if fresh:
                yield fresh
        if pages <= 1 or len(seen) == known:
            return


class FeedReader:
    """Reads a declared feed. size: events a page. broken: the error of an answer that holds no events."""

    def __init__(self, feed: Feed, get: Get, size: int, broken: Callable[[str, str], Exception]) -> None:
        self._feed, self._get, self._size, self._broken = feed, get, size, broken

    def pull(
        self,
        cursor: str,
        whole: Callable[[], Iterator[Sequence[Record]]],
        fetch: Callable[[Sequence[str]], Sequence[Record]],
        usable: Callable[[Answer], Answer],
    ) -> Iterator[Page]:
        """Pages since the cursor; of an empty one, or one that they have forgotten, all there is."""
        if cursor:
            answer = self._get(self._feed.path, "feed", self._params(cursor))
            if answer.status != self._feed.forgotten:
                for ids, reached in self._walk(cursor, usable, answer):
                    cursor = reached
                    yield Page(tuple(fetch(ids)) if ids else (), Cursor(reached))
                return
        ends = [reached for _, reached in self._walk("", usable, None)]
        reached = ends[-1]
        before: Sequence[Record] | None = None
        for records in _all(whole):
            if before is not None:
                yield Page(tuple(before), Cursor(""))
            before = records
        yield Page(tuple(before or ()), Cursor(reached))

    def _walk(
        self, cursor: str, usable: Callable[[Answer], Answer], answer: Answer | None
    ) -> Iterator[tuple[list[str], str]]:
        """(native ids, the cursor behind them) of each page to the end."""
        feed = self._feed
        while True:
            body = usable(answer or self._get(feed.path, "feed", self._params(cursor))).json()
            answer = None
            events = paths.get(body, feed.events)
            if not isinstance(events, list):
                raise self._broken("list.feed.events", feed.events)
            named = [paths.get(event, feed.id) for event in events]
            ids = list(dict.fromkeys(str(one) for one in named if isinstance(one, str | int)))
            reached = self._reached(body, events) or cursor
            yield ids, reached
            more = bool(paths.get(body, feed.more)) if feed.more else len(events) >= self._size
            if not more or reached == cursor:
                return
            cursor = reached

    def _reached(self, body: Any, events: list[Any]) -> str:
        found = paths.get(body, self._feed.next) if self._feed.next else None
        if found is None and events:
            found = paths.get(events[-1], self._feed.cursor)
        return "" if found is None else str(found)

    def _params(self, cursor: str) -> Mapping[str, str]:
        size = {self._feed.limit: str(self._size)} if self._feed.limit else {}
        return {**self._feed.params, **size, **({self._feed.param: cursor} if cursor else {})}
