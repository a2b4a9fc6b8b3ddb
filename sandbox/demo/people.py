"""Who appears in the story: customers and agents, invented, the same ones each time.

Numbers lie in ranges that are kept for fiction, or lead nowhere. Next: `story.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

SEED = 2026
AGENTS: Mapping[str, tuple[str, ...]] = {
    "northcable": ("Ada Whitfield", "Tom Okafor", "Priya Raman"),
    "telvoz": ("Lucía Pardo", "Andrés Quintero", "Marisol Vega"),
    "brightnet": ("Айгерим Садыкова", "Павел Орлов", "Дина Ахметова"),
}
CUSTOMERS: Mapping[str, tuple[str, ...]] = {
    "northcable": ("Alice Marlowe", "Henry Ashdown", "Grace Penrose", "Oliver Tindall", "Ruth Holloway", "Leon Bright"),
    "telvoz": ("Carmen Restrepo", "Javier Cárdenas", "Rosa Montoya", "Diego Salazar", "Elena Buitrago"),
    "brightnet": ("Мария Лебедева", "Тимур Жумабек", "Ольга Белова", "Ержан Ким", "Светлана Цой"),
}
_PHONE: Mapping[str, str] = {
    "northcable": "+44 20 7946 0{:03d}",
    "telvoz": "+57 601 555 0{:03d}",
    "brightnet": "+7 727 555 0{:03d}",
}


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of one company."""

    id: str
    name: str
    phone: str


class People:
    """Customers and agents, drawn in order from one seed."""

    def __init__(self, seed: int = SEED) -> None:
        self._dice = Random(seed)
        self._numbers = iter(self._dice.sample(range(100, 999), 200))

    def customer(self, company: str) -> Customer:
        """Somebody who has called this company."""
        number = next(self._numbers)
        name = self._dice.choice(CUSTOMERS[company])
        return Customer(f"{company[0].upper()}-{number}", name, _PHONE[company].format(number))

    def agent(self, company: str) -> str:
        """Who takes the case on at this company."""
        return self._dice.choice(AGENTS[company])
