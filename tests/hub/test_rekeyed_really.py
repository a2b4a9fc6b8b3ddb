"""A key is changed in the middle of a run, over the sandbox's own servers: in REST, SOAP and Salesforce, at each call.

A lock stands before the company: it takes one key alone, changes it before the n-th call that it hears, and has every
session end that the old one opened.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.base import Connector, Credentials, System
from connectors.kinds import connect
from sandbox.companies.logins import API_LOGINS
from sandbox.hostile.alliance import World, alliance
from sandbox.hostile.answers import Asked
from sandbox.hostile.front import Answer, Through, leave
from sandbox.words import COMPANIES, field

TRUE = API_LOGINS["casebridge"]
TOKENS = ("/api/token", "/services/oauth2/token")
REFUSED = {
    "northcable": Answer(401, {"error": {"code": "unauthorized", "message": "wrong key"}}),
    "telvoz": Answer(401, b"", {"www-authenticate": "Basic"}),
    "brightnet": Answer(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]),
}
NO_TOKEN = Answer(401, {"error": "invalid_client", "error_description": "invalid client credentials"})
GIVER = {"northcable": "telvoz", "telvoz": "northcable", "brightnet": "northcable"}
PRODUCT = {"northcable": "CABLE-TV", "telvoz": "TEL-HOME", "brightnet": "NET-100"}


class Lock:
    """See the module. key: the one that it takes; the company behind it knows its old one only."""

    def __init__(self, name: str, key: str, swap_at: int) -> None:
        self.name, self.key, self.swap_at, self.sessions = name, key, swap_at, set[str]()
        self.heard = self.refused = 0
        self.new = f"{key} after {swap_at}"

    async def __call__(self, asked: Asked, through: Through) -> Answer:
        if self.heard == self.swap_at:
            self.key = self.new
            self.sessions.clear()
        self.heard += 1
        if asked.headers.get("authorization") in self.sessions:
            return await through(asked)
        opened = self._with_the_true_key(asked)
        if opened is None:
            self.refused += 1
            return NO_TOKEN if asked.path in TOKENS else REFUSED[self.name]
        answer = await through(opened)
        if asked.path in TOKENS:
            self.sessions.add(f"Bearer {json.loads(answer.raw())['access_token']}")
        return answer

    def _with_the_true_key(self, asked: Asked) -> Asked | None:
        """The request as the company takes it; None where it does not bear the key that is right now."""
        if asked.headers.get("authorization") == _basic(self.key):
            return replace(asked, headers={**asked.headers, "authorization": _basic(TRUE)})
        if asked.path in TOKENS and _form(self.key) in asked.body:
            return replace(asked, body=asked.body.replace(_form(self.key), _form(TRUE)))
        return None


def _basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"casebridge:{password}".encode()).decode()


def _form(secret: str) -> bytes:
    return b"client_secret=" + secret.replace(" ", "+").encode()


def unwatched(system: System) -> System:
    return system.model_copy(update={"watch": 1e9})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("alliance")
    with alliance(folder, northcable=unwatched, telvoz=unwatched, brightnet=unwatched) as world:
        world.rest()
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    yield running
    running.exchange.close()
    for name in COMPANIES:
        running.fronts[name].meddle = leave


def with_keys(world: World, lock: Lock) -> None:
    """The hub's connection to the company holds its key: the old one until the company has the new one."""
    used: dict[str, Credentials] = {}

    def resolve(name: str) -> Credentials:
        known = world.credentials(name)
        return replace(known, password=lock.key) if name == lock.name else known

    def to(name: str) -> Connector:
        used[name] = resolve(name)
        system = world.exchange.alliance.partners[name].system
        return connect(system, used[name], clock=world.clock, sleep=world.naps.append)

    world.exchange = replace(world.exchange, kept={}, connect=to, rekeyed=lambda name: resolve(name) != used[name])


@pytest.mark.parametrize("swap_at", range(1, 9))
@pytest.mark.parametrize("name", COMPANIES)
def test_nothing_fails_is_lost_or_doubled(world: World, name: str, swap_at: int) -> None:
    prefix = f"{name[0].upper()}{swap_at}-"
    giver, lock = GIVER[name], Lock(name, "first", swap_at)
    world.fronts[name].meddle = lock
    with_keys(world, lock)
    for number in range(3):
        world.open(giver, f"{prefix}{number}", product=PRODUCT[name], holder=name)
        world.open(name, f"{prefix}own-{number}", product=PRODUCT[giver], holder=giver)
    world.round()  # nothing of it raises
    world.later(600)
    world.round()
    world.later(600)
    world.round()
    assert lock.refused > 0
    for company in (giver, name):
        found = sorted(str(one.fields[field(company, "reference")]) for one in world.records(company))
        assert [one for one in found if one.startswith(prefix)] == sorted(
            [f"{prefix}{number}" for number in range(3)] + [f"{prefix}own-{number}" for number in range(3)]
        )
    assert [row.error for row in world.ledger.partners()] == ["", "", ""]
    assert world.ledger.parked() == []
