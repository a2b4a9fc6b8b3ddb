"""SOQL as Brightnet's org reads it: what fits, in which order, in which pages, and what it says to a bad query."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.companies.brightnet_faults import Fault
from sandbox.companies.brightnet_soql import parse
from sandbox.companies.brightnet_words import BRIGHTNET
from sandbox.companies.store import Store

ROWS = (
    {"Subject": "Нет связи", "Status": "В работе", "Priority": "Высокий", "Hub_Case__c": "hub-a", "Test__c": True},
    {"Subject": "50% скорости", "Status": "Новое", "Priority": "Низкий", "Minutes_Spent__c": 15},
    {"Subject": "О'Нил: счёт", "Status": "Закрыто", "Minutes_Spent__c": 200, "SuppliedName": "О'Нил"},
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(shared: Any) -> Any:
    for row in ROWS:
        shared.case(**row)
    return shared


def subjects(org: Any, rest: str) -> list[str]:
    return [row["Subject"] for row in org.query(f"SELECT Subject FROM Case {rest}")]


A, B, C = (str(row["Subject"]) for row in ROWS)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("WHERE Status = 'новое'", [B]),
        ("WHERE Status != 'Новое'", [A, C]),
        ("WHERE Priority != 'Низкий'", [A, C]),
        ("WHERE Priority = null", [C]),
        ("WHERE Priority <> NULL ORDER BY Priority", [A, B]),
        ("WHERE Priority IN ('Высокий', 'Низкий') AND Test__c = false", [B]),
        ("WHERE Priority NOT IN ('Высокий')", [B, C]),
        ("WHERE (NOT Status = 'Новое') AND (Test__c = TRUE OR IsClosed = true)", [A, C]),
        ("WHERE NOT (Minutes_Spent__c > 15)", [A, B]),
        ("WHERE Minutes_Spent__c >= 15 AND Minutes_Spent__c < 200.5", [B, C]),
        ("WHERE Subject LIKE '%СВЯЗИ'", [A]),
        ("WHERE Subject LIKE '50\\% %'", [B]),
        ("WHERE Subject LIKE '_0%'", [B]),
        ("WHERE SuppliedName = 'О\\'Нил'", [C]),
        ("WHERE Hub_Case__c = 'HUB-A'", [A]),
        ("WHERE Subject = 'О\\'Нил: счёт' OR Hub_Case__c = 'hub-a'", [A, C]),
        ("WHERE CreatedBy.Name = 'casebridge' ORDER BY Subject DESC", [C, A, B]),
        ("ORDER BY Minutes_Spent__c", [A, B, C]),
        ("ORDER BY Minutes_Spent__c DESC NULLS LAST", [C, B, A]),
        ("ORDER BY Priority DESC NULLS LAST, Id", [B, A, C]),
        ("ORDER BY CaseNumber DESC LIMIT 1 OFFSET 1", [B]),
        ("WHERE CreatedDate < 2001-01-01T00:00:00Z", []),
        ("WHERE ClosedDate != null AND LastModifiedDate > 2001-01-01T00:00:00.000+0500", [C]),
    ],
)  # fmt: skip
def test_a_condition_finds_what_it_means(filled: Any, rest: str, expected: list[str]) -> None:
    found = subjects(filled, rest)
    assert found == expected if "ORDER" in rest else sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("", "MALFORMED_QUERY", "A query string has to be specified"),
        ("SELECT Id FRO Case", "MALFORMED_QUERY", "ERROR at Row:1:Column:11\nunexpected token: 'FRO'"),
        ("SELECT Id FROM Case WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Case LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
        ("SELECT Id FROM Case\nWHERE Id ~ 'x'", "MALFORMED_QUERY", "ERROR at Row:2:Column:10"),
        ("SELECT Id FROM Case WHERE Type='a' AND Type='b' OR Type='c'", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Id FROM Case WHERE Type='a' AND NOT Type='b'", "MALFORMED_QUERY", "unexpected token: 'NOT'"),
        ("SELECT Id FROM Case WHERE Type='\\q'", "MALFORMED_QUERY", "Invalid string: '\\q'"),
        ("SELECT Id FROM Case WHERE CreatedDate > 2026-13-01T00:00:00Z", "MALFORMED_QUERY", "Invalid dateTime"),
        ("SELECT Id, Foo FROM Case", "INVALID_FIELD", "No such column 'Foo' on entity 'Case'. If you are attempting"),
        ("SELECT Owner.Name FROM Case", "INVALID_FIELD", "Didn't understand relationship 'Owner' in field path."),
        ("SELECT Id, id FROM Case", "INVALID_FIELD", "duplicate field selected: id"),
        ("SELECT Id FROM Account", "INVALID_TYPE", "sObject type 'Account' is not supported."),
        ("SELECT (SELECT Id FROM Comments) FROM Case", "INVALID_TYPE", "Didn't understand relationship 'Comments'"),
        ("SELECT Id FROM Case WHERE Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in"),
        ("SELECT Id FROM CaseComment WHERE CommentBody LIKE 'x'", "INVALID_FIELD", "'CommentBody' can not be filtered"),
        ("SELECT Id FROM Case ORDER BY Description", "MALFORMED_QUERY", "field 'Description' can not be sorted in a"),
        (
            "SELECT Id FROM Case WHERE CreatedDate > '2026-01-01T00:00:00Z'", "INVALID_FIELD",
            "'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Case WHERE Subject = 5", "INVALID_FIELD", "must be of type string and should be enclosed in"),
        ("SELECT Id FROM Case WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT Id FROM Case WHERE Test__c > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean"),
        ("SELECT Id FROM Case OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
    ],
)  # fmt: skip
def test_a_bad_query_is_refused_in_salesforces_words(shared: Any, soql: str, code: str, words: str) -> None:
    status, said, message = shared.refused("GET", "query", params={"q": soql})
    assert (status, said) == (400, code)
    assert words in message


def test_an_answer_has_salesforces_shape(filled: Any) -> None:
    soql = "SELECT Id, CreatedBy.Name, (SELECT Id FROM CaseComments) FROM Case WHERE Hub_Case__c = 'hub-a'"
    told = filled.call("GET", "query", params={"q": soql})
    (row,) = told["records"]
    url = f"/services/data/v60.0/sobjects/Case/{row['Id']}"
    assert (told["totalSize"], told["done"]) == (1, True)
    assert list(row) == ["attributes", "Id", "CreatedBy", "CaseComments"]
    assert row["attributes"] == {"type": "Case", "url": url}
    assert (row["CreatedBy"]["attributes"]["type"], row["CreatedBy"]["Name"]) == ("User", "casebridge")
    assert row["CaseComments"] is None


def test_a_count_has_no_rows(filled: Any) -> None:
    told = filled.call("GET", "query", params={"q": "SELECT COUNT() FROM Case WHERE IsClosed = false"})
    assert told == {"totalSize": 2, "done": True, "records": []}


def test_pages_of_200_carry_every_row_once(org: Any) -> None:
    rows = [{"attributes": {"type": "Case"}, "Subject": f"№ {n}"} for n in range(450)]
    for start in range(0, 450, 150):
        org.call("POST", "composite/sobjects", {"records": rows[start : start + 150]})
    told = org.call(
        "GET", "query", params={"q": "SELECT Subject FROM Case ORDER BY Subject"},
        headers={"Sforce-Query-Options": "batchSize=10"},
    )  # fmt: skip
    sizes, seen = [], []
    while True:
        sizes.append(len(told["records"]))
        seen += [row["Subject"] for row in told["records"]]
        assert told["totalSize"] == 450
        if told["done"]:
            break
        told = org.http.get(org.url + told["nextRecordsUrl"]).json()
    assert sizes == [200, 200, 50]
    assert seen == sorted(row["Subject"] for row in rows)
    refused = org.refused("GET", "query/01gWU0000099999AAA-200")
    assert refused == (400, "INVALID_QUERY_LOCATOR", "invalid query locator")


def test_a_keyset_walks_equal_stamps_without_loss(org: Any) -> None:
    """Rows of one second bear one stamp: only (SystemModstamp, Id) tells them apart."""
    rows = [{"attributes": {"type": "Case"}, "Subject": f"№ {n}"} for n in range(120)]
    org.call("POST", "composite/sobjects", {"records": rows})
    fields, order, where = "Subject, Id, SystemModstamp", "ORDER BY SystemModstamp, Id LIMIT 50", ""
    seen = []
    while page := org.query(f"SELECT {fields} FROM Case {where} {order}"):
        seen += [row["Subject"] for row in page]
        at, last = page[-1]["SystemModstamp"].replace("+0000", "Z"), page[-1]["Id"]
        beyond = f"SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{last}')"
        where = f"WHERE SystemModstamp >= {at} AND ({beyond})"
    assert seen == [row["Subject"] for row in rows]


def test_equal_seconds_are_in_the_range_that_names_the_second(org: Any) -> None:
    stamp = org.read(org.case())["SystemModstamp"].replace(".000+0000", "Z")
    for condition, expected in ((f"= {stamp}", 1), (f">= {stamp}", 1), (f"> {stamp}", 0), (f"< {stamp}", 0)):
        assert len(org.query(f"SELECT Id FROM Case WHERE SystemModstamp {condition}")) == expected
    assert datetime.fromisoformat(stamp).tzinfo == UTC


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_any_text_is_found_by_its_quoted_form(tmp_path: Any, text: str) -> None:
    """Quoting by the public escape table finds exactly the text, whatever it holds."""
    from sandbox.companies.brightnet_query import find

    store = Store(tmp_path / "law.db", BRIGHTNET)
    try:
        record = store.create({"Subject": text}, by="law")
        store.create({"Subject": text + "!"}, by="law")
        quoted = text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
        found = find(store, f"SELECT Id FROM Case WHERE Subject = '{quoted}'", deleted=False)
        assert record.id in {row.id for row in found.rows}
        assert all(row.fields["Subject"].casefold() == text.casefold() for row in found.rows)
    finally:
        store.close()


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="SELECTFROMWHEREANDORNOTIdCase ()=<>',\\%_.0123456789-:TZ\n", max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(Fault):
        parse(f"SELECT Id FROM Case WHERE {text}")
