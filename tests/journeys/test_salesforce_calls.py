"""What a Salesforce company's quota is charged for a thousand cases with two notes each, by the production exchange.

The org counts itself: what its /limits say before and after. Logins are no calls there; what is described is so before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import API_LOGIN, Company, Desk, companies, connections
from sandbox.words import COMPANIES, field, fields, word

pytestmark = pytest.mark.journey
CASES, IN_A_JOB, MOST = 1000, 300, 25
PARTNERS = Path(__file__).parents[2] / "mappings/partners"


class Charged:
    """How many calls the org has answered since it was asked last."""

    def __init__(self, company: Company) -> None:
        self._url, self._session = company.url, requests.Session()
        self._session.trust_env, self._session.verify = False, str(company.ca_file)
        form = {"grant_type": "client_credentials", "client_id": API_LOGIN[0], "client_secret": API_LOGIN[1]}
        told = self._session.post(f"{self._url}/services/oauth2/token", data=form, timeout=20).json()
        self._session.headers["Authorization"] = f"Bearer {told['access_token']}"
        self._left = self._remaining()

    def calls(self) -> int:
        """The look itself is one of the org's calls, and none of ours."""
        before, self._left = self._left, self._remaining()
        return before - self._left - 1

    def jobs(self) -> list[dict[str, Any]]:
        """The bulk jobs that it was given."""
        told = self._session.get(f"{self._url}/services/data/v60.0/jobs/ingest", timeout=20).json()
        found: list[dict[str, Any]] = told["records"]
        return found

    def close(self) -> None:
        self._session.close()

    def _remaining(self) -> int:
        told = self._session.get(f"{self._url}/services/data/v60.0/limits", timeout=20).json()
        return int(told["DailyApiRequests"]["Remaining"])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[dict[str, Company]]:
    with companies(tmp_path / "companies", dict.fromkeys(COMPANIES, 0)) as started:
        yield started


def exchange(home: Path, running: dict[str, Company], stack: ExitStack, **changed: str) -> Exchange:
    environ = {**os.environ, "CASEBRIDGE_HOME": str(home), **connections(running), **changed}
    settings = Settings.from_environment(environ)
    ledger = Ledger.open(settings)
    stack.callback(ledger.engine.dispose)
    made = assemble(ledger, load_alliance(settings), lambda conn: from_environment(conn, environ), wall_clock)
    stack.callback(made.close)
    return made


def opened(desk: Desk, cases: int, *, holder: str, prefix: str) -> list[str]:
    """Cases with two notes for partners each; their references."""
    references = [f"{prefix}-{n}" for n in range(cases)]
    told = {"title": "No signal", "status": "inProgress", "product": "NET-100", "holder": holder}
    acts = [{"op": "create", "fields": fields(desk.name, {**told, "reference": one})} for one in references]
    numbers = [str(one["number"]) for one in desk.act(acts)]
    note = {"op": "note", "audience": word(desk.name, "audience", "partners"), "author": "Ana López"}
    desk.act([{**note, "number": number, "text": f"Note {n}."} for number in numbers for n in (1, 2)])
    return references


def test_many_cases_go_as_one_job_where_that_is_declared(running: dict[str, Company], tmp_path: Path) -> None:
    partners = tmp_path / "partners"
    shutil.copytree(PARTNERS, partners)
    with (partners / "brightnet/system.yaml").open("a", encoding="utf-8") as declared:
        declared.write(f"bulk: {{above: {IN_A_JOB}}}\n")
    with ExitStack() as stack:
        desks = {name: Desk(running[name]) for name in ("northcable", "brightnet")}
        charged = Charged(running["brightnet"])
        for one in (*desks.values(), charged):
            stack.callback(one.close)
        made = exchange(tmp_path, running, stack, CASEBRIDGE_PARTNERS=str(partners))
        for name in COMPANIES:
            made.intake(name)
        made.deliver("brightnet")
        references = opened(desks["northcable"], IN_A_JOB, holder="brightnet", prefix="in-a-job")
        made.intake("northcable")
        charged.calls()

        delivered = made.deliver("brightnet")
        assert (delivered.delivered, delivered.parked, delivered.unknown) == (2 * IN_A_JOB, 0, 0)
        assert charged.calls() <= 15  # the job's ten, and its notes by collections
        # what a new ledger finds handed over is told to their agents anew, in a job of its own
        (job,) = [one for one in charged.jobs() if one["operation"] != "update"]
        assert (job["state"], job["operation"], job["numberRecordsProcessed"]) == ("JobComplete", "insert", IN_A_JOB)
        arrived = desks["brightnet"].cases(field("brightnet", "reference"), references)
        assert len(arrived) == IN_A_JOB  # each once
        assert all(len(one["CaseComments"]) == 2 for one in arrived)


def test_a_thousand_cases_with_two_notes_each_way_cost_20_calls(running: dict[str, Company], tmp_path: Path) -> None:
    with ExitStack() as stack:
        desks = {name: Desk(running[name]) for name in ("northcable", "brightnet")}
        charged = Charged(running["brightnet"])
        for one in (*desks.values(), charged):
            stack.callback(one.close)
        made = exchange(tmp_path, running, stack)
        made.intake("brightnet")  # the login, and the look at the org's fields that comes once in a while
        opened(desks["brightnet"], CASES, holder="brightnet", prefix="own")
        charged.calls()

        assert made.intake("brightnet").applied == CASES
        pulled = charged.calls()
        assert pulled == 5  # of these two for the change histories, up to a thousand cases a call
        references = opened(desks["northcable"], CASES, holder="brightnet", prefix="handed")
        made.intake("telvoz")
        made.intake("northcable")
        delivered = made.deliver("brightnet")
        assert (delivered.delivered, delivered.parked, delivered.unknown) == (2 * CASES, 0, 0)  # a case, then its notes
        pushed = charged.calls()
        assert pushed == 15
        assert pulled + pushed <= MOST

        arrived = desks["brightnet"].cases(field("brightnet", "reference"), references)
        assert len(arrived) == CASES
        assert all(len(one["CaseComments"]) == 2 for one in arrived)
        assert made.intake("brightnet").applied == 0
        assert charged.calls() <= 8  # what was written comes back, with its histories; the overlap may bring more
        assert made.deliver("brightnet").sent == 0
        assert charged.calls() == 0
