"""The DAG `retention`: once a day, what is past the agreement's time is removed, and erasures that were begun go on.

Speaks to partners only where an erasure asks them. Next: hub/retention.py, hub/erasing.py.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, task

from hub.runtime import arguments, sweep_retention

DOC = """
### Retention

Once a day: customers all of whose cases ended longer ago than `retention.closed` in agreement.yaml become unreadable
here, files that waited longer than `retention.files` are let go of, and companies that an erasure could not reach are
asked again. Its return value is counts.

**When it is red**, no case is late, and nothing is half done for good: the next run goes on.
- `L...`: the ledger is not there or behind this program; the text says what to do.
- `D...`, `A...`: a declaration cannot be read; the text names its place.
- anything else is a fault of the hub: the task's log has it whole. Clearing the task is safe.
"""


@task
def sweep() -> dict[str, int]:
    """Remove what is past its time. Returns counts."""
    return sweep_retention()


with DAG(
    "retention",
    description="What is past the agreement's time is removed; erasures go on",
    schedule="25 5 * * *",
    **arguments("retention", None, deadline=timedelta(hours=2), doc=DOC),
):
    sweep()
