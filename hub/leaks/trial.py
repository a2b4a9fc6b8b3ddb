"""One leak test, from the declarations to its verdict, on a ledger that is made for it and thrown away.

Next: `story.py`, `verdict.py`; `../leaktest_cli.py`, which prints it and keeps when it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from hub.acting import CannotDo
from hub.alliance import Alliance
from hub.codec import encode
from hub.exchange import Exchange
from hub.keys import Keyring
from hub.leaks.allowed import Text
from hub.leaks.canaries import Aviary
from hub.leaks.standins import stand_in
from hub.leaks.story import Story
from hub.leaks.verdict import Leak, Looked, looked_at, not_tried, shared_leaks
from hub.ledger import Ledger, engine_for
from hub.reporting import write_reports
from hub.settings import Settings
from hub.spool import Spool

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(slots=True)
class Hands:
    """The clock of a scratch world: it moves a little with each look."""

    now: datetime = BEGIN

    def clock(self) -> datetime:
        """Now."""
        self.now += timedelta(milliseconds=10)
        return self.now

    def later(self, seconds: float) -> None:
        """Let time go by."""
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Verdict:
    """looked: each company that was asked for. shared: what stands where all may look. untried: what is not proven.
    cases: how many were played."""

    looked: tuple[Looked, ...]
    shared: tuple[Leak, ...]
    untried: tuple[str, ...]
    cases: int

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """All of them."""
        return (*self.shared, *(leak for one in self.looked for leak in one.leaks))

    @property
    def holds(self) -> bool:
        """Whether nothing leaked, and everything was tried."""
        return not self.leaks and not self.untried


def leak_test(
    settings: Settings, alliance: Alliance, agreed: Any, companies: Sequence[str], *, chance: Random, url: str = ""
) -> Verdict:
    """Play the story by these declarations and look at what these companies were given.

    agreed: the agreement's text as plain data, by which what is found is judged. url: of an empty database; none: one
    in memory. Raises CannotDo X520 where it is the production's ledger, or any that is not empty.
    """
    with TemporaryDirectory(prefix="casebridge-leaktest-") as folder, _scratch(settings, url, Path(folder)) as ledger:
        story = _story(ledger, alliance, Text(agreed), chance)
        story.play()
        surfaces = {name: [line.encode() for line in lines] for name, lines in story.shared.items()}
        surfaces["a report"] = _reports(story, replace(settings, reports_dir=Path(folder) / "reports"))
        surfaces["an entry's envelope"] = [encode(asdict(entry)) for entry in ledger.entries()]
        looked = tuple(looked_at(story, company) for company in companies)
        return Verdict(looked, tuple(shared_leaks(story, surfaces)), tuple(not_tried(story)), len(story.tales))


def _story(ledger: Ledger, alliance: Alliance, text: Text, chance: Random) -> Story:
    hands, aviary = Hands(), Aviary(chance)
    stands = {
        name: stand_in(partner, hands.clock, hands.later, aviary.word(name, "our login", "secret"))
        for name, partner in alliance.partners.items()
    }
    partners = {name: stand.partner for name, stand in stands.items()}
    ours = Alliance(partners, alliance.agreement, ledger.spool)
    exchange = Exchange(ledger, ours, lambda name: stands[name].connect(), hands.clock)
    return Story(ledger, ours, text, aviary, stands, exchange, hands.clock, hands.later)


def _reports(story: Story, settings: Settings) -> list[bytes]:
    titles = {name: partner.system.title for name, partner in story.alliance.partners.items()}
    entries, agreed = story.ledger.entries(), story.alliance.agreement
    return [path.read_bytes() for path in write_reports(entries, settings, titles, story.clock(), agreement=agreed)]


@contextmanager
def _scratch(settings: Settings, url: str, folder: Path) -> Iterator[Ledger]:
    """A ledger of this program's schema, under a key of its own that is kept nowhere."""
    engine = engine_for(url or "sqlite://")
    keyring = Keyring(engine_for("sqlite://"), sha256(str(folder).encode()).digest())
    ledger = Ledger(engine, keyring, spool=Spool(folder / "files", keyring))
    try:
        if url:
            refuse_used(engine, settings)
        ledger.upgrade()
        yield ledger
    finally:
        engine.dispose()
        keyring.engine.dispose()


def refuse_used(engine: sa.Engine, settings: Settings) -> None:
    """Raise CannotDo X520 unless this database is empty and is none of the installation's own."""
    ours = [_place(sa.make_url(url)) for url in (settings.ledger_url, settings.keys_url)]
    fix = "leave --ledger out, or name a new, empty database: nothing of it is kept."
    if _place(engine.url) in ours:
        raise CannotDo("X520", "the leak test is never run on the ledger of the installation itself.", fix=fix)
    if tables := sa.inspect(engine).get_table_names():
        named = ", ".join(sorted(tables)[:3])
        raise CannotDo("X520", f"the database at {engine.url.render_as_string()} is in use: it has {named}.", fix=fix)


def _place(url: sa.URL) -> tuple[object, ...]:
    """Where a database is, however its address is written."""
    database = url.database or ""
    if url.get_backend_name() == "sqlite":
        return ("sqlite", str(Path(database).resolve()))
    return (url.host or "localhost", url.port or 5432, database)


def declared_hash(agreed: Any, alliance: Alliance) -> str:
    """Of all declarations that a leak test rests on: agreement, mappings, systems."""
    told = {
        "agreement": agreed,
        "partners": {
            name: [partner.lens.hash, json.loads(partner.system.model_dump_json(exclude={"folder"}))]
            for name, partner in sorted(alliance.partners.items())
        },
    }
    return sha256(json.dumps(told, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()
