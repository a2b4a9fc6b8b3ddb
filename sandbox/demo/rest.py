"""At rest: when nothing moves any more, and what must hold then.

Quiet is shown, not assumed: nothing is owed, and while every company was read twice more neither the ledger nor any
company's store changed by a single line or version. Then each law that a person could check with the companies' pages
is checked with the companies' desks: one counterpart a company and no copy, the same words on all sides, each told who
holds it and under which number there, private texts nowhere else, and nothing parked but what the script meant to be.
Next: `reasons.py` (acts that did not show), `closing.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from hub.ledger import Ledger
from sandbox.demo.acts import Script, whole
from sandbox.desks import Desk
from sandbox.replay.drive import NUMBER
from sandbox.words import VALUES, shown
from sandbox.words import field as field_name

READINGS = 2
"""How often each company has to be read without a change."""
APART = timedelta(seconds=2)
"""At least so long between two readings that count: one pull reads several pages."""
MOVING = ("owed", "claimed", "unknown")
SAME = ("title", "status", "priority", "holder", "agent", "reason")
"""What all sides of a case must say alike."""

Bodies = Mapping[str, Sequence[Mapping[str, Any]]]
"""company -> every case of its store, whole."""


def bodies(desks: Mapping[str, Desk], scripts: Sequence[Script]) -> dict[str, list[dict[str, Any]]]:
    """Every case of these scripts, at every company's desk."""
    references = [script.reference for script in scripts]
    return {name: desk.cases(field_name(name, "reference"), references) for name, desk in desks.items()}


@dataclass(slots=True)
class Quiet:
    """Watches whether anything still moves. `step` is called again and again; True once it has come to rest."""

    ledger: Ledger
    desks: Mapping[str, Desk]
    scripts: Sequence[Script]
    _sight: str = ""
    _readings: dict[str, list[datetime]] = field(default_factory=dict)

    def step(self) -> bool:
        """Look once."""
        sight = self._look()
        read = {row.name: row.pulled_at for row in self.ledger.partners() if row.pulled_at is not None}
        if sight != self._sight or self.ledger.deliveries(MOVING, limit=1):
            self._sight, self._readings = sight, {name: [at] for name, at in read.items()}
            return False
        for name, at in read.items():
            seen = self._readings.setdefault(name, [])
            if not seen or at > seen[-1] + APART:
                seen.append(at)
        return all(len(self._readings.get(name, ())) > READINGS for name in self.desks)

    def _look(self) -> str:
        stores = bodies(self.desks, self.scripts)
        told = [str(self.ledger.head()), *(whole({"all": stores[name]}) for name in sorted(stores))]
        return sha256("\n".join(told).encode()).hexdigest()


def broken(scripts: Sequence[Script], stores: Bodies, ledger: Ledger) -> list[str]:
    """What does not hold, in sentences; empty where all does."""
    told: list[str] = []
    for script in scripts:
        told += [f"{script.reference} «{script.title}»: {one}" for one in _of_case(script, _found(script, stores))]
        told += _leaked(script, stores)
    return [*told, *_parked(scripts, ledger)]


def _found(script: Script, stores: Bodies) -> dict[str, list[Mapping[str, Any]]]:
    found = {
        name: [body for body in all_bodies if shown(name, body, "reference") == script.reference]
        for name, all_bodies in stores.items()
    }
    return {name: some for name, some in found.items() if some}


def _of_case(script: Script, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    for name in script.companies:
        if name not in found:
            yield f"{name} has no counterpart."
    for name, some in found.items():
        if name not in script.companies:
            yield f"{name} has {some[0][NUMBER[name]]}, and nobody handed it there."
        if len(some) > 1:
            yield f"{name} has {len(some)} counterparts: {', '.join(str(body[NUMBER[name]]) for body in some)}."
    first = {name: some[0] for name, some in found.items()}
    for key in SAME:
        said = {name: _meant(name, body, key) for name, body in first.items()}
        if len(set(said.values())) > 1 and not (key == "status" and set(said.values()) <= {"resolved", "closed"}):
            yield f"{key} differs: " + ", ".join(f"{name} says {value!r}" for name, value in said.items())
    holder = script.path[-1]
    for name, body in first.items():
        told = shown(name, body, "holder_number")
        if name != holder and holder in first and str(told) != str(first[holder][NUMBER[holder]]):
            yield f"{name} is told that its number at {holder} is {told!r}; it is {first[holder][NUMBER[holder]]!r}."


def _leaked(script: Script, stores: Bodies) -> Iterator[str]:
    for text, owner in script.private.items():
        for name, some in stores.items():
            if name != owner and any(text in whole(body) for body in some):
                yield f"{script.reference}: a private note of {owner} stands at {name}: «{text}»"
    for company, text in script.hidden:
        if any(text in whole(body) for body in stores.get(company, ())):
            yield f"{script.reference}: the agreement keeps «{text}» from {company}, and it stands there."


def _parked(scripts: Sequence[Script], ledger: Ledger) -> Iterator[str]:
    """What is parked and was not meant to be, and the other way round."""
    by_number = {link.number: row.name for row in ledger.cases(limit=1000) for link in row.links}
    titles = {row.id: row.name for row in ledger.cases(limit=1000)}
    wanted = {(script.title, code) for script in scripts for code in script.planned}
    for row in ledger.parked():
        title = titles.get(row.case_id or "", by_number.get(row.native_id or "", ""))
        if (title, row.code) in wanted:
            wanted.discard((title, row.code))
        else:
            yield f"parked and not planned: «{title}» {row.subject} {row.partner} {row.code} {row.place}: {row.message}"
    for title, code in sorted(wanted):
        yield f"«{title}» should be parked with {code}, and is not."


def _meant(company: str, body: Mapping[str, Any], key: str) -> Any:
    """What a company's word means, in our terms; the word itself where there is no table."""
    said = shown(company, body, key)
    if key not in VALUES:
        return said
    return next((ours for ours, words in VALUES[key].items() if said in words), said)
