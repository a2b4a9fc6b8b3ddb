"""A word that a partner no longer takes, one of its own that nobody knows, a field that it requires now: one case waits
for a person after one try, with the reason, and the others flow.

Over the sandbox's own servers, between two looks at their descriptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import System
from sandbox.companies import brightnet_ids
from sandbox.hostile.alliance import World, alliance
from sandbox.words import COMPANIES, field, word

EDGES = [("northcable", "telvoz", "TEL-HOME"), ("telvoz", "northcable", "CABLE-TV"), ("telvoz", "brightnet", "NET-100")]
LAST = {"northcable": "P4", "telvoz": "4 - Baja", "brightnet": "Низкий"}


def unwatched(system: System) -> System:
    """Nothing is found out by looking at their fields: all happens between two looks."""
    return system.model_copy(update={"watch": 1e9})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with alliance(tmp_path_factory.mktemp("alliance"), **dict.fromkeys(COMPANIES, unwatched)) as world:
        world.rest()
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """The alliance; afterwards every company is as it was."""
    words = {name: store.vocabulary for name, store in running.stores.items()}
    yield running
    for name in COMPANIES:
        if running.stores[name].vocabulary is not words[name]:
            running.end(name)
            running.begin(name, words[name])


def references(world: World, name: str, prefix: str) -> list[str]:
    """The references of a company's records that begin so, sorted; a doubled one stands twice."""
    found = [str(one.fields[field(name, "reference")]) for one in world.records(name)]
    return sorted(one for one in found if one.startswith(prefix))


@pytest.mark.parametrize(("giver", "receiver", "product"), EDGES)
def test_a_word_that_they_no_longer_take_parks_its_case_after_one_try_and_the_rest_flows(
    world: World, giver: str, receiver: str, product: str
) -> None:
    name, lost = field(receiver, "priority"), LAST[receiver]
    kept = tuple(one for one in world.field(receiver, name).values if one != lost)
    world.change(receiver, name, values=kept)
    said = {"product": product, "holder": receiver}
    world.open(giver, f"F{receiver}-0", priority="high", **said)
    low = world.open(giver, f"F{receiver}-1", priority="low", **said)
    world.open(giver, f"F{receiver}-2", priority="medium", **said)
    for _ in range(3):
        world.rest()
        world.later(250)
    assert references(world, receiver, f"F{receiver}") == [f"F{receiver}-0", f"F{receiver}-2"]
    (parked,) = [row for row in world.ledger.parked() if row.partner == receiver]
    assert parked.subject == "delivery"
    assert lost in parked.message
    assert f"Known: {', '.join(kept)}." in parked.message or receiver == "brightnet"  # it describes what it had
    assert tries(world, receiver, f"F{receiver}-1") == 1
    world.edit(giver, low, priority="high")
    world.rest()
    assert references(world, receiver, f"F{receiver}") == [f"F{receiver}-{n}" for n in range(3)]
    assert [row for row in world.ledger.parked() if row.partner == receiver] == []


def tries(world: World, name: str, reference: str) -> int:
    """How often a record with this reference was sent to be created."""
    return sum(
        reference.encode() in asked.body and (b"crearCaso" in asked.body or asked.method == "POST")
        for asked in world.fronts[name].asked
        if "/desk/" not in asked.path and "token" not in asked.path
    )


@pytest.mark.parametrize("name", COMPANIES)
def test_a_word_of_theirs_that_nobody_knows_parks_its_record_and_the_rest_flows(world: World, name: str) -> None:
    giver, receiver, product = {
        "northcable": ("northcable", "telvoz", "TEL-HOME"),
        "telvoz": ("telvoz", "northcable", "CABLE-TV"),
        "brightnet": ("brightnet", "northcable", "CABLE-TV"),
    }[name]
    status = field(name, "status")
    world.change(name, status, values=(*world.field(name, status).values, "Escalado"))
    known = world.open(giver, f"G{name}-known", product=product, holder=receiver)
    world.rest()
    strange = world.stores[name].create(
        {**_opened(name, f"G{name}-new", product, receiver), status: "Escalado"}, by="agent", desk=True
    )
    world.stores[name].edit(known.id, {status: "Escalado"}, by="agent", desk=True)
    world.open(giver, f"G{name}-other", product=product, holder=receiver)
    world.rest()
    assert references(world, receiver, f"G{name}") == [f"G{name}-known", f"G{name}-other"]
    parked = [row for row in world.ledger.parked() if row.partner == name and row.subject == "record"]
    assert {row.native_id for row in parked} == {native(world, name, known.id), native(world, name, strange.id)}
    for row in parked:
        assert "'Escalado'" in row.message
        assert f"mappings/partners/{name}/mapping.yaml:" in row.place
    world.edit(name, known, status="held")
    world.edit(name, strange, status="inProgress")
    world.rest()
    assert references(world, receiver, f"G{name}") == [f"G{name}-known", f"G{name}-new", f"G{name}-other"]
    assert [row for row in world.ledger.parked() if row.partner == name and row.subject == "record"] == []


def _opened(name: str, reference: str, product: str, holder: str) -> dict[str, Any]:
    told = {"title": reference, "reference": reference, "product": product}
    return {field(name, key): value for key, value in told.items()} | {
        field(name, "holder"): word(name, "holder", holder)
    }


def native(world: World, name: str, record_id: int) -> str:
    """A record's native id, as the connectors tell it."""
    record = world.stores[name].get(record_id)
    if name == "brightnet":
        return brightnet_ids.make("500", record.id)
    return str(record.id) if name == "northcable" else record.number


@pytest.mark.parametrize(("giver", "receiver", "product"), EDGES)
def test_a_field_that_became_required_parks_what_lacks_it_after_one_try_and_tells(
    world: World, giver: str, receiver: str, product: str
) -> None:
    world.change(receiver, field(receiver, "customer"), required=True)
    lacking = world.open(giver, f"H{receiver}-0", product=product, holder=receiver)
    world.open(giver, f"H{receiver}-1", product=product, holder=receiver, customer="Ana")
    for _ in range(3):
        world.rest()
        world.later(250)
    assert references(world, receiver, f"H{receiver}") == [f"H{receiver}-1"]
    (parked,) = [row for row in world.ledger.parked() if row.partner == receiver]
    assert (parked.subject, parked.case_id is not None) == ("delivery", True)
    assert field(receiver, "customer") in parked.message
    assert tries(world, receiver, f"H{receiver}-0") == 1
    world.edit(giver, lacking, customer="Luis")
    world.rest()
    assert references(world, receiver, f"H{receiver}") == [f"H{receiver}-0", f"H{receiver}-1"]
    assert [row for row in world.ledger.parked() if row.partner == receiver] == []
