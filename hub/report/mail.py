"""A report as a mail: HTML that mail programs show, its charts as pictures inside, the same in plain words beside.

    mixed
      alternative
        text/plain
        related: text/html, image/png ...
      attachments

Tables and styles within the elements, since many mail programs know no more. Every text is escaped, every header is one
line, and nothing in it is active or asked from anywhere.
Knows no address book and no server. Next: `page.py` for what stands in it, `../mailing/` for who gets it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import unescape
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from hub.report.changes import Compared
from hub.report.forms import Form
from hub.report.page import content, environment
from hub.report.picture import png
from hub.report.words import Words, one_line
from hub.rollup import Rollup

WIDE = 4
"""So many companies have their columns in the mail's table; of more the whole is shown, and the rest is attached."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Who writes to whom about what. id: without brackets, the same for the same letter however often it is sent.
    name: of the subscription. change: whom to write to, to have it changed or stopped; "": nobody."""

    sender: str
    to: str
    id: str
    name: str
    change: str = ""


def mail(
    rollup: Rollup,
    letter: Letter,
    *,
    now: datetime,
    words: Words,
    attached: Sequence[Form] = (),
    before: Compared | None = None,
) -> EmailMessage:
    """The whole mail. now: its date, aware. before: what changed against it."""
    known = content(rollup, now=now, words=words, before=before)
    pictures = {name: png(str(known[name])) for name in ("edge_map", "columns", "bars") if known[name]}
    subject = one_line(words.say("Casebridge rollup: {period}", period=known["title"]))
    more = {
        "subject": subject,
        "pictures": pictures,
        "labels": {name: _label(known[name]) for name in pictures},
        "wide": len(known["companies"]) <= WIDE,
        "change": _change(letter, words),
        "attached": [file.name for file in attached],
    }
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = letter.sender
    message["To"] = letter.to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{letter.id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = words.say.language
    if letter.change:
        message["List-Unsubscribe"] = f"<{more['change']}>"
    message.set_content(_plain(known | more))
    message.add_alternative(environment().get_template("mail.html.j2").render(known | more), subtype="html")
    _parts, body = message.iter_parts()
    for name, picture in pictures.items():
        body.add_related(picture, "image", "png", cid=f"<{name}@casebridge>", filename=f"{name}.png",
                         disposition="inline")  # fmt: skip
    for file in attached:
        main, _, sub = file.kind.partition("/")
        message.add_attachment(file.body, main, sub, filename=one_line(file.name))
    return message


def _plain(known: Mapping[str, Any]) -> str:
    """The mail in plain words. Line ends of names and versions are no line ends of it."""
    template = jinja2.Environment(
        loader=environment().loader, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=lambda value: one_line(str(value)), autoescape=False,  # noqa: S701  plain text has no markup
    ).get_template("mail.txt.j2")  # fmt: skip
    return template.render(known)


def _label(chart: Markup) -> str:
    """What a screen reader says of the chart."""
    return unescape(str(chart).split('aria-label="', 1)[1].split('"', 1)[0])


def _change(letter: Letter, words: Words) -> str:
    """A link that writes to whoever declares the subscriptions."""
    subject = one_line(words.say("Please change or stop the report {name}", name=letter.name))
    return f"mailto:{letter.change}?subject={quote(subject)}" if letter.change else ""
