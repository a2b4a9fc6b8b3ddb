"""Northcable's tickets many at a time: one result a ticket, in the order in which they were sent.

    POST  /api/tickets/batch   {"tickets": [TICKET, ...]}; results: {"status": 201, "ticket": {...}}
    PATCH /api/tickets/batch   {"tickets": [{"id", "if_version", changes}, ...]}; 200, or 412 where it changed since

A ticket that is refused has its status and `error` in its result, and stops no other. Next: `northcable_api.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.companies.northcable_bodies import ticket
from sandbox.companies.northcable_gate import STATUS, BadCall, told
from sandbox.companies.refusals import Refusal
from sandbox.companies.rows import Record
from sandbox.companies.store import Store
from sandbox.companies.vocabulary import flatten

MOST = 200


def create_many(store: Store, body: Mapping[str, Any], login: str) -> dict[str, Any]:
    """The answer to many creates."""
    words = store.vocabulary
    return _results(store, body, 201, lambda row: store.create(flatten(row, words.fields), by=login))


def edit_many(store: Store, body: Mapping[str, Any], login: str) -> dict[str, Any]:
    """The answer to many edits."""

    def edit(row: Mapping[str, Any]) -> Record:
        changed = {name: value for name, value in row.items() if name not in ("id", "if_version")}
        expected = None if row.get("if_version") is None else _whole(row, "if_version")
        return store.edit(_whole(row, "id"), flatten(changed, store.vocabulary.fields), by=login, expected=expected)

    return _results(store, body, 200, edit)


def _results(
    store: Store, body: Mapping[str, Any], status: int, do: Callable[[Mapping[str, Any]], Record]
) -> dict[str, Any]:
    rows = body.get("tickets")
    if not isinstance(rows, list) or len(rows) > MOST or not all(isinstance(row, dict) for row in rows):
        raise BadCall("bad_request", f"Send at most {MOST} objects as tickets.", field="tickets")
    results: list[dict[str, Any]] = []
    for row in rows:
        try:
            results.append({"status": status, "ticket": ticket(store.vocabulary, do(row))})
        except Refusal as error:
            results.append({"status": STATUS.get(error.code, 422), "error": told(error)})
    return {"results": results}


def _whole(row: Mapping[str, Any], name: str) -> int:
    """A whole number, which may be written as text."""
    text = str(row.get(name))
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadCall("bad_request", f"{name} takes a whole number, not {row.get(name)!r}.", field=name)
    return int(text)
