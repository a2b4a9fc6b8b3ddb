"""What one ledger transaction can do: append entries, keep cases and links, put things before a person.

Entries gather in memory and are written, numbered and sealed into the chain at the end; nothing here talks to a
partner. Reads inside a transaction are here too, so that what is decided is decided on what is written.
Next: `standing.py` (cases and links), `lanes.py` and `intents.py` (what is owed, what is on its way), `exchange.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa

from hub.codec import encode
from hub.entries import EntryKind
from hub.keys import Keyring
from hub.sealing import START, link_digest
from hub.standing import Standing
from hub.state import CaseState, Link
from hub.statements import Session, Statement, upserting
from hub.tables import chain, entries, parked, partners, pauses

NEWEST_ENTRY = Statement(sa.select(sa.func.max(entries.c.seq)))
NEWEST_LINK = Statement(sa.select(chain.c.tx, chain.c.last_seq, chain.c.digest).order_by(chain.c.tx.desc()).limit(1))
NEW_ENTRY = Statement(sa.insert(entries), tuple(entries.c.keys()))
NEW_LINK = Statement(sa.insert(chain), tuple(chain.c.keys()))
WELL: Mapping[str, Any] = {"error": "", "failed_in": "", "failures": 0, "open_until": None}
"""A partner's row once what had failed works."""
WORKS_AGAIN = Statement(
    sa.update(partners)
    .where(
        partners.c.name == sa.bindparam("partner"),
        partners.c.failed_in.in_((sa.bindparam("verb"), sa.literal(""))),
        partners.c.error != "",
    )
    .values(WELL)
)
CURSOR_OF = Statement(sa.select(partners.c.cursor).where(partners.c.name == sa.bindparam("partner")))
NEW_PARKED = Statement(
    sa.insert(parked).inline(),
    ("partner", "case_id", "native_id", "subject", "code", "place", "message", "since"),
)
WHO_LEFT = Statement(sa.select(pauses.c.name).where(pauses.c.scope == sa.literal("left")))
ANY_PARKED = Statement(
    sa.select(parked.c.id).where(parked.c.ended_at.is_(None), parked.c.partner == sa.bindparam("at")).limit(1)
)
_same = [parked.c.ended_at.is_(None), parked.c.subject == sa.bindparam("about"), parked.c.partner == sa.bindparam("at")]
_ended = {"ended_at": sa.bindparam("now", type_=parked.c.ended_at.type)}
UNPARK_RECORD = Statement(sa.update(parked).where(*_same, parked.c.native_id == sa.bindparam("native")).values(_ended))
UNPARK_PLACE = Statement(
    sa.update(parked)
    .where(*_same, parked.c.native_id == sa.bindparam("native"), parked.c.place == sa.bindparam("at_place"))
    .values(_ended)
)
WAITING_OF = Statement(
    sa.select(parked.c.partner, parked.c.subject, parked.c.code, parked.c.place)
    .where(parked.c.ended_at.is_(None), parked.c.case_id == sa.bindparam("of_case"))
    .order_by(parked.c.id)
)
UNPARK_CASE = Statement(
    sa.update(parked)
    .where(*_same, parked.c.native_id.is_(None), parked.c.case_id.is_not_distinct_from(sa.bindparam("of_case")))
    .values(_ended)
)


class Waiting(NamedTuple):
    """Something of a case that waits for a person."""

    partner: str
    subject: str
    code: str
    place: str


class Transaction:
    """One open transaction of the ledger. `now` is its one time."""

    def __init__(self, connection: sa.Connection, keyring: Keyring, now: datetime, code_version: str) -> None:
        self.keyring, self.now, self._code = keyring, now, code_version
        self._connection, self.session = connection, Session(connection)
        self.standing = Standing(self.session, keyring)
        self._waiting: dict[str, bool] = {}
        self._rows: list[dict[str, Any]] = []
        self.sealed = 0
        """seq of the newest entry that this transaction wrote, once it is sealed; 0 where it wrote none."""

    @property
    def connection(self) -> sa.Connection:
        """For a query of any kind: it finds all that was kept."""
        self.standing.write()
        self.session.flush()
        return self._connection

    @cached_property
    def _before(self) -> tuple[int, int, str]:
        """(tx, last seq, digest) of the chain's newest link; the ledger has one writer, so it stays that."""
        newest = NEWEST_LINK.row(self.session)
        return (newest["tx"], newest["last_seq"], newest["digest"]) if newest else (0, 0, START)

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
        stood: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an entry. body is sealed under the case's subject (or `subject`, where there is no case yet). stood: of
        status, holder and accountable, what they were then, where that is not as the case stands."""
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
            | dict(stood or {})
        )

    def seal(self) -> None:
        """Write what was kept, the gathered entries and the chain's next link. Called once, by the ledger."""
        self.standing.write()
        self.session.flush()
        if not self._rows:
            return
        self.sealed = self.newest
        NEW_ENTRY.run_each(self.session, self._rows)
        rows = [{**row, **_as_kept(row)} for row in self._rows]
        link = {
            "tx": self._before[0] + 1,
            "first_seq": self._rows[0]["seq"],
            "last_seq": self._rows[-1]["seq"],
            "at": self.now,
            "digest": link_digest(self._before[2], rows),
        }
        NEW_LINK.run(self.session, link)

    # cases and links

    def case(self, case_id: str) -> CaseState | None:
        """The case's present state."""
        return self.standing.case(case_id)

    def keep_case(self, state: CaseState) -> None:
        """This is the case's state."""
        self.standing.keep_case(state)

    def link(self, partner: str, native_id: str) -> Link | None:
        """The link of this partner's record."""
        return self.standing.link(partner, native_id)

    def links_of(self, case_id: str) -> dict[str, Link]:
        """partner -> its link to this case, parked clones left out."""
        return self.standing.links_of(case_id)

    def record_at(self, case_id: str, partner: str) -> Link | None:
        """This partner's record of the case; or the one that would open it, and is not understood yet."""
        return self.links_of(case_id).get(partner) or self.standing.untaken(case_id, partner)

    def keep_link(self, link: Link, subject: str | None) -> None:
        """This is the link. subject None: nothing of the record is kept but its version and digest."""
        self.standing.keep_link(link, subject)

    def was_read_whole(self, partner: str) -> bool:
        """Whether a pull of this partner ever came to its end."""
        query = sa.select(partners.c.read_whole_at).where(partners.c.name == partner)
        return self.connection.execute(query).scalar() is not None

    @cached_property
    def left(self) -> frozenset[str]:
        """Partners that left the alliance: no edge leads to them any more, and nothing is owed to them."""
        return frozenset(row["name"] for row in WHO_LEFT.rows(self.session))

    # what waits for a person, and how each partner goes

    def park(
        self,
        subject: str,
        partner: str,
        *,
        case_id: str | None,
        native_id: str | None,
        code: str,
        place: str,
        why: str,
        each_place: bool = False,
    ) -> None:
        """Put something before a person; what stood there for the same record and subject is replaced. each_place: at
        the same place alone, the others stand on."""
        at_place = place if each_place else None
        self.unpark(subject, partner, native_id=native_id, case_id=case_id, place=at_place)
        self._waiting[partner] = True
        told = {"partner": partner, "case_id": case_id, "native_id": native_id, "subject": subject}
        NEW_PARKED.run(self.session, {**told, "code": code, "place": place, "message": why, "since": self.now})

    def unpark(
        self, subject: str, partner: str, *, native_id: str | None, case_id: str | None, place: str | None = None
    ) -> int:
        """Take it away again, of a record, at one place of it, or of a case and no record; how many stood there."""
        if not self._has_parked(partner):
            return 0
        same = {"about": subject, "at": partner, "now": self.now}
        if place is not None:
            return UNPARK_PLACE.run(self.session, {**same, "native": native_id, "at_place": place})
        if native_id is not None:
            return UNPARK_RECORD.run(self.session, {**same, "native": native_id})
        return UNPARK_CASE.run(self.session, {**same, "of_case": case_id})

    def waiting_of(self, case_id: str, among: Sequence[str]) -> list[Waiting]:
        """What of this case waits for a person, oldest first. among: partners that something of it may wait at."""
        if not any(self._has_parked(partner) for partner in among):
            return []
        return [Waiting(**row) for row in WAITING_OF.rows(self.session, {"of_case": case_id})]

    def _has_parked(self, partner: str) -> bool:
        """Whether anything of this partner waits for a person: mostly nothing does, and it need not be looked for."""
        if partner not in self._waiting:
            self._waiting[partner] = ANY_PARKED.row(self.session, {"at": partner}) is not None
        return self._waiting[partner]

    def note_partner(self, partner: str, **changed: Any) -> None:
        """Keep some of cursor, pulled_at, pushed_at, failed_at, error, failed_in (pull or push), and the breaker's."""
        _noting(tuple(changed)).run(self.session, {"name": partner, **changed})

    def note_success(self, partner: str, verb: str) -> None:
        """What failed in this verb works again; a failure of the other one stands until that works."""
        WORKS_AGAIN.run(self.session, {"partner": partner, "verb": verb})


def _as_kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """The times of a row as they read back: in UTC."""
    moments = ("business_at", "reported_at", "observed_at")
    return {name: None if row[name] is None else row[name].astimezone(UTC) for name in moments}


@cache
def _noting(columns: tuple[str, ...]) -> Statement:
    return upserting(partners, ("name",), columns)
