"""Partners' own change histories: what came and went between two polls becomes entries, each change once.

A record that is news is read with its history (`with_history`), outside any transaction. What is told of it and not
known yet stands in the ledger before the record's own entry, with the partner's time as business time. It is never
applied: the record says how the case stands, its past only what came before. The same lens reads both; a field that is
not mapped, or not shared, is dropped here. A word that the mapping does not know is kept as an entry that says so: the
record itself is understood, so nothing has to wait, and nobody could correct the past.

Of each path the changes are taken up to the last that says what the record says; what came after the record was read
waits for its next reading. What our own login wrote is known and is no entry. Next: `folding.py`, `facts.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Connector, HistoryLine, Record
from hub.alliance import Alliance
from hub.codec import encode
from hub.first_contact import is_before
from hub.ledger import Ledger
from hub.partners import Partner
from hub.state import LOG, CaseState, Link
from hub.statements import Statement
from hub.tables import journal
from hub.writing import Transaction
from mappings.errors import Unfit
from mappings.lens import Reading
from mappings.lens_past import PastChange

SYSTEMS_OWN = frozenset({"id", "externalIdentifier", "creationDate", "lastUpdate", "statusChangeDate", "test"})
"""Paths whose changes say nothing: the system sets them, or another change says the same."""
KNOWN = Statement(
    sa.select(journal.c.change).where(
        journal.c.partner == sa.bindparam("at"), journal.c.native_id == sa.bindparam("native")
    )
)
NEW = Statement(sa.insert(journal), tuple(journal.c.keys()))


@dataclass(frozen=True, slots=True)
class Past:
    """One change that was not known, ready to be an entry. before, after: status and holder, where it moved them."""

    line: HistoryLine
    fields: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    detail: Mapping[str, Any]
    body: Mapping[str, Any]


def with_history(
    ledger: Ledger,
    alliance: Alliance,
    connector: Connector,
    records: Sequence[Record],
    clock: Callable[[], datetime],
    *,
    late: bool = False,
) -> list[Record]:
    """These records of one partner, those that are news with their history. late: also those that are known and whose
    history was not read yet, such as what we wrote ourselves. Raises as the connector does."""
    if not connector.system.abilities.change_history or not records:
        return list(records)
    partner = alliance.partners[connector.system.name]
    with ledger.look(clock()) as tx:
        tx.standing.foresee_links(partner.name, [record.native_id for record in records])
        wanted = {record.native_id for record in records if _is_wanted(tx, partner, record, late=late)}
    told = connector.histories(sorted(wanted)) if wanted else {}
    return [
        replace(record, history=tuple(told.get(record.native_id, ()))) if record.native_id in wanted else record
        for record in records
    ]


def _is_wanted(tx: Transaction, partner: Partner, record: Record, *, late: bool) -> bool:
    if record.gone or record.history is not None or _is_imported(partner, record):
        return False
    link = tx.link(partner.name, record.native_id)
    if link is None:
        return not is_before(partner, record, None)
    digest = tx.keyring.digest(encode(record.body))
    is_known = link.digest == digest and link.version == record.version
    return link.past != digest and (late or not is_known) and not (link.case_id is None and is_known)


def _is_imported(partner: Partner, record: Record) -> bool:
    """Its history tells when it was imported, not what happened."""
    try:
        return "channel" in partner.lens.paths and partner.lens.look("channel", record.body) == LOG
    except Unfit:
        return False


def read_late(tx: Transaction, alliance: Alliance, record: Record, link: Link, digest: str) -> None:
    """Keep the history of a record that is known already."""
    state = tx.case(link.case_id) if link.case_id is not None else None
    if record.history is None or link.past == digest or state is None or link.unread:
        return
    lens = alliance.partners[record.partner].lens
    keep(tx, state, record, unknown(tx, alliance, state, record, lens.to_case(record.body)), lens.hash)
    tx.keep_link(replace(link, past=digest), state.subject)


def unknown(
    tx: Transaction, alliance: Alliance, state: CaseState, record: Record, reading: Reading
) -> tuple[Past, ...]:
    """What the record's history tells and the ledger does not know yet, oldest first; it is known from now on.
    state: the case with the record folded in."""
    if not record.history or state.history:
        return ()
    of = {"at": record.partner, "native": record.native_id}
    known = {row["change"] for row in KNOWN.rows(tx.session, of)}
    lens = alliance.partners[record.partner].lens
    edge = state.edges.get(record.partner, "")
    sharing = alliance.agreement.sharing_of(record.partner, state.contact_point, edge)
    told = [
        (line, tuple(one for one in lens.past(line.field, line.old, line.new, record.body) if _counts(one.path)))
        for line in record.history
        if line.line_id not in known
    ]
    told = [(line, changes) for line, changes in told if changes]
    left = _newer(told, lambda path, value: lens.same(path, value, reading.values.get(path)))
    taken = [(line, changes) for line, changes in told if line.line_id not in left]
    NEW.run_each(tx.session, [
        {"partner": record.partner, "native_id": record.native_id, "change": line.line_id} for line, _ in taken
    ])  # fmt: skip
    shared = (
        (line, tuple(one for one in changes if one.path == "holder" or sharing.allows(one.path)))
        for line, changes in taken
        if not line.ours
    )
    moved = _Moved(alliance, state, reading)
    return tuple(moved.past(line, changes) for line, changes in shared if changes)


def keep(tx: Transaction, state: CaseState, record: Record, past: Sequence[Past], mapping_hash: str) -> None:
    """The entries of these changes."""
    for one in past:
        tx.append(
            "journaled",
            state,
            record.partner,
            native_id=record.native_id,
            native_version=record.version,
            business_at=one.line.changed_at,
            reported_at=one.line.changed_at,
            fields=one.fields,
            detail=one.detail,
            mapping_hash=mapping_hash,
            body=one.body,
            stood={"status": one.after.get("status"), "holder": one.after.get("holder"), "accountable": None},
        )


def _counts(path: str) -> bool:
    return path not in SYSTEMS_OWN


def _newer(
    told: Sequence[tuple[HistoryLine, tuple[PastChange, ...]]], agrees: Callable[[str, Any], bool]
) -> frozenset[str]:
    """Ids of the lines that tell of what came after the record was read: behind the last that says what it says. Where
    none does, the history has words of its own, and all are taken."""
    by_path: dict[str, list[tuple[str, PastChange]]] = {}
    for line, changes in told:
        for one in changes:
            by_path.setdefault(one.path, []).append((line.line_id, one))
    left: set[str] = set()
    for path, steps in by_path.items():
        first = steps[0][1]
        stands = [(first.unread, first.before), *((one.unread, one.after) for _, one in steps)]
        agreeing = [n for n, (unread, value) in enumerate(stands) if unread is None and agrees(path, value)]
        if agreeing:
            left |= {line_id for line_id, _ in steps[agreeing[-1] :]}
    return frozenset(left)


class _Moved:
    """What changes of one record's past say of the case: where the record's word stands, so did its past ones."""

    def __init__(self, alliance: Alliance, state: CaseState, reading: Reading) -> None:
        self._edge, self._state = alliance.agreement.edge, state
        said = reading.values
        self._stands = {
            "status": self._status(said.get("status")) == state.status,
            "holder": said.get("holder") == state.holder,
        }

    def past(self, line: HistoryLine, changes: Sequence[PastChange]) -> Past:
        """One line as it becomes an entry."""
        before, after = dict[str, Any](), dict[str, Any]()
        body: dict[str, Any] = {"by": line.author, "field": line.field}
        detail: dict[str, Any] = {"change": line.line_id}
        for one in changes:
            if one.unread is not None:
                detail["unread"] = one.unread.code
                body |= {"old": line.old, "new": line.new}
                continue
            body[one.path] = {"old": one.before, "new": one.after}
            if one.path in self._stands:
                was, is_now = self._meant(one.path, one.before), self._meant(one.path, one.after)
                detail[one.path] = {"before": was, "after": is_now}
                if self._stands[one.path] and self._may(one.path, was, is_now):
                    before[one.path], after[one.path] = was, is_now
        return Past(line, tuple(one.path for one in changes), before, after, detail, body)

    def _meant(self, path: str, value: Any) -> Any:
        return self._status(value) if path == "status" else value

    def _status(self, value: Any) -> Any:
        """Their "closed" is a request, unless the case is."""
        return "resolved" if value == "closed" and self._state.status != "closed" else value

    def _may(self, path: str, before: Any, after: Any) -> bool:
        """Whether the case can have been so: held by whom no edge leads to, it never was."""
        if path == "status":
            return after is not None
        ways = ((before, after), (after, before))
        return before != after and any(a and b and self._edge(a, b, self._state.values) for a, b in ways)


def first_stood(past: Sequence[Past]) -> Iterator[tuple[str, Any]]:
    """Status and holder before the first of these changes that moved them."""
    for path in ("status", "holder"):
        found = next((one.before[path] for one in past if one.before.get(path) is not None), None)
        if found is not None:
            yield path, found
