"""A mail of the customer's in a list of its own crosses as a note of his; nothing is written to that list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mappings import lens as lenses

MAILS = {
    "from": "mails", "id": "id", "author": "name", "date": {"from": "at", "time": "iso"},
    "text": {"from": "plain", "else": {"from": "html", "format": "html"}}, "visibility": {"constant": "customer"},
}  # fmt: skip


def test_it_crosses_once_and_an_answer_goes_among_the_comments(world: Any) -> None:
    partners = world.exchange.alliance.partners
    content = partners["north"].mapping.content
    content = {**content, "notes": [content["notes"], MAILS]}
    partners["north"] = replace(partners["north"], lens=lenses.compile(content, partner="north"))
    native_id = world.hand_over()
    mail = {"id": 1, "name": "Айгерим", "at": "2026-03-01T09:00:00Z", "plain": None, "html": "<p>Still <b>dark</b></p>"}
    world.stores["north"].note(native_id, "For South.", "partners", author="Ana")
    world.stores["north"].edit(native_id, {"mails": [mail]})
    world.rest()
    said = [note["body"] for note in world.only("south")["comments"]]
    assert [text.partition(" [")[0] for text in said] == [
        "For South.\n\n— Ana, North", "Still dark\n\n— Айгерим, North",
    ]  # fmt: skip
    world.stores["south"].note("1", "Tomorrow.", "customer", author="Bo")
    world.rest()
    north = world.only("north")
    assert north["mails"] == [mail]
    assert any(note["body"].startswith("Tomorrow.") for note in north["comments"])
    before = world.written()
    for _ in range(5):
        world.round()
    assert world.written() == before
