"""Codes of an export that is imported, explained. Next: `../checking.py`, which shows them."""

from __future__ import annotations

from collections.abc import Mapping

MORE: Mapping[str, str] = {
    "H100": "An export has more problems than are told at once.\n  Fix: mend those that are told, and look again.",
    "H101": "An export cannot be read: it is not there, is no CSV in UTF-8 or no XES, has no row, or a row of another\n"
    "width than its header.\n"
    "  Fix: export it anew; `delimiter` in history.yaml says what stands between cells.",
    "H102": "history.yaml names a column that the export has not.\n  Fix: take a name of its first line.",
    "H103": "A word of the export has no meaning in history.yaml, and nothing is imported until each has.\n"
    "  Fix: add it to the column's table in `values`; `*` stands for all others.",
    "H104": "A time of the export is not of the declared form.\n"
    "  Fix: `format` in history.yaml, as Python's strptime has it: %d/%m/%Y %H:%M; without it times are ISO 8601.",
    "H105": "A time of the export names no offset from UTC, and history.yaml no zone to read it in.\n"
    "  Fix: zone: Europe/London",
    "H106": "A row of the export says not which case it is of.\n  Fix: take the row out, or name the right column.",
    "H107": "A customer's score is a whole number from 1 to 5.\n"
    "  Fix: bring it to that scale in the export; an empty cell says that nobody gave one.",
}
