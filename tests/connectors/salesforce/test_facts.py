"""What is known of Salesforce from its documents and from public code, fact by fact: the sandbox's org answers so, and
the connector survives it. Facts that a whole file is about (queries, collections, jobs, files, sweeps) stand there."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from connectors.errors import ConnectorError, Refused, Rejected, Throttled
from sandbox.hostile.org import ONE, TWO, Asked, Org, Said, case, create, error, errors, no, ok, rows, update

ENVELOPE = """<?xml version="1.0"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>nobody@brightnet.example</n1:username>
<n1:password>wrong</n1:password></n1:login></env:Body></env:Envelope>"""


class Plain:
    """A client that knows nothing of the connector. call: (status, JSON or text)."""

    def __init__(self, brightnet: Any) -> None:
        self.url = brightnet.url
        self.http = requests.Session()
        self.http.trust_env, self.http.verify = False, brightnet.ca_file

    def __enter__(self) -> Plain:
        form = {"grant_type": "client_credentials", "client_id": "casebridge", "client_secret": "bridge-secret"}
        token = self.http.post(f"{self.url}/services/oauth2/token", data=form, timeout=30).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        with self.http.request(method, f"{self.url}{path}", json=body, timeout=30, **more) as answer:
            return answer.status_code, answer.json() if answer.content else None

    def data(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        return self.call(method, f"/services/data/v60.0/{path}", body, **more)


@pytest.fixture
def plain(brightnet: Any) -> Any:
    with Plain(brightnet) as client:
        yield client


def test_a_soap_login_that_fails_is_a_500_with_an_exception_code(brightnet: Any) -> None:
    with requests.Session() as http:
        http.trust_env, http.verify = False, brightnet.ca_file
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"}
        answer = http.post(f"{brightnet.url}/services/Soap/u/60.0", ENVELOPE.encode(), headers=headers, timeout=30)
        assert answer.status_code == 500
        assert "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "query?q=SELECT Nothing__c FROM Case", 400, "INVALID_FIELD"),
        ("GET", "query?q=SELECT FROM", 400, "MALFORMED_QUERY"),
        ("GET", "query?q=SELECT Id FROM Nothing", 400, "INVALID_TYPE"),
        ("GET", "query/01gWU0000000001AAA-2000", 400, "INVALID_QUERY_LOCATOR"),
        ("GET", "sobjects/Case/500000000000000AAA", 404, "NOT_FOUND"),
        ("GET", "sobjects/Nothing/describe", 404, "NOT_FOUND"),
        ("POST", "sobjects/Case", 400, "JSON_PARSER_ERROR"),
    ],
)
def test_errors_are_always_a_list(plain: Plain, method: str, path: str, status: int, code: str) -> None:
    told = plain.data(method, path, "" if method == "POST" else None)
    assert (told[0], told[1][0]["errorCode"]) == (status, code)
    assert isinstance(told[1], list)
    assert {"message", "errorCode"} <= set(told[1][0])


def test_an_item_of_a_collection_bears_a_status_code_under_200(plain: Plain) -> None:
    record = {"attributes": {"type": "Case"}, "Subject": "x", "Status": "нет такого"}
    status, (item,) = plain.data("POST", "composite/sobjects", {"allOrNone": False, "records": [record]})
    (said,) = item["errors"]
    assert (status, item["success"]) == (200, False)
    assert said["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert "errorCode" not in said


def test_no_more_than_one_call_is_under_way_whatever_is_written(org: Org) -> None:
    """An org takes 25 long calls at once, of everybody's."""
    org.answer = lambda asked: Said(body=[ok()] * len(asked.body["records"]))
    assert (
        errors(list(org.connector(batch=1).push([update(str(n), ONE, lane=str(n)) for n in range(4)])))
        == ["applied"] * 4
    )


def test_a_page_smaller_than_was_asked_for_is_no_end(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if "Id > " in asked.query:
            return rows(case(TWO, 2))
        return rows(case(ONE, 1), rest="/services/data/v60.0/query/01g1-1")

    org.answer = answer
    pages = list(org.connector(page=500).pull(None))
    assert [one.native_id for page in pages for one in page.records] == [ONE, TWO]
    assert not [asked for asked in org.asked if "/query/01g" in asked.path]  # the next page is a query of its own


@pytest.mark.parametrize("status", [200, 204])
def test_an_upsert_answers_201_then_200_or_204_and_404_where_the_field_is_no_outside_id(
    plain: Plain, status: int
) -> None:
    path = f"sobjects/Case/Hub_Case__c/hub-{status}"
    assert plain.data("PATCH", path, {"Subject": "x"})[0] == 201
    assert plain.data("PATCH", path, {"Subject": "y"})[0] in (200, 204)
    assert plain.data("PATCH", "sobjects/Case/Subject/y", {"Status": "Новое"})[0] == 404


def test_the_connector_never_upserts_and_several_choices_are_no_success(org: Org) -> None:
    org.answer = lambda asked: Said(300, [f"{asked.path}/1", f"{asked.path}/2"])
    told = errors(list(org.connector().push([create("a")])))
    assert told != ["applied"]
    assert {asked.method for asked in org.asked} <= {"POST", "GET"}


@pytest.mark.parametrize(
    ("code", "fields", "expected"),
    [
        ("FIELD_INTEGRITY_EXCEPTION", ("OwnerId",), "Rejected C652"),
        ("REQUIRED_FIELD_MISSING", ("Subject",), "Rejected C652"),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ("Status",), "Rejected C651"),
        ("STRING_TOO_LONG", ("Subject",), "Rejected C652"),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", (), "Rejected C652"),
        ("ENTITY_IS_DELETED", (), "Rejected C653"),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", (), "Rejected C652"),
    ],
)
def test_a_refusal_of_one_row_says_what_happens_next(
    org: Org, code: str, fields: tuple[str, ...], expected: str
) -> None:
    org.answer = lambda asked: Said(body=[no(code, "нет", *fields), ok(TWO)])
    assert errors(list(org.connector().push([update("a"), update("b", TWO)]))) == [expected, "applied"]


def test_the_orgs_quota_is_told_with_each_answer(plain: Plain) -> None:
    with plain.http.get(f"{plain.url}/services/data/v60.0/limits", timeout=30) as answer:
        used, most = answer.headers["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")
        assert 0 < int(used) < int(most)


def test_used_up_calls_say_no_time_and_are_waited_for_all_the_same(org: Org) -> None:
    org.answer = lambda asked: error(403, "REQUEST_LIMIT_EXCEEDED")
    with pytest.raises(Throttled) as caught:
        org.connector().fetch([ONE])
    assert caught.value.after > 0


@pytest.mark.parametrize("code", ["EXCEEDED_ID_LIMIT", "INVALID_REPLICATION_DATE"])
def test_more_changes_than_they_name_are_left_to_reconciling(org: Org, code: str) -> None:
    def answer(asked: Asked) -> Said:
        return error(400, code) if "/updated/" in asked.path or "/deleted/" in asked.path else rows(case(ONE, 1))

    org.answer = answer
    connector = org.connector(sweep={"every": 60}, comments=None)
    (first,) = connector.pull(None)
    place = {**json.loads(first.cursor.value), "swept": "2026-11-20T00:00:00.000Z"}
    (second,) = connector.pull(type(first.cursor)(json.dumps(place)))
    assert [one.native_id for one in second.records] == [ONE]
    assert json.loads(second.cursor.value)["swept"] == "2026-11-21T00:00:00.000Z"


def test_a_case_as_documented(plain: Plain) -> None:
    """An auto-number, a queue as its owner, closed by its status, a description of 32,000 characters."""
    made = plain.data("POST", "sobjects/Case", {"Subject": "x", "Description": "я" * 32_000})[1]["id"]
    row = plain.data("GET", f"sobjects/Case/{made}")[1]
    assert (row["OwnerId"][:3], row["IsClosed"], row["CaseNumber"].isdecimal()) == ("00G", False, True)
    assert plain.data("PATCH", f"sobjects/Case/{made}", {"Status": "Закрыто"})[0] == 204
    assert plain.data("GET", f"sobjects/Case/{made[:15]}")[1]["IsClosed"] is True
    for body, code in (
        ({"Description": "я" * 32_001}, "STRING_TOO_LONG"),
        ({"CaseNumber": "1"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ):
        status, (said,) = plain.data("PATCH", f"sobjects/Case/{made}", body)
        assert (status, said["errorCode"]) == (400, code)


def test_a_comment_takes_four_thousand_bytes_and_no_more(plain: Plain) -> None:
    made = plain.data("POST", "sobjects/Case", {"Subject": "x"})[1]["id"]
    for text, status in (("я" * 2000, 201), ("я" * 2000 + "x", 400)):
        assert plain.data("POST", "sobjects/CaseComment", {"ParentId": made, "CommentBody": text})[0] == status


def test_a_case_is_written_on_the_condition_of_no_change_since_and_of_no_tag(plain: Plain) -> None:
    made = plain.data("POST", "sobjects/Case", {"Subject": "x"})[1]["id"]
    path, long_ago = f"sobjects/Case/{made}", {"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}
    assert plain.data("PATCH", path, {"Subject": "y"}, headers=long_ago)[0] == 412
    assert plain.data("PATCH", path, {"Subject": "y"}, headers={"If-Match": '"nothing"'})[0] == 204


def test_an_id_of_15_characters_names_the_same_record_to_the_connector(brightnet: Any) -> None:
    brightnet.create(1)
    connector = brightnet.connector()
    ((record,),) = [page.records for page in connector.pull(None)]
    (found,) = connector.fetch([record.native_id[:15]])
    assert found.native_id == record.native_id
    assert len(record.native_id) == 18


def test_what_an_org_says_of_a_login_stays_what_it_is(org: Org) -> None:
    org.token = lambda n: Said(400, {"error": "invalid_grant", "error_description": "authentication failure"})
    with pytest.raises(Refused) as caught:
        org.connector().check()
    assert isinstance(caught.value, ConnectorError)
    assert not isinstance(caught.value, Rejected)
    assert "authentication failure" in caught.value.text()
