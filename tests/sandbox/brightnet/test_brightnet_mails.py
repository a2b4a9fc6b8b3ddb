"""EmailMessage in Brightnet's org: mails of a case, by Email-to-Case and by its agents, asked for as in Salesforce."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.companies.rows import Mail

IN = Mail("a@example.kz", "Айгерим", "help@brightnet.example", "Интернет", "", True)
OUT = Mail("help@brightnet.example", "Анна", "a@example.kz", "Re: Интернет", "<p>Завтра</p>", False)
FIELDS = "Id, ParentId, Incoming, FromName, FromAddress, TextBody, HtmlBody, MessageDate"


@pytest.fixture
def mailed(org: Any) -> tuple[str, Any]:
    """The id of a case with a comment and two mails."""
    record = org.store.create({"Subject": "Нет сети", "Status": "Новое"}, by="Анна")
    org.store.note(record.id, "внутренняя", "private", author="Анна")
    org.store.note(record.id, "Когда?", "customer", author="Айгерим", mail=IN)
    org.store.note(record.id, "", "customer", author="Анна", mail=OUT)
    org.login()
    return str(org.query("SELECT Id FROM Case")[0]["Id"]), org


def test_they_are_found_by_their_case_and_ride_in_a_subquery(mailed: tuple[str, Any]) -> None:
    case, org = mailed
    first, second = org.query(f"SELECT {FIELDS} FROM EmailMessage WHERE ParentId = '{case}' ORDER BY MessageDate, Id")
    assert first["Id"].startswith("02s")
    assert (first["Incoming"], first["FromName"], first["TextBody"], first["HtmlBody"]) == (
        True,
        "Айгерим",
        "Когда?",
        None,
    )
    assert (second["Incoming"], second["TextBody"], second["HtmlBody"]) == (False, None, "<p>Завтра</p>")
    (row,) = org.query("SELECT Id, (SELECT Id FROM EmailMessages), (SELECT CommentBody FROM CaseComments) FROM Case")
    assert [one["Id"] for one in row["EmailMessages"]["records"]] == [first["Id"], second["Id"]]
    assert [one["CommentBody"] for one in row["CaseComments"]["records"]] == ["внутренняя"]
    assert org.call("GET", f"sobjects/EmailMessage/{first['Id']}")["FromAddress"] == "a@example.kz"
    assert len(org.query("SELECT Id FROM CaseComment")) == 1
    assert len(org.query(f"SELECT Id FROM EmailMessage WHERE Id = '{second['Id'][:15]}'")) == 1


def test_what_is_refused_there_is_refused_here(mailed: tuple[str, Any]) -> None:
    case, org = mailed
    for soql, code in (
        ("SELECT Id FROM EmailMessage WHERE TextBody = 'x'", "INVALID_FIELD"),
        ("SELECT Id, Body FROM EmailMessage", "INVALID_FIELD"),
    ):
        assert org.refused("GET", "query", params={"q": soql})[:2] == (400, code)
    status, code, _ = org.refused("POST", "sobjects/EmailMessage", {"ParentId": case, "TextBody": "x"})
    assert status == 400
    described = org.call("GET", "sobjects/EmailMessage/describe")
    fields = {one["name"]: one for one in described["fields"]}
    assert described["keyPrefix"] == "02s"
    assert not described["createable"]
    assert (fields["TextBody"]["type"], fields["TextBody"]["filterable"], fields["ParentId"]["referenceTo"]) == (
        "textarea", False, ["Case"],
    )  # fmt: skip
    children = {one["relationshipName"] for one in org.call("GET", "sobjects/Case/describe")["childRelationships"]}
    assert "EmailMessages" in children


def test_a_page_of_them_is_cut_and_goes_on(mailed: tuple[str, Any]) -> None:
    _, org = mailed
    record = org.store.select("1 = 1")[0]
    for number in range(250):
        org.store.note(record.id, f"письмо {number}", "customer", author="Айгерим", mail=IN)
    headers = {"Sforce-Query-Options": "batchSize=200"}
    told = org.call("GET", "query", params={"q": "SELECT Id FROM EmailMessage"}, headers=headers)
    assert (told["totalSize"], told["done"], len(told["records"])) == (252, False, 200)
    rest = org.call("GET", told["nextRecordsUrl"].split("/v60.0/")[1])
    assert len(rest["records"]) == 52
