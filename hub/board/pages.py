"""The board's pages: five reads of the ledger and the templates that show them.

All paths are of one level and all links relative, so the router works under any prefix and inside Airflow's frame.
No script, nothing from another host, everything escaped by the template engine. Each request opens the ledger through
the callable it was given. Next: `words.py` for sentences, `templates/` for looks.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from hub.board.words import ago, facts, fix, status, tell
from hub.evidence import USUAL
from hub.evidence_words import lines_of, pages_of, proven

if TYPE_CHECKING:
    from hub.ledger import Ledger

PAGE = 50
"""Cases on one page."""
STORY = 1000
"""Entries of one case that its page tells; the newest where there are more."""
TEMPLATES = Path(__file__).with_name("templates")
STYLE = (TEMPLATES / "board.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; "
        "frame-ancestors 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""No script may run, no other host is asked, and a customer's case stays in no cache."""


def board(
    ledger: Callable[[], Ledger],
    titles: Callable[[], Mapping[str, str]],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    *,
    sampled: Callable[[], Mapping[str, float]] = dict,
    engineers: Callable[..., object] | None = None,
    evidence_for: timedelta = USUAL,
) -> APIRouter:
    """Routes `cases`, `case?id=`, `waiting`, `partners`. ledger: the one to read, asked for at each request.

    titles: the companies' names as people write them, by partner. sampled: seconds between two polls, by partner whose
    system tells no change history. engineers: a dependency that lets in who may read what was said in calls, at
    `calls?id=`; None: nobody may. evidence_for: how long that is kept.
    """
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    pages = _Pages(ledger, titles, clock, sampled, evidence_for if engineers is not None else None)

    @router.get("/")
    def home() -> RedirectResponse:
        return RedirectResponse("cases")

    @router.get("/cases")
    def cases(
        search: Annotated[str, Query(max_length=200)] = "", page: Annotated[int, Query(ge=1)] = 1
    ) -> HTMLResponse:
        return pages.cases(search.strip(), page)

    @router.get("/case")
    def case(id: Annotated[str, Query(max_length=64)]) -> HTMLResponse:  # noqa: A002 - it is the name in the address
        return pages.case(id)

    if engineers is not None:

        @router.get("/calls", dependencies=[Depends(engineers)])
        def calls(id: Annotated[str, Query(max_length=64)]) -> HTMLResponse:  # noqa: A002 - as above
            return pages.calls(id)

    @router.get("/waiting")
    def waiting() -> HTMLResponse:
        return pages.waiting()

    @router.get("/partners")
    def partners() -> HTMLResponse:
        return pages.partners()

    return router


class _Pages:
    """Reads and renders; holds nothing between two requests."""

    def __init__(
        self,
        ledger: Callable[[], Ledger],
        titles: Callable[[], Mapping[str, str]],
        clock: Callable[[], datetime],
        sampled: Callable[[], Mapping[str, float]],
        evidence_for: timedelta | None,
    ) -> None:
        self._ledger, self._titles, self._clock, self._sampled = ledger, titles, clock, sampled
        self._evidence_for = evidence_for
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(status=status, moment=moment)

    def cases(self, search: str, page: int) -> HTMLResponse:
        rows = self._ledger().cases(limit=PAGE + 1, offset=(page - 1) * PAGE, search=search)
        return self._page("cases.html", search=search, page=page, rows=rows[:PAGE], more=len(rows) > PAGE)

    def case(self, case_id: str) -> HTMLResponse:
        ledger = self._ledger()
        found = ledger.case(case_id)
        if found is None:
            return self._page("missing.html", status_code=404, case_id=case_id)
        entries = list(ledger.entries(case_id=case_id))
        names = self._titles()
        return self._page(
            "case.html",
            case=found,
            facts=facts(found),
            links=ledger.links(case_id),
            parked=ledger.parked(case_id),
            owed=ledger.deliveries(WAITING, case_id),
            paused=next((row for row in ledger.pauses() if (row.scope, row.name) == ("case", case_id)), None),
            story=[tell(entry, names) for entry in entries[-STORY:]],
            earlier=max(0, len(entries) - STORY),
            has_calls=self._evidence_for is not None,
        )

    def calls(self, case_id: str) -> HTMLResponse:
        ledger, kept_for = self._ledger(), self._evidence_for or timedelta()
        found = ledger.case(case_id)
        if found is None:
            return self._page("missing.html", status_code=404, case_id=case_id)
        entries = list(ledger.entries(case_id=case_id))
        rows = ledger.evidence(case_id, self._clock() - kept_for)
        tries = [
            {
                "partner": row.partner,
                "what": f"delivery {row.delivery_id}" if row.delivery_id is not None else "a reading",
                "at": row.at,
                "lines": lines_of([row]),
                "proof": proven(row, entries),
                "pages": pages_of(row),
            }
            for row in rows
        ]
        return self._page("calls.html", case=found, tries=tries, kept_days=f"{kept_for / timedelta(days=1):g}")

    def waiting(self) -> HTMLResponse:
        ledger = self._ledger()
        return self._page("waiting.html", parked=ledger.parked(), owed=ledger.deliveries(WAITING))

    def partners(self) -> HTMLResponse:
        ledger = self._ledger()
        stopped = next((row for row in ledger.pauses() if row.scope == "hub"), None)
        return self._page("partners.html", rows=ledger.partners(), stopped=stopped, sampled=self._sampled())

    def _page(self, template: str, *, status_code: int = 200, **shown: Any) -> HTMLResponse:
        now = self._clock()
        names = self._titles()
        text = self._templates.get_template(template).render(
            shown,
            style=STYLE,
            now=now,
            title_of=lambda name: names.get(name, name) if name else "—",
            ago=lambda when: ago(when, now),
            fix_of=lambda row: fix(row, names),
        )
        return HTMLResponse(text, status_code, HEADERS)


WAITING = ("owed", "claimed", "unknown")
"""Deliveries that nothing but time stands before; parked ones are shown apart."""


def moment(when: datetime | None) -> str:
    """A time as the board writes it: UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if when else "—"
