"""How well: what held, what came back, what was put before a person, what was put right.

A part of the catalogue; pure. Next: `hub/stories.py`, whose stories are the examples; `hub/happened.py` for facts.
"""

from __future__ import annotations

from hub.measures import Indicator, cases, count, share
from hub.stories import LIFE, TROUBLE, WORDS

QUALITY: tuple[Indicator, ...] = (
    Indicator(
        id="reopened",
        name="Cases reopened",
        family="quality",
        question="What was thought to be done and was not?",
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
        question="What needs a person before it goes on?",
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
        question="Where do two companies contradict each other?",
        formula="Times that two companies had changed one field of a case and one of the edits was not kept. "
        "A company's: those where its own edit was not kept.",
        unit="fields",
        better="lower",
        fact="conflict",
        take=count,
        example=TROUBLE.shows({"whole": 2, "northcable": 2, "telvoz": 0}),
    ),
    Indicator(
        id="repeat_contacts",
        name="Repeated contacts",
        family="quality",
        question="Who had to come again?",
        formula="Cases whose customer had a case of the same product not long before, as the agreement says. "
        "A company's: as the contact point.",
        unit="cases",
        better="lower",
        fact="repeat",
        take=cases,
        example=WORDS.shows({"whole": 1, "northcable": 1, "telvoz": 0}),
    ),
    Indicator(
        id="correctives_begun",
        name="Corrective actions begun",
        family="quality",
        question="How often does a bad experience have to be put right?",
        formula="Corrective actions that negative words began. A company's: its own.",
        unit="actions",
        better="lower",
        fact="corrective",
        take=count,
        example=WORDS.shows({"whole": 1, "northcable": 0, "telvoz": 1}),
    ),
    Indicator(
        id="correctives_open",
        name="Cases with an open corrective action",
        family="quality",
        question="Who still waits for that?",
        formula="Cases whose corrective action was not done yet when the period ended. A company's: its own.",
        unit="cases",
        better="lower",
        fact="corrective open",
        take=cases,
        example=WORDS.shows({"whole": 0, "northcable": 0, "telvoz": 0}),
    ),
    Indicator(
        id="correctives_done",
        name="Corrective actions done",
        family="quality",
        question="Do we put it right?",
        formula="Times that a corrective action was said to be done, or its case was resolved again. "
        "A company's: its own.",
        unit="actions",
        better="neither",
        fact="corrected",
        take=count,
        example=WORDS.shows({"whole": 1, "northcable": 0, "telvoz": 1}),
    ),
    Indicator(
        id="correctives_effective",
        name="Corrective actions effective",
        family="quality",
        question="Did that help?",
        formula="Corrective actions after which the customer's next word was positive. A company's: its own.",
        unit="actions",
        better="higher",
        fact="effective",
        take=count,
        example=WORDS.shows({"whole": 1, "northcable": 0, "telvoz": 1}),
    ),
    Indicator(
        id="first_time_resolved",
        name="Resolved the first time",
        family="quality",
        question="Is it right at once?",
        formula="Of the cases first resolved in the period, the share that was not reopened since, whenever that is. "
        "A company's: cases that it held when they were first resolved.",
        unit="%",
        better="higher",
        fact="first time",
        take=share,
        example=LIFE.shows({"whole": 50, "telvoz": 50, "northcable": None}),
        sampled=True,
    ),
)
