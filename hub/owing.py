"""Who is owed what now: every counterpart that lacks something of the case gets a delivery, the others none.

A company that was to hold it and has no record of it yet is owed nothing once the case was taken back.

Runs inside one ledger transaction and talks to nobody. Next: `route.py` (what a partner may have), `lanes.py`.
"""

from __future__ import annotations

from hub import files, intents, lanes, parking, route
from hub.alliance import Alliance
from hub.lacking import bar, lacking
from hub.state import CaseState
from hub.writing import Transaction
from mappings.errors import MappingError


def owe_all(tx: Transaction, alliance: Alliance, state: CaseState) -> frozenset[str]:
    """Owe every counterpart what it lacks, and take back what is owed no more. Names the partners owed something."""
    links, present = tx.links_of(state.id), lanes.open_of(tx, state.id)
    targets = route.targets(state, links)
    for name in present.keys() - set(targets):
        if not intents.in_flight(tx, state.id, name):  # else it is looked for first
            lanes.disown(tx, state.id, name, present[name])
    rows = files.of_case(tx, state) if alliance.spool is not None else {}
    needed: set[str] = set()
    owed: set[str] = set()
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
            continue
        if lacks:
            if lanes.owe(tx, state.id, name, state.version, present.get(name)):
                tx.append("owed", state, name, detail={"version": state.version})
            owed.add(name)
        else:
            lanes.disown(tx, state.id, name, present.get(name))
    if alliance.spool is not None and state.files:
        files.reckon(tx, state, rows, needed)
    return frozenset(owed)
