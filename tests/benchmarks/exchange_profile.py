"""Where our processor's time goes in a first run in batches: each function's own time, summed by the room it is in.

A profiler adds its share to each call, so small functions look dearer than they are: read it as an order, not as
seconds. Next: `exchange_hub.py`, which is run under it.
"""

from __future__ import annotations

import pstats
from collections import Counter
from collections.abc import Mapping

from exchange_runs import ROOT, SQLITE, Server, place, right

ROOMS: Mapping[str, tuple[str, ...]] = {
    "SQLAlchemy": ("/sqlalchemy/",),
    "SQLite": ("sqlite3.",),
    "ciphers": ("cryptography", "hmac", "AESGCM"),
    "the ledger's rooms": tuple(f"{ROOT}/hub/{name}.py" for name in
                                ("writing", "standing", "ledger", "lanes", "intents", "keys", "codec", "tables",
                                 "sealing", "statements")),
    "hub, the other rooms": (f"{ROOT}/hub/",),
    "mappings": (f"{ROOT}/mappings/", "<the lens"),
    "connectors": (f"{ROOT}/connectors/",),
    "requests, urllib3, sockets": ("/requests/", "/urllib3/", "http/client", "socket.", "Socket"),
    "JSON": ("/json/", "_json", "json."),
}  # fmt: skip


def shares(at: Server, cases: int) -> list[tuple[str, float, float]]:
    """(room, share of all, milliseconds a case), the dearest first."""
    with place(SQLITE, "batches", "") as one:
        at.ask("reset", cases=cases)
        right(one.run(at, "--profile"), cases, SQLITE.name)
        told = pstats.Stats(str(one.folder / "profile"))
    spent: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, _) in told.stats.items():  # type: ignore[attr-defined]  # of pstats, as documented
        place_of = f"{file} {name}"
        spent[next((room for room, marks in ROOMS.items() if any(m in place_of for m in marks)), "the rest")] += own
    whole = sum(spent.values())
    return [(room, seconds / whole, seconds * 1000 / cases) for room, seconds in spent.most_common()]
