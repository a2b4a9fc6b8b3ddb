"""The REST kind by declaration alone, against small servers of other habits than Northcable's."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Change, Credentials, Cursor, Receipt
from connectors.errors import Refused, Rejected, Stale, Throttled, Unknown, Unreachable
from connectors.rest import Rest
from connectors.rest_system import RestSystem

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BASIC = "Basic " + base64.b64encode(b"casebridge:bridge-secret").decode()


def declared(**more: Any) -> RestSystem:
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
            "check": {"path": "/me", "name": "user.login"},
            "record": {"id": "id", "stamp": "changed", "hub_id": "hub"},
            "list": {
                "path": "/issues",
                "params": {"sort": "changed"},
                "records": "issues",
                "paging": {"style": "offset"},
                "since": {"param": "changed", "template": ">={stamp}"},
            },
            "one": "/issues/{id}",
            "find": {"path": "/issues", "param": "hub", "records": "issues"},
            "create": {"path": "/issues", "id": "id"},
            "update": {"method": "PUT", "path": "/issues/{id}"},
            "notes": {"field": "notes", "add": {"path": "/issues/{id}/notes", "id": "id"}},
            **more,
        }
    )


class Desk:
    """A little issue tracker: filters by stamp, sorts by stamp, pages in any style."""

    def __init__(self, clock_step: float = 1.0) -> None:
        self.issues: list[dict[str, Any]] = []
        self.step, self.at, self.base = clock_step, START, ""
        self.between: Callable[[], None] = lambda: None
        self.ignores_filter = self.ignores_sort = False

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self.issues.append({"id": len(self.issues) + 1, "changed": self.at.isoformat(), "hub": None, "text": ""})

    def edit(self, native_id: int, text: str) -> None:
        self.at += timedelta(seconds=self.step)
        self.issues[native_id - 1].update(text=text, changed=self.at.isoformat())

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        query, found = asked.query, list(self.issues)
        if "changed" in query and not self.ignores_filter:
            since = datetime.fromisoformat(query["changed"].removeprefix(">="))
            found = [one for one in found if datetime.fromisoformat(one["changed"]) >= since]
        if not self.ignores_sort:
            found.sort(key=lambda one: (one["changed"], one["id"]))
        size = int(query.get("limit", 3))
        start = int(query.get("offset", (int(query.get("page", 1)) - 1) * size))
        following = f"{self.base}/issues?sort=changed&limit={size}&offset={start + size}"
        if "changed" in query:
            following += f"&changed=%3E%3D{query['changed'].removeprefix('>=').replace('+', '%2B')}"
        page = json.loads(json.dumps(found[start : start + size]))
        self.between()
        more = start + size < len(found)
        return 200, {}, json.dumps({"issues": page, "next": following if more else None}).encode()


@pytest.fixture
def rest_to() -> Any:
    made: list[Rest] = []

    def make(url: str, system: RestSystem | None = None, monotonic: Callable[[], float] = time.monotonic) -> Rest:
        credentials = Credentials(url, "casebridge", "bridge-secret")
        rest = Rest(system or declared(), credentials, clock=lambda: START, sleep=lambda _: None, monotonic=monotonic)
        made.append(rest)
        return rest

    yield make
    for rest in made:
        rest.close()


def answering(**by_place: Any) -> Callable[[Any], tuple[int, dict[str, str], bytes]]:
    """A server by "METHOD /path": (status, value) or a function of what was asked."""

    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        given = by_place.get(f"{asked.method} {asked.path}", (404, {"message": "nothing here"}))
        status, value, *headers = given(asked) if callable(given) else given
        return status, dict(*headers), value if isinstance(value, bytes) else json.dumps(value).encode()

    return answer


def pushed(rest: Rest, *changes: Change) -> list[Receipt]:
    receipts = {receipt.key: receipt for receipt in rest.push(changes)}
    return [receipts[change.key] for change in changes]


CREATE = Change("c", "create", "hub-1", {"text": "x"}, "hub-1")
UPDATE = Change("u", "update", "hub-1", {"text": "y"}, "hub-1", "7", "3")

STYLES = [{"style": "offset"}, {"style": "page"}, {"style": "next_url", "next": "next"}]


def by_style(style: dict[str, Any]) -> RestSystem:
    plain = declared()
    return plain.model_copy(
        update={"list": type(plain.list).model_validate({**plain.list.model_dump(), "paging": style})}
    )


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style["style"])
def test_a_list_by_stamp_loses_nothing_while_agents_work(serve: Any, rest_to: Any, style: dict[str, Any]) -> None:
    desk = Desk()
    desk.add(10)  # ten of one stamp, three a page
    server = serve(desk)
    desk.base = server.url
    editing = iter([1, 4, 2, 9, 5, 1])
    desk.between = lambda: desk.edit(native_id, "edited") if (native_id := next(editing, 0)) else None
    rest = rest_to(server.url, by_style(style))
    seen: dict[str, str] = {}
    cursor: Cursor | None = None
    for _ in range(3):
        for page in rest.pull(cursor):
            seen.update({record.native_id: record.body["text"] for record in page.records})
            cursor = page.cursor
    assert seen == {str(one["id"]): one["text"] for one in desk.issues}
    assert len(server.asked) < 40


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style["style"])
def test_the_next_pull_reads_from_the_last_stamp(serve: Any, rest_to: Any, style: dict[str, Any]) -> None:
    desk = Desk()
    desk.add(2)
    for native_id in (1, 2, 1):
        desk.edit(native_id, "x")
    server = serve(desk)
    desk.base = server.url
    rest = rest_to(server.url, by_style(style))
    cursor = list(rest.pull(None))[-1].cursor
    assert [[record.native_id for record in page.records] for page in rest.pull(cursor)] == [["1"]]
    assert server.asked[-1].query["changed"] == ">=2026-11-22T10:00:03Z"


def test_the_overlap_is_read_again(serve: Any, rest_to: Any) -> None:
    desk = Desk()
    desk.add(2)
    desk.edit(2, "x")
    server = serve(desk)
    rest = rest_to(server.url, declared(overlap=60))
    cursor = list(rest.pull(None))[-1].cursor
    assert [len(page.records) for page in rest.pull(cursor)] == [2]
    assert cursor.value.startswith("2026-11-22T10:00:01")


def test_an_empty_system_says_where_it_stands(serve: Any, rest_to: Any) -> None:
    pages = list(rest_to(serve(Desk()).url).pull(None))
    assert [(page.records, page.cursor.value) for page in pages] == [((), "")]


def test_a_stamp_finer_than_the_filter_still_ends(serve: Any, rest_to: Any) -> None:
    desk = Desk(clock_step=0.001)
    desk.add(9)
    for native_id in range(1, 10):
        desk.edit(native_id, "x")
    server = serve(desk)
    rest = rest_to(server.url, declared(stamps={"format": "%Y-%m-%dT%H:%M:%S%z"}, page=2))
    for one in desk.issues:
        one["changed"] = one["changed"][:19] + "+0000"
    assert {record.native_id for page in rest.pull(None) for record in page.records} == {str(n) for n in range(1, 10)}
    assert len(server.asked) < 20


@pytest.mark.parametrize(
    ("habit", "said"), [("ignores_filter", "ignores the filter on"), ("ignores_sort", "is not sorted by")]
)
def test_a_list_that_does_not_do_as_declared_is_refused(serve: Any, rest_to: Any, habit: str, said: str) -> None:
    desk = Desk()
    desk.add(7)
    for native_id in (2, 1, 3):
        desk.edit(native_id, "x")
    setattr(desk, habit, True)
    with pytest.raises(Refused, match=f"acme list: C304 the list {said} 'changed', so changes would be lost"):
        list(rest_to(serve(desk).url).pull(None if desk.ignores_sort else Cursor(desk.at.isoformat())))


def test_without_a_filter_the_whole_list_is_read_each_time(serve: Any, rest_to: Any) -> None:
    desk = Desk()
    desk.add(7)
    system = declared(list={"path": "/issues", "records": "issues", "paging": {"style": "page"}})
    rest = rest_to(serve(desk).url, system)
    cursor = list(rest.pull(None))[-1].cursor
    assert [len(page.records) for page in rest.pull(cursor)] == [3, 3, 1]


def test_a_next_page_on_another_host_is_refused(serve: Any, rest_to: Any) -> None:
    desk = Desk()
    desk.add(9)
    desk.base = "http://127.0.0.1:9"
    with pytest.raises(Refused, match="C307"):
        list(rest_to(serve(desk).url, by_style({"style": "next_url", "next": "next"})).pull(None))


@pytest.mark.parametrize(
    "answer",
    [
        {"issues": {}},
        {"issues": [{"changed": START.isoformat()}]},
        {"issues": [{"id": 1, "changed": "yesterday"}]},
        [],
        1,
    ],
)
def test_an_answer_without_what_is_declared_is_a_broken_contract(serve: Any, rest_to: Any, answer: Any) -> None:
    with pytest.raises(Refused, match=r"C304 the answer holds nothing usable at '\w+', where .* of system.yaml looks"):
        list(rest_to(serve(answering(**{"GET /issues": (200, answer)})).url).pull(None))


def test_a_success_for_the_anonymous_is_no_login(serve: Any, rest_to: Any) -> None:
    rest = rest_to(serve(answering(**{"GET /me": (200, {"user": None})})).url)
    with pytest.raises(Refused, match="acme check: C301 the answer does not say who we are"):
        rest.check()


def test_records_one_by_one_and_notes_that_live_apart(serve: Any, rest_to: Any) -> None:
    server = serve(
        answering(
            **{
                "GET /issues/7": (200, {"id": 7, "changed": START.isoformat(), "hub": "h"}),
                "GET /issues/8": (404, {}),
                "GET /issues/7/notes": (200, {"notes": [{"id": 3, "text": "done [r-9]"}]}),
            }
        )
    )
    notes = {"field": "thread.notes", "path": "/issues/{id}/notes", "records": "notes", "add": {"path": "/x"}}
    rest = rest_to(server.url, declared(notes=notes))
    here, gone = rest.fetch(["7", "8", "7"])
    assert here.body["thread"] == {"notes": [{"id": 3, "text": "done [r-9]"}]}
    assert (gone.native_id, gone.gone) == ("8", True)
    assert rest.find_note("7", "r-9") == "3"
    assert rest.find_note("7", "r-1") is None


def test_an_id_cannot_leave_its_place_in_the_path(serve: Any, rest_to: Any) -> None:
    server = serve(answering())
    rest_to(server.url).fetch(["../admin?x=1"])
    assert server.asked[0].path == "/issues/..%2Fadmin%3Fx%3D1"


def test_only_declared_fields_are_asked_for_wherever_records_are_read(serve: Any, rest_to: Any) -> None:
    desk = Desk()
    desk.add(2)
    server = serve(desk)
    shape = {"id": "id", "stamp": "changed", "hub_id": "hub", "fields": ["id", "changed", "hub", "text"]}
    batch = {"path": "/issues", "records": "issues"}
    rest = rest_to(server.url, declared(record={**shape, "fields_in": "fields[issues]"}, batch=batch))
    list(rest.pull(None))
    rest.fetch(["1"])
    rest.find("x")
    assert [asked.query["fields[issues]"] for asked in server.asked] == ["id,changed,hub,text"] * 3


def test_a_cursor_that_they_know_no_longer_begins_the_list_anew_once(serve: Any, rest_to: Any) -> None:
    forgotten: list[str] = ["3"]

    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        after = asked.query.get("after", "0")
        if after in forgotten:
            return 410, {}, b'{"error": "gone"}'
        some = [{"id": n, "changed": START.isoformat(), "hub": None} for n in range(int(after), 5)][:2]
        return 200, {}, json.dumps({"issues": some, "next": int(after) + len(some)}).encode()

    server = serve(answer)
    paging = {"style": "cursor", "param": "after", "next": "next"}
    listed = {"path": "/issues", "records": "issues", "paging": paging}
    rest = rest_to(server.url, declared(list=listed, page=2))
    assert [one.native_id for page in rest.pull(Cursor("3")) for one in page.records] == ["0", "1", "2", "3", "4"]
    forgotten.append("2")
    server.asked.clear()
    with pytest.raises(Refused, match="C304 answered 410"):
        list(rest.pull(Cursor("3")))
    assert [asked.query.get("after") for asked in server.asked] == ["3", None, "2"]


def test_a_filter_that_is_ignored_brings_no_strangers_into_find(serve: Any, rest_to: Any) -> None:
    stranger = {"id": 1, "changed": START.isoformat(), "hub": "another"}
    rest = rest_to(serve(answering(**{"GET /issues": (200, {"issues": [stranger]})})).url)
    assert rest.find("hub-1") == []


def test_each_way_of_saying_who_we_are(serve: Any, rest_to: Any) -> None:
    server = serve(answering(**{"GET /me": (200, {"user": {"login": "casebridge"}})}))
    ways = {
        "authorization": [({"kind": "basic"}, BASIC), ({"kind": "bearer"}, "Bearer bridge-secret")],
        "x-api-key": [({"kind": "header", "header": "X-API-Key"}, "bridge-secret")],
    }
    for header, cases in ways.items():
        for auth, sent in cases:
            assert rest_to(server.url, declared(auth=auth)).check() == "casebridge"
            assert server.asked[-1].headers[header] == sent
    rest_to(server.url).check()
    assert "authorization" not in server.asked[-1].headers


class Tokens:
    """A token endpoint and one page behind it. good: the token that it takes now."""

    def __init__(self, life: Any = 100) -> None:
        self.issued, self.good, self.life = 0, "", life

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        if asked.path == "/token":
            if asked.headers.get("authorization") != BASIC:
                return 401, {}, b'{"error": "who?"}'
            self.issued += 1
            token = self.good = f"token-number-{self.issued}"
            time.sleep(0.05)  # so that others ask meanwhile
            return 200, {}, json.dumps({"access_token": token, "expires_in": self.life}).encode()
        if asked.headers.get("authorization") != f"Bearer {self.good}":
            return 401, {}, json.dumps({"error": asked.headers.get("authorization", "")}).encode()
        return 200, {}, b'{"user": {"login": "casebridge"}, "id": 7}'


TOKEN = {"kind": "token_endpoint", "path": "/token"}


def test_a_token_is_fetched_once_and_before_it_ends(serve: Any, rest_to: Any) -> None:
    tokens, now = Tokens(life=100), [0.0]
    rest = rest_to(serve(tokens).url, declared(auth=TOKEN), monotonic=lambda: now[0])
    for at, issued in ((0, 1), (50, 1), (89, 1), (90, 2), (120, 2)):
        now[0] = at
        assert rest.check() == "casebridge"
        assert tokens.issued == issued


def test_threads_share_one_login(serve: Any, rest_to: Any) -> None:
    tokens = Tokens(life=None)
    rest = rest_to(serve(tokens).url, declared(auth=TOKEN))
    work = [threading.Thread(target=rest.check) for _ in range(6)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(10)
    assert tokens.issued == 1
    tokens.good = "revoked"
    changes = [Change(f"k{n}", "create", f"l{n}", {}, f"h{n}") for n in range(8)]
    assert [receipt.error for receipt in pushed(rest, *changes)] == [None] * 8
    assert tokens.issued == 2


def test_401_for_ever_ends_after_one_new_login_and_tells_no_token(serve: Any, rest_to: Any) -> None:
    class Never(Tokens):
        def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
            answer = super().__call__(asked)
            self.good = "none of them"
            return answer

    tokens = Never(life=1000)
    rest = rest_to(serve(tokens).url, declared(auth=TOKEN))
    changes = [Change(f"k{n}", "create", f"l{n}", {}, f"h{n}") for n in range(20)]
    receipts = pushed(rest, *changes)
    assert {type(receipt.error) for receipt in receipts} == {Refused}
    assert "token-number" not in "".join(str(receipt.error) for receipt in receipts)
    assert tokens.issued <= 1 + rest.system.concurrency


def test_oauth_client_credentials(serve: Any, rest_to: Any) -> None:
    tokens = Tokens()
    server = serve(tokens)
    auth = {"kind": "client_credentials", "path": "/token", "scope": "cases notes"}
    assert rest_to(server.url, declared(auth=auth)).check() == "casebridge"
    login = server.asked[0]
    assert login.body == b"grant_type=client_credentials&scope=cases+notes"
    assert login.headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_login_without_a_token_is_refused(serve: Any, rest_to: Any) -> None:
    rest = rest_to(serve(answering(**{"POST /token": (200, {"ok": True})})).url, declared(auth=TOKEN))
    with pytest.raises(Refused, match="acme login: C309 the login was answered 200 without a token at 'access_token'"):
        rest.check()


@pytest.mark.parametrize("answer", [{}, {"issue": {"title": "x"}}, {"issue": None}])
def test_a_create_whose_answer_does_not_say_what_was_made_may_have_made_it(
    serve: Any, rest_to: Any, answer: Any
) -> None:
    create = {"path": "/issues", "record": "issue"}
    rest = rest_to(serve(answering(**{"POST /issues": (201, answer)})).url, declared(create=create))
    (receipt,) = rest.push([Change("k", "create", "l", {"title": "x"}, "h-1")])
    assert isinstance(receipt.error, Unknown)
    assert "acme create h-1: C405 the answer holds nothing usable at 'id'" in str(receipt.error)


def test_a_create_that_answers_only_an_id(serve: Any, rest_to: Any) -> None:
    server = serve(answering(**{"POST /issues": (201, {"id": 7})}))
    (receipt,) = pushed(rest_to(server.url), CREATE)
    assert (receipt.native_id, receipt.record, receipt.error) == ("7", None, None)
    assert json.loads(server.asked[0].body) == {"text": "x", "hub": "hub-1"}


def test_an_update_without_an_answer_body_wrapped_and_on_condition(serve: Any, rest_to: Any) -> None:
    server = serve(answering(**{"PUT /issues/7": (204, b"")}))
    update = {"method": "PUT", "path": "/issues/{id}", "wrap": "issue", "record": "", "condition": "If-Match"}
    (receipt,) = pushed(rest_to(server.url, declared(update=update)), UPDATE)
    assert (receipt.native_id, receipt.record, receipt.error) == ("7", None, None)
    assert json.loads(server.asked[0].body) == {"issue": {"text": "y"}}
    assert server.asked[0].headers["if-match"] == '"3"'


BATCHES = {
    "create_batch": {"path": "/issues/many", "most": 2, "wrap": "issues", "id": "id"},
    "update_batch": {"path": "/issues/many", "most": 2, "wrap": "issues", "key": "number", "version": "if"},
}
CREATES = [Change(f"k{n}", "create", f"lane {n}", {"text": f"T{n}"}, f"hub-{n}") for n in range(3)]


def sent(server: Any) -> list[tuple[str, str]]:
    return [(asked.method, asked.path) for asked in server.asked]


def test_creates_go_in_batches_and_a_rest_of_one_goes_alone(serve: Any, rest_to: Any) -> None:
    results = {"results": [{"id": 7, "status": 201}, {"id": 8, "status": 201}]}
    server = serve(answering(**{"POST /issues/many": (200, results), "POST /issues": (201, {"id": 9})}))
    receipts = pushed(rest_to(server.url, declared(**BATCHES)), *CREATES)
    assert [(one.native_id, one.error) for one in receipts] == [("7", None), ("8", None), ("9", None)]
    assert sorted(sent(server)) == [("POST", "/issues"), ("POST", "/issues/many")]
    many = next(one for one in server.asked if one.path == "/issues/many")
    assert json.loads(many.body) == {"issues": [{"text": f"T{n}", "hub": f"hub-{n}"} for n in range(2)]}


def test_each_result_of_a_batch_is_a_verdict_of_its_own(serve: Any, rest_to: Any) -> None:
    told = [
        {"id": 7, "status": 200},
        {"status": 412},
        {"status": 422, "code": "bad", "field": "text", "message": "too odd", "known": ["a"]},
        {"status": 503},
        {"status": 429},
        {"status": 404},
    ]
    server = serve(answering(**{"PATCH /issues/many": (200, {"results": told})}))
    batch = {"path": "/issues/many", "most": 6, "wrap": "issues", "version": "if"}
    updates = [Change(f"k{n}", "update", f"l{n}", {"text": "y"}, "", str(n), f"{n:020}") for n in range(6)]
    receipts = pushed(rest_to(server.url, declared(update_batch=batch)), *updates)
    assert [type(one.error) for one in receipts] == [type(None), Stale, Rejected, Unknown, Throttled, Rejected]
    assert [one.native_id for one in receipts] == [str(n) for n in range(6)]
    assert str(receipts[2].error) == (
        "acme update 2 text: C601 refused with 422 bad for text. They said: too odd\n  Known: a.\n"
        "  Fix: correct the value in the case or in the mapping of acme."
    )
    assert json.loads(server.asked[0].body)["issues"][1] == {"text": "y", "id": "1", "if": "1"}


def test_results_without_a_status_tell_by_their_codes(serve: Any, rest_to: Any) -> None:
    there = {"id": 7, "changed": START.isoformat(), "hub": "hub-0"}
    told = {"results": [{"success": False, "error": {"code": "DUPLICATE"}}, {"success": True, "id": 8}]}
    by_place = {"POST /issues/many": (200, told), "GET /issues": (200, {"issues": [there]})}
    errors = {"code": "error.code", "duplicate_code": "DUPLICATE"}
    first, second = pushed(rest_to(serve(answering(**by_place)).url, declared(**BATCHES, errors=errors)), *CREATES[:2])
    assert (first.found, first.native_id, first.error) == (True, "7", None)
    assert (second.found, second.native_id, second.error) == (False, "8", None)


def test_a_batch_that_is_refused_whole_goes_one_by_one(serve: Any, rest_to: Any) -> None:
    server = serve(answering(**{"POST /issues/many": (400, {}), "POST /issues": (422, {"code": "bad"})}))
    receipts = pushed(rest_to(server.url, declared(**BATCHES)), *CREATES[:2])
    assert [type(one.error) for one in receipts] == [Rejected, Rejected]
    assert sent(server) == [("POST", "/issues/many"), ("POST", "/issues"), ("POST", "/issues")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, {}), "acme create of 2: C403 answered 500 to a write."),
        ((200, {"results": [{"id": 7}]}), "acme create of 2: C405 answered 1 results to 2 records."),
        ((200, {}), "acme create of 2: C405 answered no list at 'results' to 2 records."),
        ((200, {"results": [{}, {}]}), "acme create hub-0: C405 written, and the answer does not say as what."),
    ],
)
def test_a_batch_without_a_result_of_each_is_not_known(serve: Any, rest_to: Any, answer: Any, said: str) -> None:
    server = serve(answering(**{"POST /issues/many": answer}))
    after = Change("later", "add_note", "lane 0", {"text": "n"}, "", "7")
    first, second, later = pushed(rest_to(server.url, declared(**BATCHES)), *CREATES[:2], after)
    assert [type(first.error), type(second.error), type(later.error)] == [Unknown, Unknown, Stale]
    assert str(first.error).startswith(said)
    assert "C501 not sent: an earlier change of this case has no known outcome." in str(later.error)
    assert len(server.asked) == 1


def test_nothing_follows_a_batch_that_was_refused_to_us(serve: Any, rest_to: Any) -> None:
    server = serve(answering(**{"POST /issues/many": (403, {})}))
    later = Change("later", "update", "lane 0", {"text": "n"}, "", "7")
    receipts = pushed(rest_to(server.url, declared(**BATCHES, concurrency=1)), *CREATES, later)
    assert {type(one.error) for one in receipts} == {Refused}
    assert len(server.asked) == 1


def test_a_record_stands_in_one_batch_once_and_its_changes_keep_their_order(serve: Any, rest_to: Any) -> None:
    results = {"results": [{"status": 200}, {"status": 200}]}
    server = serve(answering(**{"PATCH /issues/many": (200, results)}))
    changes = [
        Change(f"{lane}{n}", "update", lane, {"text": f"{lane}{n}"}, "", lane, "1") for n in range(2) for lane in "ab"
    ]
    assert [one.error for one in pushed(rest_to(server.url, declared(**BATCHES)), *changes)] == [None] * 4
    texts = [[row["text"] for row in json.loads(asked.body)["issues"]] for asked in server.asked]
    assert texts == [["a0", "b0"], ["a1", "b1"]]


def test_a_batch_must_say_what_the_hub_needs() -> None:
    with pytest.raises(ValidationError, match="create_batch: give `record` or `id`"):
        declared(create_batch={"path": "/many"})
    with pytest.raises(ValidationError, match=r"update_batch\.version: abilities say conditional_write"):
        declared(
            abilities={"conditional_write": True},
            update={"path": "/issues/{id}", "condition": "If-Match"},
            update_batch={"path": "/many"},
        )


def test_a_push_brings_what_the_largest_batch_takes() -> None:
    assert declared().at_once == 100
    assert declared(create_batch={"path": "/many", "most": 500, "id": "id"}).at_once == 500


def test_a_stale_update(serve: Any, rest_to: Any) -> None:
    update = {"method": "PUT", "path": "/issues/{id}", "condition": "If-Match", "stale": 409}
    rest = rest_to(serve(answering(**{"PUT /issues/7": (409, {})})).url, declared(update=update))
    (receipt,) = pushed(rest, UPDATE)
    assert isinstance(receipt.error, Stale)
    assert str(receipt.error) == "acme update 7: C500 the record changed since it was read."


def test_a_duplicate_without_an_id_is_looked_for(serve: Any, rest_to: Any) -> None:
    there = {"id": 7, "changed": START.isoformat(), "hub": "hub-1"}
    by_place = {"POST /issues": (409, {}), "GET /issues": (200, {"issues": [there]})}
    (receipt,) = pushed(rest_to(serve(answering(**by_place)).url), CREATE)
    assert (receipt.found, receipt.native_id, receipt.error) == (True, "7", None)
    by_place["GET /issues"] = (200, {"issues": []})
    (receipt,) = pushed(rest_to(serve(answering(**by_place)).url), CREATE)
    assert isinstance(receipt.error, Rejected)
    assert receipt.error.code == "C606"


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (
            422,
            {"code": "bad", "field": "text", "message": "too odd", "known": ["a", "b"]},
            "C601",
            "refused with 422 bad for text. They said: too odd\n  Known: a, b.",
        ),
        (400, b"<html>Bad</html>", "C600", "refused with 400."),
        (404, {"message": "gone"}, "C605", "there is no such record. They said: gone"),
        (410, {}, "C605", "there is no such record."),
    ],
)
def test_a_refused_record(serve: Any, rest_to: Any, status: int, body: Any, code: str, said: str) -> None:
    rest = rest_to(serve(answering(**{"PUT /issues/7": (status, body)})).url)
    (receipt,) = pushed(rest, UPDATE)
    assert isinstance(receipt.error, Rejected)
    assert receipt.error.code == code
    assert said in str(receipt.error)


def test_a_write_whose_outcome_is_not_known_holds_its_lane_back(serve: Any, rest_to: Any) -> None:
    server = serve(answering(**{"PUT /issues/7": (500, {}), "PUT /issues/8": (204, b"")}))
    second = Change("n", "add_note", "hub-1", {"text": "n"}, "hub-1", "7")
    other = Change("o", "update", "hub-2", {"text": "z"}, "hub-2", "8")
    unknown, held, done = pushed(rest_to(server.url), UPDATE, second, other)
    assert isinstance(unknown.error, Unknown)
    assert isinstance(held.error, Stale)
    assert "C501 not sent: an earlier change of this case has no known outcome" in str(held.error)
    assert done.error is None
    assert sorted(one.path for one in server.asked) == ["/issues/7", "/issues/8"]


def test_a_throttled_write_stops_the_push(serve: Any, rest_to: Any) -> None:
    server = serve(answering(**{"POST /issues": (429, {}, {"Retry-After": "9"})}))
    changes = [Change(f"k{n}", "create", f"l{n}", {}, f"h{n}") for n in range(40)]
    receipts = pushed(rest_to(server.url), *changes)
    assert {type(receipt.error) for receipt in receipts} == {Throttled}
    assert {receipt.error.after for receipt in receipts if isinstance(receipt.error, Throttled)} == {9}
    assert len(server.asked) <= 4


def test_a_push_that_nobody_waits_for_any_longer_begins_nothing_more(serve: Any, rest_to: Any) -> None:
    server = serve(lambda asked: time.sleep(0.05) or (201, {}, b'{"id": 7}'))
    rest = rest_to(server.url)
    receipts = rest.push([Change(f"k{n}", "create", f"l{n}", {}, f"h{n}") for n in range(40)])
    assert next(iter(receipts)).error is None
    receipts.close()
    assert len(server.asked) < 20


def test_a_body_with_a_dead_end_is_unreachable(rest_to: Any) -> None:
    rest = rest_to("http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="acme list: C102 no connection: connection refused"):
        list(rest.pull(None))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"record": {"hub_id": "hub"}, "list": {"path": "/i", "paging": {"style": "page"}}},
            "give `version` or `stamp`; where the system has neither, `list.scan: true` compares contents",
        ),
        ({"record": {"hub_id": "hub", "version": "v"}}, "list.since: needs record.stamp"),
        (
            {"list": {"path": "/i", "paging": {"style": "page"}, "since": {"param": "s"}, "scan": True}},
            "list.scan: the list is read whole, so leave out `since`",
        ),
        ({"abilities": {"conditional_write": True}}, "update.condition: abilities say conditional_write"),
        ({"abilities": {"change_history": True}}, "history: abilities say change_history"),
        ({"stamps": {"zone": "Europe/Atlantis"}}, "'Europe/Atlantis' is no time zone"),
        ({"auth": {"kind": "kerberos"}}, "'none', 'basic', 'header', 'bearer', 'token_endpoint', 'client_credentials'"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_declaration_that_cannot_hold_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        declared(**wrong)


def test_every_field_of_a_declaration_is_described_or_says_itself() -> None:
    system = RestSystem.model_fields
    silent = [name for name, field in system.items() if field.description is None]
    assert set(silent) <= {
        "abilities",
        "auth",
        "stamps",
        "record",
        "check",
        "list",
        "find",
        "create",
        "update",
        "notes",
        "history",
        "errors",
        "kind",
        "path",
    }
