"""What Northcable's answers look like: a ticket, a comment, a file, a line, a field. Pure; `northcable_api.py` sends.

A ticket is nested ({"customer": {"name": ...}}), has every field (null where empty), times in the company's zone with
milliseconds and offset, decimals as text. A deleted one is {"id", "deleted": true, "seq", "version"}, and
"merged_into" where it became part of another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.companies.rows import CREATED, DELETED, Filed, Line, Note, Record
from sandbox.companies.vocabulary import Field, Value, Vocabulary, nest

WRITTEN_BY_THE_SYSTEM = (
    Field("id", "Id", "integer"),
    Field("number", "Number"),
    Field("seq", "Change sequence", "integer"),
    Field("version", "Version", "integer"),
    Field("created_at", "Created at", "time"),
    Field("updated_at", "Updated at", "time"),
)
COMMENTS: Mapping[str, Any] = {
    "name": "comments",
    "label": "Comments",
    "type": "comments",
    "length": None,
    "required": False,
    "values": [],
}
FILES: Mapping[str, Any] = {**COMMENTS, "name": "files", "label": "Files", "type": "files"}


def ticket(words: Vocabulary, record: Record) -> dict[str, Any]:
    """The whole ticket, comments and files included; a deleted one is its tombstone."""
    if record.deleted:
        end = {"id": record.id, "deleted": True, "seq": record.seq, "version": record.version}
        return end if record.merged_into is None else {**end, "merged_into": record.merged_into}
    return {
        "id": record.id,
        "number": record.number,
        "seq": record.seq,
        "version": record.version,
        "created_at": _shown(words, record.created),
        "updated_at": _shown(words, record.changed),
        **nest({name: _shown(words, value) for name, value in record.fields.items()}),
        "comments": [comment(words, note) for note in record.notes],
        "files": [filed(words, file) for file in record.files],
    }


def comment(words: Vocabulary, note: Note) -> dict[str, Any]:
    """One comment."""
    return {
        "id": note.id,
        "author": note.author,
        "body": note.text,
        "audience": note.audience,
        "created_at": _shown(words, note.created),
        "language": note.language,
    }


def filed(words: Vocabulary, file: Filed) -> dict[str, Any]:
    """One file, without what is in it."""
    return {
        "id": file.id,
        "name": file.name,
        "type": file.type,
        "size": file.size,
        "author": file.author,
        "audience": file.audience,
        "created_at": _shown(words, file.created),
    }


def changes(words: Vocabulary, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """History lines, oldest first. The ticket's beginning and end are lines of the field "ticket"."""
    ends = {CREATED: "created", DELETED: "deleted"}
    return [
        {
            "id": line.id,
            "ticket": line.record_id,
            "at": _shown(words, line.at),
            "by": line.by,
            "field": "ticket" if line.field in ends else line.field,
            "old": _shown(words, line.old),
            "new": ends.get(line.field) or _shown(words, line.new),
        }
        for line in lines
    ]


def fields(words: Vocabulary) -> list[dict[str, Any]]:
    """Every field of a ticket, those that the system writes first. length: characters, null where it has no bound."""
    described = [_field(one) for one in (*WRITTEN_BY_THE_SYSTEM, *words.fields.values())]
    return [*described, dict(COMMENTS), dict(FILES)]


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "length": field.length if field.type in ("text", "long text") else None,
        "required": field.required,
        "values": list(field.values),
    }


def _shown(words: Vocabulary, value: Value) -> str | int | bool | None:
    if isinstance(value, datetime):
        return value.astimezone(words.zone).isoformat(timespec="milliseconds")
    return format(value, "f") if isinstance(value, Decimal) else value
