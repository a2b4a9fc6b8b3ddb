"""Which case is opened when: at a steady rate, in a burst, and at the steady rate again. The same plan each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from sandbox.words import fields

A_DAY = 50_000
"""Cases a day that the steady phases run at."""
BURST = 10
"""How many times as fast the burst is."""
ROUTES = (
    ("northcable", "telvoz", "TEL-HOME"),
    ("telvoz", "brightnet", "NET-1000"),
    ("brightnet", "northcable", "CABLE-BOX"),
    ("northcable", "brightnet", "NET-100"),
    ("telvoz", "northcable", "CABLE-TV"),
    ("brightnet", "telvoz", "TEL-MOBILE"),
)
"""Giver, receiver, and a product for which the agreement has that edge."""


@dataclass(frozen=True, slots=True)
class Phase:
    """seconds long, at `rate` cases a second."""

    name: str
    seconds: float
    rate: float


@dataclass(frozen=True, slots=True)
class Opening:
    """A case that an agent opens `at` seconds after the start and hands over with the same Save."""

    at: float
    phase: str
    reference: str
    giver: str
    receiver: str
    fields: Mapping[str, Any]


def phases(steady: float, burst: float) -> tuple[Phase, Phase, Phase]:
    """Steady, burst and steady again, in seconds."""
    rate = A_DAY / 86_400
    return Phase("steady", steady, rate), Phase("burst", burst, rate * BURST), Phase("after", steady, rate)


def openings(planned: tuple[Phase, ...]) -> Iterator[Opening]:
    """Every case of these phases, evenly spread, over each route in turn."""
    routes, begins = cycle(ROUTES), 0.0
    for phase in planned:
        for number in range(round(phase.seconds * phase.rate)):
            giver, receiver, product = next(routes)
            reference = f"{phase.name}-{number}"
            said = {
                "title": f"No service: {reference}", "reference": reference, "status": "inProgress",
                "product": product, "holder": receiver, "customer": f"Customer {number}",
            }  # fmt: skip
            at = begins + number / phase.rate
            yield Opening(at, phase.name, reference, giver, receiver, fields(giver, said))
        begins += phase.seconds
