"""A process that dies while a Salesforce org does its bulk job: the next one makes no case twice and loses none."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from hub.settings import Settings
from sandbox.desks import API_LOGIN, Desk, companies, connections
from sandbox.words import COMPANIES, field, fields, word

pytestmark = pytest.mark.journey
ROOT = Path(__file__).parents[2]
CASES = 300
PUSH = """
import os, sys
from dataclasses import replace
from datetime import timedelta
from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.ledger import Ledger
from hub.settings import Settings

settings = Settings.from_environment(os.environ)
resolve = lambda conn_id: from_environment(conn_id, os.environ)
made = assemble(Ledger.open(settings), load_alliance(settings), resolve, wall_clock)
exchange = replace(made, lease=timedelta(seconds=6))
for step, partner in (one.split() for one in sys.argv[1:]):
    done = getattr(exchange, step)(partner)
    print(done.claimed if step == "deliver" else done.applied, flush=True)
exchange.close()
"""


def test_a_process_killed_in_the_middle_of_a_job_doubles_and_loses_nothing(tmp_path: Path) -> None:
    partners = tmp_path / "partners"
    shutil.copytree(ROOT / "mappings/partners", partners)
    with (partners / "brightnet/system.yaml").open("a", encoding="utf-8") as declared:
        declared.write(f"bulk: {{above: {CASES}, wait: 20}}\n")
    with ExitStack() as stack:
        slow = {"brightnet": ("--bulk-pace", "1")}
        running = stack.enter_context(companies(tmp_path / "sandbox", dict.fromkeys(COMPANIES, 0), more=slow))
        desks = {name: Desk(running[name]) for name in ("northcable", "brightnet")}
        for desk in desks.values():
            stack.callback(desk.close)
        environ = {**os.environ, "CASEBRIDGE_HOME": str(tmp_path), "CASEBRIDGE_PARTNERS": str(partners)}
        environ |= connections(running)
        assert Settings.from_environment(environ).partners_dir == partners

        def process(*steps: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", PUSH, *steps]
            return subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True)

        def done(*steps: str) -> list[str]:
            with process(*steps) as ended:
                told = ended.communicate(timeout=100)[0]
            assert ended.returncode == 0
            return told.split()

        references = [f"killed-{n}" for n in range(CASES)]
        said = {"title": "No signal", "status": "inProgress", "product": "NET-100", "holder": "brightnet"}
        acts = [{"op": "create", "fields": fields("northcable", {**said, "reference": one})} for one in references]
        desks["northcable"].act(acts)
        assert done(*(f"intake {name}" for name in COMPANIES))[0] == str(CASES)

        dying = process("deliver brightnet")
        until(lambda: 0 < job(running["brightnet"]).get("numberRecordsProcessed", 0) < CASES)
        dying.send_signal(signal.SIGKILL)
        dying.communicate()
        time.sleep(6.5)  # its lease

        claimed = [int(*done("deliver brightnet"))]  # it looks for each, and finds what the job has made by now
        while claimed[-1] and len(claimed) < 20:
            time.sleep(1)
            claimed.append(int(*done("deliver brightnet")))
        assert claimed[0] == CASES
        assert claimed[-1] == 0
        found = desks["brightnet"].cases(field("brightnet", "reference"), references)
        assert Counter(one["Reference__c"] for one in found) == Counter(references)
        assert {one["Holder__c"] for one in found} == {word("brightnet", "holder", "brightnet")}
        assert done("intake brightnet", "deliver brightnet") == ["0", "0"]


def job(company: Any) -> dict[str, Any]:
    """The org's first bulk job, as it stands; nothing where there is none."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(company.ca_file)
        form = {"grant_type": "client_credentials", "client_id": API_LOGIN[0], "client_secret": API_LOGIN[1]}
        token = session.post(f"{company.url}/services/oauth2/token", data=form, timeout=20).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        told = json.loads(session.get(f"{company.url}/services/data/v60.0/jobs/ingest", timeout=20).text)
    return dict(next(iter(told["records"]), {}))


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
