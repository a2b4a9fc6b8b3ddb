"""Cases between the three sandbox companies: real servers on sockets, the production exchange, a ledger on disk."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.describing import NAME, kept_of, written
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import Company, Desk, companies, connections
from sandbox.words import COMPANIES, field, fields, shown, word

pytestmark = pytest.mark.journey
NUMBER = {"northcable": "number", "telvoz": "numero", "brightnet": "CaseNumber"}
FREE = dict.fromkeys(COMPANIES, 0)


@dataclass
class Alliance:
    """The companies' desks, and the hub between them."""

    desks: dict[str, Desk]
    exchange: Exchange
    home: Path

    def open(self, company: str, reference: str, **said: Any) -> str:
        told = {"title": f"Case {reference}", "reference": reference, "status": "inProgress", **said}
        (result,) = self.desks[company].act([{"op": "create", "fields": fields(company, told)}])
        return str(result["number"])

    def edit(self, company: str, reference: str, **said: Any) -> None:
        number = self.body(company, reference)[NUMBER[company]]
        self.desks[company].act([{"op": "edit", "number": number, "fields": fields(company, said)}])

    def note(self, company: str, reference: str, text: str, audience: str) -> None:
        number = self.body(company, reference)[NUMBER[company]]
        act = {"op": "note", "number": number, "text": text, "audience": word(company, "audience", audience)}
        self.desks[company].act([{**act, "author": "Ana López"}])

    def body(self, company: str, reference: str) -> dict[str, Any]:
        (found,) = self.desks[company].cases(field(company, "reference"), [reference])
        return found

    def bodies(self, company: str, reference: str) -> list[dict[str, Any]]:
        return self.desks[company].cases(field(company, "reference"), [reference])

    def says(self, company: str, reference: str, key: str) -> Any:
        return shown(company, self.body(company, reference), key)

    def accountable(self, company: str, number: str) -> str:
        numbered = self.exchange.ledger.cases(search=number)
        (row,) = [
            row for row in numbered if any((link.partner, link.number) == (company, number) for link in row.links)
        ]
        return row.accountable

    def notes(self, company: str, reference: str) -> list[str]:
        body = self.body(company, reference)
        if company == "northcable":
            return [note["body"] for note in body["comments"]]
        if company == "telvoz":
            return [note["texto"] for note in body["notas"]["nota"]] if body["notas"] else []
        return [note["CommentBody"] for note in body["CaseComments"]]

    def carry(self) -> None:
        for name in COMPANIES:
            self.exchange.intake(name)
        for _ in range(6):
            if not any(self.exchange.deliver(name).sent for name in COMPANIES):
                return

    def rest(self) -> None:
        self.carry()
        self.carry()


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alliance]:
    home = tmp_path_factory.mktemp("alliance")
    with companies(home, FREE) as running:
        made = Alliance({name: Desk(company) for name, company in running.items()}, hub(home, running), home)
        yield made
        made.exchange.close()
        made.exchange.ledger.engine.dispose()
        for desk in made.desks.values():
            desk.close()


def hub(home: Path, running: dict[str, Company]) -> Exchange:
    environ = {**os.environ, "CASEBRIDGE_HOME": str(home), **connections(running)}
    settings = Settings.from_environment(environ)
    resolve = lambda conn_id: from_environment(conn_id, environ)  # noqa: E731  one line, one use
    return assemble(Ledger.open(settings), load_alliance(settings), resolve, wall_clock)


EDGES = [
    ("northcable", "telvoz", "TEL-HOME"),
    ("northcable", "brightnet", "NET-100"),
    ("telvoz", "northcable", "CABLE-TV"),
    ("telvoz", "brightnet", "NET-1000"),
    ("brightnet", "telvoz", "TEL-MOBILE"),
    ("brightnet", "northcable", "CABLE-BOX"),
]


@pytest.mark.parametrize(("giver", "receiver", "product"), EDGES)
def test_a_case_crosses_is_worked_and_comes_back(alliance: Alliance, giver: str, receiver: str, product: str) -> None:
    reference = f"{giver}-{receiver}"
    alliance.open(giver, reference, product=product, priority="high", customer="Ольга Ñandú 📺", holder=receiver)
    alliance.rest()
    assert alliance.says(receiver, reference, "priority") == word(receiver, "priority", "high")
    assert alliance.says(receiver, reference, "customer") == "Ольга Ñandú 📺"
    assert alliance.says(giver, reference, "holder") == word(giver, "holder", receiver)
    there = alliance.body(receiver, reference)[NUMBER[receiver]]
    assert alliance.says(giver, reference, "holder_number") == there
    assert alliance.accountable(receiver, there) == giver  # offered; nobody has acted on it yet

    alliance.note(giver, reference, "The customer is at home after six.", "partners")
    alliance.note(giver, reference, "Private: pays late.", "private")
    alliance.edit(receiver, reference, status="resolved", reason="replaced", agent="Ана Иванова")
    alliance.rest()
    assert alliance.says(giver, reference, "status") == word(giver, "status", "resolved")
    assert alliance.says(giver, reference, "reason") == "replaced"
    assert alliance.accountable(receiver, there) == receiver
    told = alliance.notes(receiver, reference)
    assert any("at home after six" in text and "Ana López" in text for text in told)
    assert not any("pays late" in text for text in told)
    third = next(name for name in COMPANIES if name not in {giver, receiver})
    assert alliance.bodies(third, reference) == []


@pytest.mark.parametrize("company", COMPANIES)
def test_what_is_kept_of_a_companys_fields_is_what_its_system_says(alliance: Alliance, company: str) -> None:
    kept = Settings.from_environment().partners_dir / company / NAME
    told = alliance.exchange.connect(company).describe()
    assert written(company, kept_of(told)) == kept.read_text(encoding="utf-8")


def test_positive_feedback_at_the_contact_point_closes_the_case_in_both_systems(alliance: Alliance) -> None:
    alliance.open("telvoz", "content", product="NET-100", holder="brightnet")
    alliance.rest()
    alliance.edit("brightnet", "content", status="closed")
    alliance.rest()
    assert alliance.says("telvoz", "content", "status") == word("telvoz", "status", "resolved")
    alliance.edit("telvoz", "content", score=5, comment="Todo bien")
    alliance.rest()
    for company in ("telvoz", "brightnet"):
        assert alliance.says(company, "content", "status") == word(company, "status", "closed")
    assert alliance.says("brightnet", "content", "score") is None  # what the customer said stays with who asked


def test_a_state_that_telvoz_does_not_reach_at_once_goes_over_the_one_between(alliance: Alliance) -> None:
    """Nothing waits there before somebody has it, and nothing is solved before it is worked."""
    alliance.open("telvoz", "steps", product="CABLE-TV", holder="northcable", status="acknowledged")
    alliance.rest()
    for status, wanted in (("held", "Detenido"), ("resolved", "Solucionado")):
        alliance.edit("northcable", "steps", status=status)
        alliance.rest()
        assert alliance.says("telvoz", "steps", "status") == wanted
    number = alliance.body("telvoz", "steps")[NUMBER["telvoz"]]
    with closing(sqlite3.connect(alliance.home / "telvoz" / "telvoz.db")) as store:
        moves = store.execute(
            "SELECT old, new, by FROM history JOIN records ON records.id = record_id"
            " WHERE number = ? AND field = 'estado' ORDER BY history.id",
            (number,),
        ).fetchall()
    way = ["Registrado", "Asignado", "Detenido", "En curso", "Solucionado"]
    assert [(json.loads(old), json.loads(new)) for old, new, _ in moves] == list(pairwise(way))
    assert {by for *_, by in moves} == {"casebridge"}
    assert alliance.says("northcable", "steps", "status") == "Solved"


def test_a_reason_longer_than_brightnets_field_is_cut_there_and_the_rest_follows_as_a_note(alliance: Alliance) -> None:
    """Over Salesforce's own protocol: its field takes 255 characters and refuses more."""
    reason = " ".join(f"Step {number}: the splitter in the cellar was looked at again." for number in range(1, 14))
    alliance.open("northcable", "long-reason", product="NET-100", holder="brightnet")
    alliance.rest()
    alliance.edit("northcable", "long-reason", status="pending", reason=reason)
    alliance.rest()
    shown = alliance.says("brightnet", "long-reason", "reason")
    (note,) = alliance.notes("brightnet", "long-reason")
    assert (len(reason) > 2 * 255, len(shown), shown[-1]) == (True, 255, "…")
    assert note.startswith("#partners Status_Reason__c: …")
    rest, footer = note.removeprefix("#partners Status_Reason__c: …").split("\n\n— ")
    assert shown[:-1] + rest == reason
    assert footer.startswith("Northcable, Casebridge [")
    assert alliance.says("northcable", "long-reason", "reason") == reason  # what they see of it is no word of theirs
    assert alliance.notes("northcable", "long-reason") == []

    alliance.edit("brightnet", "long-reason", status="inProgress", agent="Ольга")
    alliance.rest()
    assert alliance.says("northcable", "long-reason", "status") == word("northcable", "status", "inProgress")
    assert alliance.says("northcable", "long-reason", "reason") == reason
    alliance.edit("brightnet", "long-reason", status="resolved", reason="Replaced.")
    alliance.rest()
    assert alliance.says("northcable", "long-reason", "reason") == "Replaced."
    assert len(alliance.notes("brightnet", "long-reason")) == 1


def test_a_transfer_without_an_edge_is_written_back_and_waits_for_a_person(alliance: Alliance) -> None:
    alliance.open("northcable", "no-edge", product="CABLE-TV", holder="telvoz")
    alliance.rest()
    assert alliance.says("northcable", "no-edge", "holder") == "Northcable"
    assert alliance.bodies("telvoz", "no-edge") == []
    assert [row.code for row in alliance.exchange.ledger.parked()] == ["A401"]


@pytest.mark.parametrize(
    ("giver", "receiver", "product"),
    [
        ("northcable", "telvoz", "TEL-HOME"),
        ("northcable", "brightnet", "NET-100"),
        ("telvoz", "northcable", "CABLE-TV"),
    ],
)
def test_a_case_that_is_merged_into_another_goes_on_in_that_one(
    alliance: Alliance, giver: str, receiver: str, product: str
) -> None:
    """The receiver's agent sees that it has the case already, and makes one of the two."""
    reference = f"merged-{receiver}"
    number = alliance.open(giver, reference, product=product, holder=receiver)
    into = alliance.open(receiver, reference, title="The same fault", product=product)
    alliance.rest()
    (moved,) = {one[NUMBER[receiver]] for one in alliance.bodies(receiver, reference)} - {into}
    alliance.desks[receiver].act([{"op": "merge", "number": moved, "into": into}])
    alliance.rest()
    alliance.exchange.reconcile(receiver)  # Telvoz tells of a merge only to who asks for the record
    alliance.rest()
    here, there = alliance.body(giver, reference), alliance.body(receiver, reference)
    assert (here[NUMBER[giver]], there[NUMBER[receiver]]) == (number, into)
    assert shown(giver, here, "holder_number") == into
    assert shown(giver, here, "title") == shown(receiver, there, "title")
    assert {row.code for row in alliance.exchange.ledger.parked()} <= {"A401"}  # another test's transfer
    alliance.edit(receiver, reference, status="resolved")
    alliance.rest()
    assert alliance.says(giver, reference, "status") == word(giver, "status", "resolved")


def test_at_rest_nothing_is_written_any_more(alliance: Alliance) -> None:
    alliance.rest()
    head = alliance.exchange.ledger.head()
    for _ in range(3):
        alliance.carry()
    assert alliance.exchange.ledger.head() == head
    assert alliance.exchange.ledger.deliveries(("owed", "claimed", "unknown")) == []
    assert alliance.exchange.ledger.broken_at() is None


def test_a_hub_that_starts_anew_reads_on_where_it_stood(alliance: Alliance) -> None:
    alliance.rest()
    alliance.exchange.close()
    head = alliance.exchange.ledger.head()
    for name in COMPANIES:
        assert alliance.exchange.intake(name).applied == 0
    assert alliance.exchange.ledger.head() == head
