"""Words that stand in lists, in objects, in parts of a text: read, patched in the partner's own way, under the laws."""

from typing import Any

import pytest

from mappings import lens as lenses
from mappings.errors import MappingError
from mappings.lens import Lens

STATUS: dict[str, Any] = {
    "from": "s",
    "values": {"on": "inProgress"},
    "refuse": ["acknowledged", "pending", "held", "resolved", "closed", "cancelled", "rejected"],
}
PATH = "characteristic.team"


def lens(rule: Any, **rules: Any) -> Lens:
    return lenses.compile({"case": {"status": STATUS, PATH: rule, **rules}}, partner="p")


def fields(write: str, **more: Any) -> dict[str, Any]:
    return {"from": {"list": "fields", "where": {"id": 7}, "value": "value", "write": write, **more}}


BASE: dict[str, Any] = {"s": "on", "fields": [{"id": 6, "value": "x"}, {"id": 7, "name": "Team", "value": "V21"}]}


@pytest.mark.parametrize(
    ("write", "patch"),
    [
        ("element", {"fields": [{"id": 7, "value": "G96"}]}),
        ("whole", {"fields": [{"id": 6, "value": "x"}, {"id": 7, "name": "Team", "value": "G96"}]}),
        ("object", {"fields": {"7": "G96"}}),
    ],
)
def test_an_element_is_found_and_patched_in_their_own_way(write: str, patch: dict[str, Any]) -> None:
    made = lens(fields(write))
    assert made.to_case(BASE).values[PATH] == "V21"
    assert made.to_partner({PATH: "V21"}, BASE).body == {}
    assert made.to_partner({PATH: "G96"}, BASE).body == patch
    after = made.apply(BASE, patch)
    assert after == {"s": "on", "fields": [BASE["fields"][0], {"id": 7, "name": "Team", "value": "G96"}]}
    assert BASE["fields"][1]["value"] == "V21"


@pytest.mark.parametrize("write", ["element", "whole", "object"])
def test_two_elements_of_one_list_are_patched_together(write: str) -> None:
    made = lens(fields(write), name={"from": {"list": "fields", "where": {"id": 6}, "write": write}, "required": True})
    patch = made.to_partner({PATH: "G96", "name": "y"}, BASE)
    after = made.apply(BASE, patch)
    assert (after["fields"][0]["value"], after["fields"][1]["value"]) == ("y", "G96")
    assert made.to_case(after).values == {"status": "inProgress", PATH: "G96", "name": "y"}
    created = made.apply({}, made.to_partner({"status": "inProgress", PATH: "G96", "name": "y"}, None))
    assert made.to_case(created).values == {"status": "inProgress", PATH: "G96", "name": "y"}


def test_a_list_of_values_read_and_an_object_written() -> None:
    made = lens(
        {"from": {"list": "CustomFields", "where": {"name": "Team"}, "value": "values", "single": True,
                  "write": "object"}}
    )  # fmt: skip
    base = {
        "s": "on",
        "CustomFields": [{"id": "1", "name": "Team", "values": ["V21"]}, {"name": "Other", "values": []}],
    }
    assert made.to_case(base).values[PATH] == "V21"
    patch = made.to_partner({PATH: "G96"}, base)
    assert patch.body == {"CustomFields": {"Team": "G96"}}
    after = made.apply(base, patch)
    assert after["CustomFields"][0] == {"id": "1", "name": "Team", "values": ["G96"]}
    assert made.to_partner({PATH: None}, after).body == {"CustomFields": {"Team": None}}
    assert made.to_case(made.apply(after, {"CustomFields": {"Team": None}})).values[PATH] is None
    two = {"s": "on", "CustomFields": [{"name": "Team", "values": ["a", "b"]}]}
    assert (
        refused(made, two)
        == f"M219 {PATH} (CustomFields[name=Team].values): a list of one value is expected, not 2 values."
    )


def refused(made: Lens, body: dict[str, Any]) -> str:
    with pytest.raises(MappingError) as caught:
        made.to_case(body)
    return caught.value.text().splitlines()[0]


def test_two_elements_that_answer_are_refused_and_none_is_nothing() -> None:
    made = lens(fields("element"))
    said = f"M219 {PATH} (fields[id=7].value): "
    assert refused(made, {"s": "on", "fields": [{"id": 7}, {"id": "7"}]}) == said + "2 elements of the list are [id=7]."
    assert refused(made, {"s": "on", "fields": {"id": 7}}) == said + "a list is expected, not an object."
    assert made.to_case({"s": "on", "fields": [{"id": 8, "value": "x"}]}).values[PATH] is None
    assert made.to_case({"s": "on"}).values[PATH] is None


def test_a_value_with_its_label_and_a_bare_one_are_read_alike() -> None:
    made = lens({"from": {"field": "team", "value": "value"}})
    for team in ("V21", {"value": "V21", "display_value": "Vienna"}):
        assert made.to_case({"s": "on", "team": team}).values[PATH] == "V21"
        assert made.to_partner({PATH: "V21"}, {"team": team}).body == {}
        assert made.to_partner({PATH: "G96"}, {"team": team}).body == {"team": "G96"}


def test_read_here_and_written_there() -> None:
    made = lens({"from": "team.id", "to": "team_id"})
    base = {"s": "on", "team": {"id": "V21", "name": "Vienna"}}
    patch = made.to_partner({PATH: "G96"}, base)
    assert patch.body == {"team_id": "G96"}
    assert made.apply(base, patch) == {"s": "on", "team": {"id": "G96", "name": "Vienna"}}


def test_parts_of_one_text_are_written_beside_each_other() -> None:
    part = {"field": "caller", "split": " / ", "of": 2}
    made = lens({"from": {**part, "part": 1}}, name={"from": {**part, "part": 2}})
    base = {"s": "on", "caller": "90210 / Ana / Eva"}
    assert made.to_case(base).values == {"status": "inProgress", PATH: "90210", "name": "Ana / Eva"}
    assert made.to_partner({PATH: "17"}, base).body == {"caller": "17 / Ana / Eva"}
    assert made.to_partner({PATH: "17", "name": "Eva"}, base).body == {"caller": "17 / Eva"}
    assert made.to_partner({PATH: None, "name": None}, base).body == {"caller": None}
    with pytest.raises(MappingError, match=r"M220 characteristic\.team \(caller, part 1\): the text holds ' / '"):
        made.to_partner({PATH: "1 / 2"}, base)


@pytest.mark.parametrize(("rest", "parts"), [("last", ("Ana", "María Gómez")), ("first", ("Ana María", "Gómez"))])
def test_a_name_from_two_fields_goes_back_into_both(rest: str, parts: tuple[str, str]) -> None:
    made = lens({"from": {"join": ["first", "last"], "with": " ", "rest": rest}})
    base = {"s": "on", "first": "Ana María", "last": "Gómez"}
    assert made.to_case(base).values[PATH] == "Ana María Gómez"
    assert made.to_partner({PATH: "Ana María Gómez"}, base).body == {}
    patch = made.to_partner({PATH: "Ana María Gómez"}, {})
    assert (patch.body["first"], patch.body["last"]) == parts
    assert made.to_partner({PATH: "Ana"}, base).body == {"first": "Ana", "last": None}
    with pytest.raises(MappingError, match="M220"):
        made.to_partner({PATH: " Ana"}, base)
