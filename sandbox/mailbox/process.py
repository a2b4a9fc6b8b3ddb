"""The mailbox as a process beside the companies, for the length of a block. Next: `__main__.py`, which runs in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PAGES, SMTP = 8104, 8025


class MailboxError(Exception):
    """It did not come up: why, and where its log is."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A running one. url: of its pages; smtp: the mail server's port."""

    url: str
    smtp: int
    process: subprocess.Popen[str]

    def connection(self) -> dict[str, str]:
        """AIRFLOW_CONN_* by which the hub's reports reach it."""
        extra = {"disable_ssl": True, "disable_tls": True}
        whole = {"conn_type": "smtp", "host": "127.0.0.1", "port": self.smtp, "extra": extra}
        return {"AIRFLOW_CONN_CASEBRIDGE_MAIL": json.dumps(whole)}


@contextmanager
def mailbox(state: Path, free: Callable[[int], bool], begun: Callable[[str, int], object]) -> Iterator[Mailbox]:
    """The mailbox, its mails below `state`. free: whether a port is; one that is not gives way to a free one. begun:
    told of the process as soon as there is one. Raises MailboxError."""
    state.mkdir(parents=True, exist_ok=True)
    ports = [str(port if free(port) else 0) for port in (PAGES, SMTP)]
    command = [sys.executable, "-m", "sandbox.mailbox", "--state", str(state), "--port", ports[0], "--smtp", ports[1]]
    log = state.parent / "mailbox.log"
    with log.open("a") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True, start_new_session=True)
    try:
        begun("mailbox", process.pid)
        told = dict(line.split(maxsplit=1) for line in (_line(process), _line(process)) if line)
        if "READY" not in told:
            raise MailboxError(f"the mailbox did not start; its log is {log}")
        yield Mailbox(told["READY"].strip(), int(told["SMTP"]), process)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def _line(process: subprocess.Popen[str]) -> str:
    """What it says next; "" once it has ended."""
    return process.stdout.readline() if process.stdout is not None else ""
