"""What a side of `make bench-wire` does: a pull in pages, a push one by one, a push in batches, each timed by itself.

    python wire_peers.py requests --url http://127.0.0.1:PORT --cases 10000

One process is one turn of one side. It says a JSON object of seconds and processor's seconds by way. A side is a
`Side`; the bodies are made before the clock starts, and answers are read to their values. Next: `wire_peers.py`,
`wire_ours.py`.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange_cases import mapped, record

CONNECTIONS, PAGE, BATCH = 16, 100, 200
Bodies = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Side:
    """pull: reads so many cases, and says how many it read. singly, batches: send these, and say how many were taken.
    What a side has no word for is None. ready: makes of the bodies what is sent, before the clock starts."""

    pull: Callable[[int], int]
    singly: Callable[[Any], int]
    batches: Callable[[Any], int] | None = None
    ready: Callable[[Bodies], Any] = list


def bodies(cases: int) -> Bodies:
    """What is sent."""
    return [{**mapped(record(number)), "outside": f"OR-{number:07d}"} for number in range(cases)]


def parts(all_: Bodies) -> list[Bodies]:
    """Batches of them."""
    return [all_[start : start + BATCH] for start in range(0, len(all_), BATCH)]


def soap_body(number: int) -> dict[str, Any]:
    """A case as Telvoz takes it."""
    case = record(number)
    return {
        "asunto": case["title"],
        "descripcion": case["details"],
        "gravedad": case["impact"],
        "prioridad": case["urgency"],
        "clienteId": case["customer"]["id"],
        "clienteNombre": case["customer"]["name"],
        "clienteTelefono": case["customer"]["phone"],
        "casoHub": case["number"],
    }


def run(sides: Mapping[str, Callable[[str], Side]]) -> None:
    """The side and the way that were asked for, once: says seconds and CPU seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=sorted(sides))
    parser.add_argument("--url", required=True)
    parser.add_argument("--way", required=True, choices=("pull", "singly", "batches"))
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--soap", action="store_true", help="the bodies are those of a SOAP service")
    asked = parser.parse_args()
    side = sides[asked.side](asked.url)
    made = side.ready([soap_body(number) for number in range(asked.cases)] if asked.soap else bodies(asked.cases))
    work: Callable[[Any], int] = getattr(side, asked.way)
    gc.collect()
    gc.freeze()  # what stands here before the clock starts is none of the work
    started, used = time.perf_counter(), time.process_time()
    done = work(asked.cases if asked.way == "pull" else made)
    seconds, used = time.perf_counter() - started, time.process_time() - used
    assert done == asked.cases, f"{done} of {asked.cases}"
    print(json.dumps({"seconds": seconds, "cpu": used}), flush=True)
