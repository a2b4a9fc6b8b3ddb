"""People at work in the three companies, and an oracle outside the hub that remembers all that they did.

Cases are handed over at once; notes for partners and private ones are written and fields edited on both sides, while
the hub lives or lies dead. Next: `counting.py`, which asks the companies' stores what came of it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.desks import Desk, DeskError
from sandbox.words import VALUES, fields, word
from sandbox.words import field as named

EDGES = (
    ("northcable", "telvoz", "TEL-HOME"),
    ("northcable", "brightnet", "NET-100"),
    ("telvoz", "brightnet", "NET-1000"),
    ("telvoz", "northcable", "CABLE-TV"),
    ("brightnet", "telvoz", "TEL-MOBILE"),
    ("brightnet", "northcable", "CABLE-BOX"),
)
NUMBER: Mapping[str, str] = {"northcable": "number", "telvoz": "numero", "brightnet": "CaseNumber"}
EDITED = ("title", "details", "priority", "status")
WORKED = ("inProgress", "pending", "held")


@dataclass(frozen=True, slots=True)
class Opened:
    """A case as its first agent knows it."""

    giver: str
    receiver: str
    reference: str


@dataclass(frozen=True, slots=True)
class Said:
    """A note: where, on which case, and whether it may cross."""

    company: str
    reference: str
    text: str
    crosses: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """A field that a person set, in our words."""

    company: str
    reference: str
    key: str
    value: str


@dataclass(slots=True)
class Agents:
    """Who work meanwhile. chance: what they do; the order of `edits` is that of time."""

    desks: Mapping[str, Desk]
    chance: random.Random
    opened: list[Opened] = field(default_factory=list)
    notes: list[Said] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    def open(self) -> Opened:
        """A case with a note for partners and a private one, handed over at once."""
        giver, receiver, product = EDGES[len(self.opened) % len(EDGES)]
        made = Opened(giver, receiver, f"K{len(self.opened)}")
        said = {
            "title": f"Case {made.reference}", "details": f"as told, {made.reference}", "reference": made.reference,
            "product": product, "holder": receiver, "priority": "medium", "status": "inProgress",
        }  # fmt: skip
        (record,) = self.desks[giver].act([{"op": "create", "fields": fields(giver, said)}])
        self.opened.append(made)
        for crosses in (True, False):
            self._note(giver, made.reference, str(record["number"]), crosses=crosses)
        return made

    def act(self) -> None:
        """One act on a case that is there: a note or an edit, at either side of it."""
        case = self.chance.choice(self.opened[-40:])
        company = self.chance.choice((case.giver, case.receiver))
        found = self.desks[company].cases(named(company, "reference"), [case.reference])
        if not found:
            return  # it has not arrived there yet
        number = str(found[0][NUMBER[company]])
        if self.chance.random() < 0.4:
            self._note(company, case.reference, number, crosses=self.chance.random() < 0.7)
            return
        key = self.chance.choice(EDITED)
        value = f"{key} {len(self.edits)} of {case.reference}"
        if key in VALUES:
            value = self.chance.choice(WORKED if key == "status" else tuple(VALUES[key]))
        try:
            self.desks[company].act([{"op": "edit", "number": number, "fields": fields(company, {key: value})}])
        except DeskError:
            if key != "status":
                raise
            return  # the company's own transitions permit no such move
        self.edits.append(Edit(company, case.reference, key, value))

    def say(self) -> None:
        """A note that may cross, on a case whose receiver has it already; none where there is no such case."""
        for case in reversed(self.opened[-12:]):
            found = self.desks[case.receiver].cases(named(case.receiver, "reference"), [case.reference])
            if found:
                self._note(case.receiver, case.reference, str(found[0][NUMBER[case.receiver]]), crosses=True)
                return

    def _note(self, company: str, reference: str, number: str, *, crosses: bool) -> None:
        text = f"{'word' if crosses else 'secret'} {len(self.notes)} of {reference}."
        audience = word(company, "audience", "partners" if crosses else "private")
        act: dict[str, Any] = {"op": "note", "number": number, "text": text, "audience": audience, "author": "Ann"}
        self.desks[company].act([act])
        self.notes.append(Said(company, reference, text, crosses))
