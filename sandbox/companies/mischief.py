"""Misbehaviours that are no answer to a call: what a company's administrator changes, and what its store and clock do.

    undo = STATES["field_removed"](company, {"field": "agente"})

Each gives what takes it back, as far as that can be. Next: `misbehaving.py`, whose Company this changes.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.types import ASGIApp

from sandbox.companies.misbehaviours import Unfit
from sandbox.companies.store import Store
from sandbox.companies.vocabulary import Field, Vocabulary

Undo = Callable[[], None]
EQUAL: Final = 500


@dataclass(slots=True)
class Company:
    """A company's server, as it can be changed while it runs. make: its application over the store, anew whenever its
    words change. skew: seconds that its clock is ahead. tls: the context that its connections begin with; None: plain.
    expired: a PEM file with a certificate whose time is over."""

    name: str
    store: Store
    make: Callable[[Store], ASGIApp]
    app: ASGIApp
    skew: float = 0.0
    tls: ssl.SSLContext | None = None
    server: str = ""
    expired: str = ""

    def speak(self, words: Vocabulary) -> None:
        """From now on it has these words."""
        self.store.vocabulary = words
        self.app = self.make(self.store)

    def save_oldest(self) -> None:
        """An agent presses Save in the record that was changed longest ago."""
        for record in self.store.select("deleted = 0", order="changed, id", limit=1):
            self.store.edit(record.id, {}, by="agent", desk=True)


def _of(company: Company, name: str) -> Field:
    known = company.store.vocabulary.fields
    if name not in known:
        raise Unfit(f"with.field: {company.name} has no field {name!r}.", name, tuple(known))
    return known[name]


def _changed(company: Company, name: str, change: Callable[[Field], Field | None]) -> Undo:
    before = company.store.vocabulary
    _of(company, name)

    def fields(group: tuple[Field, ...]) -> tuple[Field, ...]:
        told = (change(one) if one.name == name else one for one in group)
        return tuple(one for one in told if one is not None)

    groups = tuple(replace(group, fields=fields(group.fields)) for group in before.groups)
    company.speak(replace(before, groups=groups))
    return lambda: company.speak(before)


def field_removed(company: Company, options: Mapping[str, Any]) -> Undo:
    name = str(options["field"])
    roles = company.store.vocabulary.roles
    if name in {roles.title, roles.status, roles.transfer, roles.hub_id, roles.details, roles.priority}:
        raise Unfit(f"with.field: {company.name}'s desk cannot do without {name}; take another field.")
    return _changed(company, name, lambda one: None)


def field_renamed(company: Company, options: Mapping[str, Any]) -> Undo:
    field_name = str(options["field"])
    removed = field_removed(company, options)  # says which cannot go
    removed()
    return _changed(company, field_name, lambda one: replace(one, name=str(options["instead"])))


def field_required(company: Company, options: Mapping[str, Any]) -> Undo:
    return _changed(company, str(options["field"]), lambda one: replace(one, required=True))


def length_shortened(company: Company, options: Mapping[str, Any]) -> Undo:
    return _changed(company, str(options["field"]), lambda one: replace(one, length=int(options["length"])))


def word_added(company: Company, options: Mapping[str, Any]) -> Undo:
    word = str(options["word"])
    return _changed(company, str(options["field"]), lambda one: replace(one, values=(*one.values, word)))


def word_removed(company: Company, options: Mapping[str, Any]) -> Undo:
    name, word = str(options["field"]), str(options["word"])
    values = _of(company, name).values
    if word not in values:
        raise Unfit(f"with.word: {name} has no such word.", word, values)
    left = tuple(one for one in values if one != word)
    return _changed(company, name, lambda one: replace(one, values=left))


def zone_changed(company: Company, options: Mapping[str, Any]) -> Undo:
    before = company.store.vocabulary
    try:
        zone = ZoneInfo(str(options["zone"]))
    except (ZoneInfoNotFoundError, ValueError):
        raise Unfit(f"with.zone: {options['zone']!r} is no zone.") from None
    company.speak(replace(before, zone=zone))
    return lambda: company.speak(before)


def clock_skew(company: Company, options: Mapping[str, Any]) -> Undo:
    seconds = float(options["seconds"])
    before = company.store.clock
    company.store.clock = lambda: before() + timedelta(seconds=seconds)
    company.skew = seconds

    def undo() -> None:
        company.store.clock, company.skew = before, 0.0

    return undo


def equal_stamps(company: Company, options: Mapping[str, Any]) -> Undo:
    company.store.stamp_alike(EQUAL)
    return lambda: None


def twins_taken(company: Company, options: Mapping[str, Any]) -> Undo:
    company.store.take_twins(True)
    return lambda: company.store.take_twins(False)


def expired_certificate(company: Company, options: Mapping[str, Any]) -> Undo:
    context = company.tls
    if context is None or not company.expired:
        raise Unfit(f"{company.name} speaks no TLS here.")
    context.load_cert_chain(company.expired)
    return lambda: context.load_cert_chain(company.server)


_STATES: Final = (
    field_removed, field_renamed, field_required, length_shortened, word_added, word_removed, zone_changed, clock_skew,
    equal_stamps, twins_taken, expired_certificate,
)  # fmt: skip
STATES: Final[Mapping[str, Callable[[Company, Mapping[str, Any]], Undo]]] = {one.__name__: one for one in _STATES}
"""By the name that the catalogue has for each."""
