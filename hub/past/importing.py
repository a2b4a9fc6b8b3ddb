"""A past into the ledger: each row an entry of the time that it happened, marked as history, once however often it is
imported.

A hand-over is an offer, and the receiver's first row accepts it. A case that an earlier export brought goes on with the
rows that are new. Where what was imported stands no longer in the export, the case is left as it is and named: history
that was written is not written over. Next: `../facts.py`, which reads such entries like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from typing import Any

import sqlalchemy as sa

from hub.codec import decode
from hub.ledger import Ledger
from hub.past.reading import Past, Step
from hub.state import case_id_of
from hub.tables import entries
from hub.writing import Transaction

AT_ONCE = 250
"""Cases of one transaction; whoever ends between two of them imports the rest next time."""
_e = entries.c


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it. cases, steps: written now. known: steps that were there. differing: cases that were left as they
    are, for the export says otherwise of what was imported."""

    cases: int
    steps: int
    known: int
    differing: tuple[str, ...]


def import_past(ledger: Ledger, past: Past, now: datetime) -> Imported:
    """Write what is new of it. The ledger has one writer, so the exchange waits for a transaction at the most."""
    cases = steps = known = 0
    differing: list[str] = []
    left = iter(past.cases.items())
    while some := list(islice(left, AT_ONCE)):
        with ledger.transaction(now) as tx:
            written = _written(tx, past.name, [case for case, _ in some])
            for case, told in some:
                before = written.get(case_id(past.name, case), [])
                if before != [step.digest for step in told[: len(before)]]:
                    differing.append(case)
                    continue
                _write(tx, past.name, case, told, len(before))
                cases += len(told) > len(before)
                steps += len(told) - len(before)
                known += len(before)
    return Imported(cases, steps, known, tuple(differing))


def case_id(name: str, case: str) -> str:
    """The id of an imported case: of the export's name and the case's number in it."""
    return case_id_of(f"history {name}", case)


def _written(tx: Transaction, name: str, cases: Sequence[str]) -> Mapping[str, list[str]]:
    """case id -> digests of the steps that were imported, in their order."""
    ids = [case_id(name, case) for case in cases]
    query = sa.select(_e.case_id, _e.detail).where(_e.case_id.in_(ids), _e.kind.in_(("opened", "changed")))
    found: dict[str, list[str]] = {}
    for one, detail in tx.connection.execute(query.order_by(_e.seq)):
        found.setdefault(one, []).append(str(decode(detail.encode())["step"]))
    return found


def _write(tx: Transaction, name: str, case: str, told: Sequence[Step], first: int) -> None:
    """The steps from the first that is new on."""
    one, origin = case_id(name, case), told[0].company
    accountable = origin
    for place, (before, step) in enumerate(_with_before(told)):
        actor = origin if before is None else before.company
        accepts, giver = actor != accountable, accountable
        accountable = actor
        if place < first:
            continue
        stood: dict[str, Any] = {
            "status": step.status, "holder": step.company, "accountable": actor, "contact_point": origin,
            "history": True,
        }  # fmt: skip
        said: dict[str, Any] = {"from": name, "step": step.digest}
        about = {key: value for key, value in step.about.items() if before is None or before.about.get(key) != value}
        if about:
            said["about"] = about
        changed = [] if before is None else [
            *(["status"] if before.status != step.status else []),
            *(["holder"] if before.company != step.company else []),
        ]  # fmt: skip
        kept: dict[str, Any] = {"native_id": case, "business_at": step.at, "stood": stood}
        if accepts:
            tx.append("accepted", one, actor, detail={"giver": giver}, **kept | {"stood": {**stood, "holder": actor}})
        tx.append("opened" if before is None else "changed", one, actor, fields=changed, detail=said, **kept)
        if step.company != actor:
            moved = {"giver": actor, "receiver": step.company, "edge": "", "by": actor}
            tx.append("offered", one, actor, detail=moved, **kept)
        if step.score is not None:
            tx.append("fed_back", one, origin, detail={"from": name, "score": step.score}, **kept)


def _with_before(told: Sequence[Step]) -> Iterator[tuple[Step | None, Step]]:
    yield None, told[0]
    yield from pairwise(told)
