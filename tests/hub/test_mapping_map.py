"""One record through one mapping, field by field, and a case on its way back."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli import app
from hub.mapping_cells import said
from hub.mapping_map import look_in, look_out, values_of
from hub.mapping_showing import look_as_json
from hub.mapping_version import Version, standing
from hub.settings import Settings

WHO, WHY = "Ines", "P0 was missing"


@pytest.fixture(scope="module")
def north() -> Version:
    return standing("northcable", Settings.from_environment({}))


def a_record(north: Version) -> dict[str, Any]:
    return copy.deepcopy(dict(north.examples()[0]["body"]))


def test_each_path_says_what_it_reads_from_which_word_and_which_line_said_so(north: Version) -> None:
    look = look_in(north, a_record(north))
    lines = {line.path: line for line in look.lines}
    text = north.document.path.read_text(encoding="utf-8").splitlines()
    assert (lines["status"].value, lines["status"].field, lines["status"].word) == ("inProgress", "state", "Open")
    file, row, column = lines["status"].at.rsplit(":", 2)
    assert file.endswith("mapping.yaml")
    assert text[int(row) - 1][int(column) - 1 :] == "Open: inProgress"
    named = lines["holder"].at.rsplit(":", 2)
    assert text[int(named[1]) - 1].startswith("  companies: {Northcable: northcable")
    assert [line.state for line in (lines["accountable"], lines["feedback.score"])] == ["told", "empty"]
    assert look.problems == []


def test_fields_that_no_rule_names_are_told_of(north: Version) -> None:
    body = a_record(north) | {"customer": {"id": "C-1", "tier": "gold"}, "tags": ["vip"], "blank": "", "none": None}
    unmapped = look_in(north, body).unmapped
    assert {field: unmapped[field] for field in ("customer.tier", "tags")} == {"customer.tier": "gold", "tags": ["vip"]}
    assert not {"blank", "none", "customer.id", "comments"} & set(unmapped)


def test_all_that_does_not_fit_is_told_at_once_with_known_values_and_the_nearest(north: Version) -> None:
    body = a_record(north) | {"severity": "Significnt", "minutes_spent": "many", "title": None}
    look = look_in(north, body)
    told = look_as_json(look)
    assert [(one["code"], one["field"]) for one in told["refused"]] == [
        ("M215", "title"), ("M201", "severity"), ("M210", "minutes_spent"),
    ]  # fmt: skip
    severity = told["refused"][1]
    assert (severity["known"], severity["nearest"]) == (
        ["Minor", "Moderate", "Significant", "Extensive"], "Significant",
    )  # fmt: skip
    assert told["fits"] is False
    assert "severity" not in told["values"]
    assert told["values"]["priority"] == "high"


def test_the_way_back_says_what_is_written_what_stays_and_what_is_lost(north: Version) -> None:
    values = values_of(
        {
            "status": "inProgress", "priority": "low", "statusChangeDate": "2026-11-20T12:00:00+01:00",
            "creationDate": "2020-01-01T00:00:00+00:00", "relatedParty.contactPoint.name": "Ana", "cost.amount": "9.90",
        }
    )  # fmt: skip
    look = look_out(north, values, a_record(north) | {"state": "Reopened"})
    assert {line.path: line.state for line in look.lines} == {
        "status": "same", "priority": "written", "statusChangeDate": "written", "creationDate": "theirs",
        "relatedParty.contactPoint.name": "lost", "cost.amount": "written",
    }  # fmt: skip
    assert look.patch == {
        "priority": "P4", "state_changed_at": "2026-11-20T11:00:00.000+00:00", "cost": {"amount": "9.90"},
    }  # fmt: skip


def test_a_new_record_that_lacks_what_it_needs_is_refused_with_the_rest(north: Version) -> None:
    look = look_out(north, values_of({"status": "held", "priority": "urgent"}), None)
    assert [(problem.code, problem.place[1]) for _, problem in look.problems] == [
        ("M215", "name"),
        ("M212", "priority"),
    ]
    assert look.patch == {"state": "On hold"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([], "a case is an object, path by path"),
        ({"nam": "x"}, "'nam' is no path of a case. Did you mean 'name'?"),
        ({"relatedParty": {"customer": {}}}, "'relatedParty' is no path of a case."),
        ({"name": ["x"]}, "name: one value is expected; a case is flat"),
        ({"statusChangeDate": "2026-11-20"}, "statusChangeDate: '2026-11-20' has no offset; write 2026-11-22T10:00"),
        ({"statusChangeDate": "today"}, "statusChangeDate: 'today' is no time in ISO 8601 with an offset."),
        ({"cost.amount": "nine"}, "cost.amount: 'nine' is no number."),
    ],
)
def test_a_case_that_is_none_says_what_is_wrong(content: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=re.escape(expected)):
        values_of(content)


def test_what_map_prints_as_json_is_a_case_for_the_way_back(north: Version, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    record.write_text(json.dumps(a_record(north)), encoding="utf-8")
    printed = CliRunner().invoke(app, ["map", "northcable", str(record), "--json"])
    assert printed.exit_code == 0
    case = tmp_path / "case.json"
    case.write_text(printed.stdout, encoding="utf-8")
    args = ["map", "northcable", "--to-partner", str(case), "--base", str(record), "--json"]
    back = CliRunner().invoke(app, args)
    assert (back.exit_code, json.loads(back.stdout)["patch"]) == (0, {})


def test_the_table_is_for_people_and_shows_no_markup_of_a_record(north: Version, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    record.write_text(json.dumps(a_record(north) | {"title": "[red]x[/] \u001b[2J", "severity": "Majr"}))
    found = CliRunner().invoke(app, ["map", "northcable", str(record)], env={"COLUMNS": "160"})
    assert found.exit_code == 1
    assert "[red]x[/] \\x1b[2J" in found.stdout
    assert "stays in this company" in found.stdout
    assert "Known: Minor, Moderate, Significant, Extensive." in found.stdout
    assert "1 field does not fit: the record would be parked whole, and the others go on." in found.stdout
    assert look_in(north, a_record(north)).notes[1].text not in said("other")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('{"a": NaN}', "-: NaN is no number. The hub would refuse it from a partner, too"),
        ('{"a": 1, "a": 2}', "-: the key 'a' stands twice in one object."),
        ("[1]", "-: a record is a JSON object, and this is a list: give one record of it."),
        ("{", "-: Expecting property name enclosed in double quotes at line 1, column 2."),
    ],
)
def test_a_record_goes_through_the_strict_parser(given: str, expected: str) -> None:
    found = CliRunner().invoke(app, ["map", "northcable", "-"], input=given)
    assert found.exit_code == 2
    assert found.stderr.startswith(expected)
