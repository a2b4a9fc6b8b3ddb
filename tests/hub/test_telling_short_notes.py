"""What agents are told goes into their system's notes, however short: cut with a mark, never a failed push."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.declared import Told
from mappings import lens as lenses

LONG = "urgente, el cliente vuelve a llamar"


@pytest.fixture
def short(world: Any) -> Any:
    """Gives South's notes a shorter text. Its agents are told by private notes in Spanish."""

    def given(text: dict[str, Any]) -> Any:
        partners, store = world.exchange.alliance.partners, world.stores["south"]
        store.system = store.system.model_copy(update={"told": Told(note="private"), "language": "es", "picklists": {}})
        content = partners["south"].mapping.content
        changed = {**content, "notes": {**content["notes"], "text": {"from": "body", **text}}}
        partners["south"] = replace(
            partners["south"], system=store.system, lens=lenses.compile(changed, partner="south")
        )
        world.hand_over()
        return world

    return given


def told(world: Any) -> list[str]:
    return [note["body"] for note in world.only("south")["comments"] if "[told-" in note["body"]]


def words(note: str) -> str:
    return note.rpartition("\n\n— ")[0]


@pytest.mark.parametrize("takes", [{"length": 150}, {"bytes": 150}])
def test_what_does_not_fit_a_note_of_theirs_is_cut_with_a_mark(short: Any, takes: dict[str, int]) -> None:
    world = short(takes)
    world.stores["south"].edit("1", {"urgency": LONG})
    world.rest()
    (note,) = told(world)
    assert (len(note) if "length" in takes else len(note.encode())) <= 150
    assert words(note).startswith(f"NO TRANSMITIDO: no se entiende «{LONG}")
    assert words(note).endswith("…")
    before = world.written()
    for _ in range(5):
        world.round()
    assert world.written() == before


def test_lines_that_are_left_out_are_marked_too(short: Any) -> None:
    world = short({"length": 220})
    world.stores["south"].edit("1", {"urgency": LONG})
    world.rest()
    (note,) = told(world)
    first, *rest = words(note).splitlines()
    assert first.endswith("se ocupa.")
    assert rest[-1] == "…"
    assert len(note) <= 220


def test_a_note_too_short_for_any_word_is_put_before_a_person_once_and_holds_nothing_back(short: Any) -> None:
    world = short({"length": 40})  # the footer alone is longer
    world.stores["south"].edit("1", {"urgency": LONG})
    world.rest()
    assert told(world) == []
    (row,) = [row for row in world.ledger.parked() if row.subject == "telling"]
    assert (row.partner, row.code, row.native_id) == ("south", "M204", "1")
    assert "mappings/partners/south/mapping.yaml:" in row.place
    before = world.written()
    for _ in range(5):
        world.round()
    assert world.written() == before
    world.stores["south"].edit("1", {"urgency": "P1"})
    world.rest()
    assert world.only("north")["urgency"] == "P1"
