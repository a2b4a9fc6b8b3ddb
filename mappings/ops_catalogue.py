"""All ops by the key that declares them: what tests run through and docs list.

Next: each op's own module, and `declare_ops.py`, which makes them.
"""

from __future__ import annotations

from collections.abc import Mapping

from mappings.ops import Example
from mappings.ops_audience import Audience
from mappings.ops_cut import Cut
from mappings.ops_format import Formatted
from mappings.ops_number import Number
from mappings.ops_python import Named
from mappings.ops_text import Constant, Flag, Text
from mappings.ops_time import Epoch, Iso, Patterned
from mappings.ops_unit import Measured
from mappings.ops_values import Table
from mappings.ops_when import When

DEFAULT = Example(
    "What nothing of theirs means. Nothing and the default mean the same here, so neither is written over the other.",
    {"from": "impact", "values": {"Low": "minor", "High": "significant"}, "default": "minor",
     "refuse": ["moderate", "extensive"]},
    None,
    "minor",
)  # fmt: skip
SLOTS: Mapping[str, Example] = {
    "from: list": Example(
        "The element of a list that is found by other fields of it. `write` says how a change is written: `element` "
        "(that one alone in a list), `whole` (the whole list), `object` (an object of name to value). `single: true` "
        "where the value is itself a list of one.",
        {"from": {"list": "custom_fields", "where": {"id": 7}, "value": "value", "write": "element"}},
        {"custom_fields": [{"id": 7, "value": "Ana"}]},
        "Ana",
    ),
    "from: field": Example(
        "A field that holds its value inside, or bare; written bare.",
        {"from": {"field": "caller", "value": "display_value"}},
        {"caller": {"value": "90210", "display_value": "Ana"}},
        "Ana",
        {"caller": "Ana"},
    ),
    "from: split": Example(
        "One part of a text. The other parts stay as they are; a part that holds the separator is refused.",
        {"from": {"field": "caller", "split": " / ", "part": 2, "of": 2}},
        {"caller": "90210 / Ana"},
        "Ana",
        {"caller": " / Ana"},
    ),
    "from: join": Example(
        "One text from several fields. What is more than the fields hold goes to the last, or with `rest: first` to "
        "the first.",
        {"from": {"join": ["first", "last"], "with": " "}},
        {"first": "Ana", "last": "Gómez Peña"},
        "Ana Gómez Peña",
    ),
    "to": Example(
        "Read in one place, written in another.",
        {"from": "customer.name", "to": "customer_name"},
        {"customer": {"name": "Ana"}},
        "Ana",
        {"customer_name": "Ana"},
    ),
}
"""Where a word stands: records of theirs beside what the path is."""

OPS: Mapping[str, Example] = {
    "from": Text.example,
    "values": Table.example,
    "flag": Flag.example,
    "number": Number.example,
    "time: iso": Iso.example,
    "time: pattern": Patterned.example,
    "time: epoch": Epoch.example,
    "constant": Constant.example,
    "default": DEFAULT,
    "values: nearest": Table.loss,
    "lookup": Table.lookup,
    "number: unit": Measured.example,
    "format": Formatted.example,
    "truncate": Cut.example,
    "when": When.example,
    "python": Named.example,
    **SLOTS,
    "visibility": Audience.example,
}
