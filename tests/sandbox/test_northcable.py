"""Northcable's REST API over a real socket, and its process."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.companies.northcable import VOCABULARY
from sandbox.companies.northcable_api import application
from sandbox.companies.northcable_gate import BadCall, Bucket, Tokens
from sandbox.companies.run import serving
from sandbox.companies.store import Store

LOGIN = ("casebridge", "bridge-secret")


class Api:
    """A signed-in client: one method a verb, answers as they come."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = f"{url}/api"
        self.session = session
        answer = session.post(f"{self.url}/token", auth=LOGIN, timeout=5)
        self.head = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def call(self, verb: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(verb, self.url + path, json=body, headers=self.head | more, timeout=5)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    store = Store(tmp_path_factory.mktemp("northcable") / "northcable.db", VOCABULARY)
    with serving(application(store, rate=0)) as url:
        yield url, store
    store.close()


@pytest.fixture
def api(served: tuple[str, Store]) -> Iterator[Api]:
    with requests.Session() as session:
        yield Api(served[0], session)


def error_of(answer: requests.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found


def test_only_a_bearer_of_a_token_comes_in(api: Api) -> None:
    who = api.call("GET", "/me").json()
    assert who == {"login": "casebridge", "company": "Northcable", "language": "en", "zone": "Europe/London"}
    for head in ({}, {"Authorization": "Bearer no.such.token"}, {"Authorization": "Basic x"}):
        answer = api.session.get(f"{api.url}/tickets", headers=head, timeout=5)
        assert (answer.status_code, error_of(answer)["code"]) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert api.session.post(f"{api.url}/token", auth=("casebridge", "wrong"), timeout=5).status_code == 401
    agent = api.session.post(f"{api.url}/token", auth=("agent", "agent"), timeout=5)
    assert (agent.status_code, error_of(agent)["message"]) == (403, "agent may use the desk, not the API.")


def test_a_token_ends_after_its_life() -> None:
    now = [1000.0]
    tokens = Tokens(b"key", 60, lambda: now[0])
    scope = {"type": "http", "headers": [(b"authorization", b"Bearer " + tokens.issue(_basic()).encode())]}
    assert tokens.bearer(requests_scope(scope)) == "casebridge"
    now[0] = 1060.0
    with pytest.raises(BadCall, match="The token's life is over") as over:
        tokens.bearer(requests_scope(scope))
    assert over.value.code == "token_expired"


def requests_scope(scope: dict[str, Any]) -> Any:
    from fastapi import Request

    return Request(scope)


def _basic() -> str:
    request = requests.Request("GET", "http://x", auth=LOGIN).prepare()
    return str(request.headers["Authorization"])


def test_a_ticket_is_created_read_and_found_by_its_hub_case(api: Api) -> None:
    made = api.call(
        "POST",
        "/tickets",
        {"title": "No picture", "hub_case": "h-1", "customer": {"name": "Ann"}, "cost": {"amount": "1.50"}},
    )
    ticket = made.json()
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    assert (ticket["number"], ticket["version"], ticket["state"]) == (f"NC-{ticket['id']}", 1, "New")
    assert ticket["customer"] == {"id": None, "name": "Ann", "phone": None}
    assert ticket["cost"] == {"amount": "1.50", "currency": None}
    assert ticket["comments"] == []
    assert ticket["created_at"].endswith(("+00:00", "+01:00"))
    assert api.call("GET", f"/tickets/{ticket['id']}").json() == ticket
    assert api.call("GET", "/tickets?hub_case=h-1").json() == {"tickets": [ticket]}
    assert api.call("GET", "/tickets?hub_case=h-9").json() == {"tickets": []}
    assert api.call("GET", f"/tickets?ids={ticket['id']},999999").json() == {"tickets": [ticket]}


def test_a_second_ticket_of_one_hub_case_is_a_duplicate_that_names_the_first(api: Api) -> None:
    first = api.call("POST", "/tickets", {"title": "a", "hub_case": "h-2"}).json()
    answer = api.call("POST", "/tickets", {"title": "b", "hub_case": "h-2"})
    assert answer.status_code == 409
    assert (error_of(answer)["code"], error_of(answer)["id"]) == ("duplicate", first["id"])


def test_a_write_on_an_old_version_answers_412_and_the_ticket_as_it_is(api: Api) -> None:
    ticket = api.call("POST", "/tickets", {"title": "a"}).json()
    path = f"/tickets/{ticket['id']}"
    changed = api.call("PATCH", path, {"state": "Open"}, If_Match='"1"')
    assert (changed.status_code, changed.json()["version"], changed.headers["ETag"]) == (200, 2, '"2"')
    stale = api.call("PATCH", path, {"state": "Closed"}, If_Match='"1"')
    assert (stale.status_code, stale.json()) == (412, changed.json())
    assert api.call("PATCH", path, {"title": "b"}, If_Match='"soon"').status_code == 400


def test_pages_follow_the_change_sequence_and_end_with_tombstones(api: Api, served: tuple[str, Store]) -> None:
    start = api.call("GET", "/tickets?after=0&limit=500").json()["next"]
    made = [api.call("POST", "/tickets", {"title": t}).json()["id"] for t in "abc"]
    api.call("PATCH", f"/tickets/{made[0]}", {"title": "again"})
    served[1].delete(made[1], by="agent")
    first = api.call("GET", f"/tickets?after={start}&limit=2").json()
    assert ([one["id"] for one in first["tickets"]], first["more"]) == ([made[2], made[0]], True)
    second = api.call("GET", f"/tickets?after={first['next']}&limit=2").json()
    assert second["tickets"] == [{"id": made[1], "deleted": True, "seq": int(second["next"]), "version": 2}]
    assert second["more"] is False
    assert api.call("GET", f"/tickets?after={second['next']}").json() == {
        "tickets": [],
        "next": second["next"],
        "more": False,
    }
    assert api.call("GET", f"/tickets?ids={made[1]}").json()["tickets"] == second["tickets"]
    gone = api.call("GET", f"/tickets/{made[1]}")
    assert (gone.status_code, error_of(gone)["code"]) == (404, "deleted")


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=x", "colour=red", "ids=1&hub_case=x", "ids=1,x", "after=1&after=2"]
)
def test_a_question_that_is_not_understood_is_refused_and_not_ignored(api: Api, query: str) -> None:
    answer = api.call("GET", f"/tickets?{query}")
    assert (answer.status_code, error_of(answer)["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"state": "Opn"}, 422, "unknown_value", "state"),
        ({"customer": {"nam": "x"}}, 422, "unknown_field", "customer.nam"),
        ({"customer": "Ann"}, 422, "unknown_field", "customer"),
        ({"title": None}, 422, "missing", "title"),
        ({"title": "x" * 256}, 422, "too_long", "title"),
        ({"version": 9}, 422, "read_only", "version"),
        ({"minutes_spent": 1.5}, 422, "wrong_type", "minutes_spent"),
        ([], 400, "bad_request", None),
    ],
)
def test_errors_name_field_and_known_values(api: Api, body: Any, status: int, code: str, field: str | None) -> None:
    ticket = api.call("POST", "/tickets", {"title": "a"}).json()
    answer = api.call("PATCH", f"/tickets/{ticket['id']}", body)
    assert (answer.status_code, error_of(answer)["code"], error_of(answer)["field"]) == (status, code, field)
    if code == "unknown_value":
        assert error_of(answer)["known"] == list(VOCABULARY.fields["state"].values)
    assert api.call("GET", f"/tickets/{ticket['id']}").json() == ticket


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"title": "a", "title": "b"}', "the key 'title' stands twice in one object"),
        (b'{"title": NaN}', "NaN is no JSON number"),
        (b'{"title": "\\ud800"}', "a lone surrogate in a text"),
        (b'{"title": "\xff"}', "the body is not UTF-8"),
        (b'{"title": ', "not JSON: Expecting value at line 1, column 11"),
        (b"[" * 100_000, "more than 64 levels"),
        (b'{"minutes_spent": ' + b"9" * 5000 + b"}", "a number of 5000 characters"),
    ],
)
def test_only_strict_json_is_read(api: Api, raw: bytes, message: str) -> None:
    head = api.head | {"Content-Type": "application/json"}
    answer = api.session.post(f"{api.url}/tickets", data=raw, headers=head, timeout=5)
    assert (answer.status_code, error_of(answer)["message"]) == (400, message)


def test_a_comment_moves_the_ticket_and_says_who_may_read_it(api: Api) -> None:
    ticket = api.call("POST", "/tickets", {"title": "a"}).json()
    path = f"/tickets/{ticket['id']}/comments"
    made = api.call("POST", path, {"body": "hola", "author": "Lucía", "audience": "partners", "language": "es"})
    assert made.status_code == 201
    assert made.headers["ETag"] == '"2"'
    after = api.call("GET", f"/tickets/{ticket['id']}").json()
    assert after["comments"] == [made.json()]
    assert made.json() == {
        "id": made.json()["id"],
        "author": "Lucía",
        "body": "hola",
        "audience": "partners",
        "created_at": after["updated_at"],
        "language": "es",
    }
    for body, code in (
        ({"body": "x", "audience": "all"}, "unknown_audience"),
        ({"text": "x"}, "unknown_field"),
        ({"body": 5}, "wrong_type"),
        ({}, "missing"),
    ):
        answer = api.call("POST", path, body)
        assert (answer.status_code, error_of(answer)["code"]) == (422, code)
    assert api.call("POST", "/tickets/999999/comments", {"body": "x"}).status_code == 404


def test_history_and_fields_tell_what_there_is(api: Api) -> None:
    ticket = api.call("POST", "/tickets", {"title": "a"}).json()
    api.call("PATCH", f"/tickets/{ticket['id']}", {"priority": "P1"})
    lines = api.call("GET", f"/tickets/{ticket['id']}/history").json()["history"]
    assert [(one["field"], one["old"], one["new"], one["by"]) for one in lines] == [
        ("ticket", None, "created", "casebridge"),
        ("priority", None, "P1", "casebridge"),
    ]
    fields = {one["name"]: one for one in api.call("GET", "/fields").json()["fields"]}
    assert fields["priority"]["values"] == ["P1", "P2", "P3", "P4"]
    assert (fields["title"]["required"], fields["title"]["length"]) == (True, 255)
    assert {"id", "number", "version", "seq", "created_at", "updated_at", "comments"} <= fields.keys()


def test_what_does_not_exist_is_answered_in_json(api: Api) -> None:
    for verb, path, status in (("GET", "/nothing", 404), ("PUT", "/tickets/1", 405), ("GET", "/tickets/x", 400)):
        answer = api.call(verb, path)
        assert answer.status_code == status
        assert error_of(answer)["message"]


def test_over_its_rate_it_says_when_to_come_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "northcable.db", VOCABULARY)
    with serving(application(store, rate=1)) as url, requests.Session() as session:
        answers = [session.post(f"{url}/api/token", auth=LOGIN, timeout=5) for _ in range(3)]
    store.close()
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"] == "1"
    assert error_of(answers[-1])["code"] == "too_many_calls"


def test_the_bucket_fills_again_with_time() -> None:
    now = [0.0]
    bucket = Bucket(2, lambda: now[0])
    for _ in range(2):
        bucket.take()
    with pytest.raises(BadCall, match="At most 2 calls a second; wait 1 s"):
        bucket.take()
    now[0] = 0.5
    bucket.take()
    slow = Bucket(0.1, lambda: now[0])
    slow.take()
    with pytest.raises(BadCall) as late:
        slow.take()
    assert late.value.after == 10


def test_the_process_says_ready_ends_cleanly_and_remembers(tmp_path: Path) -> None:
    numbers = []
    for stop in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(
            [sys.executable, "-m", "sandbox.companies.northcable", "--port", "0", "--state", str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            ready, _, url = process.stdout.readline().strip().partition(" ")
            assert ready == "READY"
            with requests.Session() as session:
                answer = Api(url, session).call("POST", "/tickets", {"title": "a"})
            numbers.append(answer.json()["number"])
            process.send_signal(stop)
            out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")
    assert numbers == ["NC-1001", "NC-1002"]


def test_a_taken_port_is_told_with_the_way_out(served: tuple[str, Store], tmp_path: Path) -> None:
    port = served[0].rpartition(":")[2]
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox.companies.northcable", "--port", port, "--state", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    assert f"Port {port} on 127.0.0.1 cannot be had (Address already in use)." in ended.stderr
    assert "Choose another with --port, or 0 for a free one." in ended.stderr
