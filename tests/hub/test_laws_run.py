"""`make laws`: many generated records a partner, drawn from its declaration and from what its system says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub import laws_run

MAPPING = """\
case:
  status:
    from: state
    values: {Open: inProgress, Done: resolved}
    refuse: [acknowledged, pending, held, closed, cancelled, rejected]
  characteristic.site: {from: site, python: 'sites:named'}
"""
SITES = """\
def there(word):
    return "north" if word == "N (old)" else word

def back(value):
    return "N" if value == "north" else value

FUNCTIONS = {"named": (there, back)}
"""
SYSTEM = "kind: memory\nname: acme\ntitle: Acme\nconnection: acme\nfirst_contact: {guard: none}\n"
EXAMPLES = "- {name: one, body: {state: Open, site: south}, case: {status: inProgress, characteristic.site: south}}\n"
DESCRIBED = "fields:\n  state: {values: [Open, Done]}\n  site: {values: [south, N (old)], length: 7}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CASEBRIDGE_PARTNERS", str(tmp_path))
    made = tmp_path / "acme"
    made.mkdir()
    for name, text in {
        "mapping.yaml": MAPPING,
        "sites.py": SITES,
        "system.yaml": SYSTEM,
        "examples.yaml": EXAMPLES,
    }.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


def test_records_are_drawn_with_what_their_system_says_of_its_fields(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert laws_run.main(["30"]) == 0  # nothing says that there is such a word
    assert "acme: 30 records both ways, no described fields, 0 violations" in capsys.readouterr().out
    (folder / "described.yaml").write_text(DESCRIBED, encoding="utf-8")
    assert laws_run.main(["30"]) == 1
    told = capsys.readouterr().out
    assert "mapping.yaml:6:3 M310 characteristic.site: " in told
    assert "acme: 30 records both ways, 2 described fields, 1 violations" in told


def test_only_the_partners_that_are_named_are_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert laws_run.main(["5", "somebody"]) == 0
    assert capsys.readouterr().out == ""
