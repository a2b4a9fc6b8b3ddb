"""A company's own door: GET /partner/TOKEN shows its log and how it stands, POST stops its edges or lets them go on.

No word of any other company, and none of a case but its number in the company's own system. An act is taken from our
own page alone, with who and why.

    200 the page   400, 415 no form of ours   403 sent by another site, or not to be ended here
    404 none of our links   408, 413 late or too large   410 expired, or the company left   422 nobody says who or why
    429 too often   503 not done now

Next: `../own_door.py` (what it does), `templates/partner.html.j2` (how it looks).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from hub import own_door
from hub.alliance import Alliance
from hub.ledger import Ledger
from hub.own_door import PATH, Key, Stands
from hub.own_log import own_log
from hub.serve.bounds import Bound
from hub.serve.feedback_page import ENVIRONMENT, HEADERS, STYLE
from hub.serve.forms import form_of, site_of
from hub.tongue import SOURCE, Tongue, languages, tongue

OFTEN: Final = (60, 60.0)
MOST_LINES: Final = 200
MOST_CHARACTERS: Final = 200
PURPOSE: Final = "form of a company's own door"
STATUS: Final[Mapping[Stands, int]] = {"open": 200, "expired": 410, "left": 410, "forged": 404}
TEMPLATE: Final = ENVIRONMENT.get_template("partner.html.j2")


@dataclass(frozen=True, slots=True)
class Companies:
    """Who may come: whoever has a link. clock: for what is written; tick: seconds, for how often."""

    ledger: Ledger
    alliance: Alliance
    clock: Callable[[], datetime]
    tick: Callable[[], float]

    def key(self, token: str) -> Key:
        """What the link opens."""
        with self.ledger.look(self.clock()) as tx:
            key = own_door.key_of(tx, token)
        return key if key.partner in self.alliance.partners or key.stands == "forged" else Key("", "forged")

    def mark(self, token: str) -> str:
        """What our form for this link bears, and nobody else can make."""
        return self.ledger.keyring.sign(PURPOSE, token.encode())[:16].hex()

    def act(self, partner: str, does: str, who: str, why: str) -> bool | None:
        """Whether it was done; None: it could not be written now."""
        act = own_door.stop if does == "stop" else own_door.go_on
        try:
            with self.ledger.transaction(self.clock()) as tx:
                return act(tx, partner, who, why)
        except sa.exc.OperationalError as error:
            structlog.get_logger("casebridge").error("pause not kept", error=type(error.orig).__name__)
            return None

    def page(self, token: str, key: Key, say: Tongue, *, problem: str = "", status: int = 0) -> Response:
        """The page of this link, in this language."""
        lines, stopped = [], None
        if key.stands == "open":
            lines = list(own_log(self.ledger, key.partner, MOST_LINES))
            with self.ledger.look(self.clock()) as tx:
                stopped = own_door.pause_of(tx, key.partner)
        text = TEMPLATE.render(
            style=STYLE, say=say, languages=[tongue(one) for one in languages()], lines=lines, stopped=stopped,
            company=self.alliance.title(key.partner) if key.partner else "", stands=key.stands, problem=problem,
            mark=self.mark(token), most=MOST_CHARACTERS,
        )  # fmt: skip
        return HTMLResponse(text, status or STATUS[key.stands], HEADERS)


def door(companies: Companies) -> APIRouter:
    """The two routes."""
    router, bound = APIRouter(), Bound(*OFTEN, companies.tick)

    def too_often(request: Request) -> Response | None:
        wait = bound.wait(request.client.host if request.client is not None else "")
        return Response(status_code=429, headers={"Retry-After": str(wait)}) if wait else None

    @router.api_route(PATH + "{token}", methods=["GET", "HEAD"])
    def page(token: str, request: Request, lang: str = "") -> Response:
        key = companies.key(token)
        return too_often(request) or companies.page(token, key, _tongue(companies, key, lang))

    @router.post(PATH + "{token}")
    async def act(token: str, request: Request, lang: str = "") -> Response:
        if (busy := too_often(request)) is not None:
            return busy
        form = await form_of(request, site_of(companies.alliance.feedback_url))
        if isinstance(form, int):
            return Response(status_code=form, headers={"Connection": "close"})
        return await run_in_threadpool(_acted, companies, token, form, lang)

    return router


def _acted(companies: Companies, token: str, form: Mapping[str, str], lang: str) -> Response:
    """What the company is shown after it said something."""
    key = companies.key(token)
    say = _tongue(companies, key, form.get("lang", lang))
    if key.stands != "open":
        return companies.page(token, key, say)
    who, why, does = (" ".join(form.get(name, "").split())[:MOST_CHARACTERS] for name in ("who", "why", "does"))
    if form.get("mark") != companies.mark(token) or does not in ("stop", "go on"):
        return Response(status_code=403)
    if not who or not why:
        return companies.page(token, key, say, problem=say("Please say who you are, and why."), status=422)
    done = companies.act(key.partner, does, who, why)
    if done is None:
        return companies.page(token, key, say, problem=say("It could not be done now; please try again."), status=503)
    if not done:
        problem = say("It stands so already, or the exchange's operator stopped it: then he lets it go on.")
        return companies.page(token, key, say, problem=problem, status=403)
    return companies.page(token, key, say)


def _tongue(companies: Companies, key: Key, chosen: str) -> Tongue:
    """The language that was chosen, else the company's, else English."""
    partner = companies.alliance.partners.get(key.partner)
    own = partner.system.language.partition("-")[0] if partner is not None else SOURCE
    known = languages()
    return tongue(next((one for one in (chosen, own) if one in known), SOURCE))
