"""Whether the agreement's edges make sense, each and together: what one names is there, what it is good for holds, no
case could go two ways by itself or in a ring, and none is left that nobody is competent for. Pure. Called by
`agreement.py` when an agreement is read. Next: `edges.py`; `crossing.py`, which needs the partners' mappings too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from hub.declarations import Document, Problem
from hub.edges import ANY, CONTACT_POINT, GIVER, Edge, are_apart, choices
from mappings.case import PATHS, PICKLISTS, is_path

if TYPE_CHECKING:
    from hub.agreement import Agreement


def check_edges(document: Document, agreement: Agreement) -> list[Problem]:
    """A302 no case path, A304 no such partner, A305 no such sharing, A306 no such word, A307 two edges for one case,
    A330 to A335 where a refused case goes, two ways, rings, gaps, competences, examples."""
    wrong = [
        problem
        for i, edge in enumerate(agreement.edges)
        for part in (_ends(document, agreement, i, edge), _paths(document, i, edge), _way_back(document, agreement, i))
        for problem in part
    ]
    wrong += list(_overlaps(document, agreement))
    wrong += list(_competences(document, agreement))
    if not wrong:
        wrong += [*_rings(document, agreement), *_gaps(document, agreement), *_examples(document, agreement)]
    return wrong


def _ends(document: Document, agreement: Agreement, i: int, edge: Edge) -> Iterator[Problem]:
    for key, name in (("from", edge.giver), ("to", edge.receiver), *(("experts", who) for who in edge.experts)):
        if name not in agreement.partners:
            message = f"edge {edge.id}: {key}: {name!r} is no partner of this agreement."
            place = ("edges", i, key, name) if key == "experts" else ("edges", i, key)
            yield document.problem(place, "A304", message, name, agreement.partners)
    if edge.crosses not in agreement.sharing:
        message = f"edge {edge.id}: crosses: {edge.crosses!r} is no sharing of this agreement."
        yield document.problem(("edges", i, "crosses"), "A305", message, edge.crosses, agreement.sharing)


def _paths(document: Document, i: int, edge: Edge) -> Iterator[Problem]:
    """Paths and words of its conditions and examples."""
    said: list[tuple[tuple[str | int, ...], Mapping[str, Any]]] = [
        (("when",), edge.when), (("accepted_by",), edge.accepted_by),
        *((("examples", at, "case"), example.case) for at, example in enumerate(edge.examples)),
    ]  # fmt: skip
    for place, condition in said:
        for path, wanted in condition.items():
            where, at = ".".join(str(part) for part in (*place, path)), ("edges", i, *place, path)
            if not is_path(path):
                yield document.problem(at, "A302", f"edge {edge.id}: {where}: is no case path.", path, sorted(PATHS))
            known = (*PICKLISTS[path], *((ANY,) if place[0] == "accepted_by" else ())) if path in PICKLISTS else ()
            for value in choices(wanted):
                if known and value not in known:
                    message = f"edge {edge.id}: {where}: {value!r} is no {path}."
                    yield document.problem(at, "A306", message, value, known)


def _way_back(document: Document, agreement: Agreement, i: int) -> Iterator[Problem]:
    """Where a refused case goes is a company, and an edge leads there."""
    edge = agreement.edges[i]
    if edge.refused_to in (GIVER, CONTACT_POINT):
        return
    place, head = ("edges", i, "refused_to"), f"edge {edge.id}: refused_to: {edge.refused_to!r}"
    if edge.refused_to not in agreement.partners:
        known = (GIVER, CONTACT_POINT, *agreement.partners)
        yield document.problem(place, "A330", f"{head} is no partner of this agreement.", edge.refused_to, known)
    elif not any(_leads(other, edge.giver, edge.refused_to) for other in agreement.edges):
        message = f"{head}: no transfer edge leads there from {edge.giver}, which answers for a refused case."
        yield document.problem(place, "A330", message)


def _leads(edge: Edge, giver: str, receiver: str) -> bool:
    return edge.kind == "transfer" and (edge.giver, edge.receiver) == (giver, receiver)


def _overlaps(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """Of two edges that one case matches, which one is it? Between two companies at most one may, and by itself a case
    goes one way."""
    for (_, earlier), (i, edge) in combinations(enumerate(agreement.edges), 2):
        if edge.giver != earlier.giver or edge.kind != earlier.kind or are_apart(edge.when, earlier.when):
            continue
        if edge.receiver == earlier.receiver:
            what = edge.kind
            message = f"edge {edge.id}: a case can match {earlier.id} too; at most one {what} edge may match."
            yield document.problem(("edges", i, "id"), "A307", message)
        elif edge.kind == "transfer" and edge.fires == earlier.fires == "auto":
            message = (
                f"edge {edge.id}: a case can match {earlier.id} too, and both move it by themselves: to "
                f"{edge.receiver}, or to {earlier.receiver}?"
            )
            yield document.problem(("edges", i, "fires"), "A331", message)


def _rings(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """Edges that move a case by themselves and lead back to where it was."""
    own = [(i, edge) for i, edge in enumerate(agreement.edges) if edge.fires == "auto"]
    told: set[frozenset[str]] = set()
    for i, first in own:
        ways: list[tuple[Edge, ...]] = [(first,)]
        while ways:
            way = ways.pop()
            for _, after in own:
                if after.giver != way[-1].receiver or after in way or any(are_apart(after.when, e.when) for e in way):
                    continue
                ring = (*way, after)
                if after.receiver != first.giver:
                    ways.append(ring)
                elif frozenset(edge.id for edge in ring) not in told:
                    told.add(frozenset(edge.id for edge in ring))
                    names = " -> ".join([edge.giver for edge in ring] + [first.giver])
                    message = f"edge {first.id}: one case can go {names} by itself: a ring without an end."
                    yield document.problem(("edges", i, "fires"), "A332", message)


def _competences(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """Paths and words of what the companies say that they can, and edges that lead to one who cannot."""
    for name, company in agreement.partners.items():
        for path, values in company.competences.items():
            place = ("partners", name, "competences", path)
            if not is_path(path):
                message = f"partners.{name}.competences.{path}: is no case path."
                yield document.problem(place, "A302", message, path, sorted(PATHS))
            for value in values:
                if path in PICKLISTS and value not in PICKLISTS[path]:
                    message = f"partners.{name}.competences.{path}: {value!r} is no {path}."
                    yield document.problem(place, "A306", message, value, PICKLISTS[path])
    for i, edge in enumerate(agreement.edges):
        receiver = agreement.partners.get(edge.receiver)
        for path, wanted in edge.when.items() if receiver is not None and edge.kind != "information" else ():
            able = receiver.competences.get(path) if receiver is not None else None
            lacks = [value for value in choices(wanted) if able is not None and value not in able]
            if lacks:
                message = f"edge {edge.id}: when.{path}: {edge.receiver} is not competent for {lacks[0]!r}."
                yield document.problem(("edges", i, "when", path), "A334", message, lacks[0], map(str, able or ()))


def _gaps(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """Cases that somebody is competent for and that cannot get there from a company that is not."""
    able: dict[str, dict[Any, list[str]]] = {}
    for name, company in agreement.partners.items():
        for path, values in company.competences.items():
            for value in values:
                able.setdefault(path, {}).setdefault(value, []).append(name)
    for path, of in able.items():
        for name in agreement.partners:
            for value, competent in of.items():
                if name not in competent and not _goes_on(agreement, name, path, value, competent):
                    message = (
                        f"partners.{name}: a case whose {path} is {value!r} matches no edge from here, and "
                        f"{' and '.join(competent)} could solve it: nobody would."
                    )
                    yield document.problem(("partners", name), "A333", message)


def _goes_on(agreement: Agreement, giver: str, path: str, value: Any, competent: list[str]) -> bool:
    """Whether some edge, or a row of them, leads such a case from this company to one that can solve it."""
    seen, waiting = {giver}, [giver]
    while waiting:
        here = waiting.pop()
        for edge in agreement.edges:
            if edge.kind == "transfer" and edge.giver == here and value in choices(edge.when.get(path, value)):
                if edge.receiver in competent:
                    return True
                if edge.receiver not in seen:
                    seen.add(edge.receiver)
                    waiting.append(edge.receiver)
    return False


def _examples(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """Each example is run: this case goes there, that one does not."""
    for i, edge in enumerate(agreement.edges):
        for at, example in enumerate(edge.examples):
            head, place = f"edge {edge.id}: example {at + 1}", ("edges", i, "examples", at)
            if example.goes and (misses := list(edge.misses(example.case))):
                yield document.problem(place, "A335", f"{head} does not go over it: {'; '.join(misses)}.")
            elif not example.goes and edge.matches(example.case):
                asked = ", ".join(edge.when) or "nothing"
                yield document.problem(place, "A335", f"{head} goes over it, and is not to: it asks for {asked} alone.")


def check_urging(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """A302 no case path, A306 no such word, A326 a company that nobody can be asked of."""
    said: Mapping[str, Any] = agreement.escalated_by
    for path, wanted in said.items():
        place, head = ("escalated_by", path), f"escalated_by.{path}"
        if not is_path(path):
            yield document.problem(place, "A302", f"{head}: is no case path.", path, sorted(PATHS))
        for value in choices(wanted) if path in PICKLISTS else ():
            if value not in (*PICKLISTS[path], ANY):
                yield document.problem(place, "A306", f"{head}: {value!r} is no {path}.", value, PICKLISTS[path])
    for name, company in agreement.partners.items() if said else ():
        if not company.escalation:
            message = (
                f"partners.{name}: has no `escalation`, and contact points may escalate cases that it has: to whom?"
            )
            yield document.problem(("partners", name), "A326", message)
