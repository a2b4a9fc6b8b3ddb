"""What the parts of declare*.py share: the collector of faults, what a canonical path expects, what a rule is.

Nothing here stops at the first mistake: a reader adds its faults and gives back what it could make, or None.
Next: `declare.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mappings.case import COUNTERPART, PICKLISTS, TIMES, TOLD
from mappings.errors import Fault, Key, Place, Unfit, shown, spoken
from mappings.ops import Op, Value
from mappings.paths import At, Body
from mappings.slots import Slot

Expected = Literal["text", "word", "time", "flag", "number", "score", "size", "any"]

ATTACHMENT_SIZE = "attachment.size"
"""No path of a case: what the size of an attachment is declared like."""

NEVER_WRITTEN = frozenset({"externalIdentifier", "creationDate", "lastUpdate"})
"""Paths that a partner's own system gives: read, never written, whatever the declaration says."""

NAMED: Mapping[str, str] = {
    "status": "case status",
    "severity": "severity",
    "priority": "priority",
    "ticketType": "ticket type",
    "channel": "channel",
    "improvementArea": "improvement area",
    "dispute": "dispute",
    "visibility": "note visibility",
    "feedbackAsked": "state of asking",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a mapping, ready to run.

    at: the way into their record, () for a constant. told: written, and given by no reading. beside: another path that
    must have a value for this constant to stand. place: the rule in the YAML. slot: the place where `at` is not all of
    it. default: what nothing means. lossy: why something may be lost. choice: which of several rules stands.
    look: from a record to the value (made by the lens).
    """

    path: str
    at: At
    op: Op
    place: Place
    read_only: bool = False
    told: bool = False
    required: bool = False
    beside: str | None = None
    slot: Slot | None = None
    default: Value | None = None
    lossy: str | None = None
    choice: Choice | None = None
    look: Callable[[Body], Any] = field(default=lambda _: None, repr=False, compare=False)

    @property
    def field(self) -> str:
        """Their field as people say it: `customer.name`."""
        return ".".join(self.at) if self.slot is None else self.slot.named

    @property
    def reads(self) -> tuple[At, ...]:
        """All ways that it reads."""
        return ((self.at,) if self.at else ()) if self.slot is None else self.slot.reads

    @property
    def writes(self) -> tuple[At, ...]:
        """All ways that it writes."""
        return () if self.read_only else self.reads if self.slot is None else self.slot.writes

    @property
    def branches(self) -> tuple[Rule, ...]:
        """The rules that stand here by turns; the rule itself where it is one."""
        return (self,) if self.choice is None else self.choice.rules

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values mean the same here: nothing means the default, and what is written alike is lost alike."""
        if self.default is not None:
            one, other = (self.default if each is None or each == "" else each for each in (one, other))
        if self.op.same(one, other):
            return True
        if self.lossy is None or one is None or other is None:
            return False
        try:
            return bool(self.op.inverse(one) == self.op.inverse(other))
        except Unfit:
            return False


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of several rules stands, by the word in one of their fields. otherwise: for every other word."""

    at: At
    by_word: Mapping[str, Rule]
    otherwise: Rule | None

    @property
    def rules(self) -> tuple[Rule, ...]:
        return (*self.by_word.values(), *(() if self.otherwise is None else (self.otherwise,)))

    def of(self, word: Any) -> Rule | None:
        """The rule for this word of theirs."""
        said = "" if word is None else word if isinstance(word, str) else shown(word)
        return self.by_word.get(said, self.otherwise)


@dataclass(slots=True)
class Faults:
    """All that was found wrong so far."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: Place, code: str, message: str, value: object = None, known: Iterable[str] = ()) -> None:
        """One more. message is a clause; the place is put before it."""
        self.found.append(Fault(place, code, f"{spoken(place)}: {message}", value, tuple(known)))

    def keys(self, place: Place, given: Mapping[Any, Any], known: Sequence[str], what: str) -> None:
        """A fault for each key that is not known."""
        for key in given:
            if key not in known:
                self.add((*place, key), "M104", f"{shown(key)} is no key of {what}.", key, known)

    def mapping(self, place: Place, given: object, what: str) -> Mapping[Any, Any] | None:
        """The mapping that is expected here, or a fault and None."""
        if isinstance(given, Mapping):
            return given
        self.add(place, "M125", f"{what} is expected, not {described(given)}.", given)
        return None


@dataclass(frozen=True, slots=True)
class Shared:
    """What a declaration names once and uses often: `tables:` and `times:`; and what was handed in beside it: tables
    of files and the partner's own functions."""

    tables: Mapping[Any, Any]
    times: Mapping[Any, Any]
    handed: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    functions: Mapping[str, Any] = field(default_factory=dict)


def described(given: object) -> str:
    """What stands in the YAML, for people."""
    if isinstance(given, Mapping):
        return "a mapping"
    return "a list" if isinstance(given, (list, tuple)) else shown(given)


def is_key(given: object) -> bool:
    """Whether this can be a word of a table: text, a whole number, true or false."""
    return isinstance(given, (str, int))


def is_never_written(path: str) -> bool:
    """Whether a path is read only, whatever the declaration says."""
    return path in NEVER_WRITTEN or path.startswith(COUNTERPART)


def expected(path: str) -> Expected:
    """What a canonical path holds."""
    if path.startswith(("characteristic.", COUNTERPART)):
        return "any"
    if path in TIMES:
        return "time"
    if path in PICKLISTS:
        return "word"
    if path == "test":
        return "flag"
    if path in {"feedback.score", ATTACHMENT_SIZE}:
        return "score" if path == "feedback.score" else "size"
    return "number" if path in {"effort.amount", "cost.amount"} else "text"


def misfit(path: str, value: Key) -> tuple[str, tuple[str, ...]] | None:
    """Why this cannot be a value of that path (a clause, and what could be), None where it can."""
    match expected(path):
        case "word":
            known = PICKLISTS[path]
            if value not in known:
                return f"{shown(value)} is no {NAMED[path]}.", tuple(str(word) for word in known)
        case "flag":
            if not isinstance(value, bool):
                return f"{shown(value)} is neither true nor false.", ()
        case "score":
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
                return f"{shown(value)} is no score from 1 to 5.", ()
        case "number" | "size":
            if isinstance(value, bool) or not isinstance(value, int):
                return f"{shown(value)} is no number.", ()
        case "text":
            if not isinstance(value, str):
                return f"{shown(value)} is no text; put it in quotes.", ()
    return None


def all_values(path: str) -> tuple[Key, ...]:
    """Every value that a path may have, () where that is open."""
    if path in PICKLISTS:
        return tuple(str(word) for word in PICKLISTS[path])
    return (True, False) if path == "test" else ()


def is_told(path: str) -> bool:
    """Whether a path is written and not read; `id` is both, so that our own is recognised."""
    return path in TOLD and path != "id"
