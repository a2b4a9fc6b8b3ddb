"""The lens: what is read, the least that is written, and what is said of a record that does not fit."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mappings import lens as lenses
from mappings.case import PATHS, Case
from mappings.errors import MappingError
from mappings.lens import Lens


def body(examples: Mapping[str, Any], name: str, number: int = 0) -> dict[str, Any]:
    return deepcopy(examples[name][number]["body"])


def test_the_three_partners_read_and_tell_the_same_paths(lenses_of: Mapping[str, Lens]) -> None:
    paths = {lens.paths for lens in lenses_of.values()}
    told = {lens.told for lens in lenses_of.values()}
    assert len(paths) == len(told) == 1
    assert told == {frozenset({"holderNumber", "accountable", "contactPoint"})}
    assert "id" in next(iter(paths))
    assert [lens.notes_field for lens in lenses_of.values()] == ["comments", "notas.nota", "CaseComments"]


def test_what_is_read_makes_a_case(lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]) -> None:
    for name, lens in lenses_of.items():
        for example in examples[name]:
            values = lens.to_case(example["body"]).values
            kept = {path: value for path, value in values.items() if path != "externalIdentifier"} | {"id": "case-1"}
            case = Case.from_values(kept, accountable=name, contact_point=name)
            assert case.status == values["status"]
            assert (case.effort is None) == (values["effort.amount"] is None)
            assert set(values) <= PATHS | {path for path in values if path.startswith("characteristic.")}


def test_a_change_of_one_field_writes_that_field_only(
    lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]
) -> None:
    base = body(examples, "northcable")
    values = lenses_of["northcable"].to_case(base).values | {"relatedParty.customer.contact": "+44 20 7946 0000"}
    patch = lenses_of["northcable"].to_partner(values, base)
    assert patch.body == {"customer": {"phone": "+44 20 7946 0000"}}
    assert patch.paths == ("relatedParty.customer.contact",)
    after = lenses_of["northcable"].apply(base, patch)
    assert after["customer"] == {"id": "C-7781", "name": "Margaret O'Neill", "phone": "+44 20 7946 0000"}
    assert after["seq"] == 311  # not mapped, and kept
    assert base == body(examples, "northcable")


def test_only_paths_that_are_given_are_considered(lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]) -> None:
    base = body(examples, "telvoz")
    assert lenses_of["telvoz"].to_partner({}, base).body == {}
    assert lenses_of["telvoz"].to_partner({"status": "resolved"}, base).body == {"estado": "Solucionado"}
    assert lenses_of["telvoz"].to_partner({"resolutionDate": datetime(2026, 1, 1, tzinfo=UTC)}, base).body == {}


@pytest.mark.parametrize(
    ("name", "field", "word", "other"),
    [
        ("northcable", "state", "Reopened", "Open"),
        ("telvoz", "estado", "Asignado", "En curso"),
        ("brightnet", "Status", "Открыто повторно", "В работе"),
    ],
)
def test_their_own_word_stays_while_it_means_the_same(
    lenses_of: Mapping[str, Lens], examples: Mapping[str, Any], name: str, field: str, word: str, other: str
) -> None:
    base = body(examples, name) | {field: word}
    assert lenses_of[name].to_partner({"status": "inProgress"}, base).body == {}
    held = base | {field: lenses_of[name].to_partner({"status": "held"}, base).body[field]}
    assert lenses_of[name].to_partner({"status": "inProgress"}, held).body == {field: other}


def test_what_means_the_same_is_not_written(lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]) -> None:
    base = body(examples, "northcable") | {"details": "Cafe\u0301"}
    values = {
        "description": "Café",
        "cost.amount": Decimal("12.5"),
        "effort.amount": Decimal(35),
        "statusChangeDate": datetime(2026, 11, 20, 10, 40, 12, 5_999, tzinfo=UTC),
        "statusChangeReason": "",
        "preference": "Call after six",
    }
    assert lenses_of["northcable"].to_partner(values, base).body == {}


def test_an_emptied_value_is_written_as_nothing(lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]) -> None:
    base = body(examples, "brightnet")
    patch = lenses_of["brightnet"].to_partner({"preference": None, "priority": None, "description": ""}, base)
    assert patch.body == {"Preference__c": None, "Priority": None, "Description": None}
    assert lenses_of["brightnet"].to_case(lenses_of["brightnet"].apply(base, patch)).values["priority"] is None


def test_what_only_their_system_writes_is_never_written(lenses_of: Mapping[str, Lens]) -> None:
    values = {
        "externalIdentifier": "TV-000123",
        "creationDate": datetime(2026, 1, 1, tzinfo=UTC),
        "lastUpdate": datetime(2026, 1, 1, tzinfo=UTC),
        "effort.units": "min",
        "name": "x",
        "status": "held",
    }
    for name, lens in lenses_of.items():
        patch = lens.to_partner(values, None)
        assert patch.paths == ("name", "status"), name


def test_a_new_record_says_what_it_has_and_nothing_else(lenses_of: Mapping[str, Lens]) -> None:
    values = {
        "id": "0b1c2d3e-4f50-5a6b-9c7d-8e9fa0b1c2d3",
        "name": "Sin línea",
        "description": None,
        "status": "acknowledged",
        "holder": "brightnet",
        "accountable": "telvoz",
        "contactPoint": "telvoz",
        "holderNumber": None,
        "effort.amount": Decimal(15),
        "cost.amount": Decimal("12.50"),
        "cost.units": "EUR",
        "test": False,
        "statusChangeDate": datetime(2026, 11, 21, 10, 0, 0, 999_999, tzinfo=UTC),
    }
    assert lenses_of["northcable"].to_partner(values, None).body == {
        "hub_case": "0b1c2d3e-4f50-5a6b-9c7d-8e9fa0b1c2d3",
        "title": "Sin línea",
        "state": "New",
        "state_changed_at": "2026-11-21T10:00:00.999+00:00",
        "assigned_company": "Brightnet",
        "accountable_company": "Telvoz",
        "contact_company": "Telvoz",
        "minutes_spent": 15,
        "cost": {"amount": "12.50", "currency": "EUR"},
        "test": False,
    }
    assert lenses_of["telvoz"].to_partner(values, None).body == {
        "casoHub": "0b1c2d3e-4f50-5a6b-9c7d-8e9fa0b1c2d3",
        "asunto": "Sin línea",
        "estado": "Registrado",
        "fechaEstado": "21/11/2026 05:00:00",
        "empresaResponsable": "BRIGHTNET",
        "empresaRespondiente": "TELVOZ",
        "empresaContacto": "TELVOZ",
        "minutos": 15,
        "costeImporte": Decimal("12.50"),
        "costeMoneda": "EUR",
        "prueba": "N",
    }
    assert lenses_of["brightnet"].to_partner(values, None).body == {
        "Hub_Case__c": "0b1c2d3e-4f50-5a6b-9c7d-8e9fa0b1c2d3",
        "Subject": "Sin línea",
        "Status": "Новое",
        "Status_Changed_At__c": "2026-11-21T10:00:00+00:00",
        "Holder__c": "Брайтнет",
        "Accountable__c": "Телвоз",
        "Contact_Point__c": "Телвоз",
        "Minutes_Spent__c": 15,
        "Cost__c": Decimal("12.50"),
        "Cost_Currency__c": "EUR",
        "Test__c": False,
    }


def test_their_constants_are_given_to_a_new_record_only() -> None:
    lens = lenses.compile({**SMALL, "create": {"origin.system": "hub", "spam": False}}, partner="p")
    assert lens.to_partner({"name": "x"}, None).body == {"origin": {"system": "hub"}, "spam": False, "title": "x"}
    assert lens.to_partner({"name": "x"}, {"title": "y"}).body == {"title": "x"}


SMALL: dict[str, Any] = {
    "case": {
        "name": {"from": "title", "length": 5, "required": True},
        "status": {
            "from": "state",
            "values": {"Open": "inProgress", "Done": "resolved"},
            "refuse": ["acknowledged", "pending", "held", "closed", "cancelled", "rejected"],
        },
        "relatedParty.customer.name": "customer.name",
        "effort.amount": {"from": "minutes", "number": "integer"},
        "effort.units": {"constant": "min"},
        "holder": {"from": "company", "values": {"We": "we", "They": "they"}},
        "accountable": {"from": "answers", "values": {"We": "we", "They": "they"}},
    }
}


@pytest.fixture(scope="module")
def small() -> Lens:
    return lenses.compile(SMALL, partner="p")


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (
            {"title": "t", "state": "Opened"},
            "M201 status (state): 'Opened' is no word of the table.\n  Known: Open, Done. Did you mean 'Open'?  "
            "More: casebridge explain M201",
        ),
        (
            {"title": "t", "state": ["Open"]},
            "M202 status (state): one of the table's words is expected, not a list.\n  Known: Open, Done.  "
            "More: casebridge explain M202",
        ),
        (
            {"title": 5, "state": "Open"},
            "M202 name (title): text is expected, not a number.\n  More: casebridge explain M202",
        ),
        (
            {"title": "", "state": "Open"},
            "M215 name (title): it is required, and empty.\n  More: casebridge explain M215",
        ),
        (
            {"title": "t", "state": "Open", "customer": "Ann"},
            "M214 relatedParty.customer.name (customer.name): customer is text, not an object with fields.\n"
            "  More: casebridge explain M214",
        ),
        (
            {"title": "t", "state": "Open", "minutes": Decimal("1.5")},
            "M211 effort.amount (minutes): a whole number is expected, not 1.5.\n  More: casebridge explain M211",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_told_where_and_why(small: Lens, record: dict[str, Any], text: str) -> None:
    with pytest.raises(MappingError) as caught:
        small.to_case(record)
    assert caught.value.text() == str(caught.value) == text


@pytest.mark.parametrize(
    ("values", "base", "text"),
    [
        (
            {"name": "long title"},
            {},
            "M204 name (title): the text has 10 characters and the field takes 5.\n  More: casebridge explain M204",
        ),
        (
            {"name": None},
            {"title": "t"},
            "M215 name (title): it is required, and would be empty.\n  More: casebridge explain M215",
        ),
        (
            {"status": "resolved"},
            None,
            "M215 name (title): a new record needs it, and it is not given.\n  More: casebridge explain M215",
        ),
        (
            {"status": "held"},
            {},
            "M212 status (state): 'held' is refused here by declaration.\n  Known: inProgress, resolved.  "
            "More: casebridge explain M212",
        ),
        (
            {"holder": "wee"},
            {},
            "M212 holder (company): 'wee' has no word here.\n  Known: we, they. Did you mean 'we'?  "
            "More: casebridge explain M212",
        ),
        (
            {"effort.units": "h"},
            {},
            "M213 effort.units: this system knows only 'min', not 'h'.\n  More: casebridge explain M213",
        ),
        (
            {"effort.amount": Decimal("0.5")},
            {},
            "M211 effort.amount (minutes): a whole number is expected, not 0.5.\n  More: casebridge explain M211",
        ),
    ],
)
def test_a_value_that_they_cannot_hold_is_refused(small: Lens, values: Any, base: Any, text: str) -> None:
    with pytest.raises(MappingError) as caught:
        small.to_partner(values, base)
    assert caught.value.text() == text


def test_an_error_shows_no_text_of_a_customer(small: Lens) -> None:
    with pytest.raises(MappingError) as caught:
        small.to_partner({"name": "Ann's secret"}, {})
    assert "secret" not in caught.value.text()


def test_a_word_that_cannot_be_read_is_written_over(small: Lens) -> None:
    assert small.to_partner({"status": "resolved", "accountable": "we"}, {"state": "??", "answers": 5}).body == {
        "state": "Done",
        "answers": "We",
    }


def test_an_amount_brings_its_unit_and_no_amount_brings_none(small: Lens) -> None:
    assert small.to_case({"title": "t", "state": "Open", "minutes": 0}).values["effort.units"] == "min"
    assert small.to_case({"title": "t", "state": "Open"}).values["effort.units"] is None


def test_notes_are_cut_out_and_the_rest_is_kept(lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]) -> None:
    lists = {
        "northcable": {"comments", "files"},
        "telvoz": {"notas", "archivos"},
        "brightnet": {"CaseComments", "EmailMessages", "ContentDocumentLinks"},
    }
    for name, gone in lists.items():
        whole = body(examples, name)
        trimmed = lenses_of[name].trim(whole)
        assert set(whole) - set(trimmed) == gone
        assert lenses_of[name].to_case(trimmed).notes == ()
    more = {"notas": {"nota": [], "total": 0}}
    assert lenses_of["telvoz"].trim(more) == {"notas": {"total": 0}}


def test_a_patch_makes_the_objects_on_its_way(small: Lens) -> None:
    base = {"title": "t", "state": "Open", "customer": None, "kept": {"a": [1]}}
    patch = small.to_partner({"relatedParty.customer.name": "Ann"}, base)
    assert small.apply(base, patch.body) == {**base, "customer": {"name": "Ann"}}


def test_two_values_are_compared_as_their_system_keeps_them(lenses_of: Mapping[str, Lens]) -> None:
    one, other = datetime(2026, 1, 1, microsecond=1, tzinfo=UTC), datetime(2026, 1, 1, microsecond=999_000, tzinfo=UTC)
    assert lenses_of["telvoz"].same("statusChangeDate", one, other)
    assert not lenses_of["northcable"].same("statusChangeDate", one, other)
    assert not lenses_of["telvoz"].same("resolutionDate", one, other)


def test_the_hash_is_of_the_content_alone(declarations: Mapping[str, Any]) -> None:
    one = lenses.compile(declarations["telvoz"], partner="telvoz")
    turned = {key: declarations["telvoz"][key] for key in reversed(declarations["telvoz"])}
    assert lenses.compile(turned, partner="telvoz").hash == one.hash
    changed = deepcopy(declarations["telvoz"])
    changed["times"]["bogota"]["fold"] = "later"
    assert lenses.compile(changed, partner="telvoz").hash != one.hash
    assert len(one.hash) == 16


def test_every_field_that_is_touched_is_named(lenses_of: Mapping[str, Lens], small: Lens) -> None:
    assert small.fields == {"title", "state", "customer.name", "minutes", "company", "answers"}
    assert {"notas.nota", "casoHub", "fechaAlta"} <= lenses_of["telvoz"].fields
