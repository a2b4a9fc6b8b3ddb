"""Who is owed what now: every counterpart that lacks something of the case gets a delivery, the others none.

A company that was to hold it and has no record of it yet is owed nothing once the case was taken back.

Runs inside one ledger transaction and talks to nobody. Next: `route.py` (what a partner may have), `lanes.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hub import files, intents, lanes, parking, route, telling
from hub.alliance import Alliance
from hub.lacking import bar, lacking
from hub.state import CaseState, Link
from hub.writing import Transaction
from mappings.errors import MappingError


def owe_all(tx: Transaction, alliance: Alliance, state: CaseState) -> frozenset[str]:
    """Owe every counterpart what it lacks, and take back what is owed no more. Names the partners owed something."""
    links, present = tx.links_of(state.id), lanes.open_of(tx, state.id)
    targets = [name for name in route.targets(state, links) if name not in tx.left]
    for name in present.keys() - set(targets):
        if not intents.in_flight(tx, state.id, name):  # else it is looked for first
            lanes.disown(tx, state.id, name, present[name])
    rows = files.of_case(tx, state) if alliance.spool is not None else {}
    needed: set[str] = set()
    owed: set[str] = set()
    tellable, complete = list[str](), list[str]()
    for name in targets:
        partner = alliance.partners.get(name)
        link = links.get(name)
        if partner is None or (link is not None and link.state == "gone"):
            continue
        file = lacking(alliance, name, state, links, rows)
        needed |= file.needed
        if link is not None and (file.barred or link.barred):
            bar(tx, state, link, file.barred)
        base = partner.lens.to_case(link.base).values if link is not None and link.base else {}
        try:
            lacks = bool(route.owed_to(name, state, links, partner.lens, alliance.agreement, base))
            lacks = lacks or bool(file.ready)
        except MappingError as error:
            why = parking.misfit(partner, error)
            if lanes.park(tx, state.id, name, state.version, why, present.get(name)):
                tx.append("parked", state, name, detail={"code": why.code, "where": why.place})
            tellable.append(name)
            continue
        if lacks:
            if lanes.owe(tx, state.id, name, state.version, present.get(name)):
                tx.append("owed", state, name, detail={"version": state.version})
            owed.add(name)
        elif name in present and present[name].state == "parked":
            lanes.disown(tx, state.id, name, present[name])
        tellable.append(name)
        complete += [] if lacks else [name]
    told = _owe_told(tx, alliance, state, links, [name for name in tellable if name in links])
    for name in sorted({*complete} - told):
        lanes.disown(tx, state.id, name, lanes.open_of(tx, state.id).get(name))
    if alliance.spool is not None and state.files:
        files.reckon(tx, state, rows, needed)
    return frozenset(owed | told)


def _owe_told(
    tx: Transaction, alliance: Alliance, state: CaseState, links: Mapping[str, Link], names: Collection[str]
) -> set[str]:
    """Owe these what their agents have to be told; reckoned last, for it says what was held back meanwhile. Names those
    owed it."""
    owed = set[str]()
    for name in names:
        if telling.telling(tx, alliance, name, state, links) is not None:
            lanes.wake(tx, state.id, name, state.version, lanes.open_of(tx, state.id).get(name))
            owed.add(name)
    return owed
