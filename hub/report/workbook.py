"""The rollup as a workbook for those who calculate on: a sheet a family, a row a scope, a column an indicator.

Numbers are numbers, with durations in seconds. Texts are texts: no cell holds a formula or a link, and one that is
edited stays text (Excel's quote prefix). Headers are frozen, and rows can be filtered.
Next: `sheet.py`, which has the stamp and the number of facts on each row too.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from hub.indicators import INDICATORS
from hub.measures import FAMILIES, Indicator
from hub.report.page import family_name, stamp
from hub.report.sentences import findings, headline, sampled
from hub.report.words import Words, one_line
from hub.rollup import Rollup, Row, Scope

_WIDE, _NARROW, _SHEET_NAME = 44, 15, 31
_UNSAFE = str.maketrans("[]:*?/\\'", "        ")


def workbook(rollup: Rollup, now: datetime, words: Words) -> bytes:
    """The workbook's file."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": words.period(rollup.period), "created": now.astimezone(UTC).replace(tzinfo=None)})
    looks = {
        "text": book.add_format({"quote_prefix": True, "text_wrap": True, "valign": "top"}),
        "head": book.add_format({"quote_prefix": True, "bold": True, "text_wrap": True, "valign": "bottom",
                                 "bottom": 1, "bg_color": "#F0EEEA"}),
        "whole": book.add_format({"num_format": "#,##0"}),
        "broken": book.add_format({"num_format": "#,##0.0"}),
    }  # fmt: skip
    _about(book.add_worksheet(_named(words.say("About"))), rollup, now, words, looks)
    figures = {(row.scope, row.indicator): row for row in rollup.rows}
    for family in FAMILIES:
        known = [one for one in INDICATORS if one.family == family and any(key == one.id for _, key in figures)]
        if known:
            _family(book.add_worksheet(_named(family_name(family, words))), known, figures, words, looks)
    book.close()
    return made.getvalue()


def _about(sheet: Worksheet, rollup: Rollup, now: datetime, words: Words, looks: Mapping[str, Format]) -> None:
    """What it is of, what happened, and from what it was computed."""
    lines = [
        (words.say("Rollup of the alliance"), words.period(rollup.period)),
        ("", " ".join(headline(rollup, words))),
        *(("", finding) for finding in findings(rollup, words)),
        ("", words.say("Written {when}. Days and weeks are those of {zone}.",
                       when=words.moment(now.astimezone(rollup.period.tz)), zone=rollup.period.zone)),
        ("", words.say("Durations are in seconds (s).")),
        ("", sampled(rollup, words)),
        *stamp(rollup, words),
    ]  # fmt: skip
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    for place, (what, said) in enumerate((what, said) for what, said in lines if said):
        sheet.write_string(place, 0, one_line(what), looks["text"])
        sheet.write_string(place, 1, one_line(said), looks["text"])


def _family(
    sheet: Worksheet,
    known: Sequence[Indicator],
    figures: Mapping[tuple[Scope, str], Row],
    words: Words,
    looks: Mapping[str, Format],
) -> None:
    """One family: its scopes as rows, in the rollup's order; those in which it has no figure are left out."""
    ids = {one.id for one in known}
    scopes = list(dict.fromkeys(scope for scope, key in figures if key in ids))
    sheet.write_string(0, 0, words.say("Whose"), looks["head"])
    for column, one in enumerate(known, 1):
        sheet.write_string(0, column, f"{words.say(one.name)} ({words.say(one.unit)})", looks["head"])
    for line, scope in enumerate(scopes, 1):
        sheet.write_string(line, 0, words.edge(scope), looks["text"])
        for column, one in enumerate(known, 1):
            row = figures.get((scope, one.id))
            if row is not None and row.value is not None:
                look = "whole" if isinstance(row.value, int) else "broken"
                sheet.write_number(line, column, row.value, looks[look])
    sheet.set_row(0, 48)
    sheet.set_column(0, 0, _WIDE)
    sheet.set_column(1, len(known), _NARROW)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(scopes), len(known))


def _named(text: str) -> str:
    """A sheet's name, as spreadsheets allow it."""
    return one_line(text.translate(_UNSAFE))[:_SHEET_NAME]
