"""Whatever ails a partner is found by a scan, with its cause and what helps; one that is well has no finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.base import Connector
from connectors.declared import Quota
from connectors.errors import Refused, Unreachable
from hub import pausing
from hub.scanning import Finding, scan
from hub.tables import allowances, entries


def found(world: Any, name: str = "south", later: timedelta = timedelta(), **system: Any) -> dict[str, Finding]:
    """What a scan says, without that no description is kept of this company."""

    @contextmanager
    def opened() -> Iterator[Connector]:
        yield world.connect(name)

    known = world.exchange.alliance.partners[name]
    partner = replace(known, system=known.system.model_copy(update=system))
    told = scan(world.ledger, partner, opened, world.clock() + later)
    return {one.what: one for one in told.findings if one.what != "its fields are not watched"}


def refusing(world: Any) -> None:
    error = Refused("the login is not taken.", code="C301", fix="casebridge is to log in anew")
    world.stores["south"].fail(error, on="check")


def paused(world: Any) -> None:
    with world.ledger.transaction(world.clock()) as tx:
        pausing.pause(tx, "partner", "south", "ann", "they move house")


def left_alone(world: Any) -> None:
    for _ in range(5):
        world.stores["south"].fail(Unreachable("no route.", code="C101"), on="pull")
        with pytest.raises(Unreachable):
            world.exchange.intake("south")


def failed_once(world: Any) -> None:
    world.stores["south"].fail(Unreachable("no route.", code="C101"), on="pull")
    with pytest.raises(Unreachable):
        world.exchange.intake("south")


def waiting(world: Any) -> None:
    native_id = world.stores["south"].create({"title": "Odd", "urgency": "P1"})
    world.stores["south"].row(native_id).body["urgency"] = "P9"
    world.exchange.intake("south")


def owing(world: Any) -> None:
    world.stores["north"].create({"title": "No signal", "company": "South"})
    world.exchange.intake("north")


def used_up(world: Any) -> None:
    told = {"partner": "south", "calls": 80, "window_at": world.clock(), "free_at": None}
    with world.ledger.transaction(world.clock()) as tx:
        tx.connection.execute(sa.insert(allowances).values(told))


def ahead(world: Any) -> None:
    world.stores["south"].create({"title": "From tomorrow"})
    world.exchange.intake("south")
    with world.ledger.engine.connect().execution_options(writer=True) as connection, connection.begin():
        when = world.clock() + timedelta(seconds=90)
        connection.execute(sa.update(entries).where(entries.c.partner == "south").values(reported_at=when))


@pytest.mark.parametrize(
    ("ail", "what", "weight", "says", "does"),
    [
        (refusing, "it does not let us in (C301)", "grave", "the login is not taken.", "is to log in anew"),
        (paused, "it is paused", "grave", "they move house", "casebridge resume --partner south"),
        (left_alone, "it is left alone until", "grave", "no route", "casebridge resume --partner south"),
        (failed_once, "its last step failed, 1 in a row", "watch", "no route", ""),
        (waiting, "1 waits for a person (M201)", "watch", "'P9'", "Correct the record in South's system"),
        (owing, "1 owed for over 15 min", "grave", "the oldest since 2026-03-01", "casebridge push south --dry-run"),
        (used_up, "our share of its quota is nearly used up", "watch", "80 of 90 calls", "poll less often"),
        (ahead, "its clock is ahead of ours", "watch", "s later than our reading", "NTP"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_what_ails_a_partner_is_found(
    world: Any, ail: Callable[[Any], None], what: str, weight: str, says: str, does: str
) -> None:
    world.rest()
    ail(world)
    late = timedelta(minutes=16) if ail is owing else timedelta()
    findings = found(world, later=late, quota=Quota(calls=100, per=3600, share=0.9), poll=3600.0)
    (name,) = [one for one in findings if one.startswith(what)]
    one = findings[name]
    assert (one.weight, says in one.why, does in one.do) == (weight, True, True), one
    assert len(findings) == 1, findings


def test_a_partner_that_is_well_has_no_finding(world: Any) -> None:
    assert set(found(world)) == {"it was never read"}
    world.hand_over()
    assert found(world) == {}
    assert set(found(world, later=timedelta(hours=1))) == {"it is not polled"}
