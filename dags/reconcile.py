"""One DAG a partner, `reconcile_<partner>`: each night, look whether polling missed anything, and repair it.

A pull tells what a system says has changed; this reads everything and compares, and asks by id for what was not told.
The nights' work is spread by the partner's name. Whoever is then owed something is woken (see push.py).
Next: hub/exchange.py, reconcile.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, task

from hub.runtime import WAKE, arguments, declared, nightly, open_exchange, skip_if_held, wake

DOC = """
### Reconcile {title}

Once a night, reads every record of **{title}**'s system, compares it with the ledger and takes in what polling missed;
then asks by id for each record that was not told, and so finds deletions and merges that no pull tells of. The pull's
cursor stays where it is, and a night that finds nothing writes nothing to any company. Its return value has the counts.
`casebridge reconcile {name} --dry-run` does the same at any time and only tells.

**When it is red**, the pulls go on: only the looking back is missing, and what was read before it broke off is kept.
- `C3..`, refused: login, permission or address. Correct the connection under *Admin, Connections*, then
  `casebridge resume --partner {name} --why ...` and clear the task, or wait for the next night.
- `C1..`, not reached, or `C2..`, asked to wait: it tried three times. Clear the task when they are up again. If it is
  their quota each night, agree on more or raise `quota` in system.yaml.
- `D...`, `M...`, `A...`: a declaration is wrong; the text names file, line and column. `casebridge check` repeats it.
- anything else is a fault of the hub: the task's log has it whole. Nothing was half kept; clearing the task is safe.

**When it is skipped**, {title} was not spoken to, and the task's log says why: it was never pulled, a person paused it,
or it is left alone after failures. `casebridge paused` lists it.

**When much was repaired**, night after night, polling misses too much: raise `overlap` in system.yaml. `X305` waits
where {title} does not know a record at all; many at once mean that our login may not see them any more.

**When it is overdue**, a run worked longer than its deadline: look whether {title} answers slowly.
"""


@task(outlets=[WAKE], multiple_outputs=False)
def reconcile(partner: str, outlet_events: Any = None) -> dict[str, int]:
    """Read, compare, repair. Returns counts only: no case goes through XCom."""
    exchange = open_exchange(partner)
    done = exchange.reconcile(partner)
    if not done.read:
        skip_if_held(done.held)
    wake(outlet_events, done.owed, exchange.ledger)
    return {"read": done.read, "repaired": done.repaired, "gone": done.gone, "missing": done.missing}


for found in declared("reconcile"):
    with DAG(
        f"reconcile_{found.name}",
        description=f"Look whether anything of {found.title} was missed",
        schedule=nightly(found.name),
        **arguments(
            "reconcile", found, deadline=timedelta(hours=3), doc=DOC.format(title=found.title, name=found.name)
        ),
    ):
        reconcile(found.name)
