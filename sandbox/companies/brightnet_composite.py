"""/composite: up to 25 requests in one call, each able to use an earlier one's answer as @{reference.id}; and
/composite/batch: up to 25 that know nothing of each other.

At most five of a composite may be queries or collections. With allOrNone a failure undoes all of them; a batch undoes
nothing, and with haltOnError goes no further than its first failure.
Next: `brightnet_door.py`, whose `answer` each inner request goes through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.companies.brightnet_ask import Answer, Ask
from sandbox.companies.brightnet_collections import bounded
from sandbox.companies.brightnet_faults import Fault, missing
from sandbox.companies.store import Store

MOST_ASKS, MOST_MANY = 25, 5
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])+)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction failed.",
}
_NOT_DONE = {"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}
Result = dict[str, Any]


class _RolledBack(Exception):
    """A request failed under allOrNone."""


def composite(store: Store, ask: Ask, answer: Callable[[Ask], Answer]) -> Answer:
    """The answers of the inner requests, in order. Raises Fault for a call that has no such shape."""
    asked = ask.thing().get("compositeRequest")
    if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
        raise missing(["compositeRequest"])
    bounded(asked, MOST_ASKS)
    if sum(map(_is_many, asked)) > MOST_MANY:
        message = f"Cannot have more than {MOST_MANY} query or sObject Collections operations in one composite request."
        raise Fault(400, "LIMIT_EXCEEDED", message)
    whole = ask.thing().get("allOrNone", False) is True
    told: list[Result] = []
    try:
        with store.together():
            known: dict[str, Any] = {}
            for one in asked:
                told.append(_told(one, _inner(one, ask, known), answer))
                known[str(one.get("referenceId", ""))] = told[-1]["body"]
                if whole and told[-1]["httpStatusCode"] >= 400:
                    raise _RolledBack
    except _RolledBack:
        halted = {"body": [_HALTED], "httpHeaders": {}, "httpStatusCode": 400}
        told = [halted | {"referenceId": one["referenceId"]} for one in told[:-1]] + told[-1:]
        told += [halted | {"referenceId": one.get("referenceId")} for one in asked[len(told) :]]
    return Answer(200, {"compositeResponse": told})


def batch(ask: Ask, answer: Callable[[Ask], Answer]) -> Answer:
    """The answers of requests that know nothing of each other, in order. Raises Fault for a call of another shape."""
    asked = ask.thing().get("batchRequests")
    if not isinstance(asked, list) or not asked or not all(isinstance(one, dict) for one in asked):
        raise missing(["batchRequests"])
    bounded(asked, MOST_ASKS)
    halt, told = ask.thing().get("haltOnError", False) is True, list[Result]()
    for one in asked:
        if halt and any(before["statusCode"] >= 400 for before in told):
            told.append({"statusCode": 412, "result": [_NOT_DONE]})
            continue
        url = str(one.get("url", "")).lstrip("/").removeprefix("services/data/")
        inner = _inner({**one, "url": f"/services/data/{url}", "body": one.get("richInput")}, ask, {})
        done = _told(one, inner, answer)
        told.append({"statusCode": done["httpStatusCode"], "result": done["body"]})
    return Answer(200, {"hasErrors": any(one["statusCode"] >= 400 for one in told), "results": told})


def _is_many(one: Mapping[str, Any]) -> bool:
    """Whether the inner request is a query or a collection."""
    parts = [part for part in urlsplit(str(one.get("url", ""))).path.split("/") if part][3:]
    return parts[:1] in (["query"], ["queryAll"]) or parts[:2] == ["composite", "sobjects"]


def _inner(one: Mapping[str, Any], ask: Ask, known: Mapping[str, Any]) -> Ask:
    """The inner request, references filled in."""

    def reference(found: re.Match[str]) -> str:
        here: Any = known.get(found[1])
        for name, place in _STEP.findall(found[2]):
            try:
                here = here[name] if name else here[int(place)]
            except (LookupError, TypeError):
                return found[0]
        return str(here)

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return _REFERENCE.sub(reference, value)
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        return [filled(inner) for inner in value] if isinstance(value, list) else value

    url = urlsplit(filled(str(one.get("url", ""))))
    parts = tuple(unquote(part) for part in url.path.split("/") if part)
    version = parts[2].removeprefix("v") if len(parts) > 2 else ask.version
    given = one.get("httpHeaders")
    headers = {str(name).lower(): str(text) for name, text in given.items()} if isinstance(given, dict) else {}
    method = str(one.get("method", "")).upper()
    return Ask(method, parts[3:], version, dict(parse_qsl(url.query)), headers, filled(one.get("body")))


def _told(one: Mapping[str, Any], inner: Ask, answer: Callable[[Ask], Answer]) -> Result:
    try:
        told = answer(inner)
    except Fault as fault:
        told = Answer(fault.status, fault.answer())
    status, headers = told.status, dict(told.headers)
    return {"body": told.body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": one.get("referenceId")}
