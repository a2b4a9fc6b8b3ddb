"""Which status may follow which, when the hub is the one who moves it.

The table binds what the hub initiates. What a partner did is applied, and where it stands outside the table it is
flagged as irregular: facts are not refused. TMF621 has no transition table; where it is silent this follows MEF 113
(resolved -> closed by the buyer's word, resolved -> inProgress as reopening, with a reason). Next: `hub/merge.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from mappings.case import STATUSES

MAY_FOLLOW: Mapping[str, frozenset[str]] = {
    "acknowledged": frozenset({"inProgress", "pending", "held", "resolved", "cancelled", "rejected"}),
    "inProgress": frozenset({"pending", "held", "resolved", "cancelled"}),
    "pending": frozenset({"inProgress", "held", "resolved", "cancelled"}),
    "held": frozenset({"inProgress", "pending", "cancelled"}),
    "resolved": frozenset({"inProgress", "closed"}),
    "closed": frozenset({"inProgress"}),
    "cancelled": frozenset(),
    "rejected": frozenset(),
}
"""From a status to those that the hub may set next."""


def may_follow(before: str, after: str) -> bool:
    """Whether the hub may move a case from one status to the other; staying is always allowed."""
    if before not in STATUSES or after not in STATUSES:
        raise ValueError(f"{before!r} -> {after!r}: known statuses are {', '.join(STATUSES)}")
    return before == after or after in MAY_FOLLOW[before]


def is_reopening(before: str, after: str) -> bool:
    """Resolved or closed work that starts again. It needs a reason."""
    return before in {"resolved", "closed"} and after not in {"resolved", "closed", "cancelled", "rejected"}
