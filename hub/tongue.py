"""What the hub says to people, in their language: sentences by gettext catalogue, numbers and dates by CLDR.

    say = tongue("es")
    say("Written {when}.", when="...")     say.many("{n} case", "{n} cases", 3)     say.number(1234.5)

The English sentence is the key. A catalogue is `catalogues/LANGUAGE.po`, read as it is: nothing is compiled at set-up,
and a further file is a further language. What a catalogue lacks is said in English. Values are put in after the
sentence was found, so that no value is ever read as a sentence or a placeholder.
Pure but for reading its own files. Next: `report/words.py`, which says most.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "catalogues"
SOURCE = "en"
"""The language that the sentences are written in."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language. locale: whose numbers and dates; English ones are those of Britain."""

    language: str
    locale: Locale
    _said: NullTranslations

    def __call__(self, sentence: str, **values: object) -> str:
        """The sentence, with the values at its places."""
        return self._said.gettext(sentence).format(**values) if values else self._said.gettext(sentence)

    def many(self, one: str, more: str, n: int | float, **values: object) -> str:
        """The form of the sentence that goes with this number, which stands at {n}."""
        whole = int(n) if n == int(n) else 2
        return self._said.ngettext(one, more, whole).format(n=self.number(n), **values)

    def number(self, value: int | float, digits: int = 1) -> str:
        """1,234 or 12.5, as the language writes it. digits: after the point, of what is no whole number."""
        shown = "#,##0" if isinstance(value, int) else f"#,##0.{'0' * digits}" if digits else "#,##0"
        return str(numbers.format_decimal(value, format=shown, locale=self.locale))

    def named(self, skeleton: str, at: datetime) -> str:
        """A time by CLDR's skeleton: yMMMM, MMMd, EEEE and the like. at: local already."""
        return str(dates.format_skeleton(skeleton, at.replace(tzinfo=None), locale=self.locale))


def languages() -> tuple[str, ...]:
    """Those that are spoken here, English first."""
    return (SOURCE, *sorted(path.stem for path in CATALOGUES.glob("*.po")))


def catalogue(language: str) -> Catalog:
    """The catalogue as it stands. Raises OSError where there is none."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def tongue(language: str) -> Tongue:
    """The language as one of `languages`. Raises KeyError where it is not spoken."""
    if language not in languages():
        raise KeyError(language)
    if language == SOURCE:
        return Tongue(language, Locale.parse("en_GB"), NullTranslations())
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Tongue(language, Locale.parse(language), GNUTranslations(compiled))


def sentence(text: str) -> str:
    """The text as it is: marks, for the catalogues, what is kept here and said elsewhere."""
    return text
