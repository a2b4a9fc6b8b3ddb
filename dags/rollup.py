"""The DAG `rollup`: once a day, the indicators of everything that happened, as pages and tables for managers.

Computes from the ledger's entries alone and writes to the reports folder; hands on the paths and nothing else.
Next: hub/rollup.py for the figures, hub/report/ for how they look.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, task

from hub.runtime import arguments, write_rollup

DOC = """
### Rollup

Computes each company's and the whole's indicators from the ledger and writes them as an HTML page with charts and as a
CSV table to the reports folder; the task's return value names the files. Run it by hand at any time: it reads only.

**When it is red**, no case is late: only the report is missing.
- `L...`: the ledger is not there or behind this program; the text says what to do.
- a full or read-only disk: the log names the path.
- anything else is a fault of the hub: the task's log has it whole. Clearing the task is safe.
"""


@task
def report() -> list[str]:
    """Write the report. Returns the paths of the files."""
    return [str(path) for path in write_rollup()]


with DAG(
    "rollup",
    description="Indicators for managers, per company and for the whole",
    schedule="10 0 * * *",
    **arguments("rollup", None, deadline=timedelta(hours=1), doc=DOC),
):
    report()
