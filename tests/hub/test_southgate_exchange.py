"""Cases between Northcable and Southgate, whose rpc/encoded service is spoken to by its declaration alone: the exchange
itself, a ledger, two real servers. Answers are lost, sessions end, waits are asked for; each case stands there once.
"""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML

from connectors.base import Connector, Credentials
from connectors.errors import Throttled, Unreachable
from connectors.kinds import connect
from connectors.soap_system import SoapSystem
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.partners import load_partners
from hub.spool import Spool
from sandbox.companies import northcable_api
from sandbox.companies.northcable import VOCABULARY
from sandbox.companies.rows import Record
from sandbox.companies.run import serving
from sandbox.companies.store import Store
from southgate import FOLDER, LOGIN, southgate, trouble

ROOT = Path(__file__).parents[2]
NAMES = ("northcable", "southgate")
AGREED: dict[str, Any] = {
    "version": "2026-11",
    "effective": "2026-11-01",
    "partners": {"northcable": {"title": "Northcable"}, "southgate": {"title": "Southgate"}},
    "sharing": {
        "standard": {
            "fields": ["name", "description", "priority", "status", "relatedParty.customer.name"],
            "notes": ["partners", "customer"],
            "attachments": ["partners", "customer"],
        }
    },
    "edges": [
        {"id": "south", "from": "northcable", "to": "southgate"},
        {"id": "north", "from": "southgate", "to": "northcable"},
    ],
}


@dataclass
class World:
    """The two companies and the hub, whose clock is in our hands."""

    store: Store
    urls: dict[str, str]
    alliance: Alliance
    ledger: Ledger
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.ledger, self.alliance, self.connect, self.clock)

    def clock(self) -> datetime:
        self.now += timedelta(microseconds=100)
        return self.now

    def connect(self, name: str) -> Connector:
        credentials = Credentials(self.urls[name], *LOGIN)
        return connect(self.alliance.partners[name].system, credentials, clock=self.clock, sleep=lambda _: None)

    def rest(self) -> None:
        """Until nobody is owed anything; what is to be tried later is tried, the clock moves on."""
        for _ in range(40):
            for name in NAMES:
                for step in (self.exchange.intake, self.exchange.deliver):
                    try:
                        step(name)
                    except (Throttled, Unreachable):
                        self.now += timedelta(seconds=150)
            if not self.ledger.deliveries(("owed", "claimed", "unknown")):
                return
            self.now += timedelta(seconds=150)
        raise AssertionError(self.ledger.deliveries(("owed", "claimed", "unknown")))

    def open(self, **said: Any) -> Record:
        """A case of Northcable's, handed to Southgate; its picklist has no such word, so it says Telvoz."""
        told = {"title": "No signal", "state": "Open", "assigned_company": "Telvoz", **said}
        return self.store.create(told, by="agent", desk=True)

    def south(self) -> list[dict[str, Any]]:
        """Southgate's incidents, as the connector reads them."""
        with ExitStack() as stack:
            connector = self.connect("southgate")
            stack.callback(connector.close)
            found = {one.native_id: dict(one.body) for page in connector.pull(None) for one in page.records}
        return list(found.values())

    def act(self, *actions: dict[str, Any]) -> None:
        """What Southgate's agents do."""
        answer = requests.post(f"{self.urls['southgate']}/desk/api/actions", json={"actions": actions}, timeout=10)
        assert not [one for one in answer.json()["results"] if "error" in one], answer.text


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    declared = tmp_path / "partners"
    shutil.copytree(FOLDER, declared / "southgate")
    shutil.copytree(ROOT / "mappings" / "partners" / "northcable", declared / "northcable")
    mapping = declared / "northcable" / "mapping.yaml"
    text = mapping.read_text(encoding="utf-8")
    assert text.count("Telvoz: telvoz, ") == 1
    mapping.write_text(text.replace("Telvoz: telvoz, ", "Telvoz: southgate, "), encoding="utf-8")
    yaml = YAML(typ="safe")
    whole = yaml.load(declared / "southgate" / "system.yaml") | yaml.load(declared / "southgate" / "in-a-session.yaml")
    more = {"first_contact": {"guard": "none"}, "deadline": 2.0, "watch": 1e9, "concurrency": 4}
    (declared / "southgate" / "system.yaml").write_text(json.dumps(whole | more), encoding="utf-8")
    partners = load_partners(declared)
    assert isinstance(partners["southgate"].system, SoapSystem)
    ledger = Ledger.in_memory()
    spool = Spool(tmp_path / "spool", ledger.keyring)
    store = Store(tmp_path / "northcable.db", VOCABULARY)
    flags = {"auth": "session", **getattr(request, "param", {})}
    with southgate(tmp_path, **flags) as south, serving(northcable_api.application(store, rate=0)) as north:
        alliance = Alliance(partners, Agreement.model_validate(AGREED), spool)
        made = World(store, {"northcable": north, "southgate": south}, alliance, ledger)
        yield made
        made.exchange.close()
    store.close()


def test_whatever_befalls_the_calls_each_case_stands_there_once_and_says_the_same(world: World) -> None:
    opened = [world.open(title=f"Case <{n}> & co", details=f"señal {n}\nsecond line") for n in range(40)]
    befalls = ("", "", "", "no answer", "expire", "half", "", "502", "fault in 200", "", "429", "", "503", "expire")
    trouble(world.urls["southgate"], *befalls * 3)
    world.rest()
    assert trouble(world.urls["southgate"]) >= 3, "sessions ended in the middle"
    south = {one["short_description"]: one for one in world.south()}
    assert len(world.south()) == 40
    for record in opened:
        one = south[str(record.fields["title"])]
        assert (one["description"], one["state"], one["u_contact_point"]) == (
            record.fields["details"],
            "In Progress",
            "NORTHCABLE",
        )
    assert world.ledger.parked() == []
    before = len(list(world.ledger.entries()))
    world.rest()
    assert len(list(world.ledger.entries())) == before, "and at rest it is quiet"


def test_what_southgates_agents_do_comes_back_with_its_comments_and_files(world: World) -> None:
    record = world.open()
    world.rest()
    (one,) = world.south()
    picture = bytes(range(256)) * 3000
    shelf = {"name": "line.png", "type": "image/png", "base64": b64encode(picture).decode()}
    world.act(
        {"op": "edit", "number": one["number"], "fields": {"state": "Resolved", "assigned_to": "Lucy"}},
        {"op": "note", "number": one["number"], "text": "The line was cut.", "audience": "comments", "author": "Lucy"},
        {"op": "note", "number": one["number"], "text": "Calls at night.", "audience": "work_notes", "author": "Lucy"},
        {"op": "attach", "number": one["number"], "audience": "comments", **shelf},
    )
    world.rest()
    there = world.store.get(record.id)
    assert (there.fields["state"], there.fields["assigned_number"]) == ("Solved", one["number"])
    (note,) = there.notes
    assert note.text.startswith("The line was cut.\n\n— Lucy, Southgate [")
    (filed,) = there.files
    assert world.store.file(record.id, filed.id)[1].read_bytes() == picture
    assert world.ledger.parked() == []


@pytest.mark.parametrize("world", [{"ignores": "priority"}], indirect=True)
def test_a_value_that_southgate_leaves_as_it_is_is_put_before_a_person(world: World) -> None:
    record = world.open(priority="P2")
    world.rest()
    world.store.edit(record.id, {"priority": "P1", "details": "worse now"}, by="agent", desk=True)
    world.rest()
    (one,) = world.south()
    assert (one["priority"], one["description"]) == ("2 - High", "worse now")
    assert [row.code for row in world.ledger.parked()] == ["X303"]
