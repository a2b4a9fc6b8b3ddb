"""A company's past from an export: understood whole or not at all, each row once, and counted like any other case."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.declarations import DeclarationError
from hub.indicators import log_figures
from hub.ledger import Ledger
from hub.past.declared import load_history
from hub.past.importing import AT_ONCE, Imported, case_id, import_past
from hub.past.reading import Past, read_past
from hub.periods import Period
from hub.rollup import Scope, rollup

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DECLARED = """\
name: tickets
zone: Europe/London
columns: {case: id, time: at, status: state, company: team, priority: urgency, score: stars}
values:
  status: {New: acknowledged, Open: inProgress, Done: resolved, Shut: closed}
  company: {Desk: northcable, Lines: telvoz}
  priority: {P1: critical, "*": low}
"""
LOG = """\
id,at,state,team,urgency,stars
A,2026-06-01 09:00,New,Desk,P1,
A,2026-06-01 09:30,Open,Lines,P1,
A,2026-06-01 11:00,Done,Lines,P1,
B,2026-06-01T10:00:00+03:00,New,Desk,P3,
A,2026-06-01 12:00,Shut,Desk,P1,5
"""

Read = Callable[..., Past]


@pytest.fixture
def past(tmp_path: Path) -> Read:
    def read(log: str | bytes = LOG, declared: str = DECLARED, name: str = "log.csv") -> Past:
        (tmp_path / "history.yaml").write_text(declared, encoding="utf-8")
        (tmp_path / name).write_bytes(log if isinstance(log, bytes) else log.encode())
        return read_past(tmp_path / name, *load_history(tmp_path / "history.yaml"))

    return read


def told(past: Read, **changed: str) -> str:
    with pytest.raises(DeclarationError) as caught:
        past(**changed)
    return str(caught.value)


def test_a_past_is_counted_like_any_other_and_marked(ledger: Ledger, past: Read) -> None:
    assert import_past(ledger, past(), NOW) == Imported(cases=2, steps=5, known=0, differing=())
    entries = list(ledger.entries())
    assert all(entry.history for entry in entries)
    assert {entry.case_id for entry in entries} == {case_id("tickets", "A"), case_id("tickets", "B")}
    figures = log_figures(entries)
    assert (figures.changes, figures.handovers, figures.crossing, figures.bounces) == (5, 2, 1, 1)
    of = rollup(entries, Period.parse("2026-06-01", "Europe/London"))
    assert (of.cases, of.history) == (2, 2)
    figures_of_the_day = {"opened": 2, "resolved": 1, "open_at_end": 1, "time_to_resolve_median": 7200}
    assert {key: of.row(key).value for key in figures_of_the_day} == figures_of_the_day
    assert of.row("handovers_in", Scope("edge", "northcable", "telvoz")).value == 1
    opened = {entry.native_id: entry for entry in entries if entry.kind == "opened"}
    assert opened["A"].business_at == datetime(2026, 6, 1, 8, tzinfo=UTC)  # London's summer
    assert [opened[case].detail["about"] for case in "AB"] == [{"priority": "critical"}, {"priority": "low"}]
    assert [entry.detail["score"] for entry in entries if entry.kind == "fed_back"] == [5]
    assert ledger.broken_at() is None


def test_a_row_is_taken_once_and_a_later_export_goes_on(ledger: Ledger, past: Read) -> None:
    import_past(ledger, past(), NOW)
    head = ledger.head()
    assert import_past(ledger, past(), NOW) == Imported(cases=0, steps=0, known=5, differing=())
    assert ledger.head() == head
    later = LOG + "B,2026-06-02 09:00,Done,Lines,P3,\nC,2026-06-02 09:00,New,Desk,P3,\n"
    assert import_past(ledger, past(later), NOW) == Imported(cases=2, steps=2, known=5, differing=())
    assert log_figures(ledger.entries()).changes == 7


def test_what_was_imported_is_not_written_over(ledger: Ledger, past: Read) -> None:
    import_past(ledger, past(), NOW)
    otherwise = LOG.replace("09:30,Open,Lines", "09:30,Open,Desk") + "B,2026-06-02 09:00,Done,Desk,P3,\n"
    assert import_past(ledger, past(otherwise), NOW) == Imported(cases=1, steps=1, known=1, differing=("A",))


def test_an_import_that_dies_between_two_transactions_is_gone_on_with(
    past: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger.in_memory()
    rows = "".join(f"C{n},2026-06-01 09:00,New,Desk,P3,\n" for n in range(2 * AT_ONCE))
    whole = past("id,at,state,team,urgency,stars\n" + rows)
    begun, transaction = [0], ledger.transaction

    def dying(now: datetime) -> object:
        begun[0] += 1
        if begun[0] == 2:
            raise KeyboardInterrupt
        return transaction(now)

    monkeypatch.setattr(ledger, "transaction", dying)
    with pytest.raises(KeyboardInterrupt):
        import_past(ledger, whole, NOW)
    assert import_past(ledger, whole, NOW) == Imported(cases=AT_ONCE, steps=AT_ONCE, known=AT_ONCE, differing=())


XES = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="A"/>
<event><date key="time:timestamp" value="2026-06-01T09:00:00+01:00"/><string key="org:group" value="Desk"/>
  <string key="lifecycle:transition" value="start"/></event>
<event><date key="time:timestamp" value="2026-06-01T10:00:00+01:00"/><string key="org:group" value="Lines"/>
  <string key="lifecycle:transition" value="complete"/><int key="stars" value="4"/></event>
</trace></log>
"""
OF_XES = """\
name: tickets
columns: {case: "case:concept:name", time: "time:timestamp", status: "lifecycle:transition", company: "org:group",
  score: stars}
values: {status: {start: inProgress, complete: resolved}}
"""


@pytest.mark.parametrize("zipped", [False, True])
def test_xes_is_read_by_the_keys_of_its_events_and_traces(past: Read, zipped: bool) -> None:
    log, name = (gzip.compress(XES.encode()), "log.xes.gz") if zipped else (XES.encode(), "log.xes")
    (steps,) = past(log, OF_XES, name).cases.values()
    assert [(step.status, step.company, step.score) for step in steps] == [
        ("inProgress", "desk", None), ("resolved", "lines", 4),
    ]  # fmt: skip


def test_a_hostile_xes_opens_no_file(past: Read, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    bomb = f'<!DOCTYPE log [<!ENTITY e SYSTEM "file://{tmp_path / "secret"}">]>'
    log = XES.replace('"UTF-8"?>', f'"UTF-8"?>{bomb}').replace('value="start"', 'value="&e;"')
    assert "s3cret" not in told(past, log=log, declared=OF_XES, name="log.xes")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"log": LOG.replace("Open", "Paused")}, "log.csv:3 H103 status: 'Paused' has no meaning in `values.status`"),
        ({"log": LOG.replace("Desk,P3", "Dsk,P3")}, "log.csv:5 H103 company: 'Dsk' has no meaning"),
        ({"log": LOG.replace("Desk,P3", "Dsk,P3")}, "Known: Desk, Lines. Did you mean 'Desk'?"),
        ({"log": LOG.replace("2026-06-01 09:30", "yesterday")}, "log.csv:3 H104 time: 'yesterday' is no time"),
        ({"declared": DECLARED.replace("zone: Europe/London\n", "")}, "log.csv:2 (and 3 more rows) H105"),
        ({"log": LOG.replace("B,", " ,")}, "log.csv:5 H106 case: the cell is empty"),
        ({"log": LOG.replace(",5\n", ",9\n")}, "log.csv:6 H107 score: '9' is no whole number from 1 to 5"),
        ({"log": LOG + "D,2026\n"}, "log.csv:7 H101 has not the 6 cells that the header names"),
        ({"log": "id,at\n"}, "log.csv H101 has no row"),
        ({"log": ""}, "log.csv H101 has no row"),
        ({"declared": DECLARED.replace("stars", "points")}, "history.yaml:3:80 H102 columns.score: no 'points'"),
        ({"declared": DECLARED.replace("acknowledged", "new")}, "history.yaml:5:12 D203 values.status.New"),
        ({"declared": DECLARED + "company: northcable\n"}, "say whose cases they are once"),
        ({"declared": DECLARED.replace("Europe/London", "London")}, "is no IANA time zone"),
    ],
)
def test_what_is_not_understood_is_told_and_nothing_is_taken(past: Read, changed: dict[str, str], says: str) -> None:
    assert says in told(past, **changed)


def test_many_problems_are_told_by_their_value_and_not_by_their_row(past: Read) -> None:
    rows = "".join(f"C{n},2026-06-01 09:00,Odd{n % 30},Desk,P3,\n" for n in range(300))
    said = told(past, log="id,at,state,team,urgency,stars\n" + rows)
    assert said.count("H103") == 2 * 20  # the code and where more of it is
    assert "(and 9 more rows)" in said
    assert "H100 there are 10 more such problems" in said
