"""The phases of a demo, from the first process to the rollup, each with what it waits for and what it says when late.

`opened` starts the companies and Airflow for the length of a block; `Play.perform` goes through the phases. Every wait
looks whether all processes are alive, so that a death is told as what it is. Next: `stage.py`, `rest.py`, `command.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

import requests

from hub.ledger import Ledger
from hub.mailing.subscriptions import load_subscriptions
from hub.settings import Settings
from sandbox.demo import airflow_process, ground, rest
from sandbox.demo.acts import Script
from sandbox.demo.airflow_api import AirflowApi, tail
from sandbox.demo.airflow_process import Airflow
from sandbox.demo.closing import Outcome
from sandbox.demo.display import Display, told
from sandbox.demo.ground import Ground
from sandbox.demo.reasons import reasons
from sandbox.demo.stage import Stage
from sandbox.desks import ANY_MOVES, PORTS, Company, Desk, DeskError, companies, connections, is_free
from sandbox.mailbox.process import Mailbox, MailboxError, mailbox

LOOK = 0.3
"""Seconds between two looks at the desks."""
START_SECONDS, REST_SECONDS, ROLLUP_SECONDS = 240.0, 120.0, 180.0


class Ended(Exception):
    """The demo cannot go on: why, in paragraphs; and what had not crossed by then."""

    def __init__(self, *why: str, pending: Sequence[str] = ()) -> None:
        super().__init__(*why)
        self.reasons, self.pending = why, tuple(pending)


@dataclass(slots=True)
class Play:
    """A demo under way."""

    home: Path
    running: Mapping[str, Company]
    airflow: Airflow
    api: AirflowApi
    desks: Mapping[str, Desk]
    ledger: Ledger
    stage: Stage
    mails: Mailbox
    display: Display
    clock: Callable[[], float]
    wrong: list[str] = field(default_factory=list)
    report: Path | None = None
    wall: float = 0.0

    def perform(self) -> None:
        """All phases. Raises Ended where it cannot go on; what merely went wrong stands in `wrong`."""
        try:
            self.stage.open_what_stays()
            self.hub_up()
            self._acts()
            self._rest()
            self._rollup()
            self._reports()
        except (DeskError, requests.RequestException) as error:
            self.check_alive()
            raise Ended(str(error)) from error
        self.wall = self.clock()

    def outcome(self) -> Outcome:
        """How it went."""
        return Outcome(self.stage, self.ledger, self.wall, self.report, tuple(self.wrong))

    def check_alive(self) -> None:
        """Raises Ended with the reason where a process of the demo is no more."""
        for name, company in self.running.items():
            if company.process.poll() is not None:
                log = self.home / "companies" / name / "server.log"
                why = f"{name.capitalize()}'s server ended ({_how(company.process.poll())}); its log is {log}"
                raise Ended("\n  ".join((why, *tail(log, 3))), pending=self._pending())
        if self.airflow.process.poll() is not None:
            why = f"Airflow ended ({_how(self.airflow.process.poll())}); its log is {self.airflow.log}"
            raise Ended("\n  ".join((why, *tail(self.airflow.log))), pending=self._pending())

    def _pending(self) -> list[str]:
        return reasons(self.stage, self.ledger, self.clock)

    def hub_up(self) -> None:
        """Until Airflow runs tasks and each company has been read once."""
        self.display.begin("Airflow with the hub's DAGs")
        late = f"Airflow is not healthy after {START_SECONDS:.0f} s; its log is {self.airflow.log}"
        self._wait(self.api.is_healthy, START_SECONDS, lambda: [late, *tail(self.airflow.log)])
        self.api.sign_in()
        self._wait(self._all_read, START_SECONDS, self._not_read)
        self.display.end(f"up after {self.clock():.0f} s, {self.api.dags()} DAGs, {self.airflow.url}")

    def _acts(self) -> None:
        """The scripts, until all has shown or something is overdue."""
        self.display.begin("Agents work their cases")
        told_first = False
        while not self.stage.finished:
            self.stage.step()
            first = self.stage.first_crossing
            if first is not None and not told_first:
                told_first = True
                self.display.mark("First crossing", f"{first.at:.1f} s after the start: {told(first)}")
            self.display.tick(self.stage)
            if self.stage.overdue():
                self.wrong += [*self._pending(), *self.api.failures()]
                self.display.end("not all of it arrived")
                return
            self.check_alive()
            sleep(LOOK)
        self.display.end(f"{self.stage.acts_done} acts, {len(self.stage.arrivals)} arrivals")

    def _rest(self) -> None:
        """Until nothing moves; then what must hold is looked at."""
        self.display.begin("Nothing echoes")
        quiet = rest.Quiet(self.ledger, self.desks, [run.script for run in self.stage.runs])
        try:
            self._wait(quiet.step, REST_SECONDS, self._restless)
        except Ended as error:
            self.wrong += error.reasons
        stores = rest.bodies(self.desks, quiet.scripts)
        self.wrong += rest.broken(quiet.scripts, stores, self.ledger)
        self.display.end(
            "all was read twice more, nothing moved" if not self.wrong else "something is not as it should be"
        )

    def _rollup(self) -> None:
        """The managers' report, by its DAG."""
        self.display.begin("Rollup")
        run_id = self.api.trigger("rollup")
        late = f"the rollup did not end within {ROLLUP_SECONDS:.0f} s"
        ended = {"success", "failed"}
        try:
            self._wait(lambda: self.api.state("rollup", run_id) in ended, ROLLUP_SECONDS, lambda: [late])
        except Ended as error:
            self.wrong += error.reasons
        if self.api.state("rollup", run_id) != "success":
            self.wrong += self.api.failures() or [late]
            self.display.end("failed")
            return
        files = [Path(path) for path in self.api.returned("rollup", run_id, "report")]
        self.report = next((path for path in files if path.suffix == ".html"), None)
        self.display.end(f"{len(files)} files")

    def _reports(self) -> None:
        """Everybody's report of all that happened, by its DAG, into the mailbox."""
        self.display.begin("Reports by mail")
        names = list(self._subscribers())
        run_id = self.api.trigger("reports", names=names, period="all")
        ended = {"success", "failed"}
        late = f"the reports were not sent within {ROLLUP_SECONDS:.0f} s"
        try:
            self._wait(lambda: self.api.state("reports", run_id) in ended, ROLLUP_SECONDS, lambda: [late])
        except Ended as error:
            self.wrong += error.reasons
        if self.api.state("reports", run_id) != "success":
            self.wrong += self.api.failures() or [late]
            self.display.end("failed")
            return
        self.display.end(f"{len(names)} subscriptions, {self.mails.url}")

    def _subscribers(self) -> Mapping[str, object]:
        declared = load_subscriptions(Settings.from_environment({}).subscriptions_file)
        return declared.subscriptions if declared is not None else {}

    def _wait(self, done: Callable[[], bool], seconds: float, late: Callable[[], list[str]]) -> None:
        limit = self.clock() + seconds
        while not done():
            self.check_alive()
            if self.clock() > limit:
                raise Ended(*late())
            self.display.tick()
            sleep(LOOK)

    def _all_read(self) -> bool:
        read = {row.name for row in self.ledger.partners() if row.pulled_at is not None}
        return read >= self.desks.keys()

    def _not_read(self) -> list[str]:
        read = {row.name for row in self.ledger.partners() if row.pulled_at is not None}
        absent = ", ".join(sorted(self.desks.keys() - read))
        return [f"{absent} not read after {START_SECONDS:.0f} s", *self.api.import_errors(), *self.api.failures()]

    def _restless(self) -> list[str]:
        owed = self.ledger.deliveries(rest.MOVING, limit=5)
        waiting = [
            f"version {row.version} of {row.case_id} to {row.partner}: {row.state}, {row.reason}" for row in owed
        ]
        return [f"no rest within {REST_SECONDS:.0f} s", *waiting, *self.api.failures()]


@contextmanager
def opened(where: Ground, scripts: tuple[Script, ...], display: Display, agreement: Path | None) -> Iterator[Play]:
    """The companies, the ledger and Airflow, up or coming up, for the length of the block. Raises Ended."""
    where.prepare(display.say)
    display.begin("Three companies")
    home = where.home
    hub = {"CASEBRIDGE_HOME": str(home), "CASEBRIDGE_REPORTS": str(home.parent / "reports")}
    if agreement is not None:
        hub["CASEBRIDGE_AGREEMENT"] = str(agreement)
    ledger = Ledger.prepare(Settings.from_environment(hub))  # before several tasks would make it at once
    free = {} if agreement is None else ANY_MOVES  # with an agreement of its own: a log, whose states jump
    with ExitStack() as stack:
        try:
            running = stack.enter_context(companies(home / "companies", begun=where.write_down, more=free))
            mails = stack.enter_context(mailbox(home / "mails", is_free, where.write_down))
        except (DeskError, MailboxError) as error:
            raise Ended(str(error)) from error
        _say_moved(running, display)
        airflow = airflow_process.start(home / "airflow", {**hub, **connections(running), **mails.connection()})
        session = where.write_down("airflow", airflow.process.pid)
        stack.callback(ground.end, [session])
        if airflow.gave_way:
            display.say(f"Port {airflow_process.PORT} is taken; Airflow is at {airflow.url}.")
        desks = {name: Desk(company) for name, company in running.items()}
        api = AirflowApi(airflow)
        stack.callback(api.close)
        for desk in desks.values():
            stack.callback(desk.close)
        display.end(", ".join(company.url for company in running.values()))
        clock = display.clock
        stage = Stage(scripts, desks, ledger, clock)
        yield Play(home, running, airflow, api, desks, ledger, stage, mails, display, clock)


def _say_moved(running: Mapping[str, Company], display: Display) -> None:
    for name, company in running.items():
        if not company.url.endswith(f":{PORTS[name]}"):
            display.say(f"Port {PORTS[name]} is taken; {name.capitalize()} is at {company.url}.")


def _how(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
