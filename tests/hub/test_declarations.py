"""Reading YAML: plain content, places, and errors that teach."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from hub.declarations import DeclarationError, read
from hub.partners import load_partners, load_system
from hub.settings import Settings


def document(tmp_path: Path, text: str, name: str = "mapping.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def told(path: Path) -> str:
    with pytest.raises(DeclarationError) as caught:
        read(path)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_yaml_1_2_keeps_words_as_words(tmp_path: Path) -> None:
    content = read(
        document(tmp_path, "a: Yes\nb: no\nc: on\nd: 2026-01-01\ne: true\nf: 012\ng: 0x1f\nh: ~\nNo: x")
    ).content
    assert content == {
        "a": "Yes",
        "b": "no",
        "c": "on",
        "d": "2026-01-01",
        "e": True,
        "f": 12,
        "g": 31,
        "h": None,
        "No": "x",
    }


@pytest.mark.parametrize(
    ("said", "means"),
    [
        *((word, word) for word in ("1_000", "0b1", "1e", "=", "<<", "12:30", "2026-11-01 10:00:00", "٣")),
        *((word, int(word)) for word in ("007", "+5", "-3")),
        *(("0o17", 15), ("0x1F", 31), ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0), (".inf", inf), ("-.INF", -inf)),
        *((word, None) for word in ("", "~", "null", "NULL")),
    ],
)
def test_words_are_those_of_the_core_schema(tmp_path: Path, said: str, means: object) -> None:
    meant = read(document(tmp_path, f"a: {said}\n")).content["a"]
    assert (meant, type(meant)) == (means, type(means))


def test_every_part_knows_where_it_stands(tmp_path: Path) -> None:
    path = document(tmp_path, "case:\n  status:\n    values:\n      Solved: closedd\n  list: [a, b]\n")
    found = read(path)
    assert found.at(("case", "status", "values", "Solved")).endswith("mapping.yaml:4:7")
    assert found.at(("case", "list", 1)).endswith("mapping.yaml:5:13")
    assert found.at(("case", "status", "nowhere", "at", "all")).endswith("mapping.yaml:2:3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", "mapping.yaml:2:1 D103 'a' stands here twice; the second would hide the first"),
        ("a: [1\n", "mapping.yaml:2:1 D102 is no YAML: "),
        ("a: 1\nключ: x\x07\n", "mapping.yaml:2:8 D102 is no YAML: control characters are not allowed"),
        ("a: 1\n---\nb: 2\n", "mapping.yaml:2:1 D102 is no YAML: but found another document"),
        ("a: &b [*b]\n", "mapping.yaml:1:4 D102 is nested more than 64 deep"),
        ("a: !!python/name:os.system\n", "mapping.yaml:1:4 D104 the tag"),
        ("a: !secret x\n", "mapping.yaml:1:4 D104 the tag !secret is not allowed; write plain values"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert told(document(tmp_path, text)).startswith(expected)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert "mapping.yaml:1:1 D101 cannot be read" in told(tmp_path / "mapping.yaml")


def test_a_system_of_no_kind_names_the_kinds(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    document(folder, "name: acme\ntitle: Acme\nkind: rset\nconnection: acme\n", "system.yaml")
    with pytest.raises(DeclarationError) as caught:
        load_system(folder)
    assert "system.yaml:3:1 D210 kind: 'rset' is no kind." in str(caught.value)
    assert "Did you mean 'rest'?" in str(caught.value)


def test_a_folder_and_its_name_must_agree(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    document(folder, "name: other\ntitle: Acme\nkind: memory\nconnection: acme\n", "system.yaml")
    with pytest.raises(DeclarationError, match="D211 name: 'other' stands in the folder 'acme'"):
        load_system(folder)


def test_the_sandbox_partners_load_and_each_mapping_names_its_place() -> None:
    partners = load_partners(Settings.from_environment({}).partners_dir)
    assert sorted(partners) == ["brightnet", "northcable", "telvoz"]
    assert partners["telvoz"].place(("case", "status")).split(":")[0].endswith("telvoz/mapping.yaml")


def test_no_partner_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="D212 no partner here"):
        load_partners(tmp_path)
