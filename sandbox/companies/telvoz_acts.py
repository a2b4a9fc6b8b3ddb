"""The twelve operations of Telvoz's service: an element of the request in, content of the answer out.

Each takes the store, the request's element and who asks, and raises Refusal or Fallo. Knows no envelope and no web.
Next: `telvoz_bodies.py` (what answers look like), `store.py`.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from lxml import etree

from sandbox.companies.reading import ticks
from sandbox.companies.rows import Record
from sandbox.companies.store import Store
from sandbox.companies.telvoz_bodies import case, cases, catalogue, change, filed, note, notes
from sandbox.companies.telvoz_xml import NIL, Attributed, local, members, text
from sandbox.companies.values import check, from_text
from sandbox.companies.vocabulary import Value, Vocabulary

MOST_CASES: Final = 500
Act = Callable[[Store, etree._Element, str], Mapping[str, Any]]


def written(words: Vocabulary, asked: etree._Element) -> dict[str, Value]:
    """The fields of the request's `caso`, typed. Raises Refusal for a name that may not be written."""
    fields: dict[str, Value] = {}
    for one in members(asked, "caso"):
        name = local(one)
        if name not in words.fields:
            check(words, {name: one.text}, creating=False)  # raises, with the known names
        empty = one.get(NIL) in ("true", "1")
        fields[name] = None if empty else from_text(words, words.fields[name], one.text)
    return fields


def list_cases(store: Store, asked: etree._Element, _who: str) -> Mapping[str, Any]:
    """By (fechaModificacion, numero), as people see them: to the second."""
    since = text(asked, "desde")
    limit = max(1, min(int(text(asked, "limite")), MOST_CASES))
    start = ticks(_local(store.vocabulary, since)) if since else 0
    condition = "changed >= ? AND deleted = 0"
    total = store.count(condition, (start,))  # before the rows: a row that comes in between is only told later
    offset = max(0, int(text(asked, "desplazamiento")))
    found = store.select(condition, (start,), order="changed / 1000000, id", limit=limit, offset=offset)
    return {"total": total, "casos": cases(store.vocabulary, found)}


def get_cases(store: Store, asked: etree._Element, _who: str) -> Mapping[str, Any]:
    numbers = [one.text or "" for one in members(asked, "numeros")][:MOST_CASES]
    found = store.by_numbers(numbers)
    local_time = store.vocabulary.local
    return {
        "casos": cases(store.vocabulary, [one for one in found if not one.deleted]),
        "eliminados": {
            "numero": [
                Attributed(one.number, {"fecha": local_time(one.changed), **_united(store, one)})
                for one in found
                if one.deleted
            ]
        },
    }


def _united(store: Store, record: Record) -> Mapping[str, str]:
    """Which case goes on where this one was united with another."""
    return {} if record.merged_into is None else {"unidoCon": store.by_ids([record.merged_into])[0].number}


def find_by_hub(store: Store, asked: etree._Element, _who: str) -> Mapping[str, Any]:
    found = store.by_hub(text(asked, "casoHub"))
    return {"casos": cases(store.vocabulary, [found] if found else [])}


def create_case(store: Store, asked: etree._Element, who: str) -> Mapping[str, Any]:
    return {"caso": case(store.vocabulary, store.create(written(store.vocabulary, asked), by=who))}


def change_case(store: Store, asked: etree._Element, who: str) -> Mapping[str, Any]:
    fields = written(store.vocabulary, asked)
    with store.together():
        record = store.by_number(text(asked, "numero"))
        return {"caso": case(store.vocabulary, store.edit(record.id, fields, by=who))}


def add_note(store: Store, asked: etree._Element, who: str) -> Mapping[str, Any]:
    said = {local(one): one.text or "" for one in members(asked, "nota")}
    words = store.vocabulary
    with store.together():
        record = store.by_number(text(asked, "numero"))
        added = store.note(
            record.id,
            said.get("texto", ""),
            said.get("visibilidad") or words.audience("internal").word,
            author=said.get("autor") or who,
            language=said.get("idioma") or None,
        )
        return {"nota": note(words, added), "caso": case(words, store.get(record.id))}


def add_file(store: Store, asked: etree._Element, who: str) -> Mapping[str, Any]:
    told = {local(one): one.text or "" for one in members(asked, "archivo")}
    words = store.vocabulary
    with store.together():
        record = store.by_number(text(asked, "numero"))
        added = store.attach(
            record.id,
            BytesIO(b64decode(text(asked, "contenido"))),
            told.get("nombre", ""),
            told.get("visibilidad") or words.audience("internal").word,
            author=told.get("autor") or who,
            type_=told.get("tipo", ""),
        )
        return {"archivo": filed(words, added), "caso": case(words, store.get(record.id))}


def read_file(store: Store, asked: etree._Element, _who: str) -> Mapping[str, Any]:
    file_id = text(asked, "id")
    number = int(file_id) if file_id.isascii() and file_id.isdigit() and len(file_id) < 19 else 0
    _, path = store.file(store.by_number(text(asked, "numero")).id, number)
    return {"contenido": b64encode(path.read_bytes()).decode("ascii")}


def find_note(store: Store, asked: etree._Element, _who: str) -> Mapping[str, Any]:
    wanted = text(asked, "texto")
    record = store.by_number(text(asked, "numero"))
    return {"notas": notes(store.vocabulary, [one for one in record.notes if wanted in one.text])}


def history(store: Store, asked: etree._Element, _who: str) -> Mapping[str, Any]:
    record = store.by_number(text(asked, "numero"))
    return {"cambios": {"cambio": [change(store.vocabulary, one) for one in store.history([record.id])]}}


def describe(store: Store, _asked: etree._Element, _who: str) -> Mapping[str, Any]:
    return {"campos": {"campo": catalogue(store.vocabulary)}}


def who_am_i(store: Store, _asked: etree._Element, who: str) -> Mapping[str, Any]:
    return {"usuario": who, "nombre": f"Cuenta de enlace en {store.vocabulary.title}"}


ACTS: Final[Mapping[str, Act]] = {
    "listarCasos": list_cases,
    "obtenerCasos": get_cases,
    "buscarPorHub": find_by_hub,
    "crearCaso": create_case,
    "modificarCaso": change_case,
    "anadirNota": add_note,
    "anadirArchivo": add_file,
    "leerArchivo": read_file,
    "buscarNota": find_note,
    "historialCaso": history,
    "catalogo": describe,
    "quienSoy": who_am_i,
}


def _local(words: Vocabulary, said: str) -> datetime:
    """A time as Telvoz writes it. The schema has seen its shape; a 31 February is still refused."""
    found = from_text(words, words.fields[words.roles.status_changed], said)
    if not isinstance(found, datetime):
        raise TypeError("a time field gives a time")
    return found
