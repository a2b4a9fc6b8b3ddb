"""The printed agreement: the same text in each language, whole, with its hash, and nothing in it that runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import html as parser

from hub.agreement import load_agreement
from hub.agreement_page import content, html, pdf
from hub.agreement_page.names import NAMES
from hub.agreement_page.words import LANGUAGES

AGREEMENT = load_agreement(Path(__file__).resolve().parents[2] / "agreement.yaml")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_language_tells_every_edge_promise_and_company_with_one_hash(language: str) -> None:
    said = content(AGREEMENT, "telvoz", language)
    page = parser.fromstring(html(said))
    assert page.get("lang") == language
    assert [card.get("id") for card in page.findall(".//section[@id]")][:4] == [
        "cable-to-telephone", "telephone-to-cable", "telephone-to-internet", "internet-to-telephone"
    ]  # fmt: skip
    assert len(page.findall(".//section[@id]")) == len(AGREEMENT.edges)
    assert len(page.findall(".//table")[0].findall("tbody/tr")) == len(AGREEMENT.commitments)
    assert AGREEMENT.text in page.text_content()
    assert "{" not in page.find("body").text_content()
    for company in AGREEMENT.partners.values():
        assert company.contact in page.text_content()


def test_a_companys_edition_is_in_its_own_language_and_has_its_own_edges_first() -> None:
    said = content(AGREEMENT, "brightnet")
    assert (said.language, said.edition) == ("ru", "Экземпляр компании Brightnet")
    assert [card.mine for card in said.cards] == [True] * 4 + [False] * 2
    assert said.cards[0].rows[0] == ("Какие обращения", "продукт: NET-100, NET-1000 или BUNDLE")


def test_a_language_that_nobody_wrote_is_english() -> None:
    assert content(AGREEMENT, "telvoz", "fr").language == "en"


def test_names_are_there_in_every_language() -> None:
    assert len({frozenset(names) for names in NAMES.values()}) == 1
    assert all(all(names.values()) for names in NAMES.values())


def test_the_pdf_is_the_same_bytes_each_time() -> None:
    said = content(AGREEMENT, "northcable")
    first = pdf(said)
    assert first.startswith(b"%PDF")
    assert first == pdf(said)


def test_a_text_of_the_agreement_is_no_markup() -> None:
    edge = AGREEMENT.edges[0].model_copy(update={"note": "<script>alert(1)</script> #panic()"})
    said = content(AGREEMENT.model_copy(update={"edges": (edge,)}), "telvoz")
    assert "<script>alert" not in html(said)
    assert pdf(said).startswith(b"%PDF")


def test_who_signed_stands_on_it() -> None:
    row = content(AGREEMENT, "telvoz").signatures[1]
    assert row == ("Telvoz", "", "", "")
