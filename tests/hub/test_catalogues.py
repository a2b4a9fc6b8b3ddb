"""The catalogues: whole, in step with the code, and their placeholders the sentences' own."""

from __future__ import annotations

from datetime import UTC, datetime
from string import Formatter

import pytest
from lxml import html

from hub.periods import Period
from hub.reference.catalogues import sentences, updated
from hub.report.forms import forms
from hub.report.words import Words
from hub.rollup import rollup
from hub.tongue import CATALOGUES, SOURCE, catalogue, languages, tongue
from hub.worked import worked

OTHERS = [language for language in languages() if language != SOURCE]
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SAMPLE = [
    "a 09:00 opened north", "a 09:01 offered north>south", "b 10:00 opened south", "c 11:00 opened south",
    "d 11:00 opened south", "e 11:00 opened south", "a 12:20 resolved south",
]  # fmt: skip


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_says_every_sentence_and_no_other_with_the_same_placeholders(language: str) -> None:
    kept = {message.id: message.string for message in catalogue(language) if message.id}
    wanted = [message.id for message in sentences() if message.id]
    assert [one for one in wanted if not all(as_forms(kept.get(one) or ""))] == [], "make catalogues, then translate"
    assert sorted(map(str, kept.keys() - set(wanted))) == []
    for one in wanted:
        for form in as_forms(kept[one]):
            assert fields(form) == fields(as_forms(one)[-1]), one
    assert (CATALOGUES / f"{language}.po").read_bytes() == updated(language)


def as_forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text),)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "5 cases came in and 1 was resolved; 4 are open at the end."),
        ("es", "Entraron 5 casos y se resolvió 1; 4 quedan abiertos al final."),
        ("ms", "5 kes masuk dan 1 diselesaikan; 4 masih terbuka pada akhirnya."),
        ("ru", "Поступило 5 обращений, решено 1; в конце открыто 4."),
    ],
)
def test_a_report_is_in_its_readers_language_with_its_numbers_and_dates(language: str, said: str) -> None:
    of = rollup(worked(*SAMPLE), Period.parse("all"))
    (form,) = forms(of, ["html"], now=NOW, words=Words(tongue(language)))
    page = html.fromstring(form.body.decode())
    assert page.get("lang") == language
    assert said in " ".join(page.text_content().split())
    shown = {"en": ("1,234.5", "3 h 20 min", "Monday, 23 November 2026"), "es": ("1.234,5", "3 h 20 min",
             "Lunes, 23 de noviembre de 2026"), "ms": ("1,234.5", "3 j 20 min", "Isnin, 23 November 2026"),
             "ru": ("1\u00a0234,5", "3 ч 20 мин", "Понедельник, 23 ноября 2026\u202fг.")}[language]  # fmt: skip
    words = Words(tongue(language))
    assert (words.number(1234.5), words.duration(12_000), words.period(Period.parse("2026-11-23"))) == shown


def test_a_value_is_never_read_as_a_sentence_or_a_placeholder() -> None:
    assert tongue("es")("Rollup: {period}", period="{period.__class__}") == "Informe: {period.__class__}"
