"""A process that serves for the length of a block, once it says that it does.

    with serving([sys.executable, "-m", "sandbox.companies.telvoz", "--port", "0"], r"READY (\\S+)") as url: ...

Next: `debian_root.py`, for servers that need a Debian of their own.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

READY = r"^READY (\S+)"


@contextmanager
def serving(
    command: Sequence[str], ready: str = READY, *, cwd: Path | None = None, patience: float = 60
) -> Iterator[str]:
    """What the first group of `ready` finds in its output. patience: seconds until it must have said it."""
    process = subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    impatient, said = threading.Timer(patience, _kill, (process,)), deque[str](maxlen=30)
    impatient.start()
    reading = threading.Thread(target=_drain, args=(process.stdout,), daemon=True)
    try:
        address = _awaited(process.stdout, ready, said)
        impatient.cancel()
        assert address, f"{' '.join(command)[:200]} did not start:\n{''.join(said)}"
        reading.start()
        yield address
    finally:
        impatient.cancel()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.wait()
        if reading.ident is not None:
            reading.join(10)
        process.stdout.close()


def _kill(process: subprocess.Popen[str]) -> None:
    """It and its workers, which would hold its output open."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _awaited(output: IO[str], ready: str, said: deque[str]) -> str:
    """Its address; empty where it ended without one."""
    for line in output:
        said.append(line)
        if found := re.search(ready, line):
            return found[1]
    return ""


def _drain(output: IO[str]) -> None:
    """Read on, or it would wait for us once the pipe is full."""
    for _ in output:
        pass
