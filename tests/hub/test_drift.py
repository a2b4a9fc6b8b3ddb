"""A partner's fields change under us: it is stopped before a write, the others go on, and a person lets it go on.

Over the sandbox's own servers, whose administrators change a field; the exchange is the production one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.base import System
from connectors.errors import Refused
from hub import breaker, pausing
from hub.cli import app
from hub.describing import kept_in
from sandbox.hostile.alliance import PARTNERS, World, alliance
from sandbox.hostile.answers import Asked
from sandbox.hostile.front import Answer, Through

WRITES = {"northcable": ("POST", "PATCH"), "telvoz": ("modificarCaso", "crearCaso", "anadirNota")}


@pytest.fixture
def world_of(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Three companies over a copy of their declarations, so that `describe` may write."""
    with ExitStack() as stack:

        def make(**systems: Callable[[System], System]) -> World:
            copied = shutil.copytree(PARTNERS, tmp_path / "partners")
            return stack.enter_context(alliance(tmp_path, copied, **systems))

        yield make


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three companies, of which Northcable and Telvoz are looked at in each run."""
    each_run = dict.fromkeys(("northcable", "telvoz"), lambda system: system.model_copy(update={"watch": 0}))
    with alliance(tmp_path_factory.mktemp("alliance"), **each_run) as world:
        yield world


def writes(world: World, name: str) -> int:
    """How many writes the company was sent."""
    if name == "telvoz":
        return sum(any(one.encode() in asked.body for one in WRITES[name]) for asked in world.fronts[name].asked)
    return sum(asked.method in ("POST", "PATCH") and "token" not in asked.path for asked in world.fronts[name].asked)


def resume(world: World, name: str) -> None:
    with world.ledger.transaction(world.clock()) as tx:
        assert pausing.resume(tx, "partner", name, "ana", "looked at it")
        breaker.close(tx, name)


def test_a_picklist_that_lost_a_word_stops_its_partner_before_a_write_and_the_others_go_on(
    world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world = world_of()
    case = world.open("telvoz", "R-1", product="CABLE-TV", holder="northcable", priority="high")
    world.rest()
    assert len(world.records("northcable")) == 1
    world.change("northcable", "priority", values=("P1", "P2", "P3"))
    world.edit("telvoz", case, priority="low", details="since yesterday")
    world.later(901)
    with pytest.raises(Refused) as caught:
        world.exchange.intake("northcable")
    assert str(caught.value) == (
        "northcable describe: X402 Northcable changed what our mapping stands on: priority was (type picklist, values "
        "P1 | P2 | P3 | P4), is (type picklist, values P1 | P2 | P3).\n"
        "  Fix: nothing is read or written there meanwhile. Where mapping.yaml fits no more, correct it, then: "
        "casebridge describe northcable, casebridge check, casebridge resume --partner northcable --why ..."
    )
    for name in ("telvoz", "brightnet"):
        world.exchange.intake(name)
    held = world.exchange.deliver("northcable").held
    assert held.startswith("northcable was paused by hub at ")
    assert "X402 Northcable changed what our mapping stands on: priority was" in held
    assert writes(world, "northcable") == 0

    world.open("telvoz", "R-2", product="NET-100", holder="brightnet")
    for name in ("telvoz", "brightnet"):
        world.exchange.intake(name)
        world.exchange.deliver(name)
    assert [one.fields["Reference__c"] for one in world.records("brightnet")] == ["R-2"]

    resume(world, "northcable")  # without a word to the hub: it looks again, and stops again
    with pytest.raises(Refused, match="X402"):
        world.exchange.deliver("northcable")
    assert writes(world, "northcable") == 0

    way = {"conn_type": "casebridge_rest", "host": world.urls["northcable"]}
    login = {"login": "casebridge", "password": "bridge-secret"}
    monkeypatch.setenv("CASEBRIDGE_PARTNERS", str(tmp_path / "partners"))
    monkeypatch.setenv("AIRFLOW_CONN_NORTHCABLE", json.dumps(way | login))
    found = CliRunner().invoke(app, ["describe", "northcable"])
    assert found.exit_code == 0, found.output
    assert "- priority: type picklist, values P1 | P2 | P3 | P4" in found.output
    assert (kept := kept_in(tmp_path / "partners" / "northcable")) is not None
    assert kept.fields["priority"].values == ("P1", "P2", "P3")
    resume(world, "northcable")
    world.rest()
    assert world.records("northcable")[0].fields["details"] is None  # P4 has no place there any more: it is parked
    (parked,) = [row for row in world.ledger.parked() if row.partner == "northcable"]
    assert "Known: P1, P2, P3" in parked.message
    world.edit("telvoz", world.records("telvoz")[0], priority="medium")
    world.rest()
    assert world.records("northcable")[0].fields["details"] == "since yesterday"
    assert world.kinds().count("paused") == world.kinds().count("resumed") == 2


CHANGES: dict[str, list[tuple[str, dict[str, Any], str]]] = {
    "northcable": [
        ("state_reason", {"length": 200}, "state_reason was (type text, length 1000), is (type text, length 200)"),
        ("agent", {"required": True}, "agent was (type text, length 255), is (type text, length 255, required true)"),
        ("title", {"gone": True}, "title was (type text, length 255, required true), is not there"),
        ("product.code", {"type": "integer"}, "product.code was (type text, length 255), is (type integer)"),
    ],
    "telvoz": [
        (
            "estado",
            {"values": ("Registrado", "En curso", "Cerrado")},
            "is (type lista, required true, values Registrado",
        ),
        ("motivo", {"length": 100}, "motivo was (type texto, length 1000), is (type texto, length 100)"),
        ("agente", {"gone": True}, "agente was (type texto, length 255), is not there"),
    ],
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_with_which_the_mapping_does_not_fit_is_found_within_one_run(name: str, looked_at: World) -> None:
    world = looked_at
    as_it_was = world.stores[name].vocabulary
    for field, to, said in CHANGES[name]:
        world.change(name, field, **to)
        sent = writes(world, name)
        with pytest.raises(Refused) as caught:
            world.exchange.deliver(name)
        assert caught.value.code == "X402"
        assert said in str(caught.value)
        assert writes(world, name) == sent
        world.end(name)
        world.begin(name, as_it_was)
        resume(world, name)
        assert world.exchange.deliver(name).held == ""


def test_changes_that_harm_nothing_stop_nobody(looked_at: World) -> None:
    world, before = looked_at, looked_at.kinds().count("paused")
    for field, to in [
        ("state_reason", {"length": 2000}),
        ("title", {"label": "What it is about"}),
        ("priority", {"values": ("P0", "P1", "P2", "P3", "P4")}),  # a record that bears P0 waits by itself
        ("sub_state", {"gone": False, "label": "x"}),
    ]:
        world.change("northcable", field, **to)
        world.open("telvoz", f"R-{field}", product="CABLE-TV", holder="northcable")
        world.rest()
        assert [one.fields["reference"] for one in world.records("northcable")][-1] == f"R-{field}"
    assert world.kinds().count("paused") == before


def described(change: Callable[[dict[str, Any]], None], asked: list[str]) -> Any:
    """Meddles with what the org tells of its fields."""

    async def meddle(one: Asked, through: Through) -> Answer:
        answer = await through(one)
        if not one.path.endswith("/sobjects/Case/describe"):
            return answer
        asked.append(one.path)
        told = json.loads(answer.body)
        change({field["name"]: field for field in told["fields"]})
        return Answer(200, told)

    return meddle


def test_an_orgs_restricted_picklist_that_lost_a_word_stops_it_and_it_is_asked_once_in_watch_seconds(
    looked_at: World,
) -> None:
    world = looked_at
    world.later(901)
    asked: list[str] = []
    world.fronts["brightnet"].meddle = described(lambda fields: None, asked)
    for _ in range(3):
        world.round()
    assert len(asked) == 1
    world.fronts["brightnet"].meddle = described(lambda fields: fields["Status"]["picklistValues"].pop(), asked)
    world.later(880)
    world.round()
    assert len(asked) == 1
    world.later(30)
    with pytest.raises(Refused, match=r"X402 Brightnet changed what our mapping stands on: Status was \(type picklist"):
        world.round()
    assert len(asked) == 2


def test_who_does_not_tell_his_fields_is_not_stopped(world_of: Callable[..., World]) -> None:
    world = world_of(
        northcable=lambda system: system.model_copy(update={"describe": None}),
        brightnet=lambda system: system.model_copy(update={"watch": 0}),
    )

    async def hidden(one: Asked, through: Through) -> Answer:
        forbidden = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}]
        return Answer(403, forbidden) if one.path.endswith("/describe") else await through(one)

    world.fronts["brightnet"].meddle = hidden
    world.open("northcable", "R-1", product="NET-100", holder="brightnet")
    world.rest()
    assert [one.fields["Reference__c"] for one in world.records("brightnet")] == ["R-1"]
