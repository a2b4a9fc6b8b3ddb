"""A company whose system tells no change history is sampled: its figures say so, with the seconds between two polls."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html

from hub.indicators import INDICATORS
from hub.partners import sampled_in
from hub.periods import Period
from hub.report import write_report
from hub.report.sheet import sheet
from hub.rollup import WHOLE, Rollup, Scope, rollup
from hub.worked import worked

NOW = datetime(2026, 11, 3, tzinfo=UTC)
TITLES = {"northcable": "Northcable", "roundup": "Roundup"}
ROOT = Path(__file__).parents[2]
STORY = worked(
    "a 09:00 opened northcable",
    "a 09:30 offered northcable>roundup",
    "a 11:00 resolved roundup",
    "a 12:00 reopened roundup",
    "b 10:00 opened northcable",
    "b 10:30 resolved northcable",
)


@pytest.fixture
def made() -> Rollup:
    return rollup(STORY, Period.parse("all"), tuple(TITLES), sampled={"roundup": 90.0, "elsewhere": 5.0})


def test_each_figure_that_polling_may_miss_bears_the_seconds_between_two_polls(made: Rollup) -> None:
    assert made.sampled == (("roundup", 90.0),)
    assert made.row("reopened", Scope("company", "roundup")).sampled == 90.0
    assert made.row("reopened", WHOLE).sampled == 90.0
    assert made.row("bounces", Scope("edge", "northcable", "roundup")).sampled == 90.0
    assert made.row("reopened", Scope("company", "northcable")).sampled is None


def test_what_polling_cannot_miss_bears_none(made: Rollup) -> None:
    exact = {known.id for known in INDICATORS if not known.sampled}
    assert {"opened", "open_at_end", "transport_median", "parked", "conflicts", "deliveries"} <= exact
    assert {row.sampled for row in made.rows if row.indicator in exact} == {None}


def test_the_figures_themselves_are_the_same_and_so_is_their_recomputation(made: Rollup) -> None:
    plain = rollup(STORY, Period.parse("all"), tuple(TITLES))
    assert [(row.scope, row.indicator, row.value, row.n) for row in made.rows] == [
        (row.scope, row.indicator, row.value, row.n) for row in plain.rows
    ]
    assert made == rollup(STORY, Period.parse("all"), tuple(TITLES), sampled={"roundup": 90.0, "elsewhere": 5.0})


def test_the_page_marks_them_and_says_what_the_mark_means(made: Rollup, tmp_path: Path) -> None:
    page = html.fromstring(write_report(made, tmp_path, now=NOW, titles=TITLES).html.read_text(encoding="utf-8"))
    rows = {row[0].text_content().strip(): row for row in page.xpath("//table[@class='figures']//tr[td]")}
    assert [cell.text_content().strip() for cell in rows["Cases reopened"][1:]] == ["1 †", "0", "1 †"]
    assert [cell.text_content().strip() for cell in rows["Cases opened"][1:]] == ["2", "2", "0"]
    (note,) = page.xpath("//*[@id='sampled']")
    assert note.text_content().startswith("† Sampled: Roundup every 90 s. Its system tells no change history")


def test_a_page_without_samples_has_no_mark(tmp_path: Path) -> None:
    plain = rollup(STORY, Period.parse("all"), tuple(TITLES))
    text = write_report(plain, tmp_path, now=NOW, titles=TITLES).html.read_text(encoding="utf-8")
    assert "†" not in text
    assert "Sampled:" not in text


def test_the_sheet_has_the_seconds_in_a_column(made: Rollup) -> None:
    rows = list(csv.DictReader(io.StringIO(sheet(made, TITLES), newline="")))
    told = {
        (row["scope"], row["company"]): row["sampled_every_s"]
        for row in rows
        if row["indicator"] == "reopened" and row["scope"] in ("whole", "company")
    }
    assert told == {("whole", ""): "90.0", ("company", "northcable"): "", ("company", "roundup"): "90.0"}


def test_the_declarations_say_who_is_sampled(tmp_path: Path) -> None:
    partners = tmp_path / "partners"
    for name, history in (("one", True), ("two", False)):
        folder = partners / name
        folder.mkdir(parents=True)
        (folder / "system.yaml").write_text(
            f"name: {name}\ntitle: X\nkind: memory\nconnection: x\npoll: 30\nabilities: {{change_history: {history}}}\n"
        )
    (partners / "three").mkdir()
    (partners / "three" / "system.yaml").write_text("name: three\nkind: nothing that is known\n")
    assert sampled_in(partners) == {"two": 30.0}
    assert sampled_in(ROOT / "mappings" / "partners") == {}
