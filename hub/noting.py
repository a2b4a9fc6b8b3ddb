"""Which notes one company lacks, and how each stands there: under whose name, in which language, in place of which.

A note that its author rewrote follows as a further one that says which it replaces; one that he took back is told as
withdrawn, where it stands. One that the customer may read bears the contact point's name, so that he has one face; who
wrote it, agents are told beside it. One that is in another language than theirs is marked. Pure. Next: `route.py` (who
is owed), `merge.py` (how they come), `planning.py` (sends).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from hub.agreement import Agreement
from hub.edges import Sharing
from hub.state import HUB, CaseState, Link, note_ref
from hub.telling_words import ENGLISH, spoken_in
from mappings.case import Note, Visibility
from mappings.lens import Lens

TOLD = "told-"
"""Before the ref of each note by which agents are told how a case stands: `told-NUMBER-w-DIGEST`, w where something
waits, else s."""

BY = "by-"
"""Before the ref of the private note that names a note's author."""


@dataclass(frozen=True, slots=True)
class Lacks:
    """A note that a company lacks. ref: what stands in its footer. how: the note itself; that it was withdrawn, or
    holds again; or who wrote it. about: ref of the note that this one replaces or is about, "" for none."""

    note: Note
    ref: str
    how: Literal["note", "withdrawn", "again", "by"] = "note"
    about: str = ""


def lacking_notes(
    notes: Iterable[Note], partner: str, contact_point: str, link: Link, sharing: Sharing, lens: Lens
) -> Iterator[Lacks]:
    """What this company lacks of these notes, each of which has its side's newest version last."""
    for versions in _versions(note for note in notes if note.partner != partner):
        refs = [note_ref(note.partner, note.id) for note in versions]
        newest, ref, there = versions[-1], refs[-1], [ref for ref in refs if ref in link.notes]
        taken_back = newest.withdrawn % 2 == 1
        if ref not in link.notes and newest.visibility in sharing.notes and not taken_back:
            yield Lacks(newest, ref, "note", there[-1] if there else "")
        if there and _told(link, there[-1]) != taken_back and (taken_back or ref in link.notes):
            turn = f"w{newest.withdrawn}-{_about(there[-1])}"
            yield Lacks(newest, turn, "withdrawn" if taken_back else "again", there[-1])
        if (
            newest.visibility is Visibility.CUSTOMER in sharing.notes
            and newest.partner != contact_point
            and not taken_back
            and BY + _about(ref) not in link.notes
            and lens.notes is not None
            and lens.notes.audience.takes(Visibility.PRIVATE)
        ):
            yield Lacks(newest, BY + _about(ref), "by", ref)


def in_words(
    lacks: Lacks, lens: Lens, state: CaseState, agreement: Agreement, *, receiver: str, speaks: str
) -> dict[str, Any]:
    """It in the company's words. speaks: the language of its agents. Raises MappingError."""
    note, words = lacks.note, spoken_in(speaks) or ENGLISH
    author, company = note.author, title(agreement, note.partner)
    edge = agreement.edge_named(state.edges.get(receiver, ""))
    if lacks.how == "by":
        about = words.wrote.format(ref=_shown(lacks.about), author=author, company=company)
        note, author, company = _ours(note, about, Visibility.PRIVATE), words.hub, title(agreement, HUB)
    elif note.visibility is Visibility.CUSTOMER and note.partner != state.contact_point:
        author, company = "", title(agreement, state.contact_point)
    if lacks.how in {"withdrawn", "again"}:
        said = words.withdrawn if lacks.how == "withdrawn" else words.again
        note = _ours(note, said.format(ref=_shown(lacks.about)), note.visibility)
    elif lacks.about and lacks.how == "note":
        note = note.model_copy(update={"text": f"{note.text}\n\n{words.replaces.format(ref=_shown(lacks.about))}"})
    works_in = (edge.language if edge is not None else None) or speaks
    if note.language is not None and _tongue(note.language) != _tongue(works_in):
        company = f"{company} ({note.language})"
    return lens.to_note(note.model_copy(update={"author": author}), company=company, ref=lacks.ref)


def title(agreement: Agreement, partner: str) -> str:
    """The company's name as people write it; the hub has one too."""
    if partner == HUB:
        return "Casebridge"
    company = agreement.partners.get(partner)
    return company.title if company else partner


def is_hubs_own(ref: str | None) -> bool:
    """Whether this is the ref of something that the hub itself tells agents."""
    return ref is not None and ref.startswith((TOLD, BY))


def is_about(ref: str, refs: Collection[str]) -> bool:
    """Whether this is the ref of what we told of one of these notes."""
    how, _, about = ref.partition("-")
    ours = how == BY[:-1] or (how[:1] == "w" and how[1:].isdecimal())
    return ours and about in {_about(one) for one in refs}


def is_version(kept_id: str, native_id: str) -> bool:
    """Whether a note's id is of this note of theirs, in one of its versions."""
    return kept_id == native_id or (kept_id.startswith(f"{native_id}#") and kept_id[len(native_id) + 1 :].isdecimal())


def _versions(notes: Iterable[Note]) -> Iterable[list[Note]]:
    found: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        first, mark, number = note.id.rpartition("#")
        is_later = mark and number.isdecimal() and (note.partner, first) in found
        found.setdefault((note.partner, first if is_later else note.id), []).append(note)
    return found.values()


def _told(link: Link, ref: str) -> bool:
    """Whether it was told last that this note is withdrawn."""
    turns = [one.removesuffix(f"-{_about(ref)}") for one in link.notes if one.endswith(f"-{_about(ref)}")]
    return max((int(turn[1:]) for turn in turns if turn.startswith("w")), default=0) % 2 == 1


def _about(ref: str) -> str:
    """Of a note that is about another one: nowhere in it may stand that one's whole ref, by which it is looked for."""
    return sha256(ref.encode()).hexdigest()[:12]


def _shown(ref: str) -> str:
    """As much of a ref as agents need to find the note that it ends."""
    return ref[:8]


def _ours(note: Note, text: str, visibility: Visibility) -> Note:
    return note.model_copy(update={"text": text, "visibility": visibility, "language": None})


def _tongue(language: str) -> str:
    return language.partition("-")[0].lower()
