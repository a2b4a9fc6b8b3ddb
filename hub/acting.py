"""What a person does at the hub: who, why, and the error that says why it cannot be done.

Each act is an entry of the ledger with both. Next: `pausing.py`, `repair.py`, `resync.py`, `first_contact.py`.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.ledger import Ledger


class CannotDo(Exception):
    """What was asked for cannot be done. The text says code, value, what is known and the way out."""

    def __init__(self, code: str, message: str, *, value: str = "", known: Sequence[str] = (), fix: str = "") -> None:
        self.code = code
        lines = [f"{code} {message}"]
        if known:
            near = get_close_matches(value, known, n=1)
            lines.append(f"  Known: {', '.join(known)}." + (f" Did you mean '{near[0]}'?" if near else ""))
        if fix:
            lines.append(f"  Fix: {fix}")
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class By:
    """Whose act it is, and why."""

    who: str
    why: str


def by(who: str, why: str) -> By:
    """who: "" is the login name. Raises CannotDo X505 where nobody says why."""
    if not why.strip():
        raise CannotDo("X505", "nobody says why.", fix='add --why "..."; it stands in the audit trail for ever.')
    return By(who.strip() or login_name(), why.strip())


def login_name() -> str:
    """Who is at the prompt."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "nobody known"


def partner_named(name: str, known: Iterable[str]) -> str:
    """The name, if it is a partner's. Raises CannotDo X502."""
    names = sorted(known)
    if name not in names:
        raise CannotDo("X502", f"there is no partner {name!r}.", value=name, known=names)
    return name


def case_named(ledger: Ledger, search: str) -> str:
    """The id of the one case that has this id or number in any system. Raises CannotDo X503."""
    found = ledger.cases(limit=6, search=search)
    if len(found) != 1:
        which = f"names {', '.join(row.id for row in found)}" if found else "names no case"
        fix = "give the case's id, or its number in one system; `casebridge show` takes the same."
        raise CannotDo("X503", f"{search!r} {which}.", fix=fix)
    return found[0].id
