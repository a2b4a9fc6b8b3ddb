"""Files, asked of each kind that carries them: what was added is listed once and reads back byte by byte."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from typing import Any

import contract_companies as companies
import pytest

from connectors import paths
from connectors.base import Change, Connector, Receipt
from connectors.errors import Rejected, Unreachable
from connectors.files import Content

PICTURE = b"\x89PNG\r\n--casebridge\r\n\x00" + bytes(range(256)) * 4000

KINDS = ("memory", "rest", "rest in batches", "soap", "soap written out", "salesforce")


@pytest.fixture(scope="module", params=[*KINDS, pytest.param("redmine", marks=pytest.mark.partners)])
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("company")
    opening = {
        "memory": lambda: companies.memory("sequence"),
        "rest": lambda: companies.northcable(folder),
        "rest in batches": lambda: companies.northcable_in_batches(folder),
        "soap": lambda: companies.telvoz(folder),
        "soap written out": lambda: companies.southgate(folder),
        "salesforce": lambda: companies.brightnet(folder),
        "redmine": lambda: companies.redmine(folder),
    }
    with opening[request.param]() as one:
        yield one


@pytest.fixture
def connector(company: Any) -> Iterator[Connector]:
    with closing(company.connect()) as made:
        yield made


@pytest.fixture
def native_id(company: Any) -> str:
    words = company.words
    (made,) = company.desk.create([{words.title: f"Files {uuid.uuid4()}", words.status: words.opened}])
    return str(made)


def add(connector: Connector, company: Any, native_id: str, raw: bytes, name: str = "screen.png") -> Receipt:
    content = Content(name, "image/png", len(raw), sha256(raw).hexdigest(), lambda: iter([raw[:5], raw[5:]]))
    body = company.words.file(name)
    key = f"{native_id}/file/{name}/{len(raw)}"
    (receipt,) = connector.push([Change(key, "add_file", native_id, body, "", native_id, ref="r", content=content)])
    return receipt


def listed(connector: Connector, company: Any, native_id: str) -> list[tuple[str, str]]:
    (record,) = connector.fetch([native_id])
    found = paths.get(record.body, company.words.files) or []
    words = company.words
    return [(str(paths.get(one, words.file_id)), str(paths.get(one, words.file_name))) for one in found]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("screen.png", PICTURE),
        ("пропажа сигнала — 图 (1).png", b"x"),
        ("a 'b' %22;=c.png", b""),
    ],
)
def test_a_file_that_is_added_is_listed_under_its_name_and_reads_back(
    connector: Connector, company: Any, native_id: str, name: str, raw: bytes
) -> None:
    receipt = add(connector, company, native_id, raw, name)
    assert receipt.error is None
    assert listed(connector, company, native_id) == [(receipt.file_id, company.words.named(name))]
    assert b"".join(connector.read_file(native_id, str(receipt.file_id), len(raw))) == raw


def test_a_file_of_an_agent_is_read(connector: Connector, company: Any, native_id: str) -> None:
    company.desk.attach(native_id, "of theirs.bin", PICTURE)
    ((file_id, name),) = listed(connector, company, native_id)
    assert name == "of theirs.bin"
    assert b"".join(connector.read_file(native_id, file_id, None)) == PICTURE


def test_the_record_is_news_once_a_file_was_added(connector: Connector, company: Any, native_id: str) -> None:
    (before,) = connector.fetch([native_id])
    add(connector, company, native_id, b"news")
    (after,) = connector.fetch([native_id])
    assert after.version >= before.version  # of a clock that steps by seconds
    assert after.body != before.body


def test_a_file_that_is_not_there_and_one_of_no_record_are_refused(
    connector: Connector, company: Any, native_id: str
) -> None:
    with pytest.raises(Rejected) as gone:
        list(connector.read_file(native_id, "999999", None))
    assert gone.value.code == "C605"
    assert isinstance(add(connector, company, "999999", b"x").error, Rejected)
    assert listed(connector, company, native_id) == []


def test_more_than_is_declared_is_not_read(connector: Connector, company: Any, native_id: str) -> None:
    receipt = add(connector, company, native_id, PICTURE)
    small = company.system.files.model_copy(update={"largest": 1000})
    with closing(company.connect(files=small)) as other, pytest.raises(Rejected) as large:
        list(other.read_file(native_id, str(receipt.file_id), None))
    assert large.value.code == "C608"
    assert "the file is larger than 1000 bytes" in str(large.value)


def test_one_that_is_not_as_long_as_was_told_is_read_again_later(
    connector: Connector, company: Any, native_id: str
) -> None:
    receipt = add(connector, company, native_id, b"four")
    with pytest.raises(Unreachable, match="was told to have 5 bytes, and 4 came"):
        list(connector.read_file(native_id, str(receipt.file_id), 5))
