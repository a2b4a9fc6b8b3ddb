"""A case as a form, and a form as an act: only what a person really changed is written.

Browsers rewrite what they were given (line ends, a time without its zero seconds), so each box is compared in the form
in which it comes back. Pure; knows no page. Next: `pages.py` and templates/edit.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.companies.refusals import Refusal
from sandbox.companies.rows import Record
from sandbox.companies.values import from_text, to_text
from sandbox.companies.vocabulary import Field, Value, Vocabulary


@dataclass(frozen=True, slots=True)
class Box:
    """One field of the form: what stands in it, and what is wrong with it."""

    field: Field
    text: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Boxes under one heading."""

    title: str
    boxes: tuple[Box, ...]


def sections(
    words: Vocabulary, texts: Mapping[str, str], refusal: Refusal | None = None, *, record: Record | None = None
) -> list[Section]:
    """The form of these texts; a refusal stands at its field. record: whose state may only go where it may go."""
    told = sentence(words, refusal) if refusal else ""
    return [
        Section(
            group.title,
            tuple(
                Box(
                    _offered(words, field, record),
                    texts.get(field.name, ""),
                    told if refusal and refusal.field == field.name else "",
                )
                for field in group.fields
                if not field.hub_only
            ),
        )
        for group in words.groups
        if any(not field.hub_only for field in group.fields)
    ]


def _offered(words: Vocabulary, field: Field, record: Record | None) -> Field:
    """The field with the choices that stand open."""
    if record is None or field.name != words.roles.status:
        return field
    now = str(record.fields[field.name])
    return replace(field, values=(now, *words.transitions[now])) if now in words.transitions else field


def texts_of(words: Vocabulary, record: Record | None) -> dict[str, str]:
    """What stands in the boxes of a case, or of a new one."""
    if record is None:
        return {field.name: field.default or "" for field in words.fields.values()}
    return {name: to_text(words, value) for name, value in record.fields.items()}


def written(words: Vocabulary, before: Mapping[str, str], given: Mapping[str, str]) -> dict[str, Value]:
    """The fields whose box holds something else than before. Raises Refusal for a text that does not fit its field."""
    changed: dict[str, Value] = {}
    for name, field in words.fields.items():
        if field.hub_only:
            continue
        text = given.get(name, "")
        if _returned(words, field, before.get(name, "")) != _returned(words, field, text):
            changed[name] = False if field.type == "flag" and not text else from_text(words, field, text)
    return changed


def sentence(words: Vocabulary, refusal: Refusal) -> str:
    """A refusal in the company's language, with the field's label."""
    field = words.fields.get(refusal.field)
    value = "" if refusal.value is None else str(refusal.value)
    return words.labels.refusals[refusal.code].format(
        field=field.label if field else refusal.field,
        value=value if len(value) <= 60 else f"{value[:60]}…",
        known=", ".join(refusal.known),
    )


def _returned(words: Vocabulary, field: Field, text: str) -> str:
    """The text as a browser would send it back untouched."""
    match field.type:
        case "flag":
            return "" if text in ("", words.flag_words[1]) else "on"
        case "time":
            try:
                return datetime.fromisoformat(text).isoformat() if text else ""
            except ValueError:
                return text
        case "long text":
            return text.replace("\r\n", "\n").replace("\r", "\n")
        case _:
            return text.replace("\r", "").replace("\n", "")
