"""What the cases of the last weeks would have done under another version of the agreement.

Their hand-overs are asked for again, with what each case says today; their promises are reckoned again from the same
entries. What people would have done otherwise, nobody knows. Pure: entries and both versions.
Next: `agreement_diff.py`, for what changes in words; `agreement_cli.py`, which prints it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.agreement import Agreement
from hub.clocks import clocks_of
from hub.entries import Entry


@dataclass(slots=True)
class Lived:
    """Counts over cases. Made, filled and read inside one call.

    handovers: those that were permitted. forbidden: edge -> hand-overs that it would not permit any more. moved: (edge
    before, edge after) -> hand-overs. alone: edge -> cases that it would have moved by itself, and that nobody gave
    there. unreasoned: refusals without a reason that it allows. promises: commitment -> [kept before, broken before,
    kept after, broken after].
    """

    cases: int = 0
    handovers: int = 0
    forbidden: Counter[str] = field(default_factory=Counter)
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    unreasoned: Counter[str] = field(default_factory=Counter)
    promises: dict[str, list[int]] = field(default_factory=dict)


def lived(
    stories: Iterable[tuple[Sequence[Entry], Mapping[str, Any]]], before: Agreement, after: Agreement, now: datetime
) -> Lived:
    """How these cases fared, and would have. stories: (entries, values as they are today) of each case; imported
    history and test cases are left out by who asks."""
    found = Lived(promises={each.id: [0, 0, 0, 0] for each in (*before.commitments, *after.commitments)})
    for story, values in stories:
        found.cases += 1
        _handovers(found, story, values, after)
        for at, agreement in ((0, before), (2, after)):
            for clock in clocks_of(story, agreement, now):
                if clock.state in ("kept", "broken"):
                    found.promises[clock.commitment.id][at + (clock.state == "broken")] += 1
    return found


def _handovers(found: Lived, story: Sequence[Entry], values: Mapping[str, Any], after: Agreement) -> None:
    given: set[str] = set()
    for entry in story:
        detail = {key: str(value) for key, value in entry.detail.items() if isinstance(value, str)}
        if entry.kind == "offered" and detail.get("edge"):
            found.handovers += 1
            given.add(detail["receiver"])
            edge = after.edge(detail["giver"], detail["receiver"], values)
            if edge is None:
                found.forbidden[detail["edge"]] += 1
            elif edge.id != detail["edge"]:
                found.moved[detail["edge"], edge.id] += 1
        if entry.kind == "refused" and detail.get("how") == "refused" and not detail.get("reason"):
            edge = after.edge(detail["back_to"], detail["receiver"], values)
            if edge is not None and after.reasons_of(after.ref(edge)):
                found.unreasoned[edge.id] += 1
    opened = next((entry.partner for entry in story if entry.kind == "opened"), "")
    for edge in after.edges_from(opened, values, "auto"):
        if edge.receiver not in given:
            found.alone[edge.id] += 1
