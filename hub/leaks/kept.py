"""When the last leak test of a company was, by which declarations, and whether it held: a line each in a file of HOME.

Next: `../passports.py`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """at: ISO 8601 in UTC. companies: whose share was looked at. declared: hash of the declarations."""

    at: str
    companies: tuple[str, ...]
    declared: str
    holds: bool


def keep(settings: Settings, kept: Kept) -> None:
    """Add its line. Raises OSError."""
    path = _file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(kept)) + "\n")


def last(settings: Settings, company: str) -> Kept | None:
    """The newest of this company; None where there was none."""
    path = _file(settings)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = [Kept(**{**told, "companies": tuple(told["companies"])}) for told in map(json.loads, lines)]
    return next((one for one in reversed(found) if company in one.companies), None)


def _file(settings: Settings) -> Path:
    return settings.home / "leaktests.jsonl"
