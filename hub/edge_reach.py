"""Whether an edge can be lived by: a case can match it, and its receiver's agents can accept over it, given what the
partners' mappings read. Found by `casebridge check`, and told at the edge's line. Pure.
Next: `edge_checks.py`, which needs no mappings; `crossing.py`, for what crosses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.agreement import Agreement
from hub.crossing import reaching, tables
from hub.declarations import Document, Problem
from hub.edges import ANY, Edge, choices
from hub.partners import Partner
from mappings.errors import shown

TOLD_BY_HUB = frozenset({"holder", "accountable", "contactPoint", "status"})
"""Paths that every case has, whatever is mapped."""


def check_reach(document: Document, agreement: Agreement, partners: Mapping[str, Partner]) -> Iterator[Problem]:
    """A327 for an escalation, A336 for an edge that no case can match, and for an act of acceptance that no agent can
    do."""
    for path, wanted in agreement.escalated_by.items():
        for value in _unsaid(path, wanted, list(partners.values())):
            what = "no mapping reads it" if value == ANY else f"nobody's table says {shown(value)}"
            message = f"escalated_by.{path}: {what}: no agent can escalate by it."
            yield document.problem(("escalated_by", path), "A327", message)
    for i, edge in enumerate(agreement.edges):
        if edge.giver not in partners or edge.receiver not in partners:
            continue
        sources = {edge.giver, *(reaching(agreement, edge.giver) & partners.keys())}
        for path, wanted in edge.when.items():
            for value in _unsaid(path, wanted, [partners[name] for name in sorted(sources)]):
                yield _problem(document, i, edge, "when", path, value, f"no case of {edge.giver} can match")
        for path, wanted in edge.accepted_by.items():
            for value in _unsaid(path, wanted, [partners[edge.receiver]]):
                yield _problem(document, i, edge, "accepted_by", path, value, f"no agent of {edge.receiver} can do it")


def _unsaid(path: str, wanted: Any, sources: list[Partner]) -> Iterator[Any]:
    """The values that none of these companies' records can say; ANY where none reads the path at all."""
    if path in TOLD_BY_HUB - {"status"}:
        return
    reading = [partner for partner in sources if path in partner.lens.paths]
    if not reading:
        yield ANY
        return
    said: set[Any] = set()
    for partner in reading:
        words = [table for rule, table in tables(partner) if rule.path == path]
        if not words or any(table.keep for table in words):
            return  # free text: it may say anything
        said |= {value for table in words for value in table.words.values()}
    yield from (value for value in choices(wanted) if value != ANY and value not in said)


def _problem(document: Document, i: int, edge: Edge, key: str, path: str, value: Any, so: str) -> Problem:
    what = "no mapping that can bring it a case reads it" if value == ANY else f"nobody's table says {shown(value)}"
    message = f"edge {edge.id}: {key}.{path}: {what}: {so}."
    return document.problem(("edges", i, key, path), "A336", message)
