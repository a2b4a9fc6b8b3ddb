"""An alliance of three in-process companies over a real ledger, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.base import Abilities, Change, Connector, Receipt
from connectors.declared import FirstContact
from connectors.memory import Memory
from connectors.memory_store import MemoryStore
from connectors.memory_system import MemorySystem
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.declarations import Document
from hub.exchange import Exchange
from hub.keys import Keyring
from hub.ledger import Ledger, engine_for
from hub.partners import Partner
from mappings import lens as lenses

NAMES = ("north", "south", "east")
STATES = {
    "New": "acknowledged", "Open": "inProgress", "Waiting": "pending", "Held": "held", "Solved": "resolved",
    "Closed": "closed", "Withdrawn": "cancelled", "Refused": "rejected",
}  # fmt: skip
CHANNELS = {"Phone": "phone", "Web": "web", "Email": "email", "Shop": "shop", "Log": "log"}


def mapping() -> dict[str, Any]:
    companies = {name.title(): name for name in NAMES}
    return {
        "case": {
            "id": "hub_case",
            "externalIdentifier": "number",
            "creationDate": {"from": "created_at", "time": "iso", "read_only": True},
            "lastUpdate": {"from": "updated_at", "time": "iso", "read_only": True},
            "name": {"from": "title", "length": 60},
            "description": "details",
            "priority": {"from": "urgency", "values": {"P4": "low", "P3": "medium", "P2": "high", "P1": "critical"}},
            "status": {"from": "state", "values": STATES},
            "statusChangeDate": {"from": "state_changed_at", "time": "iso"},
            "statusChangeReason": "reason",
            "channel": {"from": "channel", "values": CHANNELS},
            "relatedParty.customer.id": "customer.id",
            "relatedParty.customer.name": "customer.name",
            "relatedEntity.product.id": "product",
            "holder": {"from": "company", "values": companies},
            "accountable": {"from": "accountable", "values": companies},
            "contactPoint": {"from": "contact", "values": companies},
            "holderNumber": "company_number",
            "feedback.score": {"from": "score", "number": "integer"},
            "cost.amount": {"from": "cost", "number": "decimal"},
            "cost.units": "currency",
        },
        "notes": {
            "from": "comments",
            "id": "id",
            "author": "author",
            "date": {"from": "created_at", "time": "iso"},
            "text": "body",
            "visibility": {
                "from": "audience",
                "values": {"internal": "private", "partners": "partners", "customer": "customer"},
            },
        },
        "feedback": {
            "from": "surveys",
            "id": "id",
            "score": {"from": "stars", "number": "integer"},
            "text": "said",
            "date": {"from": "answered_at", "time": "iso"},
        },
        "attachments": {
            "from": "files",
            "id": "id",
            "name": "name",
            "type": "type",
            "author": "author",
            "visibility": {
                "from": "audience",
                "values": {"internal": "private", "all": "customer"},
                "refuse": ["partners"],
            },
        },
    }


def agreement() -> Agreement:
    standard = [
        "name", "description", "priority", "status", "statusChangeDate", "statusChangeReason", "channel",
        "relatedParty.customer.*", "relatedEntity.*",
    ]  # fmt: skip
    pairs = [(a, b) for a in NAMES for b in NAMES if a != b and (a, b) != ("east", "north")]
    return Agreement.model_validate(
        {
            "version": "test",
            "effective": "2026-01-01",
            "partners": {name: {"title": name.title()} for name in NAMES},
            "sharing": {"standard": {"fields": standard, "notes": ["partners", "customer"]}},
            "edges": [{"id": f"{a}-{b}", "from": a, "to": b, "crosses": "standard"} for a, b in pairs],
        }
    )


class Meddled:
    """A connector as it is, but for what a test does to its pushes."""

    def __init__(self, memory: Memory, world: World, name: str) -> None:
        self.memory, self.world, self.name = memory, world, name

    def __getattr__(self, called: str) -> Any:
        return getattr(self.memory, called)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Drops the field that this company ignores; does what a test asked for before the answers are looked at."""
        dropped = self.world.ignoring.get(self.name)
        kept = [replace(one, body={k: v for k, v in one.body.items() if k != dropped}) for one in changes]
        between = self.world.between_pushes.pop(self.name, None)
        if between is not None:
            first = list(self.memory.push(kept[:1]))
            between()
            yield from first
            yield from self.memory.push(kept[1:])
            return
        receipts = list(self.memory.push(kept))
        self.world.after_push.pop(self.name, lambda: None)()
        yield from receipts


@dataclass
class World:
    """Three companies, one hub, one clock that moves a little with each look at it."""

    ledger: Ledger
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    stores: dict[str, MemoryStore] = field(default_factory=dict)
    exchange: Exchange = field(init=False)
    after_push: dict[str, Callable[[], None]] = field(default_factory=dict)
    between_pushes: dict[str, Callable[[], None]] = field(default_factory=dict)
    ignoring: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        partners = {}
        for name in NAMES:
            system = self.system(name)
            self.stores[name] = MemoryStore(system, clock=self.clock)
            document = Document(Path(f"mappings/partners/{name}/mapping.yaml"), mapping(), {(): (1, 1)})
            partners[name] = Partner(name, system, lenses.compile(mapping(), partner=name), document)
        self.exchange = Exchange(self.ledger, Alliance(partners, agreement()), self.connect, self.clock)

    def system(self, name: str) -> MemorySystem:
        return MemorySystem(
            name=name,
            title=name.title(),
            connection=name,
            page=3,
            overlap=0,
            picklists={"state": tuple(STATES), "urgency": ("P1", "P2", "P3", "P4")},
            required=("title",),
            defaults={"state": "New", "company": name.title()},
            number_format=name[0].upper() + "-{}",
            first_contact=FirstContact(guard="none"),
            abilities=Abilities(unique_key=True, conditional_write=name != "south", change_history=True),
        )

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now

    def connect(self, name: str) -> Connector:
        store = self.stores[name]
        seconds = self.now.timestamp
        memory = Memory(store.system, store.credentials(), clock=self.clock, sleep=self.later, monotonic=seconds)
        return Meddled(memory, self, name)

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def round(self) -> None:
        """One pull and one push of each company."""
        for name in NAMES:
            self.exchange.intake(name)
        for name in NAMES:
            self.exchange.deliver(name)

    def rest(self) -> None:
        """Rounds until nothing moves."""
        for _ in range(12):
            before = self.written()
            self.round()
            if self.written() == before:
                return
        raise AssertionError("the exchange does not come to rest")

    def written(self) -> tuple[int, ...]:
        return (*(store.writes for store in self.stores.values()), self.ledger.head()[0])

    def hand_over(self, **fields: Any) -> str:
        """A case of North that its agent gives to South; at rest. Its native id at North."""
        native_id = self.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P2", **fields})
        self.rest()
        self.stores["north"].edit(native_id, {"company": "South"})
        self.rest()
        return native_id

    def only(self, name: str) -> dict[str, Any]:
        """The one record of this company."""
        (body,) = self.stores[name].bodies()
        return body

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.ledger.entries()]


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """An empty ledger, on each database."""
    if request.param == "sqlite":
        yield Ledger.in_memory()
        return
    engine = engine_for(request.getfixturevalue("postgres_ledger"))
    with engine.begin() as connection:
        connection.execute(sa.text(EMPTIED))
    yield Ledger(engine, Keyring(engine_for("sqlite://"), bytes(32)))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_ledger(postgres: str) -> str:
    """The address of a ledger on PostgreSQL. Whoever takes it empties it first."""
    admin = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE the_ledger")
    admin.dispose()
    url = sa.make_url(postgres).set(database="the_ledger").render_as_string(hide_password=False)
    engine = engine_for(url)
    Ledger(engine, Keyring(engine_for("sqlite://"), bytes(32))).upgrade()
    engine.dispose()
    return url


EMPTIED = """
DO $$
DECLARE name text; used boolean;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO used;
    IF used THEN EXECUTE format('TRUNCATE %I CASCADE', name); END IF;
  END LOOP;
  PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S';
END $$
"""
"""A transaction that another test left open is ended, what is kept is dropped, and numbers begin at 1 again."""


@pytest.fixture
def world(ledger: Ledger) -> World:
    return World(ledger)


@pytest.fixture(scope="session")
def new_world() -> Callable[[], World]:
    """Makes a world over a scratch ledger, as often as a property test asks."""
    return lambda: World(Ledger.in_memory())


@pytest.fixture(scope="session")
def worlds() -> Callable[[Ledger], World]:
    """Makes a world over a ledger of the test's own."""
    return World
