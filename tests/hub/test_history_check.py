"""`casebridge check` says how a partner's changes are seen, and finds a name of its history that means nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from hub.checking import check_all, explain_code
from hub.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PARTNERS = ROOT / "mappings" / "partners"


def checked(tmp_path: Path, changed: tuple[str, str], partner: str = "northcable") -> tuple[list[str], list[str]]:
    """(problems, lines that hold)."""
    shutil.copytree(PARTNERS, tmp_path, dirs_exist_ok=True)
    path = tmp_path / partner / "system.yaml"
    text = path.read_text(encoding="utf-8")
    assert changed[0] in text
    path.write_text(text.replace(*changed, 1), encoding="utf-8")
    told: list[str] = []
    found = check_all(Settings.from_environment({"CASEBRIDGE_PARTNERS": str(tmp_path)}), (partner,), told.append)
    return [problem.text().replace(f"{tmp_path}/", "") for problem in found], told


def test_a_name_that_no_line_of_the_mapping_reads_is_found_at_its_place(tmp_path: Path) -> None:
    (text,), _ = checked(tmp_path, ("  record: ticket\n", "  record: ticket\n  names: {Zustand: stat}\n"))
    assert text.startswith("northcable/system.yaml:")
    assert "D218 history.names.Zustand: no line of mapping.yaml reads 'stat'." in text
    assert "Did you mean 'state'?" in text
    assert "casebridge explain D218" in text
    assert "custom_fields[id=2].value" in explain_code("D218")


def test_a_partner_with_a_history_is_read_change_by_change(tmp_path: Path) -> None:
    problems, told = checked(tmp_path, ("record: ticket\n", "record: ticket\n  names: {Zustand: state}\n"))
    assert problems == []
    assert "each change read from its history" in told[0]


def test_a_partner_without_one_is_said_to_be_sampled(tmp_path: Path) -> None:
    problems, told = checked(tmp_path, ("change_history: true", "change_history: false"), "brightnet")
    assert problems == []
    assert "sampled every 5 s, as it tells no change history" in told[0]
