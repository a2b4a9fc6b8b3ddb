"""The canonical Case: what a customer's case is between companies, in the terms of TM Forum's TMF621 v5.

Frozen, nothing extra, times aware. Python attributes are snake_case; JSON is TMF621's camelCase (`by_alias=True`).
A time keeps the offset of its source and is compared as the instant it names (UTC).

Two shapes, one meaning. The exchange merges field by field, so a case is also a flat mapping of **path** to value
(`relatedParty.customer.name`, `characteristic.subStatus`); `Case.from_values` builds the validated model from it and
`PATHS` says which paths exist. Notes, attachments and feedback are lists with identity and are kept apart.

Pure: no I/O, no clock. Next: `transitions.py` for what may follow what, `lens.py` for how partners' words become this.
Field names and the status list: TMF621 v5.0.1 schema; note visibility, holder, accountable, contact point, feedback,
preference, improvement area, effort, cost and the test marker are ours, TMF621 has no place for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Status = Literal["acknowledged", "inProgress", "pending", "held", "resolved", "closed", "cancelled", "rejected"]
STATUSES: tuple[str, ...] = get_args(Status)
ENDED = frozenset({"closed", "cancelled", "rejected"})
"""Statuses of a case that nobody works on any more."""

Severity = Literal["minor", "moderate", "significant", "extensive"]
Priority = Literal["low", "medium", "high", "critical"]
TicketType = Literal["assistance", "information", "installation", "maintenance", "complaint"]
Channel = Literal["phone", "web", "email", "shop", "log"]
ImprovementArea = Literal["product", "procedures", "facilities", "systems", "information", "people"]
"""The six components of a service, by which areas to improve are classified."""
Dispute = Literal["durationDisputed", "narrativeDisputed"]
"""What of a case's end is disputed, as X.790 names it: how long it took, or what is said to have been done."""


class Visibility(StrEnum):
    """Who may read a note. Unknown means private."""

    PRIVATE = "private"
    PARTNERS = "partners"
    CUSTOMER = "customer"


class Part(BaseModel):
    """A part of the case: frozen, camelCase outside, nothing that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class RelatedParty(Part):
    """Somebody in a role: customer, contactPoint, solver."""

    role: str
    id: str | None = None
    name: str | None = None
    contact: str | None = Field(None, description="telephone or mail address, personal data")


class RelatedEntity(Part):
    """What the case is about, in a role: product, service."""

    role: str
    id: str | None = None
    name: str | None = None


class Characteristic(Part):
    """A typed value that TMF621 has no field for."""

    name: str
    value: str | int | Decimal | bool


class ExternalIdentifier(Part):
    """The case's number in one partner's system."""

    owner: str
    id: str
    external_identifier_type: str = "case number"


class StatusChange(Part):
    """One past status, with when and why."""

    status: Status
    status_change_date: AwareDatetime
    status_change_reason: str | None = None


class Note(Part):
    """A note. (partner, id) is its identity for ever; only its own side edits it. visibility is mandatory."""

    partner: str
    id: str
    author: str
    date: AwareDatetime
    text: str
    visibility: Visibility
    language: str | None = None
    withdrawn: int = Field(
        0, ge=0, description="how often its side took it back or gave it again: odd, it is taken back"
    )


class Attachment(Part):
    """A file on the case. (partner, id) is its identity for ever. name: as its own side told it, safe for nothing.
    size: bytes, as told until it was read. sha256: of what is in it, once it was read; the bytes live elsewhere."""

    partner: str
    id: str
    name: str
    mime_type: str | None = None
    size: int | None = Field(None, ge=0)
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    visibility: Visibility = Visibility.PRIVATE
    author: str = ""


class Feedback(Part):
    """What the customer said of the service: 1 to 5, collected by one partner."""

    partner: str
    score: int = Field(ge=1, le=5)
    text: str | None = None
    date: AwareDatetime | None = None


class Relationship(Part):
    """Another case that this one depends on, repeats or was split from."""

    id: str
    relationship_type: str


class Quantity(Part):
    """An amount with its unit: minutes of effort, money in a currency (ISO 4217)."""

    amount: Decimal
    units: str


class Case(Part):
    """One customer's case, whole, as every company may be shown its part of it."""

    id: str = Field(description="uuid5 of the origin partner and its native id")
    version: int = Field(0, ge=0, description="counts the changes that the hub has folded in")
    external_identifier: tuple[ExternalIdentifier, ...] = ()
    name: str | None = None
    description: str | None = None
    ticket_type: TicketType | None = None
    severity: Severity | None = None
    priority: Priority | None = None
    status: Status
    status_change_date: AwareDatetime | None = None
    status_change_reason: str | None = None
    status_change_history: tuple[StatusChange, ...] = ()
    channel: Channel | None = None
    creation_date: AwareDatetime | None = None
    last_update: AwareDatetime | None = None
    requested_resolution_date: AwareDatetime | None = None
    expected_resolution_date: AwareDatetime | None = None
    resolution_date: AwareDatetime | None = None
    related_party: tuple[RelatedParty, ...] = ()
    related_entity: tuple[RelatedEntity, ...] = ()
    note: tuple[Note, ...] = ()
    attachment: tuple[Attachment, ...] = ()
    relationship: tuple[Relationship, ...] = ()
    holder: str = Field(description="partner that the case was offered to last")
    accountable: str = Field(description="partner that has accepted it: exactly one at each instant")
    contact_point: str = Field(description="partner that is the customer's one face, for the case's whole life")
    feedback: tuple[Feedback, ...] = ()
    preference: str | None = Field(None, description="what this customer would rather have, captured on the way")
    improvement_area: ImprovementArea | None = None
    dispute: Dispute | None = None
    effort: Quantity | None = None
    cost: Quantity | None = None
    test: bool = Field(False, description="crosses like any other and counts in no indicator")
    characteristic: tuple[Characteristic, ...] = ()

    @classmethod
    def from_values(cls, values: Mapping[str, Any], **kept: Any) -> Case:
        """The validated case of a flat mapping of path to value, and of what is kept apart (id, note, ...).

        Raises pydantic.ValidationError. None means: no value.
        """
        whole: dict[str, Any] = dict(kept)
        grouped: dict[str, dict[str, dict[str, Any]]] = {"relatedParty": {}, "relatedEntity": {}}
        characteristics: list[dict[str, Any]] = []
        for path, value in sorted(values.items()):
            if value is None:
                continue
            head, _, rest = path.partition(".")
            if head in grouped:
                role, _, attribute = rest.partition(".")
                grouped[head].setdefault(role, {"role": role})[attribute] = value
            elif head == "characteristic":
                characteristics.append({"name": rest, "value": value})
            elif head in {"effort", "cost"}:
                whole.setdefault(head, {})[rest] = value
            elif head not in {"feedback", "counterpart"}:
                whole[head] = value
        for head, parts in grouped.items():
            whole[head] = tuple(parts.values())
        whole["characteristic"] = tuple(characteristics)
        return cls.model_validate(whole)


SCALARS: tuple[str, ...] = (
    "name", "description", "ticketType", "severity", "priority", "status", "statusChangeDate", "statusChangeReason",
    "channel", "creationDate", "lastUpdate", "requestedResolutionDate", "expectedResolutionDate", "resolutionDate",
    "holder", "preference", "improvementArea", "dispute", "test",
)  # fmt: skip
ROLES: Mapping[str, tuple[str, ...]] = {
    "relatedParty": ("customer", "contactPoint", "solver"),
    "relatedEntity": ("product", "service"),
}
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {"relatedParty": ("id", "name", "contact"), "relatedEntity": ("id", "name")}

TOLD: tuple[str, ...] = ("id", "holderNumber", "accountable", "contactPoint", "feedbackAsked", "feedbackLink")
"""Paths that the hub tells a partner and never takes from it: the case id, the case's number where it is held now, the
accountable company and the contact point; and to the contact point alone, whether it is asked to obtain the customer's
word, and by which link he can give it. A lens writes them; `to_case` gives only `id` (to recognise our own)."""

ASKED: tuple[str, ...] = ("no", "asked", "again", "silent")
"""Whether the contact point is to obtain the customer's word: not now, for the first time, again; or it never came."""

COUNTERPART = "counterpart."
"""Before a partner's name: a field of theirs that holds that other company's number of the same case. It is read, to
adopt what both have already; never written, and never shared."""

PATHS: frozenset[str] = frozenset(
    (
        *SCALARS,
        *TOLD,
        "externalIdentifier",  # the number that this partner's own agents know the case by
        *(f"{kind}.{role}.{part}" for kind, roles in ROLES.items() for role in roles for part in ATTRIBUTES[kind]),
        *(f"feedback.{part}" for part in ("score", "text", "date")),
        *(f"{kind}.{part}" for kind in ("effort", "cost") for part in ("amount", "units")),
    )
)
"""Every path a mapping may name; besides them any `characteristic.<name>`, any
`counterpart.<partner>`, and the list `note`."""

PICKLISTS: Mapping[str, tuple[str, ...]] = {
    "status": STATUSES,
    "severity": get_args(Severity),
    "priority": get_args(Priority),
    "ticketType": get_args(TicketType),
    "channel": get_args(Channel),
    "improvementArea": get_args(ImprovementArea),
    "dispute": get_args(Dispute),
    "visibility": tuple(Visibility),
    "feedbackAsked": ASKED,
}
"""Known values of the paths that have a fixed list. `holder` is a partner's name, known to the agreement only."""

TIMES: frozenset[str] = frozenset(
    path for path in PATHS if path.endswith("Date") or path in {"lastUpdate", "feedback.date"}
)
"""Paths whose value is an aware datetime."""


def is_path(path: str) -> bool:
    """Whether a mapping may name this path."""
    return path in PATHS or any(path.startswith(head) and path != head for head in ("characteristic.", COUNTERPART))


def utc(moment: datetime) -> datetime:
    """The same instant in UTC; refuses a naive time."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no zone: a time between companies needs one")
    return moment.astimezone(UTC)


def visible(notes: Iterable[Note], allowed: Iterable[Visibility]) -> tuple[Note, ...]:
    """The notes that somebody with these visibilities may read."""
    kinds = frozenset(allowed)
    return tuple(note for note in notes if note.visibility in kinds)
