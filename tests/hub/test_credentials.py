"""One connection means one thing, however it is written; a secret stands in no error."""

from __future__ import annotations

import json

import pytest

from connectors.errors import Refused
from hub.credentials import Written, credentials, from_environment

SECRET = "k\u00e4se/pass:w@rd?x=1"  # every character that a URI must encode


def test_json_gives_address_login_and_extra() -> None:
    text = json.dumps(
        {
            "conn_type": "casebridge_rest",
            "host": "http://127.0.0.1:8101/",
            "login": "casebridge",
            "password": SECRET,
            "extra": {"ca_file": "/etc/ca.pem"},
        }
    )
    found = from_environment("northcable", {"AIRFLOW_CONN_NORTHCABLE": text})
    assert (found.url, found.login, found.password) == ("http://127.0.0.1:8101", "casebridge", SECRET)
    assert found.extra == {"ca_file": "/etc/ca.pem"}
    assert SECRET not in repr(found)


def test_uri_with_a_protocol_of_its_own() -> None:
    uri = "casebridge-soap://http://casebridge:b%3Ar%2Fidge@127.0.0.1:8102/?rate=5"
    found = from_environment("telvoz", {"AIRFLOW_CONN_TELVOZ": uri})
    assert (found.url, found.login, found.password) == ("http://127.0.0.1:8102", "casebridge", "b:r/idge")
    assert found.extra == {"rate": "5"}


def test_uri_with_an_encoded_address() -> None:
    uri = "casebridge-rest://http://u:p@127.0.0.1%3A8101%2Fapi"
    assert from_environment("x", {"AIRFLOW_CONN_X": uri}).url == "http://127.0.0.1:8101/api"


def test_a_bare_host_means_https_and_takes_the_port() -> None:
    assert credentials(Written("casebridge_rest", "cases.example.net", 8443), conn_id="x").url == (
        "https://cases.example.net:8443"
    )


def test_salesforce_reads_the_official_fields_old_and_new() -> None:
    extra = json.dumps(
        {
            "extra__salesforce__consumer_key": "ck",
            "consumer_secret": "cs",
            "instance_url": "https://localhost:8103/",
            "domain": "test",
        }
    )
    found = credentials(Written("salesforce", extra=extra, login="bridge@brightnet.example"), conn_id="brightnet")
    assert found.url == "https://localhost:8103"
    assert (found.extra["consumer_key"], found.extra["consumer_secret"]) == ("ck", "cs")
    by_domain = credentials(Written("salesforce", extra='{"domain": "test"}'), conn_id="brightnet")
    assert by_domain.url == "https://test.salesforce.com"


def test_a_missing_connection_teaches_how_to_write_one() -> None:
    with pytest.raises(Refused) as caught:
        from_environment("northcabel", {"AIRFLOW_CONN_NORTHCABLE": "{}", "HOME": "/root"})
    assert str(caught.value) == (
        "connection northcabel: C320 there is no connection 'northcabel'.\n"
        "  Known: northcable. Did you mean 'northcable'?\n"
        "  Fix: add it in Airflow under Admin, Connections; or export AIRFLOW_CONN_NORTHCABEL="
        '\'{"conn_type": "casebridge_rest", "host": "https://…", "login": "…", "password": "…"}\''
    )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"conn_type": "casebridge_rest", "password": "hunter2-hunter2"', "it starts like JSON and is none"),
        ('{"conn_type": "casebridge_rest", "pasword": "hunter2-hunter2"}', "Did you mean 'password'?"),
        ('{"conn_type": "casebridge_rest", "host": "h", "port": "hunter2-hunter2"}', "port is no number"),
        ('{"conn_type": "casebridge_rest", "host": "h", "extra": "hunter2-hunter2"}', "its extra is no JSON object"),
        ('{"conn_type": "casebridge_rset", "host": "h"}', "Did you mean 'casebridge_rest'?"),
        ('{"conn_type": "casebridge_rest", "password": "hunter2-hunter2"}', "C323 it has no address."),
        ('{"conn_type": "casebridge_rest", "host": "ftp://h"}', "Known: https, http."),
        ('{"conn_type": "casebridge_rest", "host": "https://u:hunter2-hunter2@h"}', "without a login"),
        ("casebridge-rest://u:hunter2-hunter2@host:notaport", "percent-encode them"),
        ("hunter2-hunter2", "neither a JSON object nor a URI"),
    ],
)
def test_what_cannot_be_read_says_why_and_shows_no_secret(text: str, part: str) -> None:
    with pytest.raises(Refused) as caught:
        from_environment("x", {"AIRFLOW_CONN_X": text})
    assert part in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "Fix: " in str(caught.value)
