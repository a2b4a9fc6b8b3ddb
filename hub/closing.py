"""What the companies agreed on about the end of a case: from which score it closes, and how its customer is asked.

What a negative word brings about, and by which words a customer's text is classified, is said here too. A declaration,
part of agreement.yaml. Times to ask again are working time of the contact point's calendar; a link's is the customer's,
day and night. Pure. Next: `asking.py`, `acts.py`, which close by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from connectors.declared import Declared
from hub.commitments import Duration
from hub.declarations import Document, Problem

Component = Literal["product", "procedures", "facilities", "systems", "information", "people"]
"""Of what a service is made: what a word of the customer's is about."""
Expectation = Literal["quality", "quantity", "opportunity", "cost"]
"""What the customer had expected: how good, how much, when, and for how much."""
Tone = Literal["thanks", "complaint"]


class Owner(Declared):
    """Who sees to a company's corrective actions."""

    role: str = Field(description="what the person is, as the companies call it; no name")
    contact: str = Field("", description="where the role is reached")


class Corrective(Declared):
    """What a negative word of the customer's brings about, besides the case being worked on again."""

    within: Duration = Field(
        "40 h",
        validate_default=True,
        description="working time of the owner's company in which the corrective action has to be done",
    )
    owners: dict[str, Owner] = Field(
        default_factory=dict,
        description="partner -> who sees to it, where that company answers for the case; none: the first of its "
        "`escalation`, else the company itself",
    )


class Closing(Declared):
    """When the hub may close a case, and how the customer's word is asked for."""

    threshold: int = Field(4, ge=1, le=5, description="feedback of at least this, of 5, is positive")
    link: Duration = Field(
        "1440 h",
        validate_default=True,
        description="how long the link to the hub's own feedback page may be used once it was given out, by the clock "
        "on the wall",
    )
    ask: Literal["crossed", "all"] = Field(
        "crossed",
        description="whose customer is asked. `crossed`: of a case that more than one company had a part in; one that "
        "stayed with its company is that company's own, and nothing is written to its record. `all`: of every case, "
        "where the contact point's system.yaml or mapping.yaml says where it reads so",
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

    corrective: Corrective | None = Field(None, description="begun when a negative word reopens a case; null: none is")
    repeat_within: Duration | None = Field(
        None,
        description="another case of the same customer and product, opened within this time of the one before by the "
        "clock on the wall, is a repeated contact; null: none is",
    )
    words: dict[Component | Expectation | Tone, tuple[str, ...]] = Field(
        default_factory=dict,
        description="what a customer's text is about, what he had expected, and whether he thanks or complains: "
        "beginnings of words, of any language; those that are found most often decide, the first where two are even",
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


def check_closing(document: Document, closing: Closing, partners: Iterable[str]) -> Iterator[Problem]:
    """Owners of corrective actions that are no partners."""
    known = tuple(partners)
    for name in closing.corrective.owners if closing.corrective is not None else ():
        if name not in known:
            message = f"closing.corrective.owners.{name}: is no partner of this agreement."
            yield document.problem(("closing", "corrective", "owners", name), "A325", message, name, known)
