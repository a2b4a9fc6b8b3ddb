"""A list whose members have an identity: notes, feedback and attachments are each one.

Where the list is, what tells its members apart, and what is told where one of them does not fit: the list, the
member's number, the part of it. A list that cannot be understood parks its record, as any field does.
Next: `ops_notes.py`, `ops_feedback.py`, `ops_attachments.py`, which say what a member is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mappings.case import Visibility
from mappings.errors import Place, Unfit, shown
from mappings.ops import Op
from mappings.ops_audience import Audience
from mappings.paths import At, Body, getter, kind


def within(name: str, unfit: Unfit) -> Unfit:
    """The same, with the part of the member that it is said of."""
    return Unfit(unfit.code, f"{name}: {unfit.message}", unfit.value, unfit.known)


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a member: where it is, and how it is read. at is empty for a constant. other: what is read where
    nothing stands there."""

    at: At
    op: Op
    other: Part | None = None

    def read(self, item: Body) -> Any:
        """Our value; None where there is nothing. Raises Unfit."""
        word = getter(self.at)(item) if self.at else ""
        if (word is None or word == "") and self.at:
            return None if self.other is None else self.other.read(item)
        return self.op.forward(word)


@dataclass(frozen=True, slots=True)
class Listing:
    """at: their field that holds the list. id: the member's own id, within the member. section: the name that it is
    declared under; member, members: what one and several are called."""

    at: At
    id: At
    section: ClassVar[str]
    member: ClassVar[str]
    members: ClassVar[str]

    @property
    def field(self) -> str:
        """Their field, dotted."""
        return ".".join(self.at)

    @property
    def place(self) -> Place:
        """Where it stands in the declaration."""
        return (self.section,)

    @property
    def prefix(self) -> str:
        """What each id begins with here, so that two lists of one kind share none."""
        return ""

    @property
    def readers(self) -> tuple[At, Audience] | None:
        """Where a member says who may read it, and in which words; None where it does not say."""
        return None

    @property
    def parts(self) -> Mapping[str, Part]:
        """The fields of a member that are declared, by the key that declares them."""
        raise NotImplementedError

    def one(self, native: str, item: Body) -> Any:
        """What one member says; None where it says nothing yet. Raises Unfit."""
        raise NotImplementedError

    def read_all(self, body: Body) -> tuple[Any, ...]:
        """What the members say, in the record's order. Raises MappingError."""
        try:
            items = getter(self.at)(body)
            if items is None or items == "":
                return ()
            if not isinstance(items, (list, tuple)):
                raise Unfit("M217", f"a list of {self.members} is expected, not {kind(items)}.")
            found: dict[str, Any] = {}
            for number, item in enumerate(items, 1):
                native, said = self._told(number, item)
                if native in found:
                    raise Unfit("M217", f"two {self.members} bear the id {shown(native)}.", native)
                found[native] = said
        except Unfit as unfit:
            raise unfit.at(self.place, self.field) from None
        return tuple(said for said in found.values() if said is not None)

    def _told(self, number: int, item: Any) -> tuple[str, Any]:
        if not isinstance(item, Mapping):
            raise Unfit("M217", f"{self.member} {number} is {kind(item)}, not an object.")
        try:
            native = self._named(item)
            return native, self.one(native, item)
        except Unfit as unfit:
            said = f"{self.member} {number}, {unfit.message}"
            raise Unfit(unfit.code, said, unfit.value, unfit.known) from None

    def _named(self, item: Body) -> str:
        try:
            native = getter(self.id)(item)
        except Unfit as unfit:
            raise within("id", unfit) from None
        if isinstance(native, bool) or not isinstance(native, (str, int)) or native == "":
            raise Unfit("M217", f"id: an id is expected, not {kind(native)}.")
        try:
            return f"{self.prefix}{native}"
        except ValueError:  # Python writes no integer of more than 4300 digits
            raise Unfit("M210", "id: the number has thousands of digits.") from None


def needed(name: str, part: Part, item: Body) -> Any:
    """What stands in a part that no member is without. Raises Unfit."""
    found = optional(name, part, item)
    if found is None or found == "":
        raise Unfit("M217", f"{name}: it has none.")
    return found


def optional(name: str, part: Part | None, item: Body) -> Any:
    """What stands in a part that a member, or a declaration, may be without. Raises Unfit."""
    try:
        return None if part is None else part.read(item)
    except Unfit as unfit:
        raise within(name, unfit) from None


def readable(at: At, audience: Audience, item: Body, words: str = "") -> tuple[Visibility, str]:
    """Who may read a member, and its words without their marker. at is empty for a constant. Raises Unfit."""
    try:
        return audience.read(getter(at)(item) if at else True, words)
    except Unfit as unfit:
        raise within("visibility", unfit) from None
