"""Lives of the exchange, as real processes: begin one, wait for its end, or kill it.

Next: `forks.py`, the process at the other end; `points.py`, where a life can be told to die.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

LIVELY = 30.0
"""Seconds within which the process answers a word."""


class LifeFailed(Exception):
    """A life ended by an error of its own; its traceback stands on stderr."""


@dataclass(slots=True)
class Lives:
    """One life at a time. lease, deadline: seconds, short ones for a trial. later: seconds that the hub's clock is
    ahead, so that patience and back-off need not be waited for."""

    process: subprocess.Popen[bytes]
    lease: float
    deadline: float
    later: float = 0.0
    heard: bytes = b""

    def begin(
        self, order: Sequence[str], point: str = "", passage: int = 1, *, pushes_first: bool = False, rest: int = 0
    ) -> None:
        """A life that dies at this passage of this point; rest: one that ends after so many quiet rounds."""
        told = {"point": point, "passage": passage, "order": list(order), "pushes_first": pushes_first, "rest": rest}
        self._say(json.dumps({**told, "lease": self.lease, "deadline": self.deadline, "later": self.later}))
        self._hear("BORN")

    def ended(self, seconds: float) -> str | None:
        """How it ended (point, rested), None where it still lives after so many seconds. Raises LifeFailed."""
        line = self._line(seconds)
        return None if line is None else self._meant("DEAD", line)

    def kill(self) -> str:
        """kill -9; "killed", or how it had ended before. Raises LifeFailed."""
        self._say("KILL")
        return self._hear("DEAD")

    def ready(self) -> None:
        """Wait until lives can begin."""
        self._hear("READY")

    def _say(self, word: str) -> None:
        if self.process.stdin is not None:
            self.process.stdin.write(f"{word}\n".encode())

    def _hear(self, word: str) -> str:
        line = self._line(LIVELY)
        if line is None:
            raise LifeFailed(f"no {word} within {LIVELY:g} s")
        return self._meant(word, line)

    def _meant(self, word: str, line: str) -> str:
        said = line.split()
        if said[:1] != [word] or said[1:] == ["failed"]:
            raise LifeFailed(line or "the process is gone")
        return said[1] if len(said) > 1 else ""

    def _line(self, seconds: float) -> str | None:
        """The next line, "" where the process is gone, None where none comes in time."""
        if self.process.stdout is None:
            return ""
        while b"\n" not in self.heard:
            if not select.select([self.process.stdout], [], [], seconds)[0]:
                return None
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                return ""
            self.heard += piece
        line, _, self.heard = self.heard.partition(b"\n")
        return line.decode()


@contextmanager
def lives(environ: Mapping[str, str], *, lease: float, deadline: float) -> Iterator[Lives]:
    """The process that lives are forked from, for the length of the block. environ: as the hub's own."""
    command = [sys.executable, "-m", "sandbox.kills.forks"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=dict(environ), stdin=pipe, stdout=pipe, bufsize=0) as process:
        made = Lives(process, lease, deadline)
        made.ready()
        yield made  # its stdin is closed then: it kills what lives, and ends
