"""Batches to one partner: a full one is settled while the next is under way, and each is settled by its own answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors.base import Change, Receipt
from connectors.errors import Unknown, Unreachable


class Told:
    """A connector that writes down what it is asked, beside what the ledger has settled by then."""

    def __init__(self, inner: Any, ledger: Any, fails_at: int = 0) -> None:
        self.inner, self.ledger, self.fails_at = inner, ledger, fails_at
        self.story: list[tuple[str, int]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        for at, change in enumerate(changes):
            self.story.append(("first" if at == 0 else "next", len(self.ledger.deliveries(("delivered",)))))
            if len(self.story) == self.fails_at:
                yield Receipt(change.key, error=Unreachable("no route.", where="south"))
            else:
                yield from self.inner.push([change])


def handed_over(world: Any, count: int) -> None:
    for number in range(count):
        world.stores["north"].create({"title": f"T{number}", "state": "New", "company": "South"})
    world.exchange.intake("north")


def meeting(world: Any, fails_at: int = 0) -> Told:
    told = Told(world.connect("south"), world.ledger, fails_at)
    connect = {"south": told}.get
    world.exchange = replace(
        world.exchange, batch=2, connect=lambda name: connect(name) or world.connect(name), kept={}
    )
    return told


def states(world: Any) -> list[str]:
    return sorted(one.state for one in world.ledger.deliveries() if one.partner == "south")


def test_a_full_batch_is_settled_while_the_next_is_under_way(world: Any) -> None:
    handed_over(world, 5)
    told = meeting(world)
    assert world.exchange.deliver("south").delivered == 5
    # The next one's first change is sent before this one is settled, and its second after.
    assert told.story == [("first", 0), ("next", 0), ("first", 0), ("next", 2), ("first", 2)]
    assert [body["title"] for body in world.stores["south"].bodies()] == [f"T{number}" for number in range(5)]


def test_after_an_answer_that_concerns_the_partner_no_further_batch_is_begun(world: Any) -> None:
    handed_over(world, 5)
    told = meeting(world, fails_at=2)
    with pytest.raises(Unreachable):
        world.exchange.deliver("south")
    assert told.story == [("first", 0), ("next", 0)]
    assert states(world) == ["delivered", "owed", "owed", "owed", "owed"]


def test_a_batch_that_fails_after_the_last_one_was_kept_leaves_that_settled(world: Any) -> None:
    handed_over(world, 5)
    meeting(world, fails_at=3)
    with pytest.raises(Unreachable):
        world.exchange.deliver("south")
    assert states(world) == [
        "delivered",
        "delivered",
        "delivered",
        "owed",
        "owed",
    ]
    world.now = world.now.replace(hour=world.now.hour + 1)
    world.rest()
    assert len(world.stores["south"].bodies()) == 5


def test_no_more_rounds_are_begun_than_were_asked_for(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_over(world, 5)
    told = meeting(world)
    monkeypatch.setattr("hub.exchange.ROUNDS", 2)
    assert world.exchange.deliver("south").delivered == 4
    assert len(told.story) == 4
    assert states(world) == ["delivered"] * 4 + ["owed"]


def test_a_lease_is_lengthened_though_one_of_the_batch_had_nothing_to_be_sent(world: Any) -> None:
    north, south = world.stores["north"], world.stores["south"]
    north.create({"title": "No signal", "company": "South"})
    world.rest()
    south.edit("1", {"details": "since noon"})  # they accept it
    world.rest()
    north.edit("1", {"title": "No signal at all"})
    world.exchange.intake("north")
    south.edit("1", {"title": "No signal at all"})  # so nothing is left to be said of it
    for title in ("one", "two"):
        north.create({"title": title, "company": "South"})
    world.exchange.intake("north")
    world.between_pushes["south"] = lambda: world.later(70)  # more than half of the lease
    done = world.exchange.deliver("south")
    assert (done.sent, done.unknown) == (2, 0)
    assert sorted(body["title"] for body in south.bodies()) == ["No signal at all", "one", "two"]


class Lost:
    """A connector whose answers to creates are lost, and that counts how often it looks for them."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.asked, self.losing = inner, list[int](), True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        for receipt in self.inner.push(changes):
            yield (
                replace(receipt, native_id=None, error=Unknown("no answer.", where="south")) if self.losing else receipt
            )

    def find_all(self, hub_ids: Sequence[str]) -> Any:
        self.asked.append(len(hub_ids))
        return self.inner.find_all(hub_ids)


def test_creates_without_an_answer_are_looked_for_together(world: Any) -> None:
    handed_over(world, 7)
    lost = Lost(world.connect("south"))
    connect = {"south": lost}.get
    world.exchange = replace(world.exchange, connect=lambda name: connect(name) or world.connect(name), kept={})
    assert world.exchange.deliver("south").unknown == 7
    lost.losing = False
    world.later(60)
    world.exchange.deliver("south")
    assert lost.asked == [7]
    assert len(world.stores["south"].bodies()) == 7
    assert set(states(world)) == {"delivered"}
