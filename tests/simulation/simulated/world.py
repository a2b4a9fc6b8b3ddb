"""One history, played: people act, two workers step, the weather strikes; then all heals and everything is carried.

The hub's own code runs as it is: `Exchange` over a real ledger. What is simulated is what lies outside it: the clock,
the companies, the calls between, the scheduler, and death. The trace tells all of it; the same seed gives the same.
Next: `laws.py`, which judges the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256

from connectors.base import Change, Connector, Record
from connectors.errors import ConnectorError
from connectors.memory import Memory
from hub.alliance import Alliance
from hub.exchange import Exchange
from hub.state import case_id_of
from simulated import companies
from simulated.dice import Dice
from simulated.line import Line, ignoring
from simulated.oracle import Oracle
from simulated.people import MIDST, People
from simulated.scenario import Ability, Scenario
from simulated.scratch import Watched, emptied

LEASE = timedelta(seconds=120)
PROCESSES = ("a", "b")
MOST = 25_000
"""Draws of the weather in one history, many more than any that comes to rest needs."""
HEALING = 40
"""Rounds of all companies after which everything has to be at rest."""


class Crash(BaseException):
    """The process dies here. No code of the hub may catch it."""


class Unrest(Exception):
    """The exchange does not come to rest, or asks without end."""


@dataclass(slots=True)
class World:
    """A scenario in play. bare: a ledger to be emptied and used."""

    scenario: Scenario
    bare: Watched
    keep_trace: bool = False
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    dice: Dice = field(init=False)
    ledger: Watched = field(init=False)
    oracle: Oracle = field(init=False)
    people: People = field(init=False)
    stores: dict[str, companies.Store] = field(default_factory=dict)
    abilities: dict[str, Ability] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    _digest: object = field(init=False)
    _alive: dict[str, Exchange] = field(default_factory=dict)
    _alliance: Alliance = field(init=False)
    _owed: set[str] = field(default_factory=set)
    _running: list[str] = field(default_factory=list)
    _where: list[str] = field(default_factory=list)
    _private: dict[str, frozenset[str]] = field(default_factory=dict)
    _read: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _pulled: dict[str, int] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)
    _late: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    _looked: dict[str, datetime] = field(default_factory=dict)
    _known: int | None = None
    _calm: bool = False
    _behind: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self.dice = Dice(self.scenario.seed)
        self._digest = sha256()
        secret = Dice(self.scenario.seed)
        secret.begin(-2)
        self.ledger = emptied(self.bare, secret.bytes, self._at_commit)
        self.oracle = Oracle(
            lambda: self.ledger.known,
            lambda name, i: self.stores[name].rows[i].seq,
            self.ledger.seen,
            lambda name, i: self.ledger.flying(name, i, str(self.stores[name].rows[i].body.get("hub_case"))),
        )
        for one in self.scenario.companies:
            self.abilities[one.name] = one
            lag = partial(self._listing, one)
            told = companies.TOLD[len(self.stores) % 2] if self.scenario.tells else None
            history = self.scenario.histories and len(self.stores) != 1
            self.stores[one.name] = store = companies.store(one, self.time, lag, told, history=history)
            store.told = self._told
        partners = {name: companies.partner(store.system) for name, store in self.stores.items()}
        kinds = {"veils": self.scenario.veils, "strict": self.scenario.strict}
        self._alliance = Alliance(partners, companies.agreement(tuple(self.stores), **kinds))
        self.people = People(self.stores, self.dice, self.oracle, self.scenario.cases, self.say)

    # time

    def clock(self) -> datetime:
        """The hub's clock: it moves a little with each look, and may have stepped back."""
        return self.time() - self._behind

    def time(self) -> datetime:
        """The true time, which the companies' clocks go by, each with its skew."""
        self.now += timedelta(milliseconds=10)
        return self.now

    def awake(self) -> float:
        """Seconds of a clock that nobody sets."""
        return self.now.timestamp()

    def pass_time(self, seconds: float) -> None:
        """Let time go by; what was to be applied late is applied."""
        until = self.now + timedelta(seconds=seconds)
        while self._late and (first := min(self._late, key=lambda entry: entry[0]))[0] <= until:
            self._late.remove(first)
            self.now = max(self.now, first[0])
            first[1]()
        self.now = max(self.now, until)

    # the story

    def say(self, line: str) -> None:
        """Take down one line of what happens, set in as deep as it happens."""
        line = "    " * len(self._running) + line
        self._digest.update(line.encode())  # type: ignore[attr-defined]  # a hash has no public type
        if self.keep_trace:
            self.trace.append(line)

    def fingerprint(self) -> str:
        """Of everything that happened: the same seed gives the same."""
        return self._digest.hexdigest()[:16]  # type: ignore[attr-defined, no-any-return]

    def play(self) -> None:
        """The whole history, then healing. Raises Unrest."""
        for number, kind in self.scenario.acts:
            self.dice.begin(number)
            self.say(f"-- {number} {kind}")
            self._act(kind)
        self.heal()

    def _act(self, kind: str) -> None:
        if kind == "take":
            news = [name for name, store in self.stores.items() if store.writes != self._pulled.get(name, 0)]
            brisk = self.scenario.brisk and news
            self.step(self.dice.pick(PROCESSES), "intake", self.dice.pick(news) if brisk else self._any())
        elif kind == "carry":
            draw = self.dice.share()
            due = sorted(self._owed) if draw < 0.4 else self.ledger.due(self.clock()) if draw < 0.8 else ()
            self.step(self.dice.pick(PROCESSES), "deliver", self.dice.pick(due) if due else self._any())
        elif kind == "sweep":
            self.pass_time(self._until_due())
            due = self.ledger.due(self.clock())
            self.step(self.dice.pick(PROCESSES), "deliver", self.dice.pick(due) if due else self._any())
        elif kind == "wait":
            seconds = self.dice.pick((1.0, 10.0, 70.0, 700.0, None, None))
            self.pass_time(self._until_due() if seconds is None else seconds)
        else:
            self.people.act(kind)

    def _until_due(self) -> float:
        """Seconds until the scheduler's sweep has something to do: a delivery falls due, or a lease runs out."""
        now = self.clock()
        due = self.ledger.next_due(now)
        return 1.0 if due is None else (due - now).total_seconds() + 0.1

    def heal(self) -> None:
        """Faults over; time passes and both verbs run at every company until nothing moves."""
        self._calm = True
        self.pass_time(3 * 86_400)
        for _ in range(HEALING):
            before = self.written()
            self.round()
            self.pass_time(700)
            if self.written() == before:
                return
        raise Unrest(f"after {HEALING} rounds it still writes")

    def round(self) -> None:
        """One pull and one push of each company."""
        for verb in ("intake", "deliver"):
            for name in self.stores:
                self.step("a", verb, name)

    def written(self) -> tuple[int, ...]:
        """How much was ever written, in each store and in the ledger."""
        return (*(store.writes for store in self.stores.values()), self.ledger.known)

    def count(self, what: str) -> None:
        """One more of these."""
        self.counts[what] = self.counts.get(what, 0) + 1

    # the workers

    def step(self, process: str, verb: str, company: str) -> None:
        """One step of one worker. Its death ends its process; a new one takes its place at its next step."""
        self.say(f"{process} {verb} {company}")
        self._running.append(process)
        self._where.append(company)
        self._private[process] = self._known_private() if verb == "deliver" else frozenset()
        for key in [key for key in self._read if key[0] == process]:
            del self._read[key]
        exchange = self._alive.get(process) or self._begin(process)
        try:
            self._owed.discard(company if verb == "deliver" else "")
            before = self.stores[company].writes
            done = exchange.intake(company) if verb == "intake" else exchange.deliver(company)
            if verb == "intake":
                self._pulled[company] = before
            self._owed |= done.owed
            self.say(f"{_short(done)}")
        except ConnectorError as error:
            self.say(type(error).__name__)
        except Crash:
            self._alive.pop(process, None)
            self.say(f"{process} dies")
            self.count("crash")
        finally:
            self._running.pop()
            self._where.pop()

    def _known_private(self) -> frozenset[str]:
        """Texts of notes that are private, where the hub has read their record as it stands."""
        return frozenset(
            note.texts[-1]
            for note in self.oracle.notes
            if note.audiences[-1] == "internal"
            and self.ledger.has_read(note.company, note.native_id, self.stores[note.company].rows[note.native_id].body)
        )

    def _begin(self, process: str) -> Exchange:
        made = Exchange(
            self.ledger, self._alliance, partial(self._connect, process), self.clock, lease=LEASE, batch=4,
            monotonic=self.awake,
        )  # fmt: skip
        self._alive[process] = made
        return made

    def _connect(self, process: str, name: str) -> Connector:
        return Line(self._memory(name), self.abilities[name], process, self)

    def _memory(self, name: str) -> Memory:
        store = self.stores[name]
        return Memory(
            store.system, store.credentials(), clock=self.clock, sleep=self.pass_time, monotonic=self.now.timestamp
        )

    # what the weather does to a line

    def strikes(self, fault: str) -> bool:
        """Whether this fault happens now."""
        self.calls += 1
        if self.calls > MOST:
            raise Unrest(f"more than {MOST} draws: it asks without end")
        if self._calm or not self.dice.chance(self.scenario.rates[fault]):
            return False
        self.say(fault)
        self.count(fault)
        return True

    def within(self, low: float, high: float) -> float:
        """A drawn number."""
        return self.dice.within(low, high)

    def between(self, process: str, where: str, at: tuple[str, Change] | None = None) -> None:
        """A point where no transaction is open: anything may happen. at: the company and the change at hand."""
        if self._calm:
            return
        if self.strikes("person"):
            if at is not None and self.dice.chance(0.6):
                self.people.meddle(*at)
            else:
                self.people.act(self.dice.pick(MIDST))
        if self.strikes("frozen"):
            naps = self.scenario.naps
            self.pass_time(self.dice.within(5, naps[0] if len(naps) == 1 else self.dice.pick(naps)))
        if self.strikes("back"):
            self._behind += timedelta(seconds=self.dice.within(1, 4000))
        if len(self._running) == 1 and self.strikes("worker"):
            other = PROCESSES[process == PROCESSES[0]]
            company = self._where[0] if self.dice.chance(0.8) else self._any()
            self.step(other, self.dice.pick(("intake", "deliver", "deliver")), company)
        if self.strikes("crash"):
            self.say(where)
            raise Crash(where)

    def _at_commit(self, where: str) -> None:
        if not self._running:
            return
        process = self._running[-1]
        if where == "before commit":
            self._looked[process] = self.now
        if self._calm:
            return
        if where == "after commit" or (where == "begin" and process in self._sent):
            self._sent.discard(process)
            self.between(process, where)
        elif self.strikes("crash"):
            self.say(where)
            raise Crash(where)

    def read(self, process: str, record: Record) -> None:
        """This step knows this record as it stands."""
        row = self.stores[record.partner].rows[record.native_id]
        self._read[process, record.partner, record.native_id] = row.seq

    def later(self, process: str, company: str, change: Change, seconds: float) -> None:
        """The change is applied after these seconds, whatever became of its process."""
        known = self._read.get((process, company, change.native_id or ""))
        self._late.append((self.now + timedelta(seconds=seconds), partial(self._apply, company, change, known)))

    def sending(self, process: str, company: str, change: Change) -> None:
        """Remember what the step knew of the record that it writes.

        A worker that sleeps for half its lease between its last look at the lease and this sending may send what
        another one has sent since. A company that refuses no second one has it doubled then; that is counted.
        """
        self._sent.add(process)
        self._known = self._read.get((process, company, change.native_id or ""))
        self.oracle.sending(company, change.native_id or "", change.body if change.kind == "update" else {})
        text = str(change.body["body"]).splitlines()[0] if change.kind == "add_note" else ""
        if text in self._private[process] & self._known_private():  # not made public meanwhile
            self.oracle.told.append((company, text))
        if self.now - self._looked[process] <= LEASE / 2:
            return
        self.oracle.said |= {(company, word) for field, word in change.body.items() if field in companies.TEXTS}
        if change.kind == "add_note":
            self.oracle.doubling.add((company, str(change.body["body"]).splitlines()[0]))
        elif change.kind == "create" and not self.abilities[company].unique_key:
            self.oracle.doubling.add((company, change.hub_id))

    def answered(self, process: str) -> None:
        """The process could look at its lease now."""
        self._looked[process] = self.now

    def _apply(self, company: str, change: Change, known: int | None) -> None:
        memory = self._memory(company)
        self._known = known
        for receipt in memory.push([ignoring(change, self.abilities[company].ignores)]):
            self.say(f"applied late: {change.kind} {'ok' if receipt.error is None else receipt.error.message}")

    def _told(self, company: str, native_id: str, before: object, after: object) -> None:
        conditional = self.abilities[company].conditional_write
        self.oracle.overwritten(company, native_id, before, after, known=self._known, conditional=conditional)  # type: ignore[arg-type]

    def _listing(self, one: Ability) -> float:
        return self.dice.within(0, one.listing) if one.listing and not self._calm else 0.0

    def _any(self) -> str:
        return self.dice.pick(tuple(self.stores))

    def case_of(self, company: str, native_id: str) -> str:
        """The id of the case that this record began."""
        return case_id_of(company, native_id)


def _short(done: object) -> str:
    """What a step says of itself, without what is nothing."""
    told = {name: getattr(done, name) for name in done.__dataclass_fields__}  # type: ignore[attr-defined]
    return " ".join(f"{name} {sorted(v) if isinstance(v, frozenset) else v}" for name, v in told.items() if v)
