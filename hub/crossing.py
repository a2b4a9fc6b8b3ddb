"""Whether each value that can cross has a word where it arrives: the partners' tables beside the agreement's edges.

A partner that may hold a case over some edge gets the values of everybody whose cases can reach it, for the paths that
it is given. One without a word would park the case there, after it was handed over. Found by `casebridge check`, and
told at the receiver's line. Pure. Next: `checking.py`, `agreement.py`, `partners.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.agreement import EVERYTHING, Agreement
from hub.declarations import Problem
from hub.edges import Sharing
from hub.partners import Partner
from hub.route import ALWAYS
from mappings.declare_shape import Rule
from mappings.errors import shown
from mappings.ops_values import Table, Word

COMPANIES = frozenset({"holder", "accountable", "contactPoint"})
"""Paths whose values are the companies themselves."""


def check_crossing(agreement: Agreement, partners: Mapping[str, Partner]) -> Iterator[Problem]:
    """Values without a word where they may arrive."""
    for name, receiver in partners.items():
        reached = reaching(agreement, name) & partners.keys()
        for rule, table in tables(receiver):
            if rule.read_only or not reached or not _gets(agreement, name, rule.path):
                continue
            for value, giver in _arriving(agreement, partners, reached, rule.path).items():
                if value not in table.written and value not in table.nearest and not table.keep:
                    how = "is refused here" if value in table.refused else "has no word here"
                    message = (
                        f"{rule.path}: {shown(value)} may come from {giver} and {how}; such a case would be parked. "
                        "Name a word, or the nearest one with `nearest` and `lossy: why`."
                    )
                    known = tuple(str(ours) for ours in table.written)
                    place = (*rule.place, "refuse" if value in table.refused else "values")
                    yield receiver.mapping.problem(place, "A310", message, value, known)


def reaching(agreement: Agreement, name: str) -> set[str]:
    """Partners whose cases can come to this one, over however many edges; changes go both ways over each."""
    found, waiting = {name}, [name]
    while waiting:
        here = waiting.pop()
        for edge in agreement.edges:
            ends = {edge.giver, edge.receiver}
            if here in ends:
                waiting += ends - found
                found |= ends
    return found - {name}


def _gets(agreement: Agreement, name: str, path: str) -> bool:
    """Whether this partner is given the path: over an edge, or as the contact point of a case that it gave away."""
    sharings: list[Sharing] = [agreement.sharing[edge.crosses] for edge in agreement.edges if edge.receiver == name]
    sharings += [EVERYTHING for edge in agreement.edges if edge.giver == name]
    return bool(sharings) and (path in ALWAYS | COMPANIES or any(sharing.allows(path) for sharing in sharings))


def _arriving(agreement: Agreement, partners: Mapping[str, Partner], reached: set[str], path: str) -> dict[Word, str]:
    """Each value that can come, and from whom."""
    if path in COMPANIES:
        return {name: name for name in sorted(reached) if name in agreement.partners}
    found: dict[Word, str] = {}
    for giver in sorted(reached):
        for rule, table in tables(partners[giver]):
            if rule.path == path and not rule.told and _gives(agreement, giver, path):
                for value in table.words.values():
                    found.setdefault(value, giver)
    return found


def _gives(agreement: Agreement, giver: str, path: str) -> bool:
    """Whether what this partner says of the path leaves its link."""
    sharings = [agreement.sharing[edge.crosses] for edge in agreement.edges if edge.receiver == giver]
    return any(edge.giver == giver for edge in agreement.edges) or any(sharing.allows(path) for sharing in sharings)


def tables(partner: Partner) -> Iterator[tuple[Rule, Table]]:
    """Each rule of a partner's mapping that goes by a table, with it."""
    for whole in partner.lens.rules:
        for rule in whole.branches:
            if isinstance(rule.op, Table):
                yield rule, rule.op
