"""What some REST systems want beside the words of a mapping, by declaration: proofs, constants, notes by their ids."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Change, Credentials, Receipt
from connectors.errors import Refused, Rejected, Stale, Unknown
from connectors.rest import Rest
from connectors.rest_system import RestSystem

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
READ_FIRST = {"path": "/issues/{id}?only=changed", "version": "issue.changed"}
UPDATE = {"path": "/issues/{id}", "condition": "If-Match", "read_first": READ_FIRST}
LINK = {"path": "/issues/{id}", "ids": "notes", "constants": {"@op": "add"}, "condition": "If-Match"}
NOTES = {
    "field": "notes",
    "text": "text",
    "by_ids": {"path": "/notes?full=1", "param": "id", "separator": None, "most": 2, "records": "notes"},
    "add": {"path": "/notes", "id": "note.id", "constants": {"author": "{login}", "at": "."}},
    "link": {**LINK, "read_first": {"path": "/issues/{id}?only=changed"}},
}


def declared(**more: Any) -> RestSystem:
    return RestSystem.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "connection": "acme",
            "private_network": True,
            "deadline": 5,
            "auth": {"kind": "basic"},
            "headers": {"Origin": "{origin}", "X-Version": "1"},
            "check": {"path": "/users/{login}?only=name", "name": "name"},
            "record": {
                "id": "id",
                "stamp": "changed",
                "hub_id": "hub",
                "merged_into": "into",
                "params": {"fields": "all"},
            },
            "list": {"path": "/issues", "records": "issues", "paging": {"style": "page"}},
            "one": "/issues/{id}",
            "batch": {
                "path": "/issues",
                "param": "id",
                "separator": None,
                "most": 2,
                "records": "issues",
                "absent_is_gone": True,
            },
            "find": {"path": "/issues", "param": "hub", "records": "issues"},
            "create": {"path": "/issues", "id": "id", "look_first": True},
            "update": {**UPDATE, "null_as": ""},
            "notes": NOTES,
            **more,
        }
    )


class Tracker:
    """An issue tracker that wants a proof with each write, overlooks null, and keeps notes by their ids. between: what
    an agent does after a proof was read; the order in which calls came is in `calls`."""

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, dict[str, Any]] = {}
        self.moved = 0
        self.between: Callable[[], None] = lambda: None
        self.calls: list[str] = []
        self.bodies: list[Any] = []
        self.tags = True

    def add(self, **said: Any) -> str:
        number = str(len(self.issues) + 1)
        self.issues[number] = {"id": number, "hub": None, "notes": [], "into": [], **said}
        self.touch(number)
        return number

    def touch(self, number: str) -> None:
        self.moved += 1
        self.issues[number]["changed"] = f"2026-11-28T09:00:{self.moved:02}Z"

    def tag(self, number: str) -> str:
        return f'"{number}-{self.issues[number]["changed"]}"'

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        self.calls.append(f"{asked.method} {asked.path}")
        said = json.loads(asked.body) if asked.body else {}
        if asked.body:
            self.bodies.append(said)
        answer: Any = {"message": "nothing here"}
        status, headers, number = 404, {}, asked.path.removeprefix("/issues/")
        if asked.path in ("/issues", "/notes") and asked.method == "GET":
            kept = self.issues if asked.path == "/issues" else self.notes
            wanted = [value for name, value in asked.pairs if name == "id"] or list(kept)
            found = [
                kept[one] for one in wanted if one in kept and asked.query.get("hub") in (None, kept[one].get("hub"))
            ]
            status, answer = 200, {asked.path[1:]: found}
        elif asked.method == "POST":
            if asked.path == "/issues":
                status, answer = 201, {"id": self.add(**{k: v for k, v in said.items() if v is not None})}
            else:
                self.notes[str(len(self.notes) + 11)] = {"id": str(len(self.notes) + 11), **said}
                status, answer = 201, {"note": {"id": list(self.notes)[-1]}}
        elif number in self.issues and asked.method == "GET":
            status, answer = 200, {"issue": {"changed": self.issues[number]["changed"]}}
            headers = {"ETag": self.tag(number)} if self.tags else {}
            self.between()
        elif number in self.issues and asked.headers.get("if-match") != self.tag(number):
            status = 412
        elif number in self.issues:
            known = {name: value for name, value in said.items() if value is not None and not name.startswith("@")}
            if said.get("@op") == "add":
                known = {name: self.issues[number][name] + value for name, value in known.items()}
            self.issues[number].update(known)
            self.touch(number)
            status, answer = 200, {}
        return status, headers, json.dumps(answer).encode()


@pytest.fixture
def tracker() -> Tracker:
    return Tracker()


@pytest.fixture
def server(serve: Any, tracker: Tracker) -> Any:
    return serve(tracker)


@pytest.fixture
def rest_to(server: Any) -> Iterator[Callable[..., Rest]]:
    made: list[Rest] = []

    def make(**more: Any) -> Rest:
        credentials = Credentials(server.url, "ann o'hub", "secret")
        rest = Rest(declared(**more), credentials, clock=lambda: NOW, sleep=lambda _: None, monotonic=time.monotonic)
        made.append(rest)
        return rest

    yield make
    for rest in made:
        rest.close()


def push(rest: Rest, *changes: Change) -> list[Receipt]:
    receipts = {receipt.key: receipt for receipt in rest.push(changes)}
    return [receipts[change.key] for change in changes]


def update(rest: Rest, number: str, **said: Any) -> Change:
    (record,) = rest.fetch([number])
    return Change("u", "update", "lane", said, "h", number, base_version=record.version)


def note(number: str, text: str, key: str = "n") -> Change:
    return Change(key, "add_note", "lane", {"text": text}, "h", number, ref="ref")


def test_origin_and_login_come_from_the_connection(server: Any, rest_to: Any) -> None:
    with pytest.raises(Refused):
        rest_to().check()
    (asked,) = server.asked
    assert (asked.path, asked.query) == ("/users/ann%20o%27hub", {"only": "name"})
    assert (asked.headers["origin"], asked.headers["x-version"]) == (server.url, "1")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Desk.example.com:443/api/", "https://desk.example.com"),
        ("https://desk.example.com:8443/api", "https://desk.example.com:8443"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_a_browser_does(url: str, origin: str) -> None:
    rest = Rest(declared(), Credentials(url), clock=lambda: NOW, sleep=lambda _: None, monotonic=time.monotonic)
    assert rest.system.headers["Origin"] == origin
    rest.close()


def test_an_update_carries_what_was_read_right_before_it(tracker: Tracker, server: Any, rest_to: Any) -> None:
    rest, number = rest_to(), tracker.add(title="x", state="new")
    (receipt,) = push(rest, update(rest, number, title="y", state=None))
    assert receipt.error is None
    assert tracker.calls[-2:] == ["GET /issues/1", "PATCH /issues/1"]
    assert server.asked[-2].query == {"only": "changed"}
    assert tracker.bodies == [{"title": "y", "state": ""}], "null would be overlooked"
    assert tracker.issues[number]["title"] == "y"


def test_nothing_is_written_over_a_record_that_moved(tracker: Tracker, rest_to: Any) -> None:
    rest, number = rest_to(), tracker.add(title="x")
    change = update(rest, number, title="y")
    tracker.touch(number)
    (receipt,) = push(rest, change)
    assert isinstance(receipt.error, Stale)
    assert tracker.calls[-1] == "GET /issues/1", "seen by the reading: the write was not tried"
    change, tracker.between = update(rest, number, title="z"), lambda: tracker.touch(number)
    (receipt,) = push(rest, change)
    assert isinstance(receipt.error, Stale)
    assert tracker.calls[-1] == "PATCH /issues/1", "seen by the proof"
    assert tracker.issues[number]["title"] == "x"


def test_a_record_that_is_not_there_to_be_read_takes_no_update(rest_to: Any) -> None:
    (receipt,) = push(rest_to(), Change("u", "update", "lane", {"title": "y"}, "h", "77", base_version="v"))
    assert isinstance(receipt.error, Rejected)
    assert receipt.error.code == "C605"


@pytest.mark.parametrize(("place", "said"), [("read_first.header", "'ETag'"), ("read_first.version", "'issue.when'")])
def test_a_reading_without_its_proof_is_a_broken_contract(
    tracker: Tracker, rest_to: Any, place: str, said: str
) -> None:
    tracker.tags = place != "read_first.header"
    reading = READ_FIRST if not tracker.tags else {**READ_FIRST, "version": "issue.when"}
    rest = rest_to(update={**UPDATE, "read_first": reading})
    (receipt,) = push(rest, update(rest, tracker.add(), title="y"))
    assert isinstance(receipt.error, Refused)
    assert place in str(receipt.error)
    assert said in str(receipt.error)


def test_notes_are_read_by_ids_for_many_records_at_once(tracker: Tracker, server: Any, rest_to: Any) -> None:
    for number in ("11", "12", "13"):
        tracker.notes[number] = {"id": number, "text": f"note {number}"}
    tracker.add(notes=["12", "11"])
    tracker.add(notes=[{"id": "13", "link": "/notes/13"}, "99"])
    tracker.add()
    (page,) = rest_to().pull(None)
    told = [[one["text"] for one in record.body["notes"]] for record in page.records]
    assert told == [["note 12", "note 11"], ["note 13"], []], "in their order; what is not answered is left out"
    asked = [sorted(one.pairs) for one in server.asked if one.path == "/notes"]
    assert asked == [[("full", "1"), ("id", "11"), ("id", "12")], [("full", "1"), ("id", "13"), ("id", "99")]]
    assert server.asked[0].query["fields"] == "all"


def test_what_a_batch_leaves_out_is_gone_and_a_list_says_into_which(tracker: Tracker, rest_to: Any) -> None:
    first, second = tracker.add(), tracker.add(into=["1"])
    found = {one.native_id: one for one in rest_to().fetch([first, second, "77"])}
    assert {name: (one.gone, one.merged_into) for name, one in found.items()} == {
        "1": (False, None),
        "2": (True, "1"),
        "77": (True, None),
    }


def test_a_note_in_two_steps(tracker: Tracker, rest_to: Any) -> None:
    rest, number = rest_to(), tracker.add(notes=["11"])
    tracker.notes["11"] = {"id": "11", "text": "theirs"}
    moves = iter(range(3))
    tracker.between = lambda: tracker.touch(number) if next(moves, None) is not None else None
    (receipt,) = push(rest, note(number, "ours [ref]"))
    assert receipt.error is None
    assert receipt.note_id == "12"
    assert tracker.notes["12"] == {"id": "12", "text": "ours [ref]", "author": "ann o'hub", "at": "."}
    assert tracker.issues[number]["notes"] == ["11", "12"], "told once, though the issue moved three times meanwhile"
    assert tracker.calls.count("POST /notes") == 1
    assert rest.find_note(number, "[ref]") == "12"


def test_a_note_whose_record_never_stands_still_waits(tracker: Tracker, rest_to: Any) -> None:
    rest, number = rest_to(), tracker.add()
    tracker.between = lambda: tracker.touch(number)
    (receipt,) = push(rest, note(number, "ours [ref]"))
    assert isinstance(receipt.error, Stale)
    assert tracker.calls.count("PATCH /issues/1") == 5
    assert rest.find_note(number, "[ref]") is None


def test_a_note_of_which_no_id_is_told_may_be_written(tracker: Tracker, rest_to: Any) -> None:
    number = tracker.add()
    rest = rest_to(notes={**NOTES, "add": {**NOTES["add"], "id": "note.number"}})
    (receipt,) = push(rest, note(number, "ours"))
    assert isinstance(receipt.error, Unknown)
    assert "notes.add.id" in str(receipt.error)


def test_a_record_is_looked_for_before_it_is_made(tracker: Tracker, rest_to: Any) -> None:
    create = Change("c", "create", "lane", {"title": "x"}, "hub-1")
    first, again = push(rest_to(), create)[0], push(rest_to(), create)[0]
    assert (first.found, first.native_id, again.found, again.native_id) == (False, "1", True, "1")
    assert tracker.calls.count("POST /issues") == 1


def test_picklists_that_are_lists_of_their_own(tracker: Tracker, rest_to: Any) -> None:
    tracker.add(), tracker.add()
    state = {"path": "/issues", "records": "issues"}
    told = rest_to(describe={"picklists": {"state": state}, "untold": ["title"]}).describe()
    assert {name: (field.type, field.values) for name, field in told.fields.items()} == {
        "title": ("text", ()),
        "state": ("picklist", ("1", "2")),
    }
    tracker.add()
    now = rest_to(describe={"picklists": {"state": state}, "untold": ["title"]}).describe()
    assert now.fingerprint != told.fingerprint
    for wrong, said in (({"records": "all"}, "picklists.state.records"), ({"value": "name"}, "picklists.state.value")):
        with pytest.raises(Refused, match=said):
            rest_to(describe={"picklists": {"state": {**state, **wrong}}}).describe()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"update": {"path": "/i", "read_first": READ_FIRST}}, "condition: name the header"),
        ({"notes": {**NOTES, "path": "/issues/{id}/notes"}}, "by_ids: notes are read by `path` or by their ids"),
        ({"notes": {**NOTES, "add": {"path": "/notes"}}}, "add.id: `link` needs the new note's id"),
        ({"create_batch": {"path": "/batch", "id": "id"}}, "create.look_first: leave out `create_batch`"),
        (
            {"abilities": {"conditional_write": True}, "update": {**UPDATE, "read_first": {"path": "/issues/{id}"}}},
            "update.read_first.version: abilities say conditional_write",
        ),
    ],
)
def test_a_declaration_that_cannot_hold_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        declared(**wrong)
