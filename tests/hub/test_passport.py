"""A passport says what is declared, all of it and nothing else, and its hash changes with any of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.assembly import load_alliance
from hub.cli import app
from hub.leaks.kept import Kept, keep
from hub.passports.facts import Passport, passport
from hub.passports.page import LeakTest, as_html, as_text
from hub.settings import Settings


@pytest.fixture(scope="module")
def alliance() -> Alliance:
    return load_alliance(Settings.from_environment({}))


def changed(alliance: Alliance, **sharing: list[str]) -> Alliance:
    told = alliance.agreement.model_dump(by_alias=True)
    for name, fields in sharing.items():
        told["sharing"][name.replace("_", "-")]["fields"] = fields
    return replace(alliance, agreement=Agreement.model_validate(told))


def test_each_field_says_to_whom_it_may_go(alliance: Alliance) -> None:
    fields = {fact.path: fact for fact in passport(alliance, "northcable", "").fields}
    assert fields["relatedParty.customer.contact"].field == "customer.phone"
    assert fields["relatedParty.customer.contact"].to == ("Brightnet", "Telvoz")
    assert fields["cost.amount"].to == ()
    assert (fields["creationDate"].read, fields["creationDate"].written) == (True, False)
    assert (fields["accountable"].read, fields["accountable"].written) == (False, True)
    assert fields["holder"].to == ("Brightnet", "Telvoz")  # every company that has the case is told


def test_a_field_that_no_edge_lists_stays(alliance: Alliance) -> None:
    narrow = changed(alliance, standard=["name", "status"], without_contact=["name"])
    fields = {fact.path: fact.to for fact in passport(narrow, "telvoz", "").fields}
    assert fields["name"] == ("Brightnet", "Northcable")
    assert fields["status"] == ("Brightnet", "Northcable")  # the contact point of what it was handed over "standard"
    assert fields["description"] == ()


def test_an_edge_names_what_it_withholds(alliance: Alliance) -> None:
    edges = {edge.id: edge for edge in passport(alliance, "telvoz", "").edges}
    assert "relatedParty.customer.contact" in edges["telephone-to-internet"].withheld
    assert "relatedParty.customer.contact" not in edges["cable-to-telephone"].withheld
    assert edges["cable-to-telephone"].notes == ("partners", "customer")


def test_the_least_rights_are_those_of_the_declared_calls(alliance: Alliance) -> None:
    northcable, telvoz, brightnet = (
        passport(alliance, name, "").rights for name in ("northcable", "telvoz", "brightnet")
    )
    assert "change a record: PATCH /api/tickets/{id}" in northcable
    assert "create: crearCaso" in telvoz
    assert "Case: read, create, edit" in brightnet
    (edited,) = (line for line in brightnet if line.startswith("Case fields, read and edit: "))
    assert ("Subject" in edited, "CaseNumber" in edited) == (True, False)


def test_the_hash_is_of_every_fact(alliance: Alliance) -> None:
    whole = passport(alliance, "telvoz", "")
    assert whole.hash == passport(alliance, "telvoz", "").hash
    assert whole.hash != passport(changed(alliance, standard=["name"]), "telvoz", "").hash
    for name in Passport.__dataclass_fields__:
        value = getattr(whole, name)
        other = f"{value}x" if isinstance(value, str) else value[1:]
        assert replace(whole, **{name: other}).hash != whole.hash, name


def test_the_page_says_what_the_text_says_and_escapes_it(alliance: Alliance) -> None:
    of = replace(passport(alliance, "brightnet", "org.example:443"), title="<b>Bright</b>")
    leaks = LeakTest(Kept("2026-11-28T10:00:00Z", ("brightnet",), "a" * 64, holds=True), "b" * 64)
    page, text = as_html(of, leaks), as_text(of, leaks)
    assert "<b>Bright" not in page
    assert "&lt;b&gt;Bright" in page
    assert not re.search(r"<script|https?://", page)
    for told in (of.hash, "2026-11-28T10:00:00Z, nothing leaked, by other declarations than these", "org.example:443"):
        assert told in text
        assert told in page
    for fact in of.fields:
        assert fact.field in page
        assert re.search(rf"^  {re.escape(fact.field)} +{re.escape(fact.path)} ", text, re.MULTILINE)


def test_at_a_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW_CONN_TELVOZ", '{"conn_type": "casebridge_soap", "host": "https://cases.telvoz.example",'
                       ' "login": "hub", "password": "a secret of ours"}')  # fmt: skip
    keep(Settings.from_environment(), Kept("2026-11-28T10:00:00Z", ("telvoz",), "0", holds=False))
    text = CliRunner().invoke(app, ["passport", "telvoz"])
    assert text.exit_code == 0, text.output
    assert "host: cases.telvoz.example" in text.output
    assert "a secret of ours" not in text.output
    assert "IT DID NOT HOLD" in text.output
    page = tmp_path / "telvoz.html"
    told = CliRunner().invoke(app, ["passport", "telvoz", "--html", str(page)])
    signed = re.search(r"To sign: (\w{64})", text.output)
    assert signed is not None
    assert signed[1] in told.output
    assert signed[1] in page.read_text("utf-8")
    assert "X502 there is no partner 'telvos'" in str(CliRunner().invoke(app, ["passport", "telvos"]).exception)
