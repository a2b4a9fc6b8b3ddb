"""What a person can choose about something that waits, and what it does. Light: a DAG file reads it at parse time.

Next: `reviewing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

LEAVE = "leave it"
OPTIONS: Mapping[str, Literal["retry", "fix", "drop"]] = {
    "try again": "retry",
    "set values": "fix",
    "do not carry": "drop",
}
"""What can be chosen, and what it does; `LEAVE` beside them does nothing."""
