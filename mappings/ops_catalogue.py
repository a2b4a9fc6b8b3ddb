"""All ops by the key that declares them: what tests run through and docs list.

Next: each op's own module, and `declare_ops.py`, which makes them.
"""

from __future__ import annotations

from collections.abc import Mapping

from mappings.ops import Example
from mappings.ops_notes import Audience
from mappings.ops_number import Number
from mappings.ops_text import Constant, Flag, Text
from mappings.ops_time import Epoch, Iso, Patterned
from mappings.ops_values import Table

OPS: Mapping[str, Example] = {
    "from": Text.example,
    "values": Table.example,
    "flag": Flag.example,
    "number": Number.example,
    "time: iso": Iso.example,
    "time: pattern": Patterned.example,
    "time: epoch": Epoch.example,
    "constant": Constant.example,
    "visibility": Audience.example,
}
