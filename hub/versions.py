"""Versions of the agreement: which one holds on a day, and under which one a case was handed over.

`agreement.yaml` is one version; those that were before it, and those to come, stand in `agreements/` beside it, a file
each. A version holds from its effective date on, once each of its partners has signed its text; until then the one
before it does. Where no version was ever signed by all, the newest that is effective holds: `casebridge check` says so.
A case that was handed over keeps the version it was handed over under. Next: `signatures.py`, `agreement.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from hub.agreement import Agreement, load_agreement
from hub.declarations import DeclarationError, Problem, read, shown
from hub.entries import Entry

FOLDER = "agreements"


def load_versions(path: Path, known_partners: Iterable[str] | None = None) -> tuple[Agreement, ...]:
    """Every version, the earliest first. path: of agreement.yaml, whose partners have folders: known_partners.

    Raises DeclarationError, A342 also where two versions bear one name or begin on one day.
    """
    current = load_agreement(path, known_partners)
    others = sorted((path.parent / FOLDER).glob("*.yaml"))
    found = [(current, path), *((load_agreement(other), other) for other in others)]
    problems = []
    for at, (agreement, file) in enumerate(found):
        for earlier, place in found[:at]:
            same = "version" if agreement.version == earlier.version else "effective"
            if getattr(agreement, same) == getattr(earlier, same):
                said = f"{same}: {getattr(agreement, same)} is that of {shown(place)} too."
                problems.append(read(file).problem((same,), "A342", said))
    if problems:
        raise DeclarationError(problems)
    return tuple(sorted((agreement for agreement, _ in found), key=lambda each: each.effective))


def in_force(versions: Sequence[Agreement], today: date, path: Path) -> Agreement:
    """The version that holds today, knowing the others. Raises DeclarationError A343 where none does yet."""
    begun = [agreement for agreement in versions if agreement.effective <= today]
    if not begun:
        first = versions[0]
        message = f"agreement {first.version} holds from {first.effective} on, and none holds on {today}."
        raise DeclarationError([Problem(f"{shown(path)}:1:1", "A343", message)])
    signed = [agreement for agreement in begun if not agreement.unsigned]
    holds = (signed or begun)[-1]
    return holds.among(versions)


def load_in_force(path: Path, known_partners: Iterable[str] | None, today: date) -> Agreement:
    """The version that holds today. Raises DeclarationError."""
    return in_force(load_versions(path, known_partners), today, path)


def under(agreement: Agreement, story: Sequence[Entry]) -> Agreement:
    """The version that a case was handed over under last, where it was; else the one that holds."""
    said = (entry.detail.get("agreement") for entry in reversed(story) if entry.kind in {"offered", "succeeded"})
    return agreement.version_named(str(next((each for each in said if each), "")))
