"""Each misbehaviour of the catalogue, over a real socket, by what a client sees of it; and the door at which a company
is told: with its token alone, nothing on by accident, a wrong name answered with the right ones.
"""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from sandbox.companies import brightnet_door, northcable_api, telvoz_soap
from sandbox.companies.brightnet_tls import certificate
from sandbox.companies.brightnet_words import BRIGHTNET
from sandbox.companies.misbehaving import FILE, PLACE, Misbehaving, tell_where
from sandbox.companies.misbehaviours import CATALOGUE, KINDS, Unfit, wanted
from sandbox.companies.mischief import STATES
from sandbox.companies.misdeeds import CALLS
from sandbox.companies.northcable import VOCABULARY as NORTHCABLE
from sandbox.companies.run import serving
from sandbox.companies.store import Store
from sandbox.companies.telvoz import VOCABULARY as TELVOZ
from sandbox.misbehave import door, tell

API = ("casebridge", "bridge-secret")
NAMES = tuple(KINDS)
WORDS = {"northcable": NORTHCABLE, "telvoz": TELVOZ, "brightnet": BRIGHTNET}
MAKE: dict[str, Any] = {
    "northcable": lambda store: northcable_api.application(store, rate=0),
    "telvoz": lambda store: telvoz_soap.application(store, rate=0),
    "brightnet": brightnet_door.application,
}
SF = "/services/data/v60.0"
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><{0} xmlns="urn:telvoz:casos:1">{1}</{0}>'
    "</s:Body></s:Envelope>"
)
LOST = requests.exceptions.ConnectionError
CUT = (requests.exceptions.ChunkedEncodingError, LOST)


@dataclass
class Client:
    """One company's server, its door, and what a plain client asks of its API."""

    name: str
    url: str
    store: Store
    door: Misbehaving
    state: Path
    session: requests.Session = field(default_factory=requests.Session)

    def tell(self, fault: str, times: int | None = None, where: Any = None, **options: Any) -> requests.Response:
        asked = {"fault": fault, "times": times, "where": where or {}, "with": options}
        answer = self.at_door("POST", json=asked)
        assert answer.ok, answer.text
        return answer

    def at_door(self, method: str, token: str = "", **more: Any) -> requests.Response:
        trusted = self.state / "tls" / "ca.pem"
        return door(method, self.url, token or self.door.token, trusted if trusted.exists() else None, **more)

    def send(self, method: str, path: str, timeout: float = 20, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}{path}", timeout=timeout, allow_redirects=False, **more)

    def log_in(self) -> requests.Response:
        if self.name == "telvoz":
            self.session.auth = API
            return self.soap("quienSoy")
        if self.name == "northcable":
            answer = self.send("POST", "/api/token", auth=API)
            token = answer.json().get("token") or answer.json().get("access_token")
        else:
            form = {"grant_type": "client_credentials", "client_id": API[0], "client_secret": API[1]}
            answer = self.send("POST", "/services/oauth2/token", data=form)
            token = answer.json().get("access_token")
        self.session.headers["Authorization"] = f"Bearer {token}"
        return answer

    def soap(self, operation: str, inside: str = "", **more: Any) -> requests.Response:
        body = ENVELOPE.format(operation, inside).encode()
        return self.send("POST", "/soap", data=body, headers={"Content-Type": "text/xml"}, **more)

    def create(self, hub_id: str = "", title: str = "uno", **more: Any) -> requests.Response:
        hub_id = hub_id or str(uuid4())
        if self.name == "northcable":
            return self.send("POST", "/api/tickets", json={"title": title, "hub_case": hub_id}, **more)
        if self.name == "telvoz":
            case = f"<caso><asunto>{title}</asunto><casoHub>{hub_id}</casoHub></caso>"
            return self.soap("crearCaso", case, **more)
        row = {"attributes": {"type": "Case"}, "Subject": title, "Hub_Case__c": hub_id}
        return self.send("POST", f"{SF}/composite/sobjects", json={"allOrNone": False, "records": [row]}, **more)

    def update(self, number: int, title: str) -> requests.Response:
        record = self.store.get(number)
        if self.name == "northcable":
            return self.send("PATCH", f"/api/tickets/{number}", json={"title": title})
        if self.name == "telvoz":
            inside = f"<numero>{record.number}</numero><caso><asunto>{title}</asunto></caso>"
            return self.soap("modificarCaso", inside)
        listed = self.list().json()["records"]
        native = next(row["Id"] for row in listed if row["Subject"] == record.fields["Subject"])
        row = {"attributes": {"type": "Case"}, "id": native, "Subject": title}
        return self.send("PATCH", f"{SF}/composite/sobjects", json={"allOrNone": False, "records": [row]})

    def list(self, **more: Any) -> requests.Response:
        if self.name == "northcable":
            return self.send("GET", "/api/tickets", **more)
        if self.name == "telvoz":
            return self.soap("listarCasos", "<desplazamiento>0</desplazamiento><limite>50</limite>", **more)
        soql = "SELECT Id, Subject, SystemModstamp FROM Case ORDER BY SystemModstamp"
        return self.send("GET", f"{SF}/query", params={"q": soql}, **more)

    def find(self, hub_id: str) -> requests.Response:
        if self.name == "northcable":
            return self.send("GET", "/api/tickets", params={"hub_case": hub_id})
        if self.name == "telvoz":
            return self.soap("buscarPorHub", f"<casoHub>{hub_id}</casoHub>")
        soql = f"SELECT Id, Subject FROM Case WHERE Hub_Case__c IN ('{hub_id}')"
        return self.send("GET", f"{SF}/query", params={"q": soql})

    def titles(self) -> list[str]:
        """What really stands there."""
        return [str(one.fields[self.store.vocabulary.roles.title]) for one in self.store.select("deleted = 0")]


@contextmanager
def client(name: str, folder: Path) -> Iterator[Client]:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        store = Store(folder / f"{name}.db", WORDS[name])
        stack.callback(store.close)
        tls = certificate(folder / "tls") if name == "brightnet" else None
        app = Misbehaving(name, store, MAKE[name])
        url = stack.enter_context(serving(app, tls=tls, tell=tell_where(app, folder, tls)))
        made = Client(name, url, store, app, folder)
        made.session.trust_env = False
        made.session.verify = str(tls.authority) if tls else True
        stack.callback(made.session.close)
        made.log_in()
        yield made


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Client]]:
    folder = tmp_path_factory.mktemp("companies")
    with ExitStack() as stack:
        yield {name: stack.enter_context(client(name, folder / name)) for name in NAMES}


@pytest.fixture(params=NAMES)
def one(request: pytest.FixtureRequest, running: dict[str, Client]) -> Iterator[Client]:
    """Each company in turn, well before and after."""
    found = running[request.param]
    yield found
    assert found.at_door("DELETE").ok
    found.session.headers.pop("Authorization", None)
    found.log_in()


@pytest.fixture
def salesforce(running: dict[str, Client]) -> Iterator[Client]:
    yield running["brightnet"]
    running["brightnet"].at_door("DELETE")


def test_every_name_of_the_catalogue_is_done_by_exactly_one_and_each_row_there_is() -> None:
    assert CALLS.keys() | STATES.keys() == CATALOGUE.keys()
    assert not CALLS.keys() & STATES.keys()
    rows = {int(line.split(":")[1]) for line in Path("tests/faults.yaml").read_text().splitlines() if "- row:" in line}
    assert not [name for name, told in CATALOGUE.items() if not set(told.rows) <= rows]
    assert not [name for name in STATES if CATALOGUE[name].call != "none"]


def test_nobody_tells_it_without_its_token_and_nothing_is_on_at_the_start(one: Client) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert one.at_door(method, token="wrong", json={"fault": "server_error"}).status_code == 401
        assert (
            requests.request(method, f"{one.url}{PLACE}", auth=API, verify=one.session.verify, timeout=9).status_code
            == 401
        )
    told = one.at_door("GET").json()
    assert told["on"] == []
    assert {name["name"] for name in told["there"]} == {
        name for name, told in CATALOGUE.items() if KINDS[one.name] in told.kinds
    }
    kept = one.state / FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text()) == {"url": one.url, "token": one.door.token}


def test_it_meets_as_many_calls_as_it_was_told_after_those_that_pass(one: Client) -> None:
    one.tell("server_error", 2, {"call": "list", "after": 1})
    assert [one.list().status_code for _ in range(5)] == [200, 500, 500, 200, 200]
    (on,) = one.at_door("GET").json()["on"]
    assert (on["met"], on["times"]) == (2, 2)
    assert one.create().ok  # another call


def test_its_own_people_work_on(one: Client) -> None:
    one.tell("request_lost")
    with pytest.raises(LOST):
        one.list()
    answer = requests.get(
        f"{one.url}/desk/api/cases", params={"field": one.store.vocabulary.roles.title, "values": "x"},
        auth=("agent", "agent"), verify=one.session.verify, timeout=9,
    )  # fmt: skip
    assert answer.status_code == 200


def test_a_request_is_lost_before_or_its_answer_after(one: Client) -> None:
    one.tell("request_lost", 1, {"call": "create"})
    with pytest.raises(LOST):
        one.create(title="before")
    one.tell("answer_lost", 1, {"call": "create"})
    with pytest.raises(LOST):
        one.create(title="after")
    assert "before" not in one.titles()
    assert one.titles().count("after") == 1


def test_an_answer_comes_late_and_a_write_is_applied_late(one: Client) -> None:
    one.tell("answer_late", 1, {"call": "create"}, seconds=3)
    with pytest.raises(requests.exceptions.ReadTimeout):
        one.create(title="slow", timeout=1)
    assert "slow" in one.titles()
    one.tell("applied_late", 1, {"call": "create"}, seconds=0.5)
    with pytest.raises(LOST):
        one.create(title="later")
    assert "later" not in one.titles()
    until = time.monotonic() + 20
    while "later" not in one.titles() and time.monotonic() < until:
        time.sleep(0.05)
    assert "later" in one.titles()


def test_a_create_is_delivered_twice_and_refused_the_second_time(one: Client) -> None:
    one.tell("delivered_twice", 1)
    answer = one.create(title="double")
    assert one.titles().count("double") == 1
    assert "uplic" in answer.text.lower()  # duplicate, DUPLICATE_VALUE, Duplicado


def test_a_body_drips_is_cut_or_broken(one: Client) -> None:
    one.tell("slow_drip", 1, {"call": "list"}, seconds=0.4)
    began = time.monotonic()
    with one.list(stream=True) as answer:
        assert len([next(answer.iter_content(1)) for _ in range(3)]) == 3
    assert time.monotonic() - began >= 1.2  # three bytes, 0.4 s before each
    one.tell("half_body", 1, {"call": "list"})
    with pytest.raises(CUT):
        one.list()
    one.tell("broken_body", 1, {"call": "list"})
    broken, whole = one.list(), one.list()
    assert broken.content == whole.content[: len(whole.content) // 2]


def test_a_little_gzip_stands_for_much(one: Client) -> None:
    one.tell("gzip_bomb", 1, {"call": "list"})
    with one.list(stream=True) as answer:
        packed = answer.raw.read(decode_content=False)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(packed) < 300_000


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [("html_page", 200, "text/html"), ("gateway_error", 503, "text/html"), ("rights_taken", 403, "")],
)
def test_something_else_answers_and_nothing_was_done(one: Client, fault: str, status: int, kind: str) -> None:
    one.tell(fault, 1, {"call": "create"})
    answer = one.create(title=fault)
    assert answer.status_code == status
    assert kind in answer.headers["content-type"]
    assert fault not in one.titles()


def test_a_redirect_leads_elsewhere(one: Client) -> None:
    one.tell("redirect", 1)
    answer = one.list()
    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:9/elsewhere")


def test_an_error_says_nothing_of_whether_it_was_done(one: Client) -> None:
    one.tell("server_error", 1, {"call": "create"})
    assert one.create(title="undone").status_code == 500
    one.tell("server_error_after", 1, {"call": "create"})
    assert one.create(title="done").status_code == 500
    assert [title for title in one.titles() if title in ("undone", "done")] == ["done"]


def test_credentials_are_taken_no_more_and_a_session_ends(one: Client) -> None:
    one.tell("session_expired", 1)
    assert [one.list().status_code for _ in range(2)] == [401, 200]
    one.tell("wrong_credentials")
    assert one.log_in().status_code in (400, 401)
    one.at_door("DELETE", params={"fault": "wrong_credentials"})
    assert one.log_in().ok


@pytest.mark.parametrize(
    ("form", "said"),
    [("seconds", "3"), ("fraction", "1.5"), ("negative", "-1"), ("huge", "1e9"), ("words", "soon"), ("none", None)],
)
def test_it_asks_to_wait_in_each_form(one: Client, form: str, said: str | None) -> None:
    one.tell("rate_limit", 1, form=form)
    answer = one.list()
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, said)


def test_it_asks_to_wait_until_a_date_or_because_it_is_overloaded(one: Client) -> None:
    one.tell("rate_limit", 1, form="date")
    assert "GMT" in one.list().headers["retry-after"]
    one.tell("overloaded", 1)
    answer = one.list()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_the_calls_of_an_org_come_to_an_end(salesforce: Client) -> None:
    salesforce.tell("quota_near_end", 1)
    assert salesforce.list().headers["sforce-limit-info"] == "api-usage=14999/15000"
    salesforce.tell("quota_used_up", 1)
    assert salesforce.list().json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_a_row_is_locked(salesforce: Client) -> None:
    salesforce.tell("row_locked", 1)
    (row,) = salesforce.create(title="locked").json()
    assert (row["success"], row["errors"][0]["statusCode"]) == (False, "UNABLE_TO_LOCK_ROW")
    assert "locked" not in salesforce.titles()


def test_of_many_rows_the_last_fails_or_its_result_is_lost(running: dict[str, Client]) -> None:
    for name, made in (("northcable", 201), ("brightnet", True)):
        one = running[name]

        def batch(*titles: str, one: Client = one, name: str = name) -> list[Any]:
            if name == "northcable":
                rows = [{"title": title, "hub_case": str(uuid4())} for title in titles]
                found = one.send("POST", "/api/tickets/batch", json={"tickets": rows}).json()["results"]
                return [result["status"] for result in found]
            rows = [{"attributes": {"type": "Case"}, "Subject": title, "Hub_Case__c": str(uuid4())} for title in titles]
            asked = {"allOrNone": False, "records": rows}
            return [result["success"] for result in one.send("POST", f"{SF}/composite/sobjects", json=asked).json()]

        one.tell("last_row_refused", 1)
        assert batch("kept 1", "kept 2", "refused") == [made, made, 503 if name == "northcable" else False]
        one.tell("last_result_lost", 1)
        assert batch("kept 3", "kept 4") == [made]
        assert {f"kept {n}" for n in (1, 2, 3, 4)} <= set(one.titles())
        assert "refused" not in one.titles()


def test_where_a_list_stood_is_known_no_longer(running: dict[str, Client]) -> None:
    north, salesforce = running["northcable"], running["brightnet"]
    north.tell("cursor_lost")
    assert [north.send("GET", f"/api/tickets{query}").status_code for query in ("", "?after=1")] == [200, 410]
    salesforce.tell("cursor_lost")
    answer = salesforce.send("GET", f"{SF}/query/01gD0000002HU6K-2000")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
    for one in (north, salesforce):
        assert one.at_door("DELETE").ok


def test_success_is_none(one: Client) -> None:
    one.tell("error_in_success", 1)
    answer = one.create(title="swallowed")
    assert answer.status_code == 200
    assert "could not be saved" in answer.text
    assert "swallowed" not in one.titles()
    record = one.store.create({one.store.vocabulary.roles.title: "kept"}, by="agent", desk=True)
    one.tell("nothing_changed", 1)
    answer = one.update(record.id, "changed")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "changed" not in one.titles()


def test_a_value_is_taken_and_not_written(one: Client) -> None:
    title = one.store.vocabulary.roles.title
    record = one.store.create({title: "stays"}, by="agent", desk=True)
    one.tell("ignored_value", 1, {"call": "update"}, field=title)
    assert one.update(record.id, "is not kept").ok
    assert "stays" in one.titles()
    assert "is not kept" not in one.titles()


def test_an_answer_bears_a_word_that_nobody_knows(one: Client) -> None:
    one.create(title="Palabra")
    one.tell("unknown_word", 1, {"call": "list"}, word="Palabra", instead="Quux")
    assert "Quux" in one.list().text
    assert "Palabra" in one.list().text


def test_finding_lags_behind(one: Client) -> None:
    hub_id = str(uuid4())
    one.create(hub_id, title="findable")
    one.tell("lagging_find", 1)
    assert "findable" not in one.find(hub_id).text
    assert "findable" in one.find(hub_id).text


def test_a_list_stands_still_or_moves_while_it_is_read(one: Client) -> None:
    title = one.store.vocabulary.roles.title
    one.store.create({title: "oldest"}, by="agent", desk=True)
    one.tell("stale_page", 2)
    first = one.list().content
    one.store.create({title: "unseen"}, by="agent", desk=True)
    assert one.list().content == first
    assert one.list().content != first
    before = one.store.select("deleted = 0", order="changed, id")[0]
    one.tell("changing_while_read", 1)
    one.list()
    after = one.store.get(before.id)
    assert after.version == before.version + 1


def test_many_records_bear_one_stamp(one: Client) -> None:
    title = one.store.vocabulary.roles.title
    for number in range(5):
        one.store.create({title: f"n{number}"}, by="agent", desk=True)
    one.tell("equal_stamps")
    assert len({record.changed for record in one.store.select("deleted = 0")}) == 1


def test_a_second_record_with_an_outside_id_is_taken_until_it_ends(tmp_path: Path) -> None:
    for name in NAMES:
        with client(name, tmp_path / name) as one:
            hub_id = str(uuid4())
            one.create(hub_id, title="first")
            one.create(hub_id, title="refused")
            one.tell("twins_taken")
            one.create(hub_id, title="twin")
            one.at_door("DELETE")
            one.create(hub_id, title="refused again")
            assert one.titles() == ["first", "twin"]


def test_its_clock_is_ahead_until_it_ends(one: Client) -> None:
    title = one.store.vocabulary.roles.title
    began = one.store.clock().astimezone(UTC)
    one.tell("clock_skew", seconds=7200)
    ahead = one.store.create({title: "tomorrow"}, by="agent", desk=True)
    assert (ahead.changed - began).total_seconds() > 7000
    told = parsedate_to_datetime(one.list().headers["date"]).astimezone(UTC)
    assert (told - began).total_seconds() > 7000
    one.at_door("DELETE")
    assert (one.store.clock() - began).total_seconds() < 7000


def test_times_are_written_in_another_zone(running: dict[str, Client]) -> None:
    one = running["telvoz"]
    one.create(title="zoned")
    before = one.list().text
    one.tell("zone_changed", zone="Asia/Tokyo")
    assert one.list().text != before
    one.at_door("DELETE")
    assert one.list().text == before


def test_an_administrator_changes_fields_and_takes_it_back(one: Client) -> None:
    words = one.store.vocabulary
    field, picklist = words.roles.agent, words.fields[words.roles.priority]
    for fault, options, holds in (
        ("field_removed", {"field": field}, lambda now: field not in now),
        ("field_renamed", {"field": field, "instead": "other"}, lambda now: field not in now and "other" in now),
        ("field_required", {"field": field}, lambda now: now[field].required),
        ("length_shortened", {"field": field, "length": 4}, lambda now: now[field].length == 4),
        ("word_added", {"field": picklist.name, "word": "Neu"}, lambda now: "Neu" in now[picklist.name].values),
        (
            "word_removed", {"field": picklist.name, "word": picklist.values[0]},
            lambda now: picklist.values[0] not in now[picklist.name].values,
        ),
    ):  # fmt: skip
        one.tell(fault, **options)
        assert holds(one.store.vocabulary.fields), fault
        assert one.list().ok or one.log_in().ok
        one.at_door("DELETE")
        assert one.store.vocabulary == words


def test_a_certificate_is_over_for_new_connections_until_it_ends(tmp_path: Path) -> None:
    with client("brightnet", tmp_path) as one:
        one.tell("expired_certificate")
        trusted = str(one.session.verify)
        fresh = requests.Session()
        with pytest.raises(requests.exceptions.SSLError, match="expired"):
            fresh.get(f"{one.url}/services/data", verify=trusted, timeout=9)
        one.at_door("DELETE")
        assert fresh.get(f"{one.url}/services/data", verify=trusted, timeout=9).ok


@pytest.mark.parametrize(
    ("asked", "said", "known"),
    [
        ({"fault": "answer_lots"}, "'answer_lots' is no misbehaviour. Did you mean 'answer_lost'?", "answer_lost"),
        ({"fault": "row_locked"}, "'row_locked' is none that a company of this kind can do.", "answer_lost"),
        ({"fault": "answer_lost", "tmes": 1}, "'tmes' is no key. Did you mean 'times'?", "times"),
        ({"fault": "answer_lost", "times": 0}, "times: 0 is no number from 1 to 1000000.", None),
        (
            {"fault": "answer_lost", "where": {"call": "creat"}},
            "where.call: 'creat' is no call that it could",
            "create",
        ),
        ({"fault": "answer_late", "with": {"second": 1}}, "'second' is no option of answer_late. Did you", "seconds"),
        ({"fault": "answer_late", "with": {"seconds": "x"}}, "with.seconds: 'x' is no number.", None),
        ({"fault": "ignored_value"}, "ignored_value wants `with.field`.", None),
        (
            {"fault": "field_removed", "with": {"field": "titel"}},
            "with.field: northcable has no field 'titel'. D",
            "title",
        ),
        ([1], "an object is wanted: fault, and maybe times, where, with.", None),
    ],
)
def test_what_cannot_be_is_answered_with_what_can(
    running: dict[str, Client], asked: Any, said: str, known: str | None
) -> None:
    one = running["northcable"]
    answer = one.at_door("POST", json=asked)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(said)
    assert known is None or known in answer.json()["known"]
    assert one.at_door("GET").json()["on"] == []


def test_a_person_tells_a_company_at_a_prompt(running: dict[str, Client], capsys: pytest.CaptureFixture[str]) -> None:
    one = running["brightnet"]
    state = one.state.parent
    assert tell("brightnet", {"fault": "server_error", "times": 2}, state=state) == 0
    assert capsys.readouterr().out.strip() == "server_error, 2 times, met 0 calls (any)"
    assert one.list().status_code == 500
    assert tell("brightnet", {}, state=state) == 0
    shown = capsys.readouterr().out
    assert "answer_lost           does what it is asked, then hangs up without an answer" in shown
    assert "server_error, 2 times, met 1 calls (any)" in shown
    assert tell("brightnet", {"fault": "sever_error"}, state=state) == 1
    assert "Did you mean 'server_error'?\nKnown: request_lost, " in capsys.readouterr().out
    assert tell("brightnet", {}, end=True, state=state) == 0
    assert capsys.readouterr().out.startswith("ended: server_error")
    assert tell("brigthnet", {}, state=state) == 1
    assert "Did you mean 'brightnet'?" in capsys.readouterr().out
    assert tell("telvoz", {}, state=state / "nowhere") == 1
    assert "telvoz does not run with its store below" in capsys.readouterr().out


def test_a_time_is_wanted_and_not_a_truth() -> None:
    with pytest.raises(Unfit, match="times: True is no number"):
        wanted("rest", {"fault": "answer_lost", "times": True})
