"""One DAG a partner, `push_<partner>`: deliver everything that the partner is owed.

Woken by the asset event of its outbox. An event is a wake-up and no queue (several may become one run, and one may come
while a run is at work), so a run drains the outbox whatever woke it, and a sweep on a clock stands behind the events.
Next: hub/exchange.py, deliver.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AssetOrTimeSchedule, DeltaTriggerTimetable, task

from hub.runtime import WAKE, arguments, declared, open_exchange, outbox, skip_if_held, wake

SWEEP = timedelta(seconds=30)
"""At least this long between two sweeps; a partner that is read less often is swept as often as it is read."""

DOC = """
### Push to {title}

Delivers to **{title}** every case version that it is owed: it makes their record, or changes the fields that differ, or
adds a note, and reads back what they kept. What {title} refuses is parked with the reason, and the others go on.

**When it is red**, what is owed to {title} waits in the ledger and nothing is lost; the other companies go on.
- `C3..`, refused: login, permission or address. Correct the connection under *Admin, Connections*, then
  `casebridge resume --partner {name} --why ...` and clear the task, or wait until it tries by itself.
- `C1..`, not reached, or `C2..`, asked to wait: it tried three times, and the next sweep tries again.
- `D...`, `M...`, `A...`: a declaration is wrong; the text names file, line and column. `casebridge check` repeats it.
- `X402`: {title} changed a field that our mapping stands on; the text says which, and what to do. It is paused.
- anything else is a fault of the hub: the task's log has it whole. A delivery whose outcome is not known is looked for
  in their system before it is sent again, so clearing the task is safe.

**When it is skipped**, {title} was not spoken to, and the task's log says why: a person paused it, or it is left alone
after failures: once it was refused, or not reached five times in a row, for half a minute and then twice as long each
time, up to 15 minutes; once it asked to wait, as long as it asked, up to an hour. Then one run tries, and is red if it
fails again. Nothing is lost meanwhile. `casebridge paused` lists it; `casebridge resume --partner {name} --why ...`
lets it go on at once: do that after you have mended what was refused. `X401` is a first contact that a person looks
at: `casebridge push {name} --dry-run` shows what would be sent, `casebridge partner sign-off {name} --why ...` permits
it.

*Casebridge, Waiting* lists what is owed and what is parked, with cause and fix.
"""


@task(outlets=[WAKE], multiple_outputs=False)
def deliver(partner: str, outlet_events: Any = None) -> dict[str, int]:
    """Drain the outbox. Returns counts only: no case goes through XCom."""
    exchange = open_exchange(partner)
    done = exchange.deliver(partner)
    if not done.claimed:
        skip_if_held(done.held)
    wake(outlet_events, done.owed - {partner}, exchange.ledger)
    return {
        "claimed": done.claimed,
        "delivered": done.delivered,
        "parked": done.parked,
        "unknown": done.unknown,
        "retry": done.retry,
    }


for found in declared("push"):
    with DAG(
        f"push_{found.name}",
        description=f"Deliver what {found.title} is owed",
        schedule=AssetOrTimeSchedule(
            timetable=DeltaTriggerTimetable(max(SWEEP, found.poll)), assets=[outbox(found.name)]
        ),
        **arguments("push", found, deadline=timedelta(minutes=10), doc=DOC.format(title=found.title, name=found.name)),
    ):
        deliver(found.name)
