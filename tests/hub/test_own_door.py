"""A company's own door: it sees its own log in its own numbers, and stops its own edges and no other's."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from hub import own_door, pausing
from hub.keys import Keyring
from hub.ledger import Ledger, engine_for
from hub.serve import partner
from hub.serve.partner import Companies

BASE = "https://care.example"


class Door:
    """A world, and its companies' doors on a socket."""

    def __init__(self, world: Any) -> None:
        self.world = world
        world.exchange = replace(world.exchange, alliance=replace(world.exchange.alliance, feedback_url=BASE))
        companies = Companies(world.ledger, world.exchange.alliance, world.clock, time.monotonic)
        app = FastAPI()
        app.include_router(partner.door(companies))
        self.server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="error"))
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)

    def link(self, name: str = "south", days: int = 90) -> str:
        token = own_door.token(self.world.ledger.keyring, name, self.world.clock() + timedelta(days=days))
        return f"{own_door.PATH}{token}"

    def say(self, link: str, does: str, who: str = "Ana", why: str = "we move house", **more: str) -> httpx.Response:
        mark = re.search(r'name="mark" value="(\w*)"', self.client.get(link).text)
        form = {"mark": mark[1] if mark else "", "does": does, "who": who, "why": why, **more}
        return self.client.post(link, data=form, headers={"sec-fetch-site": "same-origin", "origin": BASE})

    def held(self, name: str = "south") -> str:
        return str(self.world.exchange.intake(name).held)

    def close(self) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture(params=["sqlite", "postgresql"])
def door(request: pytest.FixtureRequest, tmp_path: Path, worlds: Any) -> Iterator[Door]:
    in_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'ledger.db'}" if in_file else request.getfixturevalue("new_database")()
    engine, keys = engine_for(url), engine_for(f"sqlite:///{tmp_path / 'keys.db'}")
    ledger = Ledger(engine, Keyring(keys, bytes(32)))
    ledger.upgrade()
    made = Door(worlds(ledger))
    yield made
    made.close()
    engine.dispose()
    keys.dispose()


def test_a_company_stops_its_own_edges_and_lets_them_go_on_with_who_and_why(door: Door) -> None:
    door.world.hand_over(title="No signal at Ann's")
    link = door.link()
    shown = door.client.get(link).text
    assert "S-1" in shown
    assert "delivered" in shown
    assert not [word for word in ("Ann", "N-1", "North", "East") if word in shown]  # nothing of a case or of another
    assert door.say(link, "stop").status_code == 200
    assert door.held().endswith(": we move house")
    assert "Ana (of south)" in door.held()
    assert "we move house" in door.client.get(link).text
    assert door.held("north") == ""
    assert door.say(link, "stop").status_code == 403  # it stands so already
    assert door.say(link, "go on", why="moved").status_code == 200
    assert door.held() == ""
    acts = [one for one in door.world.ledger.entries() if one.kind in ("paused", "resumed")]
    told = [(one.kind, one.detail["who"], one.detail["why"]) for one in acts]
    assert told == [("paused", "Ana (of south)", "we move house"), ("resumed", "Ana (of south)", "moved")]


def test_what_the_operator_stopped_only_he_lets_go_on(door: Door) -> None:
    with door.world.ledger.transaction(door.world.clock()) as tx:
        pausing.pause(tx, "partner", "south", "olga", "their disk is full")
    link = door.link()
    page = door.client.get(link).text
    assert "their disk is full" in page
    assert "<form" not in page
    mark = door.client.get(door.link("north")).text  # a mark of another link is none of this one's
    stolen = re.search(r'name="mark" value="(\w*)"', mark)
    assert stolen is not None
    assert door.say(link, "go on", mark=stolen[1]).status_code == 403
    assert "olga" in door.held()


def test_a_link_is_good_for_its_company_and_its_time_and_not_to_be_made(door: Door) -> None:
    link = door.link()
    assert door.client.get(link).status_code == 200
    assert door.client.get(link[:-2] + ("A" if link[-2] != "A" else "B") + link[-1]).status_code == 404
    assert door.client.get(f"{own_door.PATH}south").status_code == 404
    assert door.client.get(door.link("nobody")).status_code == 404
    door.world.later(timedelta(days=91).total_seconds())
    assert door.client.get(link).status_code == 410
    assert door.say(link, "stop").status_code == 410
    with door.world.ledger.transaction(door.world.clock()) as tx:
        pausing.leave(tx, "south", "olga", "they sold the company")
    assert door.client.get(door.link()).status_code == 410
    assert door.held().startswith("south left the alliance")


def test_another_site_cannot_say_it_and_nobody_says_it_without_who_and_why(door: Door) -> None:
    link = door.link()
    form = {"mark": "x", "does": "stop", "who": "Ana", "why": "x"}
    assert door.client.post(link, data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert door.client.post(link, json=form, headers={"sec-fetch-site": "same-origin"}).status_code == 415
    missing = door.say(link, "stop", who=" ")
    assert (missing.status_code, "Please say who you are, and why." in missing.text) == (422, True)
    assert door.held() == ""
    script = door.say(link, "stop", why="<script>alert(1)</script>").text
    assert "<script>" not in script
    assert "&lt;script&gt;" in script


def test_it_speaks_the_companys_language_or_the_one_that_is_chosen(door: Door) -> None:
    assert "Su intercambio con la alianza" in door.client.get(door.link() + "?lang=es").text
    assert 'lang="en"' in door.client.get(door.link()).text
