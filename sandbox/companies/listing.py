"""Which cases the list shows: words, state and company asked for, the newest change first, a page at a time.

Knows no HTML and no login. Next: templates/list.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox.companies.reading import ALIVE
from sandbox.companies.rows import Record
from sandbox.companies.store import Store

PAGE = 25
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for; page counts from 1."""

    words: str = ""
    status: str = ""
    holder: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """Read leniently: what cannot be read is not asked for."""
        page = query.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
        return cls(
            query.get("q", "").strip()[:MOST_WORDS], query.get("status", ""), query.get("holder", ""), max(1, number)
        )

    def link(self, page: int) -> str:
        """The list's address at that page."""
        named = {"q": self.words, "status": self.status, "holder": self.holder, "page": str(page)}
        return "/?" + urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list."""

    asked: Asked
    records: tuple[Record, ...]
    total: int
    page: int
    pages: int


def listing(store: Store, asked: Asked) -> Found:
    """The page asked for; the last one where there are fewer."""
    roles, fields = store.vocabulary.roles, store.vocabulary.fields
    conditions, given = [ALIVE], []
    if asked.words:
        parts = (roles.title, roles.details, roles.customer, roles.agent, roles.hub_id, roles.holder_number)
        looked_in = dict.fromkeys([*parts, *(name for name, field in fields.items() if field.indexed)])
        texts = " || ' ' || ".join(["number", *(f"coalesce({store.column(name)}, '')" for name in looked_in)])
        conditions.append(f"instr(fold({texts}), ?) > 0")
        given.append(asked.words.casefold())
    for name, wanted in ((roles.status, asked.status), (roles.transfer, asked.holder)):
        if wanted in fields[name].values:
            conditions.append(f"{store.column(name)} = ?")
            given.append(wanted)
    condition = " AND ".join(conditions)
    total = store.count(condition, given)
    pages = max(1, -(-total // PAGE))
    page = min(asked.page, pages)
    records = store.select(condition, given, order="changed DESC", limit=PAGE, offset=(page - 1) * PAGE)
    return Found(asked, tuple(records), total, page, pages)
