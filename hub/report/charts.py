"""Two charts: columns over time, and the time that cases took as bars. Each is a function from figures to SVG.

They say nothing that the table does not say. Next: `svg.py` for the elements, `edge_map.py` for the third picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hub.report import svg
from hub.report.words import Words
from hub.rollup import Rollup

WIDTH = 560
_LEFT, _RIGHT, _TOP, _FLOOR = 40, 8, 14, 304


@dataclass(frozen=True, slots=True)
class Took:
    """How long the cases of one company took, in seconds. look: the class that colours it."""

    name: str
    median: float
    p90: float
    n: int
    look: str


def columns(rollup: Rollup, words: Words) -> Markup:
    """Opened and resolved side by side for each step of time."""
    opened = [point for point in rollup.series if point.indicator == "opened"]
    resolved = [point for point in rollup.series if point.indicator == "resolved"]
    if not opened:
        return Markup("")
    ticks = svg.round_steps(max(point.value for point in rollup.series))
    scale = (_FLOOR - _TOP) / ticks[-1]
    pitch = (WIDTH - _LEFT - _RIGHT) / len(opened)
    bar = min(22.0, max(1.5, pitch * 0.36))
    parts = []
    for value in ticks:
        y = _FLOOR - value * scale
        parts.append(svg.line(_LEFT, y, WIDTH - _RIGHT, y, "axis" if value == 0 else "grid"))
        parts.append(svg.text(_LEFT - 8, y + 4, words.number(value), "tick", "end"))
    every = -(-len(opened) // 6)
    for place, (came, went) in enumerate(zip(opened, resolved, strict=True)):
        middle = _LEFT + pitch * (place + 0.5)
        stretch = words.stretch(came.start, rollup.step)
        came_high, went_high = came.value * scale, went.value * scale
        hint = words.say(
            "{stretch}: {opened} opened, {resolved} resolved",
            stretch=stretch, opened=words.number(came.value), resolved=words.number(went.value),
        )  # fmt: skip
        parts.append(svg.group(hint, [
            svg.rect(middle - pitch / 2, _TOP, pitch, _FLOOR - _TOP, "catch"),
            svg.rect(middle - bar - 0.5, _FLOOR - came_high, bar, came_high, "opened", min(2, bar / 3)),
            svg.rect(middle + 0.5, _FLOOR - went_high, bar, went_high, "resolved", min(2, bar / 3)),
        ]))  # fmt: skip
        if place % every == 0:
            look = "tick" if place % (2 * every) == 0 else "tick wide"
            parts.append(svg.text(middle, _FLOOR + 20, words.tick(came.start, rollup.step), look, "middle"))
    return svg.drawing(WIDTH, _FLOOR + 30, words.say("Cases opened and resolved over time"), parts)


def bars(times: Sequence[Took], words: Words) -> Markup:
    """One row a company: a bar to the median, a paler one on to where nine of ten are."""
    if not times:
        return Markup("")
    row, thick = 52, 14
    longest = max(took.p90 for took in times) or 1.0
    scale = (WIDTH - 4) / longest
    parts = []
    for place, took in enumerate(times):
        y = place * row
        hint = words.say(
            "{company}: half within {median}, nine of ten within {p90}; {cases}",
            company=took.name, median=words.duration(took.median), p90=words.duration(took.p90),
            cases=words.cases(took.n),
        )  # fmt: skip
        value = f"{words.duration(took.median)}  ·  {words.duration(took.p90)}"
        parts.append(svg.group(hint, [
            svg.text(0, y + 17, took.name, "label"),
            svg.text(WIDTH, y + 17, value, "value", "end"),
            svg.rect(0, y + 26, WIDTH, thick, "track", 4),
            svg.rect(0, y + 26, max(3, took.p90 * scale), thick, f"pale {took.look}", 4),
            svg.rect(0, y + 26, max(3, took.median * scale), thick, f"solid {took.look}", 4),
        ]))  # fmt: skip
    label = words.say("Time to resolve by company: median and nine of ten")
    return svg.drawing(WIDTH, row * len(times), label, parts)
