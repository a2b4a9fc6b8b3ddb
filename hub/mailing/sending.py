"""Reports on their way: what is due, what each holds, and its delivery to every target, once.

A target is claimed in the ledger, then written to, then settled, each in a transaction of its own: nothing holds the
ledger while a mail server thinks. Who is killed between the two last steps sends it twice, with one Message-ID, by
which mail programs and archives know it for the same. What fails is settled as failed and raised at the end, after all
the others; who calls again (Airflow's retries do) reaches only those that it did not get to.
Knows no Airflow: connections, places and the clock are given. Next: `schedule.py`, `mailed.py`, `relay.py`,
`../report/mail.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Protocol

from hub.credentials import Written
from hub.decisions import decided
from hub.fact_store.ledger_source import LedgerSource
from hub.ledger import Ledger
from hub.mailing.mailed import claim, mailed, settle, waiting
from hub.mailing.relay import NotDelivered, Relay, relay
from hub.mailing.schedule import newest
from hub.mailing.subscriptions import Subscription, Subscriptions, load_subscriptions
from hub.periods import Period
from hub.report.changes import Compared, compared
from hub.report.forms import Form, forms
from hub.report.mail import Letter, mail
from hub.report.scoping import seen_by
from hub.report.words import Words, one_line
from hub.reporting import figures
from hub.rollup import Rollup
from hub.settings import Settings
from hub.tongue import tongue
from hub.versions import load_in_force

LATE = timedelta(days=2)
"""What was due longer ago is not sent any more: the hub was down, or the subscription is new."""


class Place(Protocol):
    """A folder or file wherever it lies, as Airflow's ObjectStoragePath has it."""

    def __truediv__(self, name: str) -> Place:
        """What lies in it by this name."""

    def mkdir(self, mode: int = ..., parents: bool = ..., exist_ok: bool = ...) -> None:
        """Make the folder."""

    def write_bytes(self, data: bytes) -> object:
        """Make the file, or put this in its place."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A report that is to be sent. at: when it was due, ISO 8601."""

    name: str
    at: str
    period: str


@dataclass(frozen=True)
class Post:
    """What it takes to send a report. titles: partner -> its name; written: connection id -> its fields; place: a URL
    -> what lies there."""

    ledger: Ledger
    settings: Settings
    titles: Mapping[str, str]
    written: Callable[[str], Written]
    place: Callable[[str], Place]
    clock: Callable[[], datetime]

    def due(self, asked: tuple[str, ...] = (), period: str = "") -> list[Outgoing]:
        """These subscriptions, now; or, where none is named, all that is due and has not been tried. period: of those
        that are named; none: the last whole one. Raises DeclarationError, CannotDo R120, PeriodError."""
        now, declared = self.clock(), self.declared
        if asked:
            whole = {name: newest(declared.named(name), now).period for name in asked}
            return [Outgoing(name, now.isoformat(), Period.parse(period or whole[name]).name) for name in asked]
        found = []
        for name, one in declared.subscriptions.items():
            last = newest(one, now)
            if now - last.at <= LATE and waiting(mailed(self.ledger, name, last.at), _targets(one), now):
                found.append(Outgoing(name, last.at.isoformat(), last.period))
        return found

    def send(self, name: str, at: str, period: str) -> list[str]:
        """Send it to every target that it did not get to yet; those that it got to now. Raises NotDelivered with all
        that failed, once the others are done; DeclarationError, CannotDo, Refused."""
        one, due_at = self.declared.named(name), datetime.fromisoformat(at)
        reached, failed = [], []
        made: tuple[Rollup, Compared | None] | None = None
        for target in _targets(one):
            with self.ledger.transaction(self.clock()) as tx:
                if not claim(tx, name, due_at, period, target):
                    continue
            error = ""
            try:
                made = made or self._rollups(one, period)
                self._deliver(*made, one, name, due_at, target)
                reached.append(target)
            except NotDelivered as wrong:
                error = str(wrong)
                failed.append(error)
            except BaseException as wrong:
                error = one_line(f"{type(wrong).__name__}: {wrong}")
                raise
            finally:
                with self.ledger.transaction(self.clock()) as tx:
                    settle(tx, name, due_at, target, error)
        if failed:
            raise NotDelivered("\n".join(failed))
        return reached

    def _deliver(
        self, made: Rollup, before: Compared | None, one: Subscription, name: str, due_at: datetime, target: str
    ) -> None:
        """One target. Raises NotDelivered."""
        words = Words(tongue(one.language), self.titles)
        if target == one.files:
            self._put(forms(made, ("html", *one.attach), now=due_at, words=words, before=before), name, target)
            return
        sender = self.declared.sender
        letter = Letter(sender, target, _id(name, due_at, target, sender), name, self.declared.change or "")
        attached = forms(made, one.attach, now=due_at, words=words, before=before)
        message = mail(made, letter, now=due_at, words=words, attached=attached, before=before)
        self._relay.deliver(message, sender, target)

    def _put(self, files: list[Form], name: str, target: str) -> None:
        try:
            folder = self.place(target) / name
            folder.mkdir(parents=True, exist_ok=True)
            for file in files:
                (folder / file.name).write_bytes(file.body)
        except (OSError, ValueError, ImportError) as error:
            raise NotDelivered(
                f"R123 {target}: the report could not be written there: {one_line(f'{type(error).__name__} {error}')}\n"
                "  Fix: mend what it says, then clear the task or `casebridge report send` it."
            ) from error

    def _rollups(self, one: Subscription, period: str) -> tuple[Rollup, Compared | None]:
        """Of the period, and what changed where it is over: a part of one is compared with no whole one."""
        agreement = load_in_force(self.settings.agreement_file, self.titles, self.clock().date())
        of, source, company = Period.parse(period, one.zone), LedgerSource(self.ledger), one.company or ""
        before = of.preceding if of.end is not None and of.end <= self.clock() else None
        periods = [of] if before is None else [of, before]
        now, *then = figures(source, self.settings, periods, agreement, company)
        told = compared(now, then[0], company, decided(self.ledger)) if then else None
        return seen_by(now, company), told

    @cached_property
    def declared(self) -> Subscriptions:
        """subscriptions.yaml. Raises DeclarationError."""
        found = load_subscriptions(self.settings.subscriptions_file)
        return found or Subscriptions(sender="nobody@localhost", subscriptions={})

    @cached_property
    def _relay(self) -> Relay:
        return relay(self.written(self.declared.connection), self.declared.connection)


def _targets(one: Subscription) -> tuple[str, ...]:
    return (*one.to, *((one.files,) if one.files else ()))


def _id(name: str, due_at: datetime, target: str, sender: str) -> str:
    """The same for the same letter: however often it is sent, it is known as one."""
    said = "\n".join((name, due_at.isoformat(), target))
    return f"{sha256(said.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}"
