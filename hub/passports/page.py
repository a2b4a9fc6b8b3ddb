"""A passport as text for a prompt, and as one HTML page that prints on paper and needs nothing else.

Next: `facts.py`; `templates/` for how it looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from hub.leaks.kept import Kept
from hub.passports.facts import Passport


@dataclass(frozen=True, slots=True)
class LeakTest:
    """The last one of this company. now: hash of the declarations as they are."""

    last: Kept | None
    now: str

    def told(self) -> str:
        """In a sentence."""
        if self.last is None:
            return "none yet: casebridge leaktest"
        held = "nothing leaked" if self.last.holds else "IT DID NOT HOLD"
        same = "these declarations" if self.last.declared == self.now else "other declarations than these"
        return f"{self.last.at}, {held}, by {same} ({self.last.declared[:16]})"


def as_text(of: Passport, leaks: LeakTest) -> str:
    """For a prompt, a mail, or a diff."""
    return "\n".join(_lines(of, leaks)) + "\n"


def _lines(of: Passport, leaks: LeakTest) -> Iterator[str]:
    yield f"Passport of {of.title}"
    yield f"agreement {of.agreement}, effective {of.effective}; mapping {of.mapping[:16]}"
    for heading, lines in sections(of, leaks):
        yield ""
        yield heading
        yield from (f"  {line}" for line in lines)
    yield ""
    yield "Fields: theirs, what it means, read and written by the hub, to whom it may go"
    wide = max((len(each.field) for each in of.fields), default=0)
    far = max((len(each.path) for each in of.fields), default=0)
    for each in of.fields:
        how = f"{'r' if each.read else '-'}{'w' if each.written else '-'}"
        yield f"  {each.field:<{wide}}  {each.path:<{far}}  {how}  {', '.join(each.to) or 'stays'}"
    yield ""
    yield "Edges: what of this company's data may cross"
    for edge in of.edges:
        yield f"  {edge.id}: {edge.giver} to {edge.receiver}, sharing {edge.sharing}, {edge.fields} fields"
        yield f"    notes: {', '.join(edge.notes) or 'none'}; files: {', '.join(edge.files) or 'none'}"
        yield f"    not: {', '.join(edge.withheld) or 'nothing is withheld'}"
        if edge.pseudonyms:
            yield f"    as pseudonyms: {', '.join(edge.pseudonyms)}"
    yield ""
    yield f"To sign: {of.hash}"


def sections(of: Passport, leaks: LeakTest) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The short parts, each a heading and its lines."""
    return (
        ("System", (f"{of.kind}; host: {of.host}", f"login: {of.auth}")),
        ("Least rights of that login", of.rights),
        ("Calls", of.budget),
        ("Notes", of.notes),
        ("Files", of.files),
        ("Kept", of.kept),
        ("Retention", of.retention),
        ("Last leak test", (leaks.told(),)),
    )


def as_html(of: Passport, leaks: LeakTest) -> str:
    """The page; every text escaped, no script, nothing asked of any host."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    shown = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
                               lstrip_blocks=True)  # fmt: skip
    return shown.get_template("passport.html").render(of=of, sections=sections(of, leaks))
