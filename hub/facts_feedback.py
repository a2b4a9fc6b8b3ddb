"""What became of the customers' words, read off entries: asked, silent, ended by a word, what they score and are about;
and corrective actions.

Placed where the hub saw them: it is the hub that asks and hears. Pure: reads one case's entries. Next: `facts.py`,
which places all the others; `indicators/satisfaction.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from hub.entries import Entry

if TYPE_CHECKING:
    from hub.happened import What

Told = tuple["What", Entry, str, float | None, str]
"""A fact: what, the entry that it stands on, whose, its number (1 or 0 where it is one of a share), and its sort."""


def told(story: Sequence[Entry]) -> Iterator[Told]:
    """The facts of one case's entries, which are in the ledger's order."""
    waits, said = False, _said(story)
    for entry in story:
        contact, detail = entry.contact_point or entry.partner, entry.detail
        if entry.kind == "asked" and detail.get("times", 1) == 1:
            waits = True
            yield "asked", entry, contact, None, ""
        elif waits and entry.kind in ("silent", "fed_back"):
            waits = False
            yield "silence", entry, contact, float(entry.kind == "silent"), ""
        if entry.kind == "closed" or (entry.kind == "reopened" and "score" in detail):
            waits = False
            yield "closure", entry, entry.accountable or contact, float(entry.kind == "closed"), ""
        if entry.kind == "fed_back" and "score" in detail:
            yield "score", entry, entry.accountable or contact, float(detail["score"]), ""
        if entry.kind == "signal":
            yield from _of_signal(entry, contact, said)
        yield from _of_corrective(entry)


def _said(story: Sequence[Entry]) -> dict[Any, Any]:
    """What a person said that a word is about, by the entry that the word is in: goes before what was read off it."""
    return {
        e.detail.get("of"): e.detail["component"] for e in story if e.kind == "classified" and "component" in e.detail
    }


def _of_signal(entry: Entry, contact: str, said: dict[Any, Any]) -> Iterator[Told]:
    signal, whose = entry.detail.get("signal"), entry.accountable or contact
    about = said.get(entry.detail.get("of")) or entry.detail.get("component")
    if signal == "repeat":
        yield "repeat", entry, contact, None, ""
    elif signal == "preference":
        yield "preference", entry, contact, None, ""
    elif signal == "score" and about:
        yield "area", entry, whose, None, str(about)


def _of_corrective(entry: Entry) -> Iterator[Told]:
    kinds: dict[str, Any] = {
        "corrective": ("corrective", "corrective open"),
        "corrected": ("corrected", "corrective over"),
        "effective": ("effective", "corrective over"),
        "ineffective": ("corrective over",),
    }
    for what in kinds.get(entry.kind, ()):
        yield what, entry, entry.partner, None, ""
    if entry.kind in ("effective", "ineffective"):
        yield "recovered", entry, entry.partner, float(entry.kind == "effective"), ""
