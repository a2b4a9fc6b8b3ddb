"""Presets: mappings of well-known systems, shipped with the program; and `extends`, which changes a few lines of one.

    extends: redmine
    case:
      priority: {from: priority.name, values: priorities}   # this line takes the place of the preset's
      preference: null                                      # this line of the preset is dropped
    tables:
      statuses: {Wartet: pending}                           # this word comes to the preset's table

The rule in one sentence: a line takes the place of the preset's line of the same name, whole; a line set to null is
dropped; only the tables under `tables` are merged word by word. A place in the result leads to the file in which the
line stands. A preset extends nothing. Knows no connector and no ledger. Next: `partners.py`, `../mappings/presets/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

import mappings
from hub.declarations import DeclarationError, Document, Place, Problem, read, validated

PRESETS = Path(mappings.__file__).parent / "presets"
"""They lie in the package, so that an installed program has them too."""
EXTENDS = "extends"
BY_WORD = "tables"


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Told):
    """What the preset's fields were taken from: a public document, or answers of the system itself."""

    document: str
    version: str = Field(description="edition, revision or date of what was read")
    gives: str = Field(description="what of the preset rests on it")


class About(_Told):
    """preset.yaml: what a preset is for, and what it rests on."""

    title: str
    system: str = Field(description="the system and the versions of it that are meant")
    record: str = Field(description="which answer of the system is the record, and what is put into it")
    needs: tuple[str, ...] = Field((), description="what must be set up there first, such as fields of one's own")
    limits: tuple[str, ...] = Field((), description="what this system has no honest counterpart for")
    unverified: tuple[str, ...] = Field(
        (), description="what rests on none of the sources, and is to be looked at first"
    )
    run_live: Literal["never", "planned", "passed"] = Field(description="whether it was tried on the running system")
    sources: tuple[Source, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Extended(Document):
    """A mapping laid over a preset. path and marks are the mapping's; content is of both."""

    preset: Document

    def at(self, place: Sequence[str | int]) -> str:
        """file:line:column of a place, in the file that its line stands in."""
        return Document.at(self if self._own(place) else self.preset, place)

    def problem(
        self, place: Sequence[str | int], code: str, message: str, value: object = None, known: Iterable[str] = ()
    ) -> Problem:
        """A problem that stands at this place; of a preset's line it says who extends it."""
        if not self._own(place):
            message += f" It is a line of the preset that {Document.at(self, (EXTENDS,))} extends."
        return Problem(self.at(place), code, message, value, tuple(known))

    def _own(self, place: Sequence[str | int]) -> bool:
        return tuple(place[: _depth(place)]) in self.marks


def names(presets: Path = PRESETS) -> tuple[str, ...]:
    """The presets there are, by name."""
    return tuple(sorted(path.parent.name for path in presets.glob("*/mapping.yaml")))


def about(folder: Path) -> About:
    """A preset's preset.yaml. Raises DeclarationError."""
    return validated(read(folder / "preset.yaml"), About)


def read_mapping(path: Path, presets: Path = PRESETS) -> Document:
    """A mapping.yaml with the preset that it extends, if any. Raises DeclarationError.

    D220 the preset is not there; D221 null drops a line that the preset has not; D222 a preset extends another.
    """
    own = read(path)
    if not isinstance(own.content, Mapping) or EXTENDS not in own.content:
        return own
    known, name = names(presets), own.content[EXTENDS]
    if path.parent.parent == presets:
        raise DeclarationError([own.problem((EXTENDS,), "D222", "extends: a preset extends nothing.", name)])
    if name not in known:
        raise DeclarationError([own.problem((EXTENDS,), "D220", f"extends: {name!r} is no preset.", name, known)])
    preset = read(presets / name / "mapping.yaml")
    above = {key: value for key, value in own.content.items() if key != EXTENDS}
    problems: list[Problem] = []
    content = _laid(preset.content, above, (), own, problems)
    if problems:
        raise DeclarationError(problems)
    return Extended(own.path, content, own.marks, preset)


def _depth(place: Sequence[str | int]) -> int:
    """How many steps lead to what is replaced whole here: part and line, and in a table the word."""
    return 3 if tuple(place[:1]) == (BY_WORD,) else 2


def _laid(below: Any, above: Any, place: Place, own: Document, problems: list[Problem]) -> Any:
    """What stands above over what stands below."""
    lines = place and len(place) >= _depth(place)
    if lines or not isinstance(above, Mapping) or not isinstance(below, Mapping | None):
        return above
    whole = dict(below or {})
    for key, value in above.items():
        here = (*place, key)
        if value is not None:
            whole[key] = _laid(whole.get(key), value, here, own, problems)
        elif key in whole:
            del whole[key]
        else:
            problems.append(_nothing(here, own, tuple(whole)))
    return whole


def _nothing(place: Place, own: Document, known: tuple[str, ...]) -> Problem:
    """null stands where the preset has no line to drop."""
    said = ".".join(str(part) for part in place)
    message = f"{said}: null drops a line of the preset {own.content[EXTENDS]!r}, which has none of this name."
    return own.problem(place, "D221", message, place[-1], known)
