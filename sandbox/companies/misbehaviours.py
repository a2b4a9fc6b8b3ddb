"""The catalogue of misbehaviours, as it stands in misbehaviours.yaml, and what is asked for judged by it.

A name that there is not, an option of another one, a kind that cannot: each is answered with what there is.
Knows no server. Next: `misbehaving.py` (the door), `misdeeds.py` (what each does).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

FILE: Final = Path(__file__).with_suffix(".yaml")
KINDS: Final[Mapping[str, str]] = {"northcable": "rest", "telvoz": "soap", "brightnet": "salesforce"}
CALLS: Final = ("login", "list", "read", "find", "create", "update", "note", "file", "other")
GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "any": frozenset(CALLS) - {"login"},
    "every": frozenset(CALLS),
    "write": frozenset({"create", "update", "note", "file"}),
    "none": frozenset(),
    **{call: frozenset({call}) for call in CALLS},
}
MOST: Final = 1_000_000


class Unfit(Exception):
    """What was asked for is none. known: what would have been."""

    def __init__(self, message: str, value: object = "", known: Sequence[str] = ()) -> None:
        self.known = tuple(known)
        near = get_close_matches(str(value), self.known, n=1)
        super().__init__(message + (f" Did you mean {near[0]!r}?" if near else ""))


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """One way to misbehave. options: those that it has, with what they are if not given."""

    name: str
    does: str
    rows: tuple[int, ...]
    kinds: tuple[str, ...]
    call: str
    options: Mapping[str, Any] = field(default_factory=dict)


def _read() -> dict[str, Misbehaviour]:
    told = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["misbehaviours"]
    return {
        one["name"]: Misbehaviour(
            one["name"], one["does"], tuple(one["rows"]), tuple(one["kinds"]), one["call"], one.get("with", {})
        )
        for one in told
    }


CATALOGUE: Final[Mapping[str, Misbehaviour]] = _read()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One misbehaviour as it was asked for. times: calls that it meets, None: until it is ended. after: calls of its
    kind that pass before the first."""

    fault: Misbehaviour
    times: int | None
    call: str
    after: int
    options: Mapping[str, Any]


def wanted(kind: str, asked: Any) -> Wanted:
    """What was asked for, of a company of this kind: {fault, times, where: {call, after}, with: {...}}. Raises
    Unfit."""
    if not isinstance(asked, dict):
        raise Unfit("an object is wanted: fault, and maybe times, where, with.")
    _only(asked, ("fault", "times", "where", "with"), "key")
    name = asked.get("fault")
    mine = {one.name: one for one in CATALOGUE.values() if kind in one.kinds}
    if name not in mine:
        fit = "is none that a company of this kind can do" if name in CATALOGUE else "is no misbehaviour"
        raise Unfit(f"{name!r} {fit}.", name, tuple(mine))
    fault, where, given = mine[name], asked.get("where") or {}, asked.get("with") or {}
    _only(where, ("call", "after"), "key of `where`")
    _only(given, tuple(fault.options), f"option of {name}")
    options = {**fault.options, **given}
    for option, usual in fault.options.items():
        if usual == "" and not options[option]:
            raise Unfit(f"{name} wants `with.{option}`.")
        if isinstance(usual, int | float) and not isinstance(options[option], int | float):
            raise Unfit(f"with.{option}: {options[option]!r} is no number.")
    call = where.get("call", fault.call)
    if call not in GROUPS or (fault.call == "none") != (call == "none"):
        raise Unfit(f"where.call: {call!r} is no call that it could meet.", call, tuple(GROUPS))
    return Wanted(
        fault, _count(asked.get("times"), "times", 1), call, _count(where.get("after"), "after", 0) or 0, options
    )


def _only(given: Any, known: Sequence[str], what: str) -> None:
    if not isinstance(given, dict):
        raise Unfit(f"an object is wanted where there is {given!r}.")
    for name in given:
        if name not in known:
            raise Unfit(f"{name!r} is no {what}.", name, known)


def _count(value: Any, name: str, least: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
        raise Unfit(f"{name}: {value!r} is no number from {least} to {MOST}.")
    return value
