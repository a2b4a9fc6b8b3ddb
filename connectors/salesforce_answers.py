"""What an answer of a Salesforce org holds: JSON in its shape, an error's code and words, a query's rows and locator.

Pure. Source: the public REST API documents (errors are an array of {message, errorCode}). Next: `salesforce_calls.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from connectors.answer import Answer
from connectors.errors import Refused, Unknown

_LOCATOR = re.compile(r"/services/data/v\d+\.\d+/(query(?:All)?/[A-Za-z0-9_-]+)\Z")


class LocatorGone(Exception):
    """The rest of a query's rows is not kept any more (a locator lives two days, and an org keeps few)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One answer of a query. rest: the path of the next one, None where this is the last."""

    rows: list[dict[str, Any]]
    rest: str | None


def whole(answer: Answer) -> Any:
    """The JSON of an answer that says it went well: an object or an array, or nothing under 204."""
    if answer.status == 204:
        return None
    told = answer.json()
    if isinstance(told, dict | list):
        return told
    text = f"answered {answer.status} with neither an object nor an array."
    raise (Refused if answer.safe else Unknown)(text, code="C353" if answer.safe else "C450", where=answer.where)


def first_error(answer: Answer) -> tuple[str, str]:
    """Code and words of the first error of an answer; empty where it is none of Salesforce's."""
    try:
        told = answer.json()
    except (Refused, Unknown):
        return "", ""
    first = told[0] if isinstance(told, list) and told else told
    if not isinstance(first, dict):
        return "", ""
    return str(first.get("errorCode", "")), str(first.get("message", ""))


def rows_of_query(told: Any, where: str) -> Rows:
    """A query's answer in its shape. Raises Refused for another one, and for a locator that leads elsewhere."""
    rows = told.get("records") if isinstance(told, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or "done" not in told:
        raise Refused("the answer is no result of a query.", code="C353", where=where)
    return Rows(rows, None if told["done"] else locator(told.get("nextRecordsUrl"), where))


def locator(url: object, where: str) -> str:
    """The path of a nextRecordsUrl. Raises Refused for any other address: our token is sent there."""
    found = _LOCATOR.match(str(url))
    if found is None:
        raise Refused("the address of the next rows is none.", code="C353", where=where, value=str(url)[:100])
    return found.group(1)
