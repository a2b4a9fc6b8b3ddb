"""What an agent does for one row of the log: the row whole, in the words of the company whose system it writes to.

A change of organisation line is a hand-over that the giver's agent makes, in the transfer field of its own tool.
Next: `drive.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.replay.log import Row
from sandbox.words import fields

STATUS: Mapping[tuple[str, str], str] = {
    ("Accepted", "In Progress"): "inProgress",
    ("Accepted", "Assigned"): "inProgress",
    ("Completed", "Closed"): "closed",
    ("Completed", "Cancelled"): "cancelled",
}
FAMILY: Mapping[str, str] = {"Accepted": "pending", "Queued": "acknowledged", "Completed": "resolved"}
"""Where the pair says nothing of its own: Accepted/Wait..., Queued/Awaiting Assignment, Completed/Resolved, In Call."""

PRIORITY: Mapping[str, str] = {"Low": "low", "Medium": "medium", "High": "high", "Major": "critical"}


def status_of(row: Row) -> str:
    """The row's status in the terms of words.py."""
    return STATUS.get((row.status, row.sub_status)) or FAMILY.get(row.status, "acknowledged")


def spoken(company: str, row: Row) -> dict[str, Any]:
    """The row whole, as this company's agent writes it."""
    return fields(company, said(row))


def said(row: Row) -> dict[str, Any]:
    """The row whole, in the terms of words.py."""
    return {
        "title": f"{row.product}: {row.incident}",
        "reference": row.incident,
        "channel": "log",
        "status": status_of(row),
        "sub_status": row.sub_status,
        "status_at": row.changed_at,
        "priority": PRIORITY.get(row.impact),
        "holder": row.company,
        "product": row.product,
        "division": row.division or None,
        "team": row.team,
        "level": row.level,
        "country": row.country,
        "agent_country": row.owner_country,
        "agent": row.owner,
    }
