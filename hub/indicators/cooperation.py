"""How the companies work together: hand-overs, returns, refusals, escalations, gaps.

A part of the catalogue; pure. Next: `hub/stories.py`, whose stories are the examples; `hub/happened.py` for facts.
"""

from __future__ import annotations

from hub.measures import Indicator, cases, count, share, total
from hub.stories import GIVENBACK, LIFE, RETURN, ROAD

COOPERATION: tuple[Indicator, ...] = (
    Indicator(
        id="crossing_cases",
        name="Cases that crossed",
        family="cooperation",
        question="How much do we do together?",
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
        question="What is each of us given?",
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
        question="What does each of us give away?",
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
        question="How many customers are passed to and fro?",
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
        question="How often does a case come straight back?",
        formula="Hand-overs to the company that had held the case two steps earlier. A company's: those back to it.",
        unit="bounces",
        better="lower",
        fact="bounce",
        take=count,
        example=RETURN.shows({"whole": 2, "northcable": 1, "telvoz": 1, "brightnet": 0, "telvoz>northcable": 1}),
        by_edge=True,
        sampled=True,
    ),
    Indicator(
        id="pushed_to_front",
        name="Solved where it was opened",
        family="cooperation",
        question="Can the contact point solve it itself?",
        formula="Of the cases first resolved in the period, the share that nobody else had held. A company's: cases "
        "that came in at it.",
        unit="%",
        better="higher",
        fact="at front",
        take=share,
        example=LIFE.shows({"whole": 50, "northcable": 0, "telvoz": 100}),
        sampled=True,
    ),
    Indicator(
        id="refusals",
        name="Offers that came back",
        family="cooperation",
        question="Who does not take what, and why?",
        formula="Times that an offered case was given back, taken back, or answered by nobody in its time; by reason, "
        "where the agreement lists reasons, else refused, withdrawn or timed out. A company's: those that it "
        "was offered.",
        unit="offers",
        better="lower",
        fact="refused",
        take=count,
        by="reason",
        example=GIVENBACK.shows({"whole": 2, "telvoz": 1, "northcable>telvoz": 1, "reason:not_ours": 1}),
        by_edge=True,
    ),
    Indicator(
        id="escalations",
        name="Escalations",
        family="cooperation",
        question="How often must a superior be asked?",
        formula="Times that a person of a company was asked to see to a promise that was not kept. A company's: its "
        "own.",
        unit="escalations",
        better="lower",
        fact="escalated",
        take=count,
        example=GIVENBACK.shows({"whole": 2, "telvoz": 2, "northcable": 0}),
    ),
    Indicator(
        id="escalations_answered",
        name="Escalations that were answered",
        family="cooperation",
        question="Do superiors act?",
        formula="Of the escalations that came to something, the share after which the company acted on the case "
        "before the next level had to be asked. A company's: its own.",
        unit="%",
        better="higher",
        fact="escalation",
        take=share,
        example=GIVENBACK.shows({"whole": 50, "telvoz": 50, "northcable": None}),
    ),
    Indicator(
        id="orphan_time",
        name="Time with nobody accountable",
        family="cooperation",
        question="Is anything nobody's?",
        formula="Time of the stretches that ended in which no company answered for an open case. It must be 0. A "
        "company's: none, for it is nobody's.",
        unit="s",
        better="lower",
        fact="orphan",
        take=total,
        example=ROAD.shows({"whole": 0, "northcable": 0, "telvoz": 0}),
    ),
)
