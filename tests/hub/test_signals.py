"""What customers' words and acts say: explicit told apart from implicit, classified by rule, corrected by people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub import signals
from hub.acting import CannotDo, by
from hub.agreement import load_agreement
from hub.classifying import COMPONENTS, EXPECTATIONS, TONES, has, most
from hub.promises import watch
from mappings import lens as lenses

ROOT = Path(__file__).parents[2]
WORDS = dict(load_agreement(ROOT / "agreement.yaml").closing.words.items())


@pytest.fixture
def agreed(world: Any) -> Any:
    """A world under the closing rules of the sandbox's agreement."""
    alliance = world.exchange.alliance
    closing = load_agreement(ROOT / "agreement.yaml").closing
    agreement = alliance.agreement.model_copy(update={"closing": closing})
    world.exchange = replace(world.exchange, alliance=replace(alliance, agreement=agreement))
    return world


def look(world: Any) -> None:
    alliance = world.exchange.alliance
    watch(world.ledger, alliance.agreement, world.clock, alliance)
    world.rest()


def told(world: Any) -> list[tuple[Any, ...]]:
    names = ("signal", "explicit", "component", "expected")
    return [tuple(e.detail.get(n) for n in names) for e in world.ledger.entries() if e.kind == "signal"]


def says(world: Any, stars: int, said: str) -> None:
    """South resolves the case of North's, whose customer then says this."""
    world.stores["south"].edit("1", {"state": "Solved"})
    world.rest()
    survey = {"id": said[:9], "stars": stars, "said": said, "answered_at": "2026-03-01T10:00:00+00:00"}
    world.stores["north"].edit("1", {"surveys": [survey]})
    world.rest()
    look(world)


@pytest.mark.parametrize(
    ("text", "component", "expected"),
    [
        ("The technician was rude and came too late.", "people", "opportunity"),
        ("La factura es muy cara, el precio no era ese", None, "cost"),
        ("El técnico fue amable", "people", None),
        ("Juruteknik biadap, saya tunggu lama", "people", "opportunity"),
        ("Мастер опоздал, счёт неверный, цена другая", "people", "cost"),
        ("Señal mala, imagen peor", "product", "quality"),
        ("señal e imagen", "product", None),
        ("СИГНАЛ ПЛОХОЙ", "product", "quality"),
        ("All fine.", None, None),
        ("", None, None),
        ("unbillable", None, None),  # no word begins so
    ],
)
def test_a_text_is_classified_by_the_beginnings_of_its_words(text: str, component: Any, expected: Any) -> None:
    assert (most(text, WORDS, COMPONENTS), most(text, WORDS, EXPECTATIONS)) == (component, expected)


@pytest.mark.parametrize("text", ["Thanks a lot", "¡Gracias!", "Terima   kasih", "СПАСИБО"])
def test_thanks_are_heard_in_each_language(text: str) -> None:
    assert has(text, WORDS, "thanks")
    assert not has(text, WORDS, "complaint")


def test_every_rule_of_the_agreement_is_a_component_an_expectation_or_a_tone() -> None:
    assert set(WORDS) == {*COMPONENTS, *EXPECTATIONS, *TONES}


def test_a_word_is_a_signal_of_its_own_and_thanks_and_complaints_beside_it(agreed: Any) -> None:
    agreed.hand_over()
    says(agreed, 2, "Unacceptable: I had to wait for the technician.")
    assert told(agreed) == [
        ("score", True, "people", "opportunity"),
        ("complaint", True, "people", "opportunity"),
    ]
    look(agreed)
    assert len(told(agreed)) == 2
    assert agreed.ledger.broken_at() is None


def test_the_text_itself_stands_in_no_envelope(agreed: Any) -> None:
    agreed.hand_over()
    says(agreed, 2, "Unacceptable: canary-17, the technician was rude.")
    assert "canary-17" not in repr([entry.detail for entry in agreed.ledger.entries()])


def test_who_comes_again_about_the_same_product_says_so_without_a_word(agreed: Any) -> None:
    mine = {"title": "No signal", "product": "TEL-HOME", "customer": {"id": "C-7", "name": "Ana"}}
    agreed.stores["north"].create(mine)
    agreed.rest()
    look(agreed)
    agreed.later(13 * 24 * 3600)
    agreed.stores["north"].create({**mine, "title": "No signal again"})
    agreed.stores["north"].create({**mine, "title": "Another product", "product": "TEL-MOBILE"})
    agreed.stores["north"].create({**mine, "title": "Another customer", "customer": {"id": "C-8"}})
    agreed.rest()
    look(agreed)
    assert told(agreed) == [("repeat", False, None, None)]
    agreed.later(15 * 24 * 3600)
    agreed.stores["north"].create({**mine, "title": "much later"})
    agreed.rest()
    look(agreed)
    assert len(told(agreed)) == 1


def test_a_case_that_is_worked_on_again_says_so_where_the_customer_did_not(agreed: Any) -> None:
    agreed.hand_over()
    agreed.stores["south"].edit("1", {"state": "Solved"})
    agreed.rest()
    agreed.stores["south"].edit("1", {"state": "Open"})
    agreed.rest()
    look(agreed)
    assert told(agreed) == [("reopen", False, None, None)]


def test_a_person_says_what_a_word_is_about_and_it_stands_with_who_and_why(agreed: Any) -> None:
    agreed.hand_over()
    says(agreed, 2, "Hm.")
    (case_id,) = {entry.case_id for entry in agreed.ledger.entries() if entry.case_id}
    with agreed.ledger.transaction(agreed.clock()) as tx:
        of = signals.classify(tx, case_id, by("Tom", "she told me"), component="people", expected="quality")
    (entry,) = [one for one in agreed.ledger.entries() if one.kind == "classified"]
    heard = next(one.seq for one in [*agreed.ledger.entries()] if one.kind == "fed_back")
    assert of == heard
    assert dict(entry.detail) == {
        "of": heard, "who": "Tom", "why": "she told me", "component": "people", "expected": "quality",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"component": "peple"}, r"X512 'peple' is no component\.\n  Known: product, .*Did you mean 'people'"),
        ({"expected": "speed"}, r"X512 'speed' is no expectation\.\n  Known: quality, quantity, opportunity, cost"),
        ({}, r"X512 nothing is said of what it is about\.\n  Fix: give --component"),
        ({"component": "people", "of": 1}, r"X512 .*no signal is read from entry 1"),
        ({"component": "people"}, r"X512 .*there is no word of the customer's yet"),
    ],
)
def test_what_cannot_be_classified_is_told(agreed: Any, given: dict[str, Any], text: str) -> None:
    agreed.hand_over()
    (case_id,) = {entry.case_id for entry in agreed.ledger.entries() if entry.case_id}
    with agreed.ledger.transaction(agreed.clock()) as tx, pytest.raises(CannotDo, match=text):
        signals.classify(tx, case_id, by("Tom", "why"), **given)


def test_a_dispute_stands_in_the_case_s_story_in_the_words_of_x_790(agreed: Any) -> None:
    agreed.hand_over()
    (case_id,) = {entry.case_id for entry in agreed.ledger.entries() if entry.case_id}
    with agreed.ledger.transaction(agreed.clock()) as tx:
        signals.dispute(tx, case_id, "durationDisputed", by("Tom", "it was two days"), whose="customer")
    (entry,) = [one for one in agreed.ledger.entries() if one.kind == "disputed"]
    assert (entry.partner, entry.detail["dispute"], entry.detail["by"]) == ("north", "durationDisputed", "customer")
    with (
        agreed.ledger.transaction(agreed.clock()) as tx,
        pytest.raises(CannotDo, match=r"X513 'costDisputed' is no dispute\.\n  Known: durationDisputed, narrative"),
    ):
        signals.dispute(tx, case_id, "costDisputed", by("Tom", "why"), whose="customer")


def test_an_agent_disputes_in_a_field_of_its_own_tool(agreed: Any) -> None:
    partner = agreed.exchange.alliance.partners["north"]
    values = {"time": "durationDisputed", "work": "narrativeDisputed"}
    content = {**partner.mapping.content, "case": {**partner.mapping.content["case"]}}
    content["case"]["dispute"] = {"from": "complaint", "values": values}
    lens = lenses.compile(content, partner="north")
    agreed.exchange.alliance.partners["north"] = replace(partner, lens=lens)
    agreed.hand_over()
    agreed.stores["north"].edit("1", {"complaint": "work"})
    agreed.rest()
    for _ in range(2):
        look(agreed)
    (entry,) = [one for one in agreed.ledger.entries() if one.kind == "disputed"]
    assert (entry.partner, entry.detail["dispute"], entry.detail["by"]) == (
        "north",
        "narrativeDisputed",
        "contactPoint",
    )
    assert "complaint" not in agreed.only("south")
