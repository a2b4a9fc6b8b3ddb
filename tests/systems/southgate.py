"""Southgate for the length of a block: the process, and how the hub speaks to it.

    with southgate(folder, auth="session") as url: ...

Next: `southgate_serve.py`, the process; `../../mappings/examples/southgate`, its declaration.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

FOLDER = Path(__file__).resolve().parents[2] / "mappings" / "examples" / "southgate"
LOGIN = ("casebridge", "bridge-secret")


@contextmanager
def southgate(folder: Path, **flags: str) -> Iterator[str]:
    """Its address. folder: its own, for its files. flags: of its command line."""
    given = [part for name, value in flags.items() for part in (f"--{name}", value)]
    command = [sys.executable, str(Path(__file__).with_name("southgate_serve.py")), str(folder / "southgate"), *given]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(root)}
    ) as process:
        impatient = threading.Timer(30, process.kill)
        impatient.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            impatient.cancel()
            assert line.startswith("READY "), f"Southgate did not start: {line!r}"
            yield line.split()[1]
        finally:
            impatient.cancel()
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def trouble(url: str, *befalls: str) -> int:
    """This befalls the next calls of the service, one each. Gives how many logins there were so far."""
    return int(requests.post(f"{url}/trouble", json=list(befalls), timeout=10).json()["logins"])
