"""Every indicator in the order in which reports show it, and finding one by its id. Next: a family's module."""

from __future__ import annotations

from hub.indicators.agreement import AGREEMENT
from hub.indicators.cooperation import COOPERATION
from hub.indicators.cost import COST
from hub.indicators.quality import QUALITY
from hub.indicators.quantity import QUANTITY
from hub.indicators.satisfaction import SATISFACTION
from hub.indicators.timeliness import TIMELINESS
from hub.indicators.waiting import WAITING
from hub.measures import Indicator

INDICATORS: tuple[Indicator, ...] = (
    *QUANTITY,
    *QUALITY,
    *TIMELINESS,
    *WAITING,
    *COOPERATION,
    *COST,
    *SATISFACTION,
    *AGREEMENT,
)


def indicator(key: str) -> Indicator:
    """The indicator of that id. Raises KeyError with the known ones."""
    found = next((known for known in INDICATORS if known.id == key), None)
    if found is None:
        raise KeyError(f"R103 {key!r} is no indicator. Known: {', '.join(known.id for known in INDICATORS)}.")
    return found
