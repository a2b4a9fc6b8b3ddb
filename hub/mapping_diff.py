"""Two versions of one mapping over the same records: what each path would read, and be written as, in the one and the
other.

The records are the partner's examples and, where a ledger is given, those of its open cases and its parked ones, as
last seen. Only looked at: nothing is written, nobody is asked. The lists of kept records (notes, answers, files) are
not kept with them, so these are compared on examples. Next: `mapping_diff_showing.py`, which says it;
`mapping_replay.py`, which does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hub.ledger import Ledger
from hub.mapping_map import each, standing_for, their_word
from hub.mapping_records import open_links, waiting
from hub.mapping_version import Version
from mappings.declare_shape import Rule
from mappings.errors import MappingError, shown
from mappings.examples import MEMBERS
from mappings.lens import Body
from mappings.ops_values import Table

Source = Literal["example", "case", "parked"]
What = Literal["new", "gone", "reads", "refused", "fits", "writes", "member"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A record to try. name: the example's, or the number that the partner's agents know."""

    source: Source
    name: str
    body: Body


@dataclass(slots=True)
class Difference:
    """One path that comes out otherwise, with the first record that shows it. told: why it is refused.

    what: `new` or `gone` (mapped in one version only), `reads`, `refused` (would be parked now), `fits` (was parked),
    `writes` (the same value goes back as another word), `member` (of a list).
    """

    what: What
    path: str
    at: str
    example: str
    word: Any
    before: Any
    after: Any
    told: str = ""
    seen: dict[Source, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs. samples: how many records of each source were tried."""

    before: Version
    after: Version
    samples: Mapping[Source, int]
    differences: Sequence[Difference]


def samples(version: Version, ledger: Ledger | None) -> list[Sample]:
    """The partner's examples and, with a ledger, the records of its open cases and its parked ones."""
    found = [
        Sample("example", str(example.get("name", number)), example["body"])
        for number, example in enumerate(version.examples(), 1)
        if isinstance(example, Mapping) and isinstance(example.get("body"), Mapping)
    ]
    if ledger is not None:
        found += [Sample("case", link.number or link.native_id, link.base) for link in open_links(ledger, version.name)]
        parked = waiting(ledger, version.name)
        found += [Sample("parked", one.native_id, one.record.body) for one in parked if one.record is not None]
    return found


def compare(before: Version, after: Version, tried: Sequence[Sample]) -> Diff:
    """All that differs, the gravest first, then by path; the words of a table one by one."""
    pair = _Pair(before, after, _rules(before), _rules(after))
    found: dict[tuple[str, ...], Difference] = {}
    for sample in tried:
        for key, one in {pair.key(one): one for one in pair.of_sample(sample)}.items():
            kept = found.setdefault(key, one)
            if sample.source != "example" and set(kept.seen) == {"example"}:
                found[key] = kept = replace(one, seen=kept.seen)  # a live case says more than an example does
            kept.seen[sample.source] = kept.seen.get(sample.source, 0) + 1
    for one in pair.of_tables():
        found.setdefault(pair.key(one), one)
    shown_already = {one.path for one in found.values()}
    for one in pair.of_paths():
        if one.path not in shown_already:
            found[pair.key(one)] = one
    grave: tuple[What, ...] = ("refused", "gone", "reads", "new", "fits", "member", "writes")
    ranked = sorted(found.values(), key=lambda one: (grave.index(one.what), one.path))
    counts: dict[Source, int] = {}
    for sample in tried:
        counts[sample.source] = counts.get(sample.source, 0) + 1
    return Diff(before, after, counts, ranked)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both versions, with their rules by path."""

    before: Version
    after: Version
    old: Mapping[str, Rule]
    new: Mapping[str, Rule]

    def key(self, one: Difference) -> tuple[str, ...]:
        """What is told and counted as one thing."""
        if one.path.endswith(".visibility"):
            return (one.what, one.path, str(one.before), str(one.after))
        rule = self.new.get(one.path) or self.old.get(one.path)
        by_word = rule is not None and isinstance(rule.op, Table)
        return (one.what, one.path, str(one.word)) if by_word else (one.what, one.path)

    def of_sample(self, sample: Sample) -> Iterator[Difference]:
        """What of one record comes out otherwise."""
        was, wrong = each(self.before.lens, sample.body)
        now, refused = each(self.after.lens, sample.body)
        for path in sorted({*was, *wrong, *now, *refused}):
            version, rule = (self.after, self.new[path]) if path in self.new else (self.before, self.old[path])
            word, what = their_word(rule, sample.body), _what(path, was, wrong, now, refused)
            if what is not None:
                why = refused.get(path) or wrong.get(path)
                at, told = version.place(rule.place), why.message if why else ""
                yield Difference(what, path, at, sample.name, word, was.get(path), now.get(path), told)
            elif was.get(path) is not None and path in self.old and path in self.new:
                yield from self._of_write(path, was[path], sample.name)
        yield from _of_lists(self.before, self.after, sample)

    def of_tables(self) -> Iterator[Difference]:
        """Every value of every table, for those that no record has just now."""
        for path, rule in self.new.items():
            earlier = self.old.get(path)
            if earlier is None or rule.read_only:
                continue
            if isinstance(rule.op, Table) and isinstance(earlier.op, Table):
                for value in dict.fromkeys((*earlier.op.written, *rule.op.written)):
                    yield from self._of_write(path, value, "")

    def of_paths(self) -> Iterator[Difference]:
        """Paths that only one version maps, whether or not a record has them."""
        for path in sorted(self.old.keys() ^ self.new.keys()):
            if path in self.new:
                yield Difference("new", path, self.after.place(self.new[path].place), "", None, None, None)
            else:
                yield Difference("gone", path, self.before.place(self.old[path].place), "", None, None, None)
        old, new = (_sections(version) for version in (self.before, self.after))
        for section in sorted(old ^ new):
            what: What = "new" if section in new else "gone"
            version = self.after if section in new else self.before
            yield Difference(what, section, version.place((section,)), "", None, None, None)

    def _of_write(self, path: str, value: Any, name: str) -> Iterator[Difference]:
        """The same value in their words, by both versions."""
        one, other = _written(self.before, self.old[path], value), _written(self.after, self.new[path], value)
        if one != other:
            yield Difference("writes", path, self.after.place(self.new[path].place), name, value, one, other)


def _what(
    path: str, was: Mapping[str, Any], wrong: Mapping[str, Any], now: Mapping[str, Any], refused: Mapping[str, Any]
) -> What | None:
    """What became of a path; None where it reads as it did."""
    if path in refused:
        return None if path in wrong else "refused"
    if path in wrong:
        return "fits" if path in now else "gone"
    if path not in was:
        return "new" if now[path] is not None else None
    if path not in now:
        return "gone" if was[path] is not None else None
    return "reads" if was[path] != now[path] else None


def _written(version: Version, rule: Rule, value: Any) -> str:
    """A value as it would be written, with the field that it goes to."""
    try:
        patch = version.lens.to_partner({rule.path: value}, {})
    except MappingError as error:
        return f"refused ({error.code})"
    after = version.lens.apply({}, patch)
    return f"{standing_for(rule, after).field}: {shown(their_word(rule, after))}" if patch.body else ""


def _of_lists(before: Version, after: Version, sample: Sample) -> Iterator[Difference]:
    """Members of lists by what they say, and to whom."""
    for section in sorted(_sections(before) & _sections(after)):
        one, parts = MEMBERS[section]
        old, new = _members(before, section, sample.body), _members(after, section, sample.body)
        for native_id in dict.fromkeys((*old, *new)):
            was, now = old.get(native_id), new.get(native_id)
            for part, name in parts.items():
                before_it, after_it = (None if each is None else getattr(each, name) for each in (was, now))
                if before_it != after_it and part not in {"id", "ref"}:
                    told = f"{sample.name}, {one} {native_id}"
                    at = after.place((section,))
                    yield Difference("member", f"{one}.{part}", at, told, None, before_it, after_it)


def _sections(version: Version) -> set[str]:
    return {each.section for each in version.lens.lists.declared}


def _members(version: Version, section: str, body: Body) -> dict[str, Any]:
    (listing,) = (each for each in version.lens.lists.declared if each.section == section)
    try:
        return {member.native_id: member for member in listing.read_all(body)}
    except MappingError:
        return {}


def _rules(version: Version) -> dict[str, Rule]:
    return {rule.path: rule for rule in version.lens.rules}
