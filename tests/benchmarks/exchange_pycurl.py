"""What the wire gives: libcurl's multi interface over as many connections, the mapping by hand, no ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import pycurl
from exchange_cases import mapped
from exchange_side import BATCH, CONNECTIONS, PAGE, Known, Run, asked, timed

Call = tuple[str, str, Any]


def _prepared(easy: pycurl.Curl, method: str, url: str, body: Any) -> BytesIO:
    into = BytesIO()
    easy.setopt(pycurl.URL, url)
    easy.setopt(pycurl.CUSTOMREQUEST, method)
    easy.setopt(pycurl.WRITEDATA, into)
    if body is not None:
        easy.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json", "Expect:"])
        easy.setopt(pycurl.POSTFIELDS, json.dumps(body, ensure_ascii=False).encode())
    return into


def pull(run: Run, known: Known) -> Iterator[dict[str, Any]]:
    """What changed at the origin."""
    easy = pycurl.Curl()
    while True:
        into = _prepared(easy, "GET", f"{run.url}/origin/cases?limit={PAGE}&after={known.cursor}", None)
        easy.perform()
        answer = json.loads(into.getvalue())
        yield from answer["cases"]
        known.cursor = answer["next"]
        if not answer["more"]:
            easy.close()
            return


def together(calls: Sequence[Call]) -> Iterator[tuple[int, Any]]:
    """(the call's place, its answer), as they come. Raises RuntimeError for any that is no success."""
    multi, waiting = pycurl.CurlMulti(), iter(enumerate(calls))
    free, busy = [pycurl.Curl() for _ in range(CONNECTIONS)], {}
    while True:
        while free and (call := next(waiting, None)) is not None:
            easy = free.pop()
            busy[easy] = (call[0], _prepared(easy, *call[1]))
            multi.add_handle(easy)
        if not busy:
            return
        multi.perform()
        _, done, failed = multi.info_read()
        if failed:
            raise RuntimeError(str(failed[0][1:]))
        for easy in done:
            at, into = busy.pop(easy)
            multi.remove_handle(easy)
            if easy.getinfo(pycurl.RESPONSE_CODE) >= 300:
                raise RuntimeError(into.getvalue().decode())
            free.append(easy)
            yield at, json.loads(into.getvalue())
        if not done:
            multi.select(1.0)


def work(run: Run) -> None:
    """One run."""
    known, url = Known(run.state), f"{run.url}/target/cases"
    bodies: dict[str, list[dict[str, Any]]] = {"POST": [], "PATCH": []}
    for record in pull(run, known):
        body = {**mapped(record), "outside": record["number"]}
        bodies["PATCH" if record["number"] in known.ids else "POST"].append(body)
    for method, found in bodies.items():
        named = [(body, "" if method == "POST" else known.ids[body["reference"]]) for body in found]
        if run.way == "singly":
            calls = [(method, f"{url}/{native_id}" if native_id else url, body) for body, native_id in named]
            for at, answer in together(calls):
                known.ids[found[at]["reference"]] = answer["id"]
            continue
        rows = [{**body, "id": native_id} if native_id else body for body, native_id in named]
        parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        for at, answer in together([(method, f"{url}/batch", {"records": part}) for part in parts]):
            for row, result in zip(parts[at], answer["results"], strict=True):
                known.ids[row["reference"]] = result["record"]["id"]
    known.keep()


if __name__ == "__main__":
    this = asked()
    timed(lambda: work(this))
