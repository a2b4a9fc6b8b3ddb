"""A real Roundup over a line that loses and repeats, and with people who act between two calls of ours."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import roundup_tracker
from connectors import paths
from connectors.base import Change, Connector, Credentials, Receipt, System
from connectors.errors import Refused, Rejected, Stale, Throttled, Unknown
from connectors.kinds import connect
from hub.partners import load_system
from partner_line import Line, at, line_to


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with roundup_tracker.tracker(tmp_path_factory.mktemp("roundup")) as one:
        yield one


@pytest.fixture
def ana(url: str) -> Iterator[roundup_tracker.Person]:
    with closing(roundup_tracker.Person(url, "ana", "agent")) as person:
        yield person


@pytest.fixture
def line(url: str) -> Iterator[Line]:
    with line_to(url) as one:
        yield one


@pytest.fixture
def rest(line: Line) -> Iterator[Connector]:
    with closing(to(line.url)) as connector:
        yield connector


def to(url: str, password: str = roundup_tracker.LOGIN[1]) -> Connector:
    """A connector by the partner folder's declaration."""
    system: System = load_system(roundup_tracker.FOLDER)
    return connect(system, Credentials(url, roundup_tracker.LOGIN[0], password), clock=lambda: datetime.now(UTC))


def push(rest: Connector, change: Change) -> Receipt:
    (receipt,) = rest.push([change])
    return receipt


def create(title: str = "No signal") -> Change:
    hub_id = str(uuid.uuid4())
    return Change(f"{hub_id}/create", "create", hub_id, {"title": title, "status": "1"}, hub_id)


def update(rest: Connector, number: str, **said: Any) -> Change:
    (record,) = rest.fetch([number])
    return Change(str(uuid.uuid4()), "update", number, said, "", number, base_version=record.version)


def note(number: str) -> Change:
    ref = f"acme/{uuid.uuid4()}"
    body = {"content": f"We are on it.\n\n— Ann, Acme [{ref}]", "audience": "partners"}
    return Change(str(uuid.uuid4()), "add_note", number, body, "", number, ref=ref)


def test_each_write_costs_the_calls_that_the_folder_says(
    rest: Connector, line: Line, ana: roundup_tracker.Person
) -> None:
    number = ana.open(title="No signal")
    sent: list[str] = []
    for change in (create(), update(rest, number, status="5"), note(number)):
        line.before = lambda asked: sent.append(f"{asked.method} {asked.path.removeprefix('/rest/data')}")
        assert push(rest, change).error is None
        line.clear()
    issue = f"/issue/{number}"
    assert sent == [
        *("GET /issue", "POST /issue"),
        *(f"GET {issue}", f"PATCH {issue}"),
        *("POST /msg", f"GET {issue}", f"PATCH {issue}"),
    ]


def test_a_create_whose_answer_is_lost_is_found_and_not_made_again(
    rest: Connector, line: Line, ana: roundup_tracker.Person
) -> None:
    change, line.lost = create(), at("POST", "/issue")
    assert isinstance(push(rest, change).error, Unknown)
    line.clear()
    (found,) = rest.find(change.hub_id)
    again = push(rest, change)
    assert (again.error, again.found, again.native_id) == (None, True, found.native_id)
    assert ana.issues(hubcaseid=change.hub_id) == [found.native_id]


def test_an_update_whose_answer_is_lost_is_seen_by_reading(
    rest: Connector, line: Line, ana: roundup_tracker.Person
) -> None:
    number = ana.open(title="No signal")
    change, line.lost = update(rest, number, status="5"), at("PATCH", f"/issue/{number}")
    assert isinstance(push(rest, change).error, Unknown)
    line.clear()
    assert rest.fetch([number])[0].body["status"] == "5"


@pytest.mark.parametrize("lost", ["POST /msg", "GET /issue/", "PATCH /issue/"])
def test_a_note_whose_answer_is_lost_stands_there_once(
    rest: Connector, line: Line, ana: roundup_tracker.Person, lost: str
) -> None:
    number = ana.open(title="No signal")
    method, path = lost.split()
    change, line.lost = note(number), at(method, path if path == "/msg" else path + number)
    assert push(rest, change).error is not None
    line.clear()
    there = rest.find_note(number, change.ref or "")
    assert (there is not None) == (method == "PATCH"), "only its last step makes it seen"
    if there is None:
        assert push(rest, change).error is None
    assert [one["content"] for one in ana.messages(number)] == [change.body["content"]]


def test_what_a_line_delivers_twice_is_there_once(rest: Connector, line: Line, ana: roundup_tracker.Person) -> None:
    number = ana.open(title="No signal")
    for method, path in (("POST", "/msg"), ("PATCH", f"/issue/{number}")):
        change, line.twice = note(number), at(method, path)
        assert push(rest, change).error is None
        assert sum(change.ref in one["content"] for one in ana.messages(number)) == 1
    written = push(rest, update(rest, number, status="5"))
    assert isinstance(written.error, Stale), "the second answer says that it moved, by ourselves"
    assert ana.issue(number)["status"] == "5"


def test_a_create_that_a_line_delivers_twice_makes_two_and_both_are_found(
    rest: Connector, line: Line, ana: roundup_tracker.Person
) -> None:
    """unique_key is false: nothing there refuses the second one, so a person is asked about it (X301)."""
    change, line.twice = create(), at("POST", "/issue")
    receipt = push(rest, change)
    assert receipt.error is None
    found = {one.native_id for one in rest.find(change.hub_id)}
    assert len(found) == 2
    assert receipt.native_id in found


def test_an_edit_between_our_reading_and_our_write_is_not_written_over(
    rest: Connector, line: Line, ana: roundup_tracker.Person
) -> None:
    number = ana.open(title="No signal")
    change = update(rest, number, title="ours", status="5")
    told = iter([{"title": "an agent was here"}])
    line.before = lambda asked: [ana.edit(number, **said) for said in told] if asked.method == "PATCH" else None
    assert isinstance(push(rest, change).error, Stale)
    assert {name: ana.issue(number)[name] for name in ("title", "status")} == {
        "title": "an agent was here",
        "status": "1",
    }


def test_two_people_and_the_hub_add_to_one_issue_and_nothing_is_lost(
    rest: Connector, line: Line, ana: roundup_tracker.Person
) -> None:
    number = ana.open(title="No signal")
    theirs = iter(["first", "second"])

    def act(asked: Any) -> None:
        if asked.method == "PATCH" and (text := next(theirs, None)):
            ana.note(number, text)

    line.before, change = act, note(number)
    assert push(rest, change).error is None
    assert sorted(one["content"] for one in ana.messages(number)) == sorted(["first", "second", change.body["content"]])


def test_an_issue_that_is_retired_meanwhile_takes_nothing(
    rest: Connector, url: str, ana: roundup_tracker.Person
) -> None:
    number = ana.open(title="No signal")
    change = update(rest, number, status="5")
    with closing(roundup_tracker.Person(url, "keeper", "keeper")) as keeper:
        keeper.retire(number)
    for one in (change, note(number)):
        error = push(rest, one).error
        assert isinstance(error, Rejected | Stale)
    assert rest.fetch([number])[0].gone


def test_what_a_role_may_not_do_stops_the_partner_and_says_what(rest: Connector, url: str) -> None:
    change = create()
    wrong = Change("k", "create", "lane", {**change.body, "keyword": ["1"]}, change.hub_id)
    error = push(rest, wrong).error
    assert isinstance(error, Rejected | Refused)
    assert "keyword" in str(error)


def test_its_own_bound_on_calls_is_kept_as_it_asks(tmp_path: Path) -> None:
    bound = {"web_api_calls_per_interval": "2", "web_api_interval_in_sec": "120"}
    with roundup_tracker.tracker(tmp_path, **bound) as slow, closing(to(slow)) as rest:
        for _ in range(2):
            rest.check()
        with pytest.raises(Throttled) as caught:
            rest.check()
        assert 1 <= caught.value.after <= 120
        receipts = list(rest.push([create(), create()]))
        assert [type(one.error) for one in receipts] == [Throttled, Throttled]


def test_a_password_that_is_changed_in_mid_push_stops_it_and_nothing_is_half_known(
    rest: Connector, line: Line, url: str, ana: roundup_tracker.Person
) -> None:
    changes = [create(f"T{number}") for number in range(6)]
    seen = iter(range(100))

    def expire(asked: Any) -> None:
        if next(seen) >= 5:
            asked.headers["authorization"] = "Basic bm9ib2R5Ondyb25n"

    line.before = expire
    receipts = {one.key: one for one in rest.push(changes)}
    line.clear()
    for change in changes:
        receipt = receipts[change.key]
        made = ana.issues(hubcaseid=change.hub_id)
        assert made == ([] if receipt.error else [receipt.native_id])
    assert any(isinstance(one.error, Refused) for one in receipts.values())
    assert not any(isinstance(one.error, Unknown) for one in receipts.values())


def test_texts_of_every_kind_come_back_as_they_went(rest: Connector, ana: roundup_tracker.Person) -> None:
    texts = [
        "Ünïcödé — Кириллица, العربية 📺",
        "<b>bold</b> & \"quoted\" 'too' \\ %s ${x} {{y}} ]]>",
        "a\u202eb\u200bc",
        "line one\nline two\n\n  indented",
        "x" * 20_000,
        "'; DROP TABLE _issue; --",
        "@op remove",
    ]
    for text in texts:
        receipt = push(rest, create(text))
        assert receipt.error is None
        (record,) = rest.fetch([receipt.native_id or ""])
        assert paths.get(record.body, "title") == text
