"""The steps of forgetting a person: the ledger first, then files and keys, then each company that had it is asked.

Each step can be killed and is gone on with by the next call: what is to be done stands in the ledger before it begins.
A company is asked through its connector where system.yaml says `erasure: blank`; else, where the case began, and for
notes and files of ours, one of its people is asked, and the receipt is his word.
Next: `erasure.py`, `retention.py`, `erase_cli.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors import paths
from connectors.base import Change, Connector, Record
from connectors.errors import ConnectorError
from hub import tables
from hub.acting import By, CannotDo
from hub.erasure import Asked, Found, asked, forget, moved
from hub.exchange import Exchange
from hub.partners import Partner
from hub.state import HUB
from hub.writing import Transaction
from mappings.case import PICKLISTS, TIMES

SUBJECT = "erasure"
CODE = "X530"
BLANK = "(erased)"
"""What stands in a field that may not be empty: a record's name, and what the mapping requires."""
PLAIN_WORDS = ("parked", "deliveries", "links", "counterparts", "subject_keys")
"""Tables of the ledger and of the keys in which something stood unsealed."""
PERSONAL = ("name", "description", "statusChangeReason", "preference", "feedback.text")


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one thing that was asked. state: done, waiting for a person, or planned: asked again later."""

    partner: str
    number: str
    state: str
    told: str


def begin(exchange: Exchange, found: Found, act: By, *, ask: bool = True) -> None:
    """Remove what is kept here; kept in the ledger before anybody is asked."""
    with exchange.ledger.transaction(exchange.clock()) as tx:
        forget(tx, found, act, ask=ask)
    go_on_here(exchange)


def go_on_here(exchange: Exchange) -> int:
    """Remove bytes of files and destroy keys, where that is still to be done; of how many cases."""
    ledger = exchange.ledger
    with ledger.look(exchange.clock()) as tx:
        rows = [row for row in asked(tx, "planned") if row.partner == HUB]
        names = [name for row in rows for name in _spooled(tx, row.case_id)]
        records = [f"record:{at.partner}:{at.native_id}" for row in rows for at in _records(tx, row.case_id)]
    for name in names:
        if ledger.spool is not None and name:
            ledger.spool.drop(name)
    for subject in {*records, *(row.subject for row in rows)}:
        ledger.keyring.forget(subject)
    if not rows:
        return 0
    for engine in (ledger.engine, ledger.keyring.engine):
        _scrub(engine)
    with ledger.transaction(exchange.clock()) as tx:
        for row in rows:
            tx.connection.execute(sa.delete(tables.files).where(tables.files.c.case_id == row.case_id))
            moved(tx, row, "done", "removed")
    return len(rows)


def _spooled(tx: Transaction, case_id: str) -> list[str]:
    query = sa.select(tables.files.c.spool).where(tables.files.c.case_id == case_id)
    return [*tx.connection.execute(query).scalars()]


def _records(tx: Transaction, case_id: str) -> Iterator[Any]:
    """Records that the case's entries name: what was parked before there was a case lies under a key of the record."""
    e = tables.entries.c
    query = sa.select(e.partner, e.native_id).where(e.case_id == case_id, e.native_id.is_not(None)).distinct()
    yield from tx.connection.execute(query)


def _scrub(engine: sa.Engine) -> None:
    """What was removed or written over stays in no file of the database: the tables that had plain words are written
    anew. What PostgreSQL keeps in its log of writes goes with that log."""
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        if engine.dialect.name == "postgresql":
            raw.autocommit = True
            there = set(sa.inspect(engine).get_table_names())
            named = [name for name in PLAIN_WORDS if name in there]
            raw.execute(f"VACUUM (FULL) {', '.join(named)}")
            raw.autocommit = False
        else:
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def ask_all(exchange: Exchange) -> list[Step]:
    """Ask each company that was not asked yet. One that cannot be reached is asked again by the next call."""
    with exchange.ledger.look(exchange.clock()) as tx:
        rows = [row for row in asked(tx, "planned") if row.partner != HUB]
    return [_ask(exchange, row) for row in rows]


def _ask(exchange: Exchange, row: Asked) -> Step:
    partner = exchange.alliance.partners.get(row.partner)
    why = f"no partner {row.partner} is declared any more"
    if partner is not None:
        if partner.system.erasure == "person" or _began_there(exchange, row) or _has_left(exchange, row):
            return _to_a_person(exchange, row)
        why = exchange.held(row.partner, "push")
        if not why:
            try:
                with exchange.speaking(row.partner, "push") as connector:
                    return _blank(exchange, row, partner, connector)
            except ConnectorError as error:
                if not error.concerns_partner:
                    return _to_a_person(exchange, row, error.code)
                why = error.text()
    return Step(row.partner, row.number, "planned", f"asked again later: {why}")


def _began_there(exchange: Exchange, row: Asked) -> bool:
    """Whether the record is the company's own: the hub empties only what it wrote itself."""
    e = tables.entries.c
    query = sa.select(e.partner).where(e.case_id == row.case_id, e.kind == "opened")
    with exchange.ledger.connected() as connection:
        return row.partner in connection.execute(query).scalars().all()


def _has_left(exchange: Exchange, row: Asked) -> bool:
    """Whether the company is spoken to no more, so that one of its people is asked."""
    with exchange.ledger.look(exchange.clock()) as tx:
        return row.partner in tx.left


def _blank(exchange: Exchange, row: Asked, partner: Partner, connector: Connector) -> Step:
    records = connector.fetch([row.native_id]) if row.native_id else connector.find(row.case_id)
    there = [record for record in records if not record.gone]
    for record in there:
        change = _blanking(partner, row, record)
        for receipt in connector.push([change]) if change.body else ():
            if receipt.error is not None:
                raise receipt.error
    if row.stands and there:
        return _to_a_person(exchange, row)
    how = "blanked" if there else "gone"
    with exchange.ledger.transaction(exchange.clock()) as tx:
        moved(tx, row, "done", how)
    return Step(row.partner, row.number, "done", how)


def _blanking(partner: Partner, row: Asked, record: Record) -> Change:
    """What empties the fields that we wrote: the person's, and free texts."""
    lens, base = partner.lens, partner.lens.trim(record.body)
    body: dict[str, Any] = {}
    for rule in lens.rules:
        personal = rule.path in PERSONAL or rule.path.startswith(("relatedParty.customer.", "characteristic."))
        if not personal or rule.read_only or rule.path in PICKLISTS or rule.path in TIMES:
            continue
        word = BLANK if rule.required or rule.path == "name" else None
        body = lens.apply(body, lens.to_partner({rule.path: word}, base))
    told = partner.system.told
    if told is not None and told.field is not None and paths.get(record.body, told.field):
        paths.put(body, told.field, None)
    key = f"{row.case_id}/{row.partner}/erase/{record.native_id}"
    return Change(key, "update", row.case_id, body, row.case_id, record.native_id, base_version=record.version)


def _to_a_person(exchange: Exchange, row: Asked, code: str = "") -> Step:
    """One of its people has to do it, and to say so."""
    what = f"what stands in it by the hub's hand ({row.stands})" if row.stands else "what it has of it"
    called = row.number or row.native_id or f"with the hub id {row.case_id}"
    refused = f" The hub was refused ({code})." if code else ""
    why = (
        f"a person asked to be forgotten. {exchange.alliance.title(row.partner)} deletes or empties record {called}: "
        f'{what}.{refused} Then: casebridge erase --confirm {row.partner} --case {row.case_id} --why "..."'
    )
    with exchange.ledger.transaction(exchange.clock()) as tx:
        tx.park(SUBJECT, row.partner, case_id=row.case_id, native_id=row.native_id or None, code=CODE, place="record",
                why=why)  # fmt: skip
        moved(tx, row, "waiting")
    return Step(row.partner, called, "waiting", why)


def confirm(exchange: Exchange, partner: str, case_id: str, act: By) -> int:
    """This company's people say that it is done; how many records. Raises CannotDo X532 where none waits."""
    with exchange.ledger.transaction(exchange.clock()) as tx:
        rows = [row for row in asked(tx, "waiting", case_id=case_id) if row.partner == partner]
        for row in rows:
            tx.unpark(SUBJECT, partner, native_id=row.native_id or None, case_id=row.case_id)
            moved(tx, row, "done", "confirmed", act)
    if not rows:
        known = "casebridge erase --pending shows what waits for whom."
        raise CannotDo("X532", f"nothing of case {case_id} waits for {partner} to be erased.", fix=known)
    return len(rows)
