"""A REST partner's change history by declaration: a list a record, many records a call, or inside the record.

One little tracker over a real socket, which tells its journal in whichever shape a test asks for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Abilities, Credentials
from connectors.errors import Refused
from connectors.rest import Rest
from connectors.rest_system import RestSystem

START = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
JOURNAL = [
    {"id": 7, "user": {"id": 5, "name": "Ana"}, "on": "2026-11-28T10:01:00Z", "details": [
        {"property": "attr", "name": "status_id", "old": "1", "new": "2"},
        {"property": "cf", "name": "2", "old": None, "new": "Brightnet"},
    ]},
    {"id": 8, "user": {"id": 9, "name": "Bridge"}, "on": "2026-11-28T10:02:00Z", "details": [
        {"property": "attr", "name": "status_id", "old": "2", "new": "3"},
    ]},
    {"id": 9, "user": {"id": 5, "name": "Ana"}, "on": "2026-11-28T10:03:00Z", "details": []},
]  # fmt: skip
NESTED = {
    "path": "/issues/{id}/journal", "lines": "journal", "changed_at": "on", "author": "user.id",
    "changes": "details", "field": "{property}.{name}",
    "names": {"cf.2": "custom[id=2].value", "attr.status_id": "status.id"},
    "us_at": "user.id",
}  # fmt: skip


def declared(history: dict[str, Any] | None, *, able: bool = True) -> RestSystem:
    return RestSystem.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "connection": "acme_api",
            "private_network": True,
            "deadline": 5,
            "page": 2,
            "overlap": 0,
            "abilities": Abilities(change_history=able),
            "auth": {"kind": "none"},
            "check": {"path": "/me", "name": "user.login"},
            "record": {"id": "id", "stamp": "changed", "hub_id": "hub"},
            "list": {"path": "/issues", "records": "issues", "paging": {"style": "none"}},
            "one": "/issues/{id}",
            "find": {"path": "/issues", "param": "hub", "records": "issues"},
            "create": {"path": "/issues", "record": ""},
            "update": {"path": "/issues/{id}", "record": ""},
            "notes": {"add": {"path": "/issues/{id}/notes", "id": "id"}},
            "history": history,
        }
    )


class Tracker:
    """Answers from `told`: path -> JSON, or a function of what was asked."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {"/me": {"user": {"login": "bridge", "id": 9}}}
        self.calls: list[str] = []

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        self.calls.append(asked.target)
        found = self.told.get(asked.path)
        if found is None:
            return 404, {"Content-Type": "application/json"}, b'{"message": "no such thing"}'
        told = found(asked) if callable(found) else found
        return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()


@pytest.fixture
def tracker() -> Tracker:
    return Tracker()


@pytest.fixture
def rest_to(serve: Any, tracker: Tracker) -> Iterator[Callable[..., Rest]]:
    made: list[Rest] = []
    server = serve(tracker)

    def make(history: dict[str, Any] | None, *, able: bool = True) -> Rest:
        credentials = Credentials(server.url, "bridge", "bridge-secret")
        system = declared(history, able=able)
        made.append(Rest(system, credentials, clock=lambda: START, sleep=lambda _: None, monotonic=lambda: 0.0))
        return made[-1]

    yield make
    for rest in made:
        rest.close()


def test_a_line_of_several_changes_is_as_many_with_names_of_the_record(rest_to: Any, tracker: Tracker) -> None:
    tracker.told["/issues/1/journal"] = {"journal": JOURNAL}
    rest = rest_to(NESTED)
    lines = rest.history("1")
    assert [(one.line_id, one.field, one.old, one.new, one.author, one.ours) for one in lines] == [
        ("7/attr.status_id", "status.id", "1", "2", "5", False),
        ("7/cf.2", "custom[id=2].value", None, "Brightnet", "5", False),
        ("8/attr.status_id", "status.id", "2", "3", "9", True),
    ]
    assert lines[0].changed_at == datetime(2026, 11, 28, 10, 1, tzinfo=UTC)
    rest.history("1")
    assert tracker.calls.count("/me") == 1, "who we are is asked once"


def test_a_journal_that_is_told_newest_first_comes_out_oldest_first(rest_to: Any, tracker: Tracker) -> None:
    tracker.told["/issues/1/journal"] = {"journal": JOURNAL[::-1]}
    lines = rest_to({**NESTED, "newest_first": True}).history("1")
    assert [one.line_id for one in lines] == ["7/attr.status_id", "7/cf.2", "8/attr.status_id"]


def test_a_journal_is_read_to_its_end(rest_to: Any, tracker: Tracker) -> None:
    def page(asked: Any) -> Any:
        start = int(asked.query["offset"])
        return {"journal": [{"id": n, "at": START.isoformat(), "by": "Ana", "field": "state", "old": n, "new": n + 1}
                            for n in range(7)][start : start + int(asked.query["limit"])]}  # fmt: skip

    tracker.told["/issues/1/journal"] = page
    rest = rest_to({
        "path": "/issues/{id}/journal", "lines": "journal", "limit": "limit", "paging": {"style": "offset"},
    })  # fmt: skip
    assert [one.line_id for one in rest.history("1")] == [str(n) for n in range(7)]


def test_many_records_are_asked_for_in_one_call(rest_to: Any, tracker: Tracker) -> None:
    lines = [
        {
            "id": n,
            "issue": str(n % 3),
            "at": START.isoformat(),
            "by": "bridge",
            "field": "state",
            "old": "a",
            "new": "b",
        }
        for n in range(6)
    ]
    tracker.told["/journal"] = {"lines": lines}
    rest = rest_to(
        {"by_ids": {"path": "/journal", "param": "issues", "most": 2, "records": "lines"}, "record": "issue"}
    )
    told = rest.histories(["0", "1", "2", "9"])
    assert {one: [line.line_id for line in told[one]] for one in told} == {
        "0": ["0", "3"], "1": ["1", "4"], "2": ["2", "5"], "9": [],
    }  # fmt: skip
    assert tracker.calls == ["/journal?issues=0%2C1", "/journal?issues=2%2C9"]
    assert {line.ours for line in told["0"]} == {True}


def test_a_journal_inside_the_record_costs_no_call_and_is_no_part_of_its_body(rest_to: Any, tracker: Tracker) -> None:
    line = {"id": 1, "at": START.isoformat(), "by": "Ana", "field": "state", "old": "a", "new": "b"}
    issue = {"id": 1, "changed": START.isoformat(), "hub": None, "state": "b", "meta": {"log": [line], "rank": 3}}
    tracker.told |= {"/issues": {"issues": [issue]}, "/issues/1": issue}
    rest = rest_to({"lines": "meta.log"})
    ((record,),) = [page.records for page in rest.pull(None)]
    assert record.body["meta"] == {"rank": 3}
    assert record.history is not None
    assert [(one.line_id, one.new) for one in record.history] == [("1", "b")]
    assert rest.fetch(["1"])[0].body == record.body
    assert rest.histories(["1"]) == {}
    assert [one.line_id for one in rest.history("1")] == ["1"]


def test_a_record_without_a_journal_inside_has_an_empty_one(rest_to: Any, tracker: Tracker) -> None:
    tracker.told["/issues"] = {"issues": [{"id": 1, "changed": START.isoformat(), "hub": None}]}
    ((record,),) = [page.records for page in rest_to({"lines": "log"}).pull(None)]
    assert record.history == ()


def test_a_record_that_is_gone_by_then_has_no_lines(rest_to: Any) -> None:
    assert rest_to(NESTED).histories(["77"]) == {"77": ()}


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"journal": "none"}, "history.lines"),
        ({"journal": [{**JOURNAL[0], "id": None}]}, "history.id"),
        ({"journal": [{**JOURNAL[0], "on": "yesterday"}]}, "history.changed_at"),
        ({"journal": [{**JOURNAL[0], "details": {}}]}, "history.changes"),
    ],
)
def test_an_answer_that_is_not_as_declared_is_named_with_its_key(
    rest_to: Any, tracker: Tracker, answer: Any, field: str
) -> None:
    tracker.told["/issues/1/journal"] = answer
    with pytest.raises(Refused, match=f"C304 .*where {field} of system.yaml looks"):
        rest_to(NESTED).history("1")


def test_who_we_are_that_is_not_told_is_named(rest_to: Any, tracker: Tracker) -> None:
    tracker.told["/me"] = {"user": {"login": "bridge"}}
    with pytest.raises(Refused, match=r"C304 .*history\.us_at"):
        rest_to(NESTED).history("1")


@pytest.mark.parametrize(
    ("history", "able", "says"),
    [
        ({"path": "/x/{id}", "by_ids": {"path": "/y"}}, True, "by_ids: lines are read by `path` or by ids, not both"),
        ({"path": "/x"}, True, "names no record; put {id} where its native id goes"),
        ({"by_ids": {"path": "/y"}}, True, "record: with `by_ids`, say where"),
        ({}, True, "lines: give `path`, `by_ids`, or where in the record the lines stand"),
        ({"lines": "log", "us_at": "user.id"}, True, "us_at: lines inside the record"),
        ({"lines": "log", "limit": "n"}, True, "paging: only a list at `path` goes on"),
        ({"lines": "log"}, False, "abilities.change_history: `history` says where one stands"),
        (None, True, "history: abilities say change_history, so say where it stands"),
    ],
)
def test_a_declaration_that_does_not_fit_says_how(history: dict[str, Any] | None, able: bool, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        declared(history, able=able)
    assert says in str(caught.value)
