"""`casebridge check` finds a field that is asked for and read by nothing; a note that may not cross is not kept."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.checking import check_all
from hub.partners import load_partner
from hub.settings import Settings

PARTNERS = Path(__file__).resolve().parents[2] / "mappings" / "partners"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "  - Subject\n",
            "  - Subject\n  - Home_Address__c\n",
            "D219 fields: Home_Address__c is asked for, and no line",
        ),
        ("CreatedBy.Name]", "CreatedBy.Name, CreatedBy.Email]", "D219 comments.fields: CreatedBy.Email is asked for"),
        (
            "    - ContentDocument.LatestPublishedVersion.PathOnClient\n",
            "    - ContentDocument.LatestPublishedVersion.PathOnClient\n"
            "    - ContentDocument.LatestPublishedVersion.Description\n",
            "D219 files.fields: ContentDocument.LatestPublishedVersion.Description is asked for",
        ),
    ],
)
def test_a_field_that_nothing_reads_is_told_at_its_line(tmp_path: Path, before: str, after: str, expected: str) -> None:
    shutil.copytree(PARTNERS, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "brightnet" / "system.yaml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    settings = Settings.from_environment({"CASEBRIDGE_PARTNERS": str(tmp_path)})
    texts = [problem.text() for problem in check_all(settings, ("brightnet",), lambda line: None)]
    (found,) = [one for one in texts if "D219" in one]
    assert expected in found
    assert "system.yaml:" in found


def test_a_rest_system_is_asked_for_what_is_read_and_for_nothing_else(tmp_path: Path) -> None:
    shutil.copytree(PARTNERS, tmp_path, dirs_exist_ok=True)
    path, lens = tmp_path / "northcable" / "system.yaml", load_partner(PARTNERS / "northcable").lens
    names = {field.partition(".")[0] for field in lens.fields} - {"title"}
    fields = f"\nrecord:\n  fields: [{', '.join(sorted({*names, 'merged_into', 'home_address'}))}]\n"
    path.write_text(path.read_text("utf-8").replace("\nrecord:\n", fields, 1), "utf-8")
    settings = Settings.from_environment({"CASEBRIDGE_PARTNERS": str(tmp_path)})
    texts = [problem.text() for problem in check_all(settings, ("northcable",), lambda line: None)]
    found = [one.splitlines()[0] for one in texts if "D219" in one or "D223" in one]
    assert [one.partition(" ")[2] for one in found] == [
        "D219 record.fields: home_address is asked for, and no line of mapping.yaml reads it.",
        "D223 record.fields: mapping.yaml reads title, and it is not asked for.",
    ]


def test_a_note_that_no_edge_lets_cross_is_counted_and_not_kept(world: Any) -> None:
    told = world.exchange.alliance.agreement.model_dump(by_alias=True)
    told["sharing"]["standard"]["notes"] = ["customer"]
    agreed = Agreement.model_validate(told)
    world.exchange = replace(world.exchange, alliance=Alliance(world.exchange.alliance.partners, agreed))
    native_id = world.hand_over()
    for audience in ("internal", "partners", "customer"):
        world.stores["north"].note(native_id, f"for {audience}", audience, author="Ann")
    world.rest()
    (row,) = world.ledger.cases()
    assert [note.text for note in world.ledger.case(row.id).note] == ["for customer"]
    counts = [e.detail for e in world.ledger.entries() if e.detail.get("unshared_notes")]
    assert counts[-1] == {"private_notes": 1, "unshared_notes": 1}
    assert "for partners" not in repr(world.only("south"))


def test_a_note_that_crossed_stands_when_the_agreement_is_narrowed(world: Any) -> None:
    native_id = world.hand_over()
    world.stores["north"].note(native_id, "for partners", "partners", author="Ann")
    world.rest()
    told = world.exchange.alliance.agreement.model_dump(by_alias=True)
    told["sharing"]["standard"]["notes"] = ["customer"]
    world.exchange = replace(
        world.exchange, alliance=Alliance(world.exchange.alliance.partners, Agreement.model_validate(told))
    )
    world.stores["north"].edit(native_id, {"details": "more"})
    world.rest()
    assert "withdrawn" not in world.kinds()
