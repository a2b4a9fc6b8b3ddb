"""When: how long customers wait until something is accepted, answered, resolved, closed.

A part of the catalogue; pure. Next: `hub/stories.py`, whose stories are the examples; `hub/happened.py` for facts.
"""

from __future__ import annotations

from hub.measures import Indicator, mean, mean_of_cases, median, p90, p95, worst
from hub.stories import CROSSING, LIFE, ROAD

TIMELINESS: tuple[Indicator, ...] = (
    Indicator(
        id="time_to_resolve_median",
        name="Time to resolve, median",
        family="timeliness",
        question="How long does a customer usually wait?",
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
        question="How long do nearly all wait?",
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
        question="How long is a case worked on from end to end?",
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
        question="What does the technology between us cost in time?",
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
        question="How bad does it get?",
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
        id="time_to_resolve_p95",
        name="Time to resolve, nineteen of twenty",
        family="timeliness",
        question="How long do the last ones wait?",
        formula="Business time from opened to first resolved; nineteen of twenty cases took at most this "
        "(interpolated linearly). A company's: cases that it held when they were first resolved.",
        unit="s",
        better="lower",
        fact="resolved",
        take=p95,
        example=LIFE.shows({"whole": 6930, "northcable": None, "telvoz": 6930}),
        sampled=True,
    ),
    Indicator(
        id="time_to_resolve_mean",
        name="Time to resolve, mean",
        family="timeliness",
        question="What does a case take on the whole?",
        formula="Business time from opened to first resolved, as a mean over cases. A company's: cases that it held "
        "when they were first resolved.",
        unit="s",
        better="lower",
        fact="resolved",
        take=mean,
        example=LIFE.shows({"whole": 4500, "northcable": None, "telvoz": 4500}),
        sampled=True,
    ),
    Indicator(
        id="time_to_accept_median",
        name="Time to accept, median",
        family="timeliness",
        question="How long does a case belong to nobody new?",
        formula="From the offer of a case to its acceptance, on the hub's own clock (imported history: business "
        "time); half of the acceptances took at most this. A company's: those by it.",
        unit="s",
        better="lower",
        fact="accepted",
        take=median,
        example=ROAD.shows({"whole": 2400, "telvoz": 2400, "northcable": None, "northcable>telvoz": 2400}),
        by_edge=True,
    ),
    Indicator(
        id="time_to_accept_p95",
        name="Time to accept, nineteen of twenty",
        family="timeliness",
        question="How long may an offer lie?",
        formula="The same; nineteen of twenty acceptances took at most this. A company's: those by it.",
        unit="s",
        better="lower",
        fact="accepted",
        take=p95,
        example=ROAD.shows({"whole": 2400, "telvoz": 2400, "northcable": None, "northcable>telvoz": 2400}),
        by_edge=True,
    ),
    Indicator(
        id="first_response_median",
        name="First response, median",
        family="timeliness",
        question="When does somebody say something?",
        formula="Business time from opened to the first word of the company that answers for the case, a note that "
        "others may see or a new status; half of the cases took at most this. A company's: cases in which "
        "that word was its own.",
        unit="s",
        better="lower",
        fact="responded",
        take=median,
        example=ROAD.shows({"whole": 300, "northcable": 300, "telvoz": None}),
        sampled=True,
    ),
    Indicator(
        id="first_response_p95",
        name="First response, nineteen of twenty",
        family="timeliness",
        question="Who hears nothing for long?",
        formula="The same; nineteen of twenty cases took at most this. A company's: cases in which that word was its "
        "own.",
        unit="s",
        better="lower",
        fact="responded",
        take=p95,
        example=ROAD.shows({"whole": 300, "northcable": 300, "telvoz": None}),
        sampled=True,
    ),
    Indicator(
        id="time_to_close_median",
        name="Time to close, median",
        family="timeliness",
        question="How long until the customer says that it is good?",
        formula="Business time from opened to closed; half of the closings took at most this. A company's: cases that "
        "it answered for.",
        unit="s",
        better="lower",
        fact="closed",
        take=median,
        example=LIFE.shows({"whole": 21600, "northcable": None, "telvoz": 21600}),
        sampled=True,
    ),
    Indicator(
        id="time_to_close_p95",
        name="Time to close, nineteen of twenty",
        family="timeliness",
        question="How long do the last of them take?",
        formula="The same; nineteen of twenty closings took at most this. A company's: cases that it answered for.",
        unit="s",
        better="lower",
        fact="closed",
        take=p95,
        example=LIFE.shows({"whole": 21600, "northcable": None, "telvoz": 21600}),
        sampled=True,
    ),
)
