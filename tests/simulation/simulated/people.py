"""What agents do in the companies' systems: each act is drawn, done at the store, and told to the oracle.

Texts are never written twice, so that a lost one can be told from an equal one. Knows no hub.
Next: `oracle.py`, which remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.base import Change
from connectors.errors import Rejected
from simulated.companies import AUDIENCES, PATHS, STATES, URGENCIES, Store, meant
from simulated.dice import Dice
from simulated.oracle import Oracle

CUSTOMERS = ("C-1", "C-2", "C-3")
MIDST = ("edit", "edit", "edit", "status", "transfer", "note", "feedback", "delete", "flip_note")
"""What a person does in the middle of a step of the hub."""


class People:
    """Agents of all companies. cases: how many they open at most. say: takes down what they did."""

    def __init__(
        self, stores: Mapping[str, Store], dice: Dice, oracle: Oracle, cases: int, say: Callable[[str], None]
    ) -> None:
        self._cases = cases
        self._stores, self._dice, self._oracle, self._say = stores, dice, oracle, say
        self._written = 0

    def act(self, kind: str) -> None:
        """One drawn act of this kind; nothing where there is nothing to do it to."""
        try:
            getattr(self, f"_{kind}")()
        except Rejected as error:
            self._say(f"refused: {error.message}")

    def meddle(self, company: str, change: Change) -> None:
        """A person acts on the very record that the hub is writing, most likely in a field that it writes."""
        rows = self._stores[company].rows
        mine = rows.values() if change.native_id is None else filter(None, [rows.get(change.native_id)])
        row = next((row for row in mine if not row.gone and row.body.get("hub_case") == change.hub_id), None)
        if row is None:
            return
        fields = [field for field in change.body if field in PATHS] or ["title"]
        if self._dice.chance(0.2):
            fields = ["title", "details", "urgency", "reason"]
        self._set({(field := self._dice.pick(fields)): self._value(field)}, (company, row.native_id))

    def _value(self, field: str) -> Any:
        """A drawn word for this field. Some scores are no number."""
        known = {"urgency": tuple(URGENCIES), "state": tuple(STATES)}.get(field)
        if field == "company":
            return self._company().title()
        if field == "score":
            return "good" if self._dice.chance(0.1) else 1 + self._dice.word() % 5
        return self._dice.pick(known) if known else self._text(field)

    def _text(self, of: str) -> str:
        self._written += 1
        return f"{of} {self._written}"

    def _company(self) -> str:
        return self._dice.pick(sorted(self._stores))

    def _record(self, *, gone: bool = False) -> tuple[str, str] | None:
        """(company, native id) of a drawn record."""
        there = [
            (name, row.native_id)
            for name in sorted(self._stores)
            for row in self._stores[name].rows.values()
            if row.gone == gone
        ]
        return self._dice.pick(there) if there else None

    def _create(self) -> None:
        if len(self._oracle.origins) >= self._cases:
            return
        name = self._company()
        fields: dict[str, Any] = {
            "title": self._text("title"),
            "details": self._text("details"),
            "state": self._dice.pick(("New", "Open")),
            "urgency": self._dice.pick(tuple(URGENCIES)),
            "customer": {"id": self._dice.pick(CUSTOMERS)},
        }
        if self._dice.chance(0.5):
            fields["company"] = self._company().title()
        native_id = self._stores[name].create(fields)
        self._say(f"{name} creates {native_id} {fields}")
        self._oracle.created(name, native_id, fields)

    def _set(self, fields: dict[str, Any], found: tuple[str, str] | None = None) -> None:
        found = found or self._record()
        if found is None:
            return
        name, native_id = found
        before = self._stores[name].body(native_id)
        changed = {field: value for field, value in fields.items() if before.get(field) != value}
        if not changed:
            return
        self._stores[name].edit(native_id, changed)
        self._say(f"{name} edits {native_id} {changed}")
        for field, value in changed.items():
            if meant(field, value) != meant(field, before.get(field)):  # another word for the same says nothing new
                self._oracle.edited(name, native_id, field, value)

    def _edit(self) -> None:
        field = self._dice.pick(("title", "details", "urgency", "reason"))
        self._set({field: self._value(field)})

    def _status(self) -> None:
        self._set({"state": self._value("state")})

    def _transfer(self) -> None:
        self._set({"company": self._value("company")})

    def _feedback(self) -> None:
        found = self._record()
        if found is not None and self._oracle.is_origin(*found):
            score = self._value("score")
            self._stores[found[0]].edit(found[1], {"score": score})
            self._say(f"{found[0]} asks the customer of {found[1]}: {score}")
            self._oracle.edited(*found, "score", score)

    def _note(self) -> None:
        found = self._record()
        if found is not None:
            audience, text = self._dice.pick(tuple(AUDIENCES)), self._text("note")
            note_id = self._stores[found[0]].note(found[1], text, audience, author="Ann")
            self._say(f"{found[0]} notes on {found[1]}: {text} ({audience})")
            self._oracle.noted(*found, note_id, text, audience)

    def _of_theirs(self) -> tuple[str, str, str] | None:
        """(company, native id, note id) of a drawn note that a person wrote on a live record."""
        live = (note for note in self._oracle.notes if not note.dropped)
        notes = [note for note in live if not self._stores[note.company].rows[note.native_id].gone]
        note = self._dice.pick(notes) if notes else None
        return None if note is None else (note.company, note.native_id, note.note_id)

    def _edit_note(self) -> None:
        found = self._of_theirs()
        if found is not None:
            text = self._text("note")
            self._stores[found[0]].edit_note(*found[1:], body=text)
            self._say(f"{found[0]} rewrites note {found[2]} of {found[1]}: {text}")
            self._oracle.rewritten(*found, text)

    def _flip_note(self) -> None:
        found = self._of_theirs()
        if found is not None:
            audience = self._dice.pick(tuple(AUDIENCES))
            self._stores[found[0]].edit_note(*found[1:], audience=audience)
            self._say(f"{found[0]} makes note {found[2]} of {found[1]} {audience}")
            self._oracle.flipped(*found, audience)

    def _drop_note(self) -> None:
        found = self._of_theirs()
        if found is not None:
            self._stores[found[0]].drop_note(*found[1:])
            self._say(f"{found[0]} deletes note {found[2]} of {found[1]}")
            self._oracle.dropped(*found)

    def _delete(self) -> None:
        found = self._record()
        if found is not None and self._dice.chance(0.3):
            self._stores[found[0]].delete(found[1])
            self._say(f"{found[0]} deletes {found[1]}")
            self._oracle.ended(*found)

    def _undelete(self) -> None:
        found = self._record(gone=True)
        if found is not None and self._stores[found[0]].rows[found[1]].merged_into is None:
            self._stores[found[0]].undelete(found[1])
            self._say(f"{found[0]} restores {found[1]}")
            self._oracle.restored(*found)

    def _merge(self) -> None:
        found = self._record()
        if found is None:
            return
        name, native_id = found
        rows = self._stores[name].rows.values()
        others = [row.native_id for row in rows if not row.gone and row.native_id != native_id]
        fresh = self._dice.chance(0.5)
        if fresh:  # the customer wrote twice: the second record is the one that goes on
            title = self._text("title")
            self._oracle.said.add((name, title))
            others = [self._stores[name].create({"title": title, "state": "Open", "urgency": "P2"})]
        if others:
            into = self._dice.pick(others)
            self._stores[name].merge(native_id, into)
            self._say(f"{name} merges {native_id} into {into}")
            self._oracle.merged(name, native_id, into, fresh=fresh)
