"""Partners that ask to wait, whose calls are used up, or that let nobody in, over hours of the hub's clock: not one
call more than they allow, the reason told, and all that was owed delivered afterwards. Over the sandbox's own servers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from connectors.errors import ConnectorError
from sandbox.hostile.alliance import World, alliance
from sandbox.hostile.answers import Asked
from sandbox.hostile.front import Answer, Meddle, Through, leave
from sandbox.words import field

MINUTE = 60.0
QUARTER = 900.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with alliance(tmp_path_factory.mktemp("alliance")) as world:
        world.rest()
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    yield running
    for front in running.fronts.values():
        front.meddle = leave
        front.asked.clear()
    running.later(2 * 3600)
    running.rest()


def meddling(world: World, name: str, answer: Answer) -> list[float]:
    """Every call but a login is answered so from now on; the hub's times of those that came."""
    came: list[float] = []

    async def meddle(asked: Asked, through: Through) -> Answer:
        if "token" in asked.path:
            return await through(asked)
        came.append(world.now.timestamp())
        return answer

    as_meddle: Meddle = meddle
    world.fronts[name].meddle = as_meddle
    world.exchange.close(name)  # whoever knows a session begins anew, as each run of Airflow does
    return came


def runs(world: World, name: str, times: int, every: float = MINUTE) -> list[str]:
    """So many pulls and pushes, one after the other; what each that failed said."""
    said = []
    for _ in range(times):
        for step in (world.exchange.intake, world.exchange.deliver):
            try:
                step(name)
            except ConnectorError as error:
                said.append(str(error))
        world.later(every)
    return said


def gaps(came: list[float]) -> list[float]:
    """Seconds between calls."""
    return [later - before for before, later in pairwise(came)]


def arrived(world: World, name: str, reference: str) -> int:
    return sum(one.fields[field(name, "reference")] == reference for one in world.records(name))


@pytest.mark.parametrize(
    ("asked_for", "kept", "every"), [("600", 600, 60), ("-1", 1, 0.2), ("1e9", 3600, 60), ("", 30, 5)]
)
def test_who_asks_to_wait_is_not_called_before(world: World, asked_for: str, kept: float, every: float) -> None:
    came = meddling(world, "northcable", Answer(429, b"{}", {"Retry-After": asked_for} if asked_for else {}))
    world.open("telvoz", f"W{asked_for}", product="CABLE-TV", holder="northcable")
    world.exchange.intake("telvoz")
    said = runs(world, "northcable", 125, every)
    assert len(came) == len(said) >= 3
    assert min(gaps(came)) >= kept
    assert f"C200 answered 429: wait {kept:g} s." in said[0]
    world.fronts["northcable"].meddle = leave
    world.later(3600)
    world.rest()
    assert arrived(world, "northcable", f"W{asked_for}") == 1


def test_an_org_whose_calls_are_used_up_sees_one_probe_in_a_quarter_of_an_hour(world: World) -> None:
    told = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    came = meddling(world, "brightnet", Answer(403, told))
    world.open("telvoz", "Q-1", product="NET-100", holder="brightnet")
    world.exchange.intake("telvoz")
    said = runs(world, "brightnet", 180)
    assert 2 <= len(came) <= 180 * MINUTE / QUARTER + 1
    assert min(gaps(came)) >= QUARTER
    assert "the org's calls are used up" in said[0]
    (row,) = [row for row in world.ledger.partners() if row.name == "brightnet"]
    assert "REQUEST_LIMIT_EXCEEDED" in row.error
    world.fronts["brightnet"].meddle = leave
    world.later(3600)
    world.rest()
    assert arrived(world, "brightnet", "Q-1") == 1


@pytest.mark.parametrize(("name", "product"), [("northcable", "CABLE-TV"), ("brightnet", "NET-100")])
def test_who_lets_nobody_in_sees_three_logins_a_try_at_most_and_fewer_tries(
    world: World, name: str, product: str
) -> None:
    errors = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    came = meddling(world, name, Answer(401, errors if name == "brightnet" else {"error": {"code": "unauthorized"}}))
    world.open("telvoz", f"L-{name}", product=product, holder=name)
    world.exchange.intake("telvoz")
    world.fronts[name].asked.clear()
    with pytest.raises(ConnectorError, match=r"C301|C351"):
        world.exchange.deliver(name)
    assert logins(world, name) <= 3
    assert len(came) <= 3
    held = world.exchange.deliver(name).held  # told in each run, and nobody is spoken to
    assert "is left alone until" in held
    said = runs(world, name, 120)
    assert len(said) <= 14  # half a minute, then twice as long each time, up to a quarter of an hour; for pull and push
    assert logins(world, name) <= 3 * (len(said) + 1)
    assert "Fix: check" in said[0]
    world.fronts[name].meddle = leave
    world.later(3600)
    world.rest()
    assert arrived(world, name, f"L-{name}") == 1


def logins(world: World, name: str) -> int:
    return sum("token" in asked.path for asked in world.fronts[name].asked)
