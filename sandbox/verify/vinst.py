"""What is published of the incidents log of the BPI Challenge 2013, beside what the production indicators make of it.

Creator of the log: Ward Steeman, doi 10.4121/uuid:500573e6-accc-4b0c-9576-aa5468b10cee, published by 4TU. `header`: the
log's own header says it; `analyses`: public analyses of it, not peer-reviewed; `computed`: computed once from the file
with another tool, as nobody has published it. The organisation line stands for a company; and once more the support
team does, so that hand-overs between teams are counted by the very indicators that count those between companies.

Next: `command.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from statistics import mean, median, quantiles, stdev
from typing import Literal

from hub.entries import Entry
from hub.facts import facts_of
from hub.happened import Fact, What
from hub.indicators import indicator
from hub.measures import tallied
from hub.story import by_case, seconds_between
from hub.timeline import stretches

DAY = 86_400
Source = Literal["header", "analyses", "computed"]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. published: as it is printed there, so that its last digit says how exact it is."""

    name: str
    published: str
    ours: float
    source: Source

    @property
    def shown(self) -> str:
        """Ours to as many digits as theirs."""
        places = -int(Decimal(self.published.replace(",", "")).as_tuple().exponent)
        return f"{self.ours:,.{places}f}"

    @property
    def is_equal(self) -> bool:
        """To the last digit that is published."""
        return self.shown == self.published


@dataclass(frozen=True, slots=True)
class Seen:
    """Facts of the log, by what they are and by case. throughput: case -> seconds from its first change to its last."""

    facts: dict[What, list[Fact]]
    per_case: dict[What, Counter[str]]
    throughput: dict[str, float]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Seen:
        """What the production facts say of these entries."""
        facts: dict[What, list[Fact]] = {}
        for fact in chain.from_iterable(facts_of(story) for story in by_case(entries).values()):
            facts.setdefault(fact.what, []).append(fact)
        per_case = {what: Counter(fact.case_id for fact in some) for what, some in facts.items()}
        last = {fact.case_id: fact.seconds or 0.0 for fact in facts.get("changed", ())}
        return cls(facts, per_case, last)

    def figure(self, key: str) -> float:
        """An indicator for the whole of it."""
        of = indicator(key)
        return float(of.take(tallied(self.facts.get(of.fact, []), of.take)).value or 0)

    def each(self, what: What) -> list[int]:
        """How many such facts each case has, cases without one too."""
        counts = self.per_case.get(what, Counter())
        return [counts[case] for case in self.throughput]

    def holders(self) -> list[int]:
        """How many different companies held each case."""
        held: dict[str, set[str]] = {fact.case_id: {fact.company} for fact in self.facts["opened"]}
        for fact in self.facts.get("handover", ()):
            held[fact.case_id] |= {fact.company, fact.giver}
        return [len(names) for names in held.values()]


def of_lines(entries: Sequence[Entry]) -> Iterator[Line]:
    """Figures of the log, imported with the organisation line as the company."""
    seen = Seen.of(entries)
    yield from _changes(seen)
    yield from _resolutions(seen)
    yield from _lines(seen)


def of_teams(entries: Sequence[Entry]) -> Iterator[Line]:
    """Figures of the log, imported with the support team as the company."""
    yield from _teams(Seen.of(entries))


def of_all(entries: Sequence[Entry]) -> Iterator[Line]:
    """Figures of the log, imported with one company for all."""
    yield Line("days of waiting for the user", "19,308.9", _waited(entries) / DAY, "computed")


def _waited(entries: Sequence[Entry]) -> float:
    """Seconds in which the user was waited for; a wait that still runs is published up to the incident's last row."""
    waited = 0.0
    for story in by_case(entries).values():
        for stretch in stretches(story):
            if stretch.what == "customer":
                waited += seconds_between(stretch.start, stretch.end or story[-1].business_at or stretch.start)
    return waited


def _changes(seen: Seen) -> Iterator[Line]:
    changes, seconds = seen.each("changed"), list(seen.throughput.values())
    yield Line("incidents", "7,554", seen.figure("opened"), "header")
    yield Line("changes", "65,533", seen.figure("changes"), "header")
    yield Line("most changes in one incident", "123", max(changes), "header")
    yield Line("changes an incident, mean", "8.675", mean(changes), "header")
    yield Line("changes an incident, sample deviation", "7.626", stdev(changes), "header")
    yield Line("throughput in seconds, mean", "1,043,655.35", seen.figure("throughput_mean"), "header")
    yield Line("throughput in seconds, sample deviation", "2,468,905.658", stdev(seconds), "header")
    yield Line("throughput in seconds, longest", "66,644,793", max(seconds), "header")
    yield Line("throughput in seconds, all together", "7,883,772,512", sum(seconds), "header")
    hundredths = quantiles(seconds, n=100, method="inclusive")
    for share, published in ((50, "7.5"), (95, "35.7"), (99, "116.6")):
        name = f"throughput in days, {share} % took at most"
        yield Line(name, published, hundredths[share - 1] / DAY, "analyses")
    yield Line("throughput in days, mean", "12.1", mean(seconds) / DAY, "analyses")
    over = sum(one > 240 * 3600 for one in seconds)
    yield Line("incidents that took over 240 h, %", "31.0", 100 * over / len(seconds), "analyses")


def _teams(seen: Seen) -> Iterator[Line]:
    names = {name for fact in seen.facts["handover"] for name in (fact.company, fact.giver)}
    names |= {fact.company for fact in seen.facts["opened"]}
    handed = seen.each("handover")
    yield Line("support teams", "649", len(names), "header")
    yield Line("support teams an incident, mean", "1.817", mean(seen.holders()), "header")
    yield Line("support teams an incident, most", "12", max(seen.holders()), "header")
    yield Line("hand-overs between teams an incident, mean", "1.25", mean(handed), "analyses")
    yield Line("hand-overs between teams in an incident, most", "31", max(handed), "analyses")
    yield Line("incidents that stayed with one team", "3,734", handed.count(0), "analyses")
    yield Line("ping-pong between teams, incidents", "1,177", seen.figure("pingpong_cases"), "analyses")
    yield Line("ping-pong between teams, bounces", "2,394", seen.figure("bounces"), "analyses")
    at = dict(zip(seen.throughput, handed, strict=True))
    for times, published in ((0, "0.3"), (1, "8.4"), (2, "10.0"), (3, "13.9")):
        took = [seconds for case, seconds in seen.throughput.items() if min(at[case], 3) == times]
        name = f"median days at {times}{' or more' if times == 3 else ''} hand-overs between teams"
        yield Line(name, published, median(took) / DAY, "analyses")


def _resolutions(seen: Seen) -> Iterator[Line]:
    resolved, reopened, all_of = seen.figure("resolved"), seen.figure("reopened"), seen.figure("opened")
    yield Line("incidents that were resolved or closed", "5,663", resolved, "analyses")
    yield Line("incidents that never were", "1,891", all_of - resolved, "analyses")
    yield Line("incidents that were reopened", "390", reopened, "analyses")
    yield Line("reopened, of those resolved, %", "6.9", 100 * reopened / resolved, "analyses")
    yield Line("reopened, of all, %", "5.2", 100 * reopened / all_of, "analyses")


_A2, _B, _C, _OTHER = "org_line_a2", "org_line_b", "org_line_c", "other"
EDGES = (
    (_C, _A2, "1,115"), (_A2, _C, "665"), (_C, _B, "380"), (_OTHER, _C, "224"), (_B, _C, "174"), (_C, _OTHER, "136"),
    (_OTHER, _A2, "126"),
)  # fmt: skip
"""The largest edges: giver, receiver, how many."""


def _lines(seen: Seen) -> Iterator[Line]:
    edges = Counter((fact.giver, fact.company) for fact in seen.facts["handover"])
    yield Line("incidents that crossed organisation lines", "2,034", seen.figure("crossing_cases"), "computed")
    yield Line("hand-overs between lines", "4,350", seen.figure("handovers_in"), "computed")
    yield Line("ping-pong between lines, incidents", "883", seen.figure("pingpong_cases"), "computed")
    yield Line("ping-pong between lines, bounces", "1,876", seen.figure("bounces"), "computed")
    yield Line("edges between lines", "106", len(edges), "computed")
    for giver, receiver, published in EDGES:
        name = f"hand-overs from {giver.removeprefix('org_line_')} to {receiver.removeprefix('org_line_')}"
        yield Line(name, published, edges[giver, receiver], "computed")
