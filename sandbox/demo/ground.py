"""What a demo stands on: a fresh folder, the sessions of processes that it starts, and their clean end.

Everything that the demo starts leads a session of its own, and is written down before it is used. So a demo that was
killed leaves a list; the next one reads it and ends what is left, and only that: a process counts as ours if it is in
a session that we wrote down, in this boot of the machine, and its command line says what it was. (Airflow's tasks lead
process groups of their own; their session stays that of the Airflow which forked them.)
Knows no Airflow and no company. Linux: it reads /proc. Next: `airflow_process.py`, `../desks.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic, sleep

PROC = Path("/proc")
KIND_SECONDS = 6.0
"""How long a session may take to end by itself before it is killed."""
OURS = ("airflow", "sandbox.companies", "sandbox.mailbox", "casebridge", sys.prefix)
"""One of these stands in the command line of everything that a demo starts, and of what that starts in turn."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that a demo leads. started: the leader's start, in clock ticks since this boot."""

    name: str
    leader: int
    started: int
    boot: str


@dataclass(frozen=True, slots=True)
class Process:
    """A living process. session: of which it is part; started: as above."""

    pid: int
    session: int
    started: int
    command: str


@dataclass(frozen=True, slots=True)
class Ground:
    """The folder of one demo, and the list of what runs for it. led: what this very demo wrote down."""

    home: Path
    led: list[Session] = field(default_factory=list)

    @property
    def _list(self) -> Path:
        return self.home / "processes.jsonl"

    def prepare(self, told: Callable[[str], None]) -> None:
        """End an earlier demo on this ground, empty it, and write this process down. told: says what was ended."""
        earlier = self.written()
        for session in earlier:
            if session.name == "demo" and session.leader != os.getpid() and _leads(session):
                told(f"An earlier demo is still up (process {session.leader}); it is ended first.")
                _end_demo(session.leader)
        rest = [session for session in earlier if session.name != "demo" and members(session)]
        if rest:
            told(f"An earlier demo left {', '.join(session.name for session in rest)} behind; it is ended first.")
            end(rest)
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.write_down("demo", os.getpid())

    def clear(self) -> None:
        """End whatever is still there of what this demo wrote down; nothing interrupts it."""
        kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            end([session for session in self.led if session.name != "demo" and members(session)], patience=2.0)
        finally:
            signal.signal(signal.SIGINT, kept)

    def write_down(self, name: str, leader: int) -> Session:
        """Note a process that was just started and leads its session."""
        found = _process(leader)
        session = Session(name, leader, found.started if found else 0, _boot())
        with self._list.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(session)) + "\n")
        self.led.append(session)
        return session

    def written(self) -> list[Session]:
        """What this demo, or the last one on this ground, wrote down."""
        try:
            lines = self._list.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        sessions = []
        for line in lines:
            with suppress(ValueError, TypeError):  # a line that a crash cut off
                sessions.append(Session(**json.loads(line)))
        return sessions


def members(session: Session) -> list[Process]:
    """Who is left of a session. A leader that is another process by now means: nobody."""
    if session.boot != _boot():
        return []
    leader = _process(session.leader)
    if leader is not None and leader.started != session.started:
        return []
    return [one for one in _processes() if one.session == session.leader and _is_ours(one)]


def end(sessions: Iterable[Session], patience: float = KIND_SECONDS) -> None:
    """End these sessions, kindly first: SIGTERM to all members, SIGKILL to who is left after `patience` seconds.

    An interrupt while it waits means: do not wait.
    """
    wanted = list(sessions)
    _signal(wanted, signal.SIGTERM)
    with suppress(KeyboardInterrupt):
        _until(lambda: not any(members(session) for session in wanted), patience)
    for _ in range(3):  # one that was just forking can be missed once
        if not _signal(wanted, signal.SIGKILL):
            return
        _until(lambda: not any(members(session) for session in wanted), 2.0)


def _end_demo(pid: int) -> None:
    """A whole demo that is alive ends what it started by itself."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    _until(lambda: _process(pid) is None, 4 * KIND_SECONDS)


def _leads(session: Session) -> bool:
    found = _process(session.leader) if session.boot == _boot() else None
    return found is not None and found.started == session.started and _is_ours(found)


def _is_ours(process: Process) -> bool:
    return any(word in process.command for word in OURS)


def _signal(sessions: Iterable[Session], number: signal.Signals) -> int:
    sent = 0
    for session in sessions:
        for process in members(session):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, number)
                sent += 1
    return sent


def _until(done: Callable[[], bool], seconds: float) -> bool:
    limit = monotonic() + seconds
    while not done():
        if monotonic() > limit:
            return False
        sleep(0.1)
    return True


def _processes() -> Iterator[Process]:
    for folder in PROC.iterdir() if PROC.is_dir() else ():
        if folder.name.isdigit() and (found := _process(int(folder.name))) is not None:
            yield found


def _process(pid: int) -> Process | None:
    """A process from /proc; None where it is gone, or dead and only not yet fetched by its parent."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
        command = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # state is field 3 of proc(5), session 6, starttime 22
    return None if fields[0] in "ZX" else Process(pid, int(fields[3]), int(fields[19]), command)


def _boot() -> str:
    with suppress(OSError):
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return ""
