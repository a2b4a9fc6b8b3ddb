"""Two versions of one mapping: what the newer one reads and writes otherwise."""

from __future__ import annotations

import copy
import io
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from hub.cli import app
from hub.mapping_diff import Difference, Sample, compare, samples
from hub.mapping_map import look_in
from hub.mapping_showing import look_as_json, show_look
from hub.mapping_version import Version, standing, version_of
from hub.settings import Settings
from mappings import lens as lenses

WHO, WHY = "Ines", "P0 was missing"


@pytest.fixture(scope="module")
def north() -> Version:
    return standing("northcable", Settings.from_environment({}))


def a_record(north: Version) -> dict[str, Any]:
    return copy.deepcopy(dict(north.examples()[0]["body"]))


def changed(content: Mapping[str, Any], path: str, **parts: Any) -> dict[str, Any]:
    """A declaration with some parts of one rule replaced."""
    whole = copy.deepcopy(dict(content))
    line = whole["case"].get(path, {})
    whole["case"][path] = {**({"from": line} if isinstance(line, str) else line), **parts}
    return whole


def another(version: Version, content: Mapping[str, Any]) -> Version:
    return replace(
        version, title="another", lens=lenses.compile(content, partner=version.name),
        document=replace(version.document, content=content),
    )  # fmt: skip


def told_of(found: list[Difference]) -> list[tuple[str, str, Any, Any]]:
    return [(one.what, one.path, one.before, one.after) for one in found]


def test_the_same_mapping_makes_no_difference(north: Version) -> None:
    found = compare(north, north, samples(north, None))
    assert (list(found.differences), found.samples["example"]) == ([], len(north.examples()))


def test_a_word_that_means_another_thing_is_told_with_an_example(north: Version) -> None:
    words = {"P1": "critical", "P2": "medium", "P3": "high", "P4": "low"}
    after = another(north, changed(north.document.content, "priority", values=words))
    found = compare(north, after, samples(north, None)).differences
    assert ("reads", "priority", "high", "medium") in told_of(list(found))
    assert ("writes", "priority", "priority: 'P2'", "priority: 'P3'") in told_of(list(found))
    reads = next(one for one in found if one.what == "reads")
    assert (reads.word, reads.seen["example"] >= 1) == ("P2", True)


def test_a_word_that_is_taken_away_would_park_the_record(north: Version) -> None:
    content = changed(
        north.document.content, "severity", values={"Minor": "minor"}, refuse=["moderate", "significant", "extensive"]
    )
    found = compare(north, another(north, content), samples(north, None)).differences
    refused = next(one for one in found if one.what == "refused")
    assert (refused.path, refused.word) == ("severity", "Significant")
    assert "'Significant' is no word of the table." in refused.told


def test_a_path_that_comes_and_one_that_goes_are_told(north: Version) -> None:
    content = copy.deepcopy(dict(north.document.content))
    del content["case"]["description"]
    content["case"]["characteristic.seq"] = {"from": "seq", "number": "integer"}
    found = compare(north, another(north, content), samples(north, None)).differences
    assert {(one.what, one.path) for one in found} == {("gone", "description"), ("new", "characteristic.seq")}


def test_a_path_that_only_one_of_them_maps_is_told_though_no_record_has_it(north: Version) -> None:
    content = copy.deepcopy(dict(north.document.content))
    del content["case"]["preference"]
    found = compare(north, another(north, content), []).differences
    assert [(one.what, one.path, one.seen) for one in found] == [("gone", "preference", {})]


def test_a_note_that_more_people_may_read_is_told(north: Version) -> None:
    content = copy.deepcopy(dict(north.document.content))
    content["notes"]["visibility"]["values"] = {"internal": "partners", "partners": "private", "customer": "customer"}
    found = compare(north, another(north, content), samples(north, None)).differences
    assert ("member", "note.visibility", "partners", "private") in [
        (what, path, str(one), str(other)) for what, path, one, other in told_of(list(found))
    ]


LISTS: Mapping[str, Any] = {
    "feedback": {
        "from": "surveys", "id": "id", "score": {"from": "stars", "number": "integer"}, "text": "said",
        "date": {"from": "at", "time": "iso"},
    },
    "attachments": {
        "from": "files", "id": "id", "name": "file", "size": {"from": "bytes", "number": "integer"}, "author": "by",
        "visibility": {"from": "who", "values": {"own": "private", "all": "customer"}, "refuse": ["partners"]},
    },
}  # fmt: skip


def with_lists(north: Version) -> tuple[Version, dict[str, Any]]:
    """North's mapping with answers and files, and a record that has some."""
    body = a_record(north) | {
        "surveys": [{"id": 1, "stars": 4, "said": "[b]ok[/]", "at": "2026-11-22T10:00:00Z"}, {"id": 2}],
        "files": [{"id": 1, "file": "bill.pdf", "bytes": 10, "who": "all"}, {"id": 2, "file": "own.txt"}],
    }
    return another(north, {**north.document.content, **LISTS}), body


def test_answers_and_files_are_shown_with_what_becomes_of_them(north: Version) -> None:
    version, body = with_lists(north)
    look = look_in(version, body)
    out = io.StringIO()
    show_look(look, Console(file=out, width=160))
    assert "4 of 5  2026-11-22 10:00:00+00:00  [b]ok[/]  a word of the customer's, taken once" in out.getvalue()
    assert "crosses as the agreement says" in out.getvalue()
    assert "2 notes, 1 answer, 2 attachments." in out.getvalue()
    told = look_as_json(look)
    assert [(one["id"], one["score"]) for one in told["feedback"]] == [("1", 4)]
    assert [(one["name"], one["size"], one["visibility"]) for one in told["attachments"]] == [
        ("bill.pdf", 10, "customer"), ("own.txt", None, "private"),
    ]  # fmt: skip
    assert not {"surveys", "files"} & set(look.unmapped)


def test_a_list_that_does_not_fit_is_told_and_the_others_are_shown(north: Version) -> None:
    version, body = with_lists(north)
    look = look_in(version, body | {"surveys": [{"id": 1, "stars": 6}]})
    assert [(at.rsplit("/", 1)[-1].split(":")[0], why.code) for at, why in look.problems] == [("mapping.yaml", "M211")]
    assert sorted(look.lists) == ["attachments", "notes"]


def test_a_list_that_is_new_or_reads_otherwise_is_told(north: Version) -> None:
    after, body = with_lists(north)
    found = compare(north, after, [Sample("example", "x", body)]).differences
    assert ("new", "feedback") in [(one.what, one.path) for one in found]
    assert ("member", "attachment.name") in [(one.what, one.path) for one in found]  # Northcable has files already
    content = copy.deepcopy(dict(after.document.content))
    content["feedback"]["score"] = {"from": "stars", "values": {"4": 5, "5": 5}, "as": "integer"}
    content["attachments"]["visibility"] = {"constant": "private"}
    found = compare(after, another(north, content), [Sample("example", "x", body)]).differences
    assert [(one.what, one.path, one.example, str(one.before), str(one.after)) for one in found] == [
        ("member", "answer.score", "x, answer 1", "4", "5"),
        ("member", "attachment.visibility", "x, attachment 1", "customer", "private"),
    ]


def test_a_value_that_only_goes_back_as_another_word_is_told(north: Version) -> None:
    after = another(north, changed(north.document.content, "status", back={"inProgress": "Reopened"}))
    found = compare(north, after, samples(north, None)).differences
    assert told_of(list(found)) == [("writes", "status", "state: 'Open'", "state: 'Reopened'")]


def test_old_may_be_a_file_or_a_git_revision(north: Version, tmp_path: Path) -> None:
    folder = tmp_path / "partners" / "northcable"
    folder.mkdir(parents=True)
    for name in ("mapping.yaml", "system.yaml", "examples.yaml"):
        (folder / name).write_bytes((north.folder / name).read_bytes())
    git = ["git", "-C", str(tmp_path), "-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    path = folder / "mapping.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("P2: high, P3: medium", "P2: medium, P3: high"), encoding="utf-8"
    )
    env = {"CASEBRIDGE_PARTNERS": str(tmp_path / "partners"), "COLUMNS": "120"}
    found = CliRunner().invoke(app, ["mapping", "diff", "HEAD", "-p", "northcable"], env=env)
    assert (found.exit_code, "priority reads as another value" in found.stdout) == (0, True)
    same = CliRunner().invoke(
        app,
        ["mapping", "diff", str(north.document.path), str(north.folder / "mapping.yaml"), "-p", "northcable"],
        env=env,
    )
    assert "✓ The two are the same." in same.stdout
    lost = CliRunner().invoke(app, ["mapping", "diff", "nowhere", "-p", "northcable"], env=env)
    assert lost.stderr.startswith("nowhere: is no file, and git has no mapping.yaml of northcable by it:")
    none = CliRunner().invoke(app, ["mapping", "diff", "gone.yaml", "-p", "northcable"], env=env)
    assert none.stderr.startswith("gone.yaml: there is no such file.")
    with pytest.raises(LookupError):
        version_of(standing("northcable", Settings.from_environment(env)), "--output=x")
