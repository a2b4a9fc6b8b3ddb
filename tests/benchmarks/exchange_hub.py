"""Our side: the real exchange over the real REST connector, declared in `declared/`, with a real ledger.

One run is what the DAGs of the two companies do: `intake` of the origin, then `deliver` to the target until nothing is
owed that can be sent. Next: `exchange_side.py`, `hub/exchange.py`.
"""

from __future__ import annotations

import cProfile
import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from exchange_side import Run, asked, timed

from connectors.base import Credentials
from hub.agreement import load_agreement
from hub.alliance import Alliance
from hub.assembly import assemble, wall_clock
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.partners import load_partners
from hub.settings import Settings

DECLARED = Path(__file__).with_name("declared")


def exchange(run: Run) -> Exchange:
    """The exchange of these two companies. Pushed singly, the target has no batches."""
    partners = dict(load_partners(DECLARED / "partners"))
    agreement = load_agreement(DECLARED / "agreement.yaml", partners)
    if run.way == "singly":
        target = partners["target"]
        single = target.system.model_copy(update={"create_batch": None, "update_batch": None})
        partners["target"] = replace(target, system=single)
    home = run.state.resolve()
    environ = {"CASEBRIDGE_HOME": str(home), **({"CASEBRIDGE_LEDGER": run.database} if run.database else {})}
    kept = {name: value for name, value in os.environ.items() if name == "CASEBRIDGE_EVIDENCE_DAYS"}
    settings = Settings.from_environment({**environ, **kept})
    ledger, resolve = Ledger.prepare(settings), lambda _: Credentials(run.url)
    made = assemble(ledger, Alliance(partners, agreement), resolve, wall_clock, settings.evidence_for)
    return replace(made, lease=timedelta(seconds=run.lease))


def work(hub: Exchange) -> None:
    """One run. What a killed one had on its way is looked for once its lease is over."""
    hub.intake("origin")
    hub.deliver("target")
    while waiting := hub.ledger.deliveries(("owed", "claimed", "unknown"), limit=1):
        time.sleep(0.1)
        hub.deliver("target")
        assert waiting


def main() -> None:
    run = asked()
    hub = exchange(run)
    if run.profile:
        with cProfile.Profile(time.thread_time) as profile:
            timed(lambda: work(hub))
        profile.dump_stats(run.state / "profile")
    else:
        timed(lambda: work(hub))
    hub.close()


if __name__ == "__main__":
    main()
