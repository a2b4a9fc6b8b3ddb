"""Notes both ways: who wrote them, in which language, what became of them since, and one face for the customer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import Unknown
from hub.declarations import Document
from hub.state import case_id_of, note_ref
from mappings import lens as lenses
from mappings.text import unfooted


def bodies(world: Any, name: str) -> list[str]:
    return [note["body"] for note in world.only(name)["comments"]]


def said(world: Any, name: str) -> list[str]:
    """Texts without their footers."""
    return [unfooted(body)[0] for body in bodies(world, name)]


def shown(note_id: str, company: str = "north") -> str:
    """How a note is named to agents: as its footer begins."""
    return f"[{note_ref(company, note_id)[:8]}…]"


def speaking(world: Any, name: str, language: str) -> None:
    """This company's agents speak it, and its notes say in which language each is."""
    partners, store = world.exchange.alliance.partners, world.stores[name]
    store.system = store.system.model_copy(update={"language": language})
    old = partners[name]
    whole = {**old.mapping.content, "notes": {**old.mapping.content["notes"], "language": "language"}}
    document = Document(old.mapping.path, whole, {(): (1, 1)})
    partners[name] = replace(old, system=store.system, lens=lenses.compile(whole, partner=name), mapping=document)


@pytest.fixture
def noted(world: Any) -> tuple[Any, str, str]:
    """A case of North at South, with a note for partners: (world, its native id, the note's id)."""
    native_id = world.hand_over()
    note_id = world.stores["north"].note(native_id, "Gate code 4711.", "partners", author="Ann Lee")
    world.rest()
    return world, native_id, note_id


def test_a_note_that_is_rewritten_follows_as_one_that_says_which_it_replaces(noted: Any) -> None:
    world, native_id, note_id = noted
    world.stores["north"].edit_note(native_id, note_id, body="Gate code 4712.")
    world.rest()
    first = shown(note_id)
    assert said(world, "south") == ["Gate code 4711.", f"Gate code 4712.\n\n(replaces note {first})"]
    world.stores["north"].edit_note(native_id, note_id, body="Gate code 4711.")  # back to what it was
    world.rest()
    second = shown(f"{note_id}#2")
    assert said(world, "south")[2] == f"Gate code 4711.\n\n(replaces note {second})"
    assert len(world.ledger.case(case_id_of("north", "1")).note) == 3


def test_of_versions_that_were_not_sent_yet_the_last_goes(world: Any) -> None:
    native_id = world.stores["north"].create({"title": "No signal"})
    note_id = world.stores["north"].note(native_id, "one", "partners", author="Ann Lee")
    world.rest()
    world.stores["north"].edit_note(native_id, note_id, body="two")
    world.rest()
    world.stores["north"].edit(native_id, {"company": "South"})
    world.rest()
    assert said(world, "south") == ["two"]


def test_a_note_that_is_deleted_is_told_as_withdrawn_once_and_as_holding_again(noted: Any) -> None:
    world, native_id, note_id = noted
    row = world.stores["north"].rows[native_id]
    kept = list(row.body["comments"])
    row.body["comments"] = []
    world.stores["north"].edit(native_id, {"urgency": "P1"})
    world.rest()
    about = shown(note_id)
    assert said(world, "south") == ["Gate code 4711.", f"Note {about} was withdrawn by its author."]
    assert "Ann Lee, North" in bodies(world, "south")[1]
    world.stores["north"].edit(native_id, {"urgency": "P2"})
    world.rest()
    assert len(said(world, "south")) == 2
    assert world.kinds().count("withdrawn") == 1
    row.body["comments"] = kept
    world.stores["north"].edit(native_id, {"urgency": "P3"})
    world.rest()
    assert said(world, "south")[2:] == [f"Note {about} holds again."]
    assert world.stores["north"].bodies()[0]["comments"] == kept


def test_a_note_that_became_private_is_withdrawn_where_it_stands_and_goes_nowhere_else(noted: Any) -> None:
    world, native_id, note_id = noted
    world.stores["north"].edit_note(native_id, note_id, audience="internal")
    world.rest()
    world.stores["south"].edit("1", {"company": "East"})
    world.rest()
    assert said(world, "south")[1] == f"Note {shown(note_id)} was withdrawn by its author."
    assert world.only("south")["comments"][1]["audience"] == "internal"
    assert "4711" not in repr(world.only("east"))
    world.stores["north"].edit_note(native_id, note_id, audience="partners")
    world.rest()
    assert said(world, "east") == ["Gate code 4711."]
    assert said(world, "south")[2] == f"Note {shown(note_id)} holds again."


def test_a_withdrawal_whose_answer_was_lost_is_told_once(noted: Any) -> None:
    world, native_id, _ = noted
    world.stores["north"].rows[native_id].body["comments"] = []
    world.stores["north"].edit(native_id, {"urgency": "P1"})
    world.exchange.intake("north")
    world.stores["south"].fail(Unknown("no answer.", code="C401", where="south"), after=True, times=2)
    world.rest()
    world.later(121)
    world.rest()
    assert len(said(world, "south")) == 2


def test_a_note_of_a_record_that_was_merged_into_another_one_is_not_withdrawn(noted: Any) -> None:
    world, native_id, _ = noted
    into = world.stores["north"].create({"title": "the customer wrote twice"})
    world.stores["north"].merge(native_id, into)
    world.rest()
    assert len(said(world, "south")) == 1
    assert "withdrawn" not in world.kinds()


def test_what_the_customer_may_read_bears_the_contact_points_name_and_agents_are_told_who_wrote_it(noted: Any) -> None:
    world, _, _ = noted
    note_id = world.stores["south"].note("1", "Our van comes at nine.", "customer", author="Ana López")
    world.rest()
    about = shown(note_id, "south")
    public, by = world.only("north")["comments"][1:]
    assert (public["audience"], public["body"]) == (
        "customer",
        f"Our van comes at nine.\n\n— North [{note_ref('south', note_id)}]",
    )
    assert by["audience"] == "internal"
    assert by["body"].startswith(f"Note {about} was written by Ana López, South.\n\n— ")
    assert len(world.only("south")["comments"]) == 2  # North's note, and their own


def test_the_contact_points_own_agent_signs_as_he_is(noted: Any) -> None:
    world, native_id, _ = noted
    world.stores["north"].note(native_id, "We are on it.", "customer", author="Ann Lee")
    world.rest()
    assert "— Ann Lee, North [" in bodies(world, "south")[1]
    assert len(bodies(world, "south")) == 2


def test_a_note_in_another_language_keeps_it_and_is_marked(world: Any) -> None:
    for name, language in (("north", "en"), ("south", "es-CO")):
        speaking(world, name, language)
    native_id = world.hand_over()
    world.stores["north"].note(native_id, "Gate code.", "partners", author="Ann Lee", language="en-GB")
    world.stores["north"].note(native_id, "Código.", "partners", author="Ana", language="es")
    world.stores["north"].note(native_id, "Who knows.", "partners", author="Ann Lee")
    world.rest()
    marked, own, unknown = world.only("south")["comments"]
    assert "— Ann Lee, North (en-GB) [" in marked["body"]
    assert marked["language"] == "en-GB"
    assert "— Ana, North [" in own["body"]
    assert "— Ann Lee, North [" in unknown["body"]
    assert unknown.get("language") is None


def test_the_edges_own_language_is_not_marked(world: Any) -> None:
    for name, language in (("north", "en"), ("south", "es")):
        speaking(world, name, language)
    alliance = world.exchange.alliance
    edges = tuple(edge.model_copy(update={"language": "en"}) for edge in alliance.agreement.edges)
    agreement = alliance.agreement.model_copy(update={"edges": edges})
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement))
    native_id = world.hand_over()
    world.stores["north"].note(native_id, "Gate code.", "partners", author="Ann Lee", language="en")
    world.rest()
    assert "— Ann Lee, North [" in bodies(world, "south")[0]


def test_of_a_lost_note_and_what_is_about_it_none_is_taken_for_the_other(world: Any) -> None:
    """A note is looked for by its ref: what names it must not be found in its place."""
    world.hand_over()
    note_id = world.stores["south"].note("1", "Our van comes at nine.", "customer", author="Ana López")
    world.exchange.intake("south")
    ref, north = note_ref("south", note_id), world.stores["north"]
    lost = north.add_note

    def add_note(native_id: str, note: Any, *, by: str) -> str:
        if f"[{ref}]" in note["body"]:
            north.add_note = lost
            raise Unknown("no answer.", code="C401", where="north")
        return str(lost(native_id, note, by=by))

    north.add_note = add_note
    world.rest()
    world.later(700)
    world.rest()
    found = [body for body in bodies(world, "north") if ref in body]
    assert len(found) == 1
    assert found[0].startswith("Our van comes at nine.")
    assert len(bodies(world, "north")) == 2
