"""Success that is none: an answer of 200 whose body says that it is an error counts as the status that is declared.

    errors: {in_success: [{path: ok, pattern: "false", status: 422}]}

So all that looks at a status (who we are, a duplicate, a stale version, a record that is gone) is right for such a
system too. Next: `rest_system.py`, which declares it; `auth.py`, which asks for each answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

from pydantic import Field, model_validator

from connectors import paths, strict_json
from connectors.answer import Answer
from connectors.declared import Declared


class Meaning(Declared):
    """What in the body of a good answer means an error."""

    path: str = Field(description="path in the answer; the error is there where something stands that fits")
    pattern: str = Field(
        ".+", description="regular expression for the whole of it, as text; true, false and numbers as JSON has them"
    )
    status: int = Field(422, ge=400, le=599, description="what the answer counts as")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"pattern: {error}") from None
        return self

    def means(self, body: Any) -> bool:
        """Whether this body says so."""
        found = paths.get(body, self.path)
        if found is None or found in ([], {}):
            return False
        text = found if isinstance(found, str) else strict_json.dump(found).decode()
        return re.fullmatch(self.pattern, text, re.DOTALL) is not None


def meant(meanings: Sequence[Meaning], judge: Callable[[Answer], Answer]) -> Callable[[Answer], Answer]:
    """What to make of each answer. judge: what a status means; may raise."""

    def look(answer: Answer) -> Answer:
        if not 200 <= answer.status < 300 or not answer.body:
            return answer
        try:
            body = strict_json.parse(answer.body)
        except strict_json.BadJson:
            return answer  # who reads it says what is wrong with it
        status = next((one.status for one in meanings if one.means(body)), answer.status)
        return answer if status == answer.status else judge(replace(answer, status=status))

    return look if meanings else lambda answer: answer
