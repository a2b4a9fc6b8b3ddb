"""Cases as they stand in one transaction: each row is read once, opened once, and written once, at the end.

A step takes a page of records or a batch of deliveries in one transaction: `foresee` reads all that stands of their
cases at once, and what is kept waits until something else asks the database, or the transaction ends. What a lane has
open (deliveries, intents) is read with its case and kept in step by `lanes.py` and `intents.py`, who write it.
Next: `writing.py`, through which the others see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hub.codec import decode, encode
from hub.keys import Keyring
from hub.state import CaseState, Link, case_id_of, kept_parts
from hub.statements import Each, Row, Session, among, upserting
from hub.tables import OPEN_DELIVERY, UNLINKED, cases, deliveries, intents, links

Key = tuple[str, str]
"""(partner, native id)."""

_d, _i, _l = deliveries.c, intents.c, links.c
_OPEN = (_d.partner, _d.id, _d.state, _d.version, _d.code)
IS_OPEN = sa.text("state <> 'delivered'")
"""In the words of the index one_open_delivery, which is not used otherwise: every delivery there was would be read."""
CASES = Each(sa.select(cases), cases.c.id)
RECORDS = Each(sa.select(links).where(_l.partner == sa.bindparam("at")), _l.native_id)
LINKS = Each(sa.select(links), _l.case_id)
OPEN = Each(
    sa.select(_d.case_id, *_OPEN).where(among(_d.state, OPEN_DELIVERY), IS_OPEN),
    _d.case_id,
)
SENT = Each(
    sa.select(intents)
    .where(sa.or_(_i.state == "planned", sa.and_(_i.kind == "create", _i.state != "settled")))
    .order_by(_i.planned_at, _i.key),
    _i.case_id,
)
KEEP_CASE = upserting(cases, ("id",), [one.name for one in cases.c if not one.primary_key])
KEEP_LINK = upserting(links, ("partner", "native_id"), [one.name for one in links.c if not one.primary_key])


class Standing:
    """What one transaction has read and kept of cases."""

    def __init__(self, session: Session, keyring: Keyring) -> None:
        self._session, self._keyring = session, keyring
        self._whole: set[str] = set()
        self._cases: dict[str, CaseState | Row | None] = {}
        self._links: dict[Key, Link | Row | None] = {}
        self._of_case: dict[str, dict[Key, None]] = {}
        self._changed_cases: dict[str, CaseState] = {}
        self._changed_links: dict[Key, tuple[Link, str | None]] = {}
        self._open: dict[str, dict[str, dict[str, Any]]] = {}
        self._sent: dict[str, list[Row]] = {}

    def foresee(self, case_ids: Iterable[str]) -> None:
        """Read all that stands of these cases, but for what was read or kept already."""
        wanted = [one for one in dict.fromkeys(case_ids) if one not in self._whole]
        if not wanted:
            return
        self._whole.update(wanted)
        session = self._session
        for row in CASES.rows(session, wanted):
            self._cases.setdefault(row["id"], row)
        for row in LINKS.rows(session, wanted):
            self._place(row)
        for one in wanted:
            self._cases.setdefault(one, None)
            self._open[one], self._sent[one] = {}, []
        for row in OPEN.rows(session, wanted):
            self._open[row["case_id"]][row["partner"]] = row
        for row in SENT.rows(session, wanted):
            self._sent[row["case_id"]].append(row)

    def foresee_all(self, partner: str, native_ids: Sequence[str]) -> None:
        """Read all that stands of these records of one partner and of the cases that they belong to, or would open."""
        self.foresee_links(partner, native_ids)
        links = [self._links[partner, one] for one in native_ids]
        named = [link["case_id"] if isinstance(link, Mapping) else link.case_id if link else None for link in links]
        self.foresee(said or case_id_of(partner, one) for one, said in zip(native_ids, named, strict=True))

    def foresee_links(self, partner: str, native_ids: Sequence[str]) -> None:
        """Read the links of these records of one partner, but for what was read or kept already."""
        wanted = [one for one in dict.fromkeys(native_ids) if (partner, one) not in self._links]
        for row in RECORDS.rows(self._session, wanted, {"at": partner}):
            self._place(row)
        for one in wanted:
            self._links.setdefault((partner, one), None)

    def case(self, case_id: str) -> CaseState | None:
        """The case as it stands."""
        self.foresee((case_id,))
        found = self._cases[case_id]
        if isinstance(found, Mapping):
            found = self._cases[case_id] = case_state(found, self._keyring)
        return found

    def link(self, partner: str, native_id: str) -> Link | None:
        """The link of this record as it stands."""
        key = (partner, native_id)
        if key not in self._links:
            self.foresee_links(partner, (native_id,))
        found = self._links[key]
        if isinstance(found, Mapping):
            found = self._links[key] = link_state(found, self._keyring)
        return found

    def links_of(self, case_id: str) -> dict[str, Link]:
        """partner -> its link to this case, those that are no counterpart left out."""
        self.foresee((case_id,))
        found = [self.link(*key) for key in sorted(self._of_case.get(case_id, ()))]
        return {k.partner: k for k in found if k is not None and k.case_id == case_id and k.state not in UNLINKED}

    def untaken(self, case_id: str, partner: str) -> Link | None:
        """The record of this partner's that would open this case, and is not understood."""
        self.foresee((case_id,))
        found = [self.link(*key) for key in sorted(self._of_case.get(case_id, ())) if key[0] == partner]
        return next((k for k in found if k is not None and k.case_id == case_id and k.is_untaken), None)

    def keep_case(self, state: CaseState) -> None:
        """This is how the case stands."""
        self._cases[state.id] = self._changed_cases[state.id] = state

    def keep_link(self, link: Link, subject: str | None) -> None:
        """This is how the link stands. subject None: nothing of the record is kept but its version and digest."""
        key = (link.partner, link.native_id)
        self._links[key] = link
        self._changed_links[key] = (link, subject)
        if link.case_id is not None:
            self._of_case.setdefault(link.case_id, {})[key] = None

    def open_of(self, case_id: str) -> dict[str, dict[str, Any]]:
        """partner -> id, state, version and code of this case's open delivery to it: to be kept in step with what is
        written."""
        if case_id not in self._open:
            self._open[case_id] = {row["partner"]: row for row in OPEN.rows(self._session, (case_id,))}
        return self._open[case_id]

    def sent_of(self, case_id: str) -> list[Row]:
        """Rows of this case's intents that are on their way, oldest first, and of creates that may have made a
        record."""
        if case_id not in self._sent:
            self._sent[case_id] = [*SENT.rows(self._session, (case_id,))]
        return self._sent[case_id]

    def forget_open(self, case_id: str) -> None:
        """What is open of this case was written: it is read again when it is asked for."""
        self._open.pop(case_id, None)

    def forget_sent(self, case_id: str) -> None:
        """Intents of this case were written: they are read again when they are asked for."""
        self._sent.pop(case_id, None)

    def end_sent(self, case_id: str, key: str, state: str) -> None:
        """An intent of this case is no longer on its way."""
        rows = self._sent.get(case_id, [])
        rows[:] = [
            {**row, "state": state} if row["key"] == key else row
            for row in rows
            if row["key"] != key or (row["kind"] == "create" and state != "settled")
        ]

    def write(self) -> None:
        """Have what was kept written, links that are no counterpart first: a case has one at each partner."""
        for state in self._changed_cases.values():
            self._session.later(KEEP_CASE, self._case_row(state), touches=state.id)
        for link, subject in sorted(self._changed_links.values(), key=_is_counterpart):
            self._session.later(KEEP_LINK, self._link_row(link, subject), touches=(link.partner, link.native_id))
        self._changed_cases.clear()
        self._changed_links.clear()

    def _place(self, row: Row) -> None:
        key = (row["partner"], row["native_id"])
        self._links.setdefault(key, row)
        if row["case_id"] is not None:
            self._of_case.setdefault(row["case_id"], {})[key] = None

    def _case_row(self, state: CaseState) -> Row:
        plain = (
            "id", "version", "status", "holder", "accountable", "contact_point", "origin", "opened_at", "updated_at",
            "history", "test", "subject",
        )  # fmt: skip
        body = self._keyring.seal(state.subject, encode(state.to_kept()))
        return {**{name: getattr(state, name) for name in plain}, "body": body}

    def _link_row(self, link: Link, subject: str | None) -> Row:
        body = None if subject is None else self._keyring.seal(subject, encode(link.to_kept()))
        return {**{name: getattr(link, name) for name in LINK}, "subject": subject, "body": body}


LINK = ("partner", "native_id", "case_id", "version", "digest", "number", "state", "edge", "synced_at")
"""What of a link is not sealed."""


def _is_counterpart(kept: tuple[Link, str | None]) -> bool:
    return kept[0].case_id is not None and kept[0].state not in UNLINKED


def case_state(row: Row, keyring: Keyring) -> CaseState:
    """A row of `cases`, opened."""
    kept = decode(keyring.open(row["subject"], row["body"]))
    plain = ("id", "origin", "subject", "version", "accountable", "contact_point", "opened_at", "updated_at", "history")
    return CaseState(**{name: row[name] for name in plain}, **kept_parts(kept), secret=secret_of(row["id"], keyring))


def secret_of(case_id: str, keyring: Keyring) -> str:
    """What a case's pseudonyms are made of: always the same, and told to nobody."""
    return keyring.digest(f"pseudonyms of {case_id}".encode())


def link_state(row: Row, keyring: Keyring) -> Link:
    """A row of `links`, opened."""
    kept = {} if row["body"] is None else decode(keyring.open(row["subject"], row["body"]))
    return Link(**{name: row[name] for name in LINK}, **kept)
