"""Lines of Python that become one function, with the objects that they name: what a lens is written out in.

The two loops that run for every field of every record are written out when a declaration is compiled: `lens_reads.py`
and `lens_writes.py`. Both know the usual words only. Where anything else turns up they raise one of UNUSUAL, and the
lens takes its long way, which alone says what is wrong and where. So what is written out here may give up too often,
and must never give another result.

An op needs nothing of this: one that is not known here is called as it is, and one that has a `read` (forward as one
plain function) is called through that. What most fields are, `Text`, `Table` and `Patterned`, is written out without a
call: a call a field would cost a quarter of the whole. No text of a declaration
becomes code: names and words stand in it as constants (`repr`), or objects are bound by name. Knows no rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from typing import Any

from mappings.errors import Unfit
from mappings.ops import Op
from mappings.ops_text import Text
from mappings.ops_time import Patterned
from mappings.ops_time_days import COLONS, OF_A_DAY, Days
from mappings.ops_values import Table
from mappings.paths import At

UNUSUAL = (Unfit, LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What sends a record the long way."""


class Lines:
    """A function being written. root: the name of the record that ways go into."""

    def __init__(self, root: str) -> None:
        self._lines: list[str] = []
        self._names: dict[str, Any] = {}
        self._getters: dict[tuple[str, At], str] = {}
        self._depth = 1
        self.root = root

    def add(self, *lines: str) -> None:
        """More lines, at the present depth."""
        self._lines += ["    " * self._depth + line for line in lines]

    @contextmanager
    def block(self, line: str, root: str = "") -> Iterator[None]:
        """A line that opens a block; ways in it go into another record where one is named."""
        self.add(line)
        before, self.root = self.root, root or self.root
        self._depth += 1
        yield
        self._depth -= 1
        self.root = before

    def bound(self, thing: Any) -> str:
        """A name for an object."""
        name = f"k{len(self._names)}"
        self._names[name] = thing
        return name

    def reader(self, op: Op) -> str:
        """A name for the function that reads a word through this op."""
        return self.bound(getattr(op, "read", op.forward))

    def way(self, at: At) -> str:
        """An expression for what stands at that way, None where nothing does. Ways share their beginnings:
        `customer.name` and `customer.id` look for `customer` once."""
        return f"{self._getter(at[:-1])}({at[-1]!r})"

    def _getter(self, at: At) -> str:
        """A name for the function that looks into the object at that way."""
        known = self._getters.get((self.root, at))
        if known is None:
            known = self._getters[self.root, at] = f"get{len(self._getters)}"
            if at:
                self.add(f"{known} = {self.way(at)}")
                self.add(f"{known} = {self.bound(_nothing)} if {known} is None else {known}.get")
            else:
                self.add(f"{known} = {self.root}.get")
        return known

    def read(self, name: str, at: At, op: Op) -> None:
        """Read what stands at that way into a variable: None for nothing."""
        self.add(f"{name} = {self.way(at)}")
        nothing = f"None if {name} is None or {name} == '' else"
        long_way = f"{self.reader(op)}({name})"
        if isinstance(op, Text):
            self.add(f"if {odd_text(name)}: {name} = {nothing} {long_way}")
        elif isinstance(op, Table) and not op.keep:
            words, kind = self.bound(dict(op.words)), self.bound(op.type)
            self.add(f"{name} = {words}[{name}] if {name}.__class__ is {kind} else {nothing} {long_way}")
        elif isinstance(op, Patterned) and op.days is not None:
            self._moment(name, op.days, long_way)
        else:
            self.add(f"{name} = {long_way} if {name} else {nothing} {long_way}")

    def _moment(self, name: str, days: Days, long_way: str) -> None:
        """As `Days.reading` does it, without a call."""
        combine, rest = self.bound(datetime.combine), f"{name}[{days.start}:]"
        self.add(f"known = {self.bound(days.day_of)}[{name}[:{days.start}]] if {name} else None")
        with self.block("if known is None:"):
            self.add(f"{name} = None if {name} is None or {name} == '' else {long_way}")
        with self.block("else:"):
            if days.step == "1s":
                self.add(f"rest = {rest}", f"if rest[2::3] != {COLONS!r}: raise LookupError")
                self.add(f"{name} = {combine}(known[0], {self.bound(time.fromisoformat)}(rest), known[1])")
            else:
                self.add(f"{name} = {combine}(known[0], {self.bound(OF_A_DAY)}[{rest}], known[1])")

    def function(self, head: str, told: str) -> Any:
        """The function. told: what tracebacks show for its file."""
        source = "\n".join([f"def {head}:", *self._lines, ""])
        exec(compile(source, f"<{told}>", "exec"), self._names)  # noqa: S102 - this room's own lines, see above
        return self._names[head.partition("(")[0]]


def odd_text(name: str) -> str:
    """An expression: whether a variable holds no text, an empty one, or one with a NUL in it. Half of a surrogate pair
    raises."""
    nul = f"('\\0' in {name}) if {name}.isascii() else (0 in {name}.encode())"
    return f"{name}.__class__ is not str or not {name} or ({nul})"


def _nothing(key: str) -> None:
    """What an object that is not there has at a key."""
