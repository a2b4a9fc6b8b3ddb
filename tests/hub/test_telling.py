"""What agents are told in their own tool: how the case stands, and what of their words was held back, why, who acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.declared import Told
from connectors.errors import Rejected, Unknown
from hub.agreement import Company
from hub.promises import watch
from hub.state import case_id_of

DESK = "Exchange desk (+44 20 7946 0199)"


def tells(world: Any, name: str, language: str = "en", **told: Any) -> None:
    """This company's system.yaml says where its agents are told."""
    partners, store = world.exchange.alliance.partners, world.stores[name]
    store.system = store.system.model_copy(update={"told": Told(**told), "language": language})
    partners[name] = replace(partners[name], system=store.system)


def desk(world: Any) -> None:
    alliance = world.exchange.alliance
    operator = Company(title="Exchange desk", contact="+44 20 7946 0199")
    agreement = alliance.agreement.model_copy(update={"operator": operator})
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement))


def field(world: Any, name: str) -> str:
    return str(world.only(name).get("hub_says") or "")


def notes(world: Any, name: str) -> list[str]:
    """Private notes of ours that stand there."""
    found = [note for note in world.only(name)["comments"] if "[told-" in note["body"]]
    assert {note["audience"] for note in found} <= {"internal"}
    return [note["body"].rpartition("\n\n— ")[0] for note in found]


def everything(world: Any) -> str:
    return repr([world.stores[name].bodies() for name in world.stores])


@pytest.fixture
def spoken(world: Any) -> Any:
    """North is told in a field, South by private notes in Spanish."""
    desk(world)
    tells(world, "north", field="hub_says")
    tells(world, "south", "es-CO", note="private")
    return world


def test_a_field_says_who_holds_it_its_number_there_and_the_last_delivery(spoken: Any) -> None:
    native_id = spoken.hand_over()
    holds, delivered = field(spoken, "north").splitlines()
    assert holds == f"With South, number there: {spoken.only('south')['number']}."
    assert delivered.startswith("Last delivered to South: 2026-03-01 09:0")
    spoken.later(3600)
    spoken.stores["north"].edit(native_id, {"urgency": "P1"})
    spoken.rest()
    assert "Last delivered to South: 2026-03-01 10:0" in field(spoken, "north")


def test_a_case_that_never_crossed_is_told_nothing(spoken: Any) -> None:
    spoken.stores["north"].create({"title": "No signal"})
    spoken.rest()
    assert field(spoken, "north") == ""
    assert spoken.stores["north"].writes == 1
    assert spoken.ledger.deliveries(("owed", "parked")) == []


def test_what_is_told_is_no_edit_crosses_to_nobody_and_comes_to_rest(spoken: Any) -> None:
    spoken.hand_over()
    spoken.stores["south"].edit("1", {"state": "Open", "company": "East"})
    spoken.rest()
    before = spoken.written()
    for _ in range(10):
        spoken.round()
    assert spoken.written() == before
    assert "hub_says" not in spoken.only("south")
    assert "With East" not in repr(spoken.only("east"))
    assert "told-" not in repr(spoken.only("north")) + repr(spoken.only("east"))
    assert spoken.ledger.case(case_id_of("north", "1")).note == ()
    assert notes(spoken, "south")[-1].startswith("Lo tiene East, número allí: E-1.")


def test_a_word_that_nobody_understands_shows_within_one_poll_and_is_over_once_it_is_mended(spoken: Any) -> None:
    native_id = spoken.hand_over()
    standing = field(spoken, "north")
    spoken.stores["north"].system = spoken.stores["north"].system.model_copy(update={"picklists": {}})
    spoken.stores["north"].edit(native_id, {"urgency": "P9"})
    spoken.round()
    first, *rest = field(spoken, "north").splitlines()
    assert first == (
        f"NOT PASSED ON: “P9” in urgency is not understood (M201). Correct it here, or wait: {DESK} acts on it."
    )
    assert "\n".join(rest) == standing
    assert spoken.only("south")["urgency"] == "P2"
    assert "P9" not in repr(spoken.only("south"))
    spoken.rest()
    assert spoken.kinds().count("parked") == 1  # our own writing is nothing new
    spoken.stores["north"].edit(native_id, {"urgency": "P1"})
    spoken.rest()
    assert "NOT PASSED ON" not in field(spoken, "north")
    assert spoken.only("south")["urgency"] == "P1"


def test_by_notes_it_is_told_once_in_their_language_and_a_closing_note_follows(spoken: Any) -> None:
    spoken.hand_over()
    spoken.stores["south"].system = spoken.stores["south"].system.model_copy(update={"picklists": {}})
    spoken.stores["south"].edit("1", {"urgency": "urgente"})
    spoken.round()
    (told,) = notes(spoken, "south")
    assert told.startswith(
        f"NO TRANSMITIDO: no se entiende «urgente» en urgency (M201). Corríjalo aquí o espere: {DESK} se ocupa."
    )
    spoken.rest()
    assert len(notes(spoken, "south")) == 1
    spoken.stores["south"].edit("1", {"urgency": "P1"})
    spoken.rest()
    assert notes(spoken, "south")[1].startswith("TRANSMITIDO: ya no espera nada.")
    spoken.stores["south"].edit("1", {"urgency": "urgente"})  # the same once more is told once more
    spoken.rest()
    assert notes(spoken, "south")[2] == told
    assert "urgente" not in repr(spoken.only("north"))


def test_a_note_whose_answer_was_lost_is_known_again(spoken: Any) -> None:
    spoken.hand_over()
    spoken.stores["south"].system = spoken.stores["south"].system.model_copy(update={"picklists": {}})
    spoken.stores["south"].edit("1", {"urgency": "urgente"})
    spoken.stores["south"].fail(Unknown("no answer.", code="C401", where="south"), after=True)
    spoken.round()
    spoken.later(121)
    spoken.rest()
    assert len(notes(spoken, "south")) == 1


def test_who_made_the_change_is_told_that_the_other_company_cannot_take_it(spoken: Any) -> None:
    native_id = spoken.hand_over()
    spoken.stores["north"].edit(native_id, {"title": "x" * 80})
    tells(spoken, "east", field="hub_says")
    spoken.round()
    assert field(spoken, "north").splitlines()[0].startswith("NOT PASSED ON: South cannot take what title says (M204).")
    assert "x" * 80 not in field(spoken, "north")
    spoken.stores["north"].edit(native_id, {"title": "x"})
    spoken.rest()
    assert "NOT PASSED ON" not in field(spoken, "north")


def test_a_transfer_that_no_edge_permits_is_told_to_who_made_it(spoken: Any) -> None:
    tells(spoken, "east", field="hub_says")
    spoken.stores["east"].create({"title": "No signal"})
    spoken.rest()
    spoken.stores["east"].edit("1", {"company": "North"})
    spoken.round()
    assert field(spoken, "east") == (
        "NOT PASSED ON: no agreement permits this transfer, it was taken back (A401). "
        f"Choose another company; {DESK} can tell which."
    )
    assert spoken.only("east")["company"] == "East"


def test_a_field_that_they_refuse_waits_for_a_person_and_holds_nothing_else_back(spoken: Any) -> None:
    native_id = spoken.hand_over()
    spoken.stores["south"].edit("1", {"state": "Open", "company": "East"})
    refusing = {"no such field."}

    real = spoken.stores["north"].edit

    def edit(native: str, fields: Any, *, by: str = "agent") -> None:
        if "hub_says" in fields and refusing:
            raise Rejected("no such field.", code="C600", where="north update 1")
        real(native, fields, by=by)

    spoken.stores["north"].edit = edit
    spoken.rest()
    assert spoken.only("north")["state"] == "Open"
    (row,) = spoken.ledger.parked()
    assert (row.subject, row.code, row.partner) == ("telling", "C600", "north")
    refusing.clear()
    edit(native_id, {"company": "South"})
    spoken.rest()
    assert field(spoken, "north").startswith("With South")
    assert spoken.ledger.parked() == []


def test_what_has_to_be_done_by_when_is_told_until_it_is_done(spoken: Any) -> None:
    commitments = [
        {"id": "accepts", "clock": "accept", "of": "each", "within": "1 h"},
        {"id": "resolves", "clock": "resolve", "of": "each", "within": "4 h"},
    ]
    alliance = spoken.exchange.alliance
    told = {**alliance.agreement.model_dump(by_alias=True), "commitments": commitments}
    agreement = type(alliance.agreement).model_validate(told)
    spoken.exchange = replace(spoken.exchange, alliance=replace(alliance, agreement=agreement))
    spoken.hand_over()

    def watched() -> None:
        watch(spoken.ledger, agreement, spoken.clock, spoken.exchange.alliance)
        spoken.rest()

    watched()
    assert "South has to accept it by 2026-03-01 10:00." in field(spoken, "north")
    assert notes(spoken, "south")[-1].startswith("South debe aceptarlo hasta 01/03/2026 10:00.")
    spoken.stores["south"].edit("1", {"details": "a modem is on its way"})
    spoken.rest()
    watched()
    assert "South has to resolve it by 2026-03-01 13:00." in field(spoken, "north")
    before = spoken.written()
    watched()
    assert spoken.written() == before
    spoken.stores["south"].edit("1", {"state": "Solved"})
    spoken.rest()
    watched()
    assert "has to" not in field(spoken, "north")
