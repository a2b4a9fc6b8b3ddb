"""subscriptions.yaml: who gets which report, when, in which language and form.

Pure once read. Next: `schedule.py` for when each is due; `sending.py`, which lives by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from connectors.declared import Declared
from hub.acting import CannotDo
from hub.declarations import DeclarationError, Document, Problem, read, validated
from hub.tongue import languages

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
PLACE = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\x00-\x1f\x7f?#]*")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ALL_DAYS = 28


def _address(given: str) -> str:
    """One bare address: no name, no list, no line end, so that nothing else gets into a header or an envelope."""
    if not ADDRESS.fullmatch(given):
        raise ValueError("is no mail address such as manager@telvoz.example")
    return given


def _place(given: str) -> str:
    if not PLACE.fullmatch(given):
        raise ValueError("is no address of a folder, such as s3://aws_default@bucket/reports or file:///srv/reports")
    return given.rstrip("/")


def _zone(given: str) -> str:
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError("is no IANA time zone; known are names such as Europe/London") from unknown
    return given


def _language(given: str) -> str:
    if given not in languages():
        raise ValueError(f"is not spoken here; known are {', '.join(languages())}")
    return given


Address = Annotated[str, AfterValidator(_address)]


class Subscription(Declared):
    """Who gets which report, and when."""

    to: tuple[Address, ...] = Field((), description="mail addresses; each gets a mail of its own")
    files: Annotated[str, AfterValidator(_place)] | None = Field(
        None,
        description="a folder to which the report is written, as Airflow's object storage names it: "
        "`s3://CONNECTION@bucket/reports`, `file:///srv/reports`",
    )
    audience: Literal["managers", "contactPoint", "coordination"] = Field(
        description="`managers` and `contactPoint` of one company see the whole, their own company and its edges; "
        "`coordination` is the team of all companies and sees every figure"
    )
    company: str | None = Field(
        None, description="whose managers or contact point they are; a partner of the agreement"
    )
    period: Literal["day", "week", "month", "quarter"] = Field(
        description="what is reported: the last whole one when it is due"
    )
    day: Day | int | None = Field(
        None,
        description="when a week's report is due: `mon` (the usual) to `sun`; a month's or a quarter's: 1 to 28",
    )
    at: time = Field(time(7), description="when it is due, by the clock of the zone")
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="the reader's IANA time zone: days and weeks are those of it, and so is `at`"
    )
    language: Annotated[str, AfterValidator(_language)] = Field("en", description="the reader's: en, es, ms or ru")
    attach: tuple[Literal["pdf", "xlsx", "csv"], ...] = Field(
        (), description="what goes along with the mail; all that is named is written to `files` too, beside the page"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.to and not self.files:
            raise ValueError("goes nowhere: name mail addresses in `to`, or a folder in `files`")
        if (self.audience == "coordination") != (self.company is None):
            raise ValueError("managers and contact points are of a `company`, and the coordination team is of none")
        if self.at.tzinfo is not None or self.at.second or self.at.microsecond:
            raise ValueError("`at` is a time of day such as 07:00")
        days: dict[str, Iterable[object]] = {"day": (None,), "week": (None, *DAYS)}
        if self.day not in days.get(self.period, (None, *range(1, _ALL_DAYS + 1))):
            raise ValueError(f"a {self.period} has no day {self.day!r} on which its report could be due")
        return self


class Subscriptions(Declared):
    """subscriptions.yaml, whole."""

    sender: Address = Field(description="what stands in From")
    connection: str = Field(
        "casebridge_mail", description="the Airflow connection of the mail server, of type smtp; files need none"
    )
    change: Address | None = Field(
        None, description="who changes or stops a subscription; each mail has a link that writes there"
    )
    subscriptions: dict[str, Subscription] = Field(description="name -> who gets which report, when")

    def named(self, name: str) -> Subscription:
        """The subscription. Raises CannotDo R120."""
        if name not in self.subscriptions:
            raise CannotDo("R120", f"there is no subscription {name!r}.", value=name, known=sorted(self.subscriptions),
                           fix="take a known name, or declare it in subscriptions.yaml")  # fmt: skip
        return self.subscriptions[name]


def load_subscriptions(path: Path, companies: Iterable[str] | None = None) -> Subscriptions | None:
    """The file; None where there is none, for then nobody subscribed. companies: the agreement's, where they are known.
    Raises DeclarationError."""
    if not path.exists():
        return None
    document = read(path)
    found = validated(document, Subscriptions)
    problems = list(_apart(document, found, companies))
    if problems:
        raise DeclarationError(problems)
    return found


def _apart(document: Document, found: Subscriptions, companies: Iterable[str] | None) -> Iterator[Problem]:
    known = None if companies is None else tuple(companies)
    for name, one in found.subscriptions.items():
        place = ("subscriptions", name)
        if not NAME.fullmatch(name):
            why = "a name is of a-z, 0-9, - and _, 64 at most: it stands in file names and mails."
            yield document.problem(place, "D240", f"{name!r}: {why}", name)
        if known is not None and one.company is not None and one.company not in known:
            message = f"{one.company!r} is no partner of the agreement."
            yield document.problem((*place, "company"), "D241", message, one.company, known)
