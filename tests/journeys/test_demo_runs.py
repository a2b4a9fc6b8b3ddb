"""`casebridge demo` as a person runs it: to its end over a log, interrupted, killed, and with a company that dies."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from sandbox.demo.ground import Ground, end, members
from sandbox.replay.log import COLUMNS

pytestmark = pytest.mark.journey

UP = "Airflow with the hub's DAGs …"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A state folder of this test's own; whatever runs on it at the end is ended."""
    yield tmp_path
    end([session for session in Ground(tmp_path / "demo").written() if members(session)], patience=1.0)


@contextmanager
def demo(home: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """The command, its output going to home/out.txt."""
    command = [str(Path(sys.executable).with_name("casebridge")), "demo", *more]
    environ = {**os.environ, "CASEBRIDGE_HOME": str(home)}
    with (home / "out.txt").open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, text=True, env=environ)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)


def said(home: Path) -> str:
    return (home / "out.txt").read_text()


def until(home: Path, text: str, seconds: float = 60) -> None:
    limit = monotonic() + seconds
    while text not in said(home):
        assert monotonic() < limit, said(home)
        sleep(0.1)


def left(home: Path) -> list[str]:
    return [process.command for session in Ground(home / "demo").written() for process in members(session)]


def test_a_log_runs_through_the_real_airflow_and_the_figures_agree(home: Path) -> None:
    log = home / "incidents.csv"
    with log.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows(incident("1-1", "CCAA") + incident("1-2", "BCB") + incident("1-3", "AA"))
    with demo(home, "--once", "--log", str(log)) as process:
        assert process.wait(300) == 0, said(home)
    assert re.search(r"changes\W+7\W+7\W+equal", said(home)), said(home)
    assert re.search(r"ping-pong bounces\W+1\W+1\W+equal", said(home)), said(home)
    assert "First crossing" in said(home)
    assert left(home) == []


def test_ctrl_c_ends_all_and_the_next_one_ends_what_a_killed_one_left(home: Path) -> None:
    with demo(home) as first:
        until(home, UP)
        first.send_signal(signal.SIGINT)
        assert first.wait(30) == 130
        assert said(home).endswith("Stopped.\n")
        assert left(home) == []
    with demo(home) as second:
        until(home, UP)
        second.kill()
        second.wait(10)
        assert left(home) != []
    with demo(home) as third:
        until(home, UP)
        assert "An earlier demo left northcable, telvoz, brightnet, airflow behind" in said(home)
        third.send_signal(signal.SIGTERM)
        assert third.wait(30) == 130
        assert left(home) == []


def test_a_company_that_dies_ends_it_with_the_reason(home: Path) -> None:
    with demo(home, "--once") as process:
        until(home, UP)
        telvoz = next(session for session in Ground(home / "demo").written() if session.name == "telvoz")
        os.kill(telvoz.leader, signal.SIGKILL)
        assert process.wait(30) == 1
    assert "Telvoz's server ended (signal 9); its log is" in said(home)
    assert left(home) == []


def incident(number: str, lines: str) -> list[list[str]]:
    """Changes of an incident, one a minute; a letter is the organisation line after it: C, A(2) or B."""
    names = {"C": "Org line C", "A": "Org line A2", "B": "Org line B"}
    return [
        [number, f"2012-05-01T10:{minute:02d}:00+02:00", "Accepted", "In Progress", "E_1", names[line], "T1", "1st",
         "Low", "PROD1", "SE", "PL", "Ann"]
        for minute, line in enumerate(lines)
    ]  # fmt: skip
