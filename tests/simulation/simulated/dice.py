"""Draws of a simulation: each depends on the seed, the act and how many were drawn in it, and on nothing else.

So leaving one act out of a history changes no draw of the others, and a failing history can be made short.
Knows nothing of what is simulated. Next: `scenario.py`, which draws a whole history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mixed(word: int) -> int:
    """A 64-bit word well stirred: the finaliser of splitmix64 (Steele, Lea and Flood, 2014)."""
    word &= MASK
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


class Dice:
    """One stream of draws, begun anew at each act."""

    __slots__ = ("_seed", "_state")

    def __init__(self, seed: int) -> None:
        self._seed = mixed(seed * GOLDEN + 1)
        self._state = self._seed

    def begin(self, act: int) -> None:
        """Draw for this act from now on."""
        self._state = mixed(self._seed + (act + 2) * GOLDEN)

    def word(self) -> int:
        """64 drawn bits."""
        self._state = (self._state + GOLDEN) & MASK
        return mixed(self._state)

    def share(self) -> float:
        """A number from 0 up to 1."""
        return (self.word() >> 11) * (1.0 / (1 << 53))

    def chance(self, rate: float) -> bool:
        """True this often. Draws even for a rate of 0, so that a fault that is off changes no draw after it."""
        return self.share() < rate

    def within(self, low: float, high: float) -> float:
        """A number between these two."""
        return low + (high - low) * self.share()

    def pick(self, among: Sequence[T]) -> T:
        """One of these."""
        return among[self.word() % len(among)]

    def bytes(self, size: int) -> bytes:
        """This many bytes."""
        return b"".join(self.word().to_bytes(8, "big") for _ in range((size + 7) // 8))[:size]
