"""One DAG a partner that sends webhooks, `reread_<partner>`: read again the records that they named.

Woken by an event of the triggerer, which watches the hints that `casebridge serve` wrote into the ledger. Polling goes
on beside it: what is lost on this way is read by the next pull, which takes waiting hints too.
Next: hub/watching.py, hub/exchange.py, heed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, task

from hub.runtime import WAKE, arguments, declared, open_exchange, skip_if_held, wake
from hub.watching import hinted

DOC = """
### Reread {title}

Reads by their ids the records of **{title}** that its webhooks named, and takes each in as a pull does. A webhook says
when to look and nothing else. It may be lost, repeated or late: the next pull reads all that changed.

**When it is red**, the pull of {title} is most often red too, for the same reason: begin there. What was hinted waits.
- `C3..`, refused: login, permission or address. Correct the connection under *Admin, Connections*, then
  `casebridge resume --partner {name} --why ...`.
- `C1..`, not reached, or `C2..`, asked to wait: it tried three times; the next pull takes what waits.
- `D...`, `M...`, `A...`: a declaration is wrong; the text names file, line and column. `casebridge check` repeats it.
- anything else is a fault of the hub: the task's log has it whole. Nothing was half kept; clearing the task is safe.

**When it never runs**, look whether the triggerer is up and what `casebridge serve` logs: it refuses a webhook whose
secret or time is wrong.
"""


@task(outlets=[WAKE], multiple_outputs=False)
def heed(partner: str, outlet_events: Any = None) -> dict[str, int]:
    """Read again, keep, route. Returns counts only: no case goes through XCom."""
    exchange = open_exchange(partner)
    done = exchange.heed(partner)
    if not done.read:
        skip_if_held(done.held)
    wake(outlet_events, done.owed, exchange.ledger)
    return {"hinted": done.hinted, "read": done.read, "applied": done.applied, "parked": done.parked}


for found in declared("reread"):
    if not found.hints:
        continue
    with DAG(
        f"reread_{found.name}",
        description=f"Read again what {found.title}'s webhooks named",
        schedule=[hinted(found.name)],
        **arguments("reread", found, deadline=timedelta(minutes=5), doc=DOC.format(title=found.title, name=found.name)),
    ):
        heed(found.name)
