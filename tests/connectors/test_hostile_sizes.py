"""Answers that are too large, too deep, or grow when they are unpacked or read: how much memory and time they cost.

Each is read in a process of its own that measures itself, over a real socket. A page that is as large as may be is read
and costs no more than the bound, whatever it is made of.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.base import System
from connectors.soap_xml import MAX_MARKS
from connectors.strict_json import MAX_VALUES
from sandbox.hostile.answers import bomb
from sandbox.hostile.kinds import KINDS, WRITTEN_OUT, Partner, enveloped, good_answer
from sandbox.hostile.measured import measuring

MEMORY = 64 * 2**20
QUICK, SMALL = 0.1, 50_000_000
"""Seconds of the processor and bytes in which hostile XML is refused. It takes some 10 ms: what else the machine does
lengthens even the processor's time, by sharing its caches and cores."""
CAP: int = System.model_fields["largest_answer"].default

Answer = tuple[dict[str, str], bytes]
MEMBER = gzip.compress(b"0" * 2**24)
PACKED = {"Content-Encoding": "gzip"}
BOMBS: dict[str, Answer] = {
    "one of 64 megabytes": (PACKED, bomb(2**26)),
    "sixteen gigabytes in a thousand members": (PACKED, MEMBER * 1000),
    "a bomb in a bomb": ({"Content-Encoding": "gzip, gzip"}, gzip.compress(MEMBER * 1000)),
    "ten megabytes as they are": ({}, b"0" * 10_000_000),
}


def padded(start: str, end: str, filling: str = "x") -> bytes:
    """A text of just the largest size, one of its characters an emoji: four bytes for each of them in memory."""
    room = CAP - len(start.encode()) - len(end.encode()) - 4
    return (start + "😀" + filling * (room // len(filling.encode())) + end).encode()


def counted(piece: str) -> str:
    """As many values as may be, with a different key each."""
    return ",".join(piece % n for n in range(MAX_VALUES // 2 - 100))


def in_rest(inside: str) -> tuple[str, str]:
    return '{"id": 7, "changed": "2026-11-22T10:00:00Z", "text": ' + inside, "}"


def in_org(inside: str) -> tuple[str, str]:
    row = '"Id": "500000000000001AAA", "SystemModstamp": "2026-11-22T10:00:00.000+0000", "IsDeleted": false'
    return '{"totalSize": 1, "done": true, "records": [{' + row + ', "Status": "x", "Subject": ' + inside, "}]}"


def in_soap(inside: str) -> tuple[str, str]:
    stamp = "22/11/2026 10:00:00"
    times = f"<fechaAlta>{stamp}</fechaAlta><fechaModificacion>{stamp}</fechaModificacion>"
    start, _, end = enveloped("|").decode().partition("|")
    start += '<obtenerCasosRespuesta xmlns="urn:telvoz:casos:1"><casos>'
    case = f"<caso><numero>TV-000001</numero>{times}<asunto>{inside}"
    return start + case, "</asunto><notas/></caso></casos><eliminados/></obtenerCasosRespuesta>" + end


def whole(around: tuple[str, str]) -> bytes:
    return "".join(around).encode()


def pages(kind: str) -> dict[str, bytes]:
    """Pages that are as large as may be."""
    if kind == "soap":
        start, end = in_soap("")
        opened = start[: start.index("<caso>")]
        case, closed = start[start.index("<caso>") :], end[end.index("</caso>") + 7 :]
        many = (case + "x" + end[: end.index("</caso>") + 7]) * (MAX_MARKS // 12 - 10)
        return {"one text": padded(start, end), "as many cases as may be": (opened + many + closed).encode()}
    if kind == WRITTEN_OUT:
        return written_out()
    around = in_rest if kind == "rest" else in_org
    start, end = around('"')
    nested = ",".join(['{"a":' * 55 + "1" + "}" * 55] * (MAX_VALUES // 56 - 2))
    return {
        "one text": padded(start, '"' + end),
        "as many lists as may be": whole(around("[" + ",".join(["[]"] * (MAX_VALUES // 2 - 100)) + "]")),
        "as many objects and keys as may be": whole(around("[" + counted('{"k%d": 1}') + "]")),
        "objects in objects": whole(around("[" + nested + "]")),
        "numbers as long as may be": whole(around("[" + ",".join(["7" * 43] * (CAP // 44 - 50)) + "]")),
    }


def written_out() -> dict[str, bytes]:
    """Answers that no contract bounds: rows, arrays that are referred to, small elements of many names."""
    start, _, end = enveloped("<getByIdsResponse>|</getByIdsResponse>^").decode().partition("|")
    closed, _, last = end.partition("^")
    row = (
        "<getRecordsResult><sys_id>17</sys_id><sys_updated_on>2026-11-22 10:00:00</sys_updated_on>{}</getRecordsResult>"
    )
    head, _, tail = row.format("|").partition("|")
    many = (MAX_MARKS - 100) // row.format("<a>x</a>").count("<")
    named = "".join(f"<n{n}>x</n{n}>" for n in range((MAX_MARKS - 100) // 2))
    refers = '<c href="#m"/>' * 3
    items = "<multiRef id='m'>" + "<i>x</i>" * ((MAX_MARKS - 200) // 2) + "</multiRef>"
    return {
        "one text": padded(f"{start}{head}<text>", f"</text>{tail}{closed}{last}"),
        "as many rows as may be": f"{start}{row.format('<a>x</a>') * many}{closed}{last}".encode(),
        "as many names as may be": f"{start}{head}{named}{tail}{closed}{last}".encode(),
        "one array, referred to as often as may be": f"{start}{head}{refers}{tail}{closed}{items}{last}".encode(),
    }


@pytest.mark.parametrize("kind", [*KINDS, WRITTEN_OUT])
def test_no_answer_costs_more_than_its_bound_of_memory(kind: str, partner_of: Callable[..., Partner]) -> None:
    told: list[Answer] = []
    partner = partner_of(kind, lambda asked: (200, *told[-1]) if told else good_answer(kind, asked))
    with measuring(partner) as measure:
        assert measure("read").error == ""
        packed = BOMBS if kind == "rest" else dict([*BOMBS.items()][:1])  # below all kinds there is one transport
        for name, answer in packed.items():
            told.append(answer)
            took = measure("read")
            assert (name, took.error) == (name, "Refused C305")
            assert took.memory < MEMORY, (name, took)
            assert took.seconds < 2, (name, took)
        assert measure("write").error == "Unknown C404"
        for name, page in pages(kind).items():
            assert len(page) <= CAP, name
            told.append(({}, page))
            took = measure("read")
            assert took.error in ("", "Refused C304"), (name, took)  # a list where a record should be
            assert took.memory < MEMORY, (name, took)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_is_too_large_says_what_to_lower(kind: str, partner_of: Callable[..., Partner]) -> None:
    partner = partner_of(kind, lambda asked: (200, {}, b" " * 5000), largest_answer=4096)
    assert str(partner.read()).endswith(
        "C305 answered more than 4096 bytes.\n"
        "  Fix: lower `page` in system.yaml; where one record is that large, raise `largest_answer`."
    )
    assert "C404 answered more than 4096 bytes." in str(partner.write())
    many = "<a/>" * (MAX_MARKS + 1) if kind == "soap" else json.dumps([[]] * MAX_VALUES)
    partner = partner_of(kind, lambda asked: (200, {}, many.encode()))
    assert f"C305 answered more than {MAX_MARKS if kind == 'soap' else MAX_VALUES} " in str(partner.read())
    assert "C404 answered more than" in str(partner.write())


@pytest.mark.parametrize("kind", ["rest", "salesforce"])
@pytest.mark.parametrize(
    "text",
    [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 70 + b"1" + b"}" * 70, b"7" * 5000, b"1e999", b'{"a":1,"a":2}'],
)
def test_json_too_deep_or_with_numbers_too_long_is_refused_at_once(
    kind: str, text: bytes, partner_of: Callable[..., Partner]
) -> None:
    partner = partner_of(kind, lambda asked: (200, {}, text))
    assert [getattr(error, "code", None) for error in (partner.read(), partner.write())] == ["C304", "C404"]


ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
QUADRATIC = f'<!ENTITY a "{"x" * 50_000}">'


def hostile_xml(canary: str) -> dict[str, bytes]:
    """What a hostile service may answer. canary: the path of a pipe; who opens it waits for ever."""
    inside = whole(in_soap("uno"))
    external = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{canary}">]>'

    def told(doctype: str, reference: str = "") -> bytes:
        return doctype.encode() + inside.replace(b"uno", reference.encode() or b"uno")

    def around(text: str) -> bytes:
        return whole(in_soap("uno")).replace(b"<casos>", b"<casos>" + text.encode())

    return {
        "a billion laughs": told(f'<!DOCTYPE x [<!ENTITY a0 "ha">{ENTITIES}]>', "&a11;"),
        "quadratic growth": told(f"<!DOCTYPE x [{QUADRATIC}]>", "&a;" * 20_000),
        "an entity of a file": told(external, "&e;"),
        "a DTD of a file": told(f'<!DOCTYPE x SYSTEM "file://{canary}">'),
        "a parameter entity": told(f'<!DOCTYPE x [<!ENTITY % p SYSTEM "file://{canary}">%p;]>'),
        "a DTD behind a comment": b"<!-- -->" + told(external, "&e;"),
        "a DTD behind the prolog": b'<?xml version="1.0" encoding="UTF-8"?>\n' + told(external, "&e;"),
        "a DTD with a name only": told("<!DOCTYPE x>"),
        "a DTD in UTF-16": told(external, "&e;").decode().encode("utf-16"),
        "a DTD in UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>' + told(external, "&e;"),
        "an inclusion": around(f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file://{canary}"/>'),
        "a schema of theirs": around(
            '<x xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
            f'i:schemaLocation="urn:telvoz:casos:1 file://{canary}"/>'
        ),
        "a style sheet": f'<?xml-stylesheet href="file://{canary}"?>'.encode() + around("<a/>"),
        "depth of 100,000": around("<a>" * 100_000 + "</a>" * 100_000),
        "depth of 200": around("<a>" * 200 + "</a>" * 200),
        "a million elements": around("<a/>" * 1_000_000),
        "200,000 attributes": around("<a " + " ".join(f'a{n}=""' for n in range(200_000)) + "/>"),
        "200,000 attributes with blanks": around("<a " + " ".join(f"a{n} = '>'" for n in range(200_000)) + "/>"),
        "40,000 attributes": around("<a " + " ".join(f'a{n}=""' for n in range(40_000)) + "/>"),
        "40,000 namespaces": around("".join(f'<a xmlns:n{n}="u{n}"/>' for n in range(40_000))),
        "a name of four megabytes": around("<" + "a" * 4_000_000 + "/>"),
        "an attribute's name of four megabytes": around("<a " + "a" * 4_000_000 + "='' />"),
        "a million references": around("<a>" + "&lt;" * 1_000_000 + "</a>"),
        "a text of eleven megabytes": around("<a>" + "x" * 11_000_000 + "</a>"),
        "an unknown entity": around("<a>&nothing;</a>"),
        "no end": around("<a>" * 50 + "<b" * 50_000),
    }


@pytest.mark.parametrize("kind", ["soap", WRITTEN_OUT])
def test_hostile_xml_is_refused_at_once_with_little_memory_and_opens_nothing(
    kind: str, partner_of: Callable[..., Partner], canary: Any
) -> None:
    told: list[bytes] = []
    xml = {"Content-Type": "text/xml"}
    partner = partner_of(kind, lambda asked: (200, xml, told[-1]) if told else good_answer(kind, asked))
    with measuring(partner) as measure:
        assert measure("read").error == ""
        hostile = hostile_xml(canary.path)
        for name, text in hostile.items():
            told.append(text.replace(b"obtenerCasosRespuesta", b"getByIdsResponse") if kind == WRITTEN_OUT else text)
            took = measure("read")
            for _ in range(2):  # caches may have been cold, or the machine busy
                took = measure("read") if took.seconds >= QUICK else took
            assert (name, took.error) in ((name, "Refused C304"), (name, "Refused C305"))
            assert took.seconds < QUICK, (name, took)
            assert took.memory < SMALL, (name, took)
        for text in list(hostile.values())[::5]:
            told.append(text)
            assert measure("write").error == "Unknown C404", text[:100]
    assert canary.was_opened() is False


def test_hostile_xml_in_a_fault_is_refused_too(partner_of: Callable[..., Partner], canary: Any) -> None:
    inside = enveloped("<s:Fault><faultcode>s:Client</faultcode><faultstring>&e;</faultstring></s:Fault>")
    text = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{canary.path}">]>'.encode() + inside
    partner = partner_of("soap", lambda asked: (500, {"Content-Type": "text/xml"}, text))
    read, write = partner.read(), partner.write()
    assert [type(error).__name__ for error in (read, write)] == ["Unreachable", "Unknown"]
    assert canary.was_opened() is False
