"""One DAG a partner, `pull_<partner>`: read what changed in its system since the last time, and keep it.

Made from mappings/partners/*/system.yaml; `poll` there is the schedule. The one task reads all pages: a record is never
a task. Whoever is then owed something is woken by an asset event (see push.py). Next: hub/exchange.py, intake.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, task

from hub.runtime import WAKE, arguments, declared, open_exchange, skip_if_held, wake

DOC = """
### Pull {title}

Reads every case that changed in **{title}**'s system since the last pull, folds each change into the shared case and
notes what the other companies are owed. A record that cannot be understood is parked and the others go on.

**When it is red**, nothing of {title} comes in; what is owed to it waits, and the other companies go on.
- `C3..`, refused: login, permission or address. Correct the connection under *Admin, Connections*, then
  `casebridge resume --partner {name} --why ...` and clear the task, or wait until it tries by itself.
- `C1..`, not reached, or `C2..`, asked to wait: it tried three times. It mends itself with the next run; look at their
  system, or at the network, if it stays.
- `D...`, `M...`, `A...`: a declaration is wrong; the text names file, line and column. `casebridge check` repeats it.
- `X402`: {title} changed a field that our mapping stands on; the text says which, and what to do. It is paused.
- anything else is a fault of the hub: the task's log has it whole. Nothing was half kept; clearing the task is safe.

**When it is skipped**, {title} was not spoken to, and the task's log says why: a person paused it, or it is left alone
after failures: once it was refused, or not reached five times in a row, for half a minute and then twice as long each
time, up to 15 minutes; once it asked to wait, as long as it asked, up to an hour. Then one run tries, and is red if it
fails again. Nothing is lost meanwhile. `casebridge paused` lists it; `casebridge resume --partner {name} --why ...`
lets it go on at once: do that after you have mended what was refused.

**When it is overdue**, a run worked longer than its deadline: look whether {title} answers slowly.
"""


@task(outlets=[WAKE], multiple_outputs=False)
def intake(partner: str, outlet_events: Any = None) -> dict[str, int]:
    """Read, keep, route. Returns counts only: no case goes through XCom."""
    exchange = open_exchange(partner)
    done = exchange.intake(partner)
    if not done.read:
        skip_if_held(done.held)
    wake(outlet_events, done.owed, exchange.ledger)
    return {"read": done.read, "applied": done.applied, "known": done.known, "parked": done.parked}


for found in declared("pull"):
    deadline = max(timedelta(minutes=5), 5 * found.poll)
    with DAG(
        f"pull_{found.name}",
        description=f"Read what changed at {found.title}",
        schedule=found.poll,
        **arguments("pull", found, deadline=deadline, doc=DOC.format(title=found.title, name=found.name)),
    ):
        intake(found.name)
