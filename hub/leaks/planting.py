"""Marked words put into a company's records in its own words: each mapped field, each kind of note, each file.

A field that takes no marked word (a list of words, a time, three letters of a currency) gets one that it takes: whether
it may be written at all is looked at then. Next: `story.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.files import Files
from hub.leaks.canaries import Aviary
from hub.leaks.standins import StandIn
from mappings.case import PICKLISTS, Visibility
from mappings.declare_shape import Rule, expected, is_never_written, is_told
from mappings.errors import MappingError
from mappings.ops_text import Constant
from mappings.ops_values import Table
from mappings.paths import put

NOT_DRAWN = frozenset({"id", "holder", "status", "statusChangeDate", "test", "feedback.score", "feedback.date"})
"""Paths that the story itself sets, or that close a case."""
PLAIN: Mapping[str, Any] = {"cost.units": "EUR", "effort.units": "min"}
LATER = datetime(2031, 3, 7, 4, 51, 37, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Planter:
    """Plants for one company."""

    aviary: Aviary
    at: StandIn

    @property
    def name(self) -> str:
        """Whose words they are."""
        return self.at.partner.name

    def values(self, case: str, fixed: Mapping[str, Any], only: frozenset[str] | None = None) -> dict[str, Any]:
        """A word for each path that is mapped and written, as our values. fixed: what has to be so. only: these."""
        found: dict[str, Any] = {}
        for rule in self.at.partner.lens.rules:
            path = rule.path
            if path in NOT_DRAWN or is_told(path) or is_never_written(path) or rule.read_only:
                continue
            if path in fixed or (only is not None and path not in only):
                continue
            word = self._word(rule, case)
            if word is not None:
                found[path] = word
        paths = self.at.partner.lens.paths
        return found | {path: value for path, value in fixed.items() if path in paths}

    def _word(self, rule: Rule, case: str) -> Any:
        for branch in rule.branches:
            op, kind = branch.op, expected(rule.path)
            if isinstance(op, Constant):
                return op.value
            if isinstance(op, Table) and op.written:
                return sorted(op.written, key=str)[0]
            if kind == "word":
                return PICKLISTS[rule.path][0]
            if kind in {"time", "flag"}:
                return LATER if kind == "time" else None
            word = self.aviary.number if kind == "number" else None
            marked = word(self.name, case, rule.path) if word else self.aviary.word(self.name, case, "field", rule.path)
            if self._takes(rule.path, marked):
                return marked
            self.aviary.forget(str(marked))
        plain = PLAIN.get(rule.path)
        return plain if plain is not None and self._takes(rule.path, plain) else None

    def _takes(self, path: str, value: Any) -> bool:
        try:
            lens = self.at.partner.lens
            return bool(lens.look(path, lens.apply({}, lens.to_partner({path: value}, {}))) == value)
        except MappingError:
            return False

    def create(self, case: str, fixed: Mapping[str, Any]) -> str:
        """A record with a marked word in each field; its native id."""
        lens = self.at.partner.lens
        values = {"status": "acknowledged", "holder": self.name, **self.values(case, fixed)}
        native_id = self.at.store.create(lens.apply({}, lens.to_partner(values, None)))
        self.number(case, native_id)
        return native_id

    def edit(self, native_id: str, values: Mapping[str, Any]) -> None:
        """An agent's edit of these paths, in the company's words."""
        lens, body = self.at.partner.lens, self.at.store.body(native_id)
        patch = lens.to_partner({path: value for path, value in values.items() if path in lens.paths}, lens.trim(body))
        if patch.paths:
            self.at.store.edit(native_id, lens.apply({}, patch))

    def number(self, case: str, native_id: str) -> None:
        """A marked word as the number that its agents know the case by."""
        number = self.at.store.system.names.number
        self.at.store.edit(native_id, {number: self.aviary.word(self.name, case, "number")})

    def notes(self, case: str, native_id: str) -> dict[Visibility, str]:
        """A note of each visibility that their words have; visibility -> its native id."""
        notes, made = self.at.partner.lens.notes, dict[Visibility, str]()
        for visibility in Visibility if notes is not None else ():
            assert notes is not None
            if not notes.audience.takes(visibility):
                continue
            text = f"told so: {self.aviary.word(self.name, case, 'note', visibility)}"
            word, words = notes.audience.write(visibility, text)
            body: dict[str, Any] = {}
            put(body, notes.text.at, notes.text.op.inverse(words))
            if notes.seen:
                put(body, notes.seen, word)
            author = self.aviary.word(self.name, case, "note author", visibility)
            made[visibility] = self.at.store.add_note(native_id, body, by=author)
        if notes is not None and notes.seen and notes.audience.table.type is str:
            body = {}
            put(body, notes.text.at, notes.text.op.inverse(self.aviary.word(self.name, case, "note", "unknown")))
            put(body, notes.seen, "a word that nobody knows")
            self.at.store.add_note(native_id, body, by="agent")
        return made

    def files(self, case: str, native_id: str) -> None:
        """A file of each visibility that their words have, marked in its name and in its bytes."""
        lens, declared = self.at.partner.lens, self.at.store.system.files
        if lens.attachments is None or not isinstance(declared, Files):
            return
        for visibility in Visibility:
            name = f"{self.aviary.word(self.name, case, 'file name', visibility)}.txt"
            try:
                told = lens.to_attachment(name=name, mime_type="text/plain", visibility=visibility)
            except MappingError:
                continue
            raw = f"what is in it: {self.aviary.word(self.name, case, 'file', visibility)}\n".encode()
            author = self.aviary.word(self.name, case, "file author", visibility)
            self.at.store.add_file(native_id, told, raw, by=author)

    def unknown_word(self, case: str, native_id: str) -> dict[str, Any]:
        """A word that no table has, in a field that has one: their fields as they were. Empty where none is mapped."""
        for rule in self.at.partner.lens.rules:
            if isinstance(rule.op, Table) and rule.at and rule.path not in NOT_DRAWN and rule.slot is None:
                if is_told(rule.path) or rule.op.keep:
                    continue
                before = self.at.store.body(native_id)
                for step in rule.at:
                    before = before.get(step) if isinstance(before, dict) else None  # type: ignore[assignment]
                self.at.store.edit(native_id, {rule.field: self.aviary.word(self.name, case, "misfit", rule.path)})
                return {rule.field: before}
        return {}
