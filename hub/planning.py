"""What one claim lacks now, as changes that are written down before they are sent.

Of a case and its counterpart as they stand in the ledger: a create, or the least patch and the notes that are missing
there. What has no words over there waits for a person. Runs inside one ledger transaction and talks to nobody.
Next: `route.py` (what a partner may have), `delivering.py`, which sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from connectors.base import Change, Receipt, Record
from connectors.errors import ConnectorError, Stale
from connectors.files import Content
from hub import adopting, files, intents, lanes, route, telling, telling_changes
from hub.alliance import Alliance
from hub.keys import KeyLost
from hub.lacking import Ready, lacking
from hub.lanes import Claim
from hub.noting import Lacks, in_words
from hub.parking import misfit
from hub.settling import Outcome
from hub.spool import Lost, Spool
from hub.state import CaseState, Link, file_ref, record_subject
from hub.writing import Transaction
from mappings.errors import MappingError


@dataclass(slots=True)
class Batch:
    """One batch on its way. changes: key -> the change and whose it is. steps: deliveries of which only a status step
    between goes out now. told: what its agents are told. answers: receipts as they come; receipts: those that came.
    stands: native id -> the record as read back. failed: what concerns the whole partner. until: when its leases run
    out. leased: when they began, by the clock that nobody sets. asked_from: the ledger's newest entry before anything
    was sent. full: more may be due. longest: what its largest file may take, beyond any other call."""

    claims: list[Claim]
    until: datetime
    leased: float
    asked_from: int = 0
    full: bool = False
    longest: timedelta = timedelta()
    answers: Iterator[Receipt] = field(default_factory=lambda: iter(()))
    receipts: dict[str, Receipt] = field(default_factory=dict)
    stands: dict[str, Record] = field(default_factory=dict)
    changes: dict[str, tuple[Change, Claim]] = field(default_factory=dict)
    values: dict[int, dict[str, object]] = field(default_factory=dict)
    paths: dict[int, tuple[str, ...]] = field(default_factory=dict)
    steps: set[int] = field(default_factory=set)
    told: dict[int, telling_changes.Sent] = field(default_factory=dict)
    owed: set[str] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    failed: ConnectorError | None = None


def plan(
    tx: Transaction,
    alliance: Alliance,
    name: str,
    batch: Batch,
    claimed: Claim,
    due: Callable[[Claim, ConnectorError | None], datetime],
) -> None:
    """Reckon what one claim lacks now, and write it down before it is sent. due: when to try again."""
    state, links = tx.case(claimed.case_id), tx.links_of(claimed.case_id)
    link = links.get(name)
    if state is None or not _has_a_place(state, name, links):
        untaken = tx.standing.untaken(claimed.case_id, name) if state is None else None
        _tell_untaken(tx, alliance, batch, claimed, untaken)
        return
    tell = None if link is not None and link.version == "" else telling.telling(tx, alliance, name, state, links)
    if link is not None and (link.unread or link.version == ""):
        # their people's word stands there and nobody has understood it yet, or another record was merged into it
        if not _tell_alone(tx, alliance, batch, claimed, state, link, tell):
            waits = "their record says something that is not understood" if link.unread else "not read yet"
            lanes.settle(tx, claimed, "owed", due=due(claimed, None), why=waits)
        return
    lens = alliance.partners[name].lens
    base = lens.to_case(link.base).values if link is not None and link.base else {}
    try:
        owed = route.owed_to(name, state, links, lens, alliance.agreement, base)
        due_now = () if link is None or owed.step else owed.notes
        notes = [_noted(alliance, name, note, state, link) for note in due_now if link is not None]
    except MappingError as error:
        if not _tell_alone(tx, alliance, batch, claimed, state, link, tell):
            _park(tx, name, claimed, state, misfit(alliance.partners[name], error))
        return
    if link is None and (why := adopting.unmet(tx, alliance, state, name)) is not None:
        _park(tx, name, claimed, state, why)
        return
    # A step goes alone: the next carry plans the rest from what was read back, so a kill between repeats nothing.
    patch = owed.step or owed.patch
    batch.steps |= {claimed.delivery_id} if owed.step is not None else set()
    lane = f"{state.id}/{name}"
    changes: list[Change] = []
    if link is None:
        body = {**owed.patch.body, **telling_changes.in_create(alliance.partners[name], tell)}
        changes.append(Change(f"{lane}/create", "create", state.id, body, state.id))
    elif owed.patch.paths:
        key = f"{lane}/{claimed.delivery_id}.{claimed.fence}"
        changes.append(Change(key, "update", state.id, patch.body, state.id, link.native_id, base_version=link.version))
    changes += notes
    if link is not None and owed.step is None:
        changes += _files(tx, alliance, name, state, links, link)
    if tell is not None and owed.step is None:
        changes += _told_along(tx, alliance, batch, claimed, state, link, tell, changes)
    if not changes:
        lanes.settle(tx, claimed, "delivered")
        return
    batch.values[claimed.delivery_id] = {path: owed.values.get(path) for path in patch.paths}
    batch.paths[claimed.delivery_id] = patch.paths
    for change in changes:
        intents.plan(tx, claimed, name, state.subject, change, batch.values[claimed.delivery_id])
        batch.changes[change.key] = (change, claimed)


def _has_a_place(state: CaseState, name: str, links: Mapping[str, Link]) -> bool:
    """Whether this company has a record of the case or is to have one. Its record may have been deleted, the case taken
    back before it was made, or what began there merged into another case's record: nothing is made again."""
    link = links.get(name)
    return link.state != "gone" if link is not None else name in route.targets(state, links) and name != state.origin


def _park(tx: Transaction, name: str, claimed: Claim, state: CaseState, why: lanes.Misfit) -> None:
    lanes.settle(tx, claimed, "parked", code=why.code, why=why.text)
    tx.append("parked", state, name, detail={"code": why.code, "where": why.place})
    tx.park("delivery", name, case_id=state.id, native_id=None, code=why.code, place=why.place,
            why=why.text)  # fmt: skip


def _tell_alone(
    tx: Transaction, alliance: Alliance, batch: Batch, claimed: Claim, state: CaseState, link: Link | None,
    tell: telling.Telling | None,
) -> bool:  # fmt: skip
    """Have their agents told while the rest waits, reckoned again after that. False where they know already, or cannot
    be told."""
    if link is None or tell is None:
        return False
    name, change = claimed.partner, _said(tx, alliance, claimed, link, tell, state.subject)
    if change is None:
        return False
    batch.told[claimed.delivery_id] = telling_changes.Sent(change.key, tell.mark, aside=True, alone=True, more=True)
    batch.values[claimed.delivery_id], batch.paths[claimed.delivery_id] = {}, ()
    intents.plan(tx, claimed, name, state.subject, change, {})
    batch.changes[change.key] = (change, claimed)
    return True


def _tell_untaken(tx: Transaction, alliance: Alliance, batch: Batch, claimed: Claim, link: Link | None) -> None:
    """Have the agents of a record that is no case yet told so; nothing where there is none, they know, or cannot be
    told."""
    name, tell = claimed.partner, None if link is None else telling.of_untaken(alliance, link, tx.now)
    subject = "" if link is None else record_subject(name, link.native_id)
    change = None if link is None or tell is None else _said(tx, alliance, claimed, link, tell, subject)
    if tell is None or change is None:
        lanes.settle(tx, claimed, "delivered", why="nothing to deliver to")
        return
    batch.told[claimed.delivery_id] = telling_changes.Sent(change.key, tell.mark, aside=True, alone=True, untaken=True)
    batch.values[claimed.delivery_id], batch.paths[claimed.delivery_id] = {}, ()
    intents.plan(tx, claimed, name, subject, change, {})
    batch.changes[change.key] = (change, claimed)


def _told_along(
    tx: Transaction, alliance: Alliance, batch: Batch, claimed: Claim, state: CaseState, link: Link | None,
    tell: telling.Telling, changes: list[Change],
) -> list[Change]:  # fmt: skip
    """What their agents are told beside these changes, in one of its own; a create says it itself."""
    said = changes[-1] if link is None else _said(tx, alliance, claimed, link, tell, state.subject)
    if said is None:
        return []
    aside, alone = link is not None, not changes
    batch.told[claimed.delivery_id] = telling_changes.Sent(said.key, tell.mark, aside=aside, alone=alone)
    return [said] if aside else []


def _said(
    tx: Transaction, alliance: Alliance, claimed: Claim, link: Link, tell: telling.Telling, subject: str
) -> Change | None:
    return telling_changes.change(tx, alliance.partners[claimed.partner], tell, claimed, link, subject)


def _noted(alliance: Alliance, name: str, lacks: Lacks, state: CaseState, link: Link) -> Change:
    """A note of ours as a change. Raises MappingError."""
    partner = alliance.partners[name]
    speaks = partner.system.language
    body = in_words(lacks, partner.lens, state, alliance.agreement, receiver=name, speaks=speaks)
    key = f"{state.id}/{name}/note/{lacks.ref}"
    return Change(key, "add_note", state.id, body, state.id, link.native_id, ref=lacks.ref)


def _files(
    tx: Transaction, alliance: Alliance, name: str, state: CaseState, links: Mapping[str, Link], link: Link
) -> Iterator[Change]:
    """The files that are here for this company, as changes. One whose bytes are gone is fetched anew."""
    spool = alliance.spool
    if spool is None:
        return
    rows = files.of_case(tx, state)
    for one in lacking(alliance, name, state, links, rows).ready:
        ref = file_ref(one.file)
        if spool.has(rows[ref].spool):
            yield _filed(spool, f"{state.id}/{name}", state, link, one, rows[ref].spool)
        else:
            files.lost(tx, state, [ref])


def _filed(spool: Spool, lane: str, state: CaseState, link: Link, one: Ready, kept_as: str) -> Change:
    """A file of ours as a change."""
    ref, mime_type = file_ref(one.file), one.file.mime_type or "application/octet-stream"
    read = partial(_read, spool, kept_as, state.subject, f"{link.partner} add_file {link.native_id}")
    content = Content(one.name, mime_type, one.file.size or 0, one.file.sha256 or "", read)
    key = f"{lane}/file/{ref}"
    return Change(key, "add_file", state.id, one.body, state.id, link.native_id, ref=ref, content=content)


def _read(spool: Spool, kept_as: str, subject: str, where: str) -> Iterator[bytes]:
    """What was kept. Raises Stale C503: nothing was sent that could be taken for a whole file."""
    try:
        yield from spool.read(kept_as, subject)
    except (Lost, KeyLost) as error:
        text = f"not sent: what is in the file is not kept any more ({error})."
        raise Stale(text, code="C503", where=where) from None
