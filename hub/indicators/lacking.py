"""What managers ask and entries do not tell, with the reason; said in docs/indicators.md rather than guessed.

Next: `hub/happened.py`, where a new kind of fact would begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NOT_MEASURABLE: Mapping[str, str] = MappingProxyType(
    {
        "Customers served, returning customers": "an entry names its case and no customer: who he is lies sealed in "
        "the case, and figures read envelopes only. Repeated contacts are told, for the hub recognises them when "
        "they come in. Cells are held back by their cases, of which a customer has one or more.",
        "Effort and money": "effort and cost of a case stand in its sealed body. Touches, hand-overs and calls a case "
        "are told instead.",
        "Reading calls a case": "one call reads many cases, and its cost is no case's. docs/benchmarks.md has it.",
        "Which preference": "the words are the customer's own and sealed; how many there were is told.",
        "Why a case was refused, where the agreement lists no reasons": "the reason is free text, and sealed.",
        "What a stretch that still runs will have cost": "time counts where its stretch ends. What is left open is "
        "told by the age of the backlog.",
    }
)
