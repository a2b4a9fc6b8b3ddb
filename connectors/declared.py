"""Parts of a declaration that every kind of system has beside its address: how much may be asked, how it begins, and
where its agents are told.

`Rate` and `Quota` bound the calls; `connectors/pacing.py` keeps to them. `FirstContact` says from when on cases count
and how many records may be written before a person has looked; the hub keeps to it. `Webhooks` says how they tell us
of a change. Knows no wire and no ledger.
Next: `base.py`, whose System holds these.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


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


class Told(Declared):
    """Where the hub tells the company's agents what becomes of a case: in one field, or by private notes."""

    field: str | None = Field(
        None, description="path of a text field that the hub alone writes; no line of mapping.yaml names it"
    )
    note: Literal["private"] | None = Field(None, description="`private`: by notes that only their agents read")
    tells: tuple[Literal["feedback", "holder", "due", "delivery", "parked"], ...] = Field(
        ("feedback", "holder", "due", "delivery", "parked"),
        description="feedback: that the customer's word is to be obtained, and the link by which he can give it, where "
        "this company is his contact point; holder: who has it, and its number there; due: what is due when; delivery: "
        "when it last arrived there (a write to this company after each; a note tells it along with the rest); parked: "
        "what was held back, why, and who acts on it",
    )
    length: int = Field(1000, ge=80, le=32_000, description="characters that go into the field or a note")
    language: str | None = Field(None, description="BCP 47; null: the language of its agents")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.field is None) == (self.note is None):
            raise ValueError("say either `field: NAME` or `note: private`: agents are told in one place")
        return self


class Webhooks(Declared):
    """They tell us that a record changed, at `/webhooks/NAME` of `casebridge serve`, signed as Standard Webhooks says.
    It is a hint to read that record again, before the next pull does; polling goes on: a lost one costs one poll."""

    record: str = Field("data.id", description="path of the record's native id in what they send")
    secret: str = Field(
        "webhook_secret",
        description="name, in the connection's extra, of the secret that both sides hold; while it is changed the old "
        "and the new one, separated by a blank",
    )
