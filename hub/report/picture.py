"""A chart as a picture for who shows no SVG (most mail programs) or knows no style sheet of ours (the print).

The looks are read from the page's own style sheet, in its light colours, so there is one place for them. Drawn by Typst
with the fonts that it carries: the same bytes on every machine. Pure but for reading the style sheet.
Next: `svg.py`, which makes the charts; `mail.py` and `printed.py`, which show them.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import typst

FONT = "Libertinus Serif"
PIXELS = 2
"""Of the picture, for one of the chart's units: sharp on a telephone."""
_STYLES = Path(__file__).parent / "templates" / "style.css"
_DRAWING = """#set page(width: auto, height: auto, margin: 6pt, fill: white)
#image(bytes(sys.inputs.svg), format: "svg", width: eval(sys.inputs.width) * 1pt)"""


def png(chart: str) -> bytes:
    """The chart as PNG, on white."""
    made = typst.compile(
        _DRAWING.encode(),
        format="png",
        ppi=72.0 * PIXELS,
        sys_inputs={"svg": alone(chart), "width": chart.split('viewBox="0 0 ', 1)[1].split(" ", 1)[0]},
        ignore_system_fonts=True,
    )
    assert isinstance(made, bytes)
    return made


def alone(chart: str) -> str:
    """The chart as an SVG that needs no page around it: its own style, its own font."""
    head, tail = chart.split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{_styles()}</style>{tail}'


@cache
def _styles() -> str:
    """The style sheet's rules for charts, its variables put in: what is `--own` becomes a rule for each colour."""
    text = _STYLES.read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", text.split("@media", 1)[0]))
    rules = [f'text {{ font-family: "{FONT}"; font-size: 14px; }}']
    for selectors, body in re.findall(r"^svg ([^{]+)\{([^}]*)\}", _flat(text), re.MULTILINE):
        if ":hover" in selectors:
            continue
        for selector in re.split(r",\s*(?:svg\s+)?", selectors.strip()):
            for look in [name for name in colours if re.fullmatch(r"c\d|all", name)] if "--own" in body else [""]:
                own = f"{selector}.{look}" if look else selector
                filled = body.replace("var(--own)", colours.get(look, ""))
                rules.append(f"{own} {{{re.sub(r'var[(]--([a-z]+)[)]', lambda found: colours[found[1]], filled)}}}")
    return "\n".join(rules)


def _flat(text: str) -> str:
    """The style sheet without what holds only on some screens, one rule a line."""
    plain = text.split("@media (max-width", 1)[0]
    return re.sub(r"\} (?=svg )", "}\n", plain)
