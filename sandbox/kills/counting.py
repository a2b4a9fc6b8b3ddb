"""The laws, counted in the companies' own stores once everything has come to rest.

Each breach is a sentence. Of what the hub says of itself only three things are asked: that its chain verifies, that
nothing is open, and that it took in what it did not let stand. Next: `trial.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.entries import Entry
from hub.ledger import Ledger
from hub.state import case_id_of
from sandbox.desks import Desk
from sandbox.kills.agents import EDITED, Agents, Edit, Opened
from sandbox.words import COMPANIES, VALUES, shown, word
from sandbox.words import field as named

NATIVE: Mapping[str, str] = {"northcable": "id", "telvoz": "numero", "brightnet": "Id"}
PATHS = {"title": "name", "details": "description", "priority": "priority", "status": "status"}
UNCONDITIONAL = frozenset({"telvoz", "brightnet"})
"""Companies that take a write whatever their record says by then: an edit between the hub's last look and its write is
written over, and nobody can tell."""
Bodies = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
"""company -> reference -> the records that bear it."""


@dataclass(slots=True)
class Count:
    """What was found. breaches: sentences, none where the laws hold; doubled, lost: cases and notes among them.
    written_over: edits that the hub wrote over unread, at companies that take writes on no condition."""

    cases: int = 0
    notes: int = 0
    edits: int = 0
    conflicts: int = 0
    doubled: int = 0
    lost: int = 0
    parked: int = 0
    written_over: int = 0
    breaches: list[str] = field(default_factory=list)


def count(desks: Mapping[str, Desk], agents: Agents, ledger: Ledger) -> Count:
    """Ask every store about every case, note and edit."""
    entries: dict[str, list[Entry]] = {}
    for entry in ledger.entries():
        entries.setdefault(entry.case_id, []).append(entry)
    parked = ledger.parked()
    found = Count(len(agents.opened), len(agents.notes), len(agents.edits), parked=len(parked))
    found.conflicts = sum(entry.kind == "conflict" for lines in entries.values() for entry in lines)
    bodies = read(desks, agents)
    for case in agents.opened:
        _count_case(found, bodies, case)
    _count_notes(found, bodies, agents)
    whole = {case.reference: case for case in agents.opened if _whole(bodies, case)}
    for reference, case in whole.items():
        native_id = str(bodies[case.giver][reference][0][NATIVE[case.giver]])
        mine = [edit for edit in agents.edits if edit.reference == reference]
        for key in EDITED:
            said = [edit for edit in mine if edit.key == key]
            lines = entries.get(case_id_of(case.giver, native_id), [])
            over = _written_over(bodies, case, key, said, lines)
            found.written_over += over
            found.breaches += () if over else _unkept(bodies, case, key, said, lines)
    if ledger.broken_at() is not None:
        found.breaches.append("the ledger's chain does not verify")
    found.breaches += [f"open: {one}" for one in ledger.deliveries(("owed", "claimed", "unknown"))]
    found.breaches += [f"parked: {one.code} {one.message}" for one in parked if one.subject != "conflict"]
    return found


def read(desks: Mapping[str, Desk], agents: Agents) -> Bodies:
    """Every record of every company that bears one of the agents' references."""
    references = [case.reference for case in agents.opened]
    bodies: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for company, desk in desks.items():
        mine = bodies.setdefault(company, {})
        for body in desk.cases(named(company, "reference"), references):
            mine.setdefault(str(shown(company, body, "reference")), []).append(body)
    return bodies


def texts(company: str, body: Mapping[str, Any]) -> list[str]:
    """What the notes on a record say."""
    if company == "northcable":
        return [note["body"] for note in body["comments"]]
    if company == "telvoz":
        return [note["texto"] for note in body["notas"]["nota"]] if body["notas"] else []
    return [note["CommentBody"] for note in body["CaseComments"]]


def _whole(bodies: Bodies, case: Opened) -> bool:
    return all(len(bodies[name].get(case.reference, ())) == 1 for name in (case.giver, case.receiver))


def _count_case(found: Count, bodies: Bodies, case: Opened) -> None:
    """One record at the giver, one at the receiver, none at anybody else."""
    for company in COMPANIES:
        wanted = int(company in {case.giver, case.receiver})
        there = len(bodies[company].get(case.reference, ()))
        found.doubled += max(0, there - wanted)
        found.lost += max(0, wanted - there)
        if there != wanted:
            found.breaches.append(f"case {case.reference}: {there} records at {company}, {wanted} wanted")


def _count_notes(found: Count, bodies: Bodies, agents: Agents) -> None:
    """A note stands once where it was written and, if it may cross, once at the other side."""
    cases = {case.reference: case for case in agents.opened}
    for note in agents.notes:
        case = cases[note.reference]
        for company in (case.giver, case.receiver):
            wanted = int(company == note.company or note.crosses)
            records = bodies[company].get(note.reference, ())
            there = sum(note.text in text for body in records for text in texts(company, body))
            found.doubled += max(0, there - wanted)
            found.lost += max(0, wanted - there)
            if there != wanted:
                found.breaches.append(f"note {note.text!r}: {there} times at {company}, {wanted} wanted")


def _written_over(bodies: Bodies, case: Opened, key: str, said: Sequence[Edit], entries: Sequence[Entry]) -> int:
    """How many last words of companies that take writes on no condition were never read, and do not stand."""
    last = {edit.company: edit.value for edit in said}
    read_in = _read_in(entries, key)
    return sum(
        key not in VALUES and company not in read_in and _shown(bodies, company, case, key) != value
        for company, value in last.items()
        if company in UNCONDITIONAL
    )


def _read_in(entries: Sequence[Entry], key: str) -> set[str]:
    """Companies whose word was read in."""
    path = PATHS[key]
    return {entry.partner for entry in entries if entry.kind in ("opened", "changed") and path in entry.fields}


def _unkept(bodies: Bodies, case: Opened, key: str, said: Sequence[Edit], entries: Sequence[Entry]) -> Iterator[str]:
    """Both sides show one value; it is the last word of one of them; the other's was read, and told as a conflict."""
    shows = {company: _shown(bodies, company, case, key) for company in (case.giver, case.receiver)}
    if len(set(shows.values())) > 1:
        yield f"{case.reference} {key}: differs, {shows}"
        return
    last = {edit.company: edit.value for edit in said}
    stands = next(iter(shows.values()))
    if last and stands not in last.values():
        yield f"{case.reference} {key}: {stands!r} stands, {last} was said"
    path, read_in = PATHS[key], _read_in(entries, key)
    logged = any(entry.kind == "conflict" and entry.detail["field"] == path for entry in entries)
    for company, value in last.items():
        if value == stands or key in VALUES:
            continue  # of a short list of values nobody can tell whose it is
        if company not in read_in:
            yield f"{case.reference} {key}: {company}'s {value!r} was overwritten and never read"
    if last and key not in VALUES and stands != said[-1].value and not logged:
        later = said[-1].value
        yield f"{case.reference} {key}: {stands!r} stands, the later {later!r} does not, and no conflict is told"


def _shown(bodies: Bodies, company: str, case: Opened, key: str) -> Any:
    """What that company's record shows, in our words."""
    value = shown(company, bodies[company][case.reference][0], key)
    if key not in VALUES:
        return value
    return next((ours for ours in VALUES[key] if word(company, key, ours) == value), value)
