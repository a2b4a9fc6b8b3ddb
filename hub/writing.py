"""What one ledger transaction can do: append entries, keep cases and links, owe and claim and settle deliveries.

Entries gather in memory and are written, numbered and sealed into the chain at the end; nothing here talks to a
partner. Reads inside a transaction are here too, so that what is decided is decided on what is written.
Next: `exchange.py` and `delivering.py`, who call this; `lanes.py` for deliveries and intents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any

import sqlalchemy as sa

from hub.codec import decode, encode
from hub.entries import Entry, EntryKind
from hub.keys import Keyring
from hub.sealing import START, link_digest
from hub.state import CaseState, Link, kept_parts
from hub.tables import UNLINKED, cases, chain, entries, links, parked, partners

Row = sa.RowMapping

# The statements of every record: made once, so that SQLAlchemy need not make and compare them again.
NEWEST_ENTRY = sa.select(sa.func.max(entries.c.seq))
NEWEST_LINK = sa.select(chain.c.tx, chain.c.last_seq, chain.c.digest).order_by(chain.c.tx.desc()).limit(1)
ONE_CASE = sa.select(cases).where(cases.c.id == sa.bindparam("case_id"))
ONE_LINK = sa.select(links).where(links.c.partner == sa.bindparam("at"), links.c.native_id == sa.bindparam("native"))
LINKS_OF = (
    sa.select(links)
    .where(links.c.case_id == sa.bindparam("case_id"), links.c.state.not_in(UNLINKED))
    .order_by(links.c.partner)
)
WELL: Mapping[str, Any] = {"error": "", "failed_in": "", "failures": 0, "open_until": None}
"""A partner's row once what had failed works."""
WORKS_AGAIN = (
    sa.update(partners)
    .where(
        partners.c.name == sa.bindparam("partner"),
        partners.c.failed_in.in_((sa.bindparam("verb"), "")),
        partners.c.error != "",
    )
    .values(WELL)
)
CURSOR_OF = sa.select(partners.c.cursor).where(partners.c.name == sa.bindparam("partner"))


class Transaction:
    """One open transaction of the ledger. `now` is its one time."""

    def __init__(self, connection: sa.Connection, keyring: Keyring, now: datetime, code_version: str) -> None:
        self.connection, self.keyring, self.now, self._code = connection, keyring, now, code_version
        self._rows: list[dict[str, Any]] = []
        self.sealed = 0
        """seq of the newest entry that this transaction wrote, once it is sealed; 0 where it wrote none."""

    @cached_property
    def _before(self) -> tuple[int, int, str]:
        """(tx, last seq, digest) of the chain's newest link; the ledger has one writer, so it stays that."""
        newest = self.connection.execute(NEWEST_LINK).one_or_none()
        return (newest[0], newest[1], newest[2]) if newest else (0, 0, START)

    @property
    def newest(self) -> int:
        """seq of the newest entry, those gathered here included."""
        return self._before[1] + len(self._rows)

    # entries

    def append(
        self,
        kind: EntryKind,
        case: CaseState | str,
        partner: str,
        *,
        native_id: str | None = None,
        native_version: str | None = None,
        business_at: datetime | None = None,
        reported_at: datetime | None = None,
        fields: Sequence[str] = (),
        detail: Mapping[str, Any] | None = None,
        mapping_hash: str = "",
        body: Any = None,
        subject: str | None = None,
    ) -> None:
        """Add an entry. body is sealed under the case's subject (or `subject`, where there is no case yet)."""
        state = case if isinstance(case, CaseState) else None
        owner = subject or (state.subject if state else None)
        plain = None if body is None else encode(body)
        self._rows.append(
            {
                "seq": self.newest + 1,
                "tx": self._before[0] + 1,
                "case_id": state.id if state else str(case),
                "kind": kind,
                "partner": partner,
                "native_id": native_id,
                "native_version": native_version,
                "business_at": business_at,
                "reported_at": reported_at,
                "observed_at": self.now,
                "status": state.status if state else None,
                "holder": state.holder if state else None,
                "accountable": state.accountable if state else None,
                "contact_point": state.contact_point if state else None,
                "fields": json.dumps(list(fields)),
                "detail": encode(dict(detail or {})).decode(),
                "history": bool(state and state.history),
                "test": bool(state and state.test),
                "mapping_hash": mapping_hash,
                "code_version": self._code,
                "subject": owner if plain is not None else None,
                "body": None if plain is None or owner is None else self.keyring.seal(owner, plain),
                "body_digest": None if plain is None else self.keyring.digest(plain),
            }
        )

    def seal(self) -> None:
        """Write the gathered entries and the chain's next link. Called once, by the ledger."""
        if not self._rows:
            return
        self.sealed = self.newest
        self.connection.execute(sa.insert(entries), self._rows)
        rows = [{**row, **_as_kept(row)} for row in self._rows]
        self.connection.execute(
            sa.insert(chain).values(
                tx=self._before[0] + 1,
                first_seq=self._rows[0]["seq"],
                last_seq=self._rows[-1]["seq"],
                at=self.now,
                digest=link_digest(self._before[2], rows),
            )
        )

    # cases and links

    def case(self, case_id: str) -> CaseState | None:
        """The case's present state."""
        row = self.connection.execute(ONE_CASE, {"case_id": case_id}).mappings().one_or_none()
        return None if row is None else case_state(row, self.keyring)

    def keep_case(self, state: CaseState) -> None:
        """Write the case's present state."""
        _upsert(
            self.connection,
            cases,
            {"id": state.id},
            {
                "version": state.version,
                "status": state.status,
                "holder": state.holder,
                "accountable": state.accountable,
                "contact_point": state.contact_point,
                "origin": state.origin,
                "opened_at": state.opened_at,
                "updated_at": state.updated_at,
                "history": state.history,
                "test": state.test,
                "subject": state.subject,
                "body": self.keyring.seal(state.subject, encode(state.to_kept())),
            },
        )

    def link(self, partner: str, native_id: str) -> Link | None:
        """The link of this partner's record."""
        row = self.connection.execute(ONE_LINK, {"at": partner, "native": native_id}).mappings().one_or_none()
        return None if row is None else link_state(row, self.keyring)

    def links_of(self, case_id: str) -> dict[str, Link]:
        """partner -> its link to this case, parked clones left out."""
        rows = self.connection.execute(LINKS_OF, {"case_id": case_id}).mappings()
        found = [link_state(row, self.keyring) for row in rows]
        return {link.partner: link for link in found}

    def keep_link(self, link: Link, subject: str | None) -> None:
        """Write a link. subject None: nothing of the record is kept but its version and digest."""
        _upsert(
            self.connection,
            links,
            {"partner": link.partner, "native_id": link.native_id},
            {
                "case_id": link.case_id,
                "number": link.number,
                "state": link.state,
                "edge": link.edge,
                "version": link.version,
                "digest": link.digest,
                "synced_at": link.synced_at,
                "subject": subject,
                "body": None if subject is None else self.keyring.seal(subject, encode(link.to_kept())),
            },
        )

    def was_read_whole(self, partner: str) -> bool:
        """Whether a pull of this partner ever came to its end."""
        query = sa.select(partners.c.read_whole_at).where(partners.c.name == partner)
        return self.connection.execute(query).scalar() is not None

    # what waits for a person, and how each partner goes

    def park(
        self, subject: str, partner: str, *, case_id: str | None, native_id: str | None, code: str, place: str, why: str
    ) -> None:
        """Put something before a person; what stood there for the same record and subject is replaced."""
        self.unpark(subject, partner, native_id=native_id, case_id=case_id)
        self.connection.execute(
            sa.insert(parked).values(
                partner=partner, case_id=case_id, native_id=native_id, subject=subject, code=code, place=place,
                message=why, since=self.now,
            )
        )  # fmt: skip

    def unpark(self, subject: str, partner: str, *, native_id: str | None, case_id: str | None) -> int:
        """Take it away again; how many stood there."""
        same = [parked.c.ended_at.is_(None), parked.c.subject == subject, parked.c.partner == partner]
        same.append(parked.c.native_id == native_id if native_id is not None else parked.c.case_id == case_id)
        return self.connection.execute(sa.update(parked).where(*same).values(ended_at=self.now)).rowcount

    def note_partner(self, partner: str, **changed: Any) -> None:
        """Keep some of cursor, pulled_at, pushed_at, failed_at, error, failed_in (pull or push), and the breaker's."""
        _upsert(self.connection, partners, {"name": partner}, changed)

    def note_success(self, partner: str, verb: str) -> None:
        """What failed in this verb works again; a failure of the other one stands until that works."""
        self.connection.execute(WORKS_AGAIN, {"partner": partner, "verb": verb})


def _as_kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """The times of a row as they read back: in UTC."""
    moments = ("business_at", "reported_at", "observed_at")
    return {name: None if row[name] is None else row[name].astimezone(UTC) for name in moments}


def _upsert(connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Update the row with this key, or insert it: the ledger has one writer at a time, so nothing comes between."""
    found = {f"key_{name}": value for name, value in key.items()}
    if connection.execute(_updating(table, tuple(key), tuple(values)), {**found, **values}).rowcount == 0:
        connection.execute(sa.insert(table), {**key, **values})


@lru_cache(maxsize=64)
def _updating(table: sa.Table, key: tuple[str, ...], columns: tuple[str, ...]) -> sa.Update:
    same = [table.c[name] == sa.bindparam(f"key_{name}") for name in key]
    return sa.update(table).where(*same).values({name: sa.bindparam(name) for name in columns})


def case_state(row: Row, keyring: Keyring) -> CaseState:
    """A row of `cases`, opened."""
    kept = decode(keyring.open(row["subject"], row["body"]))
    plain = ("id", "origin", "subject", "version", "accountable", "contact_point", "opened_at", "updated_at", "history")
    return CaseState(**{name: row[name] for name in plain}, **kept_parts(kept))


def link_state(row: Row, keyring: Keyring) -> Link:
    """A row of `links`, opened."""
    plain = ("partner", "native_id", "case_id", "version", "digest", "number", "state", "edge", "synced_at")
    kept = {} if row["body"] is None else decode(keyring.open(row["subject"], row["body"]))
    return Link(**{name: row[name] for name in plain}, **kept)


def as_entry(row: Row) -> Entry:
    """A row of `entries`, envelope only."""
    names = (
        "seq", "tx", "case_id", "kind", "partner", "observed_at", "business_at", "reported_at", "native_id",
        "native_version", "status", "holder", "accountable", "contact_point", "history", "test", "mapping_hash",
        "code_version",
    )  # fmt: skip
    return Entry(
        **{name: row[name] for name in names}, fields=tuple(json.loads(row["fields"])), detail=decode(row["detail"])
    )
