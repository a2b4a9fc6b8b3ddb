"""Presets hold, `extends` changes a few lines of one, and every error names the file in which its line stands."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from hub.checking import check_all
from hub.declarations import DeclarationError, read
from hub.partners import compiled, load_partner
from hub.presets import PRESETS, about, names, read_mapping
from hub.settings import Settings
from mappings import lens as lenses
from mappings.laws import check_laws

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"
NAMES = (
    "jira-service-management", "redmine-5", "request-tracker-5", "roundup-2", "salesforce-case", "servicenow-incident",
    "tmf621-v5", "zendesk-ticket",
)  # fmt: skip
FROM_DOCUMENTS = {"jira-service-management", "servicenow-incident", "tmf621-v5", "zendesk-ticket"}
MANY = 3
SHORT = 100

OURS = """\
extends: redmine-5
tables:
  companies: {Acme: acme, Telvoz: telvoz}
  statuses: {"7": inProgress, "6": null}
case:
  status:
    from: status.id
    to: status_id
    as: integer
    values: statuses
    back: {inProgress: 2}
    refuse: [held, cancelled, rejected]
  name: {from: subject, length: 80, required: true}
  description: null
  holder: {from: {list: custom_fields, where: {id: 4}}, values: companies}
create:
  project_id: 12
"""
SYSTEM = "name: acme\ntitle: Acme\nkind: memory\nconnection: acme\n"


def partner(tmp_path: Path, mapping: str) -> Path:
    folder = tmp_path / "acme"
    folder.mkdir(exist_ok=True)
    (folder / "system.yaml").write_text(SYSTEM, encoding="utf-8")
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    return folder


def told(folder: Path) -> str:
    """What loading this partner complains of; paths as they are seen from the project."""
    with pytest.raises(DeclarationError) as caught:
        load_partner(folder)
    return str(caught.value).replace(f"{folder.parent}/", "").replace(f"{ROOT}/", "")


def content(name: str) -> dict[str, Any]:
    whole: dict[str, Any] = read(PRESETS / name / "mapping.yaml").content
    return whole


def test_these_presets_are_shipped() -> None:
    assert names() == NAMES


def test_check_says_of_all_presets_in_one_line_that_they_hold() -> None:
    lines: list[str] = []
    assert check_all(Settings.from_environment({}), (), lines.append) == []
    (line,) = [line for line in lines if "presets" in line]
    assert f"{len(NAMES)} presets: " in line
    assert f"never run live: {', '.join(sorted(FROM_DOCUMENTS))}" in line


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_checked_by_its_name(name: str) -> None:
    lines: list[str] = []
    assert check_all(Settings.from_environment({}), (name,), lines.append) == []
    assert len(lines) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_names_its_sources_and_whether_it_was_ever_run_live(name: str) -> None:
    found = about(PRESETS / name)
    assert (found.run_live == "never") == (name in FROM_DOCUMENTS)
    assert all(source.document and source.version and source.gives for source in found.sources)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_has_examples_enough_and_one_with_a_private_note_where_the_system_has_such(name: str) -> None:
    lens = compiled(read_mapping(PRESETS / name / "mapping.yaml"), name)
    examples = read(PRESETS / name / "examples.yaml").content
    kinds = {str(note.visibility) for one in examples for note in lens.to_case(one["body"]).notes}
    assert len(examples) >= MANY
    assert {"id", "name", "status"} <= lens.paths
    assert ("private" in kinds) == (name != "tmf621-v5")
    assert len({lens.to_case(one["body"]).values["status"] for one in examples}) > 1


def test_a_mapping_that_only_extends_is_the_preset(tmp_path: Path) -> None:
    for name in NAMES:
        loaded = load_partner(partner(tmp_path, f"extends: {name}\n"))
        assert loaded.mapping.content == content(name)
        assert loaded.lens.hash == compiled(read(PRESETS / name / "mapping.yaml"), name).hash


def test_a_line_takes_the_place_of_the_presets_and_null_drops_it(tmp_path: Path) -> None:
    case = load_partner(partner(tmp_path, OURS)).mapping.content["case"]
    assert case["name"] == {"from": "subject", "length": 80, "required": True}
    assert "description" not in case
    assert case["priority"] == content("redmine-5")["case"]["priority"]
    assert list(case)[-1] == "holder"


def test_tables_are_merged_word_by_word_and_other_parts_line_by_line(tmp_path: Path) -> None:
    whole = load_partner(partner(tmp_path, OURS)).mapping.content
    theirs = content("redmine-5")
    assert whole["tables"]["statuses"] == {k: v for k, v in theirs["tables"]["statuses"].items() if k != "6"} | {
        "7": "inProgress"
    }
    assert whole["tables"]["priorities"] == theirs["tables"]["priorities"]
    assert whole["tables"]["companies"] == {"Acme": "acme", "Telvoz": "telvoz"}
    assert whole["create"] == {"project_id": 12, "tracker_id": 3}
    assert whole["notes"] == theirs["notes"]
    assert "extends" not in whole


def test_a_whole_part_is_dropped_by_null(tmp_path: Path) -> None:
    assert "notes" not in load_partner(partner(tmp_path, "extends: redmine-5\nnotes: null\n")).mapping.content


def test_what_is_extended_keeps_the_laws(tmp_path: Path) -> None:
    lens = load_partner(partner(tmp_path, OURS)).lens
    bodies = [one["body"] for one in read(PRESETS / "redmine-5" / "examples.yaml").content]
    assert check_laws(lens, [{**body, "status": {"id": 7}, "subject": "short"} for body in bodies]) == []


def test_the_hash_is_of_the_whole_mapping_however_it_is_written(tmp_path: Path) -> None:
    loaded = load_partner(partner(tmp_path, OURS))
    assert loaded.lens.hash == lenses.compile(loaded.mapping.content, partner="elsewhere").hash
    assert loaded.lens.hash != load_partner(partner(tmp_path, "extends: redmine-5\n")).lens.hash


def test_a_preset_that_is_not_there_names_those_that_are_and_the_nearest(tmp_path: Path) -> None:
    assert told(partner(tmp_path, "extends: redmine\n")) == (
        "acme/mapping.yaml:1:1 D220 extends: 'redmine' is no preset.\n"
        f"  Known: {', '.join(NAMES)}. Did you mean 'redmine-5'?  More: casebridge explain D220"
    )


def test_null_for_a_line_that_the_preset_has_not_is_an_error(tmp_path: Path) -> None:
    text = told(partner(tmp_path, "extends: redmine-5\ncase:\n  priorit: null\ntables:\n  statuses: {'9': null}\n"))
    assert text == (
        "acme/mapping.yaml:3:3 D221 case.priorit: null drops a line of the preset 'redmine-5', which has none of this "
        f"name.\n  Known: {', '.join(content('redmine-5')['case'])}. Did you mean 'priority'?"
        "  More: casebridge explain D221\n"
        "acme/mapping.yaml:5:14 D221 tables.statuses.9: null drops a line of the preset 'redmine-5', which has none of "
        "this name.\n  Known: 1, 2, 3, 4, 5, 6.  More: casebridge explain D221"
    )


def test_a_preset_extends_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "chain"
    folder.mkdir()
    (folder / "mapping.yaml").write_text("extends: redmine-5\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"chain/mapping.yaml:1:1 D222 extends: a preset extends nothing\."):
        read_mapping(folder / "mapping.yaml", tmp_path)


def test_a_fault_in_ones_own_line_stands_in_ones_own_file(tmp_path: Path) -> None:
    text = told(partner(tmp_path, "extends: redmine-5\ncase:\n  status: {from: status.id, values: statues}\n"))
    assert "acme/mapping.yaml:3:29 M120 status.values: 'statues' names no table under `tables`." in text.splitlines()[0]
    assert "Did you mean 'statuses'?" in text


def test_a_fault_in_a_word_of_ones_own_stands_in_ones_own_file(tmp_path: Path) -> None:
    text = told(partner(tmp_path, "extends: redmine-5\ntables:\n  statuses: {'7': onHold}\n"))
    assert text.startswith("acme/mapping.yaml:3:14 M103 tables.statuses.7: 'onHold' is no case status.")


def test_a_fault_in_the_presets_line_stands_in_the_presets_file_and_says_who_extends_it(tmp_path: Path) -> None:
    text = told(partner(tmp_path, "extends: redmine-5\ntables:\n  statuses: {'7': held}\n"))
    line = 1 + (PRESETS / "redmine-5" / "mapping.yaml").read_text(encoding="utf-8").splitlines().index(
        "    refuse: [held, cancelled]"
    )
    assert text == (
        f"mappings/presets/redmine-5/mapping.yaml:{line}:14 M126 status.refuse.0: 'held' has a word in the table, so "
        "it cannot be refused. It is a line of the preset that acme/mapping.yaml:1:1 extends."
        "  More: casebridge explain M126"
    )


def test_places_of_parked_records_lead_to_the_file_of_the_line(tmp_path: Path) -> None:
    loaded = load_partner(partner(tmp_path, OURS))
    assert loaded.place(("case", "name")).endswith("acme/mapping.yaml:13:3")
    assert "presets/redmine-5/mapping.yaml:" in loaded.place(("case", "priority", "values", "9"))
    assert "presets/redmine-5/mapping.yaml:" in loaded.place(("notes", "visibility"))
    assert loaded.place(("tables", "statuses", "7")).endswith("acme/mapping.yaml:4:14")
    assert "presets/redmine-5/mapping.yaml:" in loaded.place(("tables", "statuses", "5"))


def test_a_partner_without_examples_is_told_what_they_are(tmp_path: Path) -> None:
    partner(tmp_path, "extends: redmine-5\n")
    (problem,) = check_all(Settings.from_environment({"CASEBRIDGE_PARTNERS": str(tmp_path)}), ("acme",), print)
    assert problem.text().endswith(
        "acme/examples.yaml:1:1 D213 there are no examples yet: give a record as their system answers it, and beside "
        "it what it means.  More: casebridge explain D213"
    )


def test_check_says_which_preset_a_partner_extends(tmp_path: Path) -> None:
    folder = partner(tmp_path, "extends: redmine-5\n")
    shutil.copy(PRESETS / "redmine-5" / "examples.yaml", folder)
    lines: list[str] = []
    assert check_all(Settings.from_environment({"CASEBRIDGE_PARTNERS": str(tmp_path)}), ("acme",), lines.append) == []
    assert "acme: memory, extends redmine-5, " in lines[0]


def test_a_name_that_is_neither_partner_nor_preset_is_told_both() -> None:
    (problem,) = check_all(Settings.from_environment({}), ("zendesk",), print)
    assert "D212 no partner and no preset 'zendesk'." in problem.text()
    assert "Did you mean 'zendesk-ticket'?" in problem.text()


def test_the_wheel_holds_every_file_of_the_presets() -> None:
    shipped = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    wanted = {str(path.relative_to(ROOT)) for path in PRESETS.glob("*/*.yaml")}
    assert len(wanted) == MANY * len(NAMES)
    assert wanted <= shipped


def test_the_tutorials_mapping_is_short_takes_no_preset_and_holds() -> None:
    folder = DATA / "tutorial_roundup"
    lines: list[str] = []
    settings = Settings.from_environment({"CASEBRIDGE_PARTNERS": str(DATA)})
    assert check_all(settings, ("tutorial_roundup",), lines.append) == []
    assert "3 examples hold both ways" in lines[0]
    text = (folder / "mapping.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) < SHORT
    assert "extends" not in text
    assert text in (ROOT / "docs" / "tutorial-roundup.md").read_text(encoding="utf-8")


def test_the_tutorials_extension_holds(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "tutorial-roundup.md").read_text(encoding="utf-8")
    (block,) = [part for part in text.split("```yaml\n") if part.startswith("extends:")]
    lens = load_partner(partner(tmp_path, block.partition("```")[0])).lens
    assert lens.create == ((("project_id",), 12), (("tracker_id",), 3))
    assert "holder" in lens.paths
