"""simple-salesforce alone: the pages are read as the bare loop reads them, and pushed by the library.

Singly `SFType.create` in as many threads, in batches the collections of its `restful`. It speaks to the server's
Salesforce-shaped addresses, which answer ids and no records. The library writes https into its addresses; here they are
set to the loopback's, nothing else of it is touched.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import exchange_requests as bare
from exchange_cases import mapped
from exchange_side import BATCH, CONNECTIONS, Known, Run, asked, timed
from simple_salesforce import Salesforce, SFType

_OWN = threading.local()


def org(run: Run) -> tuple[Salesforce, SFType]:
    """This thread's client and its object."""
    if not hasattr(_OWN, "org"):
        client = Salesforce(session_id="benchmark", instance="127.0.0.1", version="60.0", session=bare.session())
        client.base_url = f"{run.url}/services/data/v60.0/"
        thing = SFType("Case", "benchmark", "127.0.0.1", sf_version="60.0", session=bare.session())
        thing.base_url = f"{client.base_url}sobjects/Case/"
        _OWN.org = client, thing
    found: tuple[Salesforce, SFType] = _OWN.org
    return found


def push(run: Run, known: Known, body: dict[str, Any]) -> None:
    """One case."""
    _, thing = org(run)
    native_id = known.ids.get(body["reference"])
    if native_id is not None:
        thing.update(native_id, body)
    else:
        known.ids[body["reference"]] = thing.create(body)["id"]


def push_many(run: Run, known: Known, bodies: list[dict[str, Any]]) -> None:
    """One collection, all of it creates or all of it updates."""
    client, _ = org(run)
    method = "PATCH" if bodies[0]["reference"] in known.ids else "POST"
    named = [{"id": known.ids[body["reference"]]} if method == "PATCH" else {} for body in bodies]
    rows = [{"attributes": {"type": "Case"}, **body, **own} for body, own in zip(bodies, named, strict=True)]
    results = client.restful("composite/sobjects", method=method, json={"allOrNone": False, "records": rows})
    for body, result in zip(bodies, results, strict=True):
        assert result["success"], result
        known.ids[body["reference"]] = result["id"]


def work(run: Run) -> None:
    """One run."""
    known = Known(run.state)
    bodies = [{**mapped(record), "outside": record["number"]} for record in bare.pull(run, known)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        if run.way == "singly":
            list(pool.map(lambda body: push(run, known, body), bodies))
        else:
            fresh = [body for body in bodies if body["reference"] not in known.ids]
            there = [body for body in bodies if body["reference"] in known.ids]
            parts = [some[start : start + BATCH] for some in (fresh, there) for start in range(0, len(some), BATCH)]
            list(pool.map(lambda part: push_many(run, known, part), parts))
    known.keep()


if __name__ == "__main__":
    this = asked()
    timed(lambda: work(this))
