"""Folding a record of a known counterpart into its case: fields, notes, then the acts that they mean.

The same for a case's first record and for its hundredth. Runs inside one ledger transaction and talks to nobody.
Next: `merge.py` (field by field), `acts.py` and `transfers.py` (what a change means), `taking.py` (who calls this).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.base import Record
from hub import acts, adopting, histories, intents, lanes, parking, transfers
from hub.alliance import Alliance, Taken
from hub.dimensions import about
from hub.merge import Fold, fold_fields, fold_notes
from hub.merge_files import Sent, fold_files
from hub.noting import is_hubs_own
from hub.partners import Partner
from hub.rounds import RESOLVED
from hub.state import CaseState, Link, file_ref
from hub.writing import Transaction
from mappings.case import ENDED, Visibility
from mappings.lens import ReadAttachment, Reading


def fold_in(
    tx: Transaction,
    alliance: Alliance,
    record: Record,
    reading: Reading,
    digest: str,
    state: CaseState,
    link: Link,
    *,
    opening: bool = False,
) -> Taken:
    """Fold a record of a known counterpart into its case."""
    lens = alliance.partners[record.partner].lens
    flying = intents.in_flight(tx, state.id, record.partner)
    base = {"holder": state.holder} if opening else lens.to_case(link.base).values if link.base else {}
    unread = not (opening or link.version or link.base or link.synced)  # adopted: whom it names is no act
    base = {"holder": reading.values.get("holder")} if unread else base
    fold = Fold(
        partner=record.partner,
        state=state,
        theirs=reading.values,
        base=base,
        flight=_flight(alliance.partners[record.partner], link, flying),
        synced=dict(link.synced),
        agreement=alliance.agreement.without(tx.left),
        now=tx.now,
        moving=not opening and (link.version == "" or any("status" in intent.values for intent in flying)),
        seen=frozenset(link.seen),
        sent=frozenset(intent.ref for intent in flying if intent.ref is not None),
    )
    notes, files = dict(link.notes), dict(link.files)
    on_their_way = {str(intent.ref): Sent(*intent.file) for intent in flying if intent.file is not None}
    told = () if alliance.partners[record.partner].system.tells is None else reading.attachments
    heard, title = [*link.heard], alliance.title(record.partner)
    added = _fold(fold, reading, notes, heard, title, lens.paths, opening=opening, unread=unread,
                  files=files, told=told, sent=on_their_way)  # fmt: skip
    kept = replace(
        link,
        state="linked",
        unread=False,
        version=record.version,
        digest=digest,
        number=number_of(reading, record) or link.number,
        base=lens.trim(record.body),
        synced=fold.synced,
        notes=notes,
        files=files,
        heard=heard,
        seen=fold.seen,
        past=link.past if record.history is None else digest,
        synced_at=tx.now if link.synced_at is None else link.synced_at,
    )
    news = opening or bool(fold.changed) or added > 0 or not (flying or link.version == "")
    after = fold.state
    if after != state or opening:
        after = replace(after, version=state.version + 1, updated_at=tx.now, values=_stamped(after, record))
    past = histories.unknown(tx, alliance, after, record, reading)
    if news or fold.events:  # what we wrote may come back as it was, and the case move on by itself at that
        _append(tx, fold, record, reading, after, lens.hash, past, opening=opening, news=news)
    else:
        histories.keep(tx, after, record, past, lens.hash)
    if after != state or opening:
        tx.keep_case(after)
    kept = _kept_after_all(tx, kept, reading, after) if link.ignored else kept
    tx.keep_link(replace(kept, settled=tx.newest) if news else kept, after.subject)
    there = {file_ref(file) for file in after.files}
    for ref in (file_ref(file) for file in state.files):
        if ref not in there:  # taken away before it was read: nobody is asked about it any more
            tx.unpark("file", record.partner, native_id=record.native_id, case_id=None, place=f"file {ref}")
    lanes.revive(tx, after.id, record.partner)
    if link.state == "gone":
        tx.unpark("deletion", record.partner, native_id=record.native_id, case_id=None)
    if link.digest and link.digest != digest:
        tx.unpark("record", record.partner, native_id=record.native_id, case_id=None)
    adopting.remember(tx, record, reading, lens)
    if opening:
        after = adopting.take_along(tx, alliance, after, record, reading)
    over = after.status != state.status and after.status in {RESOLVED, *ENDED}
    if over or any(event.kind in {"offered", "accepted", "refused"} for event in fold.events):
        parking.end_refusal(tx, after)
    for wait in fold.waits:
        parking.put_before_a_person(tx, after, record.partner, wait)
    return Taken(after.id, news, bool(fold.waits), after=after, arrived=not news and kept.base != link.base)


def _fold(
    fold: Fold,
    reading: Reading,
    notes: dict[str, str],
    heard: list[str],
    title: str,
    readable: frozenset[str],
    *,
    opening: bool,
    unread: bool,
    files: dict[str, str],
    told: tuple[ReadAttachment, ...],
    sent: Mapping[str, Sent],
) -> int:
    """Fields, notes and files, then the acts in the order in which they mean something. How many notes, files and
    answers of the customer's were added; notes, files and heard are brought up to date."""
    fold_fields(fold, readable)
    added = fold_notes(fold, reading.notes, notes) + fold_files(fold, told, files, sent)
    if opening:
        acts.fold_first_status(fold)
    new_words = acts.fold_feedback(fold, reading.feedback, heard)
    heard += [answer.native_id for answer in reading.feedback if answer.native_id not in heard]
    acts.fold_status(fold, title)
    transferred = transfers.fold_transfer(fold)
    if not (transferred or unread) and (fold.changed or added):
        transfers.fold_acceptance(fold)
    acts.fold_closing(fold, new_words)
    if not (opening or unread):
        acts.fold_urging(fold)
    transfers.fold_auto_edge(fold, transferred=transferred)
    transfers.fold_informing(fold)
    return added + len(new_words)


def _flight(partner: Partner, link: Link, flying: list[intents.Intent]) -> dict[str, Any]:
    """path -> value, as their record will read once what we are sending has arrived."""
    body = dict(link.base)
    for intent in flying:
        if intent.kind == "update":
            body = partner.lens.apply(body, intent.body)
    return dict(partner.lens.to_case(body).values) if any(i.kind == "update" for i in flying) else {}


def _kept_after_all(tx: Transaction, link: Link, reading: Reading, state: CaseState) -> Link:
    """Of what they took and did not keep, that on which both sides agree by now waits for nobody."""
    agreed = {path for path in link.ignored if reading.values.get(path) == state.values.get(path)}
    for path in sorted(agreed):
        tx.unpark("delivery", link.partner, native_id=link.native_id, case_id=None, place=path)
    return replace(link, ignored={path: digest for path, digest in link.ignored.items() if path not in agreed})


def _stamped(state: CaseState, record: Record) -> Mapping[str, Any]:
    return state.values if record.changed_at is None else {**state.values, "lastUpdate": record.changed_at}


def _append(
    tx: Transaction,
    fold: Fold,
    record: Record,
    reading: Reading,
    state: CaseState,
    mapping_hash: str,
    past: Sequence[histories.Past],
    *,
    opening: bool,
    news: bool,
) -> None:
    """The entry of the record itself, where it is news, then one for each thing that it meant. Its past comes before,
    and a case opens as it was then."""
    told, created = reading.values.get("statusChangeDate"), reading.values.get("creationDate")
    speaks = state.history or "status" in fold.changed or opening
    business = told if speaks and isinstance(told, datetime) else record.changed_at
    stood = dict(histories.first_stood(past)) if opening else {}
    began = created if "status" in stood and isinstance(created, datetime) else business
    if not opening:
        histories.keep(tx, state, record, past, mapping_hash)
    private = sum(1 for note in reading.notes if note.visibility == "private" and not is_hubs_own(note.ref))
    crossing = {*fold.agreement.crossing_notes, Visibility.PRIVATE}
    unshared = sum(1 for note in reading.notes if note.visibility not in crossing and note.ref is None)
    counted = {"private_notes": private, "unshared_notes": unshared, "attachments": len(reading.attachments)}
    if news:
        tx.append(
            "opened" if opening else "changed",
            state,
            record.partner,
            native_id=record.native_id,
            native_version=record.version,
            business_at=began,
            reported_at=record.changed_at,
            fields=fold.changed,
            detail={name: number for name, number in counted.items() if number}
            | about(state.values, None if opening else fold.changed),
            mapping_hash=mapping_hash,
            body={path: reading.values[path] for path in fold.changed},
            stood=stood,
        )
    if opening:
        histories.keep(tx, state, record, past, mapping_hash)
    for event in fold.events:
        who = "hub" if event.kind == "closed" else record.partner
        tx.append(event.kind, state, who, native_id=record.native_id, detail=event.detail, body=event.body,
                  business_at=business)  # fmt: skip


def number_of(reading: Reading, record: Record) -> str:
    """The number that this partner's own people know the case by."""
    return str(reading.values.get("externalIdentifier") or record.native_id)
