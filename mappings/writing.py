"""One rule's word put into a patch, in the general way: whatever its op, its place, and what the base says.

A word of theirs stays while it means what is to be written. Before a word goes out it is read back through its own op:
a loss is refused (M216), never made. Next: `lens.py`; `lens_writes.py`, which writes the usual cases out.
"""

from __future__ import annotations

from typing import Any

from mappings.declare_shape import Choice, Rule
from mappings.errors import Unfit, shown
from mappings.ops import Value
from mappings.paths import Body, getter, put
from mappings.slots import has


def write(rule: Rule, value: Value | None, base: Body | None, body: dict[str, Any]) -> bool:
    """Put what one rule must write into the body; whether it was anything. Raises Unfit."""
    empty = value is None or value == ""
    if rule.choice is not None and not rule.read_only:
        return _write_chosen(rule.choice, value, base, body)
    if not rule.at and not empty:
        rule.op.inverse(value)  # a constant is not written, it only has to be the same
    if rule.read_only or (base is None and empty and not rule.required):
        return False
    if base is not None and _says(rule, base, None if empty else value):
        return False
    if empty and rule.required:
        raise Unfit("M215", "it is required, and would be empty.")
    word = None if value is None or value == "" else proven(rule, value)
    if rule.slot is None:
        put(body, rule.at, word)
    else:
        rule.slot.put(body, base, word)
    return True


def _write_chosen(choice: Choice, value: Value | None, base: Body | None, body: dict[str, Any]) -> bool:
    """The rule that stands by what the record is about to say."""
    looked = getter(choice.at)
    word = looked(body if has(body, choice.at) or base is None else base)
    chosen = choice.of(word)
    if chosen is not None:
        return write(chosen, value, base, body)
    if value is None or value == "":
        return False
    raise Unfit("M221", f"no rule stands for {shown(word)}.", word, tuple(choice.by_word))


def _says(rule: Rule, base: Body, value: Value | None) -> bool:
    """Whether the base says this already. What cannot be read says nothing."""
    try:
        said = rule.look(base)
    except Unfit:
        return False
    return rule.op.same(said, value) if rule.default is None and rule.lossy is None else rule.same(said, value)


def proven(rule: Rule, value: Value) -> Any:
    """Their word for our value, once it is seen to read back as that value. Raises Unfit."""
    word = rule.op.inverse(value)
    back = None if word == "" else rule.op.forward(word)
    if not (rule.op.same(back, value) or (rule.lossy is not None and rule.same(back, value))):
        raise Unfit("M216", f"{shown(value)} would be written as {shown(word)} and read back as {shown(back)}.", value)
    return word
