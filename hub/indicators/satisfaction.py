"""What customers say, how many do, and what they want to be better.

A part of the catalogue; pure. Next: `hub/stories.py`, whose stories are the examples; `hub/happened.py` for facts.
"""

from __future__ import annotations

from hub.measures import Indicator, count, mean, share
from hub.stories import OPINIONS, WORDS

SATISFACTION: tuple[Indicator, ...] = (
    Indicator(
        id="asked",
        name="Customers asked",
        family="satisfaction",
        question="Do we ask the customer?",
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
        family="satisfaction",
        question="How many never say?",
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
        family="satisfaction",
        question="Does the cycle close on a good experience?",
        formula="Of the words that closed or reopened a case, the share that closed it. "
        "A company's: cases that it answered for then.",
        unit="%",
        better="higher",
        fact="closure",
        take=share,
        example=WORDS.shows({"whole": 50, "northcable": None, "telvoz": 50}),
    ),
    Indicator(
        id="score_mean",
        name="Score, mean",
        family="satisfaction",
        question="How good was it?",
        formula="Of the scores that customers gave, 1 to 5, the mean. A company's: about cases that it answered for.",
        unit="of 5",
        better="higher",
        fact="score",
        take=mean,
        example=WORDS.shows({"whole": 3.5, "telvoz": 3.5, "northcable": None}),
    ),
    Indicator(
        id="recovered",
        name="Won back",
        family="satisfaction",
        question="Does a bad experience get a good one attached to it?",
        formula="Of the words that came after a corrective action, the share that was positive. A company's: after "
        "its own actions.",
        unit="%",
        better="higher",
        fact="recovered",
        take=share,
        example=WORDS.shows({"whole": 100, "telvoz": 100, "northcable": None}),
    ),
    Indicator(
        id="areas_to_improve",
        name="Areas to improve",
        family="satisfaction",
        question="What do customers want to be better?",
        formula="Words that say which of the six components of a service they are about: product, procedures, "
        "facilities, systems, information, people; as a person classified them, else by the record's field or "
        "the agreement's words. A company's: about cases that it answered for.",
        unit="words",
        better="neither",
        fact="area",
        take=count,
        by="component",
        example=OPINIONS.shows({"whole": 2, "telvoz": 2, "northcable": 0, "component:people": 2}),
    ),
    Indicator(
        id="preferences",
        name="Preferences",
        family="satisfaction",
        question="What would customers rather have?",
        formula="Times that a customer said what he prefers. A company's: as the contact point.",
        unit="words",
        better="neither",
        fact="preference",
        take=count,
        example=OPINIONS.shows({"whole": 1, "northcable": 0, "telvoz": 1}),
    ),
)
