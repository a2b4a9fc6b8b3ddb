"""More habits of REST systems, by declaration: feeds, newest first, links, totals, errors under 200, whole records.

One little tracker over a real socket, which keeps to whichever habit a test asks for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Change, Credentials, Cursor, Receipt
from connectors.errors import Refused, Rejected, Stale, Throttled
from connectors.rest import Rest
from connectors.rest_system import RestSystem

START = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)


def declared(listed: dict[str, Any] | None = None, **more: Any) -> RestSystem:
    return RestSystem.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "connection": "acme_api",
            "private_network": True,
            "deadline": 5,
            "page": 3,
            "overlap": 0,
            "auth": {"kind": "none"},
            "check": {"path": "/me", "name": "login"},
            "record": {"id": "id", "stamp": "changed", "hub_id": "hub"},
            "list": {"path": "/issues", "records": "issues", "paging": {"style": "page"}, **(listed or {})},
            "one": "/issues/{id}",
            "find": {"path": "/issues", "param": "hub", "records": "issues"},
            "create": {"path": "/issues", "record": ""},
            "update": {"path": "/issues/{id}", "record": ""},
            "notes": {"add": {"path": "/issues/{id}/notes", "id": "id"}},
            **more,
        }
    )


class Tracker:
    """Issues, a feed of their changes, and pages of three. cap: most issues a page, whatever is asked for. feed_from:
    events before it are forgotten. between: what agents do after each page."""

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.feed: list[dict[str, Any]] = []
        self.at, self.cap, self.feed_from, self.base = START, 3, 0, ""
        self.between: Callable[[], None] = lambda: None
        self.calls: list[str] = []
        self.bodies: list[Any] = []

    def edit(self, native_id: str, text: str = "x") -> None:
        self.at += timedelta(seconds=1)
        self.issues[native_id] = {"id": native_id, "text": text, "changed": self.at.isoformat(), "hub": None}
        self.feed.append({"seq": len(self.feed) + 1, "about": {"issue": native_id}, "what": "edited"})

    def delete(self, native_id: str) -> None:
        del self.issues[native_id]
        self.feed.append({"seq": len(self.feed) + 1, "about": {"issue": native_id}, "what": "deleted"})

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        self.calls.append(f"{asked.method} {asked.path}")
        status, headers, told = self.answer(asked)
        self.between()
        return status, headers, json.dumps(told).encode()

    def answer(self, asked: Any) -> tuple[int, dict[str, str], Any]:
        native_id = asked.path.removeprefix("/issues").strip("/")
        if asked.path == "/feed":
            return self.events(asked.query)
        if asked.method in ("PUT", "PATCH"):
            self.bodies.append(json.loads(asked.body))
            return 200, {}, {**self.issues[native_id], **self.bodies[-1]}
        if native_id:
            found = self.issues.get(native_id)
            return (200, {}, found) if found else (404, {}, {"message": "no such issue"})
        return self.page(asked.query)

    def page(self, query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        newest = query.get("sort") == "-changed"
        found = sorted(self.issues.values(), key=lambda one: str(one["changed"]), reverse=newest)
        size = len(found) if "limit" not in query else min(int(query["limit"]), self.cap)
        start = int(query.get("offset", (int(query.get("page", 1)) - 1) * size))
        following = f'<{self.base}/issues?limit={size}&offset={start + size}>; rel="next last"'
        links = {"Link": f'<{self.base}/issues>; rel="first", {following}'} if start + size < len(found) else {}
        pages = -(-len(found) // size) if size else 0
        counts = {"total": len(found), "pages": pages}
        return 200, links, {"issues": found[start : start + size], **counts}

    def events(self, query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        after, size = int(query.get("after", self.feed_from)), int(query["limit"])
        if after < self.feed_from:
            return 410, {}, {"message": "too long ago"}
        return 200, {}, {"events": self.feed[after : after + size]}


@pytest.fixture
def tracker() -> Tracker:
    return Tracker()


@pytest.fixture
def rest_to(serve: Any, tracker: Tracker) -> Iterator[Callable[..., Rest]]:
    made: list[Rest] = []
    server = serve(tracker)
    tracker.base = server.url

    def make(system: RestSystem, url: str = server.url) -> Rest:
        credentials = Credentials(url, "casebridge", "bridge-secret")
        made.append(Rest(system, credentials, clock=lambda: START, sleep=lambda _: None, monotonic=lambda: 0.0))
        return made[-1]

    yield make
    for rest in made:
        rest.close()


def pulled(rest: Rest, cursor: Cursor | None = None) -> tuple[list[str], Cursor]:
    """(native ids as they came, the last cursor)."""
    pages = list(rest.pull(cursor))
    return [one.native_id for page in pages for one in page.records], pages[-1].cursor


def pushed(rest: Rest, change: Change) -> Receipt:
    (receipt,) = rest.push([change])
    return receipt


# how a list goes on

STYLES = [
    {"style": "link"},
    {"style": "offset", "total": "total"},
    {"style": "page", "total": "pages"},
]


@pytest.mark.parametrize("paging", STYLES, ids=lambda paging: paging["style"])
@pytest.mark.parametrize("many", [0, 1, 3, 6, 7])
def test_a_list_is_read_to_its_end_though_they_give_fewer_a_page_than_asked(
    rest_to: Any, tracker: Tracker, paging: dict[str, Any], many: int
) -> None:
    tracker.cap = 2
    for number in range(many):
        tracker.edit(str(number))
    found, _ = pulled(rest_to(declared({"paging": paging})))
    assert found == [str(number) for number in range(many)]


def test_a_list_without_pages_is_one_answer(rest_to: Any, tracker: Tracker) -> None:
    for number in range(9):
        tracker.edit(str(number))
    found, _ = pulled(rest_to(declared({"paging": {"style": "none"}, "limit": ""})))
    assert len(found) == 9
    assert tracker.calls == ["GET /issues"]


def test_a_link_to_another_host_is_not_followed(rest_to: Any, serve: Any, tracker: Tracker) -> None:
    elsewhere = serve(lambda asked: (200, {}, b"{}"))
    tracker.base = elsewhere.url.replace("127.0.0.1", "localhost")
    for number in range(4):
        tracker.edit(str(number))
    with pytest.raises(Refused):
        pulled(rest_to(declared({"paging": {"style": "link"}})))
    assert elsewhere.asked == []


# a feed

FEED = {"path": "/feed", "param": "after", "events": "events", "id": "about.issue", "cursor": "seq"}


def test_a_feed_names_what_changed_and_each_record_is_read_by_its_id_once_a_page(
    rest_to: Any, tracker: Tracker
) -> None:
    for number in range(7):
        tracker.edit(str(number))
    rest = rest_to(declared({"feed": FEED}))
    found, cursor = pulled(rest)
    assert sorted(found) == [str(number) for number in range(7)]
    assert cursor == Cursor("7")
    assert pulled(rest, cursor) == ([], cursor)
    tracker.edit("2")
    tracker.edit("2")
    tracker.feed.append({"seq": 10, "what": "somebody signed in"})
    tracker.edit("5")
    tracker.delete("3")
    tracker.calls.clear()
    pages = list(rest.pull(cursor))
    assert [[(one.native_id, one.gone) for one in page.records] for page in pages] == [
        [("2", False)], [("5", False), ("3", True)],
    ]  # fmt: skip
    assert [page.cursor.value for page in pages] == ["10", "12"]
    assert tracker.calls == ["GET /feed", "GET /issues/2", "GET /feed", "GET /issues/5", "GET /issues/3"]


def test_what_changes_while_all_is_read_the_first_time_is_told_by_the_feed_afterwards(
    rest_to: Any, tracker: Tracker
) -> None:
    for number in range(7):
        tracker.edit(str(number))
    edits = iter(["0", "new", "1", "6"])
    tracker.between = lambda: tracker.edit(next(edits, "0"), "later") if tracker.calls[-1] == "GET /issues" else None
    rest = rest_to(declared({"feed": FEED}))
    first, cursor = pulled(rest)
    tracker.between = lambda: None
    second, _ = pulled(rest, cursor)
    assert cursor == Cursor("7")
    assert {"0", "new", "1"} <= set(second)
    assert set(first) | set(second) == set(tracker.issues)


def test_a_first_pull_that_breaks_off_begins_again_and_a_cursor_they_forgot_reads_all(
    rest_to: Any, tracker: Tracker
) -> None:
    for number in range(7):
        tracker.edit(str(number))
    rest = rest_to(declared({"feed": FEED}))
    pages = list(rest.pull(None))
    assert [page.cursor.value for page in pages] == ["", "", "7"]
    again, _ = pulled(rest, pages[1].cursor)
    assert len(again) == 7
    tracker.edit("1")
    tracker.feed_from = 8
    found, cursor = pulled(rest, Cursor("7"))
    assert len(found) == 7
    assert cursor == Cursor("")  # the feed is empty as yet: where it stands is not known
    tracker.edit("4")
    assert pulled(rest, cursor)[1] == Cursor("9")


def test_a_feed_that_is_none_says_where_it_looked(rest_to: Any) -> None:
    with pytest.raises(Refused) as caught:
        pulled(rest_to(declared({"feed": {**FEED, "events": "entries"}})))
    assert "C304 the answer holds nothing usable at 'entries', where list.feed.events of system.yaml looks." in str(
        caught.value
    )


# newest first

NEWEST = {"newest_first": True, "params": {"sort": "-changed"}}


def test_a_list_newest_first_is_read_down_to_what_is_known(rest_to: Any, tracker: Tracker) -> None:
    for number in range(8):
        tracker.edit(str(number))
    rest = rest_to(declared(NEWEST))
    found, cursor = pulled(rest)
    assert found == ["5", "6", "7", "2", "3", "4", "0", "1"]
    assert cursor == Cursor((START + timedelta(seconds=8)).isoformat())
    for native_id in ("3", "0", "9", "3"):
        tracker.edit(native_id)
    tracker.calls.clear()
    found, _ = pulled(rest, cursor)
    assert found == ["0", "9", "3", "7"]  # the one of the cursor's own stamp again
    assert tracker.calls == ["GET /issues"] * 2


def test_what_is_edited_while_a_list_newest_first_is_read_is_found_now_or_by_the_next_pull(
    rest_to: Any, tracker: Tracker
) -> None:
    for number in range(12):
        tracker.edit(str(number))
    rest = rest_to(declared(NEWEST))
    edits = iter(["1", "11", "4", "0", "7"])

    def edit() -> None:
        if native_id := next(edits, ""):
            tracker.edit(native_id, "later")

    tracker.between = edit
    pages = list(rest.pull(None))
    first = {one.native_id: one.body["text"] for page in pages for one in page.records}
    assert [page.cursor.value for page in pages[:-1]] == [""] * (len(pages) - 1)
    tracker.between = lambda: None
    second = {one.native_id: one.body["text"] for page in rest.pull(pages[-1].cursor) for one in page.records}
    assert {**first, **second} == {native_id: one["text"] for native_id, one in tracker.issues.items()}


def test_a_list_that_is_not_newest_first_says_so(rest_to: Any, tracker: Tracker) -> None:
    for number in range(4):
        tracker.edit(str(number))
    with pytest.raises(Refused) as caught:
        pulled(rest_to(declared({"newest_first": True})))
    assert "the list is not sorted by 'changed', newest first, so changes would be lost." in str(caught.value)


@pytest.mark.parametrize(("listed", "more", "said"), [
    ({"newest_first": True, "feed": FEED}, {}, "list: give one of `since`, `newest_first`, `feed` and `scan`"),
    ({"newest_first": True}, {"record": {"id": "id", "version": "v", "hub_id": "h"}}, "needs record.stamp"),
    ({}, {"errors": {"in_success": [{"path": "ok", "pattern": "("}]}}, "pattern: missing ), unterminated subpattern"),
    ({}, {"abilities": {"conditional_write": True}}, "or, where the body does, the path of update.version"),
])  # fmt: skip
def test_what_cannot_be_meant_is_an_error_of_the_declaration(
    listed: dict[str, Any], more: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        declared(listed, **more)
    assert said in str(caught.value)


# success that is none

SUCCESS = {
    "code": "error.code",
    "message": "error.text",
    "duplicate_code": "twice",
    "in_success": [
        {"path": "error.code", "pattern": "slow", "status": 429},
        {"path": "error.code", "pattern": "gone", "status": 404},
        {"path": "error.code", "pattern": "twice", "status": 409},
        {"path": "ok", "pattern": "false"},
    ],
}


@pytest.mark.parametrize(("code", "error", "said"), [
    ("bad", Rejected, "refused with 422 bad. They said: no such state"),
    ("gone", Rejected, "there is no such record."),
    ("slow", Throttled, "answered 429: wait 30 s."),
    ("twice", Rejected, "they say that a record with this hub id exists, and none can be found."),
])  # fmt: skip
def test_a_write_that_is_answered_200_with_an_error_is_what_the_error_says(
    serve: Any, rest_to: Any, code: str, error: type[Exception], said: str
) -> None:
    told = {"ok": False, "error": {"code": code, "text": "no such state"}}
    server = serve(lambda asked: (200, {}, json.dumps({"issues": []} if asked.method == "GET" else told).encode()))
    rest = rest_to(declared(errors=SUCCESS), server.url)
    receipt = pushed(rest, Change("c", "create", "lane", {"text": "x"}, "hub-1"))
    assert type(receipt.error) is error
    assert said in str(receipt.error)


def test_a_good_answer_is_good_and_a_reading_that_is_none_is_told(serve: Any, rest_to: Any) -> None:
    told = [{"ok": True, "id": "1", "changed": START.isoformat(), "error": {}}]
    server = serve(lambda asked: (200, {}, json.dumps(told[0]).encode()))
    rest = rest_to(declared(errors=SUCCESS), server.url)
    assert [one.gone for one in rest.fetch(["1"])] == [False]
    told[0] = {"ok": False, "error": {"code": "gone"}}
    assert [one.gone for one in rest.fetch(["1"])] == [True]
    told[0] = {"ok": False, "error": {"code": "bad"}}
    with pytest.raises(Refused) as caught:
        rest.fetch(["1"])
    assert caught.value.code == "C304"


def test_a_session_that_ends_under_200_is_renewed_as_one_under_401(serve: Any, rest_to: Any) -> None:
    logins: list[str] = []

    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        if asked.path == "/token":
            logins.append(f"token-{len(logins)}")
            return 200, {}, json.dumps({"access_token": logins[-1]}).encode()
        good = asked.headers["authorization"] == "Bearer token-1"
        return 200, {}, b'{"login": "casebridge"}' if good else b'{"error": {"code": "who"}}'

    errors = {"in_success": [{"path": "error.code", "pattern": "who", "status": 401}]}
    system = declared(auth={"kind": "token_endpoint", "path": "/token"}, errors=errors)
    assert rest_to(system, serve(answer).url).check() == "casebridge"
    assert logins == ["token-0", "token-1"]


# updates of other forms

CHANGE = Change("u", "update", "lane", {"text": "new", "who": {"name": "Ana"}}, "hub-1", "1", "7")
VERSIONED = {"record": {"id": "id", "version": "rev", "hub_id": "hub"}}


def test_a_version_goes_in_the_body_and_a_refusal_for_it_is_stale(serve: Any, rest_to: Any) -> None:
    heard: list[Any] = []

    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        heard.append(json.loads(asked.body))
        fits = heard[-1]["lock"]["rev"] == "7"
        return (200, {}, b'{"id": 1, "rev": 8}') if fits else (409, {}, b'{"message": "moved"}')

    update = {"path": "/issues/{id}", "record": "", "version": "lock.rev", "stale": 409}
    rest = rest_to(declared(update=update, **VERSIONED, abilities={"conditional_write": True}), serve(answer).url)
    assert pushed(rest, CHANGE).error is None
    moved = Change("u", "update", "lane", {"text": "new"}, "hub-1", "1", "00000000000000000006")
    assert isinstance(pushed(rest, moved).error, Stale)
    assert heard[0] == {"text": "new", "who": {"name": "Ana"}, "lock": {"rev": "7"}}


def test_a_whole_record_is_sent_with_the_changes_in_it_unless_it_moved(rest_to: Any, tracker: Tracker) -> None:
    tracker.issues["1"] = {
        "id": "1", "rev": 7, "text": "old", "who": {"name": "Bo", "phone": "1"}, "links": {"self": "/1", "up": "/"},
        "changed": START.isoformat(), "hub": "hub-1",
    }  # fmt: skip
    update = {
        "method": "PUT", "path": "/issues/{id}", "record": "", "whole": True, "leave_out": ["links.self", "changed"],
    }  # fmt: skip
    rest = rest_to(declared(update=update, **VERSIONED))
    base = rest.fetch(["1"])[0].version
    change = Change("u", "update", "lane", {"text": None, "who": {"name": "Ana"}}, "hub-1", "1", base)
    assert pushed(rest, change).error is None
    assert tracker.bodies == [
        {"id": "1", "rev": 7, "text": None, "who": {"name": "Ana", "phone": "1"}, "links": {"up": "/"}, "hub": "hub-1"}
    ]
    tracker.issues["1"]["rev"] = 8
    assert isinstance(pushed(rest, change).error, Stale)
    del tracker.issues["1"]
    gone = pushed(rest, change).error
    assert isinstance(gone, Rejected)
    assert gone.code == "C605"
    assert len(tracker.bodies) == 1
