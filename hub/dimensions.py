"""By what figures and promises tell cases apart: a few values that name nobody, so an entry's envelope bears them.

An entry that sets or changes one has it in `detail["about"]`: name of the dimension -> value, None where it was taken
away. Pure. Next: `clocks.py` (a promise by priority), `scopes.py` (figures
by them).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from hub.entries import Entry

DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "priority": "priority",
        "type": "ticketType",
        "channel": "channel",
        "product": "relatedEntity.product.id",
        "service": "relatedEntity.service.id",
        "region": "characteristic.region",
        "dispute": "dispute",
    }
)
"""Name of a dimension -> the case's path. None may hold personal data or free text."""


def about(values: Mapping[str, Any], changed: Collection[str] | None = None) -> dict[str, Any]:
    """`{"about": {...}}`, the part of an entry's detail that says where the case belongs; empty where nothing of it was
    changed. changed: the paths that were; None: all of them, as of a case that is new."""
    told = {
        name: values.get(path)
        for name, path in DIMENSIONS.items()
        if (values.get(path) is not None if changed is None else path in changed)
    }
    return {"about": told} if told else {}


SCOPED: tuple[str, ...] = ("product", "priority", "channel", "region")
"""Dimensions by which figures are also given, beside the contact point."""


def labels(story: Sequence[Entry]) -> dict[str, str]:
    """Where a case belongs now: each dimension that figures are given by, and its contact point; what is not said is
    left out. story: its entries, in the ledger's order."""
    found: dict[str, str] = {}
    for entry in story:
        told = entry.detail.get("about", {})
        found |= {name: "" if told[name] is None else str(told[name]) for name in SCOPED if name in told}
        if entry.contact_point:
            found["contact"] = entry.contact_point
    return {name: value for name, value in found.items() if value}
