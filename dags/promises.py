"""The DAG `promises`: each minute, which promises of the agreement come to their end, were not kept, or climb.

Whose customers are to be asked for their word is seen in the same look.

Reads the ledger and writes what is new into it; speaks to no partner. A run costs what changed since the last one.
Next: hub/promises.py, hub/lapses.py.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, task

from hub.runtime import arguments, watch_promises

DOC = """
### Promises

Each minute, looks at the cases of which something was written down, and at those whose time has come: a promise near
its end (`due_soon`), one that was not kept (`overdue`), and who is asked to see to it (`escalated`) become entries of
the case, once each. A case that was resolved is asked about at its contact point, again as the agreement says, and
called silent in the end; a negative word begins a corrective action (docs/feedback.md). Its return value has the
counts. `casebridge clock CASE` shows how a case stands, and
`casebridge promises` does the same as this run.

**When it is red**, no case is late for it: what was missed is found by the next run.
- `A...`, `D...`, `M...`: a declaration is wrong; the text names line and column. `casebridge check` repeats it.
- `L...`: the ledger is not there or behind this program; the text says what to do.
- anything else is a fault of the hub: the task's log has it whole. Clearing the task is safe.
"""


@task(multiple_outputs=False)
def watch() -> dict[str, int]:
    """Look, and write down what is new. Returns counts only."""
    return watch_promises()


with DAG(
    "promises",
    description="Which promises come to their end, and who is asked",
    schedule=timedelta(minutes=1),
    **arguments("promises", None, deadline=timedelta(minutes=15), doc=DOC),
):
    watch()
