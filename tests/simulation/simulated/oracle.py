"""The oracle stands outside the hub and remembers every act of a person, and what the hub's writes did to it.

Of each edit it knows in the end whether its own side superseded it, whether the hub wrote over it in a window that the
company's abilities leave open, or whether the hub has to account for it. Knows the stores, not the ledger.
Next: `laws.py`, which asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulated.companies import TEXTS, meant

Key = tuple[str, str]
"""(company, native id)."""


@dataclass(slots=True)
class Edit:
    """A person's word in one field. head: the ledger's newest entry then; seq: the record's change in its store.

    fate: "" where the hub has to account for it, else why it need not.
    """

    company: str
    native_id: str
    field: str
    value: Any
    head: int
    seq: int
    fate: str = ""


@dataclass(slots=True)
class Written:
    """A note that a person wrote. texts: all it ever said; audiences: all it ever had; last of each: now, unless a
    person deleted it."""

    company: str
    native_id: str
    note_id: str
    texts: list[str]
    audiences: list[str]
    dropped: bool = False


@dataclass(slots=True)
class Oracle:
    """carried: texts that the hub wrote somewhere. said: (company, text) of all that people wrote. told: (company,
    text) of notes that the hub sent there though it had read that they are private. goes_on: record -> the one that
    its people made to go on in its place. gone_once:
    records that a person ended, restored or not. head: asks for the ledger's newest
    entry. seq: asks for the last change of a record in its store. seen: asks what the hub last saw in a record.
    flying: asks what the hub may be writing to it.
    """

    head: Callable[[], int]
    seq: Callable[[str, str], int]
    seen: Callable[[str, str], Mapping[str, Any]]
    flying: Callable[[str, str], Sequence[Mapping[str, Any]]]
    edits: list[Edit] = field(default_factory=list)
    notes: list[Written] = field(default_factory=list)
    origins: set[Key] = field(default_factory=set)
    deleted: set[Key] = field(default_factory=set)
    gone_once: set[Key] = field(default_factory=set)
    merges: dict[Key, str] = field(default_factory=dict)
    goes_on: dict[Key, str] = field(default_factory=dict)
    windows: int = 0
    doubling: set[tuple[str, str]] = field(default_factory=set)
    carried: set[Any] = field(default_factory=set)
    said: set[tuple[str, Any]] = field(default_factory=set)
    told: list[tuple[str, str]] = field(default_factory=list)
    closings: list[tuple[str, str]] = field(default_factory=list)
    _last: dict[tuple[str, str, str], Edit] = field(default_factory=dict)

    def created(self, company: str, native_id: str, fields: Mapping[str, Any]) -> None:
        self.origins.add((company, native_id))
        for name, value in fields.items():
            if name not in {"customer"}:
                self.edited(company, native_id, name, value)

    def edited(self, company: str, native_id: str, name: str, value: Any) -> None:
        before = self._last.get((company, native_id, name))
        if before is not None and not before.fate:
            before.fate = "superseded"
        edit = Edit(company, native_id, name, value, self.head(), self.seq(company, native_id))
        if name in TEXTS:
            self.said.add((company, value))
        else:
            edit.fate = self._indistinct(edit)
        self.edits.append(edit)
        self._last[company, native_id, name] = edit

    def _indistinct(self, edit: Edit) -> str:
        """Why nobody can tell this word from none: it says what was there before, or what we may be writing."""
        if meant(edit.field, self.seen(edit.company, edit.native_id).get(edit.field)) == meant(edit.field, edit.value):
            return "as it was"
        word = meant(edit.field, edit.value)
        if any(meant(edit.field, body.get(edit.field)) == word for body in self.flying(edit.company, edit.native_id)):
            return "as we write it"
        return ""

    def sending(self, company: str, native_id: str, body: Mapping[str, Any]) -> None:
        """The hub sends this: who said the same before it was seen cannot be told from its coming back."""
        for name, value in body.items():
            edit = self._last.get((company, native_id, name))
            if (
                edit is not None
                and not edit.fate
                and name not in TEXTS
                and meant(name, edit.value) == meant(name, value)
            ):
                edit.fate = "as we write it"

    def noted(self, company: str, native_id: str, note_id: str, text: str, audience: str) -> None:
        self.notes.append(Written(company, native_id, note_id, [text], [audience]))

    def _note(self, company: str, native_id: str, note_id: str) -> Written:
        return next(n for n in self.notes if (n.company, n.native_id, n.note_id) == (company, native_id, note_id))

    def rewritten(self, company: str, native_id: str, note_id: str, text: str) -> None:
        self._note(company, native_id, note_id).texts.append(text)

    def flipped(self, company: str, native_id: str, note_id: str, audience: str) -> None:
        self._note(company, native_id, note_id).audiences.append(audience)

    def dropped(self, company: str, native_id: str, note_id: str) -> None:
        self._note(company, native_id, note_id).dropped = True

    def ended(self, company: str, native_id: str) -> None:
        """A person ended the record: what its agents had said on it is superseded by that."""
        self.deleted.add((company, native_id))
        self.gone_once.add((company, native_id))
        for edit in self.edits:
            if (edit.company, edit.native_id) == (company, native_id) and not edit.fate:
                edit.fate = "ended"

    def merged(self, company: str, native_id: str, into: str, *, fresh: bool) -> None:
        """fresh: into a record that was made for it, and is what goes on."""
        if fresh:
            self.goes_on[company, native_id] = into
        self.ended(company, native_id)
        self.merges[company, native_id] = into

    def restored(self, company: str, native_id: str) -> None:
        self.deleted.discard((company, native_id))

    def is_origin(self, company: str, native_id: str) -> bool:
        """Whether a person made this record."""
        return (company, native_id) in self.origins

    def overwritten(
        self, company: str, native_id: str, before: Mapping[str, Any], after: Mapping[str, Any], *, known: int | None,
        conditional: bool,
    ) -> None:  # fmt: skip
        """The hub wrote. known: the record's change that the writing step had read last, None where it read none.

        A company that writes on no condition leaves a window between that reading and the write: an edit that came in
        it and was written over is counted, and is nobody's fault.
        """
        for name, value in after.items():
            if name in TEXTS:
                self.carried.add(value)
            edit = self._last.get((company, native_id, name))
            if value == before.get(name) or edit is None or edit.fate or edit.value != before.get(name):
                continue
            if not conditional and known is not None and edit.seq > known:
                edit.fate = "window"
                self.windows += 1
        if after.get("state") == "Closed" and before.get("state") != "Closed":
            self.closings.append((company, native_id))
