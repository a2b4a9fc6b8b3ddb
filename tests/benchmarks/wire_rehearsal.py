"""`make bench-wire` in small: each side that needs no package but the project's own, once over a page, in one process.

    PYTHONPATH=. python tests/benchmarks/wire_rehearsal.py

Says each side and what it did; what arrived is looked at in the server's store, as in the benchmark. Nothing is timed.
Next: `wire.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import wire
import wire_ours
import wire_peers
from exchange_runs import Server, right, server
from wire_side import PAGE, Side, bodies, soap_body

MADE: Mapping[str, Callable[[str], Side]] = {
    "transport": wire_ours.transport,
    "rest": wire_ours.rest,
    "soap": wire_ours.soap,
    "requests": wire_peers.by_requests,
    "httpx": wire_peers.by_httpx,
    "simple-salesforce": wire_peers.by_salesforce,
    "zeep": wire_peers.by_zeep,
}


def rehearsed(at: Server, one: wire.Contender) -> None:
    """Each way of a side. Raises AssertionError where not all was read, or not all arrived."""
    side = MADE[one.side](at.url)
    for way in one.ways:
        at.ask("reset", cases=PAGE, latency=0)
        sent = side.ready([soap_body(number) for number in range(PAGE)] if one.soap else bodies(PAGE))
        done = getattr(side, way)(PAGE if way == "pull" else sent)
        assert done == PAGE, f"{one.name} {way}: {done} of {PAGE}"
        if way != "pull" and not one.soap:
            right(at.ask("told"), PAGE, one.name)
    print(f"{one.name}: {', '.join(one.ways)}", flush=True)


if __name__ == "__main__":
    with server() as started:
        started.ask("soap", **wire.envelopes())
        for contender in wire.SIDES:
            if contender.side in MADE:
                rehearsed(started, contender)
