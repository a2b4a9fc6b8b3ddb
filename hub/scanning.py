"""How a partner does right now: what the ledger knows and what a look at its system says, each with what to do.

    grave    nothing crosses, or soon will not      watch    it still goes, and somebody should look

Asks the system who we are there and what its fields are: two calls, nothing written there or here. What only time tells
(parked by cause, what is owed since when, quota, clocks) is read from the ledger. Next: `drift.py`, `breaker.py`,
`forecast.py`; `scanning_showing.py` prints it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor
from typing import Literal

import sqlalchemy as sa

from connectors.base import Connector
from connectors.errors import ConnectorError
from hub import drift
from hub.describing import kept_of
from hub.entries import PartnerRow
from hub.ledger import Ledger
from hub.partners import Partner
from hub.remedies import remedy
from hub.tables import OPEN_DELIVERY, allowances, deliveries, entries

Weight = Literal["grave", "watch"]
SLOW_POLLS = 5
"""Polls that may be missed before it is said."""
LATE = timedelta(minutes=15)
"""How long something may be owed before it is said."""
NEARLY = 0.8
"""Of our share of a quota."""
SKEW = timedelta(seconds=2)
"""A partner's own stamp that is later than when we read it, by more than its clock step."""
LOOKED_BACK = timedelta(days=7)
_e, _d, _a = entries.c, deliveries.c, allowances.c


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not well. what: in a few words; why: the cause as far as it is known; do: what helps."""

    weight: Weight
    what: str
    why: str
    do: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A partner's health. as_whom: who we are there, "" where it did not say."""

    partner: str
    at: datetime
    as_whom: str
    findings: tuple[Finding, ...]


Open = Callable[[], AbstractContextManager[Connector]]


def scan(ledger: Ledger, partner: Partner, opened: Open, now: datetime) -> Scan:
    """All of it. Raises DeclarationError where described.yaml cannot be read."""
    as_whom, of_system = _of_system(partner, opened)
    row = next((one for one in ledger.partners() if one.name == partner.name), None)
    found = [
        *of_system,
        *_of_exchange(partner, row, now),
        *_of_work(ledger, partner, now),
        *_of_limits(ledger, partner, now),
    ]
    return Scan(partner.name, now, as_whom, tuple(sorted(found, key=lambda one: one.weight != "grave")))


def _of_system(partner: Partner, opened: Open) -> tuple[str, list[Finding]]:
    """What its system says: whether it lets us in, and whether its fields are still those of described.yaml."""
    try:
        with opened() as connector:
            as_whom = connector.check()
            try:
                told = connector.describe()
            except ConnectorError as error:
                return as_whom, [Finding("watch", "its fields cannot be looked at", error.message, error.fix)]
    except ConnectorError as error:
        return "", [Finding("grave", f"it does not let us in ({error.code})", error.message, error.fix)]
    found = [Finding("grave", "it lacks what the declaration needs", line, "") for line in told.wanting]
    before, described = drift.kept(partner), kept_of(told)
    if before is None:
        if described.fields:
            fix = f"casebridge describe {partner.name}; then a change there stops it before a wrong write."
            found.append(Finding("watch", "its fields are not watched", "no described.yaml is kept", fix))
    elif harmful := drift.harmful(partner, before, described):
        wrong = drift.told(partner, harmful)
        found.append(Finding("grave", f"its fields changed ({wrong.code})", wrong.message, wrong.fix))
    return as_whom, found


def _of_exchange(partner: Partner, row: PartnerRow | None, now: datetime) -> Iterator[Finding]:
    """Whether it is read and written to as it should be."""
    name, poll = partner.name, timedelta(seconds=partner.system.poll)
    if row is None or row.pulled_at is None:
        yield Finding("watch", "it was never read", "no pull has ended well yet", f"casebridge pull {name}")
        return
    if row.paused:
        yield Finding("grave", "it is paused", row.paused, f"casebridge resume --partner {name} --why ...")
    elif row.open_until is not None and row.open_until > now:
        yield Finding("grave", f"it is left alone until {row.open_until:%H:%M:%S} UTC", row.error,
                      f"mend the cause; casebridge resume --partner {name} --why ... tries at once")  # fmt: skip
    elif row.error:
        yield Finding("watch", f"its last step failed, {row.failures} in a row", row.error, "")
    if now - row.pulled_at > SLOW_POLLS * poll:
        late = f"read last at {row.pulled_at:%Y-%m-%d %H:%M:%S} UTC, every {partner.system.poll:g} s is declared"
        yield Finding("grave", "it is not polled", late, f"look at the DAG pull_{name}, and whether the scheduler runs")


def _of_work(ledger: Ledger, partner: Partner, now: datetime) -> Iterator[Finding]:
    """What waits for a person by cause, and what is owed for long."""
    rows = [row for row in ledger.parked() if row.partner == partner.name]
    for code, times in Counter(row.code for row in rows).most_common():
        first = next(row for row in rows if row.code == code)
        what = f"{times} {'waits' if times == 1 else 'wait'} for a person ({code})"
        since = f"since {first.since:%Y-%m-%d %H:%M} UTC; the first: {first.message}"
        yield Finding("watch", what, since, remedy(first, partner.system.title).suggestion)
    query = sa.select(sa.func.min(_d.owed_at), sa.func.count()).where(
        _d.partner == partner.name, _d.state.in_(OPEN_DELIVERY), _d.owed_at < now - LATE
    )
    with ledger.engine.connect() as connection:
        oldest, many = connection.execute(query).one()
    if many:
        do = f"casebridge push {partner.name} --dry-run shows them; the task's log of push_{partner.name} says why"
        yield Finding(
            "grave",
            f"{many} owed for over {LATE.seconds // 60} min",
            f"the oldest since {oldest:%Y-%m-%d %H:%M} UTC",
            do,
        )


def _of_limits(ledger: Ledger, partner: Partner, now: datetime) -> Iterator[Finding]:
    """Its quota, and its clock against ours."""
    quota = partner.system.quota
    with ledger.engine.connect() as connection:
        used = connection.execute(sa.select(_a.calls, _a.window_at).where(_a.partner == partner.name)).one_or_none()
        stamps = connection.execute(
            sa.select(_e.reported_at, _e.observed_at).where(
                _e.partner == partner.name, _e.observed_at > now - LOOKED_BACK, _e.reported_at > _e.observed_at
            )
        ).all()
    if quota is not None and quota.calls is not None and used is not None and used.window_at is not None:
        most = floor(quota.calls * quota.share)
        if used.calls >= NEARLY * most and now < used.window_at + timedelta(seconds=quota.per):
            weight: Weight = "grave" if used.calls >= most else "watch"
            turns = used.window_at + timedelta(seconds=quota.per)
            told = f"{used.calls} of {most} calls; the window turns at {turns:%Y-%m-%d %H:%M} UTC"
            yield Finding(weight, "our share of its quota is nearly used up", told, "poll less often, or agree on more")
    ahead = max((row.reported_at - row.observed_at for row in stamps), default=timedelta())
    if ahead > SKEW + timedelta(seconds=partner.system.abilities.clock_step):
        told = f"its own stamps are up to {ahead.total_seconds():.0f} s later than our reading of them"
        yield Finding("watch", "its clock is ahead of ours", told, "check both clocks (NTP); declare more `overlap`")
