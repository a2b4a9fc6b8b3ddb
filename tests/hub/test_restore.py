"""Yesterday's backup of the ledger comes back after a day of work in three companies, and reconciles.

The companies kept all that happened: what the lost day made is found again and not made twice, and what people did
there stands. The keys lie apart from the ledger: as old as the backup, or newer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from hub.keys import Keyring
from hub.ledger import Ledger, engine_for
from hub.restoring import reconcile

MASTER = bytes(32)
Backup = Callable[[], Ledger]


def copied(engine: sa.Engine) -> sa.Engine:
    """A copy of a SQLite database in memory, by SQLite's own backup."""
    copy = engine_for("sqlite://")
    with engine.connect() as source, copy.connect() as target:
        there: Any = source.connection.dbapi_connection
        here: Any = target.connection.dbapi_connection
        there.backup(here)
    return copy


@pytest.fixture(params=["same age", "newer"])
def keys(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, keys: str) -> Iterator[tuple[Ledger, Callable[[Ledger], Backup]]]:
    """(a ledger, how to back it up: gives how to restore that)."""
    store = engine_for("sqlite://")
    old_keys: list[sa.Engine] = []

    def keyring() -> Keyring:
        return Keyring(old_keys[0] if keys == "same age" else store, MASTER)

    if request.param == "sqlite":
        live = Ledger(engine_for("sqlite://"), Keyring(store, MASTER))
        live.upgrade()

        def back_up(ledger: Ledger) -> Backup:
            old_keys.append(copied(store))
            old = copied(ledger.engine)
            return lambda: Ledger(old, keyring())

        yield live, back_up
        return
    make: Callable[[], str] = request.getfixturevalue("new_database")
    url = make()
    live = Ledger(engine_for(url), Keyring(store, MASTER))
    live.upgrade()
    opened: list[Ledger] = [live]

    def back_up_database(ledger: Ledger) -> Backup:
        old_keys.append(copied(store))
        ledger.engine.dispose()
        name = f"{sa.make_url(url).database}_old"
        admin = sa.create_engine(request.getfixturevalue("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {sa.make_url(url).database}"))
        admin.dispose()

        def restore() -> Ledger:
            address = sa.make_url(url).set(database=name).render_as_string(hide_password=False)
            opened.append(Ledger(engine_for(address), keyring()))
            return opened[-1]

        return restore

    yield live, back_up_database
    for ledger in opened:
        ledger.engine.dispose()


def texts(body: Any) -> list[str]:
    return sorted(note["body"].splitlines()[0] for note in body["comments"])


def by_title(world: Any, company: str) -> dict[str, Any]:
    bodies = world.stores[company].bodies()
    assert len({body["title"] for body in bodies}) == len(bodies), "a case twice"
    return {body["title"]: body for body in bodies}


def first_day(world: Any) -> None:
    """Cases over three edges, one of them with a note, before the backup."""
    north, south = world.stores["north"], world.stores["south"]
    north.create({"title": "cable", "company": "South", "urgency": "P2"})
    north.create({"title": "phone", "company": "East", "urgency": "P3"})
    south.create({"title": "modem", "company": "East", "urgency": "P3"})
    north.note("1", "before", "partners", author="Ann")
    world.rest()


def lost_day(world: Any) -> None:
    """Cases, notes both ways, edits, a hand-over, an acceptance; all carried by the hub whose ledger is lost."""
    north, south, east = (world.stores[name] for name in ("north", "south", "east"))
    east.create({"title": "router", "company": "South", "urgency": "P4"})
    north.create({"title": "socket", "company": "South", "customer": {"id": "77", "name": "Nia"}})
    south.create({"title": "antenna", "company": "North", "urgency": "P1"})
    north.create({"title": "alone", "urgency": "P1"})
    world.rest()
    by_north, by_south, by_east = (by_title(world, name) for name in ("north", "south", "east"))
    north.note(str(by_north["cable"]["id"]), "from north", "partners", author="Ann")
    south.note(str(by_south["cable"]["id"]), "from south", "partners", author="Ana")
    south.note(str(by_south["socket"]["id"]), "on a new one", "customer", author="Ana")
    north.note(str(by_north["socket"]["id"]), "north on a new one", "partners", author="Ann")
    north.note(str(by_north["cable"]["id"]), "north alone", "internal", author="Ann")
    east.note(str(by_east["phone"]["id"]), "from east", "partners", author="Eva")
    south.edit(str(by_south["cable"]["id"]), {"urgency": "P1", "details": "by south"})
    north.edit(str(by_north["phone"]["id"]), {"details": "by north"})
    south.edit(str(by_south["socket"]["id"]), {"state": "Waiting"})
    world.rest()


def not_carried(world: Any) -> None:
    """What people did after the last push of the lost day."""
    by_north, by_south = by_title(world, "north"), by_title(world, "south")
    world.stores["north"].edit(str(by_north["cable"]["id"]), {"reason": "rain"})
    world.stores["south"].note(str(by_south["antenna"]["id"]), "late", "partners", author="Ana")
    world.stores["south"].edit(str(by_south["socket"]["id"]), {"details": "only south knows"})


def restored(world: Any, restore: Backup) -> None:
    ledger = restore()
    for store in world.stores.values():
        store.heal()
    world.exchange.close()
    world.ledger = ledger
    world.exchange = world.exchange.__class__(ledger, world.exchange.alliance, world.connect, world.clock)


@pytest.mark.parametrize(("late", "again"), [(False, False), (True, False), (True, True)])
def test_a_day_old_backup_reconciles_without_a_duplicate_and_what_people_did_stands(
    kept: tuple[Ledger, Callable[[Ledger], Backup]], worlds: Callable[[Ledger], Any], late: bool, again: bool
) -> None:
    ledger, back_up = kept
    world = worlds(ledger)
    first_day(world)
    restore = back_up(ledger)
    lost_day(world)
    if late:
        not_carried(world)
    before = {name: by_title(world, name) for name in world.stores}

    restored(world, restore)
    cursors = {name: world.ledger.cursor(name) for name in world.stores}
    reconcile(world.exchange)
    if again:  # it was killed before the cursors moved
        with world.ledger.transaction(world.clock()) as tx:
            for name, cursor in cursors.items():
                tx.note_partner(name, cursor=cursor)
        reconcile(world.exchange)
    world.later(3600)
    world.rest()

    after = {name: by_title(world, name) for name in world.stores}
    assert {name: sorted(bodies) for name, bodies in after.items()} == {
        "north": ["alone", "antenna", "cable", "phone", "socket"],
        "south": ["antenna", "cable", "modem", "router", "socket"],
        "east": ["modem", "phone", "router"],
    }
    if not late:
        for name, bodies in before.items():
            for title, body in bodies.items():
                assert texts(after[name][title]) == texts(body), (name, title)
    assert texts(after["south"]["cable"]) == ["before", "from north", "from south"]
    assert texts(after["north"]["cable"]) == ["before", "from north", "from south", "north alone"]
    by, *both = texts(after["north"]["socket"])
    assert texts(after["south"]["socket"]) == both == ["north on a new one", "on a new one"]
    assert by.endswith("was written by Ana, South.")  # agents are told, for the customer may read it
    assert texts(after["north"]["phone"]) == texts(after["east"]["phone"]) == ["from east"]
    for title, name, other in (
        ("cable", "north", "south"),
        ("socket", "north", "south"),
        ("antenna", "north", "south"),
        ("phone", "north", "east"),
        ("modem", "south", "east"),
        ("router", "south", "east"),
    ):
        for field in ("urgency", "details", "state", "reason"):
            assert after[name][title].get(field) == after[other][title].get(field), (title, field)
    assert after["north"]["cable"]["urgency"] == "P1"
    assert after["north"]["cable"]["details"] == "by south"
    assert after["east"]["phone"]["details"] == "by north"
    assert after["north"]["socket"]["state"] == "Waiting"
    assert after["south"]["socket"]["contact"] == after["north"]["socket"]["contact"] == "North"
    assert after["south"]["router"]["contact"] == "East"
    if late:
        assert after["south"]["cable"]["reason"] == "rain"
        assert texts(after["north"]["antenna"]) == ["late"]
        assert after["north"]["socket"]["details"] == "only south knows"
    assert world.ledger.parked() == []
    assert world.ledger.broken_at() is None
    written = world.written()
    for _ in range(10):
        world.round()
    assert world.written() == written
