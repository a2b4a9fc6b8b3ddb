"""One DAG a partner, `pull_<partner>`: read what changed in its system since the last time, and keep it.

Made from mappings/partners/*/system.yaml; `poll` there is the schedule. The one task reads all pages: a record is never
a task. Whoever is then owed something is woken by an asset event (see push.py). Next: hub/exchange.py, intake.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, task

from hub.runtime import WAKE, arguments, declared, open_exchange, wake

DOC = """
### Pull {title}

Reads every case that changed in **{title}**'s system since the last pull, folds each change into the shared case and
notes what the other companies are owed. A record that cannot be understood is parked and the others go on.

**When it is red**, nothing of {title} comes in; what is owed to it waits, and the other companies go on.
- `C3..`, refused: login, permission or address. Correct the connection under *Admin, Connections*, then clear the task.
- `C1..`, not reached, or `C2..`, asked to wait: it tried three times. It mends itself with the next run; look at their
  system, or at the network, if it stays.
- `D...`, `M...`, `A...`: a declaration is wrong; the text names file, line and column. `casebridge check` repeats it.
- anything else is a fault of the hub: the task's log has it whole. Nothing was half kept; clearing the task is safe.

**When it is overdue**, a run worked longer than its deadline: look whether {title} answers slowly.
"""


@task(outlets=[WAKE], multiple_outputs=False)
def intake(partner: str, outlet_events: Any = None) -> dict[str, int]:
    """Read, keep, route. Returns counts only: no case goes through XCom."""
    exchange = open_exchange(partner)
    done = exchange.intake(partner)
    wake(outlet_events, done.owed, exchange.ledger)
    return {"read": done.read, "applied": done.applied, "known": done.known, "parked": done.parked}


for found in declared("pull"):
    deadline = max(timedelta(minutes=5), 5 * found.poll)
    with DAG(
        f"pull_{found.name}",
        description=f"Read what changed at {found.title}",
        schedule=found.poll,
        **arguments("pull", found, deadline=deadline, doc=DOC.format(title=found.title)),
    ):
        intake(found.name)
