"""Reading the ledger, for people and for indicators: envelopes, cases with their counterparts, what is owed and parked.

Each function takes a connection and gives frozen rows of `entries.py`. Nothing here writes. Next: `ledger.py`, whose
methods these are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hub.codec import decode
from hub.entries import CaseRow, DeliveryRow, Entry, LinkRow, ParkedRow, PartnerRow, PauseRow
from hub.keys import Keyring
from hub.standing import case_state
from hub.statements import Row
from hub.tables import OPEN_DELIVERY, deliveries, parked, partners, pauses
from hub.tables import cases as case_table
from hub.tables import entries as entry_table
from hub.tables import links as link_table
from mappings.case import Case

CHUNK = 1000
ENVELOPE = [column for column in entry_table.c if column.name not in {"body", "subject", "body_digest"}]


def entries(connection: sa.Connection, after: int, case_id: str | None) -> Iterator[Entry]:
    """Envelopes in order."""
    query = sa.select(*ENVELOPE).where(entry_table.c.seq > after).order_by(entry_table.c.seq)
    if case_id is not None:
        query = query.where(entry_table.c.case_id == case_id)
    result = connection.execute(query, execution_options={"yield_per": CHUNK})
    yield from (_entry(row) for row in result.mappings())


def between(connection: sa.Connection, after: int, until: int) -> Iterator[Entry]:
    """Envelopes from the one after `after` to `until`, in order."""
    c = entry_table.c
    query = sa.select(*ENVELOPE).where(c.seq > after, c.seq <= until).order_by(c.seq)
    yield from (_entry(row) for row in connection.execute(query, execution_options={"yield_per": CHUNK}).mappings())


def of_cases(connection: sa.Connection, case_ids: Sequence[str] | None, until: int) -> Iterator[Entry]:
    """Envelopes of these cases (None: of all) up to `until`, case by case, each case's in order."""
    c = entry_table.c
    query = sa.select(*ENVELOPE).where(c.seq <= until).order_by(c.case_id, c.seq)
    query = query if case_ids is None else query.where(c.case_id.in_(case_ids))
    yield from (_entry(row) for row in connection.execute(query, execution_options={"yield_per": CHUNK}).mappings())


def _entry(row: Row) -> Entry:
    """A row of `entries`, envelope only."""
    names = (
        "seq", "tx", "case_id", "kind", "partner", "observed_at", "business_at", "reported_at", "native_id",
        "native_version", "status", "holder", "accountable", "contact_point", "history", "test", "mapping_hash",
        "code_version",
    )  # fmt: skip
    return Entry(
        **{name: row[name] for name in names}, fields=tuple(json.loads(row["fields"])), detail=decode(row["detail"])
    )


def _found(search: str) -> sa.ColumnElement[bool]:
    """Cases that this search means."""
    if not search:
        return sa.true()
    c = case_table.c
    linked = sa.select(link_table.c.case_id).where(
        sa.or_(link_table.c.number == search, link_table.c.native_id == search, link_table.c.partner == search)
    )
    plain = [c.id == search, c.id.like(f"{search}%"), c.status == search, c.holder == search]
    return sa.or_(*plain, c.id.in_(linked))


def count_cases(connection: sa.Connection, search: str) -> int:
    """How many that search finds."""
    return connection.execute(sa.select(sa.func.count()).select_from(case_table).where(_found(search))).scalar_one()


def cases(connection: sa.Connection, keyring: Keyring, limit: int, offset: int, search: str) -> list[CaseRow]:
    """Newest change first."""
    query = sa.select(case_table).where(_found(search)).order_by(case_table.c.updated_at.desc(), case_table.c.id)
    rows = connection.execute(query.limit(limit).offset(offset)).mappings().all()
    counterparts = links(connection, [row["id"] for row in rows])
    plain = ("id", "version", "status", "holder", "accountable", "contact_point", "origin", "opened_at", "updated_at")
    return [
        CaseRow(
            **{name: row[name] for name in plain},
            name=str(case_state(row, keyring).values.get("name") or ""),
            history=row["history"],
            test=row["test"],
            links=tuple(counterparts.get(row["id"], ())),
        )
        for row in rows
    ]


def case(connection: sa.Connection, keyring: Keyring, case_id: str) -> Case | None:
    """The canonical case, opened."""
    row = connection.execute(sa.select(case_table).where(case_table.c.id == case_id)).mappings().one_or_none()
    if row is None:
        return None
    numbers = {link.partner: link.number for link in links(connection, [case_id]).get(case_id, []) if link.number}
    return case_state(row, keyring).case(numbers)


def body_of(connection: sa.Connection, keyring: Keyring, case_id: str, kind: str, detail: Mapping[str, object]) -> Any:
    """The newest body of this kind, opened."""
    c = entry_table.c
    query = sa.select(c.detail, c.subject, c.body).where(c.case_id == case_id, c.kind == kind, c.body.is_not(None))
    for row in connection.execute(query.order_by(c.seq.desc())):
        told = decode(row.detail)
        if all(told.get(name) == value for name, value in detail.items()):
            return decode(keyring.open(row.subject, row.body))
    return None


def links(connection: sa.Connection, case_ids: Sequence[str]) -> dict[str, list[LinkRow]]:
    """case id -> its counterparts, the origin's first."""
    names = ("partner", "native_id", "number", "state", "case_id", "edge", "synced_at")
    found: dict[str, list[LinkRow]] = {}
    query = sa.select(*(link_table.c[name] for name in names)).where(link_table.c.case_id.in_(case_ids))
    for row in connection.execute(query.order_by(link_table.c.edge, link_table.c.partner)).mappings():
        found.setdefault(row["case_id"], []).append(LinkRow(**{name: row[name] for name in names}))
    return found


def deliveries_of(
    connection: sa.Connection, states: Sequence[str], case_id: str | None, limit: int
) -> list[DeliveryRow]:
    """Deliveries in these states (none: all), oldest first."""
    names = (
        "id", "case_id", "partner", "version", "state", "attempts", "owed_at", "due_at", "settled_at", "code", "reason",
    )  # fmt: skip
    query = sa.select(deliveries).order_by(deliveries.c.id).limit(limit)
    query = query.where(deliveries.c.state.in_(states)) if states else query
    query = query.where(deliveries.c.case_id == case_id) if case_id is not None else query
    return [DeliveryRow(**{name: row[name] for name in names}) for row in connection.execute(query).mappings()]


def parked_rows(connection: sa.Connection, case_id: str | None) -> list[ParkedRow]:
    """What waits for a person, oldest first."""
    names = ("id", "partner", "case_id", "native_id", "subject", "code", "place", "message", "since")
    query = sa.select(parked).where(parked.c.ended_at.is_(None)).order_by(parked.c.id)
    query = query.where(parked.c.case_id == case_id) if case_id is not None else query
    return [ParkedRow(**{name: row[name] for name in names}) for row in connection.execute(query).mappings()]


def partner_rows(connection: sa.Connection) -> list[PartnerRow]:
    """How the exchange with each partner goes."""
    owed = _count(connection, deliveries.c.partner, deliveries.c.state.in_(OPEN_DELIVERY))
    waiting = _count(connection, parked.c.partner, parked.c.ended_at.is_(None))
    names = (
        "name", "pulled_at", "pushed_at", "failed_at", "error", "failures", "open_until", "signed_off_at",
        "reconciled_at",
    )  # fmt: skip
    stopped = {(row.scope, row.name): f"{row.who}: {row.why}" for row in pause_rows(connection)}
    return [
        PartnerRow(
            **{name: row[name] for name in names},
            owed=owed.get(row["name"], 0),
            parked=waiting.get(row["name"], 0),
            paused=stopped.get(("partner", row["name"]), ""),
            left=stopped.get(("left", row["name"]), ""),
        )
        for row in connection.execute(sa.select(partners).order_by(partners.c.name)).mappings()
    ]


def pause_rows(connection: sa.Connection) -> list[PauseRow]:
    """What is stopped: the hub first, then partners, then cases, then who left for good, oldest first."""
    rank = {"hub": 0, "partner": 1, "case": 2, "left": 3}
    rows = [PauseRow(**row) for row in connection.execute(sa.select(pauses)).mappings()]
    return sorted(rows, key=lambda row: (rank[row.scope], row.since, row.name))


def _count(connection: sa.Connection, by: sa.Column[str], where: sa.ColumnElement[bool]) -> dict[str, int]:
    """How many rows there are of each value of a column."""
    query = sa.select(by, sa.func.count()).where(where).group_by(by)
    return {row[0]: row[1] for row in connection.execute(query)}
