"""Parts of a declaration that every kind of system has beside its address: how much may be asked, and how it begins.

`Rate` and `Quota` bound the calls; `connectors/pacing.py` keeps to them. `FirstContact` says from when on cases count
and how many records may be written before a person has looked; the hub keeps to it. `Webhooks` says how they tell us
of a change. Knows no wire and no ledger.
Next: `base.py`, whose System holds these.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Declared(BaseModel):
    """A part of a declaration: frozen, and an unknown key is an error (with its place, by hub.declarations)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(Declared):
    """A token bucket, one for the partner, whichever process calls: so many calls a second, and a burst after rest."""

    calls: float = Field(gt=0, le=1000, description="calls a second, in the long run")
    burst: int = Field(10, gt=0, le=1000, description="calls that may follow each other at once after a rest")


class Quota(Declared):
    """Our share of what the partner lets be called in a window of time; others may live from the same quota."""

    calls: int | None = Field(
        None, gt=0, description="calls in a window; a system that tells its own count (salesforce) needs none"
    )
    per: float = Field(86_400.0, gt=0, description="seconds of a window; the first call after one ends begins the next")
    share: float = Field(0.8, gt=0, le=0.9, description="share of them that the hub may use; never above nine tenths")


def _instant(given: object) -> object:
    """A date is the start of its day in UTC; a time without a zone is in UTC."""
    if isinstance(given, datetime):
        return given if given.tzinfo else given.replace(tzinfo=UTC)
    if isinstance(given, date):
        return datetime.combine(given, time(), UTC)
    if isinstance(given, str):
        moment = datetime.fromisoformat(given)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return given


class FirstContact(Declared):
    """How a partner goes live."""

    cut_off: Annotated[datetime, BeforeValidator(_instant)] | None = Field(
        None,
        description="records last changed before it open no case: they are read and known, and taken at their next "
        "change; a date is the start of its day in UTC",
    )
    guard: Annotated[int, Field(ge=0)] | Literal["none"] = Field(
        50,
        description="records that may be created or changed there before a person signs the first contact off; "
        "`none`: as many as there are",
    )


class Webhooks(Declared):
    """They tell us that a record changed, at `/webhooks/NAME` of `casebridge serve`, signed as Standard Webhooks says.
    It is a hint to read that record again, before the next pull does; polling goes on: a lost one costs one poll."""

    record: str = Field("data.id", description="path of the record's native id in what they send")
    secret: str = Field(
        "webhook_secret",
        description="name, in the connection's extra, of the secret that both sides hold; while it is changed the old "
        "and the new one, separated by a blank",
    )
