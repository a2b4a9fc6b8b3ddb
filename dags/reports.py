"""The DAG `reports`: sends each subscription's report when it is due, once; run by hand, those that are named.

Every quarter of an hour it asks which are due; each is sent by a task of its own, which alone is tried again.
Next: hub/mailing/ for what it does, subscriptions.yaml for who gets what.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, get_current_context, task

from hub.runtime import arguments, due_reports, send_report

DOC = """
### Reports

Sends the reports of `subscriptions.yaml` by mail and to folders, each once for each time that it is due. Run it by hand
with the names of subscriptions to have those sent now.

**When it is red**, somebody has not got a report; no case is late.
- `R122`: the mail server did not take it; the text has the server's own words.
- `R123`: the folder could not be written to.
- `C32...`: the connection of the mail server is not there, or cannot be read.
- `D...`: subscriptions.yaml is wrong; `casebridge check` says where.

It is tried again four times, over a quarter of an hour. After that, mend what it says and clear the task: it reaches
only those that it did not get to.
"""


@task
def due() -> list[dict[str, str]]:
    """What is to be sent now."""
    asked = get_current_context()["params"]
    return due_reports(asked["names"], asked["period"])


@task(retries=4, retry_delay=timedelta(minutes=1), retry_exponential_backoff=True)
def send(name: str, at: str, period: str) -> list[str]:
    """Send one of them. Returns where it went."""
    return send_report(name, at, period)


with DAG(
    "reports",
    description="Reports to those who subscribed",
    schedule="*/15 * * * *",
    params={
        "names": Param([], type="array", items={"type": "string"}, title="Subscriptions to send now"),
        "period": Param("", type="string", title="Of which period, such as 2026-W47; none: the last whole one"),
    },
    **arguments("reports", None, deadline=timedelta(hours=1), doc=DOC),
):
    send.expand_kwargs(due())
