"""At what cost: touches, hand-overs and calls for each case.

A part of the catalogue; pure. Next: `hub/stories.py`, whose stories are the examples; `hub/happened.py` for facts.
"""

from __future__ import annotations

from hub.measures import Indicator, each_case
from hub.stories import CROSSING, RETURN, ROAD

COST: tuple[Indicator, ...] = (
    Indicator(
        id="touches_a_case",
        name="Touches a case",
        family="cost",
        question="How often do we put hands on it?",
        formula="Times that a company opened or changed a case in its own system, for each case that it did. A "
        "company's: its own.",
        unit="a case",
        better="lower",
        fact="changed",
        take=each_case,
        example=ROAD.shows({"whole": 2.5, "northcable": 1, "telvoz": 3}),
        sampled=True,
    ),
    Indicator(
        id="handovers_a_case",
        name="Hand-overs a crossing case",
        family="cost",
        question="How many hands does a case that crosses go through?",
        formula="Times that the holder of a case changed, for each case whose holder changed. A company's: those to "
        "it.",
        unit="a case",
        better="lower",
        fact="handover",
        take=each_case,
        example=RETURN.shows({"whole": 2, "telvoz": 2, "northcable": 1, "brightnet": 1}),
        by_edge=True,
        sampled=True,
    ),
    Indicator(
        id="calls_a_case",
        name="Writing calls a case",
        family="cost",
        question="What does the exchange do for a case?",
        formula="Calls of the hub that wrote to a partner's system, answered or not, for each case that had any. "
        "Reading is of many cases at once and in no case's entries. A company's: those to it.",
        unit="a case",
        better="lower",
        fact="sent",
        take=each_case,
        example=CROSSING.shows({"whole": 3, "northcable": 1, "telvoz": 1, "brightnet": 1}),
    ),
)
