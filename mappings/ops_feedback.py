"""Feedback: a list whose members have an identity (`ops_list.py`), a score from 1 to 5, a moment and maybe a text.

Customers answer surveys in their company's own system, so the list is read and never written; what other companies
collected is told through the paths `feedback.*`. A member without a score was asked and not answered yet: it says
nothing, and is a word of the customer once it has a score. Next: `declare_lists.py` for how it is declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple

from mappings.errors import Unfit, shown
from mappings.ops_list import Listing, Part, needed, optional
from mappings.paths import Body

LEAST, MOST = 1, 5


class ReadFeedback(NamedTuple):
    """What the customer said, as a partner's record holds it. score: from 1 to 5."""

    native_id: str
    score: int
    text: str | None
    date: datetime


@dataclass(frozen=True, slots=True)
class Surveys(Listing):
    """All of it."""

    score: Part
    text: Part | None
    date: Part
    section: ClassVar[str] = "feedback"
    member: ClassVar[str] = "answer"
    members: ClassVar[str] = "answers"

    @property
    def parts(self) -> Mapping[str, Part]:
        more = {} if self.text is None else {"text": self.text}
        return {"score": self.score, **more, "date": self.date}

    def read(self, body: Body) -> tuple[ReadFeedback, ...]:
        """What customers said, in the record's order. Raises MappingError."""
        return self.read_all(body)

    def one(self, native: str, item: Body) -> ReadFeedback | None:
        score = optional("score", self.score, item)
        if score is None:
            return None
        if type(score) is not int or not LEAST <= score <= MOST:  # a function of their own may give anything
            raise Unfit("M211", f"score: {shown(score)} is not from {LEAST} to {MOST}.", score)
        text = optional("text", self.text, item)
        return ReadFeedback(native, score, text, needed("date", self.date, item))
