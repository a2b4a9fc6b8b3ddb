"""Power is lost while the ledger writes: pages that were not synced are dropped, and no acknowledged entry is.

A process writes a ledger on SQLite under strace, which tells every write and every sync in order. At each of them the
power is cut: the files are rebuilt from what was synced, and from none, all or some of the writes since. The ledger
must open, its chain verify, and everything be there of which the process had said so. Needs strace: `make power`.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hub.keys import Keyring
from hub.ledger import Ledger, engine_for

pytestmark = pytest.mark.power
WRITER = """
import os
import sys
from datetime import UTC, datetime, timedelta
import sqlalchemy as sa
from hub.keys import Keyring
from hub.ledger import Ledger, engine_for

path, synchronous = sys.argv[1:]
ledger = Ledger(engine_for("sqlite:///" + path), Keyring(engine_for("sqlite://"), bytes(32)))

@sa.event.listens_for(ledger.engine, "connect")
def on_connect(connection, _):
    connection.execute("PRAGMA wal_autocheckpoint=40")  # so that pages move into the file while we look
    if synchronous:
        connection.execute("PRAGMA synchronous=" + synchronous)

ledger.upgrade()
os.write(1, b"ACK 0")
now = datetime(2026, 3, 1, 9, tzinfo=UTC)
for number in range(1, 31):
    with ledger.transaction(now + timedelta(seconds=number)) as tx:
        for entry in range(3):
            tx.append("changed", f"case-{number}", "north", detail={"text": "x" * 500})
        tx.note_partner("north", cursor=str(number))
    os.write(1, f"ACK {number}".encode())
"""
CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass
class Disk:
    """What a file holds for certain, and what was written since the last sync. acked: transactions told as done."""

    synced: dict[str, bytes] = field(default_factory=dict)
    since: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    acked: int = -1

    def write(self, name: str, offset: int, content: bytes) -> None:
        self.since.setdefault(name, []).append((offset, content))

    def sync(self, name: str) -> None:
        self.synced[name] = applied(self.synced.get(name, b""), self.since.pop(name, []))

    def gone(self, name: str) -> None:
        """The file was removed; SQLite syncs the folder before it relies on that."""
        self.synced.pop(name, None)
        self.since.pop(name, None)

    def cut(self, folder: Path, chance: random.Random, keep: float) -> Path:
        """The files after the power came back. keep: the part of the writes since the last sync that had arrived."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in {*self.synced, *self.since}:
            arrived = [one for one in self.since.get(name, []) if chance.random() < keep]
            (folder / name).write_bytes(applied(self.synced.get(name, b""), arrived))
        return folder / "ledger.db"


def applied(content: bytes, writes: list[tuple[int, bytes]]) -> bytes:
    """The content after these writes; an offset of -1 - n cuts it to n bytes."""
    whole = bytearray(content)
    for offset, piece in writes:
        if offset < 0:
            del whole[-1 - offset :]
            continue
        whole.extend(bytes(max(0, offset + len(piece) - len(whole))))
        whole[offset : offset + len(piece)] = piece
    return bytes(whole)


def replayed(log: Path, folder: Path) -> Iterator[Disk]:
    """The disk after each write, sync and acknowledgement, in order."""
    disk, names = Disk(), dict[str, str]()
    for line in log.read_text().splitlines():
        call = CALL.match(line)
        if call is None:
            assert "unfinished" not in line, "two threads write; this replay follows one"
            continue
        what, told, gave = call[1], call[2], call[3]
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in TEXT.findall(told)]
        number = told.split(",")[0].strip()
        if what == "openat" and gave != "-1":
            path = Path(texts[0].decode())
            if path.parent == folder and path.suffix != ".db-shm":
                names[gave] = path.name
        elif what == "unlink":
            disk.gone(Path(texts[0].decode()).name)
        elif what == "close":
            names.pop(number, None)
        elif what in {"pwrite64", "write"} and number in names:
            assert len(texts[0]) == int(gave), "a write is told in part only"
            disk.write(names[number], int(told.rsplit(",", 1)[1]), texts[0])
            yield disk
        elif what == "ftruncate" and number in names:
            disk.write(names[number], -1 - int(told.rsplit(",", 1)[1]), b"")
        elif what in {"fdatasync", "fsync"} and number in names:
            disk.sync(names[number])
            yield disk
        elif what == "write" and number == "1":
            disk.acked = int(texts[0].split()[1])
            yield disk


def recorded(tmp_path: Path, synchronous: str) -> tuple[Path, Path]:
    """(the log of a whole run, the folder that it wrote into)."""
    folder, log = tmp_path / "disk", tmp_path / "strace.log"
    folder.mkdir()
    calls = "trace=openat,unlink,close,pwrite64,write,fdatasync,fsync,ftruncate"
    watched = ["strace", "-f", "-xx", "-s", "100000", "-e", calls, "-o", str(log)]
    command = [*watched, sys.executable, "-c", WRITER, str(folder / "ledger.db"), synchronous]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
    return log, folder


def lost(log: Path, folder: Path, again: Path) -> tuple[int, list[str]]:
    """(how often the power was cut, what was missing after the first cut that lost something)."""
    chance = random.Random(5)
    cuts, missing = 0, []
    for disk in replayed(log, folder):
        for keep in (0.0, 0.5, 1.0):
            if disk.acked < 0:
                continue
            cuts += 1
            engine = engine_for(f"sqlite:///{disk.cut(again, chance, keep)}")
            ledger = Ledger(engine, Keyring(engine_for("sqlite://"), bytes(32)))
            stands = -1
            if ledger.revision()[0] is not None:
                stands = len(list(ledger.entries())) // 3
                if ledger.broken_at() is not None:
                    missing.append(f"the chain is broken after transaction {disk.acked}")
            if stands < disk.acked:
                missing.append(f"{disk.acked} were acknowledged, {stands} stand")
            engine.dispose()
        if missing:
            break
    return cuts, missing


def test_whenever_power_is_lost_every_acknowledged_entry_stands(tmp_path: Path) -> None:
    log, folder = recorded(tmp_path, "")
    cuts, missing = lost(log, folder, tmp_path / "again")
    assert missing == []
    assert cuts > 1000


def test_without_a_sync_at_each_commit_entries_would_be_lost_and_this_test_sees_it(tmp_path: Path) -> None:
    log, folder = recorded(tmp_path, "NORMAL")
    _, missing = lost(log, folder, tmp_path / "again")
    assert "acknowledged" in missing[0]
