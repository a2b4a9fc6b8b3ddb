"""The indicators that managers get: what each is called, how it is computed in words, and an example that is a test.

`log_figures` answers the replay of a log from the very same pieces, so that what is checked against the world is what
managers read. Pure functions over entries: no SQL, no case body, no clock.
Next: `facts.py` for how entries become facts, `measures.py` for how facts become a figure, `stories.py` for the worked
examples, `rollup.py` for scopes and periods.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from hub.entries import Entry
from hub.facts import Fact, by_case, facts_of
from hub.indicators_feedback import FEEDBACK
from hub.measures import Indicator, cases, count, mean_of_cases, median, p90, worst
from hub.stories import CROSSING, LIFE, RETURN, TROUBLE

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        id="opened",
        name="Cases opened",
        family="quantity",
        formula="Cases that came in. A company's: those that came in at it.",
        unit="cases",
        better="neither",
        fact="opened",
        take=cases,
        example=LIFE.shows({"whole": 3, "northcable": 2, "telvoz": 1}),
    ),
    Indicator(
        id="resolved",
        name="Cases resolved",
        family="quantity",
        formula="Cases whose status became resolved or closed at least once. A company's: those that it held then.",
        unit="cases",
        better="higher",
        fact="resolved",
        take=cases,
        example=LIFE.shows({"whole": 2, "northcable": 0, "telvoz": 2}),
        sampled=True,
    ),
    Indicator(
        id="open_at_end",
        name="Open at the end",
        family="quantity",
        formula="Cases that nobody had resolved, closed, cancelled or rejected when the period ended. "
        "A company's: those that it held.",
        unit="cases",
        better="lower",
        fact="open",
        take=cases,
        example=LIFE.shows({"whole": 1, "northcable": 1, "telvoz": 0}),
    ),
    Indicator(
        id="awaiting_feedback",
        name="Waiting for the customer's word",
        family="quantity",
        formula="Cases that were resolved and not closed when the period ended. A company's: those that it held.",
        unit="cases",
        better="lower",
        fact="awaiting",
        take=cases,
        example=LIFE.shows({"whole": 1, "northcable": 0, "telvoz": 1}),
    ),
    Indicator(
        id="changes",
        name="Changes",
        family="quantity",
        formula="Times that a company opened or changed a case in its own system. A company's: its own.",
        unit="changes",
        better="neither",
        fact="changed",
        take=count,
        example=CROSSING.shows({"whole": 2, "northcable": 1, "telvoz": 1}),
        sampled=True,
    ),
    Indicator(
        id="deliveries",
        name="Deliveries",
        family="quantity",
        formula="Receipts: a partner's system holds a version of a case that another side wrote. "
        "A company's: those to it.",
        unit="deliveries",
        better="neither",
        fact="delivered",
        take=count,
        example=CROSSING.shows({"whole": 3, "northcable": 1, "telvoz": 1, "brightnet": 1}),
    ),
    Indicator(
        id="time_to_resolve_median",
        name="Time to resolve, median",
        family="timeliness",
        formula="Business time from opened to first resolved; half of the cases took at most this. "
        "A company's: cases that it held when they were first resolved.",
        unit="s",
        better="lower",
        fact="resolved",
        take=median,
        example=LIFE.shows({"whole": 4500, "northcable": None, "telvoz": 4500}),
        sampled=True,
    ),
    Indicator(
        id="time_to_resolve_p90",
        name="Time to resolve, nine of ten",
        family="timeliness",
        formula="Business time from opened to first resolved; nine of ten cases took at most this (interpolated "
        "linearly). "
        "A company's: cases that it held when they were first resolved.",
        unit="s",
        better="lower",
        fact="resolved",
        take=p90,
        example=LIFE.shows({"whole": 6660, "northcable": None, "telvoz": 6660}),
        sampled=True,
    ),
    Indicator(
        id="throughput_mean",
        name="Throughput, mean",
        family="timeliness",
        formula="Business time from a case's first change to its last one in the period, as a mean over the cases "
        "that changed. "
        "A company's: cases that came in at it.",
        unit="s",
        better="lower",
        fact="changed",
        take=mean_of_cases,
        example=CROSSING.shows({"whole": 1200, "northcable": 1200, "telvoz": None}),
        side="origin",
        sampled=True,
    ),
    Indicator(
        id="transport_median",
        name="Time across the edge, median",
        family="timeliness",
        formula="From when the hub saw a change to the receipt of the company that was owed it, on the hub's own "
        "clock; half of the arrivals took at most this. "
        "A company's: arrivals at it.",
        unit="s",
        better="lower",
        fact="carried",
        take=median,
        example=CROSSING.shows({"whole": 6, "northcable": 6, "telvoz": 4, "northcable>brightnet": 30}),
        by_edge=True,
    ),
    Indicator(
        id="transport_worst",
        name="Time across the edge, slowest",
        family="timeliness",
        formula="The slowest arrival: from when the hub saw a change to the receipt of the company that was owed it, "
        "on the hub's own clock. "
        "A company's: arrivals at it.",
        unit="s",
        better="lower",
        fact="carried",
        take=worst,
        example=CROSSING.shows({"whole": 30, "northcable": 6, "telvoz": 4, "northcable>brightnet": 30}),
        by_edge=True,
    ),
    Indicator(
        id="reopened",
        name="Cases reopened",
        family="quality",
        formula="Cases that were resolved or closed and then worked again. "
        "A company's: those that it held when they were reopened.",
        unit="cases",
        better="lower",
        fact="reopened",
        take=cases,
        example=LIFE.shows({"whole": 1, "northcable": 0, "telvoz": 1}),
        sampled=True,
    ),
    Indicator(
        id="parked",
        name="Put before a person",
        family="quality",
        formula="Records and deliveries that could not go on by themselves and were parked for a person. "
        "A company's: its own records, and deliveries to it.",
        unit="records",
        better="lower",
        fact="parked",
        take=count,
        example=TROUBLE.shows({"whole": 1, "northcable": 0, "telvoz": 1}),
    ),
    Indicator(
        id="conflicts",
        name="Conflicting edits",
        family="quality",
        formula="Times that two companies had changed one field of a case and one of the edits was not kept. "
        "A company's: those where its own edit was not kept.",
        unit="fields",
        better="lower",
        fact="conflict",
        take=count,
        example=TROUBLE.shows({"whole": 2, "northcable": 2, "telvoz": 0}),
    ),
    Indicator(
        id="crossing_cases",
        name="Cases that crossed",
        family="cooperation",
        formula="Cases whose holder changed, so that more than one company held them. "
        "A company's: those that it gave or received.",
        unit="cases",
        better="neither",
        fact="handover",
        take=cases,
        example=RETURN.shows({"whole": 2, "northcable": 2, "telvoz": 1, "brightnet": 1}),
        side="either",
        sampled=True,
    ),
    Indicator(
        id="handovers_in",
        name="Hand-overs in",
        family="cooperation",
        formula="Times that the holder of a case changed, repeats collapsed. A company's: those to it.",
        unit="hand-overs",
        better="neither",
        fact="handover",
        take=count,
        example=RETURN.shows({"whole": 4, "northcable": 1, "telvoz": 2, "brightnet": 1, "northcable>telvoz": 2}),
        by_edge=True,
        sampled=True,
    ),
    Indicator(
        id="handovers_out",
        name="Hand-overs out",
        family="cooperation",
        formula="Times that the holder of a case changed, repeats collapsed. A company's: those from it.",
        unit="hand-overs",
        better="neither",
        fact="handover",
        take=count,
        example=RETURN.shows({"whole": 4, "northcable": 3, "telvoz": 1, "brightnet": 0}),
        side="giver",
        sampled=True,
    ),
    Indicator(
        id="pingpong_cases",
        name="Ping-pong cases",
        family="cooperation",
        formula="Cases that came straight back at least once: to A, to B, to A again. "
        "A company's: those that came back to it.",
        unit="cases",
        better="lower",
        fact="bounce",
        take=cases,
        example=RETURN.shows({"whole": 1, "northcable": 1, "telvoz": 1, "brightnet": 0}),
        by_edge=True,
        sampled=True,
    ),
    Indicator(
        id="bounces",
        name="Bounces",
        family="cooperation",
        formula="Hand-overs to the company that had held the case two steps earlier. A company's: those back to it.",
        unit="bounces",
        better="lower",
        fact="bounce",
        take=count,
        example=RETURN.shows({"whole": 2, "northcable": 1, "telvoz": 1, "brightnet": 0, "telvoz>northcable": 1}),
        by_edge=True,
        sampled=True,
    ),
    *FEEDBACK,
)


def indicator(key: str) -> Indicator:
    """The indicator of that id. Raises KeyError with the known ones."""
    found = next((known for known in INDICATORS if known.id == key), None)
    if found is None:
        raise KeyError(f"R103 {key!r} is no indicator. Known: {', '.join(known.id for known in INDICATORS)}.")
    return found


@dataclass(frozen=True, slots=True)
class LogFigures:
    """The figures by which a replayed log is compared with its file. mean_throughput_seconds: 0.0 without cases."""

    changes: int
    handovers: int
    crossing: int
    pingpong_cases: int
    bounces: int
    mean_throughput_seconds: float


def log_figures(entries: Iterable[Entry]) -> LogFigures:
    """The production indicators over all entries, for the whole. Cases that bear the test marker are left out."""
    stories = by_case(entries)
    facts = list(chain.from_iterable(facts_of(story) for case_id, story in stories.items() if case_id))

    def figure(key: str) -> int | float:
        return _whole(indicator(key), facts) or 0

    return LogFigures(
        changes=int(figure("changes")),
        handovers=int(figure("handovers_in")),
        crossing=int(figure("crossing_cases")),
        pingpong_cases=int(figure("pingpong_cases")),
        bounces=int(figure("bounces")),
        mean_throughput_seconds=float(figure("throughput_mean")),
    )


def _whole(of: Indicator, facts: Iterable[Fact]) -> int | float | None:
    return of.take([fact for fact in facts if fact.what == of.fact]).value
