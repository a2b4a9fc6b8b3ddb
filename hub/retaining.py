"""How long the hub keeps what: `retention` of agreement.yaml, in days, weeks, months or years of the calendar.

Pure. Next: `retention.py`, which sweeps by it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, PlainSerializer

from connectors.declared import Declared

Unit = Literal["day", "week", "month", "year"]
_SPAN = re.compile(r"([1-9]\d{0,3}) (day|week|month|year)s?")


@dataclass(frozen=True, slots=True)
class Span:
    """So many units of the calendar."""

    number: int
    unit: Unit

    def before(self, moment: datetime) -> datetime:
        """So long before this moment; the last day of a shorter month."""
        if self.unit in {"day", "week"}:
            return moment - timedelta(days=self.number * (7 if self.unit == "week" else 1))
        months = moment.year * 12 + moment.month - 1 - self.number * (12 if self.unit == "year" else 1)
        year, month = divmod(months, 12)
        return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'s' * (self.number > 1)}"


def _span(given: object) -> object:
    found = _SPAN.fullmatch(given.strip()) if isinstance(given, str) else None
    if isinstance(given, Span):
        return given
    if found is None:
        raise ValueError(f"a span is a number and a unit ({', '.join(get_args(Unit))}), such as 2 years or 90 days")
    return Span(int(found[1]), found[2])  # type: ignore[arg-type]  # the pattern knows the units


Spans = Annotated[Span, BeforeValidator(_span, json_schema_input_type=str), PlainSerializer(str, return_type=str)]


class Retention(Declared):
    """How long what is kept. What is not named is kept until it is erased on request."""

    closed: Spans | None = Field(
        None,
        description="a customer's cases, once all of them have ended (closed, cancelled, rejected) and none has "
        "changed for so long: their bodies here become unreadable; what each company has is its own matter",
    )
    files: Spans | None = Field(
        None, description="bytes of a file that a company does not take or cannot be reached for; it stays where it is"
    )

    def told(self) -> Iterator[str]:
        """In sentences."""
        if self.closed is not None:
            yield f"a customer's ended cases: {self.closed} after the last change, then unreadable here"
        if self.files is not None:
            yield f"files on their way: {self.files} at most"
