"""One text of theirs that is several values of ours, and several fields of theirs that are one text of ours.

    Piece     one part of a text that holds several         caller: "90210 / Ana"    -> id 90210, name Ana
    Joined    several fields, told apart by a separator     first: Ana, last: Gómez  -> Ana Gómez

Both are lawful: a part that holds the separator is refused (M220), for it would read back as two; a name that cannot
be told apart as theirs is written in whole to the last field. Next: `slots.py` for what a slot is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappings.errors import Unfit, shown
from mappings.paths import At, Body, getter, kind, put
from mappings.slots import has, replaced


@dataclass(frozen=True, slots=True)
class Piece:
    """part: from 1 to of. The last part may hold the separator."""

    at: At
    separator: str
    part: int
    of: int

    @property
    def reads(self) -> tuple[At, ...]:
        return ((*self.at, f"part {self.part}"),)

    @property
    def writes(self) -> tuple[At, ...]:
        return self.reads

    @property
    def named(self) -> str:
        return f"{'.'.join(self.at)}, part {self.part}"

    def _parts(self, body: Body | None) -> list[str]:
        text = None if body is None else getter(self.at)(body)
        if text is None or text == "":
            return [""] * self.of
        if not isinstance(text, str):
            raise Unfit("M202", f"text is expected, not {kind(text)}.", text)
        parts = text.split(self.separator, self.of - 1)
        return parts + [""] * (self.of - len(parts))

    def look(self, body: Body) -> Any:
        return self._parts(body)[self.part - 1] or None

    def put(self, patch: dict[str, Any], base: Body | None, word: Any) -> None:
        written = "" if word is None else str(word)
        if self.part < self.of and self.separator in written:
            raise Unfit("M220", f"the text holds {shown(self.separator)}, which ends this part.", None)
        parts = self._parts(patch if has(patch, self.at) else base)
        parts[self.part - 1] = written
        put(patch, self.at, self._whole(parts))

    def _whole(self, parts: list[str]) -> str | None:
        while parts and not parts[-1]:
            parts = parts[:-1]
        return self.separator.join(parts) or None

    def said(self, patch: Body) -> tuple[Any, dict[str, Any]] | None:
        return None

    def store(self, body: Body, word: Any) -> dict[str, Any]:
        patch: dict[str, Any] = {}
        self.put(patch, body, word)
        return replaced(body, self.at, getter(self.at)(patch))


@dataclass(frozen=True, slots=True)
class Joined:
    """The word is the whole text. from_end: what is more than the fields hold goes to the first field."""

    fields: tuple[At, ...]
    separator: str
    from_end: bool = False

    @property
    def reads(self) -> tuple[At, ...]:
        return self.fields

    @property
    def writes(self) -> tuple[At, ...]:
        return self.fields

    @property
    def named(self) -> str:
        return self.separator.join(".".join(at) for at in self.fields)

    def look(self, body: Body) -> Any:
        found: list[str] = []
        for at in self.fields:
            word = getter(at)(body)
            if word is not None and not isinstance(word, str):
                raise Unfit("M202", f"text is expected in {'.'.join(at)}, not {kind(word)}.", word)
            found += [word] if word else []
        return self.separator.join(found) or None

    def put(self, patch: dict[str, Any], base: Body | None, word: Any) -> None:
        parts = self._told_apart("" if word is None else str(word))
        if (self.separator.join(part for part in parts if part) or None) != (word or None):
            raise Unfit("M220", f"its parts cannot be told apart by {shown(self.separator)}.", None)
        for at, part in zip(self.fields, parts, strict=True):
            put(patch, at, part or None)

    def _told_apart(self, text: str) -> list[str]:
        most = len(self.fields) - 1
        parts = text.rsplit(self.separator, most) if self.from_end else text.split(self.separator, most)
        lacking = [""] * (len(self.fields) - len(parts))
        return parts + lacking

    def said(self, patch: Body) -> tuple[Any, dict[str, Any]] | None:
        return None

    def store(self, body: Body, word: Any) -> dict[str, Any]:
        patch: dict[str, Any] = {}
        self.put(patch, body, word)
        whole: Mapping[str, Any] = body
        for at in self.fields:
            whole = replaced(whole, at, getter(at)(patch))
        return dict(whole)
