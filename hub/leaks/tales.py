"""Which cases a leak test plays: every edge, worked and refused, and each edge after it; a case of each company that
stays at home, and every hand-over that no edge permits. Pure. Next: `story.py`, which plays them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hub.leaks.allowed import Reached, Text

Fate = Literal["worked", "refused", "at home", "denied"]


@dataclass(slots=True)
class Tale:
    """One case. name: in the report. via: the edges that it is to go over. values: what has to be so for that.
    reached: who has come to have it. native: company -> native id of its record."""

    name: str
    origin: str
    fate: Fate
    via: tuple[Mapping[str, Any], ...]
    values: tuple[Mapping[str, Any], ...]
    reached: Reached
    case_id: str = ""
    native: dict[str, str] = field(default_factory=dict)
    to: str = ""


def tales(text: Text, lived: Text, companies: Sequence[str]) -> Iterator[Tale]:
    """Every edge, worked and refused; every edge after each; each company's own case, and each hand-over that no edge
    permits. lived: the agreement that the hub lives by: an edge that it has beyond the text is tried, and permits none.
    """
    for company in companies:
        yield Tale(f"{company} alone", company, "at home", (), (), Reached(company))
        for other in companies:
            if company != other and not text.permits(company, other, {}):
                yield _denied(company, other, {})
    for edge in lived.edges:
        if not text.permits(edge["from"], edge["to"], _values(edge)):
            yield _denied(edge["from"], edge["to"], _values(edge))
    for edge in text.edges:
        first, to = _values(edge), Reached(edge["from"])
        yield Tale(edge["id"], edge["from"], "worked", (edge,), (first,), to)
        yield Tale(f"{edge['id']}, refused", edge["from"], "refused", (edge,), (first,), Reached(edge["from"]))
        for after in text.edges:
            if after["from"] == edge["to"] and after["to"] != edge["from"]:
                name = f"{edge['id']}, then {after['id']}"
                yield Tale(name, edge["from"], "worked", (edge, after), _both(edge, after), Reached(edge["from"]))


def _denied(company: str, other: str, values: Mapping[str, Any]) -> Tale:
    as_what = "".join(f", {path} {value}" for path, value in values.items())
    name = f"{company} to {other}{as_what}, not permitted"
    return Tale(name, company, "denied", (), (values,), Reached(company), to=other)


def _values(edge: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a case that this edge speaks of."""
    wanted = (edge.get("when") or {}).items()
    return {path: word[0] if isinstance(word, list | tuple) else word for path, word in wanted}


def _both(edge: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values for the one and then for the other: the same where some fit both."""
    first, second = _values(edge), _values(other)
    for path in first.keys() & second.keys():
        words = [each["when"][path] for each in (edge, other)]
        listed = [word if isinstance(word, list | tuple) else [word] for word in words]
        same = [word for word in listed[0] if word in listed[1]]
        if same:
            first[path] = second[path] = same[0]
    return first, {**first, **second}
