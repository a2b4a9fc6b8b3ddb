"""One large file over REST or Salesforce, read and added again: how long it takes and how much more memory.

    python tests/benchmarks/files.py [--size 200] [--partner northcable | brightnet]         MiB

The company's own server on a socket, in a process of its own; its file is read into the spool (hashed, encrypted,
synced) and sent from there as a form to another case, by the connector and the spool as they are. What counts is how
much the process that does it grows over what it had after a file of one byte: its peak, as the kernel tells it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import requests

from connectors.base import Change, Connector, Credentials
from connectors.files import Content
from connectors.kinds import connect
from hub.keys import Keyring
from hub.ledger import engine_for
from hub.partners import load_system
from hub.runtime import wall_clock
from hub.spool import Spool

ROOT = Path(__file__).resolve().parents[2]
SUBJECT = "customer:one"


def main() -> None:
    """Parent: server and file. Child: what is measured."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--size", type=int, default=200)
    asked.add_argument("--partner", choices=("northcable", "brightnet"), default="northcable")
    asked.add_argument("--child", nargs=3, metavar=("URL", "FOLDER", "BYTES"))
    given = asked.parse_args()
    if given.child:
        print(json.dumps(measured(given.partner, given.child[0], Path(given.child[1]), int(given.child[2]))))
        return
    with tempfile.TemporaryDirectory() as made:
        told = run(Path(made), given.size * 2**20, given.partner)
    print(
        f"{given.partner}, {given.size} MiB: read and kept in {told['read']:.1f} s, sent in {told['sent']:.1f} s, "
        f"{told['grown'] / 2**20:.1f} MiB more memory; arrived whole: {told['whole']}"
    )


def run(folder: Path, size: int, partner: str = "northcable") -> dict[str, float]:
    """What the child says, and whether what arrived is what was sent."""
    company = [sys.executable, "-m", f"sandbox.companies.{partner}"]
    command = [*company, "--port", "0", "--state", str(folder), "--rate", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            said = server.stdout.readline() if server.stdout is not None else ""
            url = next(word for word in said.split() if word.startswith("http"))
            child = [sys.executable, __file__, "--partner", partner, "--child", url, str(folder), str(size)]
            env = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(child, check=True, capture_output=True, text=True, env=env)
            told: dict[str, float] = json.loads(done.stdout)
            return told
        finally:
            server.terminate()


def measured(partner: str, url: str, folder: Path, size: int) -> dict[str, float]:
    """Small once, so that all is imported and connected; then large."""
    system = load_system(ROOT / "mappings" / "partners" / partner)
    authority, rest_only = folder / "tls" / "ca.pem", partner == "northcable"
    extra = {} if rest_only else {"ca_file": str(authority)}
    connector = connect(system, Credentials(url, "casebridge", "bridge-secret", extra), clock=wall_clock)
    keyring = Keyring(engine_for("sqlite://"), bytes(32))
    keyring.seal(SUBJECT, b"")
    keyring.keep()
    spool = Spool(folder / "spool", keyring)
    title, native = ("title", "id") if rest_only else ("Subject", "Id")
    with requests.Session() as desk:
        desk.auth, desk.trust_env, desk.verify = ("agent", "agent"), False, rest_only or str(authority)
        acts = [{"op": "create", "fields": {title: "large"}}] * 2
        desk.post(f"{url}/desk/api/actions", json={"actions": acts}, timeout=30).raise_for_status()
        cases = desk.get(f"{url}/desk/api/cases", timeout=30).json()["cases"]
    here, there = (str(one[native]) for one in cases)
    times = {}
    for name, length in (("small", 1), ("large", size)):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        first = _made(connector, here, name, length)
        started = time.monotonic()
        kept = spool.keep(name, SUBJECT, connector.read_file(here, first, length))
        read = time.monotonic()
        content = Content(name, "application/octet-stream", kept.size, kept.sha256, partial(spool.read, name, SUBJECT))
        file_id = _added(connector, there, content)
        times = {"read": read - started, "sent": time.monotonic() - read}
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    digest = sha256()
    for piece in connector.read_file(there, file_id, size):
        digest.update(piece)
    connector.close()
    return {**times, "grown": grown, "whole": digest.hexdigest() == kept.sha256 == _pattern(size)}


def _made(connector: Connector, native_id: str, name: str, size: int) -> str:
    """A file of this size at their side, its bytes made as they go."""
    content = Content(f"{name}-here", "application/octet-stream", size, name, lambda: _bytes(size))
    return _added(connector, native_id, content)


def _added(connector: Connector, native_id: str, content: Content) -> str:
    body: dict[str, Any] = {"name": content.name, "audience": "partners"}
    if connector.system.kind == "salesforce":
        body = {"ContentDocument": {"LatestPublishedVersion": {"Audience__c": "partners"}}}
    change = Change(content.name, "add_file", native_id, body, "", native_id, ref="r", content=content)
    (receipt,) = connector.push([change])
    if receipt.error is not None:
        raise receipt.error
    return str(receipt.file_id)


def _bytes(size: int) -> Iterator[bytes]:
    piece = bytes(range(256)) * 512
    for start in range(0, size, len(piece)):
        yield piece[: size - start]


def _pattern(size: int) -> str:
    digest = sha256()
    for piece in _bytes(size):
        digest.update(piece)
    return digest.hexdigest()


if __name__ == "__main__":
    main()
