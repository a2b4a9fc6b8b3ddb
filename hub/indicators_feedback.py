"""Indicators of the customers' words: who did not answer, what a word closed, what is done about a bad one.

Pure; a part of the catalogue in `indicators.py`. Next: `facts_feedback.py` for the facts.
"""

from __future__ import annotations

from hub.measures import Indicator, cases, count, share
from hub.stories import WORDS

FEEDBACK: tuple[Indicator, ...] = (
    Indicator(
        id="asked",
        name="Customers asked",
        family="quality",
        formula="Times that a case was resolved and its customer's word asked for; asking again does not count. "
        "A company's: as the contact point.",
        unit="askings",
        better="neither",
        fact="asked",
        take=count,
        example=WORDS.shows({"whole": 4, "northcable": 4, "telvoz": 0}),
    ),
    Indicator(
        id="silence_rate",
        name="Silence rate",
        family="quality",
        formula="Of the askings that ended, by a word or because nobody waits any more, the share without a word. "
        "A company's: as the contact point.",
        unit="%",
        better="lower",
        fact="silence",
        take=share,
        example=WORDS.shows({"whole": 50, "northcable": 50, "telvoz": None}),
    ),
    Indicator(
        id="positive_closure_rate",
        name="Positive closure rate",
        family="quality",
        formula="Of the words that closed or reopened a case, the share that closed it. "
        "A company's: cases that it answered for then.",
        unit="%",
        better="higher",
        fact="closure",
        take=share,
        example=WORDS.shows({"whole": 50, "northcable": None, "telvoz": 50}),
    ),
    Indicator(
        id="repeat_contacts",
        name="Repeated contacts",
        family="quality",
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
        formula="Corrective actions after which the customer's next word was positive. A company's: its own.",
        unit="actions",
        better="higher",
        fact="effective",
        take=count,
        example=WORDS.shows({"whole": 1, "northcable": 0, "telvoz": 1}),
    ),
)
