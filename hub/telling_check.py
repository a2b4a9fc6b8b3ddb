"""Whether the place holds that system.yaml's `told` names, found by `casebridge check` before an agent misses a word.

Reads declarations and what is kept of their fields; opens no connection. Next: `telling.py`, `checking.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from connectors.declared import Told
from hub.declarations import Problem, read
from hub.describing import Kept
from hub.noting import TOLD
from hub.partners import Partner
from hub.telling import Telling
from hub.telling_changes import room
from hub.telling_words import LANGUAGES, longest, spoken_in
from mappings.case import Visibility
from mappings.errors import MappingError

MORE = {
    "D216": "Agents are told in their own language, and there are no sentences in the one that is declared.\n"
    "  Example:  told: {field: hub_says, language: en}\n"
    "  Fix: name one of the known languages in `told`, or add its sentences to hub/telling_words.py.",
    "D217": "The place where agents are to be told does not hold: a field that is not there, is too short, or is a\n"
    "line of mapping.yaml (what is told would be read as an agent's word); or notes that cannot be private. Or a\n"
    "sentence does not go into it: what is told would be cut, with a mark.\n"
    "  Example:  told: {field: hub_says}      told: {note: private, length: 400}\n"
    "  Fix: name a text field that nothing else uses; let mapping.yaml write private notes; or say a `length` that\n"
    "  holds a sentence of the language and goes into their field or note.",
}

LONGEST_REF = f"{TOLD}9999-w-{'0' * 12}"
"""Of what is told for the ten thousandth time."""


def check_told(folder: Path, partner: Partner, kept: Kept | None) -> Iterator[Problem]:
    """What is wrong with it, each at its place in system.yaml."""
    told, document = partner.system.told, read(folder / "system.yaml")
    if told is None:
        return
    language = told.language or partner.system.language
    words = spoken_in(language)
    place = ("told", "note" if told.field is None else "field")
    if words is None:
        at = ("told", "language") if told.language else ("language",)
        message = f"told: there are no sentences in {language!r}."
        yield document.problem(at, "D216", message, language, tuple(LANGUAGES))
    else:
        fields = (rule.field for rule in partner.lens.rules)
        sentence = longest(words, max(fields, key=len, default=""), partner.system.title)
        if len(sentence) > told.length:
            why = f"a sentence in {language!r} has {len(sentence)} characters, and `length` says {told.length}."
            yield document.problem(place, "D217", f"told.{place[1]}: {why}", told.length)
        sample = " ".join([sentence] * (told.length // len(sentence) + 1))[: told.length]
        if told.field is None and (why := _too_short(partner, sample)):
            yield document.problem(place, "D217", f"told.note: {why}", told.length)
    for why in _against_note(partner) if told.field is None else _against_field(told, told.field, partner, kept):
        yield document.problem(place, "D217", f"told.{place[1]}: {why}", told.field)


def _against_note(partner: Partner) -> Iterator[str]:
    notes = partner.lens.notes
    if notes is None:
        yield "mapping.yaml has no notes."
    elif not notes.audience.takes(Visibility.PRIVATE):
        yield "mapping.yaml has no word of theirs for a private note."


def _too_short(partner: Partner, sample: str) -> str:
    """How much of this text a private note of theirs takes, where it does not take all; "" where it does."""
    notes = partner.lens.notes
    if notes is None or not notes.audience.takes(Visibility.PRIVATE):
        return ""
    try:
        takes = room(partner, Telling(sample, LONGEST_REF, datetime(2000, 1, 1, tzinfo=UTC)))
    except MappingError as error:
        return f"a note of theirs has no room for what is told, beside our last line ({error.message})"
    return (
        ""
        if takes == len(sample)
        else f"a note of theirs takes {takes} characters of it, and `length` says {len(sample)}."
    )


def _against_field(told: Told, field: str, partner: Partner, kept: Kept | None) -> Iterator[str]:
    if field in partner.lens.fields:
        yield f"{field} is a line of mapping.yaml too: what is told would be read as an agent's word."
    if kept is None:
        return
    theirs = kept.fields.get(field)
    if theirs is None:
        yield f"their system has no field {field}."
    elif theirs.length is not None and theirs.length < told.length:
        yield f"{field} takes {theirs.length} characters, and `length` says {told.length}."
