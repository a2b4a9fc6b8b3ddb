"""What every side of `make bench-exchange` has in common: how it is started, and what it says when a run is over.

    python exchange_requests.py --url http://127.0.0.1:PORT --state FOLDER --way singly|batches

One process is one run: pull what changed since the last one, map it, push it. What a side keeps between runs lies in
its folder. Seconds are of the work alone, without the interpreter's start and imports; memory is the process's peak.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS, PAGE, BATCH = 16, 100, 200


@dataclass(frozen=True)
class Run:
    """What a side is asked for. lease: seconds, of a worker's claim, for the side that has one. database: a URL."""

    url: str
    state: Path
    way: str
    lease: float = 120.0
    database: str = ""
    profile: bool = False


def asked() -> Run:
    """From the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--state", required=True, type=Path)
    parser.add_argument("--way", required=True, choices=("singly", "batches"))
    parser.add_argument("--lease", type=float, default=120.0)
    parser.add_argument("--database", default="")
    parser.add_argument("--profile", action="store_true")
    return Run(**vars(parser.parse_args()))


def timed(work: Callable[[], object]) -> None:
    """Do it, and say how long it took, its processor's seconds, and how much memory this process held at most."""
    started, used = time.perf_counter(), time.process_time()
    work()
    seconds, used = time.perf_counter() - started, time.process_time() - used
    status = Path("/proc/self/status").read_text(encoding="ascii")  # ru_maxrss begins with what the parent held
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / 1e6
    print(json.dumps({"seconds": seconds, "cpu": used, "peak_mb": peak}), flush=True)


class Known:
    """What a loop without a ledger keeps: the cursor, and the target's id of each number; kept when a run is over."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "known.json"
        kept = json.loads(self._path.read_text()) if self._path.exists() else {"cursor": "", "ids": {}}
        self.cursor: str = kept["cursor"]
        self.ids: dict[str, str] = kept["ids"]

    def keep(self) -> None:
        """Write it."""
        self._path.write_text(json.dumps({"cursor": self.cursor, "ids": self.ids}))
