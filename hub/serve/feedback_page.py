"""How the feedback page looks: one template, its style inside, no script, nothing from another host.

Pure: what is shown in, the response out. Next: `feedback_words.py` (what it says), `templates/feedback.html`.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.answering import MOST_CHARACTERS, Question, Stands
from hub.serve.feedback_words import LANGUAGES, Said, Words

TEMPLATES: Final = Path(__file__).with_name("templates")
STYLE: Final = (TEMPLATES / "feedback.css").read_text(encoding="utf-8")
STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
"""No script runs, no frame holds it, no search engine keeps it, and its address is told to no other host."""

Shows = Literal[Stands, "thanks", "sorry", "busy"]
GOOD: Final = frozenset({"thanks", "sorry", "used"})
ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
TEMPLATE: Final = ENVIRONMENT.get_template("feedback.html")


NOTHING: Final = Question("forged")


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown. asked: the link's question; None: nothing is known of it. mark: goes with the form. score, text:
    as they were sent, for a form that is shown again. problems: why it is. retry: seconds, for who came too often."""

    shows: Shows
    words: Words
    asked: Question = NOTHING
    mark: str = ""
    status: int = 200
    score: str = ""
    text: str = ""
    problems: tuple[str, ...] = ()
    retry: int = 0


def render(page: Page) -> HTMLResponse:
    """The page as a response."""
    words, asked = page.words, page.asked
    said: Said | None = None if page.shows == "open" else getattr(words, page.shows)
    day = words.when(asked.day) if asked.day is not None else ""
    about = words.about_day if day else words.about
    text = TEMPLATE.render(
        style=STYLE,
        words=words,
        languages=tuple(LANGUAGES.values()),
        company=asked.company,
        about=about.format(number=asked.number, day=day) if asked.number and page.shows == "open" else "",
        reads=words.reads.format(company=asked.company),
        said=said,
        told=said.text.format(company=asked.company) if said is not None else "",
        good=page.shows in GOOD,
        page=page,
        scores=tuple(enumerate(words.scores, start=1)),
        most=MOST_CHARACTERS,
    )
    more = {"Retry-After": str(page.retry)} if page.retry else {}
    return HTMLResponse(text, page.status, {**HEADERS, **more})
