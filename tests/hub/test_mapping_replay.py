"""A mapping changed: what becomes of cases that are open and of records that are parked."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from hub.mapping_diff import compare, samples
from hub.mapping_diff_showing import diff_as_json, show_diff
from hub.mapping_replay import Replay, Told
from hub.mapping_replay_showing import show_replay
from hub.mapping_version import Version
from hub.state import case_id_of
from hub.tables import metadata
from mappings import lens as lenses

WHO, WHY = "Ines", "P0 was missing"


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
