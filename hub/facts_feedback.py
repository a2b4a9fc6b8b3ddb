"""What became of the customers' words, read off entries: asked, silent, ended by a word; and corrective actions.

Placed where the hub saw them: it is the hub that asks and hears. Pure: reads one case's entries. Next: `facts.py`,
which places all the others; `indicators_feedback.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from hub.entries import Entry

if TYPE_CHECKING:
    from hub.facts import What

Told = tuple["What", Entry, str, float | None]
"""A fact: what, the entry that it stands on, whose, and 1 or 0 where it is one of a share."""


def told(story: Sequence[Entry]) -> Iterator[Told]:
    """The facts of one case's entries, which are in the ledger's order."""
    waits = False
    for entry in story:
        contact, detail = entry.contact_point or entry.partner, entry.detail
        if entry.kind == "asked" and detail.get("times", 1) == 1:
            waits = True
            yield "asked", entry, contact, None
        elif waits and entry.kind in ("silent", "fed_back"):
            waits = False
            yield "silence", entry, contact, float(entry.kind == "silent")
        if entry.kind == "closed" or (entry.kind == "reopened" and "score" in detail):
            waits = False
            yield "closure", entry, entry.accountable or contact, float(entry.kind == "closed")
        if entry.kind == "signal" and detail.get("signal") == "repeat":
            yield "repeat", entry, contact, None
        yield from _of_corrective(entry)


def _of_corrective(entry: Entry) -> Iterator[Told]:
    kinds: dict[str, Any] = {
        "corrective": ("corrective", "corrective open"),
        "corrected": ("corrected", "corrective over"),
        "effective": ("effective", "corrective over"),
        "ineffective": ("corrective over",),
    }
    for what in kinds.get(entry.kind, ()):
        yield what, entry, entry.partner, None
