"""The printed agreement drawn: as one HTML page that needs nothing else, and as a PDF. Every text is escaped by the
library that draws. Next: `templates/agreement.html.j2` and `templates/agreement.typ` for the looks."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import jinja2
import typst

from hub.agreement_page.content import Content

TEMPLATES = Path(__file__).parent / "templates"


def html(content: Content) -> str:
    """The page."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined,
                                     trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    return environment.get_template("agreement.html.j2").render(asdict(content))


def pdf(content: Content) -> bytes:
    """The PDF: A4, its fonts within, the same bytes for the same content."""
    said = json.dumps(asdict(content), ensure_ascii=False)
    made = typst.compile(TEMPLATES / "agreement.typ", sys_inputs={"said": said}, timestamp=0, ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made
