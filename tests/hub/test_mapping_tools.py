"""The tools around mappings: one record through one mapping, two versions over live cases, and the replay of one."""

from __future__ import annotations

import copy
import io
import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console
from typer.testing import CliRunner

from connectors.base import Change
from hub import intents
from hub.alliance import Alliance
from hub.cli import app
from hub.declarations import Document
from hub.lanes import Claim
from hub.ledger import Ledger
from hub.mapping_cells import said
from hub.mapping_diff import Difference, Sample, compare, samples
from hub.mapping_diff_showing import diff_as_json, show_diff
from hub.mapping_map import look_in, look_out, values_of
from hub.mapping_replay import Replay, Told
from hub.mapping_replay_showing import show_replay
from hub.mapping_showing import look_as_json, show_look
from hub.mapping_version import Version, standing, version_of
from hub.settings import Settings
from hub.state import case_id_of
from hub.tables import metadata
from mappings import lens as lenses

WHO, WHY = "Ines", "P0 was missing"


# one record, field by field


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


# two versions of one mapping


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


# a mapping changed, and cases are open


def remapped(world: Any, name: str, change: Callable[[dict[str, Any]], None]) -> Alliance:
    """The alliance, with another mapping of one partner; the world's exchange uses it from now on."""
    old = world.exchange.alliance
    content = copy.deepcopy(dict(old.partners[name].mapping.content))
    change(content)
    partner = replace(
        old.partners[name], lens=lenses.compile(content, partner=name),
        mapping=Document(Path(f"mappings/partners/{name}/mapping.yaml"), content, {(): (1, 1)}),
    )  # fmt: skip
    alliance = Alliance({**old.partners, name: partner}, old.agreement)
    world.exchange = replace(world.exchange, alliance=alliance)
    return alliance


def replay(world: Any, name: str, *, really: bool = False) -> list[Told]:
    alliance = world.exchange.alliance
    return list(Replay(world.ledger, alliance, alliance.partners[name], world.clock, WHO, WHY, really=really).run())


def content_of(ledger: Ledger) -> dict[str, list[Any]]:
    """Every row of the ledger."""
    with ledger.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


def handed_over(world: Any, **fields: Any) -> str:
    native_id: str = world.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P2", **fields})
    world.rest()
    world.stores["north"].edit(native_id, {"company": "South"})
    world.rest()
    return native_id


def swap_words(content: dict[str, Any]) -> None:
    content["case"]["priority"]["values"] = {"P4": "low", "P3": "high", "P2": "medium", "P1": "critical"}


def learn(path: str, word: str, ours: str, written: str) -> Callable[[dict[str, Any]], None]:
    """One more word in a table, beside the one that is written."""

    def change(content: dict[str, Any]) -> None:
        line = content["case"][path]
        content["case"][path] = {**line, "values": {**line["values"], word: ours}, "back": {ours: written}}

    return change


def test_nothing_changed_and_nothing_is_replayed(world: Any) -> None:
    handed_over(world, score=2, cost="12.50", currency="EUR")
    world.stores["south"].edit("1", {"state": "Solved", "title": "Modem is dead", "cost": "3.00"})
    world.rest()
    before = content_of(world.ledger)
    assert [replay(world, name, really=True) for name in ("north", "south", "east")] == [[], [], []]
    assert content_of(world.ledger) == before


def test_a_case_whose_record_reads_otherwise_is_told_first_and_nothing_is_written(world: Any) -> None:
    handed_over(world)
    remapped(world, "north", swap_words)
    before = content_of(world.ledger)
    (told,) = replay(world, "north")
    assert content_of(world.ledger) == before
    assert (told.what, told.number, told.owed) == ("changed", "N-1", frozenset({"south"}))
    assert [(one.path, one.before, one.after) for one in told.record] == [("priority", "high", "medium")]
    assert [(one.path, one.before, one.after) for one in told.case] == [("priority", "high", "medium")]


def test_applied_it_is_one_entry_with_the_new_hash_and_who_and_why_and_it_crosses(world: Any) -> None:
    native_id = handed_over(world)
    alliance = remapped(world, "north", swap_words)
    head = world.ledger.head()[0]
    rehearsed = replay(world, "north")
    assert replay(world, "north", really=True) == rehearsed
    entry, owed = list(world.ledger.entries(after=head))
    assert (entry.kind, entry.partner, entry.fields, owed.kind) == ("changed", "north", ("priority",), "owed")
    assert entry.mapping_hash == alliance.partners["north"].lens.hash
    assert entry.detail == {"replay": "mapping", "who": WHO, "why": WHY}
    assert world.ledger.case(case_id_of("north", native_id)).priority == "medium"
    assert world.ledger.broken_at() is None
    world.rest()
    assert (world.only("north")["urgency"], world.only("south")["urgency"]) == ("P2", "P3")


def test_a_second_apply_writes_nothing_before_and_after_it_crossed(world: Any) -> None:
    handed_over(world)
    remapped(world, "north", swap_words)
    replay(world, "north", really=True)
    for _ in range(2):
        before = content_of(world.ledger)
        assert replay(world, "north", really=True) == []
        assert content_of(world.ledger) == before
        world.rest()


def test_a_path_that_is_mapped_from_now_on_is_brought_in(world: Any) -> None:
    native_id = handed_over(world, wish="call after six")
    remapped(world, "north", lambda content: content["case"].update({"preference": "wish"}))
    (told,) = replay(world, "north", really=True)
    assert [(one.path, one.before, one.after) for one in told.case] == [("preference", None, "call after six")]
    assert world.ledger.case(case_id_of("north", native_id)).preference == "call after six"
    assert replay(world, "north", really=True) == []


def test_what_the_other_side_changed_since_is_a_conflict_and_not_overwritten_in_silence(world: Any) -> None:
    native_id = handed_over(world)
    world.stores["south"].edit("1", {"urgency": "P1"})
    world.exchange.intake("south")  # known, and not yet written to north
    remapped(world, "north", swap_words)
    replay(world, "north", really=True)
    assert "conflict" in world.kinds()
    assert world.ledger.case(case_id_of("north", native_id)).priority == "critical"  # south holds it: its word stands


def test_a_closed_case_stays_as_it_is(world: Any) -> None:
    native_id = handed_over(world)
    world.stores["north"].edit(native_id, {"state": "Withdrawn"})
    world.rest()
    remapped(world, "north", swap_words)
    assert replay(world, "north") == []


def test_a_reading_is_nobodys_act_and_accepts_no_offer(world: Any) -> None:
    handed_over(world)
    remapped(world, "south", swap_words)
    replay(world, "south", really=True)
    assert "accepted" not in world.kinds()


def test_a_field_that_moved_clears_nothing_and_is_written_where_it_stands_now(world: Any) -> None:
    handed_over(world, details="since nine")
    remapped(world, "south", lambda content: content["case"].update({"description": "summary"}))
    (told,) = replay(world, "south", really=True)
    assert (told.what, told.record, told.case, told.owed) == ("owed", (), (), frozenset({"south"}))
    world.rest()
    assert world.only("south")["summary"] == world.only("north")["details"] == "since nine"
    assert replay(world, "south", really=True) == []


def test_when_the_case_began_is_mended_where_its_own_company_told_it_wrong(world: Any) -> None:
    native_id = handed_over(world)
    before = world.ledger.case(case_id_of("north", native_id)).creation_date
    remapped(
        world,
        "north",
        lambda content: content["case"].update(
            {"creationDate": {"from": "updated_at", "time": "iso", "read_only": True}}
        ),
    )
    (told,) = replay(world, "north", really=True)
    after = world.ledger.case(case_id_of("north", native_id)).creation_date
    assert [(one.path, one.before, one.after) for one in told.case] == [("creationDate", before, after)]
    assert after > before
    assert replay(world, "north", really=True) == []


# a mapping changed, and records are parked


def test_a_parked_record_becomes_a_case_once_its_word_is_in_the_table(world: Any) -> None:
    native_id = world.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P2", "channel": "Fax"})
    world.stores["north"].create({"title": "Slow", "state": "Open", "channel": "Telex"})
    world.rest()
    assert len(world.ledger.parked()) == 2
    remapped(world, "north", learn("channel", "Fax", "shop", "Shop"))
    before = content_of(world.ledger)
    rehearsed = replay(world, "north")
    assert content_of(world.ledger) == before
    assert [(told.what, told.number) for told in rehearsed] == [("unparked", "N-1"), ("stuck", "2")]
    assert rehearsed[1].problem is not None
    assert "'Telex' is no word of the table." in str(rehearsed[1].problem)
    head = world.ledger.head()[0]
    assert [told.what for told in replay(world, "north", really=True)] == ["unparked", "stuck"]
    entries = list(world.ledger.entries(after=head))
    assert [entry.kind for entry in entries] == ["unparked", "opened"]
    assert entries[0].detail == {"replay": "mapping", "who": WHO, "why": WHY, "no": 1}
    assert {entry.mapping_hash for entry in entries} == {world.exchange.alliance.partners["north"].lens.hash}
    assert world.ledger.case(case_id_of("north", native_id)).channel == "shop"
    assert [row.native_id for row in world.ledger.parked()] == ["2"]
    after = content_of(world.ledger)
    assert [told.what for told in replay(world, "north", really=True)] == ["stuck"]
    assert content_of(world.ledger) == after
    world.rest()
    assert world.kinds().count("opened") == 1


def test_a_later_version_of_a_known_record_goes_on_where_it_stood(world: Any) -> None:
    native_id = handed_over(world)
    world.stores["north"].edit(native_id, {"channel": "Fax", "details": "since nine"})
    world.rest()
    assert [row.code for row in world.ledger.parked()] == ["M201"]
    remapped(world, "north", learn("channel", "Fax", "shop", "Shop"))
    told = replay(world, "north", really=True)
    assert (told[0].what, told[0].owed) == ("unparked", frozenset({"south"}))
    assert {one.path: one.after for one in told[0].case} == {"channel": "shop", "description": "since nine"}
    assert world.ledger.parked() == []
    assert replay(world, "north", really=True) == []
    world.rest()
    assert world.only("south")["details"] == "since nine"


def test_a_write_that_is_on_its_way_is_waited_for(world: Any) -> None:
    handed_over(world)
    remapped(world, "north", swap_words)
    with world.ledger.transaction(world.clock()) as tx:
        change = Change("k", "update", "lane", {"title": "x"}, "hub", "1")
        claimed = Claim(1, case_id_of("north", "1"), "north", 1, 1, 1, world.now)
        intents.plan(tx, claimed, "north", "s", change, {})
    assert [(told.what, told.moves) for told in replay(world, "north", really=True)] == [("busy", False)]
    with world.ledger.transaction(world.clock()) as tx:
        intents.end(tx, claimed.case_id, ["k"], "settled")
    assert [told.what for told in replay(world, "north", really=True)] == ["changed"]


def test_a_number_that_agents_know_is_told_anew(world: Any) -> None:
    handed_over(world, ticket="T-77")
    remapped(world, "north", lambda content: content["case"].update({"externalIdentifier": "ticket"}))
    (told,) = replay(world, "north", really=True)
    assert [(one.path, one.before, one.after) for one in told.record] == [("externalIdentifier", "N-1", "T-77")]
    assert world.ledger.links(case_id_of("north", "1"))[0].number == "T-77"
    world.rest()
    assert replay(world, "north", really=True) == []


def test_a_record_whose_subject_was_erased_stays_closed(world: Any) -> None:
    world.stores["north"].create({"title": "No signal", "state": "Open", "channel": "Fax"})
    world.rest()
    remapped(world, "north", learn("channel", "Fax", "shop", "Shop"))
    world.ledger.keyring.forget("record:north:1")
    before = content_of(world.ledger)
    assert [told.what for told in replay(world, "north", really=True)] == ["erased"]
    assert content_of(world.ledger) == before


def test_a_record_that_was_read_in_a_newer_version_is_not_replayed(world: Any) -> None:
    native_id = handed_over(world)
    world.stores["north"].edit(native_id, {"channel": "Fax"})
    world.rest()
    world.stores["north"].edit(native_id, {"channel": "Web"})
    world.rest()
    remapped(world, "north", learn("channel", "Fax", "shop", "Shop"))
    assert replay(world, "north", really=True) == []
    assert world.ledger.case(case_id_of("north", native_id)).channel == "web"


def test_a_record_that_was_deleted_since_is_taken_off_the_list(world: Any) -> None:
    native_id = handed_over(world)
    world.stores["north"].edit(native_id, {"channel": "Fax"})
    world.rest()
    world.stores["north"].delete(native_id)
    world.rest()
    remapped(world, "north", learn("channel", "Fax", "shop", "Shop"))
    assert [told.what for told in replay(world, "north", really=True)] == ["overtaken"]
    assert "record" not in {row.subject for row in world.ledger.parked()}
    assert replay(world, "north", really=True) == []


def test_live_cases_and_parked_records_stand_in_the_diff(world: Any, tmp_path: Path) -> None:
    handed_over(world)
    world.stores["north"].create({"title": "Slow", "state": "Open", "channel": "Telex"})
    world.rest()
    old = world.exchange.alliance.partners["north"]
    remapped(world, "north", swap_words)
    new = remapped(world, "north", learn("channel", "Telex", "log", "Log")).partners["north"]
    before = Version("north", "before", tmp_path, old.lens, old.mapping)
    after = Version("north", "after", tmp_path, new.lens, new.mapping)
    found = compare(before, after, samples(after, world.ledger))
    assert found.samples == {"case": 1, "parked": 1}
    assert [(one.what, one.path, one.seen, one.example) for one in found.differences[:2]] == [
        ("reads", "priority", {"case": 1}, "N-1"), ("fits", "channel", {"parked": 1}, "2"),
    ]  # fmt: skip
    printed = io.StringIO()
    show_diff(found, Console(file=printed, width=120))
    assert "Tried on 1 open case, 1 parked record." in printed.getvalue()
    assert "1 of 1 open cases" in printed.getvalue()
    assert "N-1" in printed.getvalue()
    assert diff_as_json(found)["differences"][0]["seen"] == {"case": 1}


def test_a_replay_is_told_as_it_goes(world: Any) -> None:
    handed_over(world)
    alliance = remapped(world, "north", swap_words)
    printed = io.StringIO()
    console = Console(file=printed, width=140)
    show_replay(Replay(world.ledger, alliance, alliance.partners["north"], world.clock), console)
    text = printed.getvalue()
    assert "a rehearsal, nothing is written" in text
    assert "1 read again; would be owed: south (1 case)." in text
    assert "casebridge mapping replay north --apply --who NAME --why TEXT" in text
    show_replay(Replay(world.ledger, alliance, alliance.partners["north"], world.clock, WHO, WHY, really=True), console)
    show_replay(Replay(world.ledger, alliance, alliance.partners["north"], world.clock), console)
    assert "✓ Every open case says what its record reads, and nothing of it is parked." in printed.getvalue()


def test_applying_needs_a_name_and_a_reason() -> None:
    found = CliRunner().invoke(app, ["mapping", "replay", "northcable", "--apply", "--who", "Ines"])
    assert found.exit_code == 2
    assert found.stderr.startswith("--apply writes entries that name a person and a reason")
