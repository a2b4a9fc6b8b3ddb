"""The simulated companies: one vocabulary, five names, an agreement that permits all hand-overs but one, and stores
that tell the oracle what the hub wrote.

Next: `line.py` (what lies between a company and the hub), `people.py` (what its agents do).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import Abilities, FirstContact
from connectors.declared import Told
from connectors.memory_store import MemoryStore
from connectors.memory_system import MemorySystem
from hub.agreement import Agreement
from hub.declarations import Document
from hub.partners import Partner
from mappings import lens as lenses
from simulated.scenario import NAMES, Ability

STATES = {
    "New": "acknowledged", "Open": "inProgress", "Reopened": "inProgress", "Waiting": "pending", "Held": "held",
    "Solved": "resolved", "Closed": "closed", "Withdrawn": "cancelled", "Refused": "rejected",
}  # fmt: skip
URGENCIES = {"P4": "low", "P3": "medium", "P2": "high", "P1": "critical"}
AUDIENCES = {"internal": "private", "partners": "partners", "customer": "customer"}
COMPANIES = {name.title(): name for name in NAMES}
PATHS = {
    "title": "name", "details": "description", "urgency": "priority", "state": "status",
    "reason": "statusChangeReason", "company": "holder", "score": "feedback.score",
}  # fmt: skip
"""Their field -> our path, of what people edit and what crosses."""

TEXTS = frozenset({"title", "details", "reason"})
"""Fields whose values people never write twice."""
SAID: Mapping[str, Mapping[str, str]] = {
    "state": STATES, "urgency": URGENCIES, "company": COMPANIES, "accountable": COMPANIES, "contact": COMPANIES,
}  # fmt: skip


def meant(field: str, value: Any) -> Any:
    """What a word of theirs means."""
    return SAID.get(field, {}).get(value, value)


MAPPING: Mapping[str, Any] = {
    "case": {
        "id": "hub_case",
        "externalIdentifier": "number",
        "name": "title",
        "description": "details",
        "priority": {"from": "urgency", "values": URGENCIES},
        "status": {"from": "state", "values": STATES, "back": {"inProgress": "Open"}},
        "statusChangeReason": "reason",
        "relatedParty.customer.id": "customer.id",
        "holder": {"from": "company", "values": COMPANIES},
        "accountable": {"from": "accountable", "values": COMPANIES},
        "contactPoint": {"from": "contact", "values": COMPANIES},
        "holderNumber": "company_number",
        "feedback.score": {"from": "score", "number": "integer"},
    },
    "notes": {
        "from": "comments", "id": "id", "author": "author", "date": {"from": "created_at", "time": "iso"},
        "text": "body", "visibility": {"from": "audience", "values": AUDIENCES},
    },
}  # fmt: skip
SHARED = ("name", "description", "priority", "status", "statusChangeReason", "relatedParty.customer.*")


TOLD = (Told(field="hub_says"), Told(note="private"))
"""Where agents are told, where they are."""


class Store(MemoryStore):
    """A company's store that tells what our login wrote. told: (company, native id, fields before, fields after)."""

    told: Callable[[str, str, Mapping[str, Any], Mapping[str, Any]], None]

    def create(self, fields: Mapping[str, Any], *, by: str = "agent") -> str:
        native_id = super().create(fields, by=by)
        if by == self.login:
            self.told(self.system.name, native_id, {}, self.body(native_id))
        return native_id

    def edit(self, native_id: str, fields: Mapping[str, Any], *, by: str = "agent") -> None:
        before = self.body(native_id) if by == self.login else {}
        super().edit(native_id, fields, by=by)
        if by == self.login:
            self.told(self.system.name, native_id, before, self.body(native_id))


def store(
    ability: Ability,
    clock: Callable[[], datetime],
    lag: Callable[[], float],
    told: Told | None = None,
    *,
    history: bool = False,
) -> Store:
    """An empty company. clock: the hub's; its own is off by its skew. told: where its agents are told. history: it
    tells who changed what."""
    system = MemorySystem(
        name=ability.name,
        title=ability.name.title(),
        connection=ability.name,
        page=ability.page,
        overlap=ability.overlap,
        changed_by=ability.changed_by,  # type: ignore[arg-type]  # drawn from its literals
        picklists={"state": tuple(STATES), "urgency": tuple(URGENCIES)},
        defaults={"state": "New", "company": ability.name.title()},
        number_format=ability.name[0].upper() + "-{}",
        first_contact=FirstContact(guard="none"),
        told=told,
        abilities=Abilities(
            unique_key=ability.unique_key,
            conditional_write=ability.conditional_write,
            index_lag=ability.index_lag,
            clock_step=ability.step,
            change_history=history,
        ),
    )
    skew = timedelta(seconds=ability.skew)
    made = Store(system, clock=lambda: clock() + skew)
    made.listing_lag = lag
    return made


LENS = lenses.compile(MAPPING, partner="simulated")


def partner(system: MemorySystem) -> Partner:
    """The company as the exchange knows it."""
    document = Document(Path(f"mappings/partners/{system.name}/mapping.yaml"), dict(MAPPING), {(): (1, 1)})
    return Partner(system.name, system, LENS, document)


SAYS: Sequence[Mapping[str, Any]] = (
    {"accepted_by": ["inProgress", "held"]},
    {"refusals": {"said": ["reason"]}},
    {"refused_to": "contactPoint", "fires": "suggested"},
    {"fires": "auto", "when": {"priority": "low"}},
    {"accepted_by": {"priority": "any"}, "refusals": {"said": ["reason"]}, "refused_to": "contactPoint"},
)
"""What edges of the strict histories say besides, in turn."""


def agreement(names: Sequence[str], *, veils: bool = False, strict: bool = False) -> Agreement:
    """All hand-overs but the one from the last company to the first. veils: customers' ids cross as pseudonyms. strict:
    each edge says more."""
    pairs = [(a, b) for a in names for b in names if a != b and (len(names) < 3 or (a, b) != (names[-1], names[0]))]
    more = [SAYS[i % len(SAYS)] if strict else {} for i in range(len(pairs))]
    return Agreement.model_validate(
        {
            "version": "simulated",
            "effective": "2026-01-01",
            "partners": {name: {"title": name.title()} for name in names},
            "sharing": {
                "standard": {
                    "fields": SHARED,
                    "notes": ["partners", "customer"],
                    "pseudonyms": ["relatedParty.customer.id"] if veils else [],
                }
            },
            "edges": [
                {"id": f"{a}-{b}", "from": a, "to": b, "crosses": "standard", **says}
                for (a, b), says in zip(pairs, more, strict=True)
            ],
            "ownership": {"priority": "contactPoint"},
        }
    )
