"""What REST systems such as Redmine and Request Tracker want, by declaration: words in members of lists, filters of
their own, notes in two lists, files in two steps."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from pydantic import ValidationError

from connectors import paths
from connectors.base import Change, Credentials, Cursor, Receipt
from connectors.errors import Refused, Rejected, Stale, Unknown
from connectors.files import Content
from connectors.rest import Rest
from connectors.rest_system import RestSystem

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
PAGING = {"style": "page", "param": "page"}
NOTES = {
    "field": "notes",
    "id": "id",
    "text": "said",
    "path": "/issues/{id}/lines?kind=all",
    "records": "lines",
    "limit": "size",
    "paging": PAGING,
    "texts": {"path": "/issues/{id}/texts", "records": "texts", "note": "line", "take": {"said": "text"}},
    "filled": True,
    "add": {"path": "/issues/{id}/inside", "by": "kind", "paths": {"open": "/issues/{id}/open"}},
}
FILES = {
    "get": "/files/{file}",
    "add": {"path": "/bytes?name={name}", "encoding": "raw", "type": "application/octet-stream", "id": "up.id"},
    "link": {
        "method": "PUT",
        "path": "/issues/{id}",
        "wrap": "issue",
        "files": "uploads",
        "given": {"key": "up.token"},
    },
}


def declared(**more: Any) -> RestSystem:
    return RestSystem.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "connection": "acme",
            "private_network": True,
            "overlap": 0,
            "page": 2,
            "auth": {"kind": "none"},
            "check": {"path": "/me", "name": "name"},
            "record": {"stamp": "changed", "hub_id": "fields[id=1].value", "deleted": "state", "deleted_is": ["gone"]},
            "list": {
                "path": "/issues",
                "records": "issues",
                "paging": PAGING,
                "since": {"param": "q", "template": "changed >= '{stamp}'", "format": "%Y-%m-%d %H:%M", "early": 60},
            },
            "one": "/issues/{id}",
            "one_record": "issue",
            "one_follows": True,
            "find": {
                "path": "/issues",
                "param": "q",
                "template": "'f{{1}}' = '{hub_id}'",
                "escaped": "'\\",
                "records": "issues",
            },
            "create": {"path": "/issues", "wrap": "issue", "id": "issue.id"},
            "update": {
                "method": "PUT",
                "path": "/issues/{id}",
                "wrap": "issue",
                "null_as": {"urgency": 2},
                "read_first": {"path": "/issues/{id}", "header": None, "version": "issue.changed"},
            },
            "notes": {**NOTES, "paging": PAGING},
            "files": FILES,
            "errors": {"message": "errors", "duplicate": None},
            **more,
        }
    )


def issue(number: int, hub: str | None = None, **more: Any) -> dict[str, Any]:
    fields = [{"id": 7, "value": "x"}, {"id": 1, "value": hub}]
    return {"id": number, "changed": f"2026-11-28T09:00:{number:02}Z", "state": "new", "fields": fields, **more}


class Desk:
    """What it answers, by method and path; else there is nothing here."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.status = 200

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        told = self.answers.get(f"{asked.method} {asked.path}")
        if callable(told):
            told = told(asked)
        return (404, {}, b"{}") if told is None else (self.status, {}, json.dumps(told).encode())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def server(serve: Any, desk: Desk) -> Any:
    return serve(desk)


@pytest.fixture
def rest_to(server: Any) -> Iterator[Callable[..., Rest]]:
    made: list[Rest] = []

    def make(**more: Any) -> Rest:
        rest = Rest(
            declared(**more), Credentials(server.url), clock=lambda: NOW, sleep=lambda _: None, monotonic=time.monotonic
        )
        made.append(rest)
        return rest

    yield make
    for rest in made:
        rest.close()


def push(rest: Rest, change: Change) -> Receipt:
    (receipt,) = rest.push([change])
    return receipt


def sent(server: Any) -> Any:
    return json.loads(server.asked[-1].body)


def without_notes(desk: Desk, *numbers: int) -> None:
    for number in numbers:
        desk.answers[f"GET /issues/{number}/lines"] = {"lines": []}
        desk.answers[f"GET /issues/{number}/texts"] = {"texts": []}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("fields[id=1].value", "h"),
        ("fields[id=9].value", None),
        ("fields[id=1]", {"id": 1, "value": "h"}),
        ("words[0]", "a"),
        ("words[1]", None),
        ("id[id=1].value", None),
    ],
)
def test_a_path_enters_a_list_by_what_its_member_holds_or_by_its_place(path: str, found: Any) -> None:
    assert paths.get({**issue(3, "h"), "words": ["a"]}, path) == found


def test_a_word_is_put_into_the_member_that_is_there_or_into_a_new_one() -> None:
    body: dict[str, Any] = {"fields": [{"id": 7, "value": "x"}]}
    paths.put(body, "fields[id=7].value", "y")
    paths.put(body, "fields[id=1].value", "h")
    paths.put(body, "custom[name=Hub case].value", "h")
    assert body == {
        "fields": [{"id": 7, "value": "y"}, {"id": 1, "value": "h"}],
        "custom": [{"name": "Hub case", "value": "h"}],
    }


def test_the_hubs_number_stands_in_a_member_of_a_list_both_ways(desk: Desk, server: Any, rest_to: Any) -> None:
    desk.answers |= {"POST /issues": {"issue": {"id": 3}}, "GET /issues": {"issues": [issue(3, "h"), issue(4, "g")]}}
    without_notes(desk, 3, 4)
    change = Change("k", "create", "h", {"title": "x", "fields": [{"id": 7, "value": "y"}]}, "h")
    assert push(rest_to(), change).native_id == "3"
    assert sent(server) == {"issue": {"title": "x", "fields": [{"id": 7, "value": "y"}, {"id": 1, "value": "h"}]}}
    assert [one.native_id for one in rest_to().find("h")] == ["3"]


def test_the_hubs_number_may_be_written_elsewhere_than_it_is_read(desk: Desk, server: Any, rest_to: Any) -> None:
    desk.answers["POST /issues"] = {"issue": {"id": 3}}
    shape = {"stamp": "changed", "hub_id": "fields[id=1].values[0]", "hub_id_to": "fields.Hub"}
    push(rest_to(record=shape), Change("k", "create", "h", {"title": "x"}, "h"))
    assert sent(server) == {"issue": {"title": "x", "fields": {"Hub": "h"}}}


def test_a_filter_is_asked_in_a_form_of_its_own_and_quotes_end_no_text_in_it(
    desk: Desk, server: Any, rest_to: Any
) -> None:
    desk.answers["GET /issues"] = {"issues": []}
    rest = rest_to()
    list(rest.pull(Cursor("2026-11-28T09:00:30+00:00")))
    assert rest.find("' OR \\1 = '1") == []
    assert [one.query["q"] for one in server.asked] == ["changed >= '2026-11-28 09:00'", r"'f{1}' = '\' OR \\1 = \'1'"]


def test_a_filter_that_answers_somewhat_too_much_is_no_broken_one(desk: Desk, rest_to: Any) -> None:
    desk.answers["GET /issues"] = {"issues": [issue(10)]}
    without_notes(desk, 10)
    (page,) = rest_to().pull(Cursor("2026-11-28T09:01:00+00:00"))
    assert [one.native_id for one in page.records] == ["10"]
    with pytest.raises(Refused, match="ignores the filter"):
        list(rest_to().pull(Cursor("2026-11-28T09:03:00+00:00")))


def test_a_word_of_its_own_marks_a_deleted_record_and_a_merged_one_answers_as_another(desk: Desk, rest_to: Any) -> None:
    desk.answers |= {
        "GET /issues/3": {"issue": issue(3, state="gone")},
        "GET /issues/4": {"issue": issue(5)},
        "GET /issues/5": {"issue": issue(5)},
    }
    without_notes(desk, 5)
    told = {one.native_id: (one.gone, one.merged_into) for one in rest_to().fetch(["3", "4", "5"])}
    assert told == {"3": (True, None), "4": (True, "5"), "5": (False, None)}


def test_what_cannot_be_empty_gets_the_word_that_is_declared(desk: Desk, server: Any, rest_to: Any) -> None:
    desk.answers |= {"GET /issues/3": {"issue": issue(3)}, "PUT /issues/3": {}}
    push(rest_to(), Change("k", "update", "h", {"urgency": None, "reason": None}, "h", "3"))
    assert sent(server) == {"issue": {"urgency": 2, "reason": None}}


def test_a_record_that_moved_is_not_written_though_nothing_there_would_refuse_it(
    desk: Desk, server: Any, rest_to: Any
) -> None:
    desk.answers |= {"GET /issues/3": {"issue": issue(3)}, "PUT /issues/3": {}}
    without_notes(desk, 3)
    rest = rest_to()
    (record,) = rest.fetch(["3"])
    change = Change("k", "update", "h", {"title": "ours"}, "h", "3", record.version)
    assert push(rest, change).error is None
    assert "if-match" not in server.asked[-1].headers
    desk.answers["GET /issues/3"] = {"issue": {**issue(3), "changed": "2026-11-28T09:30:00Z"}}
    assert isinstance(push(rest, change).error, Stale)
    assert server.asked[-1].method == "GET"


def test_several_complaints_are_told_as_one(desk: Desk, rest_to: Any) -> None:
    desk.answers["POST /issues"], desk.status = {"errors": ["Title is empty", "Urgency is none"]}, 422
    error = push(rest_to(), Change("k", "create", "h", {}, "h")).error
    assert isinstance(error, Rejected)
    assert "They said: Title is empty; Urgency is none" in str(error)


def paged(name: str, whole: list[Any]) -> Callable[[Any], Any]:
    return lambda asked: {name: whole[2 * int(asked.query["page"]) - 2 : 2 * int(asked.query["page"])]}


def test_notes_and_what_they_say_are_two_lists_read_to_their_ends(desk: Desk, server: Any, rest_to: Any) -> None:
    lines = [{"id": number, "kind": "open"} for number in range(5)]
    texts = [
        {"line": "0", "text": ""},
        {"line": "0", "text": "a"},
        {"line": "0", "text": "file"},
        {"line": 4, "text": "e"},
    ]
    desk.answers |= {
        "GET /issues/3": {"issue": issue(3)},
        "GET /issues/3/lines": paged("lines", lines),
        "GET /issues/3/texts": paged("texts", texts),
    }
    (record,) = rest_to().fetch(["3"])
    assert [(one["id"], one["said"]) for one in record.body["notes"]] == [(0, "a"), (4, "e")]
    asked = [one for one in server.asked if one.path.endswith("lines")]
    assert [one.query for one in asked] == [{"kind": "all", "size": "2", "page": str(page)} for page in (1, 2, 3)]


def test_a_list_of_notes_that_does_not_go_on_ends_all_the_same(desk: Desk, rest_to: Any) -> None:
    desk.answers |= {
        "GET /issues/3": {"issue": issue(3)},
        "GET /issues/3/lines": {"lines": [{"id": 1}, {"id": 2}]},
    }
    with pytest.raises(Refused, match="does not go on"):
        rest_to().fetch(["3"])


@pytest.mark.parametrize(("kind", "path"), [("open", "/issues/3/open"), ("inside", "/issues/3/inside")])
def test_where_a_note_goes_depends_on_who_may_read_it(
    desk: Desk, server: Any, rest_to: Any, kind: str, path: str
) -> None:
    desk.answers[f"POST {path}"] = ["added"]
    receipt = push(rest_to(), Change("k", "add_note", "h", {"kind": kind, "text": "x"}, "h", "3", ref="r"))
    assert (receipt.error, server.asked[-1].path) == (None, path)


def file_of(name: str) -> Change:
    content = Content(name, "image/png", 3, sha256(b"abc").hexdigest(), lambda: iter([b"abc"]))
    return Change("k", "add_file", "h", {"name": name, "who": "all"}, "h", "3", ref="r", content=content)


def test_a_file_is_sent_first_and_given_to_its_record_then(desk: Desk, server: Any, rest_to: Any) -> None:
    desk.answers |= {"POST /bytes": {"up": {"id": 8, "token": "t"}}, "PUT /issues/3": {}}
    receipt = push(rest_to(), file_of("a b.png"))
    assert (receipt.error, receipt.file_id) == (None, "8")
    first, second = server.asked
    assert (first.query, first.body) == ({"name": "a b.png"}, b"abc")
    assert first.headers["content-type"] == "application/octet-stream"
    assert json.loads(second.body) == {"issue": {"uploads": [{"name": "a b.png", "who": "all", "key": "t"}]}}


def test_a_file_whose_record_does_not_take_it_is_rejected_and_one_without_its_token_unknown(
    desk: Desk, rest_to: Any
) -> None:
    desk.answers["POST /bytes"] = {"up": {"id": 8, "token": "t"}}
    assert isinstance(push(rest_to(), file_of("a.png")).error, Rejected)
    desk.answers["POST /bytes"] = {"up": {"id": 8}}
    error = push(rest_to(), file_of("a.png")).error
    assert isinstance(error, Unknown)
    assert "files.link.given.key" in str(error)


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ({"path": "/issues/{id}", "header": None}, "without a header there is nothing else to look at"),
        ({"path": "/issues/{id}"}, "name the header that carries what read_first reads"),
    ],
)
def test_a_reading_before_a_write_must_look_at_something(reading: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        declared(update={"path": "/issues/{id}", "read_first": reading})
