"""Edges of the agreement: where one company's competence ends and the next one's begins.

An edge says of which cases it speaks, how it fires, how the receiver accepts or refuses, and what crosses; its examples
say of single cases whether they go over it, and are run by `casebridge check`. Pure. Next: `edge_checks.py`, which
looks whether they make sense together; `acts.py`, which lives by them; `agreement.py`, which holds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from connectors.declared import Declared
from hub.commitments import Duration
from mappings.case import COUNTERPART, Visibility

UNSHARED = frozenset({"externalIdentifier", "lastUpdate", "creationDate"})
"""Paths that are each system's own and never cross."""

GIVER, CONTACT_POINT = "giver", "contactPoint"
"""Where a refused case goes, where it is no partner by name."""

ANY = "any"
"""In `accepted_by`: whatever the receiver's agent writes there."""


MOVING = frozenset({"fires", "refused_to", "unanswered"})
"""What only an edge says over which a case itself moves."""


def is_unshared(path: str) -> bool:
    """Whether a path never crosses."""
    return path in UNSHARED or path.startswith(COUNTERPART)


@lru_cache(maxsize=4096)
def _crosses(fields: tuple[str, ...], path: str) -> bool:
    """Asked of each path of each case by each partner: the answers are as few as the declared paths."""
    if is_unshared(path):
        return False
    return any(name in (path, "*") or (name.endswith(".*") and path.startswith(name[:-1])) for name in fields)


class Sharing(Declared):
    """What crosses: canonical paths (`relatedParty.customer.*` takes all below it), kinds of notes and of files."""

    fields: tuple[str, ...] = ()
    notes: tuple[Visibility, ...] = ()
    attachments: tuple[Visibility, ...] = ()
    pseudonyms: tuple[str, ...] = Field(
        (),
        description="paths of texts that cross as a pseudonym in their place: stable, and another one at each company",
    )

    def allows(self, path: str) -> bool:
        """Whether this path crosses, as it is or as a pseudonym."""
        return path in self.pseudonyms or _crosses(self.fields, path)


def choices(wanted: Any) -> tuple[Any, ...]:
    """What a condition says of a path, as the values that fit."""
    return tuple(wanted) if isinstance(wanted, list | tuple) else (wanted,)


def fits(when: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a case with these values is one that a condition speaks of."""
    return all(values.get(path) in choices(wanted) for path, wanted in when.items())


def are_apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether no case can meet both conditions: some path is asked for with no value in common."""
    return any(not set(choices(one[path])) & set(choices(other[path])) for path in one.keys() & other.keys())


def _as_statuses(given: object) -> object:
    return {"status": given} if isinstance(given, list | tuple) and given else given or {}


def _as_tuples(given: object) -> object:
    if isinstance(given, list | tuple):
        return {str(reason): () for reason in given}
    if isinstance(given, Mapping):
        return {reason: (said,) if isinstance(said, str) else said or () for reason, said in given.items()}
    return given


Accepting = Annotated[dict[str, Any], BeforeValidator(_as_statuses, json_schema_input_type=dict | list)]
Reasons = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_as_tuples, json_schema_input_type=dict | list)]


class EdgeExample(Declared):
    """A case, and whether it goes over the edge. `casebridge check` runs it."""

    case: dict[str, Any] = Field(description="canonical path -> value; what is not named is not known of the case")
    goes: bool = Field(True, description="whether it goes over this edge")
    why: str = Field("", description="for the agents who learn from it")


class Edge(Declared):
    """Where one company's competence ends and the next one's begins."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    giver: str = Field(alias="from")
    receiver: str = Field(alias="to")
    when: dict[str, Any] = Field(default_factory=dict, description="canonical path -> value, or list of values")
    kind: Literal["transfer", "assignment", "information"] = Field(
        "transfer",
        description="`transfer`: whoever accepts answers for the case. `assignment`: once the condition holds, who "
        "answers for the case gives the receiver a task, a case of its own, and goes on answering for the first one; "
        "how the task ended comes back as a note. `information`: the receiver gets a record to read as soon as the "
        "condition holds, and its notes come back; it answers for nothing",
    )
    fires: Literal["act", "suggested", "auto"] = Field(
        "act",
        description="what moves a case over a transfer edge. `act`: an agent's act in the transfer field of its own "
        "tool. `suggested`: the same, and where the condition holds the giver's agents are told there that it should. "
        "`auto`: the condition itself, once a case; a person's act wins over it",
    )
    accepted_by: Accepting = Field(
        default_factory=dict,
        description="what the receiver's agent writes in its own tool to accept, each by itself: statuses, or "
        "canonical path -> value, list of values, or `any` (such as an owner); none: its first act does",
    )
    refusals: Reasons = Field(
        default_factory=dict,
        description="reasons for which its cases may be refused -> how agents write them; none: those of the agreement",
    )
    refused_to: str = Field(
        GIVER,
        description=f"where a refused case goes: `{GIVER}` (it stays with who answers for it), `{CONTACT_POINT}`, or a "
        "partner, over the edge that leads there from the giver",
    )
    unanswered: Duration | None = Field(
        None,
        description="working time of the receiver after which an offer that it neither accepted nor refused goes back; "
        "null: it stands, and the promise to accept is escalated",
    )
    waits: bool = Field(
        True, description="of an assignment: the case is not resolved before the task has come to its end"
    )
    experts: dict[str, str] = Field(
        default_factory=dict, description="partner -> who knows this edge on its side, and may change it"
    )
    crosses: str = Field("standard", description="name of a sharing")
    language: str | None = Field(
        None,
        description="of their work together, BCP 47; null: each receiver's own; notes in others are marked",
    )
    note: str = Field("", description="why it stands so, for the people who read it")
    examples: tuple[EdgeExample, ...] = Field((), description="cases that go over it, and cases that do not")

    @model_validator(mode="after")
    def _says_what_its_kind_has(self) -> Edge:
        said = self.model_fields_set
        if self.kind == "information" and (moving := said & {*MOVING, "accepted_by", "refusals"}):
            raise ValueError(f"{min(moving)} is of a transfer; information moves no case. Take it out")
        if self.kind == "assignment" and (moving := said & MOVING):
            raise ValueError(f"{min(moving)} is of a transfer; a task that is refused is over, and stays. Take it out")
        if self.kind != "assignment" and not self.waits:
            raise ValueError("waits is of an assignment; no other case waits for a task. Take it out")
        return self

    def matches(self, values: Mapping[str, Any]) -> bool:
        """Whether a case with these values is one that this edge speaks of."""
        return fits(self.when, values)

    def misses(self, values: Mapping[str, Any]) -> Iterator[str]:
        """Why a case with these values does not match, in words."""
        for path, wanted in self.when.items():
            if values.get(path) not in choices(wanted):
                said = "is not given" if values.get(path) is None else f"is {values[path]}"
                yield f"{path} {said}, and it asks for {' or '.join(str(value) for value in choices(wanted))}"


def says(value: Any, wanted: Any) -> bool:
    """Whether what stands in a field is what escalates by it."""
    return value not in (None, "", False) if wanted == ANY else value in choices(wanted)


def named_reason(reasons: Mapping[str, tuple[str, ...]], said: object) -> str | None:
    """The reason, of those allowed, which these words begin with; "" where none has to be named; None for no such."""
    if not reasons:
        return ""
    words = str(said or "").casefold().strip()
    spoken = ((word, reason) for reason, others in reasons.items() for word in (reason, *others))
    for word, reason in sorted(spoken, key=lambda pair: len(pair[0]), reverse=True):
        if re.match(rf"{re.escape(word.casefold())}(?!\w)", words):
            return reason
    return None


def shown_reasons(reasons: Mapping[str, tuple[str, ...]]) -> str:
    """The reasons as agents write them."""
    return ", ".join(f"“{others[0] if others else reason}”" for reason, others in reasons.items())
