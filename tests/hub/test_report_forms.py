"""The workbook and the print: numbers that can be calculated on, texts that stay texts."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from lxml import etree

from hub.indicators import INDICATORS
from hub.measures import FAMILIES
from hub.periods import Period
from hub.report.forms import forms
from hub.report.printed import printed
from hub.report.words import Words
from hub.rollup import WHOLE, Rollup, Scope, rollup
from hub.worked import worked

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LINES = ("a 09:00 opened north", "a 09:01 offered north>south", "a 09:09 resolved south", "b 10:00 opened south")
X = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def made(version: str = "2026-11") -> Rollup:
    return rollup(worked(*LINES), Period.parse("all"), agreement_version=version)


class Book:
    """A workbook as a reader takes it apart: sheets by name, cells as they are typed."""

    def __init__(self, of: Rollup, words: Words) -> None:
        (form,) = forms(of, ["xlsx"], now=NOW, words=words)
        self.parts = zipfile.ZipFile(io.BytesIO(form.body))
        strings = etree.fromstring(self.parts.read("xl/sharedStrings.xml"))
        self.texts = ["".join(one.itertext()) for one in strings]
        names = [one.get("name") for one in etree.fromstring(self.parts.read("xl/workbook.xml")).iter(f"{X}sheet")]
        self.sheets = {
            str(name): etree.fromstring(self.parts.read(f"xl/worksheets/sheet{place}.xml"))
            for place, name in enumerate(names, 1)
        }

    def rows(self, sheet: str) -> list[dict[str, str | float]]:
        """column letter -> value, for each row."""
        return [
            {str(cell.get("r"))[0]: self._value(cell) for cell in row if cell.find(f"{X}v") is not None}
            for row in self.sheets[sheet].iter(f"{X}row")
        ]

    def _value(self, cell: etree._Element) -> str | float:
        value = str(cell.findtext(f"{X}v"))
        return self.texts[int(value)] if cell.get("t") == "s" else float(value)


def test_the_workbook_has_a_sheet_a_family_with_numbers_as_numbers_below_frozen_heads() -> None:
    of = made()
    book = Book(of, Words())
    assert list(book.sheets) == ["About", *(family.capitalize() for family in FAMILIES)]
    for family in FAMILIES:
        known = [one for one in INDICATORS if one.family == family]
        head, *rows = book.rows(family.capitalize())
        assert list(head.values()) == ["Whose", *(f"{one.name} ({one.unit})" for one in known)]
        scopes = [row["A"] for row in rows]
        assert scopes[:3] == ["The whole", "North", "South"]
        for place, one in enumerate(known):
            letter = "BCDEFGHIJKLMNOPQRSTUVWXYZ"[place]
            for row, scope in zip(rows, (WHOLE, Scope("company", "north"), Scope("company", "south")), strict=False):
                assert row.get(letter) == of.row(one.id, scope).value
        (pane,) = book.sheets[family.capitalize()].iter(f"{X}pane")
        assert (pane.get("state"), pane.get("ySplit"), pane.get("xSplit")) == ("frozen", "1", "1")
    assert "North → South" in [row["A"] for row in book.rows("Cooperation")]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\0=", "https://evil.example/"])
def test_no_cell_of_the_workbook_is_a_formula_or_a_link(first: str) -> None:
    hostile = f"{first}cmd|' /C calc'!A1"
    book = Book(made(hostile), Words(titles={"north": hostile}))
    kept = " ".join(hostile.replace("\0", " ").split())
    assert kept in book.texts
    assert f"{kept} → South" in book.texts
    assert not [one for sheet in book.sheets.values() for one in sheet.iter(f"{X}f", f"{X}hyperlink")]
    styles = etree.fromstring(book.parts.read("xl/styles.xml"))
    looks = [one for group in styles.iter(f"{X}cellXfs") for one in group]
    quoted = {str(place) for place, one in enumerate(looks) if one.get("quotePrefix") == "1"}
    cells = [cell for sheet in book.sheets.values() for cell in sheet.iter(f"{X}c") if cell.get("t") == "s"]
    assert {cell.get("s") for cell in cells} <= quoted  # text, also once somebody edits it


@pytest.mark.parametrize("words", ['#panic("x")', '"]; #eval("1")', "*b* _i_ $x$ @ref <label>", "\\u{0}", "\0\r\n=1"])
def test_markup_of_the_print_in_names_is_printed_as_it_is(words: str) -> None:
    pdf = printed(made(words), NOW, Words(titles={"north": words, "south": words}))
    assert pdf.startswith(b"%PDF-")
    assert pdf == printed(made(words), NOW, Words(titles={"north": words, "south": words}))
