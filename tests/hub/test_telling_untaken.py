"""The agent of a new record that the mapping does not understand is told so in his own tool, before it is a case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.declared import FirstContact, Told
from connectors.errors import Rejected, Unknown
from hub.acting import By
from hub.agreement import Company
from hub.repair import act, plan
from hub.state import case_id_of

DESK = "Exchange desk (+44 20 7946 0199)"
NORTH = f"NOT PASSED ON: “P9” in urgency is not understood (M201). Correct it here, or wait: {DESK} acts on it."
SOUTH = f"NO TRANSMITIDO: no se entiende «P9» en urgency (M201). Corríjalo aquí o espere: {DESK} se ocupa."


def change(world: Any, name: str, **update: Any) -> None:
    partners, store = world.exchange.alliance.partners, world.stores[name]
    store.system = store.system.model_copy(update=update)
    partners[name] = replace(partners[name], system=store.system)
    world.exchange.close(name)


def field(world: Any, name: str = "north") -> str:
    return str(world.only(name).get("hub_says") or "")


def notes(world: Any, name: str = "south") -> list[str]:
    found = [note for note in world.only(name).get("comments", []) if "[told-" in note["body"]]
    assert {note["audience"] for note in found} <= {"internal"}
    return [note["body"].rpartition("\n\n— ")[0] for note in found]


@pytest.fixture
def spoken(world: Any) -> Any:
    """North is told in a field, South by private notes in Spanish; both take any urgency."""
    alliance = world.exchange.alliance
    operator = Company(title="Exchange desk", contact="+44 20 7946 0199")
    agreement = alliance.agreement.model_copy(update={"operator": operator})
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement))
    change(world, "north", picklists={}, told=Told(field="hub_says"))
    change(world, "south", picklists={}, told=Told(note="private"), language="es")
    return world


def poll(world: Any, name: str) -> None:
    world.exchange.intake(name)
    world.exchange.deliver(name)


def quiet(world: Any) -> None:
    before = world.written()
    for _ in range(10):
        world.round()
    assert world.written() == before


def new(world: Any, name: str, urgency: str = "P9") -> str:
    return str(world.stores[name].create({"title": "No signal", "state": "Open", "urgency": urgency}))


def test_a_field_says_within_one_poll_what_is_not_understood_and_who_acts_once(spoken: Any) -> None:
    native_id = new(spoken, "north")
    poll(spoken, "north")
    assert field(spoken) == NORTH
    assert spoken.stores["north"].writes == 2  # the agent's and ours
    quiet(spoken)
    assert spoken.kinds() == ["parked", "told"]
    assert spoken.ledger.case(case_id_of("north", native_id)) is None
    assert spoken.ledger.deliveries(("owed", "claimed", "unknown", "parked")) == []
    assert spoken.stores["south"].bodies() == spoken.stores["east"].bodies() == []
    (row,) = spoken.ledger.parked()
    assert (row.subject, row.code, row.case_id, row.native_id) == ("record", "M201", None, native_id)


def test_notes_say_it_in_their_language_and_a_closing_one_follows(spoken: Any) -> None:
    new(spoken, "south")
    poll(spoken, "south")
    assert notes(spoken) == [SOUTH]
    quiet(spoken)
    assert notes(spoken) == [SOUTH]
    spoken.stores["south"].edit("1", {"urgency": "P1"})
    poll(spoken, "south")
    assert [text.splitlines()[0] for text in notes(spoken)] == [SOUTH, "TRANSMITIDO: ya no espera nada."]
    spoken.rest()
    quiet(spoken)
    assert spoken.ledger.case(case_id_of("south", "1")).note == ()
    assert spoken.ledger.parked() == []


def test_once_it_is_understood_the_field_says_how_it_stands(spoken: Any) -> None:
    native_id = new(spoken, "north")
    poll(spoken, "north")
    spoken.stores["north"].edit(native_id, {"urgency": "P2"})
    poll(spoken, "north")
    assert field(spoken) == ""
    spoken.stores["north"].edit(native_id, {"company": "South"})
    spoken.rest()
    assert field(spoken).startswith("With South, number there: S-1.")
    assert "hub_says" not in spoken.only("south")
    assert "NOT PASSED ON" not in repr(spoken.stores["south"].bodies())
    quiet(spoken)


def test_another_value_that_is_not_understood_is_told_anew(spoken: Any) -> None:
    for name in ("north", "south"):
        new(spoken, name)
        poll(spoken, name)
        spoken.stores[name].edit("1", {"urgency": "P8"})
        poll(spoken, name)
    assert "“P8” in urgency" in field(spoken)
    assert "P9" not in field(spoken)
    assert notes(spoken) == [SOUTH, SOUTH.replace("P9", "P8")]
    quiet(spoken)


@pytest.mark.parametrize("name", ["north", "south"])
@pytest.mark.parametrize("after", [True, False])
def test_an_answer_that_was_lost_leaves_it_told_once(spoken: Any, name: str, after: bool) -> None:
    new(spoken, name)
    spoken.exchange.intake(name)
    spoken.stores[name].fail(Unknown("no answer.", code="C401", where=name), after=after)
    spoken.exchange.deliver(name)
    spoken.later(121)
    spoken.rest()
    assert (field(spoken) if name == "north" else notes(spoken)) == (NORTH if name == "north" else [SOUTH])
    quiet(spoken)
    assert spoken.kinds().count("parked") == 1


def test_a_worker_that_died_after_it_had_sent_a_note_leaves_it_told_once(spoken: Any) -> None:
    new(spoken, "south")
    spoken.exchange.intake("south")

    def die() -> None:
        raise KeyboardInterrupt

    spoken.after_push["south"] = die
    with pytest.raises(KeyboardInterrupt):
        spoken.exchange.deliver("south")
    spoken.exchange.close()
    spoken.later(300)
    spoken.rest()
    assert notes(spoken) == [SOUTH]
    quiet(spoken)


def test_a_person_edits_between_the_poll_and_the_write(spoken: Any) -> None:
    native_id = new(spoken, "north")
    spoken.exchange.intake("north")
    spoken.stores["north"].edit(native_id, {"urgency": "P2"})
    spoken.exchange.deliver("north")
    assert field(spoken) == ""
    spoken.rest()
    assert spoken.ledger.case(case_id_of("north", native_id)) is not None
    assert spoken.ledger.parked() == []
    quiet(spoken)


def test_a_person_edits_while_it_is_written(spoken: Any) -> None:
    native_id = new(spoken, "north")
    spoken.exchange.intake("north")
    spoken.after_push["north"] = lambda: spoken.stores["north"].edit(native_id, {"urgency": "P2"})
    spoken.exchange.deliver("north")
    spoken.rest()
    assert field(spoken) == ""
    assert spoken.ledger.case(case_id_of("north", native_id)) is not None
    quiet(spoken)


def test_a_mapping_that_was_mended_and_a_retry_renew_it(spoken: Any) -> None:
    native_id = new(spoken, "north")
    poll(spoken, "north")
    (row,) = spoken.ledger.parked()
    by = By("Ana López", "looked again")
    assert act(spoken.exchange, plan(spoken.exchange, "retry", row), by) == frozenset()  # nothing else is to be told
    assert field(spoken) == NORTH
    (row,) = spoken.ledger.parked()
    spoken.stores["north"].edit(native_id, {"urgency": "P2"})
    act(spoken.exchange, plan(spoken.exchange, "retry", row), by)
    spoken.rest()
    assert field(spoken) == ""
    assert spoken.ledger.parked() == []


def test_a_field_that_they_refuse_is_put_before_a_person_once(spoken: Any) -> None:
    def edit(native: str, fields: Any, *, by: str = "agent") -> None:
        raise Rejected("no such field.", code="C600", where=f"north update {native}")

    new(spoken, "north")
    spoken.stores["north"].edit = edit
    spoken.rest()
    assert [(row.subject, row.code, row.case_id) for row in spoken.ledger.parked()] == [
        ("record", "M201", None), ("telling", "C600", None),
    ]  # fmt: skip
    quiet(spoken)


def test_a_record_that_was_deleted_waits_for_nobody(spoken: Any) -> None:
    native_id = new(spoken, "north")
    spoken.exchange.intake("north")
    spoken.stores["north"].delete(native_id)
    spoken.exchange.deliver("north")
    spoken.rest()
    assert spoken.ledger.parked() == []
    assert spoken.ledger.deliveries(("owed", "claimed", "unknown", "parked")) == []
    quiet(spoken)
    spoken.exchange.reconcile("north")
    quiet(spoken)


def test_nothing_is_written_where_nobody_declared_it_or_before_the_cut_off(spoken: Any) -> None:
    new(spoken, "east", "P1")
    change(spoken, "east", picklists={})
    spoken.stores["east"].edit("1", {"urgency": "P9"})
    cut_off = spoken.now.replace(year=2027)
    change(spoken, "north", first_contact=FirstContact(cut_off=cut_off, guard="none"))
    new(spoken, "north")
    spoken.rest()
    assert spoken.stores["east"].writes == 2
    assert spoken.stores["north"].writes == 1


def test_a_first_contact_counts_them(spoken: Any) -> None:
    change(spoken, "north", first_contact=FirstContact(guard=2))
    for _ in range(3):
        new(spoken, "north")
    poll(spoken, "north")
    assert "3 changed, more than 2 in all" in spoken.exchange.deliver("north").held
    assert not [one for one in spoken.stores["north"].bodies() if one.get("hub_says")]


@pytest.mark.parametrize("unique_key", [True, False])
def test_a_record_of_ours_that_is_found_in_words_that_nobody_understands_is_linked_later(
    spoken: Any, unique_key: bool
) -> None:
    abilities = spoken.stores["south"].system.abilities.model_copy(update={"unique_key": unique_key})
    change(spoken, "south", abilities=abilities)
    native_id = spoken.stores["north"].create({"title": "No signal", "state": "Open", "urgency": "P2"})
    spoken.rest()
    spoken.stores["north"].edit(native_id, {"company": "South"})
    spoken.exchange.intake("north")
    spoken.stores["south"].fail(Unknown("no answer.", code="C401", where="south"), after=True)
    spoken.exchange.deliver("south")
    spoken.stores["south"].edit("1", {"urgency": "P9"})
    spoken.later(121)
    spoken.rest()
    assert [text.splitlines()[0] for text in notes(spoken)] == [SOUTH]
    spoken.later(3600)
    spoken.rest()
    assert len(spoken.stores["south"].bodies()) == 1
    spoken.stores["south"].edit("1", {"urgency": "P1"})
    spoken.later(3600)
    spoken.rest()
    assert [text.splitlines()[0] for text in notes(spoken)] == [SOUTH, "TRANSMITIDO: ya no espera nada."]
    assert spoken.only("north")["urgency"] == "P1"
    assert spoken.ledger.parked() == []
    quiet(spoken)
