"""What a request asks of a company, in one word that all companies share: list, read, find, create, update, note, ...

    call_of("telvoz", asked) == "create"

Knows HTTP and the three APIs, and no store. Next: `misbehaving.py`, which meets some calls and lets others pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

API: Final[Mapping[str, str]] = {"northcable": "/api/", "telvoz": "/soap", "brightnet": "/services/"}
"""Where a company's API begins; the rest is its people's."""
_OPERATION: Final = re.compile(
    rb"<(?:[\w-]+:)?(listarCasos|obtenerCasos|buscarPorHub|crearCaso|modificarCaso|anadirNota|anadirArchivo|leerArchivo|"
    rb"buscarNota)[\s/>]"
)
_SOAP: Final[Mapping[bytes, str]] = {
    b"listarCasos": "list", b"obtenerCasos": "read", b"buscarPorHub": "find", b"crearCaso": "create",
    b"modificarCaso": "update", b"anadirNota": "note", b"anadirArchivo": "file", b"leerArchivo": "file",
    b"buscarNota": "find",
}  # fmt: skip
_TICKET: Final = re.compile(r"/api/tickets/[^/]+(/comments|/files.*)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. query: as it stands in the address. headers: by lower-case name."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def call_of(company: str, asked: Asked) -> str:
    """One of `misbehaviours.CALLS`."""
    match company:
        case "northcable":
            return _rest(asked)
        case "telvoz":
            found = _OPERATION.search(asked.body)
            return _SOAP[found[1]] if found else "other"
        case _:
            return _salesforce(asked)


def _rest(asked: Asked) -> str:
    writes = {"POST": "create", "PATCH": "update"}
    if asked.path == "/api/token":
        return "login"
    if asked.path in ("/api/tickets", "/api/tickets/batch"):
        if asked.method in writes:
            return writes[asked.method]
        return "find" if "hub_case=" in asked.query else "read" if "ids=" in asked.query else "list"
    found = _TICKET.fullmatch(asked.path)
    if found is None:
        return "other"
    if found[1]:
        return "note" if found[1] == "/comments" else "file"
    return writes.get(asked.method, "read")


def _salesforce(asked: Asked) -> str:
    if "/oauth2/token" in asked.path or "/Soap/u/" in asked.path:
        return "login"
    if asked.method == "GET" and "/query" in asked.path:
        return _query(unquote_plus(asked.query))
    if "ContentVersion" in asked.path:
        return "file"
    if "/composite" in asked.path or "/sobjects" in asked.path:
        return _rows(asked.method, asked.body, unquote_plus(asked.body.decode("utf-8", "replace")))
    return "other"


def _query(soql: str) -> str:
    where = soql.partition(" WHERE ")[2]
    if re.search(r"Hub\w*__c (?:IN|=)", where, re.IGNORECASE):
        return "find"
    if re.search(r"\b(?:Id|ParentId|LinkedEntityId) (?:IN|=)", where):
        return "read"
    return "list" if " FROM Case" in soql else "other"


def _rows(method: str, body: bytes, plain: str) -> str:
    if b'"type":"CaseComment"' in body.replace(b" ", b""):
        return "note"
    if method == "PATCH" or b'"method":"PATCH"' in body:
        return "update"
    if b'"type":"Case"' in body.replace(b" ", b""):
        return "create"
    return _query(plain) if method == "POST" and "SELECT" in plain else "other"
