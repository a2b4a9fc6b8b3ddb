"""Which rows of the store a query has to look at: narrowed by what its WHERE says plainly, in the order it asks for.

Only conditions that every row must fit (joined by AND at the top) narrow: ids, hub ids, numbers and stamps, which the
store has indexes for. The narrowed rows are still tested one by one; this only spares the rest. The caller holds the
store (`store.together()`) while it reads, so that nothing moves between two parts. Next: `brightnet_query.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_beside import NOTHING, Paper, Past, Remark, remarks, told
from sandbox.companies.brightnet_columns import Entity, whole_second
from sandbox.companies.brightnet_faults import Fault
from sandbox.companies.brightnet_files import FILES, LINK
from sandbox.companies.brightnet_session import LOGIN
from sandbox.companies.brightnet_soql import Compare, Condition, Every
from sandbox.companies.reading import ALIVE, ticks
from sandbox.companies.rows import Record
from sandbox.companies.store import Store

PART = 1000
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STAMPS = frozenset({"systemmodstamp", "lastmodifieddate"})
BY_STAMP = "changed / 1000000, id"
BY_ID = "id"
LINKS_ARE_FILTERED = (
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or "
    "LinkedEntityId using the equals operator or multiple Id's using the IN operator."
)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What every fitting row has: one of these texts in the field (by lower-case name), a stamp in the range."""

    among: dict[str, frozenset[str]]
    since: dict[str, datetime]
    until: dict[str, datetime]


def narrow(where: Condition | None) -> Narrowed:
    """What the condition demands of every row."""
    found = Narrowed({}, {}, {})
    for term in _demanded(where):
        if len(term.path.names) != 1:
            continue
        name, first = term.path.names[0].lower(), term.values[0].value
        if term.op in ("=", "IN") and all(one.kind == "string" for one in term.values):
            found.among[name] = frozenset(str(one.value) for one in term.values)
        if isinstance(first, datetime):
            if term.op in ("=", ">", ">="):
                found.since[name] = max(whole_second(first), found.since.get(name, BEGINNING))
            if term.op in ("=", "<", "<="):
                found.until[name] = whole_second(first) + SECOND
    return found


def _demanded(where: Condition | None) -> Iterator[Compare]:
    """Comparisons that every row must fit."""
    if isinstance(where, Compare):
        yield where
    elif isinstance(where, Every) and not where.any:
        for term in where.terms:
            yield from _demanded(term)


def cases(store: Store, where: Condition | None, order: str, *, deleted: bool) -> Iterator[Record]:
    """Records that may fit, in the order given (BY_STAMP or BY_ID), read in parts as they are asked for."""
    condition, values = _sql(narrow(where), deleted)
    start = 0
    while True:
        part = store.select(condition, values, order=order, limit=PART, offset=start)
        yield from part
        if len(part) < PART:
            return
        start += PART


def beneath(store: Store, entity: Entity, where: Condition | None, *, deleted: bool) -> list[Any]:
    """Remarks, pasts or papers that may fit, oldest first. Raises Fault."""
    narrowed = narrow(where)
    if entity in FILES:
        return [one for one in _papers(store, entity, narrowed) if _shown(one.record, deleted)]
    parents = _parents(entity, narrowed)
    stamps = (moment for name, moment in narrowed.since.items() if name in STAMPS | {"createddate"})
    since = max(stamps, default=BEGINNING)
    if entity.name == "CaseHistory":
        lines = [one for one in store.history(parents, since=since) if told(one)]
        records = _records(store, [one.record_id for one in lines])
        return [Past(records[one.record_id], one) for one in lines if _shown(records[one.record_id], deleted)]
    if parents is None and not deleted:
        notes = store.notes_since(since)
        records = _records(store, [one.record_id for one in notes])
    else:
        # Comments of deleted cases are reached through their cases only.
        owners = store.select("1 = 1") if parents is None else list(_records(store, parents).values())
        records = {one.id: one for one in owners}
        notes = [note for owner in owners for note in owner.notes]
    found = (Remark(records[one.record_id], one) for one in notes if _shown(records[one.record_id], deleted))
    return [one for one in found if one.entity == entity.name]


def people(store: Store) -> list[str]:
    """Everybody who did something here, and the integration user."""
    return sorted({LOGIN, *store.people()})


def one_row(store: Store, entity: Entity, record_id: str) -> Any | None:
    """The row of that id (15 or 18 characters), deleted or not; None where there is none."""
    if entity.prefix in (ids.USER, ids.ORG):
        rows = people(store) if entity.prefix == ids.USER else [entity.name]
        return next((one for one in rows if entity.columns["Id"].read(one, NOTHING) == ids.whole(record_id)), None)
    found = ids.numbers(record_id, entity.prefix)
    if found is None:
        return None
    number, within = found
    if entity.name == "Case" or entity in FILES:
        whole = store.by_ids([number]) if entity.name == "Case" else _hung(store, [number])
        return next(iter(whole), None)
    owner = next(iter(store.by_ids([within])), None)
    if owner is None:
        return None
    if entity.name == "CaseHistory":
        return next((Past(owner, one) for one in store.history([within]) if one.id == number and told(one)), None)
    return next((one for one in remarks(owner, entity.name) if one.note.id == number), None)


def _papers(store: Store, entity: Entity, narrowed: Narrowed) -> list[Paper]:
    """Files that may fit. A link is only ever asked for by where it leads: anything else is refused, as there."""
    if entity is LINK and not narrowed.among.keys() & {"contentdocumentid", "linkedentityid"}:
        raise Fault(400, "MALFORMED_QUERY", LINKS_ARE_FILTERED)
    for name in ("linkedentityid", "firstpublishlocationid"):
        if name in narrowed.among:
            found = (ids.numbers(one, ids.CASE) for one in narrowed.among[name])
            owners = _records(store, [one[0] for one in found if one])
            return [Paper(owner, one) for owner in owners.values() for one in owner.files]
    for name, prefix in (("id", entity.prefix), ("contentdocumentid", ids.DOCUMENT)):
        if name in narrowed.among:
            found = (ids.numbers(one, prefix) for one in narrowed.among[name])
            return _hung(store, [one[0] for one in found if one])
    return _hung(store, since=max(narrowed.since.values(), default=BEGINNING))


def _hung(store: Store, file_ids: Sequence[int] | None = None, since: datetime | None = None) -> list[Paper]:
    """These files, or those since then, each with its case."""
    files = store.filed(ids=file_ids, since=since)
    records = _records(store, [one.record_id for one in files])
    return [Paper(records[one.record_id], one) for one in files if one.record_id in records]


def _sql(narrowed: Narrowed, deleted: bool) -> tuple[str, list[Any]]:
    parts, values = ([] if deleted else [ALIVE]), list[Any]()

    def among(column: str, wanted: Sequence[Any]) -> None:
        parts.append(f"{column} IN ({', '.join('?' * len(wanted))})")
        values.extend(wanted)

    for name, texts in narrowed.among.items():
        if name == "id":
            among("id", [found[0] for one in texts if (found := ids.numbers(one, ids.CASE))])
        elif name == "casenumber":
            among("number", sorted(texts))
        elif name == "hub_case__c":
            among("hub", sorted({form for one in texts for form in (one, one.lower(), one.upper())}))
    for name in narrowed.since.keys() & STAMPS:
        parts.append("changed >= ?")
        values.append(ticks(narrowed.since[name]))
    for name in narrowed.until.keys() & STAMPS:
        parts.append("changed < ?")
        values.append(ticks(narrowed.until[name]))
    return " AND ".join(parts) or "1 = 1", values


def _parents(entity: Entity, narrowed: Narrowed) -> list[int] | None:
    """Numbers of the cases that the rows hang on, where the condition names them."""
    for name in ("parentid", "caseid"):
        if name in narrowed.among:
            found = (ids.numbers(one, ids.CASE) for one in narrowed.among[name])
            return [one[0] for one in found if one]
    if "id" in narrowed.among:
        found = (ids.numbers(one, entity.prefix) for one in narrowed.among["id"])
        return [one[1] for one in found if one]
    return None


def _records(store: Store, record_ids: Sequence[int]) -> dict[int, Record]:
    wanted = list(dict.fromkeys(record_ids))
    parts = (store.by_ids(wanted[start : start + PART]) for start in range(0, len(wanted), PART))
    return {one.id: one for part in parts for one in part}


def _shown(record: Record, deleted: bool) -> bool:
    return deleted or not record.deleted
