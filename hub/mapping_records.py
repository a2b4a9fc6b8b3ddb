"""What the ledger keeps of one partner's records: how they last read, and those that could not be read at all.

Opened by the ledger's keys, for the tools that try a mapping on live cases; nothing here writes. A record whose data
subject was erased is left out, as if it had never come. Next: `mapping_diff.py`, `mapping_replay.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.base import Record
from hub.codec import decode
from hub.keys import KeyLost, Keyring
from hub.ledger import Ledger
from hub.standing import link_state
from hub.state import Link
from hub.statements import Row
from hub.tables import cases, entries, links, parked
from mappings.case import ENDED

TOOK_IN, WROTE = ("opened", "changed"), "delivered"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that is parked because it did not fit its mapping. subject: under whose key it is sealed. record: None
    where it can no longer be opened."""

    number: int
    native_id: str
    case_id: str | None
    code: str
    subject: str
    record: Record | None


def open_links(ledger: Ledger, partner: str) -> list[Link]:
    """The partner's counterparts of cases that somebody still works on, with the record as last seen; oldest first."""
    query = (
        sa.select(links)
        .join(cases, cases.c.id == links.c.case_id)
        .where(links.c.partner == partner, links.c.state == "linked", cases.c.status.not_in(sorted(ENDED)))
        .order_by(cases.c.opened_at, cases.c.id)
    )
    with ledger.engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    found = (_opened(row, ledger.keyring) for row in rows)
    return [link for link in found if link is not None and link.base]


def waiting(ledger: Ledger, partner: str) -> list[Waiting]:
    """The partner's parked records, oldest first: those that a mapping refused, not copies and not deletions."""
    p, e = parked.c, entries.c
    query = sa.select(parked).where(p.partner == partner, p.subject == "record", p.ended_at.is_(None))
    found: list[Waiting] = []
    with ledger.engine.connect() as connection:
        for row in connection.execute(query.order_by(p.id)).mappings().all():
            mine = [e.partner == partner, e.native_id == row["native_id"], e.kind == "parked", e.body.is_not(None)]
            newest = sa.select(entries).where(*mine).order_by(e.seq.desc()).limit(1)
            entry = connection.execute(newest).mappings().one_or_none()
            if entry is not None and row["code"].startswith("M"):
                record = _recorded(entry, ledger.keyring)
                found.append(
                    Waiting(row["id"], row["native_id"], row["case_id"], row["code"], entry["subject"], record)
                )
    return found


def last_read(connection: sa.Connection, keyring: Keyring, link: Link) -> dict[str, Any]:
    """path -> value, as this record read when it was last looked at, with the mapping of that time.

    What was taken in says itself how it read. What the hub wrote there since reads as what both sides agreed on.
    """
    e = entries.c
    mine = [e.case_id == link.case_id, e.partner == link.partner, e.kind.in_((*TOOK_IN, WROTE))]
    values: dict[str, Any] = {path: value for path, value in link.synced.items() if value is not None}
    for row in connection.execute(sa.select(entries).where(*mine).order_by(e.seq)).mappings():
        if row["kind"] == WROTE:
            values.update({path: link.synced[path] for path in json.loads(row["fields"]) if path in link.synced})
        elif row["native_id"] == link.native_id and row["body"] is not None:
            values.update(decode(keyring.open(row["subject"], row["body"])))
    return values


def _opened(row: Row, keyring: Keyring) -> Link | None:
    try:
        return link_state(row, keyring)
    except KeyLost:
        return None


def _recorded(row: Row, keyring: Keyring) -> Record | None:
    """The record that a `parked` entry keeps."""
    try:
        body: Mapping[str, Any] = decode(keyring.open(row["subject"], row["body"]))["record"]
    except KeyLost:
        return None
    return Record(row["partner"], row["native_id"], row["native_version"] or "", body, row["reported_at"])
