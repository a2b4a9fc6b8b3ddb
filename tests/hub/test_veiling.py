"""A pseudonym stands in the place of personal data, comes back without harm, and an edit of it is an edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.agreement import Agreement, load_agreement
from hub.alliance import Alliance
from hub.declarations import DeclarationError
from hub.edges import Sharing
from hub.state import case_id_of
from hub.veiling import pseudonym, shown

NAME = "relatedParty.customer.name"


@pytest.fixture
def veiled(world: Any) -> Any:
    """The three companies; between them the customer's name crosses as a pseudonym."""
    told = world.exchange.alliance.agreement.model_dump(by_alias=True)
    told["sharing"]["standard"]["pseudonyms"] = [NAME]
    agreed = Agreement.model_validate(told)
    world.exchange = replace(world.exchange, alliance=Alliance(world.exchange.alliance.partners, agreed))
    return world


def name_at(world: Any, company: str) -> Any:
    return world.only(company)["customer"]["name"]


def test_the_receiver_is_given_a_pseudonym_and_the_contact_point_keeps_the_name(veiled: Any) -> None:
    veiled.hand_over(customer={"id": "7", "name": "Ann Bell"})
    assert name_at(veiled, "north") == "Ann Bell"
    assert name_at(veiled, "south").startswith("anon-")
    assert "Ann" not in repr(veiled.only("south"))


def test_it_is_stable_and_another_one_at_each_company_and_for_each_case(veiled: Any) -> None:
    native_id = veiled.hand_over(customer={"id": "7", "name": "Ann Bell"})
    first = name_at(veiled, "south")
    veiled.stores["north"].edit(native_id, {"customer": {"name": "Ann Carter"}})
    veiled.rest()
    assert name_at(veiled, "south") == first  # a change of the name tells nothing either
    veiled.stores["south"].edit("1", {"company": "East"})
    veiled.rest()
    assert name_at(veiled, "east").startswith("anon-")
    assert name_at(veiled, "east") != first
    assert pseudonym("a", "south", NAME) != pseudonym("b", "south", NAME)
    assert name_at(veiled, "north") == "Ann Carter"


def test_what_comes_back_is_no_edit(veiled: Any) -> None:
    veiled.hand_over(customer={"id": "7", "name": "Ann Bell"})
    given, before = name_at(veiled, "south"), veiled.kinds()
    veiled.stores["south"].edit("1", {"customer": {"name": ""}})
    veiled.stores["south"].edit("1", {"customer": {"name": given}, "details": "looked at"})
    veiled.rest()
    assert name_at(veiled, "north") == "Ann Bell"
    assert name_at(veiled, "south") == given
    changed = [e.fields for e in veiled.ledger.entries() if e.kind == "changed"][before.count("changed") :]
    assert NAME not in {path for fields in changed for path in fields}
    assert "conflict" not in veiled.kinds()


def test_an_agent_who_knows_better_is_heard(veiled: Any) -> None:
    """His word becomes the case's, the pseudonym stands in his record again, and who wrote the old word is told."""
    veiled.hand_over(customer={"id": "7", "name": "Ann Bell"})
    given = name_at(veiled, "south")
    veiled.stores["south"].edit("1", {"customer": {"name": "Anne Belle"}})
    veiled.rest()
    assert name_at(veiled, "north") == "Anne Belle"
    assert name_at(veiled, "south") == given
    assert [(e.detail["winner"], e.detail["loser"]) for e in veiled.ledger.entries() if e.kind == "conflict"] == [
        ("south", "north")
    ]


def test_two_who_know_better_are_a_conflict_and_the_holder_wins(veiled: Any) -> None:
    native_id = veiled.hand_over(customer={"id": "7", "name": "Ann Bell"})
    veiled.stores["south"].edit("1", {"customer": {"name": "Anne Belle"}})
    veiled.stores["north"].edit(native_id, {"customer": {"name": "Anna Bellini"}})
    veiled.rest()
    lost = [(e.detail["field"], e.detail["loser"]) for e in veiled.ledger.entries() if e.kind == "conflict"]
    assert lost == [(NAME, "north")]
    assert name_at(veiled, "north") == "Anne Belle"
    assert name_at(veiled, "south").startswith("anon-")


def test_a_ledger_that_comes_back_from_a_backup_takes_the_pseudonym_for_no_ones_word(
    veiled: Any, worlds: Callable[..., Any]
) -> None:
    native_id = veiled.hand_over(customer={"id": "7", "name": "Ann Bell"})
    case_id = case_id_of("north", native_id)
    with veiled.ledger.transaction(veiled.clock()) as tx:
        link = tx.links_of(case_id)["south"]
        tx.keep_link(replace(link, base={}, synced={}, version="", digest=""), tx.case(case_id).subject)
    veiled.rest()
    assert name_at(veiled, "north") == "Ann Bell"
    assert name_at(veiled, "south").startswith("anon-")


def test_nothing_stays_nothing_and_what_is_not_listed_stays_as_it_is() -> None:
    sharing = Sharing(fields=("name",), pseudonyms=(NAME,))
    assert shown(sharing, "s", "south", NAME, None) is None
    assert shown(sharing, "s", "south", "name", "No signal") == "No signal"
    assert len(shown(sharing, "s", "south", NAME, "Ann")) == 19


@pytest.mark.parametrize("path", ["priority", "requestedResolutionDate", "cost.amount", "externalIdentifier", "nmae"])
def test_what_has_no_pseudonym_is_told_with_its_place(tmp_path: Path, path: str) -> None:
    file = tmp_path / "agreement.yaml"
    file.write_text(
        'version: "1"\neffective: 2026-01-01\npartners: {north: {title: North}, south: {title: South}}\nsharing:\n'
        f"  some: {{fields: [name], pseudonyms: [{path}]}}\n"
    )
    with pytest.raises(DeclarationError) as caught:
        load_agreement(file, ("north", "south"))
    (problem,) = caught.value.problems
    assert problem.at.endswith("agreement.yaml:5:39")
    assert problem.text().splitlines()[0].endswith(f"A309 sharing some: pseudonyms: {path!r} is no text that crosses.")
