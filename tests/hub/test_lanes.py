"""Leases with fencing: of two workers, only the one with the newest claim settles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.errors import Unknown
from hub import lanes
from hub.ledger import Ledger

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def owe(ledger: Ledger, version: int = 1) -> bool:
    with ledger.transaction(NOW) as tx:
        return lanes.owe(tx, "case", "south", version, lanes.open_of(tx, "case").get("south"))


def claim(ledger: Ledger, at: datetime) -> list[lanes.Claim]:
    with ledger.transaction(at) as tx:
        return lanes.claim(tx, "south", 10, LEASE)


def test_a_newer_version_moves_the_open_delivery_on_and_never_queues_twice(ledger: Ledger) -> None:
    assert owe(ledger, 1)
    assert not owe(ledger, 2)
    (row,) = ledger.deliveries()
    assert (row.version, row.state) == (2, "owed")


def test_what_is_claimed_is_claimed_by_nobody_else_until_the_lease_runs_out(ledger: Ledger) -> None:
    owe(ledger)
    (first,) = claim(ledger, NOW)
    assert claim(ledger, NOW + LEASE / 2) == []
    (second,) = claim(ledger, NOW + LEASE)
    assert second.fence > first.fence


def test_a_worker_that_froze_past_its_lease_does_not_settle(ledger: Ledger) -> None:
    owe(ledger)
    (frozen,) = claim(ledger, NOW)
    (second,) = claim(ledger, NOW + LEASE)
    with ledger.transaction(NOW + LEASE) as tx:
        assert not lanes.held(tx, [frozen])
        lanes.settle(tx, frozen, "delivered")
        assert lanes.held(tx, [second])
    assert ledger.deliveries()[0].state == "claimed"


def test_the_write_of_a_frozen_worker_is_found_by_who_took_over(world: Any) -> None:
    world.stores["north"].create({"title": "No signal", "company": "South"})
    world.exchange.intake("north")
    world.stores["south"].fail(
        Unknown("frozen here"), on="push", after=True
    )  # it was written; the worker never came back
    with world.ledger.transaction(world.clock()) as tx:
        (claimed,) = lanes.claim(tx, "south", 1, timedelta(seconds=1))
    world.later(5)
    world.exchange.deliver("south")
    world.later(60)
    with world.ledger.transaction(world.clock()) as tx:
        assert not lanes.held(tx, [claimed])
    world.rest()
    assert len(world.stores["south"].bodies()) == 1


def test_nothing_is_claimed_before_it_is_due(ledger: Ledger) -> None:
    owe(ledger)
    (first,) = claim(ledger, NOW)
    with ledger.transaction(NOW) as tx:
        lanes.settle(tx, first, "owed", due=NOW + timedelta(seconds=30), code="C200", why="asked to wait")
    assert claim(ledger, NOW + timedelta(seconds=29)) == []
    assert len(claim(ledger, NOW + timedelta(seconds=30))) == 1
