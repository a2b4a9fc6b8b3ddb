"""How much: what comes in, what gets done, what is left and how old it is.

A part of the catalogue; pure. Next: `hub/stories.py`, whose stories are the examples; `hub/happened.py` for facts.
"""

from __future__ import annotations

from hub.measures import Indicator, cases, count, median, p90
from hub.stories import CROSSING, LIFE, ROAD

QUANTITY: tuple[Indicator, ...] = (
    Indicator(
        id="opened",
        name="Cases opened",
        family="quantity",
        question="How much comes in?",
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
        question="How much gets done?",
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
        question="How much is left to do?",
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
        question="How many wait for their word to be asked?",
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
        question="How busy are the companies with it?",
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
        question="How much does the exchange carry?",
        formula="Receipts: a partner's system holds a version of a case that another side wrote. "
        "A company's: those to it.",
        unit="deliveries",
        better="neither",
        fact="delivered",
        take=count,
        example=CROSSING.shows({"whole": 3, "northcable": 1, "telvoz": 1, "brightnet": 1}),
    ),
    Indicator(
        id="backlog_age_median",
        name="Age of the backlog, median",
        family="quantity",
        question="How old is what is left?",
        formula="Time from opened to the end of the period (to the newest entry, where it has no end) of the cases "
        "that nobody had ended or resolved then; half of them are at most this old. A company's: those that "
        "it held.",
        unit="s",
        better="lower",
        fact="open",
        take=median,
        example=ROAD.shows({"whole": 3600, "northcable": 3600, "telvoz": None}),
    ),
    Indicator(
        id="backlog_age_p90",
        name="Age of the backlog, nine of ten",
        family="quantity",
        question="Does anything lie for long?",
        formula="The same; nine of ten are at most this old. A company's: those that it held.",
        unit="s",
        better="lower",
        fact="open",
        take=p90,
        example=ROAD.shows({"whole": 3600, "northcable": 3600, "telvoz": None}),
    ),
)
