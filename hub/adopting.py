"""Cases that two companies had in common before there was a hub: adopted by the numbers that they declare.

    case: {counterpart.north: ref_north}     # in South's mapping: their field that holds North's number of the case

A record without a case that names another company's record, or is named by one, belongs to that one's case: whichever
comes first opens it, the other is linked. Whose number a record says is kept, so the order does not matter. A record
is never made where a case says that it has one there: until that one is known, the delivery waits for a person (X307).
Of two records that claim one case at one company the second waits (X306). What crosses with an adopted record is what
the edge towards it says, or the one back where there is none. Inside a ledger transaction; talks to nobody.
Next: `taking.py`, which asks here before it opens a case; `first_contact.py`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import sqlalchemy as sa

from connectors.base import Record
from hub import lanes
from hub.alliance import Alliance, Taken
from hub.state import CaseState, Link, case_id_of
from hub.tables import counterparts, links
from hub.writing import Transaction
from mappings.case import COUNTERPART
from mappings.lens import Lens, Reading

c, k = counterparts.c, links.c


def declares(lens: Lens) -> frozenset[str]:
    """Partners whose numbers stand in this partner's records."""
    return _declared(lens.paths)


@lru_cache(maxsize=256)
def _declared(paths: frozenset[str]) -> frozenset[str]:
    return frozenset(path.removeprefix(COUNTERPART) for path in paths if path.startswith(COUNTERPART))


def concerns(alliance: Alliance, partner: str) -> bool:
    """Whether records of this partner may be adopted, or others by them."""
    lens = alliance.partners[partner].lens
    return bool(declares(lens)) or any(partner in declares(other.lens) for other in alliance.partners.values())


def unread(tx: Transaction, alliance: Alliance, partner: str) -> str:
    """Why nothing may be written to this partner yet, in a sentence: a record that is there might be made again."""
    if not concerns(alliance, partner) or tx.was_read_whole(partner):
        return ""
    return (
        f"{partner} was not read to its end yet, and cases may be there already under numbers that the companies "
        f"declare: nothing is written before. It goes on after the first whole pull: casebridge pull {partner}"
    )


def find(
    tx: Transaction, alliance: Alliance, record: Record, reading: Reading, number: str
) -> tuple[CaseState | None, str]:
    """The case that a record without one belongs to by declared numbers, and why it cannot be linked to it."""
    if not concerns(alliance, record.partner):
        return None, ""
    found = _cases(tx, record, reading, number)
    if not found:
        return None, ""
    if len(found) > 1:
        return None, (
            f"{number} and the numbers that companies declare for it lead to {len(found)} cases, "
            f"{' and '.join(sorted(found))}: one record is one case. Correct the number that is wrong."
        )
    state = tx.case(found.pop())
    if state is None:
        return None, ""
    there = tx.links_of(state.id).get(record.partner)
    if there is not None and there.native_id != record.native_id:
        return None, (
            f"{number} and {there.number or there.native_id} both claim the same counterpart, of case {state.id}: a "
            "company has one record of a case. Clear the number in the one that is not it."
        )
    return _joined(tx, alliance, state, record.partner), ""


def park_second(tx: Transaction, record: Record, digest: str, why: str) -> Taken:
    """A record whose declared counterpart is another one's, or two cases': a person says which."""
    second = Link(record.partner, record.native_id, None, version=record.version, digest=digest, state="parked")
    tx.keep_link(second, None)
    place = "counterpart"
    case_id = case_id_of(record.partner, record.native_id)
    tx.append("parked", case_id, record.partner, native_id=record.native_id, detail={"code": "X306", "where": place})
    tx.park("record", record.partner, case_id=None, native_id=record.native_id, code="X306", place=place, why=why)
    return Taken(news=True, parked=True)


def remember(tx: Transaction, record: Record, reading: Reading, lens: Lens) -> None:
    """Keep whose numbers this record says."""
    if not declares(lens):
        return
    mine = [c.partner == record.partner, c.native_id == record.native_id]
    tx.connection.execute(sa.delete(counterparts).where(*mine))
    own = {"partner": record.partner, "native_id": record.native_id}
    rows = [{**own, "other": other, "number": number} for other, number in _named(reading).items()]
    if rows:
        tx.connection.execute(sa.insert(counterparts), rows)


def take_along(tx: Transaction, alliance: Alliance, state: CaseState, record: Record, reading: Reading) -> CaseState:
    """Link to a case that opens the records of others that were known from before their cut-off: not read yet."""
    if not concerns(alliance, record.partner):
        return state
    number = str(reading.values.get("externalIdentifier") or record.native_id)
    named = [sa.and_(k.partner == other, _is(other, said)) for other, said in _named(reading).items()]
    naming = [c.partner == k.partner, c.native_id == k.native_id, c.other == record.partner]
    query = sa.select(k.partner, k.native_id).where(
        k.state == "known", sa.or_(*named, sa.exists().where(*naming, c.number.in_(_mine(tx, record, number))))
    )
    for partner, native_id in tx.connection.execute(query.order_by(k.partner, k.native_id)).all():
        link = tx.link(partner, native_id)
        if link is None or partner == record.partner or partner in tx.links_of(state.id):
            continue
        state = _joined(tx, alliance, state, partner)
        kept = replace(link, case_id=state.id, state="linked", version="", digest="", edge=state.edges[partner])
        tx.keep_link(kept, state.subject)
        detail = {"how": "adopted", "number": link.number}
        tx.append("linked", state, partner, native_id=native_id, detail=detail)
    return state


def unmet(tx: Transaction, alliance: Alliance, state: CaseState, partner: str) -> lanes.Misfit | None:
    """Why no record is made there: one of the case's records says that there is one, and it is not known."""
    if not any(partner in declares(other.lens) for other in alliance.partners.values()):
        return None
    query = (
        sa.select(c.partner, c.number, k.number)
        .join(links, sa.and_(c.partner == k.partner, c.native_id == k.native_id))
        .where(c.other == partner, k.case_id == state.id, k.state == "linked")
        .order_by(c.partner)
    )
    said = tx.connection.execute(query).first()
    if said is None:
        return None
    why = (
        f"{said[0]}'s record {said[2]} says that the case is {said[1]} at {partner}, and no such record is known: none "
        "is made beside it. Correct the number, or clear it, and it goes on; once that record is read, it is linked."
    )
    return lanes.Misfit("X307", f"{COUNTERPART}{partner}", why)


def _named(reading: Reading) -> dict[str, str]:
    """partner -> the number of its record, as this record says it."""
    said = {p.removeprefix(COUNTERPART): v for p, v in reading.values.items() if p.startswith(COUNTERPART)}
    return {other: str(value).strip() for other, value in said.items() if value is not None and str(value).strip()}


def _is(partner: str, number: str) -> sa.ColumnElement[bool]:
    """Of a link: its number is this one; its native id is, where no record of the partner has that for its number."""
    other = links.alias()
    taken = sa.exists().where(other.c.partner == partner, other.c.number == number)
    return sa.or_(k.number == number, sa.and_(k.native_id == number, ~taken))


def _mine(tx: Transaction, record: Record, number: str) -> list[str]:
    """What others may call this record: its number, and its native id unless that is another record's number."""
    others = [k.partner == record.partner, k.number == record.native_id, k.native_id != record.native_id]
    taken = tx.connection.execute(sa.select(k.native_id).where(*others)).first() is not None
    return [number] if taken else [number, record.native_id]


def _cases(tx: Transaction, record: Record, reading: Reading, number: str) -> set[str]:
    """Cases of the records that this one names, of others that name the same, and of those that name this one."""
    named = _named(reading)
    linked = [k.case_id.is_not(None), k.state != "parked"]
    claims = sa.or_(
        sa.and_(c.other == record.partner, c.number.in_(_mine(tx, record, number))),
        *(sa.and_(c.other == other, c.number == said) for other, said in named.items()),
    )
    same = sa.and_(c.partner == k.partner, c.native_id == k.native_id)
    itself = sa.and_(c.partner == record.partner, c.native_id == record.native_id)
    queries = [sa.select(k.case_id).join(counterparts, same).where(*linked, claims, ~itself)]
    queries += [
        sa.select(k.case_id).where(*linked, k.partner == other, _is(other, said)) for other, said in named.items()
    ]
    return {str(case_id) for query in queries for case_id in tx.connection.execute(query).scalars()}


def _joined(tx: Transaction, alliance: Alliance, state: CaseState, partner: str) -> CaseState:
    """The case with an edge to this partner; a create that waits for it is withdrawn, what it lacks is owed anew."""
    agreement, host = alliance.agreement.without(tx.left), state.contact_point
    if partner not in state.edges:
        edge = agreement.edge(host, partner, state.values) or agreement.edge(state.holder, partner, state.values)
        edge = edge or agreement.edge(partner, host, state.values)
        state = replace(state, edges={**state.edges, partner: agreement.ref(edge) if edge else ""})
        tx.keep_case(state)
    lanes.disown(tx, state.id, partner, lanes.open_of(tx, state.id).get(partner))
    return state
