"""The DAG `audit`: each hour, new entries are compared with the ledger's chain, and its head is kept elsewhere; and
what is kept for a time only goes.

Reads the ledger from the last anchor on; speaks to no partner. Next: hub/audit.py, hub/anchors.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, task

from hub.runtime import arguments, expire_evidence, keep_anchor

DOC = """
### Audit

Each hour, what was written since the last anchor is compared with the ledger's hash chain, and the newest head is added
to the file of anchors (`CASEBRIDGE_ANCHORS`), signed. Its return value is the anchor, or nothing where nothing was
written. `casebridge audit verify` compares the whole ledger with all anchors. Before that, evidence of
calls that is older than `CASEBRIDGE_EVIDENCE_DAYS` is deleted; each pull and push does so too.

**When it is red**
- `A501`, `A503`: the ledger is not what was written. Stop writing to it, keep a copy, and run
  `casebridge audit verify`. After a restore this is expected: begin a new file of anchors, and keep the old one.
- `A506`: a line of the anchors cannot be read; the text names it.
- a full or read-only disk: the log names the path.
- anything else is a fault of the hub: the task's log has it whole. Clearing the task is safe.
"""


@task(multiple_outputs=False)
def anchor() -> dict[str, Any] | None:
    """Delete what is too old to be kept, then compare, and keep the head. Returns the anchor: digests and numbers."""
    expire_evidence()
    return keep_anchor()


with DAG(
    "audit",
    description="The ledger's head is kept elsewhere, signed",
    schedule="37 * * * *",
    **arguments("audit", None, deadline=timedelta(hours=1), doc=DOC),
):
    anchor()
