"""The customer's door: GET /feedback/TOKEN is the page that asks, POST takes the answer, once.

Reading it changes nothing, so that a mail scanner which follows every link uses none up. An answer is taken from our
own page alone: what another site sends is refused by its origin, and lacks the mark that the form bears. It is bounded
in size and in how often one address may ask. Everything that is shown is escaped, and no script may run.

    200 the page, or what became of the answer   400, 415 no form of ours   403 sent by another site
    404 none of our links   408, 413 the body is late or too large   410 used, expired, or the case has moved on
    422 an answer that lacks something   429 too often   503 not kept now; what was written still stands on the page

Next: `feedback_page.py` (how it looks), `../answering.py` (what an answer does).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from unicodedata import category

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from hub.alliance import Alliance
from hub.answering import MOST_CHARACTERS, Answer, Question, Stands, answer, question
from hub.asking import PATH
from hub.ledger import Ledger
from hub.serve.bounds import Bound
from hub.serve.feedback_page import Page, render
from hub.serve.feedback_words import Words, accepted, words_in
from hub.serve.forms import form_of, site_of

OFTEN: Final = (60, 60.0)
"""Requests at once from one address, and as many again in so many seconds."""
SCORES: Final = ("1", "2", "3", "4", "5")
PURPOSE: Final = "feedback form"
BAD_CHARACTERS: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Which turn the direction of what is written after them."""
STATUS: Final[Mapping[Stands, int]] = {"open": 200, "used": 410, "ended": 410, "expired": 410, "forged": 404}


@dataclass(frozen=True, slots=True)
class Customers:
    """Who may answer: whoever has a link. clock: for what is written; tick: seconds, for how often."""

    ledger: Ledger
    alliance: Alliance
    clock: Callable[[], datetime]
    tick: Callable[[], float]

    def asked(self, token: str) -> Question:
        """What the link is about."""
        with self.ledger.look(self.clock()) as tx:
            return question(tx, self.alliance, token)

    def take(self, token: str, said: Answer) -> Stands | None:
        """How the link stood; "open": the answer was taken. None: it could not be kept now."""
        log = structlog.get_logger("casebridge")
        try:
            with self.ledger.transaction(self.clock()) as tx:
                stands, _ = answer(tx, self.alliance, token, said)
        except sa.exc.OperationalError as error:
            log.error("feedback not kept", error=type(error.orig).__name__)
            return None
        log.info("feedback taken" if stands == "open" else "feedback not taken", link=stands)
        return stands

    def mark(self, token: str) -> str:
        """What our form for this link bears, and nobody else can make."""
        return self.ledger.keyring.sign(PURPOSE, token.encode())[:16].hex()


def door(customers: Customers) -> APIRouter:
    """The two routes."""
    router, bound = APIRouter(), Bound(*OFTEN, customers.tick)

    @router.api_route(PATH + "{token}", methods=["GET", "HEAD"])
    def page(token: str, request: Request, lang: str = "") -> Response:
        words = _words(request, lang, "")
        if wait := bound.wait(_sender(request)):
            return render(Page("busy", words, status=429, retry=wait))
        asked = customers.asked(token)
        words = _words(request, lang, asked.language)
        return render(Page(asked.stands, words, asked, mark=customers.mark(token), status=STATUS[asked.stands]))

    @router.post(PATH + "{token}")
    async def take(token: str, request: Request, lang: str = "") -> Response:
        words = _words(request, lang, "")
        if wait := bound.wait(_sender(request)):
            return render(Page("busy", words, status=429, retry=wait))
        form = await form_of(request, site_of(customers.alliance.feedback_url))
        if isinstance(form, int):
            return Response(status_code=form, headers={"Connection": "close"})
        return await run_in_threadpool(_answered, customers, token, request, form)

    return router


def _answered(customers: Customers, token: str, request: Request, form: Mapping[str, str]) -> Response:
    """What the customer is shown after he sent his answer."""
    asked = customers.asked(token)
    words = _words(request, form.get("lang", ""), asked.language)
    text, score = plain(form.get("text", "")), form.get("score", "")
    page = Page(asked.stands, words, asked, mark=customers.mark(token), status=STATUS[asked.stands], score=score,
                text=text)  # fmt: skip
    if asked.stands != "open":
        return render(page)
    if form.get("mark") != page.mark:
        return render(replace(page, shows="forged", status=403))
    problems = [] if score in SCORES else [words.no_score]
    if len(text) > MOST_CHARACTERS:
        problems.append(words.too_long.format(count=len(text), most=MOST_CHARACTERS))
    if problems:
        return render(replace(page, problems=tuple(problems), status=422))
    stands = customers.take(token, Answer(int(score), text or None, words.code))
    if stands is None:
        return render(replace(page, problems=(words.not_sent,), status=503, retry=60))
    if stands != "open":  # another answer came first
        return render(replace(page, shows=stands, status=STATUS[stands]))
    content = int(score) >= customers.alliance.agreement.closing.threshold
    return render(replace(page, shows="thanks" if content else "sorry"))


def plain(text: str) -> str:
    """A customer's text as it is kept: lines end in one way, nothing that no person writes, no space around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        sign for sign in lines if sign == "\n" or (category(sign) not in ("Cc", "Cs") and sign not in BAD_CHARACTERS)
    )
    return "".join(kept).strip()


def _words(request: Request, chosen: str, company: str) -> Words:
    """The language that was chosen, else the browser's, else the company's."""
    wishes = accepted(request.headers.get("accept-language", ""))
    return words_in([chosen, *wishes, company])


def _sender(request: Request) -> str:
    return request.client.host if request.client is not None else ""
