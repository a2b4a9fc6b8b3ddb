"""The sandbox's three companies in this process, on real sockets, with the hub between them, its clock in our hands.

    with alliance(folder) as world:
        world.open("northcable", "R-1", product="TEL-HOME", holder="telvoz")
        world.round()
        world.change("telvoz", lambda words: ...)          # another vocabulary: a picklist, a required field
        world.fronts["telvoz"].meddle = ...                # another answer to a call
    world.misbehave("telvoz", "answer_late", times=1)  # one of the catalogue, at the company's own door

The declarations are those of mappings/partners, each changed here and there by `systems`. Next: `front.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import requests
from starlette.types import ASGIApp

from connectors.base import Connector, Credentials, System
from connectors.kinds import connect
from hub.agreement import load_agreement
from hub.alliance import Alliance
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.partners import load_partners
from sandbox.companies import brightnet_door, northcable_api, telvoz_soap
from sandbox.companies.brightnet_tls import certificate
from sandbox.companies.brightnet_words import BRIGHTNET
from sandbox.companies.logins import API_LOGINS
from sandbox.companies.misbehaving import Misbehaving, tell_where
from sandbox.companies.northcable import VOCABULARY as NORTHCABLE
from sandbox.companies.rows import Record
from sandbox.companies.run import Tls, serving
from sandbox.companies.store import Store
from sandbox.companies.telvoz import VOCABULARY as TELVOZ
from sandbox.companies.vocabulary import Field, Vocabulary
from sandbox.hostile.front import Front
from sandbox.misbehave import door
from sandbox.words import COMPANIES, fields

ROOT: Final = Path(__file__).parents[2]
PARTNERS: Final = ROOT / "mappings" / "partners"
MAKE: Final[Mapping[str, Callable[[Store], ASGIApp]]] = {
    "northcable": partial(northcable_api.application, rate=0),
    "telvoz": partial(telvoz_soap.application, rate=0),
    "brightnet": brightnet_door.application,
}
WORDS: Final[Mapping[str, Vocabulary]] = {
    "northcable": NORTHCABLE,
    "telvoz": replace(TELVOZ, transitions={}),
    "brightnet": BRIGHTNET,
}


@dataclass
class World:
    """See the module. naps: seconds that connectors would have slept. doors: where companies are told to misbehave."""

    folder: Path
    declared: Path
    ledger: Ledger
    systems: Mapping[str, Callable[[System], System]]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    stores: dict[str, Store] = field(default_factory=dict)
    fronts: dict[str, Front] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    naps: list[float] = field(default_factory=list)
    doors: dict[str, Misbehaving] = field(default_factory=dict)
    exchange: Exchange = field(init=False)
    _serving: dict[str, AbstractContextManager[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        partners = {}
        for name, partner in load_partners(self.declared).items():
            partners[name] = replace(partner, system=self.systems.get(name, _as_declared)(partner.system))
        agreement = load_agreement(ROOT / "agreement.yaml", partners)
        self.exchange = Exchange(self.ledger, Alliance(partners, agreement), self.connect, self.clock)
        for name in COMPANIES:  # one after the other: FastAPI silences warnings for the whole process meanwhile
            self._make(name, WORDS[name])
        with ThreadPoolExecutor(len(COMPANIES)) as pool:
            list(pool.map(self._listen, COMPANIES))

    def clock(self) -> datetime:
        """The hub's clock; it moves a little with each look."""
        self.now += timedelta(microseconds=100)
        return self.now

    def later(self, seconds: float) -> None:
        """The hub's clock moves on."""
        self.now += timedelta(seconds=seconds)

    def connect(self, name: str) -> Connector:
        """A connector to the company as it listens now."""
        system = self.exchange.alliance.partners[name].system
        return connect(
            system, self.credentials(name), clock=self.clock, sleep=self.naps.append, witness=self.exchange.log(name)
        )

    def credentials(self, name: str) -> Credentials:
        """The hub's way to the company."""
        trusted = {"ca_file": str(self._tls().authority)}
        return Credentials(self.urls[name], "casebridge", API_LOGINS["casebridge"], trusted)

    def begin(self, name: str, words: Vocabulary) -> None:
        """The company's server listens, with these words over the records that it has."""
        self._make(name, words)
        self._listen(name)

    def _make(self, name: str, words: Vocabulary) -> None:
        self.stores[name] = store = Store(self.folder / f"{name}.db", words)
        self.fronts.pop(name, None)
        self.doors[name] = Misbehaving(name, store, partial(self._behind, name))

    def _behind(self, name: str, store: Store) -> ASGIApp:
        """The company's application, with its front."""
        app = MAKE[name](store)
        front = self.fronts.setdefault(name, Front(app))
        front.app = app
        return front

    def misbehave(self, name: str, fault: str, times: int | None = None, **told: Any) -> None:
        """Tell a company to misbehave, at its own door. told: where, and `with_` for its options."""
        asked = {"fault": fault, "times": times, "where": told.get("where", {}), "with": told.get("with_", {})}
        answer = self._at_door("POST", name, json=asked)
        if not answer.ok:
            raise ValueError(answer.text)

    def behave(self, *names: str) -> None:
        """End all that these companies, or all, were told."""
        for name in names or COMPANIES:
            self._at_door("DELETE", name).raise_for_status()

    def _at_door(self, method: str, name: str, **more: Any) -> requests.Response:
        trusted = self._tls().authority if name == "brightnet" else None
        return door(method, self.urls[name], self.doors[name].token, trusted, **more)

    def _listen(self, name: str) -> None:
        tls = self._tls() if name == "brightnet" else None
        state = self.folder / name
        state.mkdir(exist_ok=True)
        door = self.doors[name]
        self._serving[name] = serving(door, tls=tls, tell=tell_where(door, state, tls))
        self.urls[name] = self._serving[name].__enter__()

    def end(self, name: str) -> None:
        """The company's server is gone; its records stay."""
        self.exchange.close(name)
        self._serving.pop(name).__exit__(None, None, None)
        self.stores.pop(name).close()

    def change(self, name: str, of: str, *, gone: bool = False, **to: Any) -> None:
        """The company's administrator changes a field (its values, whether it is required, its length) or takes it
        away. The server begins anew with that."""
        words = self.stores[name].vocabulary
        groups = tuple(replace(group, fields=tuple(_changed(group.fields, of, gone, to))) for group in words.groups)
        self.end(name)
        self.begin(name, replace(words, groups=groups))

    def field(self, name: str, of: str) -> Field:
        """A field of the company's as it is now."""
        return self.stores[name].vocabulary.fields[of]

    def open(self, company: str, reference: str, **said: Any) -> Record:
        """A case, by an agent; keys are those of `sandbox.words`."""
        told = {"title": f"Case {reference}", "reference": reference, "status": "inProgress", **said}
        return self.stores[company].create(fields(company, told), by="agent", desk=True)

    def edit(self, company: str, record: Record, **said: Any) -> Record:
        """An agent's edit, in the words of `sandbox.words`."""
        return self.stores[company].edit(record.id, fields(company, said), by="agent", desk=True)

    def records(self, company: str) -> list[Record]:
        """All that are not deleted."""
        return list(self.stores[company].select("deleted = 0"))

    def round(self) -> None:
        """One pull and one push of each company."""
        for name in COMPANIES:
            self.exchange.intake(name)
        for name in COMPANIES:
            self.exchange.deliver(name)

    def rest(self) -> None:
        """Two rounds: what crossed is answered."""
        self.round()
        self.round()

    def kinds(self) -> list[str]:
        """The ledger's entries, by kind."""
        return [entry.kind for entry in self.ledger.entries()]

    def close(self) -> None:
        """All servers are gone."""
        self.exchange.close()
        with ThreadPoolExecutor(len(COMPANIES)) as pool:
            list(pool.map(self.end, list(self._serving)))

    def _tls(self) -> Tls:
        return certificate(self.folder / "tls")


def _changed(given: Sequence[Field], of: str, gone: bool, to: Mapping[str, Any]) -> Iterator[Field]:
    for one in given:
        if one.name != of:
            yield one
        elif not gone:
            yield replace(one, **to)


def _as_declared(system: System) -> System:
    return system


@contextmanager
def alliance(
    folder: Path,
    declared: Path = PARTNERS,
    ledger: Ledger | None = None,
    **systems: Callable[[System], System],
) -> Iterator[World]:
    """Three companies and a hub over an empty ledger, or the one given. declared: the partners' folders. systems: what
    is different in a company's system.yaml."""
    with ExitStack() as stack:
        world = World(folder, declared, ledger or Ledger.in_memory(), systems)
        stack.callback(world.close)
        yield world
