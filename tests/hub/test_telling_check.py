"""`casebridge check` finds a place for agents' words that does not hold, at its line of system.yaml."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hub.checking import check_all, explain_code
from hub.settings import Settings

PARTNERS = Path(__file__).resolve().parents[2] / "mappings" / "partners"
NORTHCABLE = "told: {field: hub_says}"
TELVOZ = "told: {note: private}"


def problems(tmp_path: Path, partner: str, told: str, changed: str, mapping: tuple[str, str] = ("", "")) -> list[str]:
    """What check says of the partner, `told` in its system.yaml replaced."""
    shutil.copytree(PARTNERS, tmp_path, dirs_exist_ok=True)
    for name, (before, after) in {"system": (told, changed), "mapping": mapping}.items():
        path = tmp_path / partner / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
    settings = Settings.from_environment({"CASEBRIDGE_PARTNERS": str(tmp_path)})
    found = check_all(settings, (partner,), lambda line: None)
    return [problem.text().replace(f"{tmp_path}/", "") for problem in found]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("told: {field: hub_say}", "told.field: their system has no field hub_say."),
        ("told: {field: details}", "told.field: details is a line of mapping.yaml too: what is told would be read as"),
        ("told: {field: hub_says, length: 4000}", "told.field: hub_says takes 1000 characters, and `length` says 4000"),
        ("told: {field: hub_says, language: de}", "D216 told: there are no sentences in 'de'."),
        ("told: {}", "say either `field: NAME` or `note: private`: agents are told in one place"),
        ("told: {field: hub_says, note: private}", "say either `field: NAME` or `note: private`"),
        ("told: {note: internal}", "told.note"),
    ],
)
def test_a_place_that_does_not_hold_is_told_at_its_line(tmp_path: Path, told: str, expected: str) -> None:
    (text,) = problems(tmp_path, "northcable", NORTHCABLE, told)
    assert expected in text
    assert text.startswith("northcable/system.yaml:15:")


def test_notes_that_cannot_be_private_are_told(tmp_path: Path) -> None:
    private = "{from: visibilidad, values: {interna: private, empresas: partners, cliente: customer}}"
    found = problems(tmp_path, "telvoz", TELVOZ, TELVOZ, (private, "{constant: partners}"))
    assert any("D217 told.note: mapping.yaml has no word of theirs for a private note." in text for text in found)


@pytest.mark.parametrize("language", ["en", "es", "ms", "ru"])
def test_a_length_that_no_sentence_of_the_language_goes_into_is_told(tmp_path: Path, language: str) -> None:
    given = f"told: {{field: hub_says, length: 80, language: {language}}}"
    (text,) = problems(tmp_path, "northcable", NORTHCABLE, given)
    assert f"D217 told.field: a sentence in '{language}' has 1" in text
    assert "characters, and `length` says 80." in text
    assert text.startswith("northcable/system.yaml:15:")


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        ("length: 600", "D217 told.note: a note of theirs takes 551 characters of it, and `length` says 1000."),
        ("bytes: 600", "D217 told.note: a note of theirs takes 415 characters of it, and `length` says 1000."),
        (
            "length: 60",
            "D217 told.note: a note of theirs has no room for what is told, beside our last line (",
        ),
    ],
)
def test_notes_too_short_for_what_is_told_are_told(tmp_path: Path, takes: str, expected: str) -> None:
    every = problems(tmp_path, "telvoz", TELVOZ, TELVOZ, ("from: texto, length: 10000", f"from: texto, {takes}"))
    (found,) = [text for text in every if "told" in text]
    assert expected in found
    assert "casebridge explain D217" in found
    assert "`length`" in explain_code("D217")


def test_known_languages_are_named(tmp_path: Path) -> None:
    (text,) = problems(tmp_path, "telvoz", "language: es", "language: pt")
    assert "Known: en, es, ms, ru." in text
    assert "casebridge explain D216" in text
    assert "hub/telling_words.py" in explain_code("D216")
