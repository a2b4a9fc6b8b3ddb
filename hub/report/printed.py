"""The page as a PDF for who prints or keeps it: the same content, drawn by Typst with the fonts that it carries.

Every text goes in as JSON, so that none can be markup. The same bytes for the same content and time.
Next: `page.py` for what stands on it, `templates/report.typ` for how it looks.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import typst

from hub.report.changes import Compared
from hub.report.page import content
from hub.report.picture import alone
from hub.report.words import Words
from hub.rollup import Rollup

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"


def printed(rollup: Rollup, now: datetime, words: Words, before: Compared | None = None) -> bytes:
    """The PDF: A4. before: what changed against it."""
    known, say = content(rollup, now=now, words=words, before=before), words.say
    said = {
        "language": say.language,
        "kicker": say("Rollup of the alliance"),
        "title": known["title"],
        "lead": " ".join(known["headline"]),
        "tiles": [(say(tile.of.name), tile.value, tile.below) for tile in known["tiles"]],
        "changes": {
            "title": say("What changed against {period}", period=known["compared"]),
            "lines": [(one.what, one.why, one.look) for one in known["changes"]],
            "none": say("Nothing changed by more than chance makes.") if known["compared"] else "",
        },
        "decided": {
            "title": say("What was decided, and what came of it"),
            "lines": [(one.what, one.why, one.look) for one in known["decided"]],
        },
        "suggestions": {"title": say("Look at this first"), "lines": known["suggestions"]},
        "findings": {"title": say("At the edges"), "lines": known["findings"]},
        "charts": [
            {"title": title, "legend": legend, "svg": alone(str(known[name]))}
            for name, title, legend in (
                ("columns", say("Opened and resolved"),
                 [("#a9b1bd", say("opened")), ("#17876f", say("resolved")), ("", known["step"])]),
                ("edge_map", say("Hand-overs between companies"), []),
                ("bars", say("Time to resolve"),
                 [("#4a5160", say("half of the cases")), ("#b9bdc4", say("nine of ten"))]),
            )
            if known[name]
        ],
        "edges": {
            "title": say("The edges"),
            "head": [say("From → to"), say("Hand-overs"), say("Back"), say("Across"), say("Slowest")],
            "rows": [
                (f"{one.giver} → {one.receiver}", words.number(one.handovers), words.number(one.bounces), one.median,
                 one.worst)
                for one in known["edges"]
            ],
        },
        "figures": {
            "title": say("Every figure"),
            "head": [say("The whole"), *(name for name, _ in known["companies"])],
            "families": [
                (family, [(say(line.of.name), [line.whole, *(cell.text for cell in line.cells)]) for line in lines])
                for family, lines in known["families"]
            ],
        },
        "meanings": {
            "title": say("What each figure means"),
            "lines": [(say(one.name), say(one.formula), known["better"][one.better]) for one in known["meanings"]],
        },
        "notes": [text for text in (known["sampled"],) if text],
        "written": say(
            "Written {when}. Days and weeks are those of {zone}.", when=known["written"], zone=known["zone"]
        ),
        "stamp": known["stamp"],
    }  # fmt: skip
    made = typst.compile(
        _TEMPLATE,
        sys_inputs={"said": json.dumps(said, ensure_ascii=False)},
        timestamp=int(now.timestamp()),
        ignore_system_fonts=True,
    )
    assert isinstance(made, bytes)
    return made
