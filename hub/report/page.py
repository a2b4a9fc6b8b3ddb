"""The rollup as one HTML page that needs nothing else: style and charts inside, no script, every text escaped.

This file decides what stands on the page; `templates/` how it looks. Figures link to their formula in the glossary.
Next: `sentences.py` and `words.py` for what is said, `charts.py` and `edge_map.py` for what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2

from hub.indicators import INDICATORS, indicator
from hub.measures import FAMILIES, Indicator
from hub.report.changes import Compared, effects, suggestions, told
from hub.report.charts import Took, bars, columns
from hub.report.edge_map import MOST, edge_map
from hub.report.sentences import findings, headline, restated, sampled
from hub.report.words import NOTHING, Words
from hub.rollup import WHOLE, Rollup, Row, Scope
from hub.tongue import sentence

_COLOURS = 8  # more companies than this are told apart by name only
_EDGES = 14
_TILES = (
    ("opened", sentence("{changes} changes")),
    ("resolved", sentence("{awaiting_feedback} wait for the customer's word")),
    ("open_at_end", sentence("of {cases} known by then")),
    ("time_to_resolve_median", sentence("nine of ten within {time_to_resolve_p90}")),
    ("crossing_cases", sentence("{handovers_in} hand-overs")),
    ("pingpong_cases", sentence("{bounces} bounces")),
    ("transport_median", sentence("slowest {transport_worst}")),
    ("reopened", sentence("of {resolved} resolved")),
)
_BETTER = {"lower": sentence("Lower is better."), "higher": sentence("Higher is better."), "neither": ""}
_LOOKS = {True: "worse", False: "better", None: "neither"}
_FAMILIES: Mapping[str, str] = {
    "quantity": sentence("Quantity"),
    "timeliness": sentence("Timeliness"),
    "quality": sentence("Quality"),
    "cooperation": sentence("Cooperation"),
    "cost": sentence("Cost"),
    "satisfaction": sentence("Satisfaction"),
    "agreement": sentence("Agreement"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the whole, large."""

    of: Indicator
    value: str
    below: str


@dataclass(frozen=True, slots=True)
class Told:
    """What changed, why ("": no scope stands out), and how it looks: worse, better or neither."""

    what: str
    why: str
    look: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure in the table. share: how long its bar is, in percent of the largest company's."""

    text: str
    share: int
    n: int


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator's line in the table: the whole, then each company."""

    of: Indicator
    whole: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """One edge's line."""

    giver: str
    receiver: str
    look: str
    handovers: int
    bounces: int
    median: str
    worst: str


def page(rollup: Rollup, *, now: datetime, words: Words, before: Compared | None = None) -> str:
    """The page as text. before: what changed against it."""
    return environment().get_template("report.html.j2").render(content(rollup, now=now, words=words, before=before))


def content(rollup: Rollup, *, now: datetime, words: Words, before: Compared | None = None) -> dict[str, Any]:
    """All that stands on it, by the names that the templates know: the page's, the mail's and the print's."""
    changed = before.changes if before is not None else ()
    figures = {(row.scope, row.indicator): row for row in rollup.rows}
    coloured = len(rollup.companies) <= _COLOURS
    looks = {company: f"c{place}" if coloured else "all" for place, company in enumerate(rollup.companies)}
    edges = _edges(rollup, figures, words, looks)
    shown = {known.id for known in INDICATORS if (WHOLE, known.id) in figures}
    return {
        "say": words.say,
        "title": words.period(rollup.period),
        "zone": rollup.period.zone,
        "headline": headline(rollup, words),
        "findings": findings(rollup, words),
        "compared": words.period(before.period) if before is not None else "",
        "changes": [Told(*told(change, words), _LOOKS[change.worse]) for change in changed],
        "suggestions": suggestions(changed, words),
        "decided": [Told(*one) for one in effects(before.decisions if before is not None else (), rollup, words)],
        "tiles": [_tile(indicator(key), below, figures, rollup.cases, words) for key, below in _TILES if key in shown],
        "companies": [(words.title(company), looks[company]) for company in rollup.companies],
        "columns": columns(rollup, words),
        "step": words.step(rollup.step),
        "edge_map": edge_map(rollup, words, looks),
        "bars": bars(_times(rollup, figures, words, looks), words),
        "coloured": coloured,
        "edges": edges[:_EDGES],
        "more_edges": len(edges[_EDGES:]),
        "families": [
            (family_name(family, words), lines)
            for family in FAMILIES
            if (lines := [_line(known, rollup, figures, words) for known in INDICATORS
                          if known.family == family and known.id in shown])
        ],
        "meanings": [known for known in INDICATORS if known.id in shown],
        "shown": lambda known: _shown(known, words),
        "better": {key: words.say(text) if text else "" for key, text in _BETTER.items()},
        "stamp": stamp(rollup, words),
        "sampled": sampled(rollup, words),
        "rollup": rollup,
        "written": words.moment(now.astimezone(rollup.period.tz)),
        "number": words.number,
    }  # fmt: skip


def family_name(family: str, words: Words) -> str:
    """What people call a family of indicators."""
    return words.say(_FAMILIES[family]) if family in _FAMILIES else family.capitalize()


def environment() -> jinja2.Environment:
    """The templates of this room; every text is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _tile(of: Indicator, below: str, figures: Mapping[tuple[Scope, str], Row], known_cases: int, words: Words) -> Tile:
    said = {key: words.figure(row) for (scope, key), row in figures.items() if scope == WHOLE}
    said["cases"] = words.cases(known_cases)
    known = figures[WHOLE, of.id].value is not None
    return Tile(of, words.marked(figures[WHOLE, of.id]), words.say(below, **said) if known else "")


def _line(of: Indicator, rollup: Rollup, figures: Mapping[tuple[Scope, str], Row], words: Words) -> Line:
    rows = [figures[Scope("company", company), of.id] for company in rollup.companies]
    most = max((row.value or 0 for row in rows), default=0) or 1
    cells = tuple(Cell(words.marked(row), max(0, round(100 * (row.value or 0) / most)), row.n) for row in rows)
    return Line(of, words.marked(figures[WHOLE, of.id]), cells)


def _times(
    rollup: Rollup, figures: Mapping[tuple[Scope, str], Row], words: Words, looks: Mapping[str, str]
) -> list[Took]:
    """Companies by name, then the whole; those that resolved nothing have no bar. Of many companies the busiest."""
    resolved = [name for name in rollup.companies if figures[Scope("company", name), "time_to_resolve_median"].n]
    busiest = sorted(resolved, key=lambda name: -figures[Scope("company", name), "time_to_resolve_median"].n)[:MOST]
    scopes = [(Scope("company", name), words.title(name), looks[name]) for name in resolved if name in busiest]
    times = []
    for scope, name, look in [*scopes, (WHOLE, words.edge(WHOLE), "all")]:
        median, p90 = figures[scope, "time_to_resolve_median"], figures[scope, "time_to_resolve_p90"]
        if median.value is not None and p90.value is not None:
            times.append(Took(name, median.value, p90.value, median.n, look))
    return times


def _edges(
    rollup: Rollup, figures: Mapping[tuple[Scope, str], Row], words: Words, looks: Mapping[str, str]
) -> list[EdgeLine]:
    """The edges, those with most hand-overs first."""
    lines = [
        EdgeLine(
            words.title(scope.company),
            words.title(scope.to),
            looks.get(scope.company, "all"),
            figures[scope, "handovers_in"].n,
            figures[scope, "bounces"].n,
            words.figure(figures[scope, "transport_median"]),
            words.figure(figures[scope, "transport_worst"]),
        )
        for scope in rollup.edges
    ]
    return sorted(lines, key=lambda line: (-line.handovers, line.giver, line.receiver))


def _shown(of: Indicator, words: Words) -> str:
    """What the worked example shows, in words."""

    def said(key: str, value: int | float | None) -> str:
        giver, _, receiver = key.partition(">")
        scope = Scope("edge", giver, receiver) if receiver else WHOLE if key == "whole" else Scope("company", key)
        return f"{words.edge(scope)} {NOTHING if value is None else words.amount(value, of.unit)}"

    return ", ".join(said(key, value) for key, value in of.example.shows.items())


def stamp(rollup: Rollup, words: Words) -> Sequence[tuple[str, str]]:
    """From what the page was computed. Of each partner's mappings the newest, with how many there were before."""
    newest: dict[str, list[str]] = {}
    for partner, digest in rollup.mapping_hashes:
        newest.setdefault(partner, []).append(digest)
    mappings = [
        f"{partner} {digests[0][:12]}"
        + (" (" + words.say("and {n} before", n=len(digests) - 1) + ")" if len(digests) > 1 else "")
        for partner, digests in sorted(newest.items())
    ]
    return (
        (words.say("agreement"), rollup.agreement_version or NOTHING),
        (words.say("mappings"), ", ".join(mappings) or NOTHING),
        (words.say("code"), rollup.code_version or NOTHING),
        (words.say("ledger up to entry"), words.number(rollup.head)),
        *(((words.say("restated"), restated(rollup, words)),) if rollup.restated else ()),
    )
