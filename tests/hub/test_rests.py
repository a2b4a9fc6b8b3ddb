"""A text that a partner's field does not take whole: it is cut there by declaration, and the rest follows as a note."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import Unknown
from hub.declarations import Document
from hub.state import case_id_of
from mappings import lens as lenses
from mappings.text import unfooted

AT = 40
LEASE = 121
LONG = "The set-top box restarts every hour; the light turns red, then green, and all recordings of the day are gone."


def short(world: Any, name: str = "south", **case: Any) -> None:
    """This company's field for the description takes 40 characters; its mapping says what becomes of the rest."""
    partners, store = world.exchange.alliance.partners, world.stores[name]
    store.system = store.system.model_copy(update={"lengths": {"details": AT}})
    old = partners[name]
    rules = {"description": {"from": "details", "truncate": {"at": AT, "rest": "note"}}, **case}
    whole = old.mapping.content | {"case": {**old.mapping.content["case"], **rules}}
    lens = lenses.compile(whole, partner=name)
    partners[name] = replace(old, lens=lens, mapping=Document(old.mapping.path, whole, {(): (1, 1)}))


def handed(world: Any, text: str = LONG, **more: Any) -> None:
    world.stores["north"].create({"title": "No signal", "company": "South", "details": text, **more})
    world.rest()


def rests(world: Any, name: str = "south") -> list[str]:
    """Texts of the notes that stand there, without the hub's footer."""
    return [unfooted(note["body"])[0] for note in world.only(name)["comments"]]


def whole(world: Any, rest: str, name: str = "south") -> str:
    """What an agent there can read of the description."""
    shown: str = world.only(name)["details"]
    assert shown.endswith("…")
    assert rest.startswith("details: …")
    return shown[:-1] + rest.removeprefix("details: …")


def case(world: Any) -> Any:
    return world.ledger.case(case_id_of("north", "1"))


def test_the_field_is_cut_and_the_rest_follows_as_a_note_for_partners(world: Any) -> None:
    short(world)
    handed(world)
    assert len(world.only("south")["details"]) == AT
    (rest,) = rests(world)
    assert whole(world, rest) == LONG
    (note,) = world.only("south")["comments"]
    assert note["audience"] == "partners"
    assert "— North, Casebridge [" in note["body"]


def test_the_case_and_everybody_else_keep_the_whole_text_and_the_rest_is_no_note_of_theirs(world: Any) -> None:
    short(world)
    handed(world)
    world.stores["south"].edit("1", {"state": "Open", "urgency": "P1"})
    world.rest()
    assert (case(world).description, case(world).note) == (LONG, ())
    assert (world.only("north")["details"], world.only("north")["comments"]) == (LONG, [])
    assert "noted" not in world.kinds()


def test_a_text_that_fits_has_no_rest(world: Any) -> None:
    short(world)
    handed(world, "x" * AT)
    assert (world.only("south")["details"], world.only("south")["comments"]) == ("x" * AT, [])


def test_the_same_rest_is_told_once_and_another_one_follows(world: Any) -> None:
    short(world)
    handed(world)
    world.stores["north"].edit("1", {"details": "A" + LONG[1:]})  # the head alone
    world.rest()
    assert len(rests(world)) == 1
    world.stores["north"].edit("1", {"details": LONG + " Twice now."})
    world.rest()
    assert whole(world, rests(world)[-1]) == LONG + " Twice now."
    assert len(rests(world)) == 2
    assert case(world).note == ()


def test_ten_more_rounds_write_nothing(world: Any) -> None:
    short(world)
    handed(world)
    before = world.written()
    for _ in range(10):
        world.round()
    assert world.written() == before


def test_an_edit_of_what_they_see_takes_the_place_of_the_whole(world: Any) -> None:
    short(world)
    handed(world)
    world.stores["south"].edit("1", {"details": "Box replaced."})
    world.rest()
    assert world.only("north")["details"] == case(world).description == "Box replaced."
    assert len(rests(world)) == 1


def test_a_rest_of_a_life_that_was_killed_is_told_once_and_taken_for_ours(world: Any) -> None:
    short(world)
    world.stores["north"].create({"title": "No signal", "company": "South"})
    world.rest()
    world.stores["north"].edit("1", {"details": LONG})
    world.exchange.intake("north")
    world.after_push["south"] = died
    with pytest.raises(KeyboardInterrupt):
        world.exchange.deliver("south")
    world.exchange.intake("south")
    world.later(LEASE)
    world.rest()
    assert len(rests(world)) == 1
    assert (case(world).note, case(world).description) == ((), LONG)


def died() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("applied", [True, False])
def test_a_rest_without_an_answer_is_looked_for_before_it_is_sent_again(world: Any, applied: bool) -> None:
    short(world)
    world.stores["north"].create({"title": "No signal", "company": "South"})
    world.rest()
    world.stores["north"].edit("1", {"details": LONG})
    world.exchange.intake("north")
    world.stores["south"].fail(Unknown("no answer"), on="push", times=2, after=applied)
    world.rest()
    world.later(60)
    world.rest()
    (rest,) = rests(world)
    assert whole(world, rest) == LONG
    assert case(world).note == ()


def test_the_company_whose_text_it_is_gets_no_rest_of_it(world: Any) -> None:
    """Its own record holds more than its mapping says that the field takes."""
    short(world, "north")
    world.stores["north"].system = world.stores["south"].system
    handed(world)
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.rest()
    assert (world.only("north")["details"], world.only("north")["comments"]) == (LONG, [])


def test_what_an_edge_does_not_share_has_no_rest_either(world: Any) -> None:
    sharing = world.exchange.alliance.agreement.sharing["standard"]
    fields = tuple(path for path in sharing.fields if path != "description")
    narrow = sharing.model_copy(update={"fields": fields})
    agreement = world.exchange.alliance.agreement.model_copy(update={"sharing": {"standard": narrow}})
    world.exchange = replace(world.exchange, alliance=replace(world.exchange.alliance, agreement=agreement))
    short(world)
    handed(world)
    assert (world.only("south").get("details"), world.only("south")["comments"]) == (None, [])


def test_a_rest_that_no_note_of_theirs_takes_parks_the_delivery_with_its_place(world: Any) -> None:
    partner = world.exchange.alliance.partners["south"]
    notes = {**partner.mapping.content["notes"], "text": {"from": "body", "length": 60}}
    content = partner.mapping.content | {"notes": notes}
    world.exchange.alliance.partners["south"] = replace(partner, mapping=replace(partner.mapping, content=content))
    short(world)
    handed(world)
    (waiting,) = world.ledger.parked()
    assert (waiting.partner, waiting.subject, waiting.code) == ("south", "delivery", "M204")
    assert waiting.place == "mappings/partners/south/mapping.yaml:1:1"
    world.stores["north"].edit("1", {"details": "short"})
    world.rest()
    assert (world.only("south")["details"], world.ledger.parked()) == ("short", [])
