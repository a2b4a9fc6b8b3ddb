"""A company whose system takes a word in one place and tells it in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors.base import Change, Receipt
from mappings import lens as lenses


class Elsewhere:
    """A connector of a system that takes `set_state` and tells `state`."""

    def __init__(self, connector: Any) -> None:
        self._connector = connector

    def __getattr__(self, called: str) -> Any:
        return getattr(self._connector, called)

    def push(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        names = {"set_state": "state"}
        yield from self._connector.push(
            [replace(one, body={names.get(key, key): word for key, word in one.body.items()}) for one in changes]
        )


def test_a_record_that_was_made_there_reads_as_it_was_meant_and_nobody_has_acted_on_it(world: Any) -> None:
    south = world.exchange.alliance.partners["south"]
    declared = {**south.mapping.content}
    status = {**declared["case"]["status"], "to": "set_state", "required": True}
    declared["case"] = {**declared["case"], "status": status}
    partners = {
        **world.exchange.alliance.partners,
        "south": replace(south, lens=lenses.compile(declared, partner="south")),
    }
    world.exchange = replace(
        world.exchange,
        alliance=replace(world.exchange.alliance, partners=partners),
        connect=lambda name: Elsewhere(world.connect(name)) if name == "south" else world.connect(name),
    )
    world.hand_over()
    assert world.only("south")["state"] == "Open"
    assert "set_state" not in world.only("south")
    assert "accepted" not in world.kinds()
    world.stores["south"].edit("1", {"state": "Solved", "reason": "Spliced."})
    world.rest()
    assert (world.only("north")["state"], world.only("north")["reason"]) == ("Solved", "Spliced.")
    assert [row.code for row in world.ledger.parked()] == []
