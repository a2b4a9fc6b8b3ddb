"""From a rule to the function that reads it in a record: made once, when a declaration is compiled.

The usual cases, one name or a few, take no call that they do not need: this is what runs for every field of every
record. Next: `lens.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mappings.declare_shape import Choice, Rule
from mappings.paths import Body, getter

Look = Callable[[Body], Any]


def looking(rule: Rule) -> Rule:
    """The rule, and those that it chooses among, with their look."""
    if rule.choice is None:
        return replace(rule, look=_look(rule))
    choice = rule.choice
    by_word = {word: looking(each) for word, each in choice.by_word.items()}
    made = Choice(choice.at, by_word, None if choice.otherwise is None else looking(choice.otherwise))
    return replace(rule, choice=made, look=_chosen(made))


def _look(rule: Rule) -> Look:
    plain = _plain(rule)
    default = rule.default
    if default is None:
        return plain

    def look_or_default(body: Body) -> Any:
        value = plain(body)
        return default if value is None else value

    return look_or_default


def _plain(rule: Rule) -> Look:
    forward = rule.op.forward
    if not rule.at:
        return lambda _: forward(None)
    if rule.slot is None and len(rule.at) == 1:
        key = rule.at[0]

        def look(body: Body) -> Any:
            word = body.get(key)
            return None if word is None or word == "" else forward(word)

        return look
    get = getter(rule.at) if rule.slot is None else rule.slot.look

    def look_in(body: Body) -> Any:
        word = get(body)
        return None if word is None or word == "" else forward(word)

    return look_in


def _chosen(choice: Choice) -> Look:
    word_of = getter(choice.at)

    def look(body: Body) -> Any:
        rule = choice.of(word_of(body))
        return None if rule is None else rule.look(body)

    return look
