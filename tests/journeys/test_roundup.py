"""Cases between the Salesforce company and a real Roundup tracker: the production exchange, a ledger on disk.

Nothing here is the sandbox's but Brightnet: Roundup comes from its package, and its people work by its own REST API.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

import pytest
from alliance import Alliance, allied

import roundup_tracker
from connectors.errors import Refused
from hub.checking import check_all
from hub.describing import NAME, kept_of, written
from hub.periods import Period
from hub.rollup import Scope, rollup
from partner_line import Asked, Line, line_to
from sandbox.words import field, fields, shown, word

pytestmark = pytest.mark.journey
UNREAD, CHATTING, WORKED, RESOLVED = "1", "3", "5", "8"
ROUNDUP, BRIGHTNET = "1", "2"


@dataclass
class Tracked(Alliance):
    """With an agent of the tracker (by its API, and at its page), its keeper, and the line to it."""

    ana: roundup_tracker.Person
    keeper: roundup_tracker.Person
    page: roundup_tracker.Browser
    line: Line

    def issue(self, reference: str) -> str:
        """The number of the issue."""
        (number,) = self.ana.issues(reference=reference)
        return number


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracked]:
    home = tmp_path_factory.mktemp("alliance")
    with roundup_tracker.tracker(tmp_path_factory.mktemp("roundup")) as url, line_to(url) as line:
        login, password = roundup_tracker.LOGIN
        connection = {"host": line.url, "login": login, "password": password}
        with allied(home, "roundup", connection, roundup_tracker.FOLDER) as hub, ExitStack() as people:
            ana, keeper = (
                people.enter_context(closing(roundup_tracker.Person(url, *who)))
                for who in (("ana", "agent"), ("keeper", "keeper"))
            )
            page = people.enter_context(closing(roundup_tracker.Browser(url, "ana", "agent")))
            yield Tracked(**vars(hub), ana=ana, keeper=keeper, page=page, line=line)


def test_both_folders_and_what_they_agreed_on_hold(alliance: Tracked) -> None:
    assert check_all(alliance.settings, (), lambda line: None) == []


def test_what_is_kept_of_the_trackers_fields_is_what_it_says(alliance: Tracked) -> None:
    kept = (roundup_tracker.FOLDER / NAME).read_text(encoding="utf-8")
    assert written("roundup", kept_of(alliance.exchange.connect("roundup").describe())) == kept


def test_a_case_of_the_salesforce_company_is_worked_in_roundup_and_comes_back(alliance: Tracked) -> None:
    ana, reference = alliance.ana, "to-roundup"
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
    assert {name: issue[name] for name in ("title", "details", "customer", "product")} == {
        "title": said["title"],
        "details": said["details"],
        "customer": said["customer"],
        "product": "TEL-HOME",
    }
    assert (issue["status"], issue["priority"]) == (WORKED, "2")
    assert issue["heldby"] == ROUNDUP
    assert (issue["answerer"], issue["contact"]) == (BRIGHTNET, BRIGHTNET), "offered; nobody here has acted on it yet"
    (told,) = ana.messages(number)
    assert told["content"].startswith("Дома после шести.\n\n— Ана Иванова, Brightnet (ru) [")
    assert (told["audience"], told["author"]["username"]) == ("partners", "casebridge")
    assert alliance.says(reference, "holder_number") == number

    ana.note(number, "Looked at the line: it is cut.", "partners")
    ana.note(number, "They always call at night.")
    ana.edit(number, status="4", reason="The customer has to let us in.", assignedto="ana")
    alliance.rest()
    assert alliance.says(reference, "agent") == "Ana Alvarez"
    assert alliance.says(reference, "status") == word("brightnet", "status", "pending")
    comments = [one["CommentBody"] for one in alliance.case(reference)["CaseComments"]]
    (crossed,) = [text for text in comments if "it is cut" in text]
    assert crossed.startswith("#partners Looked at the line: it is cut.\n\n— Ana Alvarez, Roundup [")
    assert not [text for text in comments if "at night" in text]
    assert ana.issue(number)["answerer"] == ROUNDUP, "the first act of its agent accepts the case"

    ana.edit(number, status=RESOLVED, reason="Cable in the cellar replaced.")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "resolved")
    assert alliance.says(reference, "reason") == "Cable in the cellar replaced."

    alliance.act("edit", reference, fields=fields("brightnet", {"score": 5, "comment": "Спасибо"}))
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "closed")
    assert (ana.issue(number)["status"], ana.issue(number)["score"]) == (RESOLVED, None), "no word for closed here"
    assert len(ana.messages(number)) == 3
    assert alliance.parked() == []


def test_an_issue_of_roundup_is_worked_in_salesforce_and_comes_back(alliance: Tracked) -> None:
    ana, reference = alliance.ana, "to-salesforce"
    number = ana.open(
        title="No internet since the storm",
        details="The router blinks red.",
        status=WORKED,
        priority="1",
        customer="Margaret O'Neill",
        product="NET-100",
        reference=reference,
    )
    ana.note(number, "She is at home after six.", "partners")
    alliance.rest()
    assert alliance.brightnet.cases(field("brightnet", "reference"), [reference]) == [], "nobody handed it over yet"

    alliance.page.fill(number, {"heldby": BRIGHTNET, "@note": "She may leave us."})  # a note for us alone, unless said
    alliance.rest()
    case = alliance.case(reference)
    assert shown("brightnet", case, "title") == "No internet since the storm"
    assert shown("brightnet", case, "priority") == word("brightnet", "priority", "critical")
    assert shown("brightnet", case, "customer") == "Margaret O'Neill"
    assert [one["CommentBody"].partition("\n")[0] for one in case["CaseComments"]] == [
        "#partners She is at home after six."
    ]
    assert (ana.issue(number)["heldby"], ana.issue(number)["heldnumber"]) == (BRIGHTNET, case["CaseNumber"])

    alliance.act("note", reference, text="Меняем порт.", audience="partners", author="Ольга")
    alliance.act("edit", reference, fields=fields("brightnet", {"status": "resolved", "reason": "Порт заменён."}))
    alliance.rest()
    issue = ana.issue(number)
    assert (issue["status"], issue["reason"], issue["answerer"]) == (RESOLVED, "Порт заменён.", BRIGHTNET)
    assert [one["content"].partition("\n")[0] for one in ana.messages(number)] == [
        "She is at home after six.",
        "She may leave us.",
        "Меняем порт.",
    ]

    ana.edit(number, status=CHATTING, reason="It is down again.")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "inProgress")
    assert alliance.says(reference, "reason") == "It is down again."
    alliance.act("edit", reference, fields=fields("brightnet", {"status": "resolved", "reason": "Кабель заменён."}))
    alliance.rest()
    assert ana.issue(number)["status"] == RESOLVED
    said = {"@note": "We are glad.", "msg-1@audience": "customer", "score": "5", "scoretext": "Thank you!"}
    alliance.page.fill(number, said)
    alliance.rest()
    last = alliance.case(reference)["CaseComments"][-1]
    assert last["CommentBody"].startswith("We are glad.\n\n— Ana Alvarez, Roundup [")
    assert last["IsPublished"] is True
    assert alliance.says(reference, "status") == word("brightnet", "status", "closed")
    assert alliance.parked() == []


def test_what_comes_and_goes_in_roundup_between_two_polls_is_seen(alliance: Tracked) -> None:
    """Its own journal tells it, through what tracker/interfaces-additions.txt adds; our changes are no person's."""
    ana, reference = alliance.ana, "between"
    said = {"title": "Тишина", "reference": reference, "status": "inProgress", "product": "TEL-HOME"}
    alliance.act("create", fields=fields("brightnet", {**said, "priority": "high", "holder": "telvoz"}))
    alliance.rest()
    number = alliance.issue(reference)
    for status in (RESOLVED, WORKED, RESOLVED):
        ana.edit(number, status=status)
    ana.edit(number, priority="1")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "resolved")
    case_id = alliance.exchange.ledger.cases(search=alliance.case(reference)["CaseNumber"])[0].id
    story = list(alliance.exchange.ledger.entries(case_id=case_id))
    told = [entry for entry in story if entry.kind == "journaled"]
    assert {entry.partner for entry in told} == {"roundup"}
    assert [entry.detail["status"]["after"] for entry in told if "status" in entry.fields] == [
        "resolved", "inProgress", "resolved",
    ]  # fmt: skip
    assert [entry.fields for entry in told][-1] == ("priority",)
    figures = rollup(story, Period.parse("all"), ("roundup", "brightnet"))
    assert figures.row("reopened", Scope("company", "roundup")).value == 1
    assert alliance.parked() == []


def test_a_field_that_is_emptied_there_is_empty_here(alliance: Tracked) -> None:
    reference = "emptied"
    said = {"title": "Шум", "reference": reference, "status": "inProgress", "product": "TEL-HOME", "customer": "Ольга"}
    alliance.act("create", fields=fields("brightnet", {**said, "priority": "high", "holder": "telvoz"}))
    alliance.rest()
    number = alliance.issue(reference)
    assert alliance.ana.issue(number)["customer"] == "Ольга"
    alliance.act("edit", reference, fields=fields("brightnet", {"priority": None, "customer": None}))
    alliance.rest()
    issue = alliance.ana.issue(number)
    assert (issue["customer"], issue["priority"]) == (None, None)
    assert alliance.parked() == []


def test_blanks_that_roundup_takes_off_are_no_word_of_its_people(alliance: Tracked) -> None:
    """It keeps no blanks at either end of a text, and writes each line's end its own way."""
    ana, reference, details = alliance.ana, "blanks", "  Первая строка\r\nвторая строка \n"
    said = {"title": "Щелчки ", "details": details, "reference": reference, "status": "inProgress"}
    alliance.act("create", fields=fields("brightnet", {**said, "product": "TEL-HOME", "holder": "telvoz"}))
    alliance.rest()
    number = alliance.issue(reference)
    assert ana.issue(number)["details"] == "Первая строка\nвторая строка"
    assert alliance.parked() == []
    ana.edit(number, status=CHATTING)
    alliance.rest()
    assert (alliance.says(reference, "details"), alliance.says(reference, "title")) == (details, "Щелчки ")
    ana.edit(number, details="Первая строка\nи третья")
    alliance.rest()
    assert alliance.says(reference, "details") == "Первая строка\nи третья"
    assert alliance.parked() == []


def test_an_issue_that_another_one_replaces_takes_its_case_along(alliance: Tracked) -> None:
    ana, reference = alliance.ana, "replaced"
    said = {"title": "Обрыв", "reference": reference, "status": "inProgress", "product": "TEL-HOME"}
    alliance.act("create", fields=fields("brightnet", {**said, "holder": "telvoz"}))
    alliance.rest()
    moved = alliance.issue(reference)
    into = ana.open(title="The same fault", product="TEL-HOME", status=WORKED)
    alliance.rest()
    ana.edit(moved, superseder=[into], status=RESOLVED)
    ana.note(into, "One fault with the other one.", "partners")
    alliance.rest()
    assert alliance.says(reference, "holder_number") == into
    ana.edit(into, status=RESOLVED, reason="Spliced.")
    alliance.rest()
    assert alliance.says(reference, "status") == word("brightnet", "status", "resolved")
    assert alliance.says(reference, "reason") == "Spliced."


def test_over_a_line_that_loses_answers_each_case_and_each_note_is_there_once(alliance: Tracked) -> None:
    """Of what is written to Roundup every third answer never comes, though the write was made."""
    ana, written = alliance.ana, iter(range(1, 10_000))
    references = [f"lossy-{number}" for number in range(4)]

    def lost(asked: Asked) -> bool:
        return asked.method != "GET" and next(written) % 3 == 0

    alliance.line.lost = lost
    for reference in references:
        said = {"title": f"Case {reference}", "reference": reference, "status": "inProgress", "product": "TEL-HOME"}
        alliance.act("create", fields=fields("brightnet", {**said, "holder": "telvoz"}))
        for text in ("Первая.", "Вторая."):
            alliance.act("note", reference, text=text, audience="partners", author="Ольга")
    alliance.settle()
    for reference in references:
        alliance.act("edit", reference, fields=fields("brightnet", {"priority": "high", "details": "Щелчки."}))
    alliance.settle()
    alliance.line.clear()
    assert next(written) > 3 * len(references), "a good part of them was lost"
    for reference in references:
        number = alliance.issue(reference)
        issue = ana.issue(number)
        assert (issue["priority"], issue["details"]) == ("2", "Щелчки.")
        told = [one["content"].partition("\n")[0] for one in ana.messages(number)]
        assert sorted(told) == ["Вторая.", "Первая."]
        ana.edit(number, status=RESOLVED)
    alliance.settle()
    assert {alliance.says(one, "status") for one in references} == {word("brightnet", "status", "resolved")}
    assert alliance.parked() == []


def test_at_rest_nothing_is_written_any_more(alliance: Tracked) -> None:
    alliance.rest()
    ledger = alliance.exchange.ledger
    head = ledger.head()
    stamps = [alliance.ana.issue(number)["activity"] for number in alliance.ana.issues()]
    for _ in range(3):
        alliance.rest()
    assert ledger.head() == head
    assert [alliance.ana.issue(number)["activity"] for number in alliance.ana.issues()] == stamps
    assert ledger.deliveries(("owed", "claimed", "unknown")) == []
    assert ledger.broken_at() is None


def test_a_retired_issue_is_found_by_the_reconciliation(alliance: Tracked) -> None:
    reference = "retired"
    said = {"title": "Тишина", "reference": reference, "status": "inProgress", "product": "TEL-HOME"}
    alliance.act("create", fields=fields("brightnet", {**said, "holder": "telvoz"}))
    alliance.rest()
    before = alliance.parked()
    alliance.keeper.retire(alliance.issue(reference))
    alliance.rest()
    assert alliance.parked() == before
    alliance.exchange.reconcile("roundup")
    alliance.rest()
    assert sorted(alliance.parked()) == sorted([*before, "X302"]), "it held the case, so a person is asked"
    assert alliance.says(reference, "status") == word("brightnet", "status", "inProgress")


def test_a_status_that_the_tracker_gives_up_stops_it_before_anything_is_written(alliance: Tracked) -> None:
    said = {"title": "Эхо", "reference": "given-up", "status": "inProgress", "product": "TEL-HOME"}
    alliance.act("create", fields=fields("brightnet", {**said, "holder": "telvoz"}))
    alliance.exchange.intake("brightnet")
    alliance.keeper.retire("6", "status")
    known = alliance.exchange.alliance
    roundup = known.partners["roundup"]
    watched = replace(roundup, system=roundup.system.model_copy(update={"watch": 0}))  # else a quarter of an hour
    exchange = replace(alliance.exchange, alliance=replace(known, partners={**known.partners, "roundup": watched}))
    with pytest.raises(Refused, match=r"status was .* 6 \| .*, is ") as caught:
        exchange.deliver("roundup")
    assert caught.value.code == "X402"
    assert alliance.ana.issues(reference="given-up") == []
