"""Whether the agreement's commitments name what there is, say one thing once, and can be kept: the parts of a promise
to the customer must fit into the whole. Pure. Called by `agreement.py` when an agreement is read.
Next: `commitments.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.commitments import ALL, ALWAYS, EACH, Commitment, told
from hub.declarations import Document, Problem
from mappings.case import PICKLISTS

if TYPE_CHECKING:
    from hub.agreement import Agreement
    from hub.edges import Edge


def check_commitments(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """A320 no such calendar, A321 no such partner or edge, A322 whose it cannot be, A323 said twice, A324 parts that
    are longer than the whole."""
    calendars = (ALWAYS, *agreement.calendars)
    for name, company in agreement.partners.items():
        if company.calendar not in calendars:
            message = f"partners.{name}.calendar: {company.calendar!r} is no calendar of this agreement."
            yield document.problem(("partners", name, "calendar"), "A320", message, company.calendar, calendars)
    wrong = [
        problem
        for i, commitment in enumerate(agreement.commitments)
        for problem in _of_one(document, agreement, i, commitment, calendars)
    ]
    yield from wrong
    if not wrong:
        yield from _said_twice(document, agreement)
        yield from _parts(document, agreement)


def _of_one(
    document: Document, agreement: Agreement, i: int, commitment: Commitment, calendars: Sequence[str]
) -> Iterator[Problem]:
    head, place = f"commitment {commitment.id}", ("commitments", i)
    if commitment.calendar and commitment.calendar not in calendars:
        message = f"{head}: calendar: {commitment.calendar!r} is no calendar of this agreement."
        yield document.problem((*place, "calendar"), "A320", message, commitment.calendar, calendars)
    whose = (EACH, ALL, *agreement.partners)
    if commitment.of not in whose:
        message = f"{head}: of: {commitment.of!r} is no partner of this agreement, nor {EACH!r}, nor {ALL!r}."
        yield document.problem((*place, "of"), "A321", message, commitment.of, whose)
    edges = {edge.id: edge for edge in agreement.edges}
    if commitment.edge and commitment.edge not in edges:
        message = f"{head}: edge: {commitment.edge!r} is no edge of this agreement."
        yield document.problem((*place, "edge"), "A321", message, commitment.edge, edges)
    elif commitment.edge and commitment.of not in (EACH, edges[commitment.edge].receiver):
        message = (
            f"{head}: of: a case that came over {commitment.edge} is with {edges[commitment.edge].receiver}, "
            f"and this is a promise of {commitment.of}."
        )
        yield document.problem((*place, "of"), "A322", message)
    if (commitment.of == ALL) != (commitment.clock == "endToEnd"):
        message = f"{head}: of: {commitment.clock} is a promise of " + (
            f"{ALL} together: say `of: {ALL}`." if commitment.clock == "endToEnd" else f"one company or of {EACH}."
        )
        yield document.problem((*place, "of"), "A322", message)


def _said_twice(document: Document, agreement: Agreement) -> Iterator[Problem]:
    ids: set[str] = set()
    said: dict[tuple[str, str, str], str] = {}
    for i, each in enumerate(agreement.commitments):
        if each.id in ids:
            message = f"commitment {each.id}: this id stands twice; reports would not know which is meant."
            yield document.problem(("commitments", i, "id"), "A323", message)
        elif earlier := said.get((each.clock, each.of, each.edge)):
            message = f"commitment {each.id}: {earlier} says it already ({each.clock} of {each.of}); take one out."
            yield document.problem(("commitments", i, "clock"), "A323", message)
        ids.add(each.id)
        said.setdefault((each.clock, each.of, each.edge), each.id)


def _parts(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """Accepting and resolving a case that crossed once takes at most what all together promise. Times in different
    calendars are compared as they stand: office hours only make the parts longer."""
    for i, whole in enumerate(agreement.commitments):
        if whole.clock != "endToEnd":
            continue
        for who, edge in _ways(agreement.partners, agreement.edges):
            parts = [agreement.promise("resolve", who, edge)]
            parts += [agreement.promise("accept", who, edge)] if edge else []
            for priority in PICKLISTS["priority"]:
                amount = sum((part.within[priority] for part in parts if part), timedelta())
                if amount > whole.within[priority]:
                    over = f" over {edge}" if edge else ""
                    message = (
                        f"commitment {whole.id}: {priority}: all together promise {told(whole.within[priority])}, and "
                        f"{who} alone may take {told(amount)}{over} "
                        f"({', '.join(part.id for part in parts if part)}): it cannot be kept."
                    )
                    yield document.problem(("commitments", i, "within"), "A324", message)


def _ways(partners: Mapping[str, object], edges: Iterable[Edge]) -> Iterator[tuple[str, str]]:
    yield from ((name, "") for name in partners)
    yield from ((edge.receiver, edge.id) for edge in edges)
