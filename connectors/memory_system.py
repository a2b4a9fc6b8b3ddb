"""The declaration of an in-process company: names of its fields, its picklists, how it tells what changed.

With the right names it plays any company: a sequence like a modern REST desk, or one-second stamps like an old one.
Knows no store. Next: `memory.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors.base import System
from connectors.declared import Declared


class MemoryNames(Declared):
    """What the company calls the fields that its system itself knows of: dotted paths."""

    id: str = Field("id", description="the native id, which the system gives")
    number: str = Field("number", description="the number that agents see")
    version: str = Field("version", description="the version, one more with each write")
    created: str = Field("created_at", description="when it was created")
    changed: str = Field("updated_at", description="the change stamp")
    hub_id: str = Field("hub_case", description="the hub's case id, unique if the abilities say so")
    status: str = Field("state", description="the status")
    status_changed: str = Field("state_changed_at", description="set to now when the status changes and nobody sets it")
    notes: str = Field("comments", description="the list of notes inside the record")
    note_id: str = Field("id", description="in a note: its id")
    note_author: str = Field("author", description="in a note: who wrote it")
    note_text: str = Field("body", description="in a note: its text, where a ref is looked for")
    note_visibility: str = Field("audience", description="in a note: who may read it")
    note_created: str = Field("created_at", description="in a note: when it was written")
    files: str = Field("files", description="the list of files inside the record")
    file_id: str = Field("id", description="in a file: its id")
    file_author: str = Field("author", description="in a file: who added it")
    file_size: str = Field("size", description="in a file: its bytes")


class MemorySystem(System):
    """One company in this process."""

    kind: Literal["memory"] = "memory"
    names: MemoryNames = MemoryNames()
    number_format: str = Field("M-{}", description="the number that agents see, made of the native id")
    first_id: int = Field(1, gt=0, description="native id of the first record")
    picklists: Mapping[str, tuple[str, ...]] = Field(default_factory=dict, description="path: the only values it takes")
    required: tuple[str, ...] = Field((), description="paths that may not be empty")
    lengths: Mapping[str, int] = Field(default_factory=dict, description="path: most characters")
    defaults: Mapping[str, Any] = Field(default_factory=dict, description="path: value of a record created without one")
    transitions: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict, description="status word: the words that may follow it; none given: any may"
    )
    changed_by: Literal["sequence", "stamp", "scan"] = Field(
        "sequence",
        description="how changes are listed and versions made: a store-wide sequence, the change stamp, or neither: "
        "every record each time, to be compared",
    )
    tells_deletions: bool = Field(True, description="a pull tells of deleted records; else only asking by id does")
    time_format: str = Field("iso", description="how times stand in a body: iso (with offset), or a strftime format")

    def time(self, moment: datetime) -> str:
        """A time as it stands in this company's bodies."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return (
            local.isoformat(timespec="milliseconds") if self.time_format == "iso" else local.strftime(self.time_format)
        )
