"""The worked stories that the indicators' examples share, in the shorthand of `worked.py`.

A test runs each example; the report's glossary shows its words. Next: `indicators/`, which says what each must show.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.agreement import Agreement
from hub.measures import Story

LIFE = Story(
    "Telvoz solves case a after 2 hours; it is reopened and solved again. Case b takes half an hour and is closed. "
    "Case c stays open at Northcable.",
    (
        "a 09:00 opened northcable",
        "a 09:30 offered northcable>telvoz",
        "a 11:00 resolved telvoz",
        "a 12:00 reopened northcable",
        "a 15:00 resolved telvoz",
        "b 10:00 opened telvoz",
        "b 10:30 resolved telvoz",
        "b 16:00 closed telvoz",
        "c 14:00 opened northcable",
    ),
)
CROSSING = Story(
    "The hub sees a case at 09:00:10; Telvoz holds it at 09:00:14 and Brightnet at 09:00:40. It sees Telvoz's answer "
    "of 09:20:00 at 09:20:05, and Northcable holds it at 09:20:11.",
    (
        "a 09:00 opened northcable seen=09:00:10 owes telvoz brightnet",
        "a 09:00:14 delivered telvoz",
        "a 09:00:40 delivered brightnet",
        "a 09:20 changed telvoz seen=09:20:05 owes northcable",
        "a 09:20:11 delivered northcable",
    ),
)
TROUBLE = Story(
    "Two fields are edited on both sides and Northcable's edits are not kept; one record of Telvoz waits for a person.",
    (
        "a 09:00 opened northcable",
        "a 10:00 conflict northcable",
        "a 10:00 conflict northcable",
        "a 11:00 parked telvoz",
    ),
)
WORDS = Story(
    "Telvoz resolves case a; its customer gives 2 of 5, is asked again after the corrective action and gives 5. The "
    "customers of cases b and c do not answer. The customer of case b soon has case d, about the same product.",
    (
        "a 09:00 opened northcable",
        "a 09:10 offered northcable>telvoz",
        "a 09:20 accepted telvoz",
        "a 11:00 resolved telvoz",
        "a 11:01 asked northcable",
        "a 12:00 fed_back northcable score=2",
        "a 12:00 reopened hub score=2",
        "a 12:01 corrective telvoz",
        "a 15:00 resolved telvoz",
        "a 15:01 corrected telvoz",
        "a 15:01 asked northcable",
        "a 16:00 fed_back northcable score=5",
        "a 16:00 closed hub score=5",
        "a 16:01 effective telvoz",
        "b 09:00 opened northcable",
        "b 10:00 resolved northcable",
        "b 10:01 asked northcable",
        "b 12:01 asked northcable times=2",
        "b 13:00 silent northcable",
        "c 09:00 opened northcable",
        "c 10:00 resolved northcable",
        "c 10:01 asked northcable",
        "c 13:00 silent northcable",
        "d 14:00 opened northcable",
        "d 14:01 signal northcable signal=repeat",
    ),
)
RETURN = Story(
    "Case a goes Northcable, Telvoz, Northcable, Telvoz; case b goes to Brightnet once; case c stays with Telvoz.",
    (
        "a 09:00 opened northcable",
        "a 10:00 offered northcable>telvoz",
        "a 11:00 offered telvoz>northcable",
        "a 12:00 offered northcable>telvoz",
        "b 09:00 opened northcable",
        "b 13:00 offered northcable>brightnet",
        "c 09:00 opened telvoz",
    ),
)
ROAD = Story(
    "Northcable answers case a after 5 minutes and offers it after 30. It stands in Telvoz's system 10 minutes later, "
    "lies there for 20, and is accepted 10 minutes after somebody first touched it. Telvoz works on it, waits half "
    "an hour for the customer and resolves it at 12:00; his word comes at 12:20. Case b is open.",
    (
        "a 09:00 opened northcable",
        "a 09:05 noted northcable visibility=partners",
        "a 09:30 offered northcable>telvoz owes telvoz",
        "a 09:40 delivered telvoz",
        "a 10:00 changed telvoz",
        "a 10:10 accepted telvoz",
        "a 11:00 changed telvoz status=pending",
        "b 11:20 opened northcable",
        "a 11:30 changed telvoz status=inProgress",
        "a 12:00 resolved telvoz",
        "a 12:20 closed northcable",
    ),
)
GIVENBACK = Story(
    "Telvoz gives case a back, for it is not its own; Brightnet does not answer the offer of case b in time. Telvoz is "
    "late with its own case c: nobody moves until the next level is asked.",
    (
        "a 09:00 opened northcable",
        "a 09:10 offered northcable>telvoz",
        "a 09:40 refused telvoz>northcable reason=not_ours",
        "b 09:00 opened northcable",
        "b 09:10 offered northcable>brightnet",
        "b 11:10 timed_out brightnet>northcable",
        "c 09:00 opened telvoz",
        "c 12:00 escalated telvoz",
        "c 13:00 escalated telvoz",
        "c 13:30 changed telvoz",
    ),
)
OPINIONS = Story(
    "Two customers of cases that Telvoz resolved say what they think, and it is of people; the second says that he "
    "would rather be called.",
    (
        "a 09:00 opened northcable",
        "a 09:10 offered northcable>telvoz",
        "a 09:20 accepted telvoz",
        "a 11:00 resolved telvoz",
        "a 12:00 fed_back northcable score=2",
        "a 12:00 signal northcable signal=score component=people",
        "b 09:00 opened telvoz",
        "b 10:00 resolved telvoz",
        "b 10:30 fed_back telvoz score=5",
        "b 10:30 signal telvoz signal=score component=people",
        "b 10:31 signal telvoz signal=preference",
    ),
)
_ALONE: Mapping[str, Any] = MappingProxyType({"id": "solve-in-2h", "clock": "resolve", "of": "each", "within": "2 h"})
_TOGETHER: Mapping[str, Any] = MappingProxyType(
    {"id": "solved-in-a-day", "clock": "endToEnd", "of": "all", "within": "24 h", "target": "90 %"}
)
PROMISES = Story(
    "Each company promises to solve a case within two hours, and all together within a day. Telvoz takes one hour for "
    "case a, and three for case b.",
    (
        "a 09:00 opened telvoz",
        "b 09:00 opened telvoz",
        "a 10:00 resolved telvoz",
        "b 12:00 resolved telvoz",
    ),
    Agreement.model_validate(
        {
            "version": "example",
            "effective": "2026-11-01",
            "partners": {"telvoz": {"title": "Telvoz", "contact": "desk"}},
            "sharing": {},
            "commitments": (_ALONE, _TOGETHER),
        }
    ),
)
