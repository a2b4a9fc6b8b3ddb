"""The ledger: the only writer of what the hub knows. Open it, read it, or change it inside one transaction.

A transaction is short, holds no network call, and is the only one at its time: BEGIN IMMEDIATE on SQLite (a read that
turns into a write would fail at once when overtaken), an advisory lock on PostgreSQL. That order is what the hash chain
runs along: one link a transaction, over the clear envelopes and the sealed bodies of its entries. SQLite keeps WAL with
synchronous FULL: what was committed survives a power loss.

Knows no partner and no Airflow. Next: `writing.py` (what a transaction can do), `reading.py`, `tables.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from hub import reading
from hub.chain import broken_at, newest
from hub.entries import CaseRow, DeliveryRow, Entry, LinkRow, ParkedRow, PartnerRow, PauseRow
from hub.evidence import EvidenceRow, of_case, of_runs
from hub.keys import Keyring, master_key
from hub.settings import Settings
from hub.spool import Spool
from hub.statements import Session
from hub.writing import CURSOR_OF, NEWEST_ENTRY, Transaction
from mappings.case import Case

WRITER_LOCK = 7_233_991  # any number, the same for every hub process on one PostgreSQL database


class LedgerBehind(Exception):
    """The database's schema is not this program's."""


def engine_for(url: str) -> sa.Engine:
    """An engine whose transactions begin as the ledger's laws ask. Its errors quote no value: they reach task logs."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    in_memory = url in {"sqlite://", "sqlite:///:memory:"}
    if not in_memory:
        Path(sa.make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, hide_parameters=True, **({"poolclass": sa.StaticPool} if in_memory else {}))

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; on_begin does
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        writer = connection.get_execution_options().get("writer", False)
        Session(connection).run("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def alembic_config(engine: sa.Engine) -> Config:
    """Alembic's view of our migrations, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    return config


class Ledger:
    """One ledger with its keys. spool: where files wait under the same keys; None: none is carried."""

    def __init__(
        self, engine: sa.Engine, keyring: Keyring, *, code_version: str = "", spool: Spool | None = None
    ) -> None:
        self.engine, self.keyring, self.code_version, self.spool = engine, keyring, code_version, spool

    @classmethod
    def open(cls, settings: Settings) -> Ledger:
        """The ledger of these settings. A new SQLite file is made; a database that is behind raises LedgerBehind."""
        engine = engine_for(settings.ledger_url)
        keyring = _keyring(settings)
        ledger = cls(engine, keyring, code_version=code_version(), spool=Spool(settings.files_dir, keyring))
        current, head = ledger.revision()
        if current is None and engine.dialect.name == "sqlite":
            ledger.upgrade()
        elif current != head:
            raise LedgerBehind(
                f"L101 the ledger at {engine.url.render_as_string()} has schema {current or 'none'}; "
                f"this program needs {head}.\n  Fix: casebridge ledger upgrade"
            )
        return ledger

    @classmethod
    def prepare(cls, settings: Settings) -> Ledger:
        """The ledger of these settings, its schema brought to this program's first."""
        keyring = _keyring(settings)
        spool = Spool(settings.files_dir, keyring)
        ledger = cls(engine_for(settings.ledger_url), keyring, code_version=code_version(), spool=spool)
        ledger.upgrade()
        return ledger

    @classmethod
    def in_memory(cls, *, random_bytes: Callable[[int], bytes] = os.urandom) -> Ledger:
        """A scratch ledger of the same schema that lives as long as the process: for tests and simulation."""
        ledger = cls(engine_for("sqlite://"), Keyring(engine_for("sqlite://"), bytes(32), random_bytes=random_bytes))
        with ledger.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.deserialize(_empty())
        return ledger

    def revision(self) -> tuple[str | None, str | None]:
        """(the database's schema revision, this program's)."""
        with self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        return current, ScriptDirectory.from_config(alembic_config(self.engine)).get_current_head()

    def upgrade(self) -> None:
        """Bring the schema to this program's. Of two at once, one waits for the other."""
        with self.engine.connect().execution_options(writer=True) as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITER_LOCK)))
            config = alembic_config(self.engine)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def connected(self, *, writer: bool = False) -> AbstractContextManager[sa.Connection]:
        """A connection of the pool, given back in the end."""
        connection = self.engine.connect()
        return connection.execution_options(writer=True) if writer else connection

    @contextmanager
    def transaction(self, now: datetime) -> Iterator[Transaction]:
        """The one writer of its time. Leaves nothing behind when it raises; seals its entries into the chain if not."""
        with self.connected(writer=True) as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":
                Session(connection).run(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
            transaction = Transaction(connection, self.keyring, now.astimezone(UTC), self.code_version)
            try:
                yield transaction
                transaction.seal()
                self.keyring.keep()
            finally:
                self.keyring.drop()

    def newest(self) -> int:
        """seq of the newest entry, 0 where there is none: the ledger's own order of before and after."""
        with self.connected() as connection:
            return NEWEST_ENTRY.scalar(Session(connection)) or 0

    def cursor(self, partner: str) -> str | None:
        """How far this partner was read."""
        with self.connected() as connection:
            found: str | None = CURSOR_OF.scalar(Session(connection), {"partner": partner})
            return found

    @contextmanager
    def look(self, now: datetime) -> Iterator[Transaction]:
        """What a transaction can read, beside the writer; nothing is written in it."""
        with self.connected() as connection, connection.begin() as begun:
            yield Transaction(connection, self.keyring, now.astimezone(UTC), self.code_version)
            begun.rollback()

    def entries(self, after: int = 0, case_id: str | None = None) -> Iterator[Entry]:
        """Envelopes in the ledger's order, from the one after `after`, of one case or of all."""
        with self.engine.connect() as connection:
            yield from reading.entries(connection, after, case_id)

    def cases(self, limit: int = 50, offset: int = 0, search: str = "") -> list[CaseRow]:
        """Cases, newest change first. search: any id or number of any system, a status, or a partner's name."""
        with self.engine.connect() as connection:
            return reading.cases(connection, self.keyring, limit, offset, search.strip())

    def count_cases(self, search: str = "") -> int:
        """How many cases that search finds."""
        with self.engine.connect() as connection:
            return reading.count_cases(connection, search.strip())

    def case(self, case_id: str) -> Case | None:
        """The canonical case, opened; None where there is none."""
        with self.engine.connect() as connection:
            return reading.case(connection, self.keyring, case_id)

    def body_of(self, case_id: str, kind: str, detail: Mapping[str, object]) -> Any:
        """The body, opened, of the case's newest entry of this kind whose detail says so; None where there is none."""
        with self.engine.connect() as connection:
            return reading.body_of(connection, self.keyring, case_id, kind, detail)

    def links(self, case_id: str) -> list[LinkRow]:
        """The case's counterparts, origin first."""
        with self.engine.connect() as connection:
            return reading.links(connection, [case_id]).get(case_id, [])

    def deliveries(self, states: Sequence[str] = (), case_id: str | None = None, limit: int = 200) -> list[DeliveryRow]:
        """Deliveries in these states (none: all), oldest first."""
        with self.engine.connect() as connection:
            return reading.deliveries_of(connection, states, case_id, limit)

    def parked(self, case_id: str | None = None) -> list[ParkedRow]:
        """What waits for a person, oldest first."""
        with self.engine.connect() as connection:
            return reading.parked_rows(connection, case_id)

    def partners(self) -> list[PartnerRow]:
        """How the exchange with each partner goes."""
        with self.engine.connect() as connection:
            return reading.partner_rows(connection)

    def pauses(self) -> list[PauseRow]:
        """What a person stopped."""
        with self.engine.connect() as connection:
            return reading.pause_rows(connection)

    def evidence(self, case_id: str, since: datetime) -> list[EvidenceRow]:
        """What was kept of the calls that were made for this case since then, oldest first."""
        with self.engine.connect() as connection:
            return of_case(connection, self.keyring, case_id, since)

    def evidence_of_runs(self, partner: str, since: datetime, limit: int) -> list[EvidenceRow]:
        """What the newest runs with this partner called, newest first."""
        with self.engine.connect() as connection:
            return of_runs(connection, self.keyring, partner, since, limit)

    def head(self) -> tuple[int, str]:
        """(seq of the newest entry, digest of the newest link of the chain)."""
        with self.engine.connect() as connection:
            link = newest(connection)
            return link.seq, link.digest

    def broken_at(self) -> int | None:
        """The first transaction whose link does not verify: an edit, a deletion or a reordering. None: all is well."""
        with self.engine.connect() as connection:
            return broken_at(connection)


@cache
def _empty() -> bytes:
    """An empty SQLite ledger: the migrations take longer than most of what is done in memory."""
    ledger = Ledger(engine_for("sqlite://"), Keyring(engine_for("sqlite://"), bytes(32)))
    ledger.upgrade()
    with ledger.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        empty = bytes(driver.serialize())
    ledger.engine.dispose()
    return empty


def _keyring(settings: Settings) -> Keyring:
    return Keyring(engine_for(settings.keys_url), master_key(settings.home, os.environ))


def code_version() -> str:
    """This program's version, as it is stamped on entries."""
    from importlib.metadata import version  # noqa: PLC0415  read once, and only by who opens a ledger

    return version("casebridge")
