"""What was promised, alone and together, and how much of it was kept.

A part of the catalogue; pure. Next: `hub/stories.py`, whose stories are the examples; `hub/happened.py` for facts.
"""

from __future__ import annotations

from hub.measures import Indicator, share
from hub.stories import PROMISES

AGREEMENT: tuple[Indicator, ...] = (
    Indicator(
        id="commitments_kept",
        name="Promises kept, each for itself",
        family="agreement",
        question="Do we keep what each of us promised?",
        formula="Of the promises of single companies that ended or ran out, the share that was kept, in the working "
        "time of their calendars; also by commitment. A company's: its own.",
        unit="%",
        better="higher",
        fact="promise",
        take=share,
        by="commitment",
        example=PROMISES.shows({"whole": 50, "telvoz": 50, "commitment:solve-in-2h": 50}),
        sampled=True,
    ),
    Indicator(
        id="commitments_kept_together",
        name="Promises kept together",
        family="agreement",
        question="Do we keep what we promised together?",
        formula="The same of what all companies promise the customer together. A company's: none, for it is "
        "everybody's.",
        unit="%",
        better="higher",
        fact="joint promise",
        take=share,
        by="commitment",
        example=PROMISES.shows({"whole": 100, "telvoz": None, "commitment:solved-in-a-day": 100}),
        sampled=True,
    ),
)
