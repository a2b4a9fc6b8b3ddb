"""What a customer's text is about: a component of the service, what he had expected, whether he thanks or complains.

By the beginnings of words that the agreement declares, of any language. Those found most often decide; where two are
even, the one that is declared first. A text in which none is found is of no kind: a person says which. Pure.
Next: `closing.py` (the words), `signals.py` (what becomes of it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import get_args
from unicodedata import normalize

from hub.closing import Component, Expectation, Tone

COMPONENTS: tuple[str, ...] = get_args(Component)
EXPECTATIONS: tuple[str, ...] = get_args(Expectation)
TONES: tuple[str, ...] = get_args(Tone)


def most(text: str, words: Mapping[str, Sequence[str]], among: Iterable[str]) -> str | None:
    """The one of these whose words stand there most often, or None."""
    wanted, plain, best, count = frozenset(among), _plain(text), None, 0
    for name, beginnings in words.items():
        found = len(_pattern(tuple(beginnings)).findall(plain)) if name in wanted and beginnings else 0
        if found > count:
            best, count = name, found
    return best


def has(text: str, words: Mapping[str, Sequence[str]], name: str) -> bool:
    """Whether a word of this one stands there."""
    return most(text, words, (name,)) is not None


@lru_cache(maxsize=256)
def _pattern(beginnings: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(_plain(one)) for one in beginnings)})")


def _plain(text: str) -> str:
    """In small letters, without accents, blanks as one: `Después` is despues."""
    apart = normalize("NFKD", " ".join(text.casefold().split()).replace("й", "\0"))
    return "".join(sign for sign in apart if not 0x300 <= ord(sign) <= 0x36F).replace("\0", "й")
