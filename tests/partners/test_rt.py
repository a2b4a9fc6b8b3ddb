"""Cases between the Salesforce company and a real Request Tracker 5: the production exchange, a ledger on disk.

Nothing here is the sandbox's but Brightnet: Request Tracker comes from Debian's packages, and its people work by its
own API.
"""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from alliance import Alliance, allied
from rt import FOLDER, LOGIN, Person, rt

from connectors.base import Change, Connector, Receipt
from connectors.errors import Refused, Rejected, Stale, Unknown
from hub.checking import check_all
from hub.periods import Period
from hub.rollup import Scope, rollup
from partner_line import Asked, Line, at, line_to
from sandbox.words import fields, word

pytestmark = pytest.mark.partners


@dataclass
class Worked(Alliance):
    """With an agent of Request Tracker, and the line to it."""

    ana: Person
    line: Line

    def ticket(self, reference: str) -> str:
        """The number of the ticket."""
        (number,) = self.ana.tickets(Reference=reference)
        return number

    def offer(self, reference: str, **said: object) -> str:
        """A case of Brightnet's that is handed over; its ticket's number."""
        told = {"title": "Нет гудка", "reference": reference, "status": "inProgress", "product": "TEL-HOME", **said}
        self.act("create", fields=fields("brightnet", {**told, "holder": "telvoz"}))
        self.rest()
        return self.ticket(reference)


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worked]:
    with (
        rt(tmp_path_factory.mktemp("rt")) as served,
        line_to(served.url) as line,
        closing(Person(served.url)) as ana,
    ):
        connection = {"host": line.url, "login": LOGIN, "password": served.token}
        with allied(tmp_path_factory.mktemp("alliance"), "rt", connection, FOLDER) as hub:
            yield Worked(**vars(hub), ana=ana, line=line)


@pytest.fixture
def rest(alliance: Worked) -> Iterator[Connector]:
    """The production connector, straight."""
    yield alliance.exchange.connect("rt")
    alliance.line.clear()


def push(rest: Connector, change: Change) -> Receipt:
    (receipt,) = rest.push([change])
    return receipt


def create(**said: str) -> Change:
    hub_id = str(uuid.uuid4())
    return Change(f"{hub_id}/create", "create", hub_id, {"Subject": "T", "Queue": "Support", **said}, hub_id)


def test_both_folders_and_what_they_agreed_on_hold(alliance: Worked) -> None:
    assert check_all(alliance.settings, (), lambda line: None) == []


def test_a_case_of_the_salesforce_company_is_worked_in_request_tracker_and_comes_back(alliance: Worked) -> None:
    ana, reference = alliance.ana, "to-rt"
    said = {
        "title": "Нет гудка <b>с утра</b>",
        "details": "Телефон молчит.\nПерезагрузили дважды.",
        "reference": reference,
        "status": "inProgress",
        "priority": "high",
        "customer": "Ольга Ñandú 📺",
        "product": "TEL-HOME",
        "holder": "telvoz",
    }
    alliance.act("create", fields=fields("brightnet", said))
    alliance.act("note", reference, text="Дома после шести.", audience="partners", author="Ана Иванова")
    alliance.act("note", reference, text="Платит с опозданием.", audience="private", author="Ана Иванова")
    alliance.rest()

    number = alliance.ticket(reference)
    ticket = ana.ticket(number)
    assert (ticket["Subject"], ticket["Details"]) == (said["title"], said["details"])
    assert (ticket["Customer"], ticket["Product"]) == (said["customer"], "TEL-HOME")
    assert (ticket["Status"], ticket["Priority"]) == ("open", "100")
    assert ticket["HeldBy"] == "Request Tracker"
    assert (ticket["Answerer"], ticket["Contact"]) == ("Brightnet", "Brightnet"), "offered; nobody here has acted yet"
    ((kind, told),) = ana.notes(number)
    assert told.startswith("#partners Дома после шести.\n\n— Ана Иванова, Brightnet (ru) [")
    assert kind == "Comment", "for colleagues, and mailed to no customer"
    assert alliance.says(reference, "holder_number") == number

    ana.note(number, "#partners Looked at the line: it is cut.", private=True)
    ana.note(number, "They always call at night.", private=True)
    ana.edit(number, Status="stalled", Reason="The customer has to let us in.")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "pending")
    (crossed,) = [text for text in alliance.comments(reference) if "it is cut" in text]
    assert crossed.startswith("#partners Looked at the line: it is cut.\n\n— Ana Alvarez, Request Tracker [")
    assert not [text for text in alliance.comments(reference) if "at night" in text]
    assert ana.ticket(number)["Answerer"] == "Request Tracker", "the first act of its agent accepts the case"

    ana.edit(number, Status="resolved", Reason="Cable in the cellar replaced.")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "resolved")
    assert alliance.says(reference, "reason") == "Cable in the cellar replaced."

    alliance.act("edit", reference, fields=fields("brightnet", {"score": 5, "comment": "Спасибо"}))
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "closed")
    assert ana.ticket(number)["Status"] == "resolved", "no word for closed here"
    assert len(ana.notes(number)) == 3
    assert alliance.parked() == []


def test_files_cross_both_ways_as_base64_in_json(alliance: Worked) -> None:
    ana, reference, raw = alliance.ana, "files", bytes(range(256)) * 4000
    number = alliance.offer(reference)
    told = {"author": "Ана Иванова", "base64": b64encode(raw).decode()}
    alliance.act("attach", reference, name="роутер — 图.jpg", audience="customer", **told)
    alliance.act("attach", reference, name="наше.jpg", audience="private", **told)
    ana.attach(number, "line.bin", raw[::-1])
    ana.attach(number, "ours.bin", b"private", private=True)
    alliance.rest()
    assert ana.files(number) == {"роутер — 图.jpg": raw, "line.bin": raw[::-1], "ours.bin": b"private"}
    assert {one["PathOnClient"] for one in alliance.case(reference)["Files"]} == {
        "роутер — 图.jpg",
        "наше.jpg",
        "line.bin",
    }
    alliance.settle()
    alliance.rest()  # a ticket that is read by itself is told otherwise than in a list
    before = alliance.exchange.ledger.head()[0]
    for _ in range(2):
        alliance.rest()
    after = [one for one in alliance.exchange.ledger.entries() if one.seq > before]
    assert [(one.kind, one.partner, one.native_id, one.native_version, one.fields, one.detail) for one in after] == []
    assert [code for code in alliance.parked() if code.startswith("X30")] == []
    assert [text for _, text in ana.notes(number) if "see the file" in text]


def test_what_comes_and_goes_between_two_polls_is_seen(alliance: Worked) -> None:
    ana, reference = alliance.ana, "between"
    number = alliance.offer(reference, priority="high")
    alliance.rest()
    for status in ("resolved", "open", "resolved"):
        ana.edit(number, Status=status)
    ana.edit(number, Customer="Margaret O'Neill")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "resolved")
    (row,) = alliance.exchange.ledger.cases(search=alliance.case(reference)["CaseNumber"])
    story = list(alliance.exchange.ledger.entries(case_id=row.id))
    told = [entry for entry in story if entry.kind == "journaled"]
    assert {entry.partner for entry in told} == {"rt"}, "what the hub wrote there is no change of theirs"
    assert [entry.status for entry in told if "status" in entry.fields] == ["resolved", "inProgress", "resolved"]
    assert told[-1].fields == ("relatedParty.customer.name",)
    figures = rollup(story, Period.parse("all"), ("rt", "brightnet"))
    assert figures.row("reopened", Scope("company", "rt")).value == 1


def test_a_ticket_of_request_tracker_is_worked_in_salesforce_and_comes_back(alliance: Worked) -> None:
    ana, reference = alliance.ana, "to-salesforce"
    number = ana.open(
        Subject="No internet since the storm",
        Details="The router blinks red.",
        Status="open",
        Priority="100",
        Customer="Margaret O'Neill",
        Product="NET-100",
        Reference=reference,
    )
    ana.note(number, "She is at home after six.")
    alliance.rest()
    assert not alliance.there(reference), "nobody handed it over yet"

    ana.note(number, "She may leave us.", private=True)
    ana.edit(number, HeldBy="Brightnet")
    alliance.rest()
    assert alliance.says(reference, "title") == "No internet since the storm"
    assert alliance.says(reference, "priority") == word("brightnet", "priority", "high")
    assert alliance.says(reference, "customer") == "Margaret O'Neill"
    assert [text.partition("\n")[0] for text in alliance.comments(reference)] == ["She is at home after six."]
    ticket = ana.ticket(number)
    assert (ticket["HeldBy"], ticket["NumberThere"]) == ("Brightnet", alliance.case(reference)["CaseNumber"])

    alliance.act("note", reference, text="Меняем порт.", audience="partners", author="Ольга")
    alliance.act("note", reference, text="Скоро починим.", audience="customer", author="Ольга")
    alliance.act("edit", reference, fields=fields("brightnet", {"status": "resolved", "reason": "Порт заменён."}))
    alliance.rest()
    ticket = ana.ticket(number)
    assert (ticket["Status"], ticket["Reason"], ticket["Answerer"]) == ("resolved", "Порт заменён.", "Brightnet")
    told = [(kind, text.partition("\n")[0]) for kind, text in ana.notes(number)]
    assert [one for one in told if not one[1].startswith("Note [")] == [
        ("Correspond", "She is at home after six."),
        ("Comment", "She may leave us."),
        ("Comment", "#partners Меняем порт."),
        ("Correspond", "Скоро починим."),
    ]
    ((kind, author),) = [one for one in told if one[1].startswith("Note [")]
    assert kind == "Comment", "the customer reads one name alone"
    assert author.endswith("] was written by Ольга, Brightnet.")

    ana.edit(number, Status="open", Reason="It is down again.")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "inProgress")
    alliance.act("edit", reference, fields=fields("brightnet", {"status": "resolved", "reason": "Кабель заменён."}))
    alliance.rest()
    ana.edit(number, Score="5", ScoreText="Thank you!")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "closed")
    assert alliance.parked() == []


def test_a_field_that_is_emptied_there_is_empty_here(alliance: Worked) -> None:
    number = alliance.offer("emptied", customer="Ольга", priority="high")
    assert alliance.ana.ticket(number)["Customer"] == "Ольга"
    alliance.act("edit", "emptied", fields=fields("brightnet", {"customer": None}))
    alliance.rest()
    assert alliance.ana.ticket(number)["Customer"] is None
    assert alliance.parked() == []


def test_over_a_line_that_loses_answers_each_case_and_each_note_is_there_once(alliance: Worked) -> None:
    """Of what is written to Request Tracker every third answer never comes, though the write was made."""
    written_to = iter(range(1, 10_000))
    references = [f"lossy-{number}" for number in range(3)]

    def lost(asked: Asked) -> bool:
        return asked.method != "GET" and next(written_to) % 3 == 0

    alliance.line.lost = lost
    for reference in references:
        said = {"title": f"Case {reference}", "reference": reference, "status": "inProgress", "product": "TEL-HOME"}
        alliance.act("create", fields=fields("brightnet", {**said, "holder": "telvoz"}))
        for text in ("Первая.", "Вторая."):
            alliance.act("note", reference, text=text, audience="partners", author="Ольга")
    alliance.settle(120)
    alliance.line.clear()
    assert next(written_to) > 3 * len(references), "a good part of them was lost"
    for reference in references:
        notes = [text.partition("\n")[0] for _, text in alliance.ana.notes(alliance.ticket(reference))]
        assert notes == ["#partners Первая.", "#partners Вторая."]
    assert alliance.parked() == []


def test_a_deleted_ticket_is_found_by_the_nightly_look_and_a_person_is_asked(alliance: Worked) -> None:
    number = alliance.offer("deleted")
    before = alliance.parked()
    alliance.ana.delete(number)
    alliance.rest()
    alliance.exchange.reconcile("rt")
    alliance.rest()
    assert sorted(alliance.parked()) == sorted([*before, "X302"]), "it held the case"


def test_a_status_that_it_does_not_know_is_refused_to_a_new_ticket_and_ignored_in_an_old_one(
    alliance: Worked, rest: Connector
) -> None:
    """It answers 200 to both, the second with a sentence in it: only reading back tells."""
    error = push(rest, create(Status="nonsense")).error
    assert isinstance(error, Rejected)
    assert "Status 'nonsense' isn't a valid status" in str(error)
    number = alliance.ana.open(Subject="No signal")
    (record,) = rest.fetch([number])
    change = Change(str(uuid.uuid4()), "update", number, {"Status": "nonsense"}, "", number, record.version)
    assert push(rest, change).error is None
    assert rest.fetch([number])[0].body["Status"] == "new"


def test_a_create_whose_answer_is_lost_is_found_and_not_made_again(alliance: Worked, rest: Connector) -> None:
    change, alliance.line.lost = create(), at("POST", "/ticket")
    assert isinstance(push(rest, change).error, Unknown)
    alliance.line.clear()
    (found,) = rest.find(change.hub_id)
    again = push(rest, change)
    assert (again.error, again.found, again.native_id) == (None, True, found.native_id)
    assert alliance.ana.tickets(HubCaseId=change.hub_id) == [found.native_id]


def test_an_edit_between_our_reading_and_our_write_is_not_written_over(alliance: Worked, rest: Connector) -> None:
    """Its ETag is the number of the ticket's last transaction, so that not even a second is between."""
    number = alliance.ana.open(Subject="No signal")
    (record,) = rest.fetch([number])
    change = Change(str(uuid.uuid4()), "update", number, {"Subject": "ours"}, "", number, record.version)
    told = iter(["an agent was here"])

    def meanwhile(asked: Asked) -> None:
        for text in told if asked.method == "PUT" else ():
            alliance.ana.edit(number, Subject=text)

    alliance.line.before = meanwhile
    assert isinstance(push(rest, change).error, Stale)
    assert alliance.ana.ticket(number)["Subject"] == "an agent was here"


def test_a_token_that_is_taken_away_in_mid_push_stops_it_and_nothing_is_half_known(
    alliance: Worked, rest: Connector
) -> None:
    changes = [create() for _ in range(4)]
    seen = iter(range(100))

    def expire(asked: Asked) -> None:
        if next(seen) >= 3:
            asked.headers["authorization"] = "token 1-1-0"

    alliance.line.before = expire
    receipts = {one.key: one for one in rest.push(changes)}
    for ask in (lambda: list(rest.pull(None)), lambda: rest.fetch(["1"])):
        with pytest.raises(Refused):
            ask()
    alliance.line.clear()
    for change in changes:
        receipt = receipts[change.key]
        assert alliance.ana.tickets(HubCaseId=change.hub_id) == ([] if receipt.error else [receipt.native_id])
    assert any(isinstance(one.error, Refused) for one in receipts.values())
    assert not any(isinstance(one.error, Unknown) for one in receipts.values())
