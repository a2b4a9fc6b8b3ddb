"""How a REST partner hands out a long list: six declared styles.

    paging: {style: cursor, param: after, next: next, more: more}

Each style says with which parameters a list is begun and, from an answer and its headers, how it goes
on: further parameters, a URL, or None at the end. Knows no records' meaning. Next: `rest_read.py`, which walks lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import requests
from pydantic import Field

from connectors import paths
from connectors.declared import Declared

Step = Mapping[str, str] | str | None
"""How to go on: parameters to set, a whole URL or path to follow, or None for the end."""


class CursorPaging(Declared):
    """The answer names the place where the next one starts. With no `since` filter it is also the pull's cursor: a
    store-wide change sequence, which is the best that a partner can offer."""

    style: Literal["cursor"] = "cursor"
    param: str = Field(description="query parameter that takes the cursor")
    next: str = Field(description="path of the next cursor in the answer")
    more: str = Field("", description="path of a flag that says whether there is more; else a short page is the last")
    forgotten: int = Field(
        410, description="status that says: this cursor is known no longer; the list is read from its beginning then"
    )

    def first(self) -> Mapping[str, str]:
        """Begin at the beginning."""
        return {}

    def after(self, answer: Any, got: int, asked: int, sent: Mapping[str, str], headers: Mapping[str, str]) -> Step:
        """Go on after an answer of `got` records."""
        cursor = self.reached(answer)
        more = bool(paths.get(answer, self.more)) if self.more else got >= asked
        return {self.param: cursor} if more and cursor and cursor != sent.get(self.param) else None

    def reached(self, answer: Any) -> str:
        """The cursor that an answer ends at, or nothing."""
        found = paths.get(answer, self.next)
        return "" if found is None else str(found)


class PagePaging(Declared):
    """Numbered pages."""

    style: Literal["page"] = "page"
    param: str = Field("page", description="query parameter that takes the page's number")
    start: int = Field(1, ge=0, description="number of the first page")
    total: str = Field("", description="path of how many pages there are; empty: a short page is the last")

    def first(self) -> Mapping[str, str]:
        """Begin at the first page."""
        return {self.param: str(self.start)}

    def after(self, answer: Any, got: int, asked: int, sent: Mapping[str, str], headers: Mapping[str, str]) -> Step:
        """The next number, unless this was the last one."""
        following = int(sent[self.param]) + 1
        last = following - self.start >= _count(answer, self.total) if self.total else got < asked
        return None if last else {self.param: str(following)}


class OffsetPaging(Declared):
    """Records are counted off."""

    style: Literal["offset"] = "offset"
    param: str = Field("offset", description="query parameter that takes how many records to leave out")
    total: str = Field("", description="path of how many records there are; empty: a short page is the last")

    def first(self) -> Mapping[str, str]:
        """Leave out none."""
        return {self.param: "0"}

    def after(self, answer: Any, got: int, asked: int, sent: Mapping[str, str], headers: Mapping[str, str]) -> Step:
        """Leave out those that were answered, unless this was the last of them."""
        behind = int(sent[self.param]) + got
        last = behind >= _count(answer, self.total) if self.total else got < asked
        return None if last else {self.param: str(behind)}


class NextUrlPaging(Declared):
    """The answer holds the address of the next page."""

    style: Literal["next_url"] = "next_url"
    next: str = Field(description="path of the next page's URL in the answer")

    def first(self) -> Mapping[str, str]:
        """Begin as the list begins."""
        return {}

    def after(self, answer: Any, got: int, asked: int, sent: Mapping[str, str], headers: Mapping[str, str]) -> Step:
        """Where the answer says; another host is refused by the wire."""
        url = paths.get(answer, self.next)
        return url if isinstance(url, str) and url and got else None


class LinkPaging(Declared):
    """The address of the next page stands in a header, as RFC 8288 writes it: `Link: <https://...>; rel="next"`."""

    style: Literal["link"] = "link"
    header: str = Field("Link", description="name of the header")
    rel: str = Field("next", description="relation of the next page")

    def first(self) -> Mapping[str, str]:
        """Begin as the list begins."""
        return {}

    def after(self, answer: Any, got: int, asked: int, sent: Mapping[str, str], headers: Mapping[str, str]) -> Step:
        """Where the header says; another host is refused by the wire."""
        links = requests.utils.parse_header_links(headers.get(self.header, ""))
        return next((link["url"] for link in links if self.rel in link.get("rel", "").split()), None)


class OnePage(Declared):
    """The list is one answer, however long it is."""

    style: Literal["none"] = "none"

    def first(self) -> Mapping[str, str]:
        """Begin as the list begins."""
        return {}

    def after(self, answer: Any, got: int, asked: int, sent: Mapping[str, str], headers: Mapping[str, str]) -> Step:
        """It never goes on."""
        return None


def _count(answer: Any, path: str) -> int:
    """How many there are; none more, where the answer does not say."""
    found = paths.get(answer, path)
    return int(found) if isinstance(found, int) or (isinstance(found, str) and found.isdigit()) else 0


Paging = Annotated[
    CursorPaging | PagePaging | OffsetPaging | NextUrlPaging | LinkPaging | OnePage, Field(discriminator="style")
]
