"""What a demo leaves behind is ended by the next one; what it did not start is never touched. Real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.demo.ground import Ground, Session, end, members

SLEEPER = "import subprocess, sys, time; {more}; print('up', flush=True); time.sleep(60)"
CHILD = "subprocess.Popen([sys.executable, '-c', 'import os, time; os.setpgid(0, 0); time.sleep(60)'])"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of the test; what is left of their sessions is killed at its end."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def sleeper(started: list[subprocess.Popen[str]], more: str = "pass") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SLEEPER.format(more=more)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    started.append(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_a_session_is_ended_whole_its_childrens_own_groups_too(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    ground = Ground(tmp_path / "demo")
    ground.prepare(print)
    session = ground.write_down("airflow", sleeper(started, CHILD).pid)
    assert len(members(session)) == 2
    end([session])
    assert members(session) == []


def test_who_does_not_end_kindly_is_killed(tmp_path: Path, started: list[subprocess.Popen[str]]) -> None:
    ground = Ground(tmp_path / "demo")
    ground.prepare(print)
    session = ground.write_down("airflow", sleeper(started, DEAF).pid)
    end([session], patience=0.3)
    assert started[0].wait(5) == -9


def test_the_next_demo_ends_what_a_killed_one_left_and_empties_its_folder(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    killed = Ground(tmp_path / "demo")
    killed.prepare(print)
    killed.write_down("telvoz", sleeper(started).pid)
    (tmp_path / "demo" / "ledger.db").touch()
    told: list[str] = []
    Ground(tmp_path / "demo").prepare(told.append)
    assert told == ["An earlier demo left telvoz behind; it is ended first."]
    assert started[0].wait(5) == -15
    assert not (tmp_path / "demo" / "ledger.db").exists()


def test_a_process_that_only_has_the_number_of_one_of_ours_is_left_alone(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    stranger = sleeper(started)
    ground = Ground(tmp_path / "demo")
    ground.prepare(print)
    session = ground.write_down("telvoz", stranger.pid)
    earlier = Session(session.name, session.leader, session.started - 1, session.boot)
    before_boot = Session(session.name, session.leader, session.started, "another boot")
    assert members(earlier) == members(before_boot) == []
    lines = [{"name": "telvoz", "leader": stranger.pid, "started": 1, "boot": session.boot}, {"cut": "off"}]
    (tmp_path / "demo" / "processes.jsonl").write_text("\n".join(map(json.dumps, lines)) + '\n{"na', encoding="utf-8")
    told: list[str] = []
    Ground(tmp_path / "demo").prepare(told.append)
    assert told == []
    assert stranger.poll() is None
