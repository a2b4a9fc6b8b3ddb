"""A few SVG elements as safe markup. Colours and type come from the page's style sheet, by class name.

Every text goes through markupsafe, so a company's name cannot become markup. Next: `charts.py`, `edge_map.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, log10

from markupsafe import Markup, escape


def drawing(width: float, height: float, label: str, parts: Iterable[Markup]) -> Markup:
    """The whole picture; label is what a screen reader says."""
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _short(width), _short(height), label, Markup("").join(parts)
    )


def group(hint: str, parts: Iterable[Markup]) -> Markup:
    """Parts that share a hint shown on hover."""
    return Markup("<g><title>{}</title>{}</g>").format(hint, Markup("").join(parts))


def text(x: float, y: float, words: str, look: str, anchor: str = "start") -> Markup:
    """One line of text; anchor: start, middle or end."""
    return Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(
        _short(x), _short(y), look, anchor, words
    )


def rect(x: float, y: float, width: float, height: float, look: str, radius: float = 0) -> Markup:
    """A box, with round corners if asked."""
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}" class="{}"/>').format(
        _short(x), _short(y), _short(max(0, width)), _short(max(0, height)), _short(radius), look
    )


def line(x1: float, y1: float, x2: float, y2: float, look: str) -> Markup:
    """A straight line."""
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>').format(
        _short(x1), _short(y1), _short(x2), _short(y2), look
    )


def path(commands: Iterable[str | float], look: str, width: float | None = None) -> Markup:
    """A path of SVG commands and numbers."""
    drawn = " ".join(part if isinstance(part, str) else _short(part) for part in commands)
    stroke = "" if width is None else Markup(' stroke-width="{}"').format(_short(width))
    return Markup('<path d="{}" class="{}"{}/>').format(escape(drawn), look, stroke)


def round_steps(most: float, steps: int = 4) -> list[int]:
    """Ticks from 0 to at least most, in whole steps of 1, 2 or 5 times a power of ten."""
    rough = max(1.0, most / steps)
    power = 10 ** floor(log10(rough))
    pace = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    count = max(1, -(-int(most) // int(pace)))
    return [int(pace) * place for place in range(count + 1)]


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
