"""Where a word stands, when it is not simply under a name: in a list, in an object of its own, in part of a text.

    Listed    the element of a list that is found by other fields of it     custom_fields: [{id: 7, value: x}]
    Wrapped   an object around the word, or the bare word                   priority: {value: 2, display_value: High}
    Apart     read in one place, written in another                         status: {id: 1} -> status_id: 1

`slots_text.py` has two more: a part of a text, and a text from several fields.

A slot looks into a record, puts into a patch that is being built, and knows what a patch does to a record (`said` and
`store`), so that laws can be run without their system. Bodies are never changed in place. Knows no op and no case.
Next: `declare_slots.py` for how they are declared, `paths.py` for the simple way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from mappings.errors import Unfit
from mappings.paths import At, Body, getter, kind, merged, put, without

Manner = Literal["element", "whole", "object"]
MANNERS: tuple[str, ...] = ("element", "whole", "object")
"""How a change in a list is written: the element alone in a list, the whole list, or an object of name to value."""


class Slot(Protocol):
    """One place, both ways."""

    @property
    def reads(self) -> tuple[At, ...]:
        """Ways that are read, each told apart from others in the same list or text."""

    @property
    def writes(self) -> tuple[At, ...]:
        """Ways that are written."""

    @property
    def named(self) -> str:
        """The place as people say it."""

    def look(self, body: Body) -> Any:
        """The word, None where there is none. Raises Unfit."""

    def put(self, patch: dict[str, Any], base: Body | None, word: Any) -> None:
        """Write the word in their own way. Raises Unfit."""

    def said(self, patch: Body) -> tuple[Any, dict[str, Any]] | None:
        """The word that a patch brings for this place, and the patch without it; None where laying it over the record
        is all that it takes."""

    def store(self, body: Body, word: Any) -> dict[str, Any]:
        """The record as their system shows it once it holds this word."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The element of a list whose fields are as `where` says. single: its value is itself a list of one or none."""

    at: At
    where: Mapping[str, Any]
    value: At
    manner: Manner = "element"
    single: bool = False

    @property
    def reads(self) -> tuple[At, ...]:
        return ((*self.at, self._sign(), *self.value),)

    @property
    def writes(self) -> tuple[At, ...]:
        return self.reads

    @property
    def named(self) -> str:
        return f"{'.'.join(self.at)}{self._sign()}.{'.'.join(self.value)}"

    def _sign(self) -> str:
        return "[" + ", ".join(f"{key}={value}" for key, value in sorted(self.where.items())) + "]"

    def _meant(self, element: Any) -> bool:
        """Systems give one id as a number here and as text there."""
        return isinstance(element, Mapping) and all(
            str(element.get(key)) == str(value) for key, value in self.where.items()
        )

    def _items(self, body: Body) -> list[Any]:
        items = getter(self.at)(body)
        if items is None or items == "":
            return []
        if not isinstance(items, (list, tuple)):
            raise Unfit("M219", f"a list is expected, not {kind(items)}.")
        return list(items)

    def _found(self, items: list[Any]) -> int | None:
        found = [number for number, element in enumerate(items) if self._meant(element)]
        if len(found) > 1:
            raise Unfit("M219", f"{len(found)} elements of the list are {self._sign()}.")
        return found[0] if found else None

    def look(self, body: Body) -> Any:
        items = self._items(body)
        number = self._found(items)
        if number is None:
            return None
        word = getter(self.value)(items[number])
        if not self.single or word is None or word == "":
            return word
        if not isinstance(word, (list, tuple)) or len(word) > 1:
            many = f"{len(word)} values" if isinstance(word, (list, tuple)) else kind(word)
            raise Unfit("M219", f"a list of one value is expected, not {many}.")
        return word[0] if word else None

    def _element(self, word: Any) -> dict[str, Any]:
        element: dict[str, Any] = dict(self.where)
        held = ([] if word is None else [word]) if self.single else word
        put(element, self.value, held)
        return element

    def put(self, patch: dict[str, Any], base: Body | None, word: Any) -> None:
        if self.manner == "object":
            put(patch, (*self.at, str(next(iter(self.where.values())))), word)
            return
        so_far = getter(self.at)(patch)
        if self.manner == "element":
            put(patch, self.at, [*(so_far or ()), self._element(word)])
            return
        items = list(so_far) if so_far is not None else self._items(base or {})
        put(patch, self.at, self._with(items, word))

    def _with(self, items: list[Any], word: Any) -> list[Any]:
        number = self._found(items)
        if number is None:
            return [*items, self._element(word)]
        return [merged(each, self._element(word)) if here == number else each for here, each in enumerate(items)]

    def said(self, patch: Body) -> tuple[Any, dict[str, Any]] | None:
        there = getter(self.at)(patch)
        if self.manner == "object":
            name = str(next(iter(self.where.values())))
            if not isinstance(there, Mapping) or name not in there:
                return None
            return there[name], without(patch, (*self.at, name))
        if self.manner == "whole" or not isinstance(there, list):
            return None
        number = self._found(there)
        if number is None:
            return None
        rest = [each for here, each in enumerate(there) if here != number]
        return self.look(patch), replaced(patch, self.at, rest) if rest else without(patch, self.at)

    def store(self, body: Body, word: Any) -> dict[str, Any]:
        return replaced(body, self.at, self._with(self._items(body), word))


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A field that is read as an object around the word or as the bare word, and written as the bare word."""

    at: At
    value: At

    @property
    def reads(self) -> tuple[At, ...]:
        return (self.at,)

    @property
    def writes(self) -> tuple[At, ...]:
        return (self.at,)

    @property
    def named(self) -> str:
        return ".".join(self.at)

    def look(self, body: Body) -> Any:
        there = getter(self.at)(body)
        return getter(self.value)(there) if isinstance(there, Mapping) else there

    def put(self, patch: dict[str, Any], base: Body | None, word: Any) -> None:
        put(patch, self.at, word)

    def said(self, patch: Body) -> tuple[Any, dict[str, Any]] | None:
        return None  # what is shown besides (display_value) is theirs to make anew

    def store(self, body: Body, word: Any) -> dict[str, Any]:
        return replaced(body, self.at, word)


@dataclass(frozen=True, slots=True)
class Apart:
    """Read in one place and written in another."""

    at: At
    to: At

    @property
    def reads(self) -> tuple[At, ...]:
        return (self.at,)

    @property
    def writes(self) -> tuple[At, ...]:
        return (self.to,)

    @property
    def named(self) -> str:
        return ".".join(self.at)

    def look(self, body: Body) -> Any:
        return getter(self.at)(body)

    def put(self, patch: dict[str, Any], base: Body | None, word: Any) -> None:
        put(patch, self.to, word)

    def said(self, patch: Body) -> tuple[Any, dict[str, Any]] | None:
        return (getter(self.to)(patch), without(patch, self.to)) if has(patch, self.to) else None

    def store(self, body: Body, word: Any) -> dict[str, Any]:
        return replaced(body, self.at, word)


def is_sign(key: str) -> bool:
    """Whether a key of a way is no name of theirs but a slot's own sign: an element's condition, a text's part."""
    return key.startswith(("[", "part "))


def own_names(at: At) -> At:
    """The way as far as their own names go."""
    return next((at[:number] for number, key in enumerate(at) if is_sign(key)), at)


def has(body: Body, at: At) -> bool:
    """Whether something stands there, were it null."""
    inner: Any = body
    for key in at:
        if not isinstance(inner, Mapping) or key not in inner:
            return False
        inner = inner[key]
    return True


def replaced(body: Body, at: At, value: Any) -> dict[str, Any]:
    """A new body with exactly this value there."""
    key, rest = at[0], at[1:]
    inner = body.get(key)
    return {**body, key: replaced(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value}
