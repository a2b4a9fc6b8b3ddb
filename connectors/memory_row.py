"""One record as an in-process company keeps it, and a fault that was asked for. Next: `memory_store.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.base import HistoryLine
from connectors.errors import ConnectorError


@dataclass(slots=True)
class Row:
    """One record. seq: of its last change. visible_at: when find begins to find it; listed_at: when a pull begins to
    tell of its last change, None for at once. merged_into: native id of the record that took its place. contents: id of
    each file -> its bytes.
    """

    native_id: str
    body: dict[str, Any]
    seq: int
    version: int
    changed_at: datetime
    visible_at: datetime
    listed_at: datetime | None = None
    gone: bool = False
    merged_into: str | None = None
    history: list[HistoryLine] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Fault:
    """The next `times` operations named `on` raise this error, before they are applied or after."""

    on: str
    error: ConnectorError
    times: int
    after: bool
