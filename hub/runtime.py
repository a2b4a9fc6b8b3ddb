"""The one door to Airflow: what DAG files need of it and of the hub, so that each of them stays a page long.

At parse time it gives partners, arguments, alarms and wake-ups, and opens nothing; the heavy rooms (exchange, ledger,
connectors) are imported inside functions that only tasks call. Knows no partner. Next: `dags/pull.py`, `exchange.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import structlog
from airflow.sdk import (  # type: ignore[attr-defined]  # the package's stub lacks the three of deadlines
    Asset,
    AssetAlias,
    BaseNotifier,
    Connection,
    DeadlineAlert,
    DeadlineReference,
    ObjectStoragePath,
    RetryDecision,
    RetryPolicy,
    SyncCallback,
    get_parsing_context,
)
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from connectors.base import Credentials
from connectors.errors import ConnectorError, Refused, Throttled, Unreachable
from connectors.kinds import KINDS
from hub.credentials import Written, absent, credentials
from hub.declarations import DeclarationError
from hub.partners import folders, load_known, load_system, sampled_in
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.exchange import Exchange
    from hub.ledger import Ledger
    from hub.mailing.sending import Place, Post

WAKE = AssetAlias("casebridge_wake")
"""Outlet of every task after which somebody may be owed something; which outbox it wakes is known once it has run."""
SOON = timedelta(seconds=60)
"""That a run may wait for a partner which asks it to, before it tries again."""
POLL_UNREAD = timedelta(seconds=60)
"""Between two tries of a partner whose declaration cannot be read."""


def wall_clock() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Declared:
    """A partner's folder as the scheduler sees it. problem: why its declaration cannot be read, in full; or nothing.
    hints: it sends webhooks."""

    name: str
    title: str
    poll: timedelta
    problem: str = ""
    hints: bool = False


def declared(kind: str, settings: Settings | None = None) -> Iterator[Declared]:
    """The partners whose DAG `<kind>_<partner>` is wanted now: all of them, or the one that a task parses the file for.

    A folder that cannot be read is given too, with its problem: its own DAGs say so, and those of the others load.
    """
    only = get_parsing_context().dag_id
    for folder in folders((settings or Settings.from_environment()).partners_dir):
        if only is None or only == f"{kind}_{folder.name}":
            yield _declared(folder)


def _declared(folder: Path) -> Declared:
    try:
        system = load_system(folder)
    except DeclarationError as error:
        return Declared(folder.name, folder.name, POLL_UNREAD, str(error))
    return Declared(folder.name, system.title, timedelta(seconds=system.poll), hints=system.webhooks is not None)


def nightly(partner: str) -> str:
    """When in the night a partner's long work begins, as cron: between 1 and 5 o'clock UTC, always the same for one."""
    hour, minute = divmod(crc32(partner.encode()) % 240, 60)
    return f"{minute} {hour + 1} * * *"


def titles() -> Mapping[str, str]:
    """The companies' names as people write them, by partner."""
    return {folder.name: _declared(folder).title for folder in folders(Settings.from_environment().partners_dir)}


def sampled() -> Mapping[str, float]:
    """Seconds between two polls, by partner whose system tells no change history."""
    return sampled_in(Settings.from_environment().partners_dir)


def arguments(kind: str, partner: Declared | None, *, deadline: timedelta, doc: str) -> dict[str, Any]:
    """What every DAG of ours is given beside its id and schedule: one run at a time, alarms, tags, the operator's page.

    deadline: how long after it was due a run may still be at work before somebody is told.
    """
    name = partner.name if partner else ""
    problem = partner.problem if partner else ""
    warning = f"\n\n**Its declaration cannot be read:**\n```\n{problem}\n```" if problem else ""
    return {
        "catchup": False,
        "max_active_runs": 1,
        "is_paused_upon_creation": False,
        "tags": ["casebridge", kind, *([name] if name else []), *(["broken"] if problem else [])],
        "default_args": {
            "retries": 2,
            "retry_delay": timedelta(seconds=5),  # Airflow's 5 minutes would hold up a partner's one run at a time
            "retry_policy": PartnerRetries(),
            "execution_timeout": deadline,
            "on_failure_callback": [Alarm(name)],
        },
        "deadline": DeadlineAlert(
            name=f"{kind} {name}".strip(),
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=deadline,
            callback=SyncCallback(overdue, kwargs={"partner": name}),
        ),
        "doc_md": doc.strip() + warning,
    }


class PartnerRetries(RetryPolicy):  # type: ignore[misc]  # untyped where we stand
    """What Airflow does about an error that concerns a whole partner; the errors are named by just that.

    Refused and a wrong declaration wait for a person: failed at once. Unreachable is tried again a little later, and
    Throttled as late as they ask, if that is soon. Once the circuit breaker leaves the partner alone for longer, the
    run fails, and those after it are skipped until the breaker lets one try. The rest takes Airflow's own delay.
    """

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Mapping[str, Any] | None = None
    ) -> RetryDecision:
        """The decision for this failure. try_number counts from 1."""
        if isinstance(exception, Refused | DeclarationError):
            return RetryDecision.fail("nothing will work until a person acts")
        if isinstance(exception, Throttled | Unreachable):
            asked = exception.after if isinstance(exception, Throttled) else min(60, 5 * 2 ** (try_number - 1))
            wait = timedelta(seconds=max(1.0, asked))
            if exception.held_until is not None:
                wait = max(wait, exception.held_until - wall_clock())
            if wait > SOON:
                return RetryDecision.fail("left alone for longer than a run waits")
            return RetryDecision.retry(wait, "the partner is given time")
        return RetryDecision.default()


class Alarm(BaseNotifier):  # type: ignore[misc]  # as above
    """Says on one structured line that a partner's task failed for good, and keeps it as the partner's health."""

    def __init__(self, partner: str) -> None:
        super().__init__()
        self.partner = partner

    def notify(self, context: Mapping[str, Any]) -> None:
        """Called by Airflow in the task's process, after the last try."""
        error = context.get("exception")
        ours = isinstance(error, ConnectorError | DeclarationError)
        run = context.get("ti")
        text = str(error) if ours else f"{type(error).__name__}: a fault of the hub; the task's log has it whole"
        structlog.get_logger("casebridge").error(
            "casebridge task failed",
            partner=self.partner,
            dag_id=getattr(run, "dag_id", ""),
            run_id=getattr(run, "run_id", ""),
            tries=getattr(run, "try_number", 0),
            code=getattr(error, "code", type(error).__name__),
            error=text,
        )
        if self.partner and not (isinstance(error, ConnectorError) and error.concerns_partner):
            now = wall_clock()  # what concerns a partner was noted by the exchange, when it happened
            with open_ledger().transaction(now) as transaction:
                transaction.note_partner(self.partner, failed_at=now, error=text)


def overdue(context: Mapping[str, Any], partner: str = "") -> None:
    """Called by Airflow's executor when a run has not ended by its deadline."""
    run = context["dag_run"]
    structlog.get_logger("casebridge").error(
        "casebridge run overdue", partner=partner, dag_id=run.get("dag_id"), run_id=run.get("dag_run_id")
    )


def outbox(partner: str) -> Asset:
    """The asset whose event says that this partner is owed something; what it is owed, the ledger holds."""
    return Asset(f"casebridge://outbox/{partner}")


def skip_if_held(held: str) -> None:
    """End the task as skipped, the reason in its log: the step spoke to nobody, and the failure was red already."""
    if held:
        raise AirflowSkipException(held)


def wake(outlet_events: Any, partners: Iterable[str], ledger: Ledger) -> None:
    """Wake the push of these partners, once the task succeeds. The task has WAKE among its outlets.

    A partner that fails or is paused is left to its sweep: each event makes a run, and runs would pile up.
    """
    failing = {row.name for row in ledger.partners() if row.error or row.paused}
    for partner in sorted(set(partners) - failing):
        outlet_events[WAKE].add(outbox(partner))


def resolve(conn_id: str) -> Credentials:
    """Credentials of an Airflow Connection, its secrets masked in the task's log. Raises Refused C320 to C323."""
    return credentials(written(conn_id), conn_id=conn_id)


def written(conn_id: str) -> Written:
    """An Airflow Connection of any type, field by field. Raises Refused C320."""
    try:
        found = Connection.get(conn_id)
    except AirflowNotFoundException:
        raise absent(conn_id, []) from None  # the cause says the same with less help
    return Written(**{name: getattr(found, name) for name in Written.__dataclass_fields__})


def open_ledger() -> Ledger:
    """The ledger of this installation."""
    from hub.ledger import Ledger  # noqa: PLC0415  heavy: a task pays for it, the parser of DAG files does not

    return Ledger.open(Settings.from_environment())


def open_exchange(partner: str) -> Exchange:
    """The exchange, for a task that speaks to this partner. Raises DeclarationError, LedgerBehind.

    A partner whose system.yaml cannot be read fails its own tasks here. To the others it is still a company whose words
    are known, so what they change is owed to it meanwhile. A mapping that cannot be read stops everybody: nothing is
    read, so nothing is lost.
    """
    from hub.alliance import Alliance  # noqa: PLC0415  heavy, as above
    from hub.assembly import assemble  # noqa: PLC0415
    from hub.versions import load_in_force  # noqa: PLC0415

    settings = Settings.from_environment()
    load_system(settings.partners_dir / partner)
    partners = {folder.name: load_known(folder) for folder in folders(settings.partners_dir)}
    agreement = load_in_force(settings.agreement_file, partners, wall_clock().date())
    alliance = Alliance(partners, agreement, feedback_url=settings.feedback_url)
    return assemble(open_ledger(), alliance, resolve, wall_clock, settings.evidence_for)


def preload() -> None:
    """Import what tasks need, in the process that they are forked from: they share it in place of importing it each."""
    import_module("hub.assembly")
    for kind in KINDS.values():
        for place in (kind.declaration, kind.connector):
            import_module(place.partition(":")[0])


def watch_promises() -> dict[str, int]:
    """Write down what is new about promises. Returns counts. Raises DeclarationError, LedgerBehind."""
    from hub.assembly import load_alliance  # noqa: PLC0415  heavy, as above
    from hub.promises import watch  # noqa: PLC0415

    alliance = load_alliance(Settings.from_environment())
    return asdict(watch(open_ledger(), alliance.agreement, wall_clock, alliance))


def ask_people() -> list[dict[str, Any]]:
    """What a person has to be asked now, as plain questions. Raises DeclarationError, LedgerBehind."""
    from airflow.configuration import conf  # noqa: PLC0415  heavy, as above

    from hub.reviewing import questions  # noqa: PLC0415
    from hub.versions import load_in_force  # noqa: PLC0415

    agreement = load_in_force(Settings.from_environment().agreement_file, None, wall_clock().date())
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    address = f"{base}/casebridge" if base else ""
    return [asdict(each) for each in questions(open_ledger(), agreement, titles(), wall_clock(), address)]


def carry_answer(no: int, answered: Mapping[str, Any]) -> str:
    """Carry out a person's answer. answered: chosen_options, params_input, responded_by_user, as Airflow keeps them.

    Returns what was done, in words. Raises ConnectorError, DeclarationError, LedgerBehind.
    """
    from hub.reviewing import answer  # noqa: PLC0415  heavy, as above

    user = answered.get("responded_by_user") or {}
    who = str(user.get("name") or user.get("id") or "nobody") + " (Airflow)"
    (chosen,) = answered["chosen_options"]
    return answer(open_ledger(), open_exchange, no, chosen, answered.get("params_input") or {}, who)


def keep_anchor() -> dict[str, Any] | None:
    """Keep the ledger's head. Returns the anchor, None where nothing was written. Raises CannotDo, LedgerBehind."""
    from hub.audit import anchor_here  # noqa: PLC0415  heavy, as above

    made = anchor_here(open_ledger())
    return None if made is None else asdict(made)


def expire_evidence() -> int:
    """Delete evidence of calls that is older than its time; how many rows went. Raises LedgerBehind."""
    from hub.evidence import expire  # noqa: PLC0415  heavy, as above

    settings, gone = Settings.from_environment(), 0
    ledger = open_ledger()
    while True:
        with ledger.transaction(wall_clock()) as tx:
            some = expire(tx, settings.evidence_for)
        gone += some
        if not some:
            return gone


def sweep_retention() -> dict[str, int]:
    """Remove what is past its time, and go on with erasures. Returns counts. Raises DeclarationError, LedgerBehind."""
    from hub.assembly import assemble, load_alliance  # noqa: PLC0415  heavy, as above
    from hub.retention import sweep  # noqa: PLC0415

    return asdict(sweep(assemble(open_ledger(), load_alliance(Settings.from_environment()), resolve, wall_clock)))


def write_rollup() -> list[Path]:
    """Write the reports that are due now. Returns their files."""
    from hub.fact_store.ledger_source import LedgerSource  # noqa: PLC0415  heavy, as above
    from hub.reporting import write_reports  # noqa: PLC0415  heavy, as above

    return write_reports(LedgerSource(open_ledger()), Settings.from_environment(), titles(), wall_clock())


def due_reports(asked: Iterable[str], period: str) -> list[dict[str, str]]:
    """What is to be sent now: these subscriptions, of this period or the last whole one; or what is due. Raises
    DeclarationError, CannotDo, PeriodError, LedgerBehind."""
    return [asdict(one) for one in _post().due(tuple(asked), period)]


def send_report(name: str, at: str, period: str) -> list[str]:
    """Send one of them to whom it did not get yet. Returns where it went. Raises NotDelivered and, of the declaration
    and the mail server's connection, DeclarationError, CannotDo, Refused."""
    return _post().send(name, at, period)


def _post() -> Post:
    from hub.mailing.sending import Post  # noqa: PLC0415  heavy, as above

    return Post(open_ledger(), Settings.from_environment(), titles(), written, place, wall_clock)


def place(url: str) -> Place:
    """What lies there, wherever Airflow's object storage reaches."""
    found: Place = ObjectStoragePath(url)
    return found
