"""The bare loop: `requests` over as many connections, the mapping by hand, no ledger; it keeps a file of ids."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from exchange_cases import mapped
from exchange_side import BATCH, CONNECTIONS, PAGE, Known, Run, asked, timed

_OWN = threading.local()


def session() -> requests.Session:
    """This thread's connection."""
    if not hasattr(_OWN, "session"):
        _OWN.session = requests.Session()
        _OWN.session.trust_env = False
    found: requests.Session = _OWN.session
    return found


def pull(run: Run, known: Known) -> Iterator[dict[str, Any]]:
    """What changed at the origin."""
    while True:
        params = {"limit": str(PAGE), **({"after": known.cursor} if known.cursor else {})}
        answer = session().get(f"{run.url}/origin/cases", params=params).json()
        yield from answer["cases"]
        known.cursor = answer["next"]
        if not answer["more"]:
            return


def push(run: Run, known: Known, method: str, body: dict[str, Any]) -> None:
    """One case."""
    url, number = f"{run.url}/target/cases", body["reference"]
    answer = session().request(method, url if method == "POST" else f"{url}/{known.ids[number]}", json=body)
    answer.raise_for_status()
    known.ids[number] = answer.json()["id"]


def push_many(run: Run, known: Known, method: str, bodies: list[dict[str, Any]]) -> None:
    """One batch; of an update each row names its id."""
    rows = bodies if method == "POST" else [{**body, "id": known.ids[body["reference"]]} for body in bodies]
    answer = session().request(method, f"{run.url}/target/cases/batch", json={"records": rows})
    answer.raise_for_status()
    for body, result in zip(bodies, answer.json()["results"], strict=True):
        known.ids[body["reference"]] = result["record"]["id"]


def work(run: Run) -> None:
    """One run."""
    known = Known(run.state)
    bodies: dict[str, list[dict[str, Any]]] = {"POST": [], "PATCH": []}
    for record in pull(run, known):
        body = {**mapped(record), "outside": record["number"]}
        bodies["PATCH" if record["number"] in known.ids else "POST"].append(body)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for method, found in bodies.items():
            if run.way == "singly":
                list(pool.map(lambda body, how=method: push(run, known, how, body), found))
            else:
                parts = [found[start : start + BATCH] for start in range(0, len(found), BATCH)]
                list(pool.map(lambda part, how=method: push_many(run, known, how, part), parts))
    known.keep()


if __name__ == "__main__":
    this = asked()
    timed(lambda: work(this))
