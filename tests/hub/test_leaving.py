"""A company leaves: its cases have an owner at each instant, its access ends, its data goes with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub import leaving, pausing, showing
from hub.acting import By, CannotDo
from hub.cli import app
from hub.erasure import asked
from hub.leaving import leave, plan
from hub.promises import watch
from hub.state import case_id_of
from hub.succession import Heirs
from mappings.case import ENDED
from simulated.laws import answered_for

BY = By("ann", "they were bought")
HEIRS = Heirs("north", "north")


class Killed(Exception):
    """The process is no more."""


def lived(world: Any) -> dict[str, str]:
    """South with a case of each kind: what it is to it -> its id in the hub. East was never given `own` or `solved`."""
    north, south, east = (world.stores[name] for name in ("north", "south", "east"))
    made = {
        "solved": case_id_of("north", north.create({"title": "solved", "state": "Open", "company": "South"})),
        "offered": case_id_of("north", north.create({"title": "offered", "state": "Open", "company": "South"})),
        "from east": case_id_of("east", east.create({"title": "from east", "state": "Open", "company": "South"})),
        "own": case_id_of("south", south.create({"title": "own", "state": "Open"})),
        "alone": case_id_of("south", south.create({"title": "alone", "state": "Withdrawn"})),
        "giving": case_id_of("south", south.create({"title": "giving", "state": "Open", "company": "East"})),
    }
    world.rest()
    for body in south.bodies():
        if body["title"] in {"solved", "from east"}:
            south.edit(str(body["id"]), {"details": "we look into it", "state": "Waiting"})
    south.note(next(str(b["id"]) for b in south.bodies() if b["title"] == "solved"), "ours", "partners")
    world.rest()
    owner = {name: world.ledger.case(case_id).accountable for name, case_id in made.items()}
    assert owner == {"solved": "south", "offered": "north", "from east": "south", "own": "south", "alone": "south",
                     "giving": "south"}  # fmt: skip
    return made


def owed_to_south(world: Any) -> None:
    """Something that was not carried yet."""
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.exchange.intake("north")


def test_it_can_be_killed_anywhere_and_each_case_has_an_owner_throughout(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = lived(world)
    owed_to_south(world)
    agreement = world.exchange.alliance.agreement
    ways = tuple(edge for edge in agreement.edges if edge.id != "south-north")  # nothing leads from east's to north
    alliance = replace(world.exchange.alliance, agreement=agreement.model_copy(update={"edges": ways}))
    before = plan(world.ledger, alliance, "south", HEIRS, world.clock())
    assert (before.owners, before.contacts) == ({"north": 3, "east": 1}, {"north": 2})
    assert (before.returned, before.withdrawn, before.already) == (1, 1, False)
    assert [e.kind for e in world.ledger.entries()].count("left") == 0
    monkeypatch.setattr(leaving, "PAGE", 2)
    for calls in range(1, 100):
        left = iter(range(calls))

        def dying(left: Iterator[int] = left) -> datetime:
            if next(left, None) is None:
                raise Killed
            return world.clock()  # type: ignore[no-any-return]

        try:
            leave(world.ledger, alliance, "south", HEIRS, BY, dying)
        except Killed:
            assert not list(answered_for(world.ledger.entries(), world.stores))
            continue
        break
    assert calls > 5
    log = list(world.ledger.entries())
    assert not list(answered_for(log, world.stores))
    assert [dict(e.detail) for e in log if e.kind == "left"] == [
        {"to": "north", "contact": "north", "who": "ann", "why": "they were bought"}
    ]
    moved = [
        (e.case_id, e.detail["role"], e.partner, e.detail["who"], e.detail["left"])
        for e in log
        if e.kind == "succeeded"
    ]
    to_north = [(made[name], "accountable", "north", "ann", "south") for name in ("solved", "own", "giving")]
    to_north += [(made[name], "contactPoint", "north", "ann", "south") for name in ("own", "giving")]
    assert sorted(moved) == sorted([*to_north, (made["from east"], "accountable", "east", "ann", "south")])
    (back,) = [e for e in log if e.kind == "refused"]
    assert (back.case_id, back.holder, back.detail["how"], back.detail["who"]) == (
        made["offered"],
        "north",
        "withdrawn",
        "ann",
    )
    assert world.ledger.case(made["giving"]).holder == "east"  # what was offered stands offered
    assert leave(world.ledger, alliance, "south", HEIRS, BY, world.clock).already
    assert list(world.ledger.entries()) == log  # twice is once
    assert world.ledger.broken_at() is None


def test_its_access_ends_and_the_others_go_on_without_it(world: Any) -> None:
    made = lived(world)
    owed_to_south(world)
    leave(world.ledger, world.exchange.alliance, "south", HEIRS, BY, world.clock)
    south, north = world.stores["south"], world.stores["north"]
    stood, writes = {b["id"]: dict(b) for b in south.bodies()}, south.writes
    south.edit("1", {"details": "we still write"})
    north.edit("1", {"details": "north goes on"})
    world.rest()
    held = world.exchange.intake("south").held
    assert held.startswith("south left the alliance at 2026-03-01")
    assert held.endswith("says ann: they were bought")
    assert world.exchange.deliver("south").held == held
    assert south.writes == writes + 1
    assert {body["id"] for body in south.bodies()} == stood.keys()
    titles = {body["title"]: body for body in north.bodies()}
    assert titles.keys() >= {"solved", "offered", "from east", "own", "giving"}  # north got what it answers for now
    assert (titles["solved"]["company"], titles["own"]["contact"]) == ("North", "North")
    assert titles["solved"]["details"] == "north goes on"
    east = {body["title"]: body for body in world.stores["east"].bodies()}
    assert (east["from east"]["company"], east["from east"]["accountable"]) == ("North", "North")
    assert world.ledger.deliveries(("owed", "claimed", "unknown", "parked")) == []
    # no edge leads to it any more
    fresh = north.create({"title": "fresh", "state": "Open", "company": "South"})
    world.rest()
    assert world.ledger.case(case_id_of("north", fresh)).holder == "north"
    assert north.body(fresh)["company"] == "North"
    # what was ended then and is worked on again goes to the same owner
    with world.ledger.transaction(world.clock()) as tx:
        case = tx.case(made["alone"])
        tx.keep_case(replace(case, values={**case.values, "status": "inProgress"}))
        tx.append("reopened", tx.case(made["alone"]), "south", detail={})
        assert not pausing.resume(tx, "partner", "south", "bob", "come back")
    watch(world.ledger, world.exchange.alliance.agreement, world.clock, world.exchange.alliance)
    assert world.ledger.case(made["alone"]).accountable == "north"
    assert not list(answered_for(world.ledger.entries(), world.stores))


def test_its_data_goes_with_it_and_is_left_nowhere_with_receipts(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = lived(world)
    owed_to_south(world)
    monkeypatch.setattr(showing, "exchange_here", lambda: world.exchange)
    monkeypatch.setenv("COLUMNS", "200")
    run: Callable[..., str] = lambda *given: _run("partner", *given)  # noqa: E731
    asking = ("leave", "south", "--by", "ann", "--why", "they were bought")
    assert "X502 there is no partner 'west'" in run("leave", "west", "--to", "north")
    assert "X541 'nroth' is no company of the agreement.\n  Known: east, north. Did you mean 'north'?" in run(
        *asking, "--to", "nroth"
    )
    assert "X541 south is the company that leaves" in run(*asking, "--to", "south")
    assert "X542 South is the contact point of 2 open cases, and nobody is named" in run(*asking, "--to", "north")
    with world.ledger.transaction(world.clock()) as tx:
        pausing.pause(tx, "partner", "east", "bob", "they move")
    assert "X541 nothing can be handed to east now: east was paused by bob" in run(*asking, "--to", "east")
    assert "X505 nobody says why" in run("leave", "south", "--to", "north", "--contact-point", "north")
    assert "X544 south did not leave" in run("erased", "south", "--why", "x")
    head = world.ledger.head()
    shown = run("leave", "south", "--to", "north", "--contact-point", "north", "--dry-run")
    assert shown.splitlines()[0] == "South would leave the alliance."
    assert "4 open cases that it answered for: 4 to North" in shown
    assert "2 open cases that it was the contact point of: 2 to North" in shown
    assert "1 case offered to it: back to who offered it" in shown
    assert "1 delivery withdrawn" in shown
    assert world.ledger.head() == head
    path = tmp_path / "out" / "south.jsonl"
    done = run(*asking, "--to", "north", "--contact-point", "north", "--export", str(path), "--erase")
    assert "6 cases and" in done
    assert "1 case that nobody else has, 5 records of others; its people are asked to remove 5 there" in done
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    cases = {line["values"]["name"]: line for line in lines if line["line"] == "case"}
    assert cases.keys() == {"solved", "offered", "from east", "own", "alone", "giving"}
    assert [note["text"] for note in cases["solved"]["notes"]] == ["ours"]
    assert cases["solved"]["values"].get("priority") is None  # north's later word had not reached it, and does not now
    assert {line["what"] for line in lines if line["line"] == "log"} >= {"delivered", "withdrawn"}
    assert path.stat().st_mode & 0o077 == 0
    assert world.ledger.case(made["alone"]) is None
    assert all(link.partner != "south" for case_id in made.values() for link in world.ledger.links(case_id))
    assert [row.code for row in world.ledger.parked() if row.partner == "south"] == ["X543"]
    assert "South: 5 receipts." in run("erased", "south", "--by", "bob", "--why", "told by their desk")
    receipts = [e for e in world.ledger.entries() if e.kind == "erased" and e.partner == "south"]
    assert {(e.detail["how"], e.detail["who"]) for e in receipts} == {("confirmed", "bob")}
    assert len(receipts) == 5
    with world.ledger.look(world.clock()) as tx:
        assert asked(tx, "planned", "waiting") == []
    assert world.ledger.parked() == []
    assert "X532 nothing waits for south to be erased" in run("erased", "south", "--why", "x")
    world.rest()
    assert world.ledger.broken_at() is None
    open_ones = [case for case in world.ledger.cases() if case.status not in ENDED]
    assert {case.accountable for case in open_ones} == {"north"}


def _run(*given: str) -> str:
    done = CliRunner().invoke(app, given)
    return done.output + (str(done.exception) if isinstance(done.exception, CannotDo) else "")
