"""What changed against the period before, why, and what to look at first: from two rollups, each with its evidence.

An indicator changed where the difference is more than chance makes: for counts more than twice its own scatter (of two
counts the square root of their sum), for times and shares by a quarter and more over at least 20 facts each time. The
why are the edges, else the companies, in which most of the difference is: of counts by their own differences, of times
by how much longer all of their facts together took. A suggestion is made only of what got worse.
Pure. Next: `sentences.py`; `page.py` and `mail.py`, which place them first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from math import sqrt

from hub.decisions import Decision, followed
from hub.indicators import INDICATORS, indicator
from hub.measures import Indicator, worst
from hub.periods import Period
from hub.report.scoping import is_theirs
from hub.report.words import Words, one_line
from hub.rollup import WHOLE, Rollup, Row, Scope

MOST, SUGGESTED, CAUSES = 5, 3, 2
_SCATTER, _GROWTH, _FACTS = 2.0, 1.25, 20
Figures = Mapping[tuple[Scope, str], Row]


@dataclass(frozen=True, slots=True)
class Cause:
    """A scope that the difference is in, before and now. share: of the whole difference, 0 to 1."""

    scope: Scope
    before: Row
    now: Row
    share: float


@dataclass(frozen=True, slots=True)
class Change:
    """One indicator of the whole that changed. size: how much more than chance, to order by. worse: None where neither
    way is better."""

    of: Indicator
    before: Row
    now: Row
    size: float
    worse: bool | None
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed against this period."""

    period: Period
    changes: tuple[Change, ...]
    decisions: tuple[Decision, ...] = ()


def compared(now: Rollup, before: Rollup, company: str = "", decisions: Iterable[Decision] = ()) -> Compared:
    """The whole of now compared with before. company: whose people read it; of the why they see what is theirs, as a
    share of all that there is. decisions: of which those are kept that a report of this period follows."""
    found = changes(now, before)
    return Compared(
        before.period,
        tuple(
            replace(change, causes=tuple(one for one in change.causes if is_theirs(one.scope, company)))
            for change in found
        ),
        followed(decisions, now.period),
    )


def changes(now: Rollup, before: Rollup) -> tuple[Change, ...]:
    """What changed most first what got worse; at most MOST."""
    new, old = _figures(now), _figures(before)
    found = []
    for of in INDICATORS:
        then, this = old.get((WHOLE, of.id)), new.get((WHOLE, of.id))
        if of.take is worst or then is None or this is None or (size := _size(then, this)) is None:
            continue  # the slowest of all is chance by its nature
        rose = (this.value or 0) > (then.value or 0)
        worse = None if of.better == "neither" else rose is (of.better == "lower")
        found.append(Change(of, then, this, size, worse, _causes(of, old, new, rose)))
    return tuple(sorted(found, key=lambda change: (change.worse is not True, -change.size))[:MOST])


def told(change: Change, words: Words) -> tuple[str, str]:
    """What changed, and why: two sentences, the second "" where no scope stands out."""
    what = words.say(
        "{indicator}: {now}, before {before}.",
        indicator=words.say(change.of.name), now=words.figure(change.now), before=words.figure(change.before),
    )  # fmt: skip
    parts = [
        words.say("{whose} {now}, before {before}", whose=words.edge(one.scope), now=words.figure(one.now),
                  before=words.figure(one.before))
        for one in change.causes
    ]  # fmt: skip
    if not parts:
        return what, ""
    share = words.amount(100 * sum(one.share for one in change.causes), "%")
    return what, words.say("{share} of the difference: {parts}.", share=share, parts="; ".join(parts))


def effects(of: Iterable[Decision], now: Rollup, words: Words) -> tuple[tuple[str, str, str], ...]:
    """What was decided, what came of it, and how that looks (worse, better or neither). now: what the reader may see;
    a decision on a figure that is not in it is not told."""
    rows = {(row.scope.key, row.indicator): row for row in now.rows}
    said = []
    for one in of:
        row = rows.get((one.scope, one.indicator))
        if row is None:
            continue
        known = indicator(one.indicator)
        then = replace(row, value=_kept(one.before))
        what = words.say("{what} ({owner}, by {day}).", what=one_line(one.what), owner=one_line(one.owner),
                         day=words.date(datetime.combine(one.due, time())))  # fmt: skip
        came = words.say("{indicator}, {whose}: {before} in {period}, {now} now.", indicator=words.say(known.name),
                         whose=words.edge(row.scope), before=words.figure(then), period=one.period,
                         now=words.figure(row))  # fmt: skip
        if one.expected is not None:
            came += " " + words.say("Expected: {figure}.", figure=words.figure(replace(row, value=_kept(one.expected))))
        said.append((what, came, _came(known, one.before, row.value)))
    return tuple(said)


def _kept(value: float | None) -> int | float | None:
    """A value as it was before it was kept as a decimal number."""
    return int(value) if value is not None and value == int(value) else value


def _came(of: Indicator, before: float | None, now: int | float | None) -> str:
    if before is None or now is None or before == now or of.better == "neither":
        return "neither"
    return "better" if (now < before) is (of.better == "lower") else "worse"


def suggestions(found: Sequence[Change], words: Words) -> tuple[str, ...]:
    """What to look at first, each with its evidence, one for a scope; none where nothing got worse."""
    said: dict[Scope, str] = {}
    for change in found:
        if change.worse and change.causes and change.causes[0].scope not in said:
            cause = change.causes[0]
            said[cause.scope] = words.say(
                "Look at {whose} first: {indicator} went from {before} to {now} there, {share} of the difference.",
                whose=words.edge(cause.scope),
                indicator=words.say(change.of.name),
                before=words.figure(cause.before),
                now=words.figure(cause.now),
                share=words.amount(100 * cause.share, "%"),
            )
    return tuple(said.values())[:SUGGESTED]


def _figures(of: Rollup) -> Figures:
    return {(row.scope, row.indicator): row for row in of.rows}


def _size(before: Row, now: Row) -> float | None:
    """How much more than chance the difference is; None where it is not. 0 where there was nothing counts as it is."""
    if before.value is None or now.value is None:
        return None
    if now.unit in ("s", "%"):
        if min(before.n, now.n) < _FACTS or min(before.value, now.value) <= 0:
            return None
        growth = max(before.value, now.value) / min(before.value, now.value)
        return growth / _GROWTH if growth >= _GROWTH else None
    scatter = sqrt(before.value + now.value)
    size = abs(now.value - before.value) / scatter / _SCATTER if scatter else 0.0
    return size if size > 1 else None


def _causes(of: Indicator, old: Figures, new: Figures, rose: bool) -> tuple[Cause, ...]:
    """The edges, else the companies, in which most of the difference is."""
    for kind in ("edge", "company"):
        differences = {
            scope: difference
            for scope, key in new.keys() | old.keys()
            if key == of.id and scope.kind == kind and (difference := _difference(of, scope, old, new, rose)) > 0
        }
        if differences:
            whole = sum(differences.values())
            ordered = sorted(differences, key=lambda scope: (-differences[scope], scope))[:CAUSES]
            empty = {scope: Row(scope, of.id, None if of.unit in ("s", "%") else 0, of.unit, 0) for scope in ordered}
            return tuple(
                Cause(scope, old.get((scope, of.id), empty[scope]), new.get((scope, of.id), empty[scope]),
                      differences[scope] / whole)
                for scope in ordered
                if differences[scope] >= whole / 3
            )  # fmt: skip
    return ()


def _difference(of: Indicator, scope: Scope, old: Figures, new: Figures, rose: bool) -> float:
    """How much of the whole's difference is in this scope, in its direction; below 0 where it went the other way."""
    before, now = old.get((scope, of.id)), new.get((scope, of.id))
    if of.unit in ("s", "%"):
        if before is None or now is None or before.value is None or now.value is None:
            return 0.0
        difference = (now.value - before.value) * now.n
    else:
        difference = float(((now.value if now else 0) or 0) - ((before.value if before else 0) or 0))
    return difference if rose else -difference
