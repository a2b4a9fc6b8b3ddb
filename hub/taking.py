"""Taking one record into the ledger: is it news, what does it mean, what does it change, who is owed what now.

The same for a record that a pull brought, one re-read before a write and one that is the answer to a write: so a
person's edit is never lost between them. Runs inside one ledger transaction and talks to nobody.
Next: `merge.py` and `acts.py` (what a record changes), `route.py` (who is owed), `exchange.py` (who calls this).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.base import Record
from hub import acts, adopting, first_contact, lanes, parking, route
from hub.alliance import Alliance, Taken
from hub.codec import encode
from hub.merge import OWN, Fold, fold_fields, fold_notes
from hub.partners import Partner
from hub.state import CaseState, Link, case_id_of
from hub.writing import Transaction
from mappings.errors import MappingError
from mappings.lens import Reading

HISTORY_CHANNEL = "log"


def take(tx: Transaction, alliance: Alliance, record: Record, *, read_from: int, ours: bool = False) -> Taken:
    """Take a record in. read_from: the ledger's newest entry when the request that brought it began. ours: it is the
    answer to our own write."""
    partner = alliance.partners[record.partner]
    link = tx.link(record.partner, record.native_id)
    if record.gone:
        taken = parking.take_gone(tx, record, link)
        state = tx.case(taken.case_id) if taken.case_id is not None and taken.owed else None
        return taken if state is None else replace(taken, owed=owe_all(tx, alliance, state))
    return _take_live(tx, alliance, partner, record, link, read_from, ours)


def _take_live(
    tx: Transaction, alliance: Alliance, partner: Partner, record: Record, link: Link | None, read_from: int, ours: bool
) -> Taken:
    digest = tx.keyring.digest(encode(record.body))
    if link is not None and _is_known(link, record, digest, read_from, ours):
        return Taken(link.case_id)
    try:
        reading = partner.lens.to_case(record.body)
    except MappingError as error:
        return parking.park_record(tx, record, link, digest, partner, error)
    if link is None or link.case_id is None:
        return _take_first(tx, alliance, record, reading, digest)
    state = tx.case(link.case_id)
    if state is None:
        return _take_first(tx, alliance, record, reading, digest)
    other = tx.links_of(state.id).get(record.partner) if link.state == "merged" else None
    if other is not None:  # the merge was taken back
        return parking.park_clone(tx, record, digest, state.id, other)
    return _take_next(tx, alliance, record, reading, digest, state, link)


def _is_known(link: Link, record: Record, digest: str, read_from: int, ours: bool) -> bool:
    """A replay, an older version, or one that cannot be told apart from what was read or written since it was asked
    for: in the same clock step, or where all versions are one.

    The last kind is left for the next pull's overlap, which reads it again. Before and after are told by the ledger's
    own order: a clock can step back.
    """
    if record.version < link.version or (record.version == link.version and digest == link.digest):
        return True
    return record.version == link.version and link.settled > read_from and not ours


def _take_first(tx: Transaction, alliance: Alliance, record: Record, reading: Reading, digest: str) -> Taken:
    """A record without a case yet: ours coming back, one that bears a hub id, or a new case."""
    hub_id = reading.values.get("id")
    case_id = str(hub_id) if hub_id else case_id_of(record.partner, record.native_id)
    state, adopted, second = tx.case(case_id), None, ""
    if state is None and not hub_id:
        adopted, second = adopting.find(tx, alliance, record, reading, _number(reading, record))
        state, case_id = adopted, adopted.id if adopted else case_id
    if second:
        return adopting.park_second(tx, record, digest, second)
    if state is None:
        if first_contact.is_before(alliance.partners[record.partner], record, reading):
            adopting.remember(tx, record, reading, alliance.partners[record.partner].lens)
            return first_contact.know(tx, record, digest, _number(reading, record))
        return _open(tx, alliance, record, reading, digest, case_id)
    counterpart = tx.links_of(case_id).get(record.partner)
    if counterpart is not None and counterpart.native_id != record.native_id:
        return parking.park_clone(tx, record, digest, case_id, counterpart)
    made = next((i for i in lanes.in_flight(tx, case_id, record.partner) if i.kind == "create"), None)
    if made is not None:
        lanes.end_intents(tx, [made.key], "settled")
    link = Link(
        record.partner,
        record.native_id,
        case_id,
        version="",
        digest="",
        number=_number(reading, record),
        edge=state.edges.get(record.partner, ""),
        base=made.body if made else {} if adopted else _as_the_case_says(alliance, record, state),
        synced=made.values if made else {},
    )
    how = "created" if made else "adopted"
    tx.append("linked", state, record.partner, native_id=record.native_id, detail={"how": how, "number": link.number})
    tx.unpark("record", record.partner, native_id=record.native_id, case_id=None)
    return _take_next(tx, alliance, record, reading, digest, state, link)


def _as_the_case_says(alliance: Alliance, record: Record, state: CaseState) -> Mapping[str, Any]:
    """The base of a record that nobody here remembers making: as it would read if it said what the case says.

    So what differs counts as its people's edit, and where both sides say something it is told as a conflict.
    """
    lens = alliance.partners[record.partner].lens
    body = lens.trim(record.body)
    sharing = alliance.agreement.sharing_of(record.partner, state.contact_point, state.edges.get(record.partner, ""))
    shared = {path for path in lens.paths - OWN - route.TOLD if sharing.allows(path)} | {"status"}
    try:
        return lens.apply(body, lens.to_partner({path: state.values.get(path) for path in sorted(shared)}, body))
    except MappingError:
        return body


def _open(tx: Transaction, alliance: Alliance, record: Record, reading: Reading, digest: str, case_id: str) -> Taken:
    """A new case: the company that told of it is its contact point, holds it and answers for it."""
    name = record.partner
    customer = reading.values.get("relatedParty.customer.id")
    history = reading.values.get("channel") == HISTORY_CHANNEL
    status = acts.read_status(reading.values.get("status"), may_close=history) or "acknowledged"
    values = {"status": status, "holder": name, "creationDate": reading.values.get("creationDate")}
    values["test"] = reading.values.get("test") is True
    state = CaseState(
        id=case_id,
        origin=name,
        subject=f"customer:{name}:{customer}" if customer else f"case:{case_id}",
        version=0,
        values=values,
        setters={"status": name, "holder": name},
        accountable=name,
        contact_point=name,
        opened_at=tx.now,
        updated_at=tx.now,
        history=history,
    )
    number = _number(reading, record)
    link = Link(name, record.native_id, case_id, version="", digest="", number=number, synced={"holder": name})
    tx.unpark("record", name, native_id=record.native_id, case_id=None)
    return _take_next(tx, alliance, record, reading, digest, state, link, opening=True)


def _take_next(
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
    flying = lanes.in_flight(tx, state.id, record.partner)
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
        agreement=alliance.agreement,
        now=tx.now,
        moving=not opening and (link.version == "" or any("status" in intent.values for intent in flying)),
        sent=frozenset(intent.ref for intent in flying if intent.ref is not None),
    )
    notes = dict(link.notes)
    heard, title = [*link.heard], alliance.title(record.partner)
    added = _fold(fold, reading, notes, heard, title, lens.paths, opening=opening, unread=unread)
    kept = replace(
        link,
        state="linked",
        unread=False,
        version=record.version,
        digest=digest,
        number=_number(reading, record) or link.number,
        base=lens.trim(record.body),
        synced=fold.synced,
        notes=notes,
        heard=heard,
        synced_at=tx.now if link.synced_at is None else link.synced_at,
    )
    news = opening or bool(fold.changed) or added > 0 or not (flying or link.version == "")
    after = fold.state
    if after != state or opening:
        after = replace(after, version=state.version + 1, updated_at=tx.now, values=_stamped(after, record))
    if news:
        _append(tx, fold, record, reading, after, lens.hash, opening=opening)
    if after != state or opening:
        tx.keep_case(after)
    tx.keep_link(replace(kept, settled=tx.newest) if news else kept, after.subject)
    if link.state == "gone":
        tx.unpark("deletion", record.partner, native_id=record.native_id, case_id=None)
    if link.digest and link.digest != digest:
        tx.unpark("record", record.partner, native_id=record.native_id, case_id=None)
    adopting.remember(tx, record, reading, lens)
    if opening:
        after = adopting.take_along(tx, alliance, after, record, reading)
    for wait in fold.waits:
        parking.put_before_a_person(tx, after, record.partner, wait)
    return Taken(after.id, news, bool(fold.waits), owe_all(tx, alliance, after))


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
) -> int:
    """Fields, notes, then the acts in the order in which they mean something. How many notes and answers of the
    customer's were added; notes and heard are brought up to date."""
    fold_fields(fold, readable)
    added = fold_notes(fold, reading.notes, notes)
    if opening:
        acts.fold_first_status(fold)
    new_words = acts.fold_feedback(fold, reading.feedback, heard)
    heard += [answer.native_id for answer in reading.feedback if answer.native_id not in heard]
    acts.fold_status(fold, title)
    transferred = acts.fold_transfer(fold)
    if not (transferred or unread) and (fold.changed or added):
        acts.fold_acceptance(fold)
    acts.fold_closing(fold, new_words)
    if not transferred:
        acts.fold_auto_edge(fold)
    return added + len(new_words)


def _flight(partner: Partner, link: Link, flying: list[lanes.Intent]) -> dict[str, Any]:
    """path -> value, as their record will read once what we are sending has arrived."""
    body = dict(link.base)
    for intent in flying:
        if intent.kind == "update":
            body = partner.lens.apply(body, intent.body)
    return dict(partner.lens.to_case(body).values) if any(i.kind == "update" for i in flying) else {}


def _stamped(state: CaseState, record: Record) -> Mapping[str, Any]:
    return state.values if record.changed_at is None else {**state.values, "lastUpdate": record.changed_at}


def _append(
    tx: Transaction, fold: Fold, record: Record, reading: Reading, state: CaseState, mapping_hash: str, *, opening: bool
) -> None:
    """The entry of the record itself, then one for each thing that it meant."""
    told = reading.values.get("statusChangeDate")
    speaks = state.history or "status" in fold.changed or opening
    business = told if speaks and isinstance(told, datetime) else record.changed_at
    private = sum(1 for note in reading.notes if note.visibility == "private")
    counted = {"private_notes": private, "attachments": len(reading.attachments)}
    tx.append(
        "opened" if opening else "changed",
        state,
        record.partner,
        native_id=record.native_id,
        native_version=record.version,
        business_at=business,
        reported_at=record.changed_at,
        fields=fold.changed,
        detail={name: number for name, number in counted.items() if number},
        mapping_hash=mapping_hash,
        body={path: reading.values[path] for path in fold.changed},
    )
    for event in fold.events:
        who = "hub" if event.kind == "closed" else record.partner
        tx.append(event.kind, state, who, native_id=record.native_id, detail=event.detail, body=event.body,
                  business_at=business)  # fmt: skip


def owe_all(tx: Transaction, alliance: Alliance, state: CaseState) -> frozenset[str]:
    """Owe every counterpart what it lacks, and take back what is owed no more. Names the partners owed something."""
    links, present = tx.links_of(state.id), lanes.open_of(tx, state.id)
    owed: set[str] = set()
    for name in route.targets(state, links):
        partner = alliance.partners.get(name)
        link = links.get(name)
        if partner is None or (link is not None and link.state == "gone"):
            continue
        base = partner.lens.to_case(link.base).values if link is not None and link.base else {}
        try:
            lacks = bool(route.owed_to(name, state, links, partner.lens, alliance.agreement, base))
        except MappingError as error:
            why = parking.misfit(partner, error)
            if lanes.park(tx, state.id, name, state.version, why, present.get(name)):
                tx.append("parked", state, name, detail={"code": why.code, "where": why.place})
            continue
        if lacks:
            if lanes.owe(tx, state.id, name, state.version, present.get(name)):
                tx.append("owed", state, name, detail={"version": state.version})
            owed.add(name)
        else:
            lanes.disown(tx, state.id, name, present.get(name))
    return frozenset(owed)


def _number(reading: Reading, record: Record) -> str:
    return str(reading.values.get("externalIdentifier") or record.native_id)
