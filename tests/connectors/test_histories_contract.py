"""Change histories of many records, asked of each kind that tells them: whose change, which field, what to what."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import contract_companies as companies
import pytest

from connectors.base import Change, Connector, Record
from connectors.errors import Unreachable

KINDS = (
    "memory", "rest", "soap", "soap written out", "salesforce", "roundup",
    pytest.param("redmine", marks=pytest.mark.partners), pytest.param("rt", marks=pytest.mark.partners),
)  # fmt: skip


@pytest.fixture(scope="module", params=KINDS)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("company")
    opening = {
        "memory": lambda: companies.memory("sequence"),
        "rest": lambda: companies.northcable(folder),
        "soap": lambda: companies.telvoz(folder),
        "soap written out": lambda: companies.southgate(folder),
        "salesforce": lambda: companies.brightnet(folder),
        "roundup": lambda: companies.roundup(folder),
        "redmine": lambda: companies.redmine(folder),
        "rt": lambda: companies.rt(folder),
    }
    with opening[request.param]() as one:
        yield one


@pytest.fixture
def connector(company: Any) -> Iterator[Connector]:
    with closing(company.connect()) as made:
        yield made


def made(company: Any, connector: Connector) -> Record:
    """A record that our login made."""
    hub_id, words = str(uuid.uuid4()), company.words
    given = {words.title: "No signal", words.status: words.opened}
    body = words.sent({**given, **words.given})
    (receipt,) = connector.push([Change(f"{hub_id}/create", "create", hub_id, body, hub_id)])
    assert receipt.error is None
    (record,) = connector.fetch([receipt.native_id or ""])
    return record


def test_each_record_has_its_own_lines_and_ours_are_told_from_theirs(company: Any, connector: Connector) -> None:
    words = company.words
    first, second, untouched = (made(company, connector) for _ in range(3))
    for one in (first, second):
        company.desk.edit(one.native_id, {words.status: words.worked})
        (now,) = connector.fetch([one.native_id])
        change = Change(
            f"{one.native_id}/back",
            "update",
            one.native_id,
            words.sent({words.status: words.opened}),
            "",
            one.native_id,
            now.version,
        )
        (receipt,) = connector.push([change])
        assert receipt.error is None
    told = connector.histories([first.native_id, second.native_id, untouched.native_id, first.native_id])
    opened, worked = str(words.opened), str(words.worked)
    for one in (first, second):
        lines = [line for line in told[one.native_id] if line.field == words.status and line.old is not None]
        said = [(str(line.old), str(line.new), line.ours) for line in lines]
        assert said[-2:] == [(opened, worked, False), (worked, opened, True)]
        assert {line.native_id for line in told[one.native_id]} == {one.native_id}
        ids = [line.line_id for line in told[one.native_id]]
        assert len(set(ids)) == len(ids)
        again = connector.histories([one.native_id])[one.native_id]
        assert [line.line_id for line in again] == ids, "the same ids at each reading"
        assert list(connector.history(one.native_id)) == list(again)
    rest = [line for line in told.get(untouched.native_id, ()) if line.field == words.status and line.old is not None]
    assert rest == []


def test_nothing_is_asked_for_nobody(company: Any, connector: Connector) -> None:
    assert connector.histories([]) == {}


def test_a_system_that_is_down_is_unreachable(company: Any, connector: Connector) -> None:
    record = made(company, connector)
    with closing(company.cut_off()) as cut, pytest.raises(Unreachable):
        cut.histories([record.native_id])
