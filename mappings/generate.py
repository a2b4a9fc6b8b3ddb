"""Words and values to try a mapping on: drawn from what each rule declares, the same in every run.

`words` are theirs, `values` are ours; both hold the corners (hostile texts, ends of a range, every word of a table)
before they hold what is drawn. `records` are whole records of theirs. What a partner's system says of its fields, where
that is known, bounds what is drawn. Pure: the caller brings the source of chance. Next: `laws_generated.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

from mappings.case import PICKLISTS
from mappings.declare_shape import Rule, expected
from mappings.description import Described
from mappings.errors import Unfit
from mappings.generate_lists import Pools, apart, audience_words, members, part_rules
from mappings.lens import Body, Lens
from mappings.ops_cut import Cut
from mappings.ops_format import Formatted
from mappings.ops_list import Listing
from mappings.ops_number import Number
from mappings.ops_python import Named
from mappings.ops_text import Constant, Flag
from mappings.ops_time import Epoch, Iso, Patterned
from mappings.ops_unit import Measured
from mappings.ops_values import Table
from mappings.paths import getter
from mappings.slots import replaced

CORNERS: tuple[str, ...] = (
    "a", " ", "  two  blanks  ", "Ana Gómez", "Ana / Gómez", "e\u0301", "é", "😀", "👨‍👩‍👧", "\u202eabc", "\ufeffBOM",
    "a\r\nb", "line\n\nline", "tab\there", "<b>bold</b> & <i>more</i>", "</p><script>x</script>", "&amp;lt;",
    "*a* _b_ `c`",
    "# heading", "1. one\n- two", "[link](http://x)", "\\", '"quoted"', "'", "=1+1", "null", "NaN", "0", "-1", "Ж" * 40,
    "a\u0000b", "x" * 300, "x" * 33_000,
)  # fmt: skip
"""Texts that systems have been seen to change. One of them, with a NUL, must be refused everywhere."""
MARKED: tuple[str, ...] = (
    "<p>one</p><p>two &amp; <b>three</b></p>", "a<br>b<br/>c", "<ul><li>x<li>y</ul>", "&nbsp;&#32;&#10;", "<!-- x -->y",
    "<div>" * 50 + "deep" + "</div>" * 50, "**bold** and *thin* [text](http://x) `code`", "# Title\n\n> quote\\\nhard",
)  # fmt: skip
_ALPHABET = "abc XYZ 09 äßñЖя中😀e\u0301 -/.,;:!?'\"<>&*_[]()#`\\\n\t"
_FIRST = datetime(1971, 1, 1, tzinfo=UTC)
_FRESH, _DRAWN, _EMPTY, _LONG = 100, 12, 0.2, 1000
_SECONDS = 60 * 60 * 24 * 365 * 100


def words(
    rule: Rule, chance: Random, number: int, described: Described | None = None, seen: tuple[Any, ...] = ()
) -> Iterator[Any]:
    """Words that their field may hold, corners first; none empty. seen: words of real records."""
    op = rule.op
    yield from seen
    if isinstance(op, Constant):
        return
    if isinstance(op, Table):
        yield from op.words
        return
    if described is not None and described.values:
        yield from described.values
        return
    if isinstance(op, Flag):
        yield from (True, False)
        return
    if isinstance(op, (Formatted, Named)):
        yield from MARKED
    most = described.length if described is not None else None
    for value in values(rule, chance, number):
        if isinstance(op, (Iso, Patterned, Epoch, Measured)):
            yield op.inverse(value)
        elif isinstance(op, Number):
            yield format(value, "f") if op.written == "text" else value
        elif isinstance(value, str) and (most is None or len(value) <= most):
            yield value


def values(rule: Rule, chance: Random, number: int) -> Iterator[Any]:
    """Values of ours that may have to be written, corners first; none empty."""
    op, path = rule.op, rule.path
    match expected(path):
        case "word":
            yield from (str(word) for word in PICKLISTS[path])
        case "flag":
            yield from (True, False)
        case "score":
            yield from range(1, 6)
        case "number" | "size":
            yield from _numbers(op, chance, number)
        case "time":
            for _ in range(number):
                yield _moment(chance)
        case _ if isinstance(op, Constant):
            yield op.value
        case _ if isinstance(op, Table):
            yield from op.written
        case _ if isinstance(op, Flag):
            yield from (True, False)
        case _ if isinstance(op, Number):
            yield from _numbers(op, chance, number)
        case _:
            yield from CORNERS
            for _ in range(number):
                yield _text(chance, op.at + 20 if isinstance(op, Cut) else 40)


def records(
    lens: Lens, chance: Random, number: int, fields: Mapping[str, Described], bodies: Sequence[Body]
) -> Iterator[dict[str, Any]]:
    """Records of theirs: each field has a word or, where it may, none; and there are fields that no mapping knows.
    What is drawn for single fields is drawn anew for every hundred records."""
    pools: list[tuple[Rule, Rule, str | None, list[Any]]] = []
    lists: list[tuple[Listing, Pools]] = []
    for made in range(number):
        if made % _FRESH == 0:
            pools = [(whole, rule, word, _fitting(rule, chance, fields, bodies)) for whole, rule, word in _fields(lens)]
            lists = [(listing, list_pools(listing, chance)) for listing in apart(lens.lists)]
        body: dict[str, Any] = {"unknown to the mapping": {"kept": [1, None, "x"]}}
        turn = {whole.path: chance.choice(whole.branches).place for whole in lens.rules if whole.choice}
        for whole, rule, word, pool in pools:
            if whole.choice is not None and turn[whole.path] == rule.place:
                body = replaced(body, whole.choice.at, word)
            if pool and (whole.required or chance.random() > _EMPTY):
                body = _holding(rule, body, chance.choice(pool))
        for listing, parts in lists:
            body = replaced(body, listing.at, members(listing, parts, chance))
        yield body


def list_pools(listing: Listing, chance: Random) -> Pools:
    """Words for each part of a list's members."""
    drawn = {key: (rule.at, _fitting(rule, chance, {}, ())) for key, rule in part_rules(listing)}
    return drawn | dict(audience_words(listing))


def _holding(rule: Rule, body: dict[str, Any], word: Any) -> dict[str, Any]:
    """The record with this word in it; without, where its parts could not be told apart there."""
    try:
        return stored(rule, body, word)
    except Unfit:
        return body


def _fields(lens: Lens) -> Iterator[tuple[Rule, Rule, str | None]]:
    """Each rule that reads a field of theirs, the whole it belongs to, and the word under which it stands."""
    for whole in lens.rules:
        words_of = {} if whole.choice is None else {rule.place: word for word, rule in whole.choice.by_word.items()}
        for rule in whole.branches:
            if rule.at:
                yield whole, rule, words_of.get(rule.place, "another") if whole.choice else None


def _fitting(rule: Rule, chance: Random, fields: Mapping[str, Described], bodies: Sequence[Body]) -> list[Any]:
    """Words for whole records: what no system lets through, and what no field holds, is tried on single rules only."""
    seen = [word for body in bodies if (word := _seen(rule, body)) is not None]
    drawn = words(rule, chance, _DRAWN, fields.get(rule.field), tuple(seen) if isinstance(rule.op, Named) else ())
    return [word for word in drawn if (not isinstance(word, str) or len(word) <= _LONG) and _crosses(rule, word)]


def _crosses(rule: Rule, word: Any) -> bool:
    """Whether a word is let in and, where it is written, out."""
    try:
        value = rule.op.forward(word)
        if not rule.read_only:
            rule.op.inverse(value)
    except Unfit:
        return False
    return True


def stored(rule: Rule, body: Body, word: Any) -> dict[str, Any]:
    """The record once it holds this word in the field of this rule."""
    return replaced(body, rule.at, word) if rule.slot is None else rule.slot.store(body, word)


def _seen(rule: Rule, body: Body) -> Any:
    return (getter(rule.at) if rule.slot is None else rule.slot.look)(body) if rule.at else None


def _numbers(op: object, chance: Random, number: int) -> Iterator[Any]:
    whole = isinstance(op, Number) and op.kind == "integer"
    yield from (0, 1, 35, 10**9) if whole else (Decimal(0), Decimal("0.5"), Decimal("12.50"), Decimal(10**9))
    for _ in range(number):
        yield chance.randrange(10**6) if whole else Decimal(chance.randrange(10**8)).scaleb(-chance.randrange(5))


def _moment(chance: Random) -> datetime:
    zone = timezone(timedelta(minutes=15 * chance.randrange(-48, 57)))
    moment = _FIRST + timedelta(seconds=chance.randrange(_SECONDS), microseconds=chance.choice((0, 250_000, 999_999)))
    return moment.astimezone(zone)


def _text(chance: Random, most: int) -> str:
    return "".join(chance.choice(_ALPHABET) for _ in range(chance.randint(1, most)))
