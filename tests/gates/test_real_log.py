"""The real log: the file's own figures are the published ones, and a replay of its beginning reaches them.

The log is the BPI Challenge 2013's (VINST), doi 10.4121/uuid:500573e6-accc-4b0c-9576-aa5468b10cee. It is no part of the
project; CASEBRIDGE_LOG names it, and `make` sets that where the file stands beside the checkout.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from sandbox.replay.figures import Figures, figures_of
from sandbox.replay.log import incidents
from sandbox.verify.command import verified

pytestmark = pytest.mark.real_log

FIRST_500 = Figures(7998, 377, 165, 67, 198, 4_019_396.14)
WHOLE = Figures(50_843, 2152, 1140, 499, 963, 805_001.69)
CASES = 60
"""Incidents that are replayed here; 763 changes."""


@pytest.mark.parametrize(("first", "published"), [(500, FIRST_500), (None, WHOLE)])
def test_the_files_figures_are_the_published_ones(real_log: Path, first: int | None, published: Figures) -> None:
    found = figures_of(islice(incidents(real_log), first))
    assert found.mean_throughput_seconds == pytest.approx(published.mean_throughput_seconds, abs=0.005)
    same = [name for name in Figures.__slots__ if name != "mean_throughput_seconds"]
    assert {name: getattr(found, name) for name in same} == {name: getattr(published, name) for name in same}


def test_incidents_that_cross_in_few_changes(real_log: Path) -> None:
    assert sum(1 for _ in incidents(real_log, most_changes=8, crossing_only=True)) == 385


@pytest.mark.journey
def test_every_published_figure_comes_out_of_an_import(real_log: Path) -> None:
    found = verified(real_log, ("org_line",))  # by team and with one company for all: `casebridge verify vinst`
    assert len(found) == 31
    assert {line.name: line.shown for line in found} == {line.name: line.published for line in found}


@pytest.mark.journey
def test_a_replay_reaches_the_files_figures_and_a_second_run_writes_nothing(real_log: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("casebridge")
    done = subprocess.run(
        [program, "replay", real_log, "--cases", str(CASES)], capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "CASEBRIDGE_HOME": str(tmp_path), "COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.count("equal") == len(Figures.__slots__)
    assert f"{CASES} incidents, 763 changes" in done.stdout
    assert "wrote nothing" in done.stdout
