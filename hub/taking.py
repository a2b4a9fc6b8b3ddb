"""Taking one record into the ledger: is it news, what does it mean, what does it change, who is owed what now.

The same for a record that a pull brought, one re-read before a write and one that is the answer to a write: so a
person's edit is never lost between them. Runs inside one ledger transaction and talks to nobody.
Next: `folding.py` (what a record changes), `owing.py` (who is owed), `exchange.py` (who calls this).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.base import Record
from hub import acts, adopting, erasure, first_contact, histories, intents, lanes, parking, route
from hub.alliance import Alliance, Taken
from hub.codec import encode
from hub.folding import fold_in, number_of
from hub.merge import OWN
from hub.owing import owe_all
from hub.partners import Partner
from hub.standing import secret_of
from hub.state import LOG, CaseState, Link, case_id_of
from hub.writing import Transaction
from mappings.errors import MappingError, Unfit
from mappings.lens import Reading

FREE = frozenset({"name", "description", "statusChangeReason"})
"""Paths in people's own words: what says the same in them hardly came from elsewhere, unlike a word of a list."""


def take(tx: Transaction, alliance: Alliance, record: Record, *, read_from: int, after_loss: bool = False) -> Taken:
    """Take a record in. read_from: the ledger's newest entry when the request that brought it began. after_loss: the
    ledger has lost what made it, so a hub id that it bears is believed."""
    taken = take_in(tx, alliance, record, read_from=read_from, after_loss=after_loss)
    if taken.arrived and taken.after is not None:
        _tell_arrived(tx, record, taken.after)
    return taken if taken.after is None else replace(taken, owed=owe_all(tx, alliance, taken.after))


def _tell_arrived(tx: Transaction, record: Record, state: CaseState) -> None:
    """A reading that began before this one is older, and may tell what our write has replaced."""
    tx.append("arrived", state, record.partner, native_id=record.native_id, native_version=record.version)
    link = tx.link(record.partner, record.native_id)
    if link is not None:
        tx.keep_link(replace(link, settled=tx.newest), state.subject)


def take_in(tx: Transaction, alliance: Alliance, record: Record, *, read_from: int, after_loss: bool = False) -> Taken:
    """The same for who reckons himself, once more has happened, what is owed then."""
    partner = alliance.partners[record.partner]
    link = tx.link(record.partner, record.native_id)
    if link is not None and link.state == "erased":
        return Taken()
    if record.gone:
        taken = parking.take_gone(tx, record, link)
        return replace(taken, after=tx.case(taken.case_id) if taken.case_id is not None and taken.owed else None)
    return _take_live(tx, alliance, partner, record, link, read_from, after_loss=after_loss)


def _take_live(
    tx: Transaction,
    alliance: Alliance,
    partner: Partner,
    record: Record,
    link: Link | None,
    read_from: int,
    *,
    after_loss: bool,
) -> Taken:
    digest = tx.keyring.digest(encode(record.body))
    if link is not None and _is_known(link, record, digest):
        if digest == link.digest:
            histories.read_late(tx, alliance, record, link, digest)
        return Taken(link.case_id)
    if link is not None and _is_unclear(link, record, read_from):
        return Taken(link.case_id, unclear=True)
    try:
        reading = partner.lens.to_case(record.body)
    except MappingError as error:
        ours = _made_here(tx, alliance, record) if link is None or link.is_untaken else None
        return parking.park_record(tx, alliance, record, ours or link, digest, error)
    state = tx.case(link.case_id) if link is not None and link.case_id is not None else None
    if link is None or state is None:
        return _take_first(tx, alliance, record, reading, digest, link, after_loss=after_loss)
    other = tx.links_of(state.id).get(record.partner) if link.state == "merged" else None
    if other is not None:  # the merge was taken back
        return parking.park_clone(tx, record, digest, state.id, other)
    return fold_in(tx, alliance, record, reading, digest, state, link)


def _made_here(tx: Transaction, alliance: Alliance, record: Record) -> Link | None:
    """The link of a record that we made and that says something which nobody understands (their default, a workflow, a
    person's first word): it is the counterpart all the same, so that none is made again. None where we did not."""
    lens = alliance.partners[record.partner].lens
    try:
        hub_id = lens.look("id", record.body)
    except (Unfit, KeyError):
        return None
    made = intents.last_create(tx, str(hub_id), record.partner) if hub_id else None
    state = tx.case(made.case_id) if made is not None else None
    if made is None or state is None or record.partner in tx.links_of(state.id):
        return None
    intents.end(tx, state.id, [made.key], "settled")
    known = tx.link(record.partner, record.native_id)
    tx.append("linked", state, record.partner, native_id=record.native_id, detail={"how": "created", "number": ""})
    return Link(
        record.partner, record.native_id, state.id, "", "", edge=state.edges.get(record.partner, ""),
        base=lens.apply({}, made.body), synced=made.values, **_told(known),
    )  # fmt: skip


def _is_known(link: Link, record: Record, digest: str) -> bool:
    """A replay, or an older version."""
    return record.version < link.version or (record.version == link.version and digest == link.digest)


def _is_unclear(link: Link, record: Record, read_from: int) -> bool:
    """One that cannot be told apart from what was read or written since it was asked for: in the same clock step, or
    where all versions are one.

    It is left for the next pull's overlap, which reads it again. Before and after are told by the ledger's own order: a
    clock can step back.
    """
    return record.version == link.version and link.settled > read_from


def _take_first(
    tx: Transaction, alliance: Alliance, record: Record, reading: Reading, digest: str, known: Link | None, *,
    after_loss: bool,
) -> Taken:  # fmt: skip
    """A record without a case yet: ours coming back, one that bears a hub id, or a new case. known: as it was when it
    was not understood, or not to be taken."""
    hub_id = reading.values.get("id")
    if strange := "" if after_loss else _strange(tx, alliance.partners[record.partner], record, reading):
        return parking.park_stranger(tx, record, digest, str(hub_id), strange)
    case_id = str(hub_id) if hub_id else case_id_of(record.partner, record.native_id)
    state, adopted, second = tx.case(case_id), None, ""
    if state is None and not hub_id:
        adopted, second = adopting.find(tx, alliance, record, reading, number_of(reading, record))
        state, case_id = adopted, adopted.id if adopted else case_id
    if second:
        return adopting.park_second(tx, record, digest, second)
    if state is None:
        if first_contact.is_before(alliance.partners[record.partner], record, reading):
            adopting.remember(tx, record, reading, alliance.partners[record.partner].lens)
            return first_contact.know(tx, record, digest, number_of(reading, record))
        return _open(tx, alliance, record, reading, digest, case_id, known)
    counterpart = tx.links_of(case_id).get(record.partner)
    if counterpart is not None and counterpart.native_id != record.native_id:
        return parking.park_clone(tx, record, digest, case_id, counterpart)
    made = intents.last_create(tx, case_id, record.partner)
    base: Mapping[str, Any] = {} if adopted else _as_the_case_says(alliance, record, state)
    synced: Mapping[str, Any] = {}
    if made is not None:
        intents.end(tx, case_id, [made.key], "settled")
        base, synced = _as_created(alliance, reading, made, record.partner)
    link = Link(
        record.partner,
        record.native_id,
        case_id,
        version="",
        digest="",
        number=number_of(reading, record),
        edge=state.edges.get(record.partner, ""),
        base=base,
        synced=synced,
        **_told(known),
    )
    how = "created" if made else "adopted"
    tx.append("linked", state, record.partner, native_id=record.native_id, detail={"how": how, "number": link.number})
    tx.unpark("record", record.partner, native_id=record.native_id, case_id=None)
    return fold_in(tx, alliance, record, reading, digest, state, link)


def _strange(tx: Transaction, partner: Partner, record: Record, reading: Reading) -> str:
    """Whose hub id the record bears, in words, where its company cannot have that from us; "" where it can.

    It can where the case began there, was offered to it, or has or may have a record there.
    """
    hub_id = reading.values.get("id")
    if not hub_id:
        return ""
    case_id, name = str(hub_id), record.partner
    state = tx.case(case_id)
    if state is None:
        own = case_id == case_id_of(name, record.native_id)
        return "" if own or first_contact.is_before(partner, record, reading) else "of no case that is known"
    given = {state.origin, state.contact_point, state.accountable, state.holder, *state.edges, *tx.links_of(case_id)}
    if name in given or name in lanes.open_of(tx, case_id) or intents.last_create(tx, case_id, name):
        return ""
    return "of a case that this company was never given"


def _as_created(
    alliance: Alliance, reading: Reading, made: intents.Intent, partner: str
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """(body, values) of the create that made the record. Several may have been sent, each given up in its turn: it is
    the one that says most of what stands there, its own words first, so that an older word of ours is not taken for
    their people's. What was sent is laid over nothing first: some systems read a word elsewhere than they take it."""
    lens = alliance.partners[partner].lens
    sent_ones = [(lens.apply({}, body), values) for body, values in ((made.body, made.values), *made.before)]

    def differs(sent: tuple[Mapping[str, Any], Mapping[str, Any]]) -> tuple[int, int]:
        unlike = {path for path, value in lens.to_case(sent[0]).values.items() if reading.values.get(path) != value}
        return len(unlike & FREE), len(unlike)

    return min(sent_ones, key=differs)


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


def _told(known: Link | None) -> dict[str, Any]:
    """What its agents were told while it was no case: it stands there, and is told anew."""
    return {} if known is None else {"told": known.told, "notes": known.notes}


def _open(
    tx: Transaction, alliance: Alliance, record: Record, reading: Reading, digest: str, case_id: str, known: Link | None
) -> Taken:
    """A new case: the company that told of it is its contact point, holds it and answers for it."""
    name = record.partner
    customer = reading.values.get("relatedParty.customer.id")
    history = reading.values.get("channel") == LOG
    status = acts.read_status(reading.values.get("status"), may_close=history) or "acknowledged"
    values = {"status": status, "holder": name, "creationDate": reading.values.get("creationDate")}
    values["test"] = reading.values.get("test") is True
    state = CaseState(
        id=case_id,
        origin=name,
        subject=erasure.subject_of(tx, name, customer, case_id),
        version=0,
        values=values,
        setters={"status": name, "holder": name},
        accountable=name,
        contact_point=name,
        opened_at=tx.now,
        updated_at=tx.now,
        history=history,
        secret=secret_of(case_id, tx.keyring),
    )
    number = number_of(reading, record)
    synced = {"holder": name}
    link = Link(name, record.native_id, case_id, "", "", number=number, synced=synced, **_told(known))
    tx.unpark("record", name, native_id=record.native_id, case_id=None)
    return fold_in(tx, alliance, record, reading, digest, state, link, opening=True)
