"""Who may call Brightnet's org, how often, and what it says to others."""

from __future__ import annotations

from typing import Any

import pytest
import requests

GRANT = {"grant_type": "client_credentials"}


def test_a_login_gives_a_token_and_says_where_the_org_is(org: Any) -> None:
    told = org.login().json()
    assert told["instance_url"] == org.url
    assert told["token_type"] == "Bearer"
    assert told["issued_at"].isdigit()
    assert len(told["issued_at"]) == 13
    assert told["id"].startswith(f"{org.url}/id/00D")
    assert told["signature"]


def test_a_login_may_come_in_the_basic_header(org: Any) -> None:
    assert org.login(GRANT, auth=("casebridge", "bridge-secret")).status_code == 200


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({**GRANT, "client_id": "casebridge", "client_secret": "x"}, "invalid_client", "invalid client credentials"),
        ({**GRANT, "client_id": "nobody", "client_secret": "x"}, "invalid_client_id", "client identifier invalid"),
        ({"grant_type": "password"}, "invalid_grant", "authentication failure"),
        ({}, "unsupported_grant_type", "grant type not supported"),
    ],
)
def test_a_bad_login_is_refused_in_oauths_words(org: Any, form: dict[str, str], error: str, description: str) -> None:
    answer = org.login(form)
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}


@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Basic YWdlbnQ6YWdlbnQ=", "Bearer 00DWU0000000001!1.a.b"])
def test_without_a_session_everything_is_401(org: Any, token: str | None) -> None:
    org.http.headers.pop("Authorization")
    for path in ("/services/data/v60.0/limits", "/services/data/v60.0/nothing", "/services/oauth2/userinfo"):
        answer = org.http.get(org.url + path, headers={"Authorization": token} if token else {})
        assert answer.status_code == 401
        assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_session_ends(start: Any) -> None:
    org = start(session_seconds=0.0)
    assert org.refused("GET", "limits") == (401, "INVALID_SESSION_ID", "Session expired or invalid")


def test_the_user_is_named(org: Any) -> None:
    told = org.http.get(f"{org.url}/services/oauth2/userinfo").json()
    assert told["preferred_username"] == "casebridge@brightnet.example"
    assert told["user_id"].startswith("005")


def test_each_answer_counts_the_calls_until_none_are_left(start: Any) -> None:
    org = start(daily_limit=3)
    assert org.call("GET", "limits")["DailyApiRequests"] == {"Max": 3, "Remaining": 2}
    assert org.answer.headers["Sforce-Limit-Info"] == "api-usage=1/3"
    assert org.refused("GET", "sobjects/Nothing") == (404, "NOT_FOUND", "The requested resource does not exist")
    org.query("SELECT Id FROM Case")
    assert org.answer.headers["Sforce-Limit-Info"] == "api-usage=3/3"
    assert org.refused("GET", "limits") == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def test_versions_and_resources_are_listed(org: Any) -> None:
    listed = requests.get(f"{org.url}/services/data", verify=str(org.tls.authority), timeout=5).json()
    assert listed[-1] == {"label": "v60.0", "url": "/services/data/v60.0", "version": "60.0"}
    assert org.call("GET", "")["query"] == "/services/data/v60.0/query"
    answer = org.http.get(f"{org.url}/services/data/v99.0/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_an_address_that_is_too_long_is_answered_as_the_proxy_in_front_does(org: Any) -> None:
    answer = org.http.get(f"{org.url}/services/data/v60.0/query", params={"q": "x" * 17_000})
    assert answer.status_code == 414
    assert "URI Too Long" in answer.text
