"""A marked word is found in whatever form it goes out, and nothing is found where none is."""

from __future__ import annotations

import base64
import gzip
import html
import json
import quopri
import zlib
from collections.abc import Callable
from random import Random
from urllib.parse import quote

import pytest

from hub.leaks.canaries import Aviary
from hub.leaks.seeing import seen

FORMS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "capitals": lambda text: text.upper().encode(),
    "capitals and small letters turned": lambda text: text.swapcase().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64, one on": lambda text: base64.b64encode(b"x" + text.encode()),
    "base64, two on": lambda text: base64.b64encode(b"xy" + text.encode()),
    "base64 behind a word": lambda text: b"Zm9" + base64.b64encode(text.encode()),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(b"\xff\xfe" + text.encode() + b"\xff" * 3),
    "base64 in lines": lambda text: base64.encodebytes(("x" * 50 + text + "y" * 80).encode()),
    "hex": lambda text: text.encode().hex().encode(),
    "hex, one on": lambda text: b"a" + text.encode().hex().encode(),
    "hex in pairs": lambda text: text.encode().hex(":").upper().encode(),
    "address": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()).encode(),
    "twice an address": lambda text: quote("".join(f"%{byte:02x}" for byte in text.encode())).encode(),
    "HTML by numbers": lambda text: "".join(f"&#{ord(sign)};" for sign in text).encode(),
    "HTML by hex numbers": lambda text: "".join(f"&#x{ord(sign):x};" for sign in text).encode(),
    "JSON": lambda text: json.dumps("".join(f"\\u{ord(sign):04x}" for sign in text)).replace("\\\\", "\\").encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: text.encode("utf-16-be"),
    "UTF-32": lambda text: text.encode("utf-32-le"),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()).encode(),
    "quoted-printable, broken": lambda text: quopri.encodestring(("é" * 21 + text).encode()),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip behind other bytes": lambda text: b"\x00\x01PK" + gzip.compress(text.encode()),
    "zlib": lambda text: zlib.compress(text.encode()),
    "base64 of gzip": lambda text: base64.b64encode(gzip.compress(f"a note says {text} and more".encode())),
    "hex of base64 of HTML": lambda text: base64.b64encode(html.escape(f"<b>{text}</b>").encode()).hex().encode(),
    "backwards": lambda text: text[::-1].encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_marked_word_is_found_in_each_form(form: str) -> None:
    aviary = Aviary(Random(1))
    token = aviary.word("north", "a case", "note", "private")
    found = {each.token for text in seen(FORMS[form](token)) for each in aviary.named_in(text)}
    assert found == {token}, form


def test_a_marked_number_is_found_with_what_stands_around_it() -> None:
    aviary = Aviary(Random(1))
    number = aviary.number("north", "a case", "cost.amount")
    for told in (f'{{"cost": "{number}.00"}}', f"EUR {number}", base64.b64encode(f"{number}".encode()).decode()):
        assert str(number) in {each.token for text in seen(told.encode()) for each in aviary.named_in(text)}


def test_nothing_is_found_where_no_word_was_planted() -> None:
    aviary, others = Aviary(Random(1)), Aviary(Random(2))
    aviary.word("north", "a case", "number")
    noise = Random(3).randbytes(5000) + others.word("north", "a case", "number").encode()
    assert [each for text in seen(noise) for each in aviary.named_in(text)] == []


def test_a_packed_piece_that_is_no_end_long_is_read_so_far() -> None:
    bomb = gzip.compress(b"0" * (64 * 2**20))
    assert max(len(text) for text in seen(bomb)) <= 8 * 2**20
