"""The edge map: companies in a ring, an arrow for each edge that cases were handed over, as wide as they were many.

An arrow bows to its own left, so that there and back never cover each other. Of many companies and edges the busiest
are drawn.
Pure geometry. Next: `svg.py` for the elements; the edge table of the page has the same figures in full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, hypot, pi, sin

from markupsafe import Markup

from hub.report import svg
from hub.report.words import Words
from hub.rollup import Rollup

WIDTH, HEIGHT, MOST, ARROWS = 560, 350, 6, 14
_STEPS = 200
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """A company's place. half: half of its box's width and height."""

    name: str
    at: Point
    half: Point
    look: str

    def covers(self, point: Point, margin: float) -> bool:
        """Whether the point lies in the box, or nearer to it than margin."""
        return abs(point[0] - self.at[0]) < self.half[0] + margin and abs(point[1] - self.at[1]) < self.half[1] + margin


def edge_map(rollup: Rollup, words: Words, looks: Mapping[str, str]) -> Markup:
    """The picture; empty where nothing was handed over. looks: company -> the class that colours it."""
    moved = {
        (row.scope.company, row.scope.to): row
        for row in rollup.rows
        if row.indicator == "handovers_in" and row.scope.kind == "edge" and row.value
    }
    if not moved:
        return Markup("")
    nodes = _ring(_busiest(rollup, {pair: row.n for pair, row in moved.items()}), words, looks)
    drawn = {pair: row for pair, row in moved.items() if pair[0] in nodes and pair[1] in nodes and pair[0] != pair[1]}
    most = max((row.n for row in drawn.values()), default=1)
    arrows, labels = [], []
    where = 0.5 if len(nodes) < 5 else 0.4  # in a fuller ring the middles of arrows meet in its centre
    for (giver, receiver), row in sorted(drawn.items(), key=lambda pair: (-pair[1].n, pair[0]))[:ARROWS]:
        back = rollup.row("bounces", row.scope).n
        hint = words.say(
            "{edge}: {handovers}, {n} straight back",
            edge=words.edge(row.scope), handovers=words.handovers(row.n), n=words.number(back),
        )  # fmt: skip
        arrow, label = _arrow(nodes[giver], nodes[receiver], 2 + 12 * row.n / most, words.number(row.n), where)
        arrows.append(svg.group(hint, [arrow]))
        labels.append(label)
    boxes = [
        part
        for node in nodes.values()
        for part in (
            svg.rect(
                node.at[0] - node.half[0], node.at[1] - node.half[1], 2 * node.half[0], 2 * node.half[1],
                f"node {node.look}", node.half[1],
            ),
            svg.text(node.at[0], node.at[1] + 5, node.name, "nodename", "middle"),
        )
    ]  # fmt: skip
    return svg.drawing(WIDTH, HEIGHT, words.say("Hand-overs between companies"), [*arrows, *boxes, *labels])


def _busiest(rollup: Rollup, moved: Mapping[tuple[str, str], int]) -> list[str]:
    """Those with most hand-overs, in the rollup's order; behind them those that it names only at its edges."""
    named = (*rollup.companies, *sorted({name for pair in moved for name in pair} - {*rollup.companies, ""}))
    traffic = {name: sum(n for pair, n in moved.items() if name in pair) for name in named}
    kept = sorted(traffic, key=lambda name: (-traffic[name], name))[:MOST]
    return [name for name in named if name in kept]


def _ring(companies: list[str], words: Words, looks: Mapping[str, str]) -> dict[str, Node]:
    """Companies on an ellipse, the first on top; two stand side by side."""
    nodes = {}
    for place, company in enumerate(companies):
        name = words.title(company)
        name = name if len(name) <= 18 else name[:17] + "…"
        turn = 2 * pi * place / len(companies) - (pi if len(companies) == 2 else pi / 2)
        half = (max(44.0, 4.4 * len(name) + 18), 20.0)
        middle, drop = (WIDTH / 2, HEIGHT / 2), 0.14 * HEIGHT if len(companies) == 3 else 0
        at = (
            middle[0] + (middle[0] - half[0] - 6) * 0.94 * cos(turn),
            middle[1] + (middle[1] - half[1] - 6 + drop / 2) * sin(turn) + drop / 2,
        )
        nodes[company] = Node(name, at, half, looks.get(company, "all"))
    return nodes


def _arrow(giver: Node, receiver: Node, width: float, count: str, where: float) -> tuple[Markup, Markup]:
    """Shaft and head as one picture, and its count to be laid over everything."""
    (ax, ay), (bx, by) = giver.at, receiver.at
    length = hypot(bx - ax, by - ay)
    bow = 0.15 * length + 10
    control = ((ax + bx) / 2 + bow * (by - ay) / length, (ay + by) / 2 - bow * (bx - ax) / length)
    curve = _bezier(giver.at, control, receiver.at)
    start = next(t for t in range(_STEPS) if not giver.covers(curve(t / _STEPS), 5)) / _STEPS
    tip = next(t for t in range(_STEPS, 0, -1) if not receiver.covers(curve(t / _STEPS), 5)) / _STEPS
    head = 7 + 1.1 * width
    tip_at = curve(tip)
    neck = next((t for t in range(int(tip * _STEPS), 0, -1) if _apart(curve(t / _STEPS), tip_at) >= head), 1) / _STEPS
    (nx, ny), (tx, ty) = curve(neck), tip_at
    reach = _apart((nx, ny), tip_at) or 1.0
    side = (0.55 * width + 4.5) / reach
    wing = (-(ty - ny) * side, (tx - nx) * side)
    shaft = [curve(start + (neck - start) * t / 24) for t in range(25)]
    drawn: list[str | float] = ["M", *shaft[0]]
    for point in shaft[1:]:
        drawn += ["L", *point]
    tipped: list[str | float] = ["M", tx, ty, "L", nx + wing[0], ny + wing[1], "L", nx - wing[0], ny - wing[1], "Z"]
    label = curve(start + (tip - start) * where)
    arrow = svg.path(drawn, f"shaft {giver.look}", width) + svg.path(tipped, f"head {giver.look}")
    return arrow, svg.text(label[0], label[1] + 5, count, "count", "middle")


def _bezier(a: Point, control: Point, b: Point) -> Callable[[float], Point]:
    def at(t: float) -> Point:
        u = 1 - t
        return (
            u * u * a[0] + 2 * u * t * control[0] + t * t * b[0],
            u * u * a[1] + 2 * u * t * control[1] + t * t * b[1],
        )

    return at


def _apart(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])
