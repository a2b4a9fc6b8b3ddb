"""How often one sender may ask: so many at once, refilled with time; and no more senders are remembered than fit.

Knows no door. Next: `feedback.py`, which asks it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bound:
    """At most `most` at once from one sender, and as many again in each `seconds`. tick: a clock in seconds that never
    goes back. The senders that were heard longest ago are forgotten first; who is forgotten begins anew."""

    most: int
    seconds: float
    tick: Callable[[], float]
    senders: int = 10_000
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, sender: str) -> int:
        """0 where it may ask now, which counts; else in how many seconds it may."""
        now = self.tick()
        left, at = self._left.pop(sender, (float(self.most), now))
        left = min(float(self.most), left + (now - at) * self.most / self.seconds)
        self._left[sender] = (max(0.0, left - 1) if left >= 1 else left, now)
        while len(self._left) > self.senders:
            self._left.popitem(last=False)
        return 0 if left >= 1 else max(1, round((1 - left) * self.seconds / self.most))
