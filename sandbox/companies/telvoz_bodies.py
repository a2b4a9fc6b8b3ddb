"""What Telvoz's answers look like: cases, notes, files, changes, the catalogue, in the contract's names and order.

Times are texts, local to the company's zone, without it; flags are S or N. Knows no XML and no web.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sandbox.companies.rows import CREATED, DELETED, Filed, Line, Note, Record
from sandbox.companies.vocabulary import Field, Value, Vocabulary

TYPES: Final = {
    "text": "texto",
    "long text": "texto largo",
    "integer": "entero",
    "decimal": "decimal",
    "flag": "S o N",
    "time": "fecha",
    "picklist": "lista",
}
WRITTEN_BY_THE_SYSTEM: Final = (
    Field("numero", "Número"),
    Field("fechaAlta", "Creado", "time"),
    Field("fechaModificacion", "Modificado", "time"),
)
ENDS: Final = {CREATED: "alta", DELETED: "baja"}


def case(words: Vocabulary, record: Record) -> dict[str, Any]:
    """The whole case, its notes and files included; None where a field is empty."""
    return {
        "numero": record.number,
        "fechaAlta": words.local(record.created),
        "fechaModificacion": words.local(record.changed),
        **{name: shown(words, value) for name, value in record.fields.items()},
        "notas": notes(words, record.notes),
        "archivos": {"archivo": [filed(words, one) for one in record.files]},
    }


def cases(words: Vocabulary, records: Sequence[Record]) -> dict[str, Any]:
    """Several, as the contract wraps them."""
    return {"caso": [case(words, one) for one in records]}


def note(words: Vocabulary, one: Note) -> dict[str, Any]:
    """One note."""
    return {
        "id": str(one.id),
        "autor": one.author,
        "texto": one.text,
        "visibilidad": one.audience,
        "fecha": words.local(one.created),
        "idioma": one.language,
    }


def filed(words: Vocabulary, one: Filed) -> dict[str, Any]:
    """One file, without what is in it."""
    return {
        "id": str(one.id),
        "autor": one.author,
        "nombre": one.name,
        "tipo": one.type,
        "tamano": one.size,
        "visibilidad": one.audience,
        "fecha": words.local(one.created),
    }


def notes(words: Vocabulary, several: Sequence[Note]) -> dict[str, Any]:
    """Several, as the contract wraps them."""
    return {"nota": [note(words, one) for one in several]}


def change(words: Vocabulary, line: Line) -> dict[str, Any]:
    """One line of the history; the case's beginning and end are changes of the field "caso"."""
    old, new = (None if value is None else str(shown(words, value)) for value in (line.old, line.new))
    return {
        "id": str(line.id),
        "fecha": words.local(line.at),
        "autor": line.by,
        "campo": "caso" if line.field in ENDS else line.field,
        "anterior": old,
        "nuevo": ENDS.get(line.field) or new,
    }


def catalogue(words: Vocabulary) -> list[dict[str, Any]]:
    """Every field of a case, those that the system writes first."""
    return [
        {
            "nombre": one.name,
            "etiqueta": one.label,
            "tipo": TYPES[one.type],
            "longitud": one.length if one.type in ("text", "long text") else None,
            "obligatorio": "true" if one.required else "false",
            "valores": {"valor": list(one.values)},
        }
        for one in (*WRITTEN_BY_THE_SYSTEM, *words.fields.values())
    ]


def shown(words: Vocabulary, value: Value) -> str | int | None:
    """A field's value as Telvoz writes it."""
    if isinstance(value, bool):
        return words.flag_words[0] if value else words.flag_words[1]
    if isinstance(value, datetime):
        return words.local(value)
    return format(value, "f") if isinstance(value, Decimal) else value
