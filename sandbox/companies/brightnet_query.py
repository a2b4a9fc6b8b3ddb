"""Answers a SOQL text from the store: rows that fit, sorted, cut, and shown as Salesforce shows them.

`find` gives a Found: all rows of the answer, read at one moment, that pages are then cut from. Knows no HTTP and no
session. Next: `brightnet_conditions.py` (WHERE, ORDER BY), `brightnet_candidates.py` (what is read),
`brightnet_pages.py` (batches and locators).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.companies.brightnet_beside import Beside
from sandbox.companies.brightnet_candidates import BY_ID, BY_STAMP, STAMPS, beneath, cases, people
from sandbox.companies.brightnet_columns import Children, Entity, same, shown
from sandbox.companies.brightnet_conditions import Key, key, reach, test
from sandbox.companies.brightnet_faults import Fault
from sandbox.companies.brightnet_schema import ENTITIES, ORGANIZATION, QUERIED, USER
from sandbox.companies.brightnet_soql import Order, Query, parse
from sandbox.companies.brightnet_tokens import pointed
from sandbox.companies.rows import Record
from sandbox.companies.store import Store

MOST_OFFSET = 2000
Show = Callable[[Any, Beside, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of an answer. total: what totalSize says. render(start, stop, version) gives their JSON."""

    total: int
    rows: Sequence[Any]
    beside: Beside
    show: Show

    def render(self, start: int, stop: int, version: str) -> list[dict[str, Any]]:
        return [self.show(row, self.beside, version) for row in self.rows[start:stop]]


def find(store: Store, text: str, *, deleted: bool) -> Found:
    """What the query asks for; deleted: rows in the bin too. Raises Fault MALFORMED_QUERY, INVALID_FIELD, ..."""
    query = parse(text)
    entity = _entity(query)
    if query.offset > MOST_OFFSET:
        raise Fault(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MOST_OFFSET}")
    show, keys = _shower(entity, query), _keys(entity, query)
    with store.together():
        rows, beside = _rows(store, entity, query, keys, deleted)
    if query.count:
        return Found(len(rows), (), beside, show)
    return Found(len(rows), rows, beside, show)


def _entity(query: Query) -> Entity:
    name = next((one for one in QUERIED if same(one, query.source)), None)
    if name is None:
        message = (
            f"{pointed(query.text, query.source_at)}sObject type '{query.source}' is not supported. If you are "
            "attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference "
            "your WSDL or the describe call for the appropriate names."
        )
        raise Fault(400, "INVALID_TYPE", message)
    return ENTITIES[name]


def _rows(
    store: Store, entity: Entity, query: Query, keys: Sequence[tuple[Key, bool]], deleted: bool
) -> tuple[list[Any], Beside]:
    """Rows of the answer. A LIMIT in the order that the store can read in stops the reading early."""
    fits = test(entity, query.where, query.text)
    stop = None if query.limit is None else query.limit + query.offset
    if entity.name == "Case":
        order = _stored_order(query.order)
        read = cases(store, query.where, order or BY_ID, deleted=deleted)
        if order is not None:
            some = list(islice((one for one in read if fits(one, Beside(store, [one.id]))), stop))
            return some[query.offset :], Beside(store, [one.id for one in some])
        rows: list[Any] = list(read)
    elif entity in (USER, ORGANIZATION):
        rows = people(store) if entity is USER else [entity.name]
    else:
        rows = beneath(store, entity, query.where, deleted=deleted)
    beside = Beside(store, [_case_of(row).id for row in rows if not isinstance(row, str)])
    return _sorted([row for row in rows if fits(row, beside)], beside, keys)[query.offset : stop], beside


def _stored_order(order: Sequence[Order]) -> str | None:
    """The order of reading that is the query's own: none asked, by Id, or by the change stamp and then Id."""
    names = [one.path.names[0].lower() for one in order if len(one.path.names) == 1 and not one.descending]
    if len(names) != len(order):
        return None
    if names in ([], ["id"]):
        return BY_ID
    return BY_STAMP if names[0] in STAMPS and names[1:] in ([], ["id"]) else None


def _keys(entity: Entity, query: Query) -> list[tuple[Key, bool]]:
    return [(key(entity, one, query.text), one.descending) for one in query.order]


def _sorted(rows: list[Any], beside: Beside, keys: Sequence[tuple[Key, bool]]) -> list[Any]:
    """Sorts are stable: the last key first."""
    for sortable, descending in reversed(keys):
        rows.sort(key=lambda row, sortable=sortable: sortable(row, beside), reverse=descending)  # type: ignore[misc] # a bound default
    return rows


def _case_of(row: Any) -> Record:
    record: Record = row if isinstance(row, Record) else row.record
    return record


def _shower(entity: Entity, query: Query) -> Show:
    """How one row shows: its fields in the order asked, parents as objects inside, subqueries as answers inside."""
    seen: set[tuple[str, ...]] = set()
    steps: list[Callable[[dict[str, Any], Any, Beside, str], None]] = []
    for path in query.paths:
        lowered = tuple(one.lower() for one in path.names)
        if lowered in seen:
            raise Fault(400, "INVALID_FIELD", f"duplicate field selected: {'.'.join(path.names)}")
        seen.add(lowered)
        column, read = reach(entity, path, query.text)
        steps.append(_own(column.name, read) if len(path.names) == 1 else _through(entity, path.names, query))
    steps += [_below(entity, child) for child in query.children]

    def show(row: Any, beside: Beside, version: str) -> dict[str, Any]:
        whole: dict[str, Any] = {"attributes": entity.attributes(row, beside, version)}
        for step in steps:
            step(whole, row, beside, version)
        return whole

    return show


def _own(name: str, read: Callable[[Any, Beside], Any]) -> Callable[[dict[str, Any], Any, Beside, str], None]:
    def step(whole: dict[str, Any], row: Any, beside: Beside, _version: str) -> None:
        whole[name] = shown(read(row, beside))

    return step


def _through(
    entity: Entity, names: tuple[str, ...], query: Query
) -> Callable[[dict[str, Any], Any, Beside, str], None]:
    """The field of a parent, in the parent's own object inside the row."""
    first, *rest = names
    name, parent = next((key, one) for key, one in entity.parents.items() if same(key, first))
    there = ENTITIES[parent.entity]
    column = there.column(rest[0]) if len(rest) == 1 else None
    deeper = None if column is not None else _through(there, tuple(rest), query)

    def step(whole: dict[str, Any], row: Any, beside: Beside, version: str) -> None:
        inner = parent.read(row, beside)
        into = whole.setdefault(name, {"attributes": there.attributes(inner, beside, version)})
        if column is not None:
            into[column.name] = shown(column.read(inner, beside))
        elif deeper is not None:
            deeper(into, inner, beside, version)

    return step


def _below(entity: Entity, child: Query) -> Callable[[dict[str, Any], Any, Beside, str], None]:
    """A subquery: null where nothing fits, else an answer of its own."""
    name, children = _children(entity, child)
    there = ENTITIES[children.entity]
    fits, show, keys = test(there, child.where, child.text), _shower(there, child), _keys(there, child)

    def step(whole: dict[str, Any], row: Any, beside: Beside, version: str) -> None:
        rows = [one for one in children.read(row, beside) if fits(one, beside)]
        stop = None if child.limit is None else child.limit + child.offset
        some = _sorted(rows, beside, keys)[child.offset : stop]
        records = [show(one, beside, version) for one in some]
        whole[name] = {"totalSize": len(records), "done": True, "records": records} if records else None

    return step


def _children(entity: Entity, child: Query) -> tuple[str, Children]:
    known: Mapping[str, Children] = entity.children
    found = next(((name, one) for name, one in known.items() if same(name, child.source)), None)
    if found is None:
        message = (
            f"{pointed(child.text, child.source_at)}Didn't understand relationship '{child.source}' in FROM part of "
            "query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the "
            "custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
        )
        raise Fault(400, "INVALID_TYPE", message)
    return found
