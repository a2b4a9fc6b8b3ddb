"""singer-sdk: a tap and a target, each a process, with a pipe between; singly a RecordSink, in batches a BatchSink.

A RecordSink is given one record after the other, so singly it has one connection's worth, whatever there are. State is
what the target prints, kept in a file when it was printed, as a runner of singers does it. The target's ids are kept in
a file when a run is over, as the bare loop keeps them.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import exchange_requests as bare
from exchange_cases import mapped
from exchange_side import BATCH, PAGE, Known, Run, asked, timed

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

from singer_sdk import BatchSink, RESTStream, Tap, Target  # noqa: E402  after its settings
from singer_sdk import typing as th  # noqa: E402
from singer_sdk.pagination import BaseAPIPaginator  # noqa: E402
from singer_sdk.sinks import RecordSink  # noqa: E402

FIELDS = (
    "outside", "reference", "subject", "description", "status", "statusSince", "priority", "severity", "customerId",
    "customerName", "customerPhone", "product",
)  # fmt: skip


class Pages(BaseAPIPaginator[Any]):
    """Their cursor, until there is no more."""

    def get_next(self, response: Any) -> Any:
        return response.json()["next"]

    def has_more(self, response: Any) -> bool:
        return bool(response.json()["more"])


class Cases(RESTStream[Any]):
    """The origin's cases in the target's words."""

    name, path, primary_keys, replication_key = "cases", "/origin/cases", ("reference",), "seq"
    records_jsonpath = "$.cases[*]"
    is_sorted = True
    schema = th.PropertiesList(
        *(th.Property(name, th.StringType) for name in FIELDS), th.Property("seq", th.IntegerType)
    ).to_dict()

    @property
    def url_base(self) -> str:
        return str(self.config["url"])

    def get_new_paginator(self) -> Pages:
        return Pages(None)

    def get_url_params(self, context: Any, next_page_token: Any) -> dict[str, Any]:
        after = next_page_token or self.get_starting_replication_key_value(context)
        return {"limit": PAGE, **({"after": after} if after else {})}

    def post_process(self, row: dict[str, Any], context: Any = None) -> dict[str, Any]:
        return {**mapped(row), "outside": row["number"], "seq": row["seq"]}


class Origin(Tap):
    """The tap."""

    name = "tap-origin"
    config_jsonschema = th.PropertiesList(th.Property("url", th.StringType)).to_dict()

    def discover_streams(self) -> list[Cases]:
        return [Cases(tap=self)]


def sinks(run: Run, known: Known) -> type[Target]:
    """The target, whose sinks push as this run does."""

    def bodies(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {"POST": [], "PATCH": []}
        for row in rows:
            found["PATCH" if row["reference"] in known.ids else "POST"].append({name: row[name] for name in FIELDS})
        return found

    class Singly(RecordSink):
        def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
            for method, found in bodies([record]).items():
                for body in found:
                    bare.push(run, known, method, body)

    class InBatches(BatchSink):
        max_size = BATCH

        def process_batch(self, context: dict[str, Any]) -> None:
            for method, found in bodies(context["records"]).items():
                if found:
                    bare.push_many(run, known, method, found)

    class Receiving(Target):
        name = "target-target"
        config_jsonschema = th.PropertiesList().to_dict()
        default_sink_class = Singly if run.way == "singly" else InBatches

    return Receiving


class Printed(StringIO):
    """Keeps each state that the target prints."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def write(self, text: str) -> int:
        if text.strip():
            self._path.write_text(text.strip().splitlines()[-1])
        return len(text)


def tap(run: Run) -> None:
    """The tap's process: it begins when it is told to."""
    state = run.state / "state.json"
    kept = json.loads(state.read_text()) if state.exists() else None
    origin = Origin(config={"url": run.url}, state=kept)
    print("ready", flush=True)
    sys.stdin.readline()
    origin.sync_all()


def work(run: Run, tapping: subprocess.Popen[str]) -> None:
    """One run."""
    known = Known(run.state)
    assert tapping.stdin is not None
    tapping.stdin.write("begin\n")
    tapping.stdin.flush()
    with redirect_stdout(Printed(run.state / "state.json")):
        sinks(run, known)().listen(tapping.stdout)
    assert tapping.wait() == 0
    known.keep()


if __name__ == "__main__":
    if sys.argv[-1] == "tap":
        sys.argv.pop()
        tap(asked())
    else:
        this = asked()
        again = [sys.executable, *sys.argv, "tap"]
        with subprocess.Popen(again, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
            assert started.stdout is not None
            assert started.stdout.readline() == "ready\n"
            timed(lambda: work(this, started))
