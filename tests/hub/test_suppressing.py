"""Figures on few cases are held back from others, and cannot be had back by subtraction."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.disclosing import Relation, determined
from hub.entries import Entry
from hub.periods import Period
from hub.rollup import WHOLE, Scope, rollup
from hub.suppressing import FEW, suppress
from hub.worked import worked

COMPANIES = ("north", "south", "west")
ALL = Period.parse("all")
EDGES = [(giver, receiver) for giver, receiver in product(COMPANIES, COMPANIES) if giver != receiver]
counts = st.lists(st.integers(0, 12), min_size=len(EDGES), max_size=len(EDGES))


def told(counts: list[int]) -> list[Entry]:
    """So many cases that went over each edge once; their channel alternates."""
    found: list[Entry] = []
    for (giver, receiver), many in zip(EDGES, counts, strict=True):
        for number in range(many):
            channel = ("phone", "web")[number % 2]
            lines = (
                f"a 09:00 opened {giver} channel={channel}",
                f"a 10:00 offered {giver}>{receiver}",
            )
            found += [
                replace(entry, seq=len(found) + entry.seq, case_id=f"{giver}-{receiver}-{number}")
                for entry in worked(*lines)
            ]
    return found


@settings(deadline=None, max_examples=25)
@given(counts, st.sampled_from(["", *COMPANIES]))
def test_no_figure_on_few_cases_is_shown_to_others_and_none_that_is_held_back_follows_from_the_shown(
    counts: list[int], reader: str
) -> None:
    made = rollup(told(counts), ALL, COMPANIES)
    seen = suppress(made, reader)
    for before, after in zip(made.rows, seen.rows, strict=True):
        own = reader and before.scope.kind in ("company", "edge") and reader in (before.scope.company, before.scope.to)
        assert own or after.held_back or not 0 < before.cases < FEW, before
        assert after == before or (after.held_back and (after.value, after.n, after.cases) == (None, 0, 0) and not own)
    went = [edge for edge, many in zip(EDGES, counts, strict=True) if many]
    into = {Scope("company", name): [Scope("edge", *edge) for edge in went if edge[1] == name] for name in COMPANIES}
    sums = [Relation(WHOLE, list(into)), *(Relation(total, parts) for total, parts in into.items())]
    dark = {row.scope for row in seen.rows if row.indicator == "handovers_in" and row.held_back}
    for scope in determined(sums, dark):  # it may be what the reader knows: of its own cases alone
        assert not any(
            made.row("handovers_in", edge).n for edge in parts_of(scope, into) if reader not in edge.key or not reader
        )
    for relation in sums:
        hidden = [scope for scope in relation if scope in dark]
        others = [edge for edge in parts_of(relation.total, into) if reader not in edge.key or not reader]
        if hidden and relation.total not in hidden and others:
            assert sum(made.row("handovers_in", scope).cases for scope in hidden) >= FEW


def parts_of(scope: Scope, into: dict[Scope, list[Scope]]) -> list[Scope]:
    """The edges that a scope's figure is of, where anything went over them."""
    return [edge for total, edges in into.items() if scope in (WHOLE, total, *edges) for edge in edges
            if scope not in edges or edge == scope]  # fmt: skip


def test_where_one_figure_is_held_back_another_is_too_and_a_company_sees_its_own() -> None:
    made = rollup(told([9, 2, 7, 6, 8, 6]), ALL, COMPANIES)
    few, own = Scope("edge", "north", "west"), Scope("company", "south")
    outside = suppress(made, "south")
    dark = {row.scope for row in outside.rows if row.indicator == "handovers_in" and row.held_back}
    assert few in dark
    assert len(dark) > 1
    assert outside.row("handovers_in", own) == made.row("handovers_in", own)
    assert suppress(made, "west").row("handovers_in", few) == made.row("handovers_in", few)


def test_equations_together_may_tell_what_none_tells_alone() -> None:
    square = [Relation("r1", ["a", "b"]), Relation("r2", ["c", "d"]), Relation("c1", ["a", "c"])]
    assert determined(square, {"a", "b", "c", "d"}) == []
    assert determined(square, {"a"}) == ["a"]
    assert determined([*square, Relation("c2", ["b", "d"])], set("abcd")) == []
    assert set(determined([*square, Relation("x", ["a", "d"])], set("abcd"))) == set("abcd")
