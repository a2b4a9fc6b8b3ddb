"""What can be wrong with a mapping, and with a record that meets it, in words that teach.

    Misdeclared    the YAML is wrong: every Fault of it at once      -> `casebridge check` fails, never at 3 a.m.
    MappingError   this record, or this value, does not fit          -> it is parked; others go on
    Unfit          what an op says; the lens adds path and field     -> never leaves this room

Codes: M1xx a declaration, M2xx a record, M3xx a law or an example that does not hold; `explain.py` says what each is
about. A place is the way into the YAML ("case", "status", "values", "Solved"); hub/declarations.py turns it into
file, line and column. Knows no file and no partner. Next: `explain.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

Key = str | int | bool
Place = tuple[Key, ...]

_SHOWN = 12


def shown(value: object, limit: int = 60) -> str:
    """A value on one line, quoted, cut, with control characters escaped: safe in a log, a mail and a page."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, str):
        words = str(value)  # of a word of a fixed list too: its own repr names a class
        return repr(words if len(words) <= limit else words[:limit] + "…")
    try:
        text = str(value)
    except ValueError:  # Python writes no integer of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= limit else text[:limit] + "…"


def spoken(place: Iterable[Key]) -> str:
    """A place as people say it: `status.values.Solved`. What stands under `case` is named without it."""
    parts = [shown(part) if isinstance(part, bool) else str(part) for part in place]
    if len(parts) > 1 and parts[0] == "case":
        parts = parts[1:]
    return ".".join(parts) or "mapping"


def nearest(value: object, known: Sequence[str]) -> str | None:
    """The known value that was probably meant."""
    if not isinstance(value, str):
        return None
    lower = {word.lower(): word for word in reversed(known)}
    if value.lower() in lower:
        return lower[value.lower()]
    found = get_close_matches(value, known, n=1)
    return found[0] if found else None


def taught(code: str, message: str, value: object, known: Sequence[str]) -> str:
    """Code and message, and on a second line what is known, the nearest of it, and where to read more."""
    line = ""
    if known:
        rest = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
        line = f"Known: {', '.join(known[:_SHOWN])}{rest}."
        near = nearest(value, known)
        if near is not None and near != value:
            line += f" Did you mean {near!r}?"
        line += "  "
    return f"{code} {message}\n  {line}More: casebridge explain {code}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a declaration. message starts with the place; value is what stands there."""

    place: Place
    code: str
    message: str
    value: object = None
    known: tuple[str, ...] = ()

    def text(self) -> str:
        """The whole fault on two lines, without file and line (those are known to who read the file)."""
        return taught(self.code, self.message, self.value, self.known)

    def __str__(self) -> str:
        return self.text()


class Misdeclared(Exception):
    """A declaration cannot be compiled. `faults` holds all that is wrong with it, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(fault.text() for fault in self.faults))


class MappingError(Exception):
    """This record, or this value for this partner, does not fit the mapping.

    code: M2xx. place: the rule in the YAML. field: the partner's field, dotted. value: what did not fit (may be
    personal: keep it out of logs). known: what would have fitted. message: one line, names path and field, and shows
    at most 60 characters of a word, a number or a time, never of free text.
    """

    def __init__(
        self,
        code: str,
        *,
        place: Place,
        field: str,
        message: str,
        value: object = None,
        known: Iterable[str] = (),
    ) -> None:
        self.code, self.place, self.field, self.message = code, place, field, message
        self.value, self.known = value, tuple(known)
        super().__init__(self.text())

    def text(self) -> str:
        """The whole error on two lines."""
        return taught(self.code, self.message, self.value, self.known)


class Unfit(Exception):
    """What an op says of a value that it cannot take. message is a clause without its subject's name."""

    def __init__(self, code: str, message: str, value: object = None, known: Iterable[str] = ()) -> None:
        self.code, self.message, self.value, self.known = code, message, value, tuple(known)
        super().__init__(f"{code} {message}")

    def at(self, place: Place, field: str) -> MappingError:
        """The same, with where it happened."""
        said = f" ({field})" if field else ""
        return MappingError(
            self.code,
            place=place,
            field=field,
            message=f"{spoken(place)}{said}: {self.message}",
            value=self.value,
            known=self.known,
        )
