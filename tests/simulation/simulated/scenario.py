"""What one seed stands for: which companies, what their systems can and cannot do, which faults are on and how hard,
and the acts of the history.

A seed draws each kind of fault on or off (swarm testing), so that faults meet in small groups as well as all at once.
Every third seed has them at three times the rate; every third has two to four of them so often that what needs them all
at one place is met. Pure. Next: `world.py`, which plays it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulated.dice import Dice

NAMES = ("north", "south", "east", "west", "coast")
ACTS = 60
STRICT = 10_000_000
"""From this seed on."""

RATES: Mapping[str, float] = {
    "unreachable": 0.04,  # the request never arrives
    "rate_limit": 0.02,  # 429 with a wait
    "answer_lost": 0.12,  # a write or a read is applied, its answer lost
    "request_lost": 0.12,  # the request is lost, and nobody can know
    "applied_late": 0.12,  # the answer is lost, and the write applied some seconds later
    "row_locked": 0.08,  # the record is locked for the moment
    "crash": 0.012,  # the process dies, at a call or around a commit
    "person": 0.08,  # a person acts in the middle of a step
    "worker": 0.05,  # another worker runs a whole step in the middle of this one
    "frozen": 0.03,  # this worker stands still past its lease
    "back": 0.01,  # the hub's clock steps back
}

TOGETHER = (
    ("applied_late", "person"), ("applied_late", "crash"), ("crash", "answer_lost"), ("frozen", "crash"),
    ("frozen", "worker"), ("frozen", "worker", "row_locked", "answer_lost"), ("frozen", "worker", "applied_late"),
    ("worker", "person"),
)  # fmt: skip
"""Faults that make one another worse: a writer that sleeps and one that goes on, a late write and a person."""

WEIGHTS: Mapping[str, int] = {
    "create": 4, "edit": 14, "status": 7, "transfer": 6, "note": 6, "edit_note": 1, "flip_note": 1, "feedback": 2,
    "delete": 1, "undelete": 1, "merge": 1, "take": 26, "carry": 26, "wait": 4,
}  # fmt: skip

DENSE: Mapping[str, int] = {**WEIGHTS, "create": 6, "transfer": 12, "sweep": 12}
"""Of histories of few faults. sweep: the scheduler's, which comes when something falls due, and carries it."""


@dataclass(frozen=True, slots=True)
class Ability:
    """What one company's system can do. skew: of its clock to the hub's, seconds. listing: at most so many seconds
    between a write's stamp and a pull that tells of it. ignores: a field that it answers for and does not keep."""

    name: str
    unique_key: bool
    conditional_write: bool
    index_lag: float
    changed_by: str
    step: float
    overlap: float
    skew: float
    page: int
    listing: float
    ignores: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One history. acts: (number, kind), in order; rates: fault -> how often, 0 where it is off. cases: opened at
    most. naps: how many seconds at most a worker stands still, one of these. brisk: pulls come where there is news, so
    that more happens before all heals."""

    seed: int
    companies: tuple[Ability, ...]
    rates: Mapping[str, float]
    acts: tuple[tuple[int, str], ...]
    cases: int
    naps: tuple[float, ...]
    brisk: bool

    @property
    def strict(self) -> bool:
        """Whether the agreement's edges say what accepts a case and refuses it, where it goes then, and move it."""
        return self.seed >= STRICT

    @property
    def tells(self) -> bool:
        """Whether agents are told in their own tool, in every other company by a field, else by private notes."""
        return tells(self.seed)

    @property
    def histories(self) -> bool:
        """Whether companies tell their change history, but for the second: in every twelfth."""
        return self.seed % 12 == 8

    @property
    def veils(self) -> bool:
        """Whether the customer's id crosses as a pseudonym: every third."""
        return self.seed % 3 == 2


def tells(seed: int) -> bool:
    """Every fourth."""
    return seed % 4 == 3


def scenario(seed: int) -> Scenario:
    """The history of this seed."""
    dice = Dice(seed)
    dice.begin(-1)
    companies = tuple(_company(dice, name) for name in NAMES[: 2 + dice.word() % 4])
    dense = seed % 3 == 1
    rates = _dense(dice) if dense else _spread(dice, 3.0 if seed % 3 == 0 else 1.0)
    bag = [kind for kind, weight in (DENSE if dense else WEIGHTS).items() for _ in range(weight)]
    bag += ["drop_note", "edit_note"] if tells(seed) else []
    acts = tuple((number, dice.pick(bag)) for number in range(ACTS))
    naps = (60.0, 400.0) if dense else (400.0,)
    return Scenario(seed, companies, rates, ((-3, "create"), *acts), dice.pick((1, 2, 4)), naps, dense)


def _spread(dice: Dice, harder: float) -> dict[str, float]:
    """Half of the faults, as often as they are."""
    return {fault: rate * harder * (dice.share() < 0.5) for fault, rate in RATES.items()}


def _dense(dice: Dice) -> dict[str, float]:
    """Two to four faults, five times as often, and no other: half of the time such as are known to work together."""
    left, few = list(RATES), set(dice.pick(TOGETHER) if dice.chance(0.5) else ())
    for _ in range(0 if few else 2 + dice.word() % 3):
        few.add(left.pop(dice.word() % len(left)))
    return {fault: min(0.25, 5 * rate) if fault in few else 0.0 for fault, rate in RATES.items()}


def _company(dice: Dice, name: str) -> Ability:
    changed_by = dice.pick(("sequence", "sequence", "stamp", "stamp", "scan"))
    unique = dice.chance(0.5)
    step = dice.pick((0.001, 1.0, 60.0)) if changed_by == "stamp" else 1.0
    listing = dice.pick((0.0, 20.0)) if changed_by == "stamp" else 0.0
    return Ability(
        name=name,
        unique_key=unique,
        # a stamp that does not tell two writes apart is no version to write on
        conditional_write=dice.chance(0.5) and (changed_by == "sequence" or step < 1),
        index_lag=dice.pick((0.0, 30.0, 600.0, 600.0)),
        changed_by=changed_by,
        step=step,
        overlap=listing + 2 * step,
        skew=dice.pick((0.0, 0.0, 86_400.0, -86_400.0, 3.7)),
        page=dice.pick((2, 3, 50)),
        listing=listing,
        ignores=dice.pick(("", "", "", "urgency")),
    )
