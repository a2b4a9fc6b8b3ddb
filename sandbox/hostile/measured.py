"""How much of a processor's time a call took and how much memory at its peak, measured in a process that does nothing
else.

    with measuring(partner) as measure:
        took = measure("read")
        took.seconds, took.memory, took.error

The process has a connector of its own to the partner's server, which answers as the test says. Memory is the peak of
the resident set less what was resident before (Linux: clear_refs 5 sets the peak back, VmHWM tells it).
"""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.hostile.kinds import Partner, connector_to

LONGEST = 30.0
"""Seconds of one call, before the process is ended."""

Measure = Callable[[str], "Took"]
"""The name of a verb of Partner -> what it took."""


@dataclass(frozen=True)
class Took:
    """seconds: of the processor, which no other work on the machine lengthens. memory: bytes at the peak, beyond those
    before. error: its name and code, or nothing."""

    seconds: float
    memory: int
    error: str


@contextmanager
def measuring(partner: Partner, **declared: Any) -> Iterator[Measure]:
    """Measures calls to the partner's server, one at a time."""
    told = [partner.kind, partner.url, partner.ca_file, json.dumps(declared)]
    command = [sys.executable, "-m", "sandbox.hostile.measured", *told]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answered = process.stdin, process.stdout

        def measure(verb: str) -> Took:
            asked.write(f"{verb}\n")
            impatient = threading.Timer(LONGEST, process.kill)
            impatient.start()
            line = answered.readline()
            impatient.cancel()
            if not line:
                raise AssertionError(f"the measuring process ended, or {verb} took more than {LONGEST:g} s")
            return Took(**json.loads(line))

        try:
            yield measure
        finally:
            asked.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def main() -> None:
    """The process: a verb a line in, what it took a line out."""
    kind, url, ca_file, declared = sys.argv[1:]
    connector = connector_to(kind, url, ca_file, lambda _: None, **json.loads(declared))
    partner = Partner(kind, url, ca_file, connector, [], lambda: 0)
    gc.collect()
    gc.freeze()  # what stands by now is looked through no more
    for line in sys.stdin:
        print(json.dumps(asdict(_took(getattr(partner, line.strip())))), flush=True)


def _took(call: Callable[[], Any]) -> Took:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _resident("VmRSS")
    started = time.process_time()
    error = call()
    seconds = time.process_time() - started
    name = f"{type(error).__name__} {error.code}" if error is not None else ""
    return Took(seconds, _resident("VmHWM") - before, name)


def _resident(what: str) -> int:
    """Bytes, of this process."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


if __name__ == "__main__":
    main()
