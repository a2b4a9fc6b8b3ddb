"""dlt: a resource that reads the pages, its own state for the cursor, and a custom destination that pushes.

dlt reads, normalises and loads, one after the other, with files between; a custom destination gets a file's rows in
batches, and `push` is ours. What was extracted and not loaded when a run was killed is loaded first by the next one, as
its documentation has it. The target's ids are kept in a file when a run is over, as the bare loop keeps them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import exchange_requests as bare
from exchange_cases import mapped
from exchange_side import BATCH, CONNECTIONS, PAGE, Known, Run, asked, timed

os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="ERROR")

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator


class Cursor(JSONResponseCursorPaginator):
    """Their cursor paging, ended by the flag that says whether there is more."""

    def update_state(self, response: Any, data: Any = None) -> None:
        super().update_state(response, data)
        self.reached = response.json()["next"]
        self._has_next_page = bool(response.json()["more"])


@dlt.resource(name="cases", write_disposition="append", columns={"statusSince": {"data_type": "text"}})
def cases(url: str) -> Iterator[list[dict[str, Any]]]:
    """Pages since the last run, in the target's words."""
    state = dlt.current.resource_state()
    client = RESTClient(base_url=url)
    paging = Cursor(cursor_path="next", cursor_param="after")
    first = {"limit": PAGE, **({"after": state["after"]} if "after" in state else {})}
    for page in client.paginate("/origin/cases", params=first, paginator=paging, data_selector="cases"):
        state["after"] = paging.reached
        yield [{**mapped(record), "outside": record["number"]} for record in page]


def pipeline(run: Run, known: Known) -> Any:
    """The pipeline over our destination."""
    pool = ThreadPoolExecutor(CONNECTIONS)

    # Singly a batch is what the connections are shared out to.
    @dlt.destination(batch_size=BATCH, name="target", skip_dlt_columns_and_tables=True, max_table_nesting=0)
    def push(rows: list[dict[str, Any]], table: Any) -> None:
        bodies: dict[str, list[dict[str, Any]]] = {"POST": [], "PATCH": []}
        for row in rows:
            bodies["PATCH" if row["reference"] in known.ids else "POST"].append(row)
        for method, found in bodies.items():
            if run.way == "batches" and found:
                bare.push_many(run, known, method, found)
            else:
                list(pool.map(lambda row, how=method: bare.push(run, known, how, row), found))

    return dlt.pipeline("benchmark", destination=push, pipelines_dir=str(run.state / "dlt"), progress=None)


def work(run: Run) -> None:
    """One run."""
    known = Known(run.state)
    line = pipeline(run, known)
    if line.has_pending_data:
        line.load()
    line.run(cases(run.url)).raise_on_failed_jobs()
    known.keep()


if __name__ == "__main__":
    this = asked()
    timed(lambda: work(this))
