"""The page and the sheet: right figures, nothing active, nothing from outside, whole or absent on disk."""

from __future__ import annotations

import csv
import errno
import io
import os
import random
import re
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree, html

from hub.entries import Entry, EntryKind
from hub.indicators import INDICATORS
from hub.periods import Period
from hub.report import Paths, ReportError, write_report
from hub.report.sheet import COLUMNS, as_text, sheet
from hub.report.svg import round_steps
from hub.report.words import Words
from hub.rollup import WHOLE, Rollup, Scope, rollup
from hub.worked import worked

COMPANIES = ("northcable", "telvoz", "brightnet")
TITLES = {"northcable": "Northcable", "telvoz": "Telvoz", "brightnet": "Brightnet"}
NOW = datetime(2026, 11, 22, 0, 15, tzinfo=UTC)


def alliance(cases: int, seed: int = 7) -> list[Entry]:
    """Some weeks of three companies. Northcable and Telvoz play ping-pong; Brightnet is slow to be reached."""
    chance = random.Random(seed)
    entries: list[Entry] = []
    for number in range(cases):
        business = datetime(2026, 10, 19, 8, tzinfo=UTC) + timedelta(hours=chance.triangular(0, 760, 540))
        origin = chance.choices(COMPANIES, (5, 3, 2))[0]
        holder, status, version = origin, "acknowledged", 0
        route = chance.choices(("stay", "cross", "pingpong"), (50, 38, 12))[0]
        acts: list[tuple[EntryKind, str, str]] = [("opened", origin, "acknowledged")]
        if route == "cross":
            acts.append(("offered", chance.choice([name for name in COMPANIES if name != origin]), "inProgress"))
        if route == "pingpong":
            there = "telvoz" if origin == "northcable" else "northcable"
            acts += [("offered", (there, origin)[step % 2], "inProgress") for step in range(chance.randint(2, 5))]
        acts += [("changed", "", chance.choice(("inProgress", "pending"))) for _ in range(chance.randint(0, 3))]
        if chance.random() < 0.86:
            acts.append(("resolved", "", "resolved"))
            if chance.random() < 0.08:
                acts += [("reopened", "", "inProgress"), ("resolved", "", "resolved")]
            if chance.random() < 0.7:
                acts.append(("closed", "", "closed"))
        for kind, receiver, after in acts:
            tx, giver, holder = len(entries) + 1, holder, receiver or holder
            partner, status, version = giver, after, version + 1
            seen = business + timedelta(seconds=chance.uniform(1, 6))
            more: list[tuple[EntryKind, str, float]] = [
                ("owed", name, 0.0) for name in {origin, giver, holder} - {partner}
            ]
            for name in sorted({origin, holder} - {partner}):
                slow = chance.expovariate(1 / 95) if name == "brightnet" else chance.expovariate(1 / 5)
                more.append(("delivered", name, 2 + slow))
            if chance.random() < 0.015:
                more.append((chance.choice(("parked", "conflict")), holder, 1.0))
            for made, who, later in [(kind, partner, 0.0), ("changed", partner, 0.0), *more][kind == "changed" :]:
                entries.append(
                    Entry(
                        seq=len(entries) + 1,
                        tx=tx if later == 0 else tx + len(entries),
                        case_id=f"case-{number}",
                        kind=made,
                        partner=who,
                        observed_at=seen + timedelta(seconds=later),
                        business_at=business if later == 0 and made != "owed" else None,
                        status=status,
                        holder=holder,
                        detail={"version": version} if made in ("owed", "delivered") else {},
                        mapping_hash=f"{who:b<16}".encode().hex(),
                        code_version="0.1.0",
                    )
                )
            if business > NOW:
                break
            business += timedelta(hours=chance.expovariate(1 / (14 if holder != "brightnet" else 30)))
    return entries


@pytest.fixture(scope="module")
def made() -> Rollup:
    return rollup(
        alliance(160),
        Period.parse("2026-11", "Europe/London"),
        COMPANIES,
        agreement_version="2026.11",
        code_version="0.1.0",
    )


def written(of: Rollup, folder: Path, titles: dict[str, str] | None = None) -> Paths:
    return write_report(of, folder, now=NOW, titles=TITLES if titles is None else titles)


def read(path: Path) -> etree._Element:
    return html.fromstring(path.read_text(encoding="utf-8"))


def said(page: etree._Element) -> str:
    return " ".join(page.text_content().split())


def test_the_page_shows_each_figure_of_the_whole_and_of_each_company(made: Rollup, tmp_path: Path) -> None:
    page = read(written(made, tmp_path / "new" / "folder").html)
    rows = {row[0].text_content(): row for row in page.xpath("//table[@class='figures']//tr[td]")}
    assert set(rows) == {known.name for known in INDICATORS}
    for known in INDICATORS:
        shown = [cell.text_content().strip() for cell in rows[known.name][1:]]
        scopes = (WHOLE, *(Scope("company", company) for company in COMPANIES))
        assert shown == [Words().figure(made.row(known.id, scope)) for scope in scopes]


def test_each_figure_has_its_formula_on_hover_and_in_the_glossary(made: Rollup, tmp_path: Path) -> None:
    page = read(written(made, tmp_path).html)
    for known in INDICATORS:
        assert page.xpath("//a[@href=$to]/@title", to=f"#{known.id}")[0] == known.formula
        entry = page.xpath("//div[@id=$id]", id=known.id)[0]
        assert known.formula in said(entry)
        assert known.example.words in said(entry)
    targets = {target.lstrip("#") for target in page.xpath("//a/@href")}
    assert targets <= set(page.xpath("//@id"))


def test_the_page_says_what_it_was_computed_from(made: Rollup, tmp_path: Path) -> None:
    text = said(read(written(made, tmp_path).html))
    assert "agreement 2026.11" in text
    assert "code 0.1.0" in text
    assert f"ledger up to entry {made.head:,}" in text
    assert all(f"{partner} {digest[:12]}" in text for partner, digest in made.mapping_hashes)
    assert "Written 22 November 2026, 00:15 GMT." in text
    assert "November 2026" in text


def test_the_charts_are_drawn_and_named(made: Rollup, tmp_path: Path) -> None:
    page = read(written(made, tmp_path).html)
    assert page.xpath("//*[local-name()='svg']/@aria-label") == [
        "Cases opened and resolved over time",
        "Hand-overs between companies",
        "Time to resolve by company: median and nine of ten",
    ]
    counts = {int(count) for count in page.xpath("//*[@class='count']/text()")}
    assert counts == {
        row.value for row in made.rows if row.indicator == "handovers_in" and row.scope.kind == "edge"
    } - {0}
    for width in page.xpath("//*[local-name()='rect']/@width | //*[local-name()='rect']/@height"):
        assert float(width) >= 0


def test_the_page_needs_nothing_from_outside_and_runs_nothing(made: Rollup, tmp_path: Path) -> None:
    text = written(made, tmp_path).html.read_text(encoding="utf-8")
    page = html.fromstring(text)
    assert not re.findall(r"https?://|url\(|@import|\bsrc=|javascript:", text)
    assert not page.xpath("//script | //link | //img | //iframe | //object | //form")
    assert not [name for element in page.iter() for name in element.attrib if name.lower().startswith("on")]
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]


HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title></svg>{{7*7}}", "' onmouseover='x")


@pytest.mark.parametrize("words", HOSTILE)
def test_markup_in_names_and_versions_stays_text(words: str, tmp_path: Path) -> None:
    entries = [replace_partner(entry, words) for entry in alliance(30)]
    of = rollup(entries, Period.parse("all"), agreement_version=words, code_version=words)
    page = read(written(of, tmp_path, {"telvoz": words}).html)
    assert not page.xpath("//script | //img")
    assert not [name for element in page.iter() for name in element.attrib if name.lower().startswith("on")]
    assert f"agreement {' '.join(words.split())}" in said(page)
    assert page.xpath("//style")[0].getnext() is None


def replace_partner(entry: Entry, words: str) -> Entry:
    return replace(
        entry,
        partner=words if entry.partner == "brightnet" else entry.partner,
        holder=words if entry.holder == "brightnet" else entry.holder,
        mapping_hash=words,
    )


def test_the_sheet_holds_every_row_and_numbers_stay_numbers(made: Rollup, tmp_path: Path) -> None:
    raw = written(made, tmp_path).csv.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfperiod,start,end,")
    assert raw.count(b"\r\n") == len(made.rows) + 1 == raw.count(b"\n")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    for row, figure in zip(rows, made.rows, strict=True):
        assert row["indicator"] == figure.indicator
        assert row["company_title"] == TITLES.get(figure.scope.company, "")
        assert (float(row["value"]) if row["value"] else None) == figure.value
        assert (row["start"], row["entry_head"]) == ("2026-11-01T00:00:00+00:00", str(made.head))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\0=", " =", "＝", "\u200b@"])
def test_no_text_of_the_sheet_is_a_formula(first: str, made: Rollup) -> None:
    rows = list(csv.DictReader(io.StringIO(sheet(made, {"telvoz": f"{first}cmd|' /C calc'!A1"}), newline="")))
    titles = {row["company_title"] for row in rows} | {row["to_title"] for row in rows}
    assert {title[:1] for title in titles} == {"", "'"}
    assert not any("\0" in title for title in titles)


def test_a_negative_number_is_still_a_number_and_plain_text_is_left_alone() -> None:
    early = worked("a 10:00 opened north", "a 09:00 resolved north")
    rows = list(csv.DictReader(io.StringIO(sheet(rollup(early, Period.parse("all")), {}), newline="")))
    assert {row["value"] for row in rows if row["indicator"] == "time_to_resolve_median"} == {"-3600.0"}
    assert as_text("Northcable (a=b), Ltd") == "Northcable (a=b), Ltd"


def test_the_same_rollup_gives_the_same_bytes(made: Rollup, tmp_path: Path) -> None:
    one, two = written(made, tmp_path / "one"), written(made, tmp_path / "two")
    assert (one.html.read_bytes(), one.csv.read_bytes()) == (two.html.read_bytes(), two.csv.read_bytes())
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["rollup-2026-11.csv", "rollup-2026-11.html"]


def test_a_full_disk_leaves_the_old_report_and_nothing_beside_it(
    made: Rollup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [path.read_bytes() for path in (written(made, tmp_path).html, written(made, tmp_path).csv)]
    real, calls = os.fsync, []

    def full_at_the_second(number: int) -> None:
        calls.append(number)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(number)

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    with pytest.raises(OSError, match="No space left on device"):
        write_report(made, tmp_path, now=NOW + timedelta(days=1), titles={})
    paths = (tmp_path / "rollup-2026-11.html", tmp_path / "rollup-2026-11.csv")
    assert [path.read_bytes() for path in paths] == old
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o644}


@pytest.mark.parametrize("passage", range(1, 5))
def test_a_writer_that_is_killed_leaves_whole_files_and_the_next_one_writes_the_same_as_ever(
    passage: int, made: Rollup, tmp_path: Path
) -> None:
    """Killed at the n-th of its syncs and renames: each file is the old or the new one, to the last byte."""
    written(made, tmp_path)
    paths = (tmp_path / "rollup-2026-11.html", tmp_path / "rollup-2026-11.csv")
    old, later = [path.read_bytes() for path in paths], replace(made, head=made.head + 1)
    child = os.fork()
    if not child:
        left = [passage]

        def dies(*_: object) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(lambda event, _: dies() if event == "os.rename" else None)
        real, os.fsync = os.fsync, lambda number: (real(number), dies())[0]
        written(later, tmp_path)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    found = [path.read_bytes() for path in paths]
    written(later, tmp_path)
    new = [path.read_bytes() for path in paths]
    assert old != new
    assert all(one in pair for one, pair in zip(found, zip(old, new, strict=True), strict=True))


def test_what_cannot_be_written_is_told(made: Rollup, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"R111 language: 'tlh' is not spoken here\. Known: en, es, ms, ru\."):
        write_report(made, tmp_path, now=NOW, language="tlh")
    with pytest.raises(ReportError, match=r"R112 period: '\.\./up' makes no file name.*Make the period with Period"):
        written(rollup([], Period("../up")), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_period_in_which_nothing_happened_has_a_page_without_charts(tmp_path: Path) -> None:
    page = read(written(rollup([], Period.parse("2026-11-21"), COMPANIES), tmp_path).html)
    assert "Saturday, 21 November 2026 Nothing happened in this period." in said(page)
    assert not page.xpath("//*[local-name()='svg']")


def test_many_companies_are_told_apart_by_name_and_the_busiest_are_drawn(tmp_path: Path) -> None:
    lines = ["a 09:00 opened c0"]
    lines += [f"a {9 + n // 60:02}:{n % 60:02} offered c{(n - 1) % 12}>c{n % 12}" for n in range(1, 40)]
    page = read(written(rollup(worked(*lines), Period.parse("all")), tmp_path).html)
    assert "12 companies" in said(page)
    assert len(page.xpath("//*[contains(@class, 'nodename')]")) == 6
    assert len(page.xpath("//table[@class='figures']/thead//th")) == 14


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0.0 s"), (0.01, "under 0.1 s"),
     (0.42, "0.4 s"), (12, "12 s"), (99, "99 s"), (101, "2 min"), (3600, "1 h"), (12_000, "3 h 20 min"),
     (41_000, "11 h"), (86_400, "1.0 days"), (1_043_655, "12.1 days"), (-90, "-90 s"), (3_599, "1 h")],
)  # fmt: skip
def test_durations_read_as_people_say_them(seconds: float, shown: str) -> None:
    assert Words().duration(seconds) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("all", "Everything so far"),
        ("2026-11-21", "Saturday, 21 November 2026"),
        ("2026-W47", "Week 47 of 2026, 16 November to 22 November 2026"),
        ("2026-W53", "Week 53 of 2026, 28 December 2026 to 3 January 2027"),
        ("2026-11", "November 2026"),
        ("2026-Q4", "Quarter 4 of 2026"),
        ("2026-11-28..2026-12-03", "28 November to 3 December 2026"),
    ],
)
def test_periods_read_as_people_say_them(name: str, shown: str) -> None:
    assert Words().period(Period.parse(name, "America/Bogota")) == shown


@pytest.mark.parametrize(("most", "ticks"), [(0, [0, 1]), (3, [0, 1, 2, 3]), (33, [0, 10, 20, 30, 40]), (7_300, 5)])
def test_ticks_are_round_and_reach_over_the_most(most: int, ticks: list[int] | int) -> None:
    found = round_steps(most)
    assert found[-1] >= most
    assert found == ticks if isinstance(ticks, list) else len(found) == ticks
