"""Tables and functions that lie beside a mapping: found, handed in, and every mistake told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.declarations import DeclarationError
from hub.partners import load_partner

SYSTEM = "name: acme\ntitle: Acme\nkind: memory\nconnection: acme\n"
STATUS = (
    "  status:\n    {from: s, values: {on: inProgress},\n"
    "     refuse: [acknowledged, pending, held, resolved, closed, cancelled, rejected]}\n"
)
LOOKUP = f"case:\n{STATUS}  relatedParty.solver.name: {{from: owner, lookup: users.csv}}\n"
PYTHON = f"case:\n{STATUS}  relatedParty.customer.contact: {{from: phone, python: 'phones:national'}}\n"
PHONES = """\
def ours(word):
    return "+57 " + word

def theirs(value):
    return value.removeprefix("+57 ")

FUNCTIONS = {"national": (ours, theirs)}
"""


def partner(tmp_path: Path, mapping: str, **files: str) -> Path:
    folder = tmp_path / "acme"
    folder.mkdir(exist_ok=True)
    for name, text in {"system.yaml": SYSTEM, "mapping.yaml": mapping, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> str:
    with pytest.raises(DeclarationError) as caught:
        load_partner(folder)
    return str(caught.value).replace(f"{folder.parent}/", "")


def test_a_table_of_a_file_works_both_ways(tmp_path: Path) -> None:
    lens = load_partner(partner(tmp_path, LOOKUP, **{"users.csv": "theirs,ours\r\ntom,Tom Hardcastle\r\n"})).lens
    body = {"s": "on", "owner": "tom"}
    assert lens.to_case(body).values["relatedParty.solver.name"] == "Tom Hardcastle"
    assert lens.to_partner({"relatedParty.solver.name": "Tom Hardcastle"}, None).body == {"owner": "tom"}


def test_a_function_and_its_inverse_work_both_ways(tmp_path: Path) -> None:
    lens = load_partner(partner(tmp_path, PYTHON, **{"phones.py": PHONES})).lens
    assert lens.to_case({"s": "on", "phone": "601 555"}).values["relatedParty.customer.contact"] == "+57 601 555"
    assert lens.to_partner({"relatedParty.customer.contact": "+57 601 555"}, None).body == {"phone": "601 555"}


def test_a_module_that_no_rule_names_is_not_run(tmp_path: Path) -> None:
    folder = partner(tmp_path, f"case:\n{STATUS}", **{"phones.py": "raise SystemExit('it was run')\n"})
    assert load_partner(folder).lens.paths == {"status"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,name\ntom,Tom\n", "users.csv:1:1 D230 the first line of a table is `theirs,ours`; it says 'id,name'."),
        ("", "users.csv:1:1 D230 the first line of a table is `theirs,ours`; it says ''."),
        ("theirs,ours\n", "users.csv:1:1 D230 there is no word in this table."),
        ("theirs,ours\ntom\n", "users.csv:2:1 D230 two words are expected, theirs and ours; it says ['tom']."),
        ("theirs,ours\ntom,\n", "users.csv:2:1 D230 two words are expected, theirs and ours; it says ['tom', '']."),
        (
            "theirs,ours\ntom,Tom\ntom,Thomas\n",
            "users.csv:3:1 D230 'tom' stands here twice; the second would hide the first.",
        ),
        ('theirs,ours\n"tom,Tom\n', "users.csv:1:1 D230 cannot be read as a table: unexpected end of data"),
    ],
)
def test_a_table_that_is_none_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    assert f"acme/{expected}" in told(partner(tmp_path, LOOKUP, **{"users.csv": text}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = (\n", "phones.py:1:1 D231 cannot be run: SyntaxError: '(' was never closed"),
        ("import nowhere_at_all\n", "phones.py:1:1 D231 cannot be run: ModuleNotFoundError: No module named"),
        ("x = 1\n", 'phones.py:1:1 D231 it must say FUNCTIONS = {"name": (theirs to ours, ours to theirs)}.'),
        ("FUNCTIONS = {'national': str}\n", "phones.py:1:1 D231 it must say FUNCTIONS ="),
    ],
)
def test_a_module_that_gives_no_pairs_is_told(tmp_path: Path, text: str, expected: str) -> None:
    assert f"acme/{expected}" in told(partner(tmp_path, PYTHON, **{"phones.py": text}))


def test_what_is_not_there_is_told_by_the_mapping_with_what_is(tmp_path: Path) -> None:
    text = told(partner(tmp_path, LOOKUP, **{"user.csv": "theirs,ours\ntom,Tom\n"}))
    assert "mapping.yaml:5:43 M135" in text
    assert "Did you mean 'user.csv'?" in text
    assert "M139" in told(partner(tmp_path, PYTHON))
