"""The rollup as one HTML page that needs nothing else: style and charts inside, no script, every text escaped.

This file decides what stands on the page; `templates/` how it looks. Figures link to their formula in the glossary.
Next: `words.py` for what is said, `charts.py` and `edge_map.py` for what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jinja2

from hub.indicators import INDICATORS, indicator
from hub.measures import FAMILIES, Indicator
from hub.report import words
from hub.report.charts import Took, bars, columns
from hub.report.edge_map import MOST, edge_map
from hub.rollup import WHOLE, Rollup, Row, Scope

_COLOURS = 8  # more companies than this are told apart by name only
_EDGES = 14
_TILES = (
    ("opened", "{changes} changes"),
    ("resolved", "{awaiting_feedback} wait for the customer's word"),
    ("open_at_end", "of {cases} known by then"),
    ("time_to_resolve_median", "nine of ten within {time_to_resolve_p90}"),
    ("crossing_cases", "{handovers_in} hand-overs"),
    ("pingpong_cases", "{bounces} bounces"),
    ("transport_median", "slowest {transport_worst}"),
    ("reopened", "of {resolved} resolved"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the whole, large."""

    of: Indicator
    value: str
    below: str


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


def page(rollup: Rollup, *, now: datetime, titles: Mapping[str, str]) -> str:
    """The page as text."""
    figures = {(row.scope, row.indicator): row for row in rollup.rows}
    coloured = len(rollup.companies) <= _COLOURS
    looks = {company: f"c{place}" if coloured else "all" for place, company in enumerate(rollup.companies)}
    edges = _edges(rollup, figures, titles, looks)
    template = _environment().get_template("report.html.j2")
    return template.render(
        title=words.period(rollup.period),
        zone=rollup.period.zone,
        headline=words.headline(rollup),
        findings=words.findings(rollup, titles),
        tiles=[_tile(indicator(key), below, figures, rollup.cases) for key, below in _TILES],
        companies=[(words.title(company, titles), looks[company]) for company in rollup.companies],
        columns=columns(rollup),
        step=rollup.step,
        edge_map=edge_map(rollup, titles, looks),
        bars=bars(_times(rollup, figures, titles, looks)),
        coloured=coloured,
        edges=edges[:_EDGES],
        more_edges=len(edges[_EDGES:]),
        families=[
            (family, [_line(known, rollup, figures) for known in INDICATORS if known.family == family])
            for family in FAMILIES
        ],
        meanings=INDICATORS,
        shown=lambda known: _shown(known, titles),
        better={"lower": "lower is better", "higher": "higher is better", "neither": ""},
        stamp=_stamp(rollup),
        sampled=words.sampled(rollup, titles),
        rollup=rollup,
        written=words.moment(now.astimezone(rollup.period.tz)),
        number=words.number,
    )


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _tile(of: Indicator, below: str, figures: Mapping[tuple[Scope, str], Row], known_cases: int) -> Tile:
    said = {key: words.figure(row) for (scope, key), row in figures.items() if scope == WHOLE}
    said["cases"] = words.counted(known_cases, "case")
    known = figures[WHOLE, of.id].value is not None
    return Tile(of, words.marked(figures[WHOLE, of.id]), below.format_map(said) if known else "")


def _line(of: Indicator, rollup: Rollup, figures: Mapping[tuple[Scope, str], Row]) -> Line:
    rows = [figures[Scope("company", company), of.id] for company in rollup.companies]
    most = max((row.value or 0 for row in rows), default=0) or 1
    cells = tuple(Cell(words.marked(row), max(0, round(100 * (row.value or 0) / most)), row.n) for row in rows)
    return Line(of, words.marked(figures[WHOLE, of.id]), cells)


def _times(
    rollup: Rollup, figures: Mapping[tuple[Scope, str], Row], titles: Mapping[str, str], looks: Mapping[str, str]
) -> list[Took]:
    """Companies by name, then the whole; those that resolved nothing have no bar. Of many companies the busiest."""
    resolved = [name for name in rollup.companies if figures[Scope("company", name), "time_to_resolve_median"].n]
    busiest = sorted(resolved, key=lambda name: -figures[Scope("company", name), "time_to_resolve_median"].n)[:MOST]
    scopes = [(Scope("company", name), words.title(name, titles), looks[name]) for name in resolved if name in busiest]
    times = []
    for scope, name, look in [*scopes, (WHOLE, "The whole", "all")]:
        median, p90 = figures[scope, "time_to_resolve_median"], figures[scope, "time_to_resolve_p90"]
        if median.value is not None and p90.value is not None:
            times.append(Took(name, median.value, p90.value, median.n, look))
    return times


def _edges(
    rollup: Rollup, figures: Mapping[tuple[Scope, str], Row], titles: Mapping[str, str], looks: Mapping[str, str]
) -> list[EdgeLine]:
    """The edges, those with most hand-overs first."""
    lines = [
        EdgeLine(
            words.title(scope.company, titles),
            words.title(scope.to, titles),
            looks.get(scope.company, ""),
            figures[scope, "handovers_in"].n,
            figures[scope, "bounces"].n,
            words.figure(figures[scope, "transport_median"]),
            words.figure(figures[scope, "transport_worst"]),
        )
        for scope in rollup.edges
    ]
    return sorted(lines, key=lambda line: (-line.handovers, line.giver, line.receiver))


def _shown(of: Indicator, titles: Mapping[str, str]) -> str:
    """What the worked example shows, in words."""

    def said(key: str, value: int | float | None) -> str:
        giver, _, receiver = key.partition(">")
        name = (
            f"{words.title(giver, titles)} → {words.title(receiver, titles)}" if receiver else words.title(key, titles)
        )
        shown = words.NOTHING if value is None else words.amount(value, of.unit)
        return f"{'the whole' if key == 'whole' else name} {shown}"

    return ", ".join(said(key, value) for key, value in of.example.shows.items())


def _stamp(rollup: Rollup) -> Sequence[tuple[str, str]]:
    """From what the page was computed. Of each partner's mappings the newest, with how many there were before."""
    newest: dict[str, list[str]] = {}
    for partner, digest in rollup.mapping_hashes:
        newest.setdefault(partner, []).append(digest)
    mappings = [
        f"{partner} {digests[0][:12]}" + (f" (and {len(digests) - 1} before)" if len(digests) > 1 else "")
        for partner, digests in sorted(newest.items())
    ]
    return (
        ("agreement", rollup.agreement_version or words.NOTHING),
        ("mappings", ", ".join(mappings) or words.NOTHING),
        ("code", rollup.code_version or words.NOTHING),
        ("ledger up to entry", words.number(rollup.head)),
        *((("restated", words.restated(rollup)),) if rollup.restated else ()),
    )
