"""Cases between the Salesforce company and a real Redmine: the production exchange, a ledger on disk.

Nothing here is the sandbox's but Brightnet: Redmine comes from Debian's packages, and its people work by its own API.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from alliance import Alliance, allied
from redmine import FOLDER, LOGIN, Person, redmine

from connectors.base import Change, Connector, Receipt
from connectors.errors import Refused, Rejected, Stale, Unknown
from hub.checking import check_all
from hub.describing import NAME, kept_of, written
from hub.periods import Period
from hub.rollup import Scope, rollup
from partner_line import Asked, Line, at, line_to
from sandbox.words import fields, word

pytestmark = pytest.mark.partners
NEW, WORKED, RESOLVED, FEEDBACK, CLOSED = 1, 2, 3, 4, 5


@dataclass
class Worked(Alliance):
    """With an agent of Redmine, and the line to it."""

    ana: Person
    line: Line

    def issue(self, reference: str) -> str:
        """The number of the issue."""
        (number,) = self.ana.issues(reference=reference)
        return number

    def offer(self, reference: str, **said: object) -> str:
        """A case of Brightnet's that is handed over; its issue's number."""
        told = {"title": "Нет гудка", "reference": reference, "status": "inProgress", "product": "TEL-HOME", **said}
        self.act("create", fields=fields("brightnet", {**told, "holder": "telvoz"}))
        self.rest()
        return self.issue(reference)


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worked]:
    login, password = LOGIN
    with redmine(tmp_path_factory.mktemp("redmine")) as url, line_to(url) as line, closing(Person(url)) as ana:
        connection = {"host": line.url, "login": login, "password": password}
        with allied(tmp_path_factory.mktemp("alliance"), "redmine", connection, FOLDER) as hub:
            yield Worked(**vars(hub), ana=ana, line=line)


@pytest.fixture
def rest(alliance: Worked) -> Iterator[Connector]:
    """The production connector, straight."""
    yield alliance.exchange.connect("redmine")
    alliance.line.clear()


def push(rest: Connector, change: Change) -> Receipt:
    (receipt,) = rest.push([change])
    return receipt


def create() -> Change:
    hub_id = str(uuid.uuid4())
    return Change(f"{hub_id}/create", "create", hub_id, {"subject": "T", "project_id": 1, "tracker_id": 3}, hub_id)


def test_both_folders_and_what_they_agreed_on_hold(alliance: Worked) -> None:
    assert check_all(alliance.settings, (), lambda line: None) == []


def test_what_is_kept_of_its_fields_is_what_it_says(alliance: Worked) -> None:
    kept = (FOLDER / NAME).read_text(encoding="utf-8")
    assert written("redmine", kept_of(alliance.exchange.connect("redmine").describe())) == kept


def test_a_case_of_the_salesforce_company_is_worked_in_redmine_and_comes_back(alliance: Worked) -> None:
    ana, reference = alliance.ana, "to-redmine"
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

    number = alliance.issue(reference)
    issue = ana.issue(number)
    assert (issue["subject"], issue["description"]) == (said["title"], str(said["details"]).replace("\n", "\r\n"))
    assert (issue["customer"], issue["product"]) == (said["customer"], "TEL-HOME")
    assert (issue["status"]["id"], issue["priority"]["id"]) == (WORKED, 3)
    assert issue["heldby"] == "Redmine"
    assert (issue["answerer"], issue["contact"]) == ("Brightnet", "Brightnet"), "offered; nobody here has acted yet"
    ((told, private),) = ana.notes(number)
    assert told.startswith("#partners Дома после шести.\n\n— Ана Иванова, Brightnet (ru) [")
    assert private, "for colleagues, not for whoever may see the issue"
    assert alliance.says(reference, "holder_number") == number

    ana.note(number, "#partners Looked at the line: it is cut.", private=True)
    ana.note(number, "They always call at night.", private=True)
    ana.edit(number, status_id=FEEDBACK, reason="The customer has to let us in.", assigned_to_id="me")
    alliance.rest()
    assert alliance.says(reference, "agent") == "Ana Alvarez"
    assert alliance.says(reference, "status") == word("brightnet", "status", "pending")
    (crossed,) = [text for text in alliance.comments(reference) if "it is cut" in text]
    assert crossed.startswith("#partners Looked at the line: it is cut.\n\n— Ana Alvarez, Redmine [")
    assert not [text for text in alliance.comments(reference) if "at night" in text]
    assert ana.issue(number)["answerer"] == "Redmine", "the first act of its agent accepts the case"

    ana.edit(number, status_id=RESOLVED, reason="Cable in the cellar replaced.")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "resolved")
    assert alliance.says(reference, "reason") == "Cable in the cellar replaced."

    alliance.act("edit", reference, fields=fields("brightnet", {"score": 5, "comment": "Спасибо"}))
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "closed")
    assert ana.issue(number)["status"]["id"] == CLOSED
    assert len(ana.notes(number)) == 3
    assert alliance.parked() == []


def test_what_comes_and_goes_between_two_polls_is_seen(alliance: Worked) -> None:
    ana, reference = alliance.ana, "between"
    number = alliance.offer(reference, priority="high")
    alliance.rest()
    for status in (RESOLVED, WORKED, RESOLVED):
        ana.edit(number, status_id=status)
    ana.edit(number, customer="Margaret O'Neill")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "resolved")
    (row,) = alliance.exchange.ledger.cases(search=alliance.case(reference)["CaseNumber"])
    story = list(alliance.exchange.ledger.entries(case_id=row.id))
    told = [entry for entry in story if entry.kind == "journaled"]
    assert {entry.partner for entry in told} == {"redmine"}, "what the hub wrote there is no change of theirs"
    assert [entry.status for entry in told if "status" in entry.fields] == ["resolved", "inProgress", "resolved"]
    assert told[-1].fields == ("relatedParty.customer.name",)
    figures = rollup(story, Period.parse("all"), ("redmine", "brightnet"))
    assert figures.row("reopened", Scope("company", "redmine")).value == 1


def test_an_issue_of_redmine_is_worked_in_salesforce_and_comes_back(alliance: Worked) -> None:
    ana, reference = alliance.ana, "to-salesforce"
    number = ana.open(
        subject="No internet since the storm",
        description="The router blinks red.",
        status_id=WORKED,
        priority_id=4,
        customer="Margaret O'Neill",
        product="NET-100",
        reference=reference,
    )
    ana.note(number, "She is at home after six.")
    alliance.rest()
    assert not alliance.there(reference), "nobody handed it over yet"

    ana.note(number, "She may leave us.", private=True)
    ana.edit(number, heldby="Brightnet")
    alliance.rest()
    assert alliance.says(reference, "title") == "No internet since the storm"
    assert alliance.says(reference, "priority") == word("brightnet", "priority", "critical")
    assert alliance.says(reference, "customer") == "Margaret O'Neill"
    assert [text.partition("\n")[0] for text in alliance.comments(reference)] == ["She is at home after six."]
    issue = ana.issue(number)
    assert (issue["heldby"], issue["heldnumber"]) == ("Brightnet", alliance.case(reference)["CaseNumber"])

    alliance.act("note", reference, text="Меняем порт.", audience="partners", author="Ольга")
    alliance.act("edit", reference, fields=fields("brightnet", {"status": "resolved", "reason": "Порт заменён."}))
    alliance.rest()
    issue = ana.issue(number)
    assert (issue["status"]["id"], issue["reason"], issue["answerer"]) == (RESOLVED, "Порт заменён.", "Brightnet")
    assert [text.partition("\n")[0] for text, _ in ana.notes(number)] == [
        "She is at home after six.",
        "She may leave us.",
        "#partners Меняем порт.",
    ]

    ana.edit(number, status_id=WORKED, reason="It is down again.")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "inProgress")
    alliance.act("edit", reference, fields=fields("brightnet", {"status": "resolved", "reason": "Кабель заменён."}))
    alliance.rest()
    ana.edit(number, score="5", scoretext="Thank you!")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "closed")
    assert ana.issue(number)["status"]["id"] == CLOSED
    assert alliance.parked() == []


def test_a_field_that_is_emptied_there_is_empty_here_and_an_issue_keeps_a_priority(alliance: Worked) -> None:
    number = alliance.offer("emptied", customer="Ольга", priority="high")
    assert alliance.ana.issue(number)["customer"] == "Ольга"
    alliance.act("edit", "emptied", fields=fields("brightnet", {"priority": None, "customer": None}))
    alliance.rest()
    issue = alliance.ana.issue(number)
    assert not issue["customer"]
    assert issue["priority"]["id"] == 2
    assert alliance.parked() == []


def test_lines_that_redmine_ends_its_own_way_are_no_word_of_its_people(alliance: Worked) -> None:
    ana, details = alliance.ana, "  Первая строка\r\nвторая строка \n"
    number = alliance.offer("lines", details=details)
    ana.edit(number, status_id=FEEDBACK)
    alliance.rest()
    assert alliance.says("lines", "details") == details
    ana.edit(number, description="Первая строка\nи третья")
    alliance.rest()
    assert alliance.says("lines", "details") == "Первая строка\nи третья"
    assert alliance.parked() == []


def test_over_a_line_that_loses_answers_each_case_and_each_note_is_there_once(alliance: Worked) -> None:
    """Of what is written to Redmine every third answer never comes, though the write was made."""
    written_to = iter(range(1, 10_000))
    references = [f"lossy-{number}" for number in range(4)]

    def lost(asked: Asked) -> bool:
        return asked.method != "GET" and next(written_to) % 3 == 0

    alliance.line.lost = lost
    for reference in references:
        said = {"title": f"Case {reference}", "reference": reference, "status": "inProgress", "product": "TEL-HOME"}
        alliance.act("create", fields=fields("brightnet", {**said, "holder": "telvoz"}))
        for text in ("Первая.", "Вторая."):
            alliance.act("note", reference, text=text, audience="partners", author="Ольга")
    alliance.settle()
    alliance.line.clear()
    assert next(written_to) > 3 * len(references), "a good part of them was lost"
    for reference in references:
        notes = [text.partition("\n")[0] for text, _ in alliance.ana.notes(alliance.issue(reference))]
        assert notes == ["#partners Первая.", "#partners Вторая."]
    assert alliance.parked() == []


def test_a_deleted_issue_is_found_by_the_nightly_look_and_a_person_is_asked(alliance: Worked) -> None:
    number = alliance.offer("deleted")
    before = alliance.parked()
    alliance.ana.delete(number)
    alliance.rest()
    assert alliance.parked() == before
    alliance.exchange.reconcile("redmine")
    alliance.rest()
    assert sorted(alliance.parked()) == sorted([*before, "X302"]), "it held the case"


def test_a_status_that_redmine_does_not_let_it_take_is_ignored_there_and_seen(
    alliance: Worked, rest: Connector
) -> None:
    """It answers 204 and leaves the field as it was: only reading back tells."""
    number = alliance.ana.open(subject="No signal")
    (record,) = rest.fetch([number])
    change = Change(str(uuid.uuid4()), "update", number, {"status_id": 77}, "", number, record.version)
    assert push(rest, change).error is None
    assert rest.fetch([number])[0].body["status"]["id"] == NEW


def test_what_it_refuses_it_says_in_its_own_words(rest: Connector) -> None:
    change = create()
    wrong = Change("k", "create", "lane", {**change.body, "priority_id": 77, "subject": ""}, change.hub_id)
    error = push(rest, wrong).error
    assert isinstance(error, Rejected)
    assert "Priority cannot be blank; " in str(error) or "; Priority cannot be blank" in str(error)


def test_a_create_whose_answer_is_lost_is_found_and_not_made_again(alliance: Worked, rest: Connector) -> None:
    change, alliance.line.lost = create(), at("POST", "/issues.json")
    assert isinstance(push(rest, change).error, Unknown)
    alliance.line.clear()
    (found,) = rest.find(change.hub_id)
    again = push(rest, change)
    assert (again.error, again.found, again.native_id) == (None, True, found.native_id)
    assert alliance.ana.issues(case=change.hub_id) == [found.native_id]


def test_an_edit_since_our_reading_is_not_written_over(alliance: Worked, rest: Connector) -> None:
    number = alliance.ana.open(subject="No signal")
    (record,) = rest.fetch([number])
    while datetime.now(UTC).replace(microsecond=0) <= (record.changed_at or datetime.now(UTC)):
        pass  # the step of its stamps
    alliance.ana.edit(number, subject="an agent was here")
    change = Change(str(uuid.uuid4()), "update", number, {"subject": "ours"}, "", number, record.version)
    assert isinstance(push(rest, change).error, Stale)
    assert alliance.ana.issue(number)["subject"] == "an agent was here"


def test_a_key_that_is_taken_away_in_mid_push_stops_it_and_nothing_is_half_known(
    alliance: Worked, rest: Connector
) -> None:
    changes = [create() for _ in range(6)]
    seen = iter(range(100))

    def expire(asked: Asked) -> None:
        if next(seen) >= 5:
            asked.headers["x-redmine-api-key"] = "0" * 40

    alliance.line.before = expire
    receipts = {one.key: one for one in rest.push(changes)}
    with pytest.raises(Refused):
        list(rest.pull(None))
    with pytest.raises(Refused):
        rest.fetch(["1"])
    alliance.line.clear()
    for change in changes:
        receipt = receipts[change.key]
        assert alliance.ana.issues(case=change.hub_id) == ([] if receipt.error else [receipt.native_id])
    assert any(isinstance(one.error, Refused) for one in receipts.values())
    assert not any(isinstance(one.error, Unknown) for one in receipts.values())


def test_texts_of_every_kind_come_back_as_they_went(rest: Connector) -> None:
    texts = [
        "Ünïcödé — Кириллица, العربية 📺",
        "<b>bold</b> & \"quoted\" 'too' \\ %s ${x} {{y}} ]]>",
        "a\u202eb\u200bc",
        " x" * 100,
        "'; DROP TABLE issues; --",
        "#partners h1. {{include(x)}} r123 #1",
    ]
    for text in texts:
        change = create()
        receipt = push(rest, Change(change.key, "create", change.lane, {**change.body, "subject": text}, change.hub_id))
        assert receipt.error is None
        (record,) = rest.fetch([receipt.native_id or ""])
        assert record.body["subject"] == text


def test_each_write_costs_the_calls_that_the_folder_says(alliance: Worked, rest: Connector) -> None:
    number = alliance.ana.open(subject="No signal")
    (record,) = rest.fetch([number])
    body = {"notes": "We are on it.", "private_notes": True}
    sent: list[str] = []
    alliance.line.before = lambda asked: sent.append(f"{asked.method} {asked.path}")
    for change in (
        create(),
        Change("u", "update", number, {"status_id": WORKED}, "", number, record.version),
        Change("n", "add_note", number, body, "", number),
    ):
        assert push(rest, change).error is None
    issue = f"/issues/{number}.json"
    assert sent == [
        *("GET /projects/support/issues.json", "POST /issues.json"),
        *(f"GET {issue}", f"PUT {issue}"),
        f"PUT {issue}",
    ]
