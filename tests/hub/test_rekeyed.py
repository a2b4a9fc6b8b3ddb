"""A partner's key is changed in the middle of a run: the run goes on with the new one; nothing is lost or doubled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.base import Connector
from connectors.errors import Refused
from connectors.memory import Memory


class Locksmith:
    """Changes the key of a company, there and in the connection, after so many calls of a kind."""

    def __init__(self, world: Any) -> None:
        self.world, self.left, self.swap = world, -1, lambda: None
        self.known = {name: store.password for name, store in world.stores.items()}
        self.given: dict[str, str] = {}
        world.exchange = replace(world.exchange, connect=self.connect, rekeyed=self.rekeyed)

    def connect(self, name: str) -> Connector:
        store = self.world.stores[name]
        self.given[name] = self.known[name]
        given = store.credentials(self.known[name])
        seconds = self.world.now.timestamp
        memory = Memory(store.system, given, clock=self.world.clock, sleep=self.world.later, monotonic=seconds)
        return Counted(memory, self)  # type: ignore[return-value]  # it is one, through __getattr__

    def rekeyed(self, name: str) -> bool:
        return self.known[name] != self.given[name]

    def after(self, calls: int, name: str, *, told: bool = True) -> None:
        def swap() -> None:
            self.world.stores[name].password = f"new after {calls}"
            if told:
                self.known[name] = self.world.stores[name].password

        self.left, self.swap = calls, swap

    def count(self) -> None:
        if self.left == 0:
            self.swap()
        self.left -= 1


class Counted:
    """A connector whose calls are counted before they are made."""

    def __init__(self, memory: Memory, smith: Locksmith) -> None:
        self.memory, self.smith = memory, smith

    def __getattr__(self, called: str) -> Any:
        return getattr(self.memory, called)

    def pull(self, cursor: Any) -> Any:
        pages = self.memory.pull(cursor)
        while True:
            self.smith.count()
            page = next(pages, None)
            if page is None:
                return
            yield page

    def fetch(self, native_ids: Any) -> Any:
        self.smith.count()
        return self.memory.fetch(native_ids)

    def push(self, changes: Any) -> Any:
        for change in changes:
            self.smith.count()
            yield from self.memory.push([change])


@pytest.fixture
def smith(world: Any) -> Locksmith:
    return Locksmith(world)


@pytest.mark.parametrize("calls", range(6))
@pytest.mark.parametrize("name", ["north", "south"])
def test_a_run_goes_on_with_the_new_key_and_each_case_is_there_once(
    world: Any, smith: Locksmith, calls: int, name: str
) -> None:
    for number in range(7):
        world.stores["north"].create({"title": f"case {number}", "company": "South"})
    smith.after(calls, name)
    world.rest()
    world.later(120)  # what was refused is tried again a little later
    world.rest()
    assert sorted(body["title"] for body in world.stores["south"].bodies()) == [f"case {n}" for n in range(7)]
    assert [row.error for row in world.ledger.partners()] == ["", "", ""]
    assert [row.failures for row in world.ledger.partners()] == [0, 0, 0]
    assert world.ledger.parked() == []


def test_a_key_that_was_changed_there_alone_stops_the_partner_as_before(world: Any, smith: Locksmith) -> None:
    world.stores["north"].create({"title": "a case", "company": "South"})
    smith.after(0, "north", told=False)
    with pytest.raises(Refused, match="C301"):
        world.exchange.intake("north")
    [row] = [row for row in world.ledger.partners() if row.name == "north"]
    assert "C301" in row.error


def test_keys_that_are_changed_without_end_do_not_keep_a_run_without_end(world: Any, smith: Locksmith) -> None:
    changes: list[str] = []

    def always(name: str) -> bool:
        changes.append(name)
        return True

    world.exchange = replace(world.exchange, rekeyed=always)
    world.stores["north"].password = "known to nobody"
    with pytest.raises(Refused, match="C301"):
        world.exchange.intake("north")
    assert len(changes) == 3
