"""Who signed which text of the agreement: the partners' sign-offs stand in its own file, each with the hash of what it
was put under. A text that was changed after somebody signed it is refused (A341).

The hash is of what the file says, not of how it is written: comments and spaces may change, words may not.
Next: `versions.py`, which says which version holds.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pydantic import Field

from connectors.declared import Declared
from hub.acting import CannotDo
from hub.declarations import Document, Problem, shown

if TYPE_CHECKING:
    from hub.agreement import Agreement

SIGNED = "signed"
HEAD = "# Who signed this text. A signature holds for the text that it was put under, and for no other."


class Signature(Declared):
    """One partner's sign-off."""

    partner: str = Field(description="whose signature it is")
    name: str = Field(min_length=1, description="who signed for it")
    role: str = Field("", description="what that person is there")
    date: datetime.date = Field(description="the day on which it was signed")
    text: str = Field(pattern=r"^[0-9a-f]{64}$", description="hash of the text that was signed, SHA-256")


def text_of(content: Mapping[str, Any]) -> str:
    """The hash of an agreement's text, SHA-256: of all that its file says but the signatures."""
    said = {key: value for key, value in content.items() if key != SIGNED}
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def check_signatures(document: Document, agreement: Agreement) -> Iterator[Problem]:
    """A340 of no partner, or twice of one; A341 under another text."""
    seen: set[str] = set()
    for i, signature in enumerate(agreement.signed):
        head, place = f"signed by {signature.name} for {signature.partner}", (SIGNED, i)
        if signature.partner not in agreement.partners:
            message = f"{head}: is no partner of this agreement."
            yield document.problem((*place, "partner"), "A340", message, signature.partner, agreement.partners)
        elif signature.partner in seen:
            yield document.problem((*place, "partner"), "A340", f"{head}: it has signed already; take one out.")
        seen.add(signature.partner)
        if signature.text != agreement.text:
            message = (
                f"{head}: under another text ({signature.text[:12]}; it is {agreement.text[:12]} now). It was changed "
                "after it was signed."
            )
            yield document.problem((*place, "text"), "A341", message)


def put_under(document: Document, agreement: Agreement, signature: Signature) -> None:
    """Add a signature to an agreement's file, at its end; all else in it stays as it is. Raises CannotDo."""
    if signature.partner not in agreement.partners:
        message = f"{signature.partner!r} is no partner of agreement {agreement.version}."
        raise CannotDo("A340", message, value=signature.partner, known=tuple(agreement.partners))
    if any(signature.partner == each.partner for each in agreement.signed):
        raise CannotDo("A340", f"{signature.partner} has signed agreement {agreement.version} already.")
    head = "" if SIGNED in document.content else f"\n{HEAD}\n{SIGNED}:\n"
    if not head and list(document.content)[-1] != SIGNED:
        fix = f"move `{SIGNED}` to the end of the file, one signature a line."
        raise CannotDo("A340", f"{shown(document.path)}: other things stand behind `{SIGNED}`.", fix=fix)
    said = {"partner": signature.partner, "name": signature.name, "role": signature.role}
    words = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items() if value)
    line = f"  - {{{words}, date: {signature.date}, text: {signature.text}}}\n"
    text = document.path.read_text(encoding="utf-8")
    beside = document.path.with_suffix(".new")
    beside.write_text(text.removesuffix("\n") + "\n" + head + line, encoding="utf-8")
    beside.replace(document.path)
