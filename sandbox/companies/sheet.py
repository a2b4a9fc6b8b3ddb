"""Pages as HTML: Jinja with autoescape, the headers that keep a page harmless, the company's colour and mark.

No page loads anything from elsewhere and none runs a script. Knows no route. Next: templates/, static/desk.css.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.companies.door import Visitor
from sandbox.companies.values import to_text
from sandbox.companies.vocabulary import Field, Value, Vocabulary

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Sheet:
    """The company's paper: every page is printed on it."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self._pages = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.globals.update(words=words, say=words.labels, roles=words.roles)
        self._pages.filters.update(local=words.local, iso=datetime.isoformat, shown=self._shown)

    def page(
        self, name: str, context: Mapping[str, Any], visitor: Visitor | None = None, status: int = 200
    ) -> HTMLResponse:
        """templates/NAME.html with this context."""
        html = self._pages.get_template(f"{name}.html").render({**context, "visitor": visitor})
        return HTMLResponse(html, status, dict(HEADERS))

    def colours(self) -> Response:
        """The company's colour as CSS, in light and in dark."""
        light, dark = self.words.colours.light, self.words.colours.dark
        css = (
            f":root {{ --accent: {light}; --band: {light}; }}\n"
            f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; }} }}\n"
        )
        return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    def mark(self) -> Response:
        """The company's letter on its colour, as SVG: the tab's icon and the mark in the band."""
        letter, colour = self.words.title[0], self.words.colours.light
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
            f'<rect width="32" height="32" rx="8" fill="#fff"/>'
            f'<text x="16" y="23.5" font-family="system-ui,sans-serif" font-size="21" font-weight="800" '
            f'text-anchor="middle" fill="{colour}">{letter}</text></svg>'
        )
        return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    def _shown(self, value: Value, field: Field | None) -> str:
        """A field's value as a person reads it."""
        if isinstance(value, datetime):
            return self.words.local(value)
        if isinstance(value, bool) and field is not None:
            return self.words.labels.yes if value else "–"
        return to_text(self.words, value)
