"""A REST partner's change history: where it stands, and its lines as they are read.

Three ways, by the declaration: a list of its own for each record (`path`), many records' lines in one call (`by_ids`),
or a list inside the record itself, which costs no call and is taken out of the record's body, so that a past change is
no edit. A line may hold one change, or a list of them (`changes`). Knows no writing. Next: `rest_system.py`, `rest.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from connectors import paths
from connectors.answer import Answer
from connectors.base import HistoryLine
from connectors.declared import Declared
from connectors.paging import Paging, Step
from connectors.rest_writes import Batch
from connectors.wire import Params

PART: Final = re.compile(r"\{([^{}]+)\}")
Get = Callable[[str, str, Params | None], Answer]
"""The answer to one safe call, 4xx included: path, what for, parameters."""


class Lines(Declared):
    """The change history of records. Each change of a mapped field becomes an entry of its case."""

    path: str | None = Field(
        None,
        description="path of one record's lines; null: `by_ids` answers those of many, or they stand in the record",
    )
    by_ids: Batch | None = Field(
        None, description="the lines of many records in one call; `records` is then the path of the list of lines"
    )
    record: str = Field("", description="by_ids: in a line, path of the native id of its record")
    lines: str = Field(
        "",
        description="path of the list of lines, in the answer to `path`; in the record itself where there is no call",
    )
    limit: str = Field("", description="query parameter of `path` that takes the page's size")
    paging: Paging | None = Field(None, description="how the list at `path` goes on; null: it is whole")
    newest_first: bool = Field(False, description="the newest line comes first; else the oldest")
    id: str = Field("id", description="in a line: path of its id, the same at each reading")
    changed_at: str = Field("at", description="in a line: path of its time, written as stamps are")
    author: str = Field("by", description="in a line: path of who did it")
    changes: str = Field(
        "",
        description="in a line: path of the list of its changes, where one line tells of several fields; `field`, "
        "`old` and `new` are looked for there; empty: a line is one change",
    )
    field: str = Field(
        "field", description="in a change: path of the field's name; `{kind}.{name}` puts one together of several paths"
    )
    old: str = Field("old", description="in a change: path of the value before")
    new: str = Field("new", description="in a change: path of the value after")
    names: Mapping[str, str] = Field(
        default_factory=dict,
        description="the record's field by the name that the history has for it, where the two differ",
    )
    us: str = Field(
        "{login}", description="what stands at `author` where the hub wrote; `{login}` is the connection's login"
    )
    us_at: str = Field(
        "", description="in place of `us`: path of it in the answer to `check`, which is asked once more for it"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.path is not None and self.by_ids is not None:
            raise ValueError("by_ids: lines are read by `path` or by ids, not both")
        if self.path is not None and "{id}" not in self.path:
            raise ValueError("path: names no record; put {id} where its native id goes")
        if self.by_ids is not None and not self.record:
            raise ValueError("record: with `by_ids`, say where in a line the id of its record stands")
        if self.inside and not self.lines:
            raise ValueError("lines: give `path`, `by_ids`, or where in the record the lines stand")
        if self.inside and self.us_at:
            raise ValueError("us_at: lines inside the record are read with it, so say in `us` who we are there")
        if self.path is None and (self.limit or self.paging):
            raise ValueError("paging: only a list at `path` goes on")
        return self

    @property
    def inside(self) -> bool:
        """Whether the lines stand in the record itself."""
        return self.path is None and self.by_ids is None


class Misplaced(Exception):
    """An answer does not hold what the declaration says. field: the key of `history` that looked for it."""

    def __init__(self, field: str, path: str) -> None:
        self.field, self.path = field, path
        super().__init__(field)


def taken_out(declared: Lines, body: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The lines inside a record, and the record without them. Raises Misplaced where there is no list."""
    *outer, last = declared.lines.split(".")
    whole: dict[str, Any] = paths.copied(body)
    holder = paths.get(whole, ".".join(outer))
    found = holder.pop(last, None) if isinstance(holder, dict) else None
    if found is None:
        return [], whole
    if not isinstance(found, list):
        raise Misplaced("lines", declared.lines)
    return found, whole


def told(
    declared: Lines, native_id: str, lines: Sequence[Any], instant: Callable[[Any], datetime], us: str
) -> tuple[HistoryLine, ...]:
    """These lines, oldest first, one for each change. us: what stands at `author` for us. Raises Misplaced."""
    found = [one for line in lines for one in _changes(declared, native_id, line, instant, us)]
    return tuple(reversed(found)) if declared.newest_first else tuple(found)


def _changes(
    declared: Lines, native_id: str, line: Any, instant: Callable[[Any], datetime], us: str
) -> Iterator[HistoryLine]:
    line_id = paths.get(line, declared.id)
    if line_id is None:
        raise Misplaced("id", declared.id)
    try:
        at = instant(paths.get(line, declared.changed_at))
    except ValueError:
        raise Misplaced("changed_at", declared.changed_at) from None
    author = str(paths.get(line, declared.author) or "")
    several = paths.get(line, declared.changes) if declared.changes else [line]
    if not isinstance(several, list):
        raise Misplaced("changes", declared.changes)
    for change in reversed(several) if declared.newest_first else several:
        name = _name(change, declared.field)
        yield HistoryLine(
            native_id,
            f"{line_id}/{name}" if declared.changes else str(line_id),
            at,
            author,
            declared.names.get(name, name),
            paths.get(change, declared.old),
            paths.get(change, declared.new),
            ours=bool(us) and author == us,
        )


def _name(change: Any, field: str) -> str:
    if "{" not in field:
        return str(paths.get(change, field) or "")
    return PART.sub(lambda found: str(paths.get(change, found[1]) or ""), field)


class HistoryReader:
    """Reads a declared history. size: lines a page. usable: an answer, unless it is a 4xx. broken: the error of an
    answer without what the declaration names. us: what stands at `author` for us."""

    def __init__(
        self,
        declared: Lines,
        get: Get,
        usable: Callable[[Answer], Answer],
        broken: Callable[[str, str], Exception],
        instant: Callable[[Any], datetime],
        us: Callable[[], str],
        *,
        size: int,
        concurrency: int,
    ) -> None:
        self._declared, self._get, self._usable, self._broken = declared, get, usable, broken
        self._instant, self._us, self._size, self._concurrency = instant, us, size, concurrency

    def read(self, native_ids: Sequence[str]) -> dict[str, tuple[HistoryLine, ...]]:
        """The lines of these records, in as few calls as the declaration has them. Raises the errors of the calls."""
        declared = self._declared
        if not native_ids or declared.inside:
            return {}
        us = self._us()
        try:
            if declared.by_ids is not None:
                lines = self._of_many(declared.by_ids, native_ids)
            else:
                with ThreadPoolExecutor(self._concurrency) as pool:
                    lines = dict(zip(native_ids, pool.map(self._of_one, native_ids), strict=True))
            return {one: told(declared, one, listed, self._instant, us) for one, listed in lines.items()}
        except Misplaced as error:
            raise self._broken(f"history.{error.field}", error.path) from None

    def _of_many(self, batch: Batch, native_ids: Sequence[str]) -> dict[str, list[Any]]:
        lines: dict[str, list[Any]] = {one: [] for one in native_ids}
        for start in range(0, len(native_ids), batch.most):
            some = native_ids[start : start + batch.most]
            ids = some if batch.separator is None else batch.separator.join(some)
            answer = self._usable(self._get(batch.path, "history", {batch.param: ids})).json()
            listed = paths.get(answer, batch.records)
            if not isinstance(listed, list):
                raise Misplaced("by_ids.records", batch.records)
            asked = frozenset(some)  # some ignore the filter and answer everything
            for line in listed:
                owner = paths.get(line, self._declared.record)
                if owner is None:
                    raise Misplaced("record", self._declared.record)
                if str(owner) in asked:
                    lines[str(owner)].append(line)
        return lines

    def _of_one(self, native_id: str) -> list[Any]:
        """All lines of one record; none of one that they do not know any more."""
        declared, found, before = self._declared, list[Any](), None
        path = str(declared.path).format(id=quote(native_id, safe=""))
        params = {declared.limit: str(self._size)} if declared.limit else {}
        params |= declared.paging.first() if declared.paging else {}
        while True:
            answer = self._get(path, "history", params)
            if answer.status in (404, 410) and not answer.page:
                return found
            got = self._usable(answer)
            listed = paths.get(got.json(), declared.lines)
            if not isinstance(listed, list) or (listed and listed == before):
                raise Misplaced("lines" if not isinstance(listed, list) else "paging", declared.lines)
            found, before = found + listed, listed
            step: Step = None
            if declared.paging is not None:
                step = declared.paging.after(got.json(), len(listed), self._size, params, got.headers)
            if step is None:
                return found
            path, params = (step, {}) if isinstance(step, str) else (path, {**params, **step})
