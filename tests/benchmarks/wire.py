"""The transport beside requests, httpx, aiohttp, simple-salesforce and zeep alone, over loopback, in one run.

    make bench-wire                        # CASES (10000), ROUNDS (3), SIDES; WRITE=1: into docs/benchmarks.md

Each turn is a process, and each of ours has a turn of what it is held against right before it: the ratio is the median
over these pairs, so that what else the machine does falls on both. What arrived is looked at in the server's store.
Next: `wire_side.py`, `wire_peers.py`, `wire_ours.py`; `exchange_server.py` (the companies).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import requests
import zeep
from exchange_runs import HERE, OURS, THEIRS, Server, right, server, surroundings
from page import Section, put, show, table, verdict
from rich.console import Console
from wire_peers import CONTRACT
from wire_side import BATCH, PAGE, soap_body

from sandbox.companies.run import serving
from sandbox.companies.store import Store
from sandbox.companies.telvoz import VOCABULARY
from sandbox.companies.telvoz_soap import application

WANTED = 0.8
LATENCIES = (0.0, 0.02)
WAYS = {
    "pull": "Read, in pages of 100",
    "singly": "Sent, a POST each over 16 connections",
    "batches": "Sent, in batches of 200",
}
SAYS = (
    "{cases:,} cases are read in pages of 100, then as many sent. The first columns are cases a second, without "
    "latency and with 20 ms of it before each answer. CPU is milliseconds of the processor a call, without latency, "
    "which other programs disturb least. *Transport* is the wire by itself with all that it guards, *REST* and *SOAP* "
    "the connectors over it, from changes to receipts and from pages to records. The libraries read answers to their "
    "values and guard nothing. Each turn of ours follows one of bare requests (SOAP: of bare zeep), and *to bare* is "
    "the median of {rounds} such pairs: 1.00 is as quick. simple-salesforce only sends, and is answered ids. zeep has "
    "no batches. What arrived is compared, record by record."
)
CASES_A_CALL = {"pull": PAGE, "singly": 1, "batches": BATCH}


@dataclass(frozen=True)
class Contender:
    """One side. beside: what it is held against, None for a library."""

    name: str
    script: str
    side: str
    python: str
    beside: str | None = None
    ways: Sequence[str] = ("pull", "singly", "batches")
    soap: bool = False


SIDES = (
    Contender("Casebridge, transport", "wire_ours.py", "transport", OURS, "requests"),
    Contender("Casebridge, REST", "wire_ours.py", "rest", OURS, "requests"),
    Contender("requests", "wire_peers.py", "requests", THEIRS),
    Contender("httpx", "wire_peers.py", "httpx", THEIRS),
    Contender("aiohttp", "wire_peers.py", "aiohttp", THEIRS),
    Contender("simple-salesforce", "wire_peers.py", "simple-salesforce", THEIRS, ways=("singly", "batches")),
    Contender("Casebridge, SOAP", "wire_ours.py", "soap", OURS, "zeep", ("pull", "singly"), soap=True),
    Contender("zeep", "wire_peers.py", "zeep", THEIRS, ways=("pull", "singly"), soap=True),
)


@dataclass
class Found:
    """What the turns of one side in one way at one latency gave. ratios: to the bare turn right before."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    cpu_ratios: list[float] = field(default_factory=list)


def turn(at: Server, one: Contender, way: str, cases: int, latency: float) -> dict[str, float]:
    """One process: seconds and CPU seconds, once the store says that all is right."""
    at.ask("reset", cases=cases, latency=latency)
    command = [one.python, str(HERE / one.script), one.side, "--url", at.url, "--way", way, "--cases", str(cases)]
    soap = ["--soap"] if one.soap else []
    done = subprocess.run([*command, *soap], capture_output=True, text=True, env=surroundings(), check=False)
    if done.returncode:
        raise RuntimeError(f"{one.name} {way}: {done.stderr[-3000:]}")
    if way != "pull" and not one.soap:
        right(at.ask("told"), cases, one.name)
    told: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def pairs(sides: Sequence[Contender], rounds: int) -> Iterator[tuple[Contender, Contender | None]]:
    """(a side, the bare one to run right before it), round after round; a bare one has its turns before ours."""
    bare = {one.side: one for one in SIDES if one.beside is None}
    held = {one.beside for one in sides}
    for _ in range(rounds):
        for one in sides:
            if one.beside is not None:
                yield one, bare[one.beside]
            elif one.side not in held:
                yield one, None


def measured(
    at: Server, sides: Sequence[Contender], way: str, cases: int, latency: float, rounds: int
) -> dict[str, Found]:
    """By side's name, what its turns gave."""
    found = {one.name: Found() for one in SIDES}
    for one, bare in pairs([one for one in sides if way in one.ways], rounds):
        before = None
        if bare is not None:
            before = turn(at, bare, way, cases, latency)
            found[bare.name].seconds.append(before["seconds"])
            found[bare.name].cpu.append(before["cpu"])
        told = turn(at, one, way, cases, latency)
        found[one.name].seconds.append(told["seconds"])
        found[one.name].cpu.append(told["cpu"])
        if before is not None:
            found[one.name].ratios.append(before["seconds"] / told["seconds"])
            found[one.name].cpu_ratios.append(before["cpu"] / told["cpu"])
    return found


HEADS = ["Side", "0 ms", "to bare", "20 ms", "to bare", "CPU", "to bare"]


def compared(at: Server, sides: Sequence[Contender], cases: int, rounds: int, console: Console) -> list[str]:
    """A table a way, and the verdicts, as Markdown lines."""
    lines: list[str] = []
    low: dict[str, list[tuple[float, str]]] = {}
    for way, title in WAYS.items():
        those = [one for one in sides if way in one.ways]
        found: list[dict[str, Found]] = []
        for latency in LATENCIES if those else ():
            with console.status(f"{way}, {latency * 1000:.0f} ms ..."):
                found.append(measured(at, those, way, cases, latency, rounds))
            for one in those:
                if ratios := found[-1][one.name].ratios:
                    low.setdefault(one.name, []).append((median(ratios), f"{way} at {latency * 1000:.0f} ms"))
        if those:
            rows = [row(one.name, [gave[one.name] for gave in found], cases, CASES_A_CALL[way]) for one in those]
            show(console, f"{title}: {cases:,} cases", HEADS, rows)
            lines += [f"**{title}**", "", *table(HEADS, rows), ""]
    for name, ratios in low.items():
        least, where = min(ratios)
        told = f"{name}: at least {WANTED} of bare: {least:.2f}, {where} ({verdict(least >= WANTED)})"
        console.print(f"  {told}")
        lines.append(f"- {told}.")
    return lines


def row(name: str, found: Sequence[Found], cases: int, a_call: int) -> list[str]:
    """A side's cells. found: at each latency. a_call: cases in one call."""
    cells = [name]
    for gave in found:
        cells += [f"{cases / median(gave.seconds):,.0f}", f"{median(gave.ratios):.2f}" if gave.ratios else ""]
    first = found[0]
    cpu = f"{median(first.cpu) / cases * a_call * 1000:.2f}"
    return [*cells, cpu, f"{median(first.cpu_ratios):.2f}" if first.cpu_ratios else ""]


def envelopes() -> dict[str, str]:
    """What Telvoz's own server answers to one case sent and to a page of a hundred, by operation."""
    answers: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="casebridge-bench-") as folder:
        store = Store(Path(folder) / "telvoz.db", VOCABULARY, lambda: datetime.now(UTC))
        with serving(application(store, rate=0)) as url, requests.Session() as session:
            session.auth, session.trust_env = ("casebridge", "bridge-secret"), False

            def keep(answer: requests.Response, *_: Any, **__: Any) -> None:
                asked = answer.request.body or b""
                text = asked if isinstance(asked, bytes) else asked.encode()
                answers["crearCaso" if b"crearCaso" in text else "listarCasos"] = answer.text

            session.hooks["response"].append(keep)
            client = zeep.Client(str(CONTRACT), transport=zeep.Transport(session=session))
            service = client.create_service(str(next(iter(client.wsdl.bindings))), f"{url}/soap")
            for number in range(PAGE):
                service.crearCaso(caso=soap_body(number))
            service.listarCasos(desde=None, desplazamiento=0, limite=PAGE)
        store.close()
    return answers


def main() -> int:
    """Measure, print, and write the page if asked to."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=10_000)
    asked.add_argument(
        "--rounds", type=int, default=3, help="turns of each side; bare ones have one before each of ours"
    )
    asked.add_argument("--sides", nargs="+", help="parts of names; default: all")
    asked.add_argument("--write", action="store_true", help="write the section of docs/benchmarks.md")
    options = asked.parse_args()
    sides = [one for one in SIDES if not options.sides or any(part in one.name for part in options.sides)]
    if not sides:
        asked.error(
            f"--sides: {options.sides} is part of no side's name. Known: {'; '.join(one.name for one in SIDES)}."
        )
    if options.cases % PAGE:
        asked.error(f"--cases: {options.cases} is no multiple of {PAGE}, which is a page.")
    console = Console(width=120, highlight=False)
    with server() as at:
        at.ask("soap", **envelopes())
        lines = compared(at, sides, options.cases, options.rounds, console)
    if options.write:
        says = SAYS.format(cases=options.cases, rounds=options.rounds)
        command = f"make bench-wire CASES={options.cases} ROUNDS={options.rounds}"
        console.print(f"Written: {put(Section('The wire', command, [says, '', *lines])).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
