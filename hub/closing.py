"""What the companies agreed on about the end of a case: from which score it closes, and how its customer is asked.

A declaration, part of agreement.yaml. Times to ask again are working time of the contact point's calendar; a link's is
the customer's, day and night. Pure. Next: `asking.py`, `acts.py`, which close by it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from connectors.declared import Declared
from hub.commitments import Duration


class Closing(Declared):
    """When the hub may close a case, and how the customer's word is asked for."""

    threshold: int = Field(4, ge=1, le=5, description="feedback of at least this, of 5, is positive")
    link: Duration = Field(
        "1440 h",
        validate_default=True,
        description="how long the link to the hub's own feedback page may be used once it was given out, by the clock "
        "on the wall",
    )
    ask_again: tuple[Duration, ...] = Field(
        (),
        description="when the contact point is asked again to obtain the customer's word, each counted from the first "
        "time, in its own working time; none: never",
    )
    silent_after: Duration | None = Field(
        None,
        description="when nobody waits for the customer's word any more, counted as `ask_again`: the case stays "
        "resolved and is marked silent, and an answer still counts; null: never",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        times = [*self.ask_again, *([self.silent_after] if self.silent_after is not None else [])]
        if any(after <= before for before, after in pairwise(times)):
            raise ValueError(
                "ask_again names times one after the other, each later than the one before it, and silent_after is the "
                "last of all"
            )
        return self
