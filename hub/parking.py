"""Records that cannot be taken in as they are: unmapped ones, copies, deleted ones. Kept, and put before a person.

Nothing is lost by it and nothing else waits for it. Next: `taking.py`, which calls these.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.base import Record
from hub import first_contact, intents, lanes, telling, telling_changes
from hub.alliance import Alliance, Taken
from hub.merge import Wait
from hub.partners import Partner
from hub.state import HUB, CaseState, Link, case_id_of, record_subject
from hub.transfers import REFUSAL
from hub.writing import Transaction
from mappings.errors import MappingError


def misfit(partner: Partner, error: MappingError) -> lanes.Misfit:
    """A mapping's refusal, with the line of the mapping it stands at."""
    return lanes.Misfit(error.code, partner.place(error.place), str(error))


def park_record(
    tx: Transaction, alliance: Alliance, record: Record, link: Link | None, digest: str, error: MappingError
) -> Taken:
    """Keep what came, sealed, and put it before a person; the next version of the record is tried afresh.

    Its agents are told, also where it is no case yet: in the lane of the case that it would open. Where it is what it
    was, but for what we told its agents, nobody is told again. One from before the partner's
    cut-off is known and no more: a person is not asked about what nobody works on.
    """
    partner = alliance.partners[record.partner]
    if (link is None or link.state == "known") and first_contact.is_before(partner, record, None):
        return first_contact.know(tx, record, digest)
    state = tx.case(link.case_id) if link is not None and link.case_id is not None else None
    if link is None or state is None:
        would_be = case_id_of(record.partner, record.native_id)
        link = replace(link or Link(record.partner, record.native_id, None, "", ""), case_id=would_be, state="parked")
    subject = state.subject if state else record_subject(record.partner, record.native_id)
    cause = telling.cause_of(error)
    told_again = link.unread and (*link.cause,) == cause and _is_told(tx, str(link.case_id), record.partner)
    link = replace(link, version=record.version, digest=digest, unread=True, cause=cause)
    tx.keep_link(link, subject)
    owed = telling_changes.owe_untaken(tx, alliance, link)
    case_id = state.id if state is not None else None
    if told_again:
        return Taken(case_id, parked=True, owed=owed, after=state)
    place = partner.place(error.place)
    tx.append(
        "parked", state or str(link.case_id), record.partner, native_id=record.native_id,
        native_version=record.version, reported_at=record.changed_at, detail={"code": error.code, "where": place},
        mapping_hash=partner.lens.hash, body={"record": record.body}, subject=subject,
    )  # fmt: skip
    tx.park("record", record.partner, case_id=case_id, native_id=record.native_id, code=error.code, place=place,
            why=str(error))  # fmt: skip
    return Taken(case_id, news=True, parked=True, owed=owed, after=state)


def _is_told(tx: Transaction, case_id: str, partner: str) -> bool:
    return any(telling_changes.is_telling(intent) for intent in intents.in_flight(tx, case_id, partner))


def park_clone(tx: Transaction, record: Record, digest: str, case_id: str, counterpart: Link) -> Taken:
    """A second record with the same hub id: somebody copied it. A person says which one is the case."""
    clone = Link(record.partner, record.native_id, None, version=record.version, digest=digest, state="parked")
    tx.keep_link(clone, None)
    why = (
        f"bears the hub id of a case whose record there is {counterpart.number or counterpart.native_id}: a copy? "
        "Clear the hub id in the copy, and it becomes a case of its own."
    )
    tx.append("parked", case_id, record.partner, native_id=record.native_id, detail={"code": "X301", "where": "id"})
    tx.park("record", record.partner, case_id=None, native_id=record.native_id, code="X301", place="id", why=why)
    return Taken(case_id, news=True, parked=True)


def park_stranger(tx: Transaction, record: Record, digest: str, case_id: str, whose: str) -> Taken:
    """A record that bears a hub id which its company cannot have from us: linked to nothing, told nothing."""
    known = Link(record.partner, record.native_id, None, version=record.version, digest=digest, state="parked")
    tx.keep_link(known, None)
    why = (
        f"bears the hub id {whose}. The hub never gave it, so nothing of that case is told here. Clear the hub id in "
        "the record, and it becomes a case of its own."
    )
    tx.append("parked", case_id, record.partner, native_id=record.native_id, detail={"code": "X310", "where": "id"})
    tx.park("record", record.partner, case_id=None, native_id=record.native_id, code="X310", place="id", why=why)
    return Taken(case_id, news=True, parked=True)


def put_before_a_person(tx: Transaction, state: CaseState, partner: str, wait: Wait) -> None:
    """Something that a record asks for and only a person can decide; the case goes on meanwhile."""
    tx.append("parked", state, partner, detail={"code": wait.code, "where": wait.place})
    tx.park(wait.subject, partner, case_id=state.id, native_id=None, code=wait.code, place=wait.place, why=wait.why)


def end_refusal(tx: Transaction, state: CaseState) -> None:
    """Somebody found a way for a refused case: nobody is asked about it any more."""
    for row in tx.waiting_of(state.id, (state.origin, *state.edges)):
        if row.place == REFUSAL:
            tx.unpark(row.subject, row.partner, native_id=None, case_id=state.id)


def take_gone(tx: Transaction, record: Record, link: Link | None) -> Taken:
    """Their record was deleted: the link ends, nothing is deleted elsewhere, and nothing is made again.

    One that they merged into another record takes its case along, unless that record has a case of its own.
    """
    if link is None or link.state == "merged" or link.case_id is None:
        return Taken()
    if link.state == "gone" and record.merged_into is None:  # else they restored it, and merged it then
        return Taken()
    if link.is_untaken:
        return _take_gone_untaken(tx, record, link, link.case_id)
    state = tx.case(link.case_id)
    if state is None:
        return Taken()
    if record.merged_into is not None:
        return _take_merged(tx, record, link, state, record.merged_into)
    ended = replace(link, state="gone", version=record.version or link.version, digest="", ignored={})
    tx.keep_link(ended, state.subject)
    tx.unpark("delivery", record.partner, native_id=record.native_id, case_id=None)  # what it did not keep
    tx.unpark("file", record.partner, native_id=record.native_id, case_id=None)
    tx.append("gone", state, record.partner, native_id=record.native_id, native_version=record.version)
    lanes.disown(tx, state.id, record.partner, lanes.open_of(tx, state.id).get(record.partner))
    if record.partner in {state.holder, state.accountable}:
        why = f"{record.partner} deleted {link.number or link.native_id}, and holds the case or answers for it."
        tx.park("deletion", record.partner, case_id=state.id, native_id=record.native_id, code="X302",
                place="record", why=why)  # fmt: skip
    return Taken(state.id, news=True, parked=record.partner in {state.holder, state.accountable})


def _take_gone_untaken(tx: Transaction, record: Record, link: Link, case_id: str) -> Taken:
    """It never was a case: nobody has to understand it any more."""
    ended = replace(link, case_id=None, unread=False, version=record.version or link.version, digest="")
    tx.keep_link(ended, record_subject(record.partner, record.native_id))
    for subject in ("record", telling_changes.SUBJECT):
        tx.unpark(subject, record.partner, native_id=record.native_id, case_id=None)
    tx.append("gone", case_id, record.partner, native_id=record.native_id, native_version=record.version)
    lanes.disown(tx, case_id, record.partner, lanes.open_of(tx, case_id).get(record.partner))
    return Taken(news=True)


def _take_merged(tx: Transaction, record: Record, link: Link, state: CaseState, into: str) -> Taken:
    """Their people merged the case's record into another one, which is the case's from now on.

    Of two cases that are one there, the one that never left this company ends. Where both went to other companies, it
    is for a person.
    """
    target = tx.link(record.partner, into)
    other = tx.case(target.case_id) if target is not None and target.case_id is not None else None
    number = target.number if target is not None and target.number else into
    tx.keep_link(replace(link, state="merged", version=record.version or link.version, digest=""), state.subject)
    for subject in ("delivery", "file"):
        tx.unpark(subject, record.partner, native_id=record.native_id, case_id=None)
    detail = {"merged_into": into}
    tx.append("gone", state, record.partner, native_id=record.native_id, native_version=record.version, detail=detail)
    open_there = lanes.open_of(tx, state.id).get(record.partner)
    if other is not None and other.id != state.id and _is_at_home(tx, state, record.partner):
        _end_merged(tx, record, state, number)
        return Taken(state.id, news=True)
    if other is None or (other.id != state.id and _is_at_home(tx, other, record.partner)):
        if other is not None:
            _end_merged(tx, record, other, link.number or link.native_id)
        # nothing is known of it but what both agreed on: what it says otherwise is read as their people's word
        bare = replace(link, version="", digest="", base={}, notes={}, files={}, barred={}, ignored={}, seen=())
        moved = replace(bare, native_id=into, number=number, state="linked")
        tx.keep_link(moved, state.subject)
        tx.append("linked", state, record.partner, native_id=into, detail={"how": "merged", "number": number})
        tx.unpark("record", record.partner, native_id=into, case_id=None)
        tx.unpark("deletion", record.partner, native_id=link.native_id, case_id=None)
        lanes.disown(tx, state.id, record.partner, open_there)  # what the old record refused, this one may take
        return Taken(state.id, news=True, owed=frozenset({record.partner}))
    lanes.disown(tx, state.id, record.partner, open_there)
    if other.id == state.id:
        return Taken(state.id, news=True)
    why = (
        f"{record.partner} merged {link.number or link.native_id} into {number}, which is another case that other "
        "companies have too. Two cases are one there: cancel the one that is not to go on, in a system that still has "
        "it."
    )
    tx.append("parked", state, record.partner, detail={"code": "X304", "where": "record"})
    tx.park("merge", record.partner, case_id=state.id, native_id=record.native_id, code="X304", place="record", why=why)
    return Taken(state.id, news=True, parked=True)


def _is_at_home(tx: Transaction, state: CaseState, partner: str) -> bool:
    """Whether no other company has the case, nor is to have it, nor may turn out to have it."""
    made = any(row["kind"] == "create" and row["state"] != "dropped" for row in tx.standing.sent_of(state.id))
    return state.holder == partner and set(tx.links_of(state.id)) <= {partner} and not made


def _end_merged(tx: Transaction, record: Record, state: CaseState, goes_on_as: str) -> None:
    """End a case that their people merged with another one."""
    ended = replace(
        state,
        version=state.version + 1,
        updated_at=tx.now,
        values={
            **state.values, "status": "cancelled", "statusChangeReason": f"merged: it goes on as {goes_on_as}",
        },
        setters={**state.setters, "status": record.partner, "statusChangeReason": HUB},
    )  # fmt: skip
    tx.keep_case(ended)
    tx.append("changed", ended, record.partner, native_id=record.native_id, native_version=record.version,
              fields=("status", "statusChangeReason"))  # fmt: skip
    lanes.disown(tx, ended.id, record.partner, lanes.open_of(tx, ended.id).get(record.partner))
