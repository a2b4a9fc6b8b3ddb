"""Attachments: a list whose members have an identity (`ops_list.py`), a name, a visibility, and what else is told.

What is read here is what a file is called; what is in it goes another way. A name is kept as it is, and made safe where
it is sent. Visibility is mandatory, and unknown means private. The way back gives
name, type and visibility, each once it is seen to read back the same. Next: `declare_lists.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from mappings.case import Visibility
from mappings.errors import Unfit, shown
from mappings.ops_audience import Audience
from mappings.ops_list import Listing, Part, needed, optional, readable
from mappings.paths import At, Body, put


class ReadAttachment(NamedTuple):
    """A file as a partner's record tells of it. mime_type, size (bytes), date: None where it is not told."""

    native_id: str
    name: str
    mime_type: str | None
    size: int | None
    author: str
    date: datetime | None
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class Attachments(Listing):
    """All of it. seen: where the visibility is, () with a constant table, where every file of theirs has one."""

    name: Part
    type: Part | None
    size: Part | None
    author: Part
    date: Part | None
    seen: At
    audience: Audience
    section: ClassVar[str] = "attachments"
    member: ClassVar[str] = "attachment"
    members: ClassVar[str] = "attachments"

    @property
    def readers(self) -> tuple[At, Audience] | None:
        return (self.seen, self.audience) if self.seen else None

    @property
    def parts(self) -> Mapping[str, Part]:
        told = {"name": self.name, "type": self.type, "size": self.size, "author": self.author, "date": self.date}
        return {key: part for key, part in told.items() if part is not None}

    def read(self, body: Body) -> tuple[ReadAttachment, ...]:
        """The attachments of a record, in the record's order. Raises MappingError."""
        return self.read_all(body)

    def one(self, native: str, item: Body) -> ReadAttachment:
        name = needed("name", self.name, item)
        mime_type = optional("type", self.type, item)
        size = optional("size", self.size, item)
        author = optional("author", self.author, item)
        date = optional("date", self.date, item)
        visibility, _ = readable(self.seen, self.audience, item)
        return ReadAttachment(native, name, mime_type, size, author or "", date, visibility)

    def write(self, name: str, mime_type: str | None, visibility: Visibility) -> dict[str, Any]:
        """What is told of one file, in their words; its id, size, author and date are theirs to give.

        Raises MappingError: too long, no word for its visibility, or a word that would read back as something else.
        """
        body: dict[str, Any] = {}
        here, at = "visibility", self.seen
        try:
            word, _ = self.audience.write(visibility, "")
            if self.seen:
                put(body, self.seen, word)
            here, at = "name", self.name.at
            if not name:
                raise Unfit("M217", "it has none.")
            put(body, self.name.at, _proven(self.name, name))
            if self.type is not None and mime_type:
                here, at = "type", self.type.at
                word = _proven(self.type, mime_type)
                if self.type.at:
                    put(body, self.type.at, word)
        except Unfit as unfit:
            raise unfit.at(("attachments", here), ".".join((*self.at, *at))) from None
        return body


def _proven(part: Part, value: str) -> Any:
    """Their word for our value, once it is seen to read back as that value. Raises Unfit."""
    word = part.op.inverse(value)
    back = part.op.forward("" if word is None else word)
    if not part.op.same(back, value):
        raise Unfit("M216", f"{shown(value)} would be written as {shown(word)} and read back as {shown(back)}.", value)
    return word
