"""Members of lists to try a mapping on: notes, answers and files, drawn from what each list declares.

Next: `generate.py`, which puts them into records; `laws_lists.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from mappings.declare_lists import SECTIONS, Lists
from mappings.declare_shape import Rule
from mappings.ops_list import Listing
from mappings.paths import At, put

_MOST, _EMPTY = 3, 0.2
UNKNOWN = "a word that no table names"

Pools = Mapping[str, tuple[At, list[Any]]]
"""Of each part that stands somewhere: where, and words that it may hold."""


def part_rules(listing: Listing) -> Iterator[tuple[str, Rule]]:
    """Each part of a member that stands somewhere, as if it were a line of the case."""
    section = SECTIONS[listing.section]
    for key, part in listing.parts.items():
        if part.at:
            place = (listing.section, key)
            yield key, Rule(section.like[key], part.at, part.op, place, read_only=key not in section.written)


def apart(lists: Lists) -> list[Listing]:
    """The lists that no other shares its field with: what is drawn for one would be nothing for the other."""
    taken = [each.at for each in lists.declared]
    return [each for each in lists.declared if taken.count(each.at) == 1]


def members(listing: Listing, pools: Pools, chance: Random) -> list[dict[str, Any]]:
    """Some members, with an id of its own each; none where a part that each must have can hold nothing."""
    section = SECTIONS[listing.section]
    found: list[dict[str, Any]] = []
    for number in range(chance.randint(0, _MOST)):
        member: dict[str, Any] = {"unknown to the mapping": [1]}
        put(member, listing.id, chance.choice((number, str(number))))
        for key, (at, words) in pools.items():
            if not words and key in section.needed:
                return []
            if words and (key in section.needed or chance.random() > _EMPTY):
                put(member, at, chance.choice(words))
        found.append(member)
    return found


def audience_words(listing: Listing) -> Pools:
    """Words for who may read a member, one of them unknown."""
    if listing.readers is None:
        return {}
    at, audience = listing.readers
    return {"visibility": (at, [*audience.table.words, UNKNOWN])}
