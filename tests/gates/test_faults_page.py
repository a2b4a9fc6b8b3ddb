"""The page of the fault catalogue says what tests/faults.yaml says: every row once, under its part, honestly."""

from __future__ import annotations

from pathlib import Path

from hub.declarations import read
from hub.reference.faults import CATALOGUE, faults

ROWS = read(CATALOGUE).content["faults"]
PAGE = faults()


def test_it_stands_on_top_how_many_rows_are_covered() -> None:
    covered = [row for row in ROWS if row["test"]]
    assert f"\n{len(covered)} of {len(ROWS)} rows are covered by a test." in PAGE


def test_every_row_stands_once_under_its_part_with_the_test_that_covers_it_or_not_yet() -> None:
    parts = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
    for row in ROWS:
        (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {row['row']} | ")]
        assert line in parts[row["work"]]
        assert all(f"`{test}`" in line for test in row["test"] or ())
        assert line.endswith("| not yet |") is not bool(row["test"])


def test_the_catalogue_is_the_projects_own() -> None:
    assert Path(__file__).parents[2] / "tests" / "faults.yaml" == CATALOGUE
