"""A Salesforce org that misbehaves, over a real TLS socket: what the connector makes of it."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from connectors.base import Change, Credentials, Cursor, Receipt
from connectors.declared import Quota
from connectors.errors import ConnectorError, Refused, Rejected, Throttled, Unknown, Unreachable
from connectors.salesforce import Salesforce
from connectors.salesforce_login import Login
from connectors.salesforce_system import SalesforceSystem

DATA = "/services/data/v60.0"
ONE, TWO, THREE = "500000000000001AAA", "500000000000002AAA", "500000000000003AAA"
SECRET = "s3cr3t-of-the-app"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any


@dataclass
class Said:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Org:
    """The org: `answer` is asked for each call but a login. logins: how many there were; token N is 'token-N'."""

    url: str
    ca_file: str
    answer: Callable[[Asked], Said] = lambda asked: Said()
    token: Callable[[int], Said] | None = None
    logins: int = 0
    asked: list[Asked] = field(default_factory=list)
    naps: list[float] = field(default_factory=list)

    def connector(self, **declared: Any) -> Salesforce:
        fields = declared.pop("fields", ("Subject", "Status"))
        system = SalesforceSystem(
            name="brightnet", title="Brightnet", connection="brightnet", private_network=True, fields=fields, **declared
        )
        extra = {"consumer_key": "app", "consumer_secret": SECRET, "ca_file": self.ca_file}
        return Salesforce(
            system,
            Credentials(self.url, extra=extra),
            clock=lambda: datetime(2026, 11, 21, tzinfo=UTC),
            sleep=self.naps.append,
            monotonic=time.monotonic,
            random=lambda: 0.5,
        )

    def tell(self, asked: Asked) -> Said:
        if asked.path == "/services/oauth2/token":
            self.logins += 1
            return self.token(self.logins) if self.token else self.good_token()
        self.asked.append(asked)
        return self.answer(asked)

    def good_token(self, **changed: str) -> Said:
        identity = f"{self.url}/id/00D000000000001EAA/005000000000001AAA"
        return Said(body={"access_token": f"token-{self.logins}", "instance_url": self.url, "id": identity, **changed})


def _door(org: Org) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        def _all(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            body = json.loads(raw) if raw.startswith(b"{") else raw.decode()
            query = parse_qs(parts.query).get("q", [""])[0]
            said = org.tell(Asked(self.command, parts.path, query, dict(self.headers), body))
            text = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _all  # the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    return Door


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that gave up on us is no error of the test."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def org(authority: trustme.CA, tmp_path: Path) -> Iterator[Org]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    org = Org("", str(tmp_path / "ca.pem"))
    server = _Quiet(("127.0.0.1", 0), _door(org))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    org.url = f"https://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield org
    server.shutdown()
    server.server_close()
    thread.join()


def error(status: int, code: str, message: str = "no", **headers: str) -> Said:
    return Said(status, [{"message": message, "errorCode": code}], headers)


def rows(*found: dict[str, Any], rest: str | None = None) -> Said:
    more = {"nextRecordsUrl": rest} if rest else {}
    return Said(body={"totalSize": len(found), "done": rest is None, **more, "records": list(found)})


def case(native_id: str, second: int = 0, **fields: Any) -> dict[str, Any]:
    stamp = f"2026-11-21T10:00:{second:02}.000+0000"
    own = {"attributes": {"type": "Case"}, "Id": native_id, "IsDeleted": False, "SystemModstamp": stamp}
    return {**own, "CaseComments": None, "Subject": "Нет сети", **fields}


def update(key: str, native_id: str = ONE, lane: str = "", **body: Any) -> Change:
    return Change(key, "update", lane or key, body or {"Subject": "Новое имя"}, f"hub-{key}", native_id)


def create(key: str, lane: str = "", **body: Any) -> Change:
    return Change(key, "create", lane or key, {"Subject": f"Случай {key}", **body}, f"hub-{key}")


def ok(native_id: str = ONE) -> dict[str, Any]:
    return {"id": native_id, "success": True, "errors": []}


def no(code: str, message: str = "no", *fields: str) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


def errors(receipts: list[Receipt]) -> list[str]:
    return [f"{type(one.error).__name__} {one.error.code}" if one.error else "applied" for one in receipts]


# Logins


def test_one_login_serves_many_calls_and_says_who_we_are(org: Org) -> None:
    org.answer = lambda asked: rows(case(ONE))
    connector = org.connector()
    assert connector.check() == f"user 005000000000001AAA of org 00D000000000001EAA at {org.url}"
    connector.fetch([ONE])
    assert org.logins == 1
    assert {asked.headers["Authorization"] for asked in org.asked} == {"Bearer token-1"}


def test_a_wrong_secret_is_refused_with_their_words_and_the_fix(org: Org) -> None:
    told = {"error": "invalid_client", "error_description": f"invalid client credentials {SECRET}"}
    org.token = lambda n: Said(400, told)
    with pytest.raises(Refused) as caught:
        org.connector().check()
    assert caught.value.code == "C350"
    assert "invalid_client" in str(caught.value)
    assert "Fix: check consumer key and secret in the connection 'brightnet'" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert org.logins == 1


def test_a_login_that_nobody_answered_is_no_login(org: Org) -> None:
    org.token = lambda n: Said(500) if n <= 12 else org.good_token()
    org.answer = lambda asked: rows()
    connector = org.connector()
    for _ in range(4):  # each of them is tried three times by the wire
        with pytest.raises(Unreachable, match="brightnet login: C105 answered 500"):
            connector.check()
    org.logins = 12
    assert connector.check().startswith("user 005")


def test_a_wrong_secret_is_not_tried_again_and_again(org: Org) -> None:
    org.token = lambda n: Said(400, {"error": "invalid_client"})
    connector = org.connector()
    for _ in range(6):
        with pytest.raises(Refused):
            connector.check()
    assert org.logins == 3


def test_a_session_that_expires_costs_one_login_and_no_call_is_lost(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if asked.headers["Authorization"] == "Bearer token-1" and len(org.asked) > 1:
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return Said(body=[ok()] * len(asked.body["records"])) if asked.method == "PATCH" else rows(case(ONE))

    org.answer = answer
    connector = org.connector()
    connector.fetch([ONE])
    assert errors(list(connector.push([update("a"), update("b", TWO)]))) == ["applied", "applied"]
    assert org.logins == 2


@pytest.mark.parametrize(
    "refusal", [error(401, "INVALID_SESSION_ID"), Said(401, b"<html>Log in</html>", {"Content-Type": "text/html"})]
)
def test_an_org_that_refuses_every_session_sees_three_logins_and_no_more(org: Org, refusal: Said) -> None:
    org.answer = lambda asked: refusal
    connector = org.connector()
    for _ in range(3):
        with pytest.raises(Refused, match="C351 3 logins in a row gave no session that they let in"):
            connector.fetch([ONE])
    assert errors(list(connector.push([update("a")]))) == ["Refused C351"]
    assert org.logins == 3


def test_many_threads_that_find_the_session_expired_make_one_login(org: Org) -> None:
    org.token = lambda n: (time.sleep(0.1), org.good_token())[1]
    connector = org.connector()
    login: Login = connector._calls.login
    sessions: list[Any] = []
    threads = [threading.Thread(target=lambda: sessions.append(login.session())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    old = sessions[0]
    for _ in range(8):
        login.expired(old)
        login.session()
    assert org.logins == 2
    assert len({id(one) for one in sessions}) == 1


@pytest.mark.parametrize("instance", ["https://evil.example", "http://localhost:1", "https://localhost@evil.example"])
def test_the_token_goes_to_no_other_host(org: Org, instance: str) -> None:
    org.token = lambda n: org.good_token(instance_url=instance)
    with pytest.raises(Refused, match="C355 the login answered an address that is not this org's"):
        org.connector().check()
    assert org.asked == []


def test_a_login_page_in_place_of_a_token_is_refused(org: Org) -> None:
    org.token = lambda n: Said(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
    with pytest.raises(Refused, match="C304 answered 200 with no JSON"):
        org.connector().check()


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        (Credentials(""), "C356 the connection 'brightnet' lacks host (or instance_url) and login (or consumer_key)"),
        (Credentials("https://localhost", "app"), "lacks password (or consumer_secret)"),
        (Credentials("http://localhost", "app", "x"), "C356 a Salesforce org is spoken to over https only."),
    ],
)
def test_an_incomplete_connection_is_refused_before_anything_is_sent(credentials: Credentials, said: str) -> None:
    system = SalesforceSystem(name="brightnet", title="B", connection="brightnet", fields=("Subject",))
    with pytest.raises(Refused) as caught:
        Salesforce(system, credentials, clock=lambda: datetime.now(UTC), sleep=time.sleep, monotonic=time.monotonic)
    assert said in str(caught.value)


def test_the_fields_of_airflows_own_salesforce_connection_are_understood(org: Org) -> None:
    org.answer = lambda asked: rows()
    extra = {
        "extra__salesforce__consumer_key": "app",
        "consumer_secret": SECRET,
        "instance_url": org.url,
        "domain": "",
        "ca_file": org.ca_file,
    }
    system = org.connector().system
    connector = Salesforce(
        system,
        Credentials("", "people@brightnet", "their password", extra),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        monotonic=time.monotonic,
    )
    assert connector.check().startswith("user 005")
    assert "password" not in repr(connector.wire.credentials)


# Limits


def test_used_up_calls_are_waited_for_and_nothing_more_is_sent(org: Org) -> None:
    org.answer = lambda asked: error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    connector = org.connector(batch=1)
    with pytest.raises(Throttled) as caught:
        connector.fetch([ONE])
    assert caught.value.after == 900
    org.asked.clear()
    receipts = list(connector.push([update("a"), update("b", TWO), create("c")]))
    assert errors(receipts) == ["Throttled C200"] * 3
    assert len(org.asked) == 1


def test_we_stop_before_the_orgs_quota_is_used_up(org: Org) -> None:
    org.answer = lambda asked: Said(body=rows().body, headers={"Sforce-Limit-Info": "api-usage=4500/5000"})
    connector = org.connector(quota=Quota(share=0.9))
    connector.fetch([ONE])
    with pytest.raises(Throttled, match="4500 of the org's 5000 calls a day are used up"):
        connector.fetch([ONE])
    assert len(org.asked) == 1


def test_an_orgs_quota_never_passes_nine_tenths_by_us_over_a_whole_day_of_processes(org: Org) -> None:
    by_others, most = 795, 1000

    def answer(asked: Asked) -> Said:
        used = by_others + len(org.asked)
        return Said(body=rows().body, headers={"Sforce-Limit-Info": f"api-usage={used}/{most}"})

    org.answer = answer
    second, wait_until, waited = 0.0, 0.0, 0
    while second < 86_400:
        with closing(org.connector()) as connector:  # each step is a process of its own, and knows no count at first
            for _ in range(3):
                try:
                    connector.fetch([ONE])
                except Throttled as error:
                    wait_until, waited = second + error.after, waited + 1
                    break
        second = max(second + 60, wait_until)
    assert 0.8 * most <= by_others + len(org.asked) <= 0.9 * most
    assert waited >= 90


def test_permission_denied_is_for_people(org: Org) -> None:
    org.answer = lambda asked: error(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization")
    with pytest.raises(Refused, match=r"C302 we are not permitted to do this \(403\)\. They said: .*API_DISABLED"):
        org.connector().fetch([ONE])


# Reading


def test_a_page_in_html_is_refused_when_read_and_unknown_when_written(org: Org) -> None:
    org.answer = lambda asked: Said(200, b"<html>Maintenance</html>", {"Content-Type": "text/html"})
    connector = org.connector()
    with pytest.raises(Refused, match="C304"):
        connector.fetch([ONE])
    assert errors(list(connector.push([update("a")]))) == ["Unknown C404"]


@pytest.mark.parametrize("body", [b"", b"5", b"null", b'{"records":[],"records":[]}', b'{"totalSize":NaN}'])
def test_answers_that_are_no_answers_are_refused(org: Org, body: bytes) -> None:
    org.answer = lambda asked: Said(200, body)
    with pytest.raises(Refused, match=r"C304|C353"):
        org.connector().fetch([ONE])


def test_an_unknown_field_says_what_to_compare(org: Org) -> None:
    org.answer = lambda asked: error(400, "INVALID_FIELD", "No such column 'Colour__c' on entity 'Case'")
    with pytest.raises(Refused) as caught:
        list(org.connector(fields=("Colour__c",), comments=None).pull(None))
    assert str(caught.value).startswith(
        "brightnet pull: C352 they refuse the request itself (400). They said: INVALID_"
    )
    assert "No such column 'Colour__c'" in str(caught.value)
    assert "casebridge describe brightnet" in str(caught.value)


def test_rows_come_without_attributes_and_comments_as_a_plain_list(org: Org) -> None:
    comment = {"attributes": {}, "Id": "00a1", "CommentBody": "да", "CreatedBy": {"attributes": {}, "Name": "Анна"}}
    org.answer = lambda asked: rows(
        case(ONE, CaseComments={"totalSize": 1, "done": True, "records": [comment]}, IsDeleted=True), case(TWO)
    )
    one, two = org.connector().fetch([ONE, TWO])
    assert one.body["CaseComments"] == [{"Id": "00a1", "CommentBody": "да", "CreatedBy": {"Name": "Анна"}}]
    assert (two.body["CaseComments"], two.gone, one.gone) == ([], False, True)
    assert "attributes" not in one.body
    assert one.version == "2026-11-21T10:00:00.000Z"
    assert one.changed_at == datetime(2026, 11, 21, 10, tzinfo=UTC)


def _with_long_thread(asked: Asked) -> Said:
    first = {"Id": "00a1", "CommentBody": "раз"}
    inner = {"totalSize": 2, "done": False, "nextRecordsUrl": f"{DATA}/query/01gXX-1", "records": [first]}
    if asked.path.endswith("/query/01gXX-1"):
        return rows({"attributes": {}, "Id": "00a2", "CommentBody": "два"})
    return rows(case(ONE, CaseComments=inner))


def test_a_long_thread_of_comments_is_read_to_its_end(org: Org) -> None:
    org.answer = _with_long_thread
    (one,) = org.connector().fetch([ONE])
    assert [note["CommentBody"] for note in one.body["CaseComments"]] == ["раз", "два"]


def test_a_lost_locator_is_made_good_by_asking_again(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if asked.path.endswith("/query/01gXX-1"):
            return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        if "FROM CaseComment WHERE ParentId" in asked.query:
            return rows(*({"Id": f"00a{n}", "CommentBody": "снова"} for n in range(3)))
        return _with_long_thread(asked)

    org.answer = answer
    (one,) = org.connector().fetch([ONE])
    assert [note["Id"] for note in one.body["CaseComments"]] == ["00a0", "00a1", "00a2"]


def test_a_locator_that_is_always_lost_ends_as_unreachable(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        gone = asked.path.endswith("01gYY-1")
        return error(400, "INVALID_QUERY_LOCATOR") if gone else rows(case(ONE), rest=f"{DATA}/query/01gYY-1")

    org.answer = answer
    with pytest.raises(Unreachable, match="C155 the rest of the rows was not kept"):
        org.connector().fetch([ONE])


@pytest.mark.parametrize("rest", ["@evil.example/x", "https://evil.example/x", f"{DATA}/query/../../oauth2/revoke", 5])
def test_an_address_of_next_rows_that_leads_elsewhere_is_refused(org: Org, rest: Any) -> None:
    org.answer = lambda asked: rows(case(ONE), rest=rest)
    with pytest.raises(Refused, match="C353 the address of the next rows is none"):
        org.connector().fetch([ONE])
    assert len(org.asked) == 1


def test_rows_without_end_are_cut(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.salesforce_calls.MOST_ANSWERS", 5)
    org.answer = lambda asked: rows(case(ONE), rest=f"{DATA}/query/01gZZ-1")
    with pytest.raises(Refused, match="C359 more than 5 answers to one query"):
        org.connector().fetch([ONE])


def test_a_pull_whose_rows_do_not_move_on_is_ended(org: Org) -> None:
    org.answer = lambda asked: rows(case(ONE, 5)) if "FROM Case " in asked.query else rows()
    with pytest.raises(Refused, match="C358 the rows do not come in the order of SystemModstamp"):
        list(org.connector(page=1).pull(None))
    assert len(org.asked) < 5


@pytest.mark.parametrize("value", ["", "17", '{"seq": 4}', '{"stamp": "2026-11-21T10:00:00"}', '{"stamp": "soon"}'])
def test_a_cursor_of_another_kind_is_refused_with_the_way_out(org: Org, value: str) -> None:
    with pytest.raises(Refused, match="C357 the cursor kept for this partner was not made by a Salesforce pull"):
        next(org.connector().pull(Cursor(value)))


def test_a_case_whose_comment_alone_is_new_is_pulled(org: Org) -> None:
    asked_since: list[str] = []

    def answer(asked: Asked) -> Said:
        if "FROM CaseComment " in asked.query:
            asked_since.append(asked.query)
            return rows({"Id": "00a1", "ParentId": TWO, "SystemModstamp": "2026-11-21T10:00:40.000+0000"})
        return rows(case(TWO, 1)) if "WHERE Id IN" in asked.query else rows(case(ONE, 9))

    org.answer = answer
    connector = org.connector(overlap=2)
    (first,) = connector.pull(None)
    (second,) = connector.pull(first.cursor)
    assert [one.native_id for one in first.records] == [ONE]
    assert [one.native_id for one in second.records] == [ONE, TWO]
    assert "SystemModstamp >= 2026-11-21T10:00:38.000Z" in asked_since[-1]
    assert second.cursor == first.cursor
    org.asked.clear()
    list(org.connector(comments={"moves_case": True}).pull(second.cursor))
    assert len(org.asked) == 1


def test_a_first_pull_that_breaks_off_still_watches_the_comments_of_what_it_read(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if "FROM CaseComment " in asked.query:
            return rows({"Id": "00a1", "ParentId": ONE, "SystemModstamp": "2026-11-21T10:00:40.000+0000"})
        if "WHERE Id IN" in asked.query:
            return rows(case(ONE, 1))
        return (
            rows(case(TWO, 2)) if "Id > " in asked.query or "SystemModstamp >=" in asked.query else rows(case(ONE, 1))
        )

    org.answer = answer
    broken = next(org.connector(page=1).pull(None))
    (again,) = org.connector(page=2).pull(broken.cursor)
    assert [one.native_id for one in broken.records] == [ONE]
    assert [one.native_id for one in again.records] == [TWO, ONE]


def test_a_server_error_while_reading_is_tried_again_by_the_scheduler(org: Org) -> None:
    org.answer = lambda asked: error(500, "UNKNOWN_EXCEPTION")
    with pytest.raises(Unreachable, match="C105 answered 500"):
        org.connector().fetch([ONE])


# Writing


def test_a_write_without_an_answer_is_unknown_for_each_and_the_rest_waits(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        time.sleep(1.6)
        return Said(body=[])

    org.answer = answer
    connector = org.connector(deadline=1.0, batch=2)
    receipts = list(connector.push([update("a"), update("b", TWO), update("c", THREE), update("d", TWO, lane="b")]))
    by_key = {one.key: f"{type(one.error).__name__} {one.error.code if one.error else ''}" for one in receipts}
    assert by_key == {"a": "Unknown C401", "b": "Unknown C401", "c": "Unreachable C153", "d": "Stale C550"}
    assert len(org.asked) == 1


@pytest.mark.parametrize(
    "said", [Said(500, []), Said(503, b"busy"), Said(200, []), Said(200, [ok(), ok()]), Said(200, [{"success": True}])]
)
def test_a_write_whose_answer_tells_nothing_is_unknown(org: Org, said: Said) -> None:
    org.answer = lambda asked: said
    (receipt,) = org.connector().push([create("a")])
    assert isinstance(receipt.error, Unknown)
    assert receipt.native_id is None


def test_one_bad_row_of_two_hundred_parks_that_row_alone(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == "GET":
            field_told = {
                "name": "Status",
                "type": "picklist",
                "picklistValues": [{"value": "Новое"}, {"value": "Закрыто"}],
            }
            return Said(body={"fields": [field_told]})
        bad = no("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Ноаое", "Status")
        return Said(body=[bad if one.get("Status") == "Ноаое" else ok() for one in asked.body["records"]])

    org.answer = answer
    changes = [create(str(n), Status="Ноаое" if n == 77 else "Новое") for n in range(200)]
    receipts = list(org.connector().push(changes))
    (parked,) = (one for one in receipts if one.error)
    assert parked.key == "77"
    assert isinstance(parked.error, Rejected)
    assert str(parked.error) == (
        "brightnet create Case Status: C651 Status has no such value: 'Ноаое'. They said: "
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: bad value for restricted picklist field: Ноаое\n"
        "  Known: Новое, Закрыто. Did you mean 'Новое'?\n"
        "  Fix: map to one of the known values in mapping.yaml, or ask them to add this one."
    )
    assert len([one for one in org.asked if one.method == "POST"]) == 1


def test_an_error_never_repeats_what_people_wrote(org: Org) -> None:
    text = "Клиент Иванов живёт на улице Абая"
    org.answer = lambda asked: Said(
        body=[no("STRING_TOO_LONG", f"data value too large: {text} (max length=9)", "Subject")]
    )
    (receipt,) = org.connector().push([update("a", Subject=text)])
    assert "C652 they refuse Subject. They said: STRING_TOO_LONG: data value too large: [value] (max" in str(
        receipt.error
    )
    assert "Иванов" not in str(receipt.error)


def test_a_request_refused_as_a_whole_is_halved_until_the_bad_row_stands_alone(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if any("Colour__c" in one for one in asked.body["records"]):
            return error(400, "INVALID_FIELD", "No such column 'Colour__c' on sobject of type Case")
        return Said(body=[ok() for _ in asked.body["records"]])

    org.answer = answer
    changes = [create(str(n), **({"Colour__c": "red"} if n == 5 else {})) for n in range(16)]
    receipts = list(org.connector().push(changes))
    assert {one.key: type(one.error).__name__ for one in receipts if one.error} == {"5": "Rejected"}
    assert len(receipts) == 16
    assert len(org.asked) == 9


def test_halving_is_bounded_and_what_is_left_is_provably_unsent(org: Org) -> None:
    org.answer = lambda asked: error(400, "INVALID_FIELD")
    receipts = list(org.connector().push([create(str(n)) for n in range(200)]))
    assert len(receipts) == 200
    assert set(errors(receipts)) == {"Rejected C656", "Stale C554"}
    assert len(org.asked) == 40


def test_a_locked_row_is_tried_again_alone_with_pauses(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        locked = no("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        return Said(body=[locked if one["id"] == TWO and len(org.asked) < 3 else ok() for one in asked.body["records"]])

    org.answer = answer
    receipts = list(org.connector().push([update("a"), update("b", TWO)]))
    assert errors(receipts) == ["applied", "applied"]
    assert [len(one.body["records"]) for one in org.asked] == [2, 1, 1]
    assert org.naps == [0.5, 1.0]


def test_a_row_that_stays_locked_is_tried_five_times_and_holds_no_other_back(org: Org) -> None:
    org.answer = lambda asked: Said(
        body=[no("UNABLE_TO_LOCK_ROW") if one["id"] == TWO else ok() for one in asked.body["records"]]
    )
    changes = [update("b", TWO), update("b2", TWO, "b", Subject="после"), update("c", THREE)]
    receipts = {one.key: one for one in org.connector(batch=1).push(changes)}
    assert errors([receipts["b"], receipts["c"]]) == ["Stale C551", "applied"]
    assert "C550 not sent: an earlier change of this case is not settled" in str(receipts["b2"].error)
    assert len(org.asked) == 6


def test_a_rolled_back_call_is_retried_later_not_parked(org: Org) -> None:
    org.answer = lambda asked: Said(body=[no("ALL_OR_NONE_OPERATION_ROLLED_BACK"), no("PROCESSING_HALTED")])
    receipts = list(org.connector().push([update("a"), update("b", TWO)]))
    assert errors(receipts) == ["Stale C552", "Stale C552"]


def test_a_record_that_was_deleted_is_parked(org: Org) -> None:
    org.answer = lambda asked: Said(body=[no("ENTITY_IS_DELETED", "entity is deleted")])
    (receipt,) = org.connector().push([update("a")])
    assert "C653 the record is not there any more" in str(receipt.error)


def _twin(named: str, field: str = "Hub_Case__c") -> dict[str, Any]:
    return no("DUPLICATE_VALUE", f"duplicate value found: {field} duplicates value on record with id: {named}")


@pytest.mark.parametrize("told", [_twin(ONE[:15]), _twin(ONE), _twin("<unknown>", "<unknown>")])
def test_a_create_that_was_there_already_is_found_and_read(org: Org, told: dict[str, Any]) -> None:
    org.answer = lambda asked: rows(case(ONE, Hub_Case__c="hub-a")) if asked.method == "GET" else Said(body=[told])
    (receipt,) = org.connector().push([create("a")])
    assert (receipt.native_id, receipt.found, receipt.error) == (ONE, True, None)
    assert receipt.record is not None
    assert receipt.record.body["Hub_Case__c"] == "hub-a"


def test_a_duplicate_of_something_else_is_not_taken_for_ours(org: Org) -> None:
    org.answer = lambda asked: rows() if asked.method == "GET" else Said(body=[_twin(ONE, "Reference__c")])
    (receipt,) = org.connector().push([create("a")])
    assert errors([receipt]) == ["Rejected C652"]
    assert len(org.asked) == 1
    org.answer = lambda asked: rows() if asked.method == "GET" else Said(body=[_twin(ONE)])
    (receipt,) = org.connector().push([create("a")])
    assert "C654 refused as a duplicate, and 0 records bear the hub id" in str(receipt.error)


def test_a_twin_that_cannot_be_read_now_is_tried_again(org: Org) -> None:
    org.answer = lambda asked: error(500, "X") if asked.method == "GET" else Said(body=[_twin(ONE)])
    (receipt,) = org.connector().push([create("a")])
    assert errors([receipt]) == ["Unreachable C105"]


def test_lanes_keep_their_order_and_no_record_stands_twice_in_a_call(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        return Said(body=[ok(one.get("id") or ONE) for one in asked.body["records"]])

    org.answer = answer
    note = Change("a2", "add_note", "a", {"CommentBody": "привет", "IsPublished": True}, "hub-a", ref="r1")
    changes = [create("a1", lane="a"), note, update("b1", TWO, "b"), update("c1", TWO, "c"), update("b2", TWO, "b")]
    receipts = {one.key: one for one in org.connector().push(changes)}
    assert all(one.error is None for one in receipts.values())
    assert (receipts["a2"].note_id, receipts["a2"].native_id) == (ONE, ONE)
    sent = [[one["attributes"]["type"] for one in asked.body["records"]] for asked in org.asked]
    assert sent == [["Case"], ["Case"], ["Case"], ["CaseComment"], ["Case"]]
    assert org.asked[3].body["records"][0]["ParentId"] == ONE
    assert org.asked[0].body["allOrNone"] is False


def test_a_note_on_a_case_that_was_never_made_is_rejected(org: Org) -> None:
    org.answer = lambda asked: Said(body=[no("REQUIRED_FIELD_MISSING", "missing", "Subject")])
    note = Change("a2", "add_note", "a", {"CommentBody": "привет"}, "hub-a", ref="r1")
    receipts = list(org.connector().push([create("a1", lane="a"), note]))
    assert errors(receipts) == ["Rejected C652", "Rejected C655"]


def test_an_update_of_nothing_is_not_sent(org: Org) -> None:
    (receipt,) = org.connector().push([Change("a", "update", "a", {}, "hub-a", ONE)])
    assert (receipt.error, receipt.native_id, org.asked) == (None, ONE, [])


def test_a_value_that_cannot_be_said_parks_its_change_alone(org: Org) -> None:
    org.answer = lambda asked: Said(body=[ok() for _ in asked.body["records"]])
    receipts = list(org.connector().push([update("a", Subject="nul \0"), update("b", TWO)]))
    assert sorted(errors(receipts)) == ["Rejected C657", "applied"]


@pytest.mark.parametrize("status", [300, 304, 400, 404, 405, 409, 413, 414, 415, 418, 429, 500, 503])
def test_no_error_is_outside_the_tree(org: Org, status: int) -> None:
    connector = org.connector()
    for body in (b"", b"{}", b"[]", b"[1]", b'"x"', b"<html>", b'[{"errorCode":5}]'):
        said = Said(status, body if status != 304 else b"")
        org.answer = lambda asked, said=said: said
        with pytest.raises(ConnectorError):
            connector.fetch([ONE])
        (receipt,) = connector.push([update("a")])
        assert receipt.error is not None
