"""Many records a call, over the sandbox's own servers with somebody in front of them: one of two hundred fails, or all
are rolled back. What failed is tried again and nothing else, and none is doubled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.base import System
from connectors.rest_system import RestSystem
from sandbox.hostile.alliance import World, alliance
from sandbox.hostile.answers import Asked
from sandbox.hostile.front import Answer, Through, leave
from sandbox.words import COMPANIES, field

MANY = 200
FEW = 30
COMPOSITE = "/services/data/v60.0/composite"
COLLECTION = f"{COMPOSITE}/sobjects"
BATCH = "/api/tickets/batch"


def unwatched(system: System) -> System:
    """Nothing is found out by looking at their fields: all happens between two looks."""
    return system.model_copy(update={"watch": 1e9})


def in_batches(system: System) -> System:
    batch = {"path": BATCH, "most": MANY, "wrap": "tickets", "record": "ticket"}
    return RestSystem.model_validate(unwatched(system).model_dump() | {"create_batch": batch})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("alliance")
    with alliance(folder, northcable=in_batches, telvoz=unwatched, brightnet=unwatched) as world:
        world.rest()
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """The alliance, nobody in front of it."""
    for front in running.fronts.values():
        front.asked.clear()
    yield running
    for name in COMPANIES:
        running.fronts[name].meddle = leave


def references(world: World, name: str, prefix: str) -> list[str]:
    """The references of a company's records that begin so, sorted; a doubled one stands twice."""
    found = [str(one.fields[field(name, "reference")]) for one in world.records(name)]
    return sorted(one for one in found if one.startswith(prefix))


def many(world: World, receiver: str, product: str, prefix: str, count: int = FEW) -> list[str]:
    """So many cases that go to another company, read by the hub and owed."""
    with world.stores["telvoz"].together():
        for n in range(count):
            world.open("telvoz", f"{prefix}{n:03}", product=product, holder=receiver)
    world.exchange.intake("telvoz")
    return [f"{prefix}{n:03}" for n in range(count)]


def batch_in(asked: Asked, told: Any) -> dict[str, Any] | None:
    """The part of a call's body that holds what is to be created: of Salesforce's, alone or among others."""
    if asked.method != "POST":
        return None
    if asked.path == COMPOSITE:
        parts = told["compositeRequest"]
        bodies = [one["body"] for one in parts if (one["method"], one["url"]) == ("POST", COLLECTION)]
        return bodies[0] if bodies else None
    return told if asked.path in (COLLECTION, BATCH, "/api/tickets") else None


def created(asked: Asked) -> list[dict[str, Any]]:
    """The records that a call is to create."""
    told = batch_in(asked, json.loads(asked.body)) if asked.body.startswith(b"{") else None
    if told is None:
        return []
    found = told.get("records", told.get("tickets", [told]))
    return [one for one in found if one.get("attributes", {"type": "Case"})["type"] == "Case"]


def answered(asked: Asked, results: list[Any], told: Any = None) -> Answer:
    """The answer to a call whose batch had these results. told: the company's own, None where it was not asked."""
    if asked.path == COLLECTION:
        return Answer(200, results)
    if asked.path != COMPOSITE:
        return Answer(200, {"results": results})
    nothing = {"totalSize": 0, "done": True, "records": []}
    parts = [one["referenceId"] for one in json.loads(asked.body)["compositeRequest"]]
    whole = [{"httpStatusCode": 200, "referenceId": one, "body": nothing} for one in parts]
    told = told or {"compositeResponse": whole}
    told["compositeResponse"][0]["body"] = results
    return Answer(200, told)


def results_of(asked: Asked, told: Any) -> list[Any]:
    """The results of a batch in the company's answer."""
    if asked.path == COMPOSITE:
        told = told["compositeResponse"][0]["body"]
    found: list[Any] = told if isinstance(told, list) else told["results"]
    return found


def sizes(world: World, name: str) -> list[int]:
    """How many records each of the company's create calls carried."""
    return [len(found) for asked in world.fronts[name].asked if (found := created(asked))]


def refusing_one(at: int, result: dict[str, Any], times: list[int]) -> Any:
    """Of a call with many records all but one go through; that one, and a call with it alone, is answered `result`.
    times: counted down; at zero nothing is meddled with any more."""
    spoilt: list[str] = []

    async def meddle(asked: Asked, through: Through) -> Answer:
        rows = created(asked)
        key = "hub_case" if asked.path.startswith("/api/") else "Hub_Case__c"
        if len(rows) > 1 and not spoilt:
            spoilt.append(rows[at][key])
        if not times[0] or not any(row[key] in spoilt for row in rows):
            return await through(asked)
        times[0] -= 1
        kept = [row for row in rows if row[key] not in spoilt]
        if not kept:
            return answered(asked, [result])
        body = json.loads(asked.body)
        part = batch_in(asked, body)
        assert part is not None
        part["records" if "records" in part else "tickets"] = kept
        told = json.loads((await through(replace(asked, body=json.dumps(body).encode()))).raw())
        results = results_of(asked, told)
        results.insert(at, result)
        return answered(asked, results, told)

    return meddle


def locked() -> dict[str, Any]:
    error = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}
    return {"success": False, "errors": [error]}


def test_of_two_hundred_rows_the_one_that_is_locked_is_tried_again_alone(world: World) -> None:
    wanted = many(world, "brightnet", "NET-100", "A-", MANY)
    times = [2]
    world.fronts["brightnet"].meddle = refusing_one(77, locked(), times)
    done = world.exchange.deliver("brightnet")
    assert (done.delivered, done.retry, done.parked, done.unknown) == (MANY, 0, 0, 0)
    assert sizes(world, "brightnet") == [MANY, 1, 1]
    assert references(world, "brightnet", "A-") == wanted


def test_one_that_stays_locked_is_owed_and_goes_alone_later(world: World) -> None:
    wanted = many(world, "brightnet", "NET-100", "B-")
    world.fronts["brightnet"].meddle = refusing_one(0, locked(), [5])
    done = world.exchange.deliver("brightnet")
    assert (done.delivered, done.retry, done.parked) == (FEW - 1, 1, 0)
    assert sizes(world, "brightnet") == [FEW, 1, 1, 1, 1]
    world.later(700)
    assert world.exchange.deliver("brightnet").delivered == 1
    assert sizes(world, "brightnet") == [FEW, 1, 1, 1, 1, 1]
    assert references(world, "brightnet", "B-") == wanted


def test_of_a_rest_batch_the_one_that_failed_is_looked_for_and_sent_again_alone(world: World) -> None:
    wanted = many(world, "northcable", "CABLE-TV", "C-", MANY)
    world.fronts["northcable"].meddle = refusing_one(199, {"status": 503, "error": {"code": "busy"}}, [1])
    done = world.exchange.deliver("northcable")
    assert (done.delivered, done.unknown, done.parked) == (MANY - 1, 1, 0)
    assert sizes(world, "northcable") == [MANY]
    world.later(700)
    assert world.exchange.deliver("northcable").delivered == 1
    assert sizes(world, "northcable") == [MANY, 1]
    assert references(world, "northcable", "C-") == wanted


def test_an_org_that_rolls_a_whole_collection_back_gets_all_of_it_again(world: World) -> None:
    wanted = many(world, "brightnet", "NET-100", "D-")
    first = [True]

    async def rolled_back(asked: Asked, through: Through) -> Answer:
        rows = created(asked)
        if not rows or not first:
            return await through(asked)
        first.clear()
        told = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "Record rolled back", "fields": []}
        return answered(asked, [{"success": False, "errors": [told]} for _ in rows])

    world.fronts["brightnet"].meddle = rolled_back
    done = world.exchange.deliver("brightnet")
    assert (done.delivered, done.retry, done.parked) == (0, FEW, 0)
    assert references(world, "brightnet", "D-") == []
    world.later(700)
    assert world.exchange.deliver("brightnet").delivered == FEW
    assert sizes(world, "brightnet") == [FEW, FEW]
    assert references(world, "brightnet", "D-") == wanted


@pytest.mark.parametrize("applied", [False, True], ids=["rolled back", "applied all the same"])
def test_a_rest_batch_that_fails_whole_is_sent_again_but_for_what_was_made(world: World, applied: bool) -> None:
    prefix = f"E{applied}-"
    wanted = many(world, "northcable", "CABLE-TV", prefix)
    first = [True]

    async def fails(asked: Asked, through: Through) -> Answer:
        if not created(asked) or not first:
            return await through(asked)
        first.clear()
        if applied:
            await through(asked)
        return Answer(500, {"error": {"code": "internal", "message": "transaction rolled back"}})

    world.fronts["northcable"].meddle = fails
    done = world.exchange.deliver("northcable")
    assert (done.delivered, done.unknown, done.parked) == (0, FEW, 0)
    world.later(700)
    world.exchange.deliver("northcable")
    assert sizes(world, "northcable") == ([FEW] if applied else [FEW, FEW])
    assert references(world, "northcable", prefix) == wanted
