"""The last row of a batch and its result, in the bodies of both APIs that have batches, as JSON read.

    {"tickets": [ROW, ...]}                            -> {"results": [RESULT, ...]}                    Northcable
    {"records": [ROW, ...]}                            -> [RESULT, ...]                                 Salesforce
    {"compositeRequest": [{"body": {"records": ...}}]} -> {"compositeResponse": [{"body": [RESULT, ...]}]}

Next: `misdeeds.py`.
"""

from __future__ import annotations

from typing import Any, Final

REST: Final = {"status": 503, "error": {"code": "try_again", "message": "Come again.", "field": None, "known": []}}
SALESFORCE: Final = {
    "success": False,
    "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}],
}


def without_last(asked: Any) -> bool:
    """Take the last row out of what is asked. Whether it is a batch of several, so that there was one to take."""
    rows = _listed(asked, ("tickets", "records"), "compositeRequest")
    if rows is None or len(rows) < 2:
        return False
    rows.pop()
    return True


def refused(told: Any) -> Any:
    """The answer with a result more, of a row that was not done."""
    results = _listed(told, ("results",), "compositeResponse")
    if results is not None:
        results.append(REST if isinstance(told, dict) and "results" in told else SALESFORCE)
    return told


def left_out(told: Any) -> Any:
    """The answer without its last result."""
    results = _listed(told, ("results",), "compositeResponse")
    if results:
        results.pop()
    return told


def _listed(told: Any, names: tuple[str, ...], parts: str) -> list[Any] | None:
    """The list of rows or results in a body; of several parts that of the first which has one."""
    if isinstance(told, list):
        return told
    if not isinstance(told, dict):
        return None
    found = next((told[name] for name in names if isinstance(told.get(name), list)), None)
    inside = told[parts] if found is None and isinstance(told.get(parts), list) else ()
    return next((rows for part in inside if (rows := _listed(part.get("body"), names, parts)) is not None), found)
