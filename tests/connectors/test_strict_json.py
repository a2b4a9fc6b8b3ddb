"""One verdict for every JSON text, and the writer that never writes what the reader would refuse."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.strict_json import BadJson, _carefully, dump, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": 1.10}', {"a": Decimal("1.10")}),
        (b"1e5", Decimal("1E+5")),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"-0", 0),
        (b'"\\u0440\\ud83d\\ude00"', "р😀"),
        ('"naïve 😀 \u202e"'.encode(), "naïve 😀 \u202e"),
        (b" [] ", []),
        (b"[" * 64 + b"]" * 64, None),
        (b'"[[[[\\"' + b"{" * 500 + b'"', '[[[["' + "{" * 500),
        (b"[" + b'[{"a": "]}{[\\\\"}, ""],' * 40 + b"1]", None),
        (b"[" + b'[{"a": "\\""}, ""],' * 40 + b"1]", None),
        (b'{"a": {"b": 1}, "c": {"b": 1}}', {"a": {"b": 1}, "c": {"b": 1}}),
    ],
)
def test_accepted(text: bytes, value: Any) -> None:
    assert value is None or parse(text) == value
    parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"NaN", "NaN is no number"),
        (b"[Infinity]", "Infinity is no number"),
        (b"-Infinity", "-Infinity is no number"),
        (b"1e999", "beyond 1e308"),
        (b"1e-999", "beyond 1e308"),
        (b"1e99999999999999999999", "beyond|no JSON|number"),
        (b"1" * 5000, "a number of 5000 digits; at most 64"),
        (b"0." + b"1" * 5000, "a number of 5002 digits; at most 64"),
        (b'{"a": 1, "a": 2}', "the key 'a' stands twice"),
        (b'{"a": 1, "\\u0061": 2}', "the key 'a' stands twice"),
        (b'"\\u0000"', "a NUL character"),
        (b'{"\\u0000": 1}', "a NUL character"),
        (b'"a\0b"', "control character"),
        (b'"\\ud800"', "a lone surrogate"),
        (b'["\\udc00\\ud800"]', "a lone surrogate"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'"\xff"', "not UTF-8 at byte 1"),
        ("{}".encode("utf-16"), "not UTF-8|byte order mark"),
        (b"[" * 65 + b"]" * 65, "nested deeper than 64"),
        (b'{"a":' * 100_000, "nested deeper than 64"),
        (b"{} {}", "Extra data"),
        (b"", "Expecting value"),
        (b"{'a': 1}", "Expecting property name"),
        (b'{"a": 1,}', "line 1, column"),
        (b"[1, 2", "Expecting"),
        (b'"\\', "Unterminated|Invalid|control"),
        (b"01", "Extra data"),
    ],
)
def test_refused(text: bytes, why: str) -> None:
    with pytest.raises(BadJson, match=why):
        parse(text)


def test_a_hostile_text_is_judged_in_linear_time() -> None:
    began = time.monotonic()
    for text in (b'"' + b'\\"' * 500_000, b'"\\' * 300_000, b"[" * 1_000_000):
        with pytest.raises(BadJson):
            parse(text)
    assert time.monotonic() - began < 2


def test_an_error_never_quotes_the_text() -> None:
    with pytest.raises(BadJson) as caught:
        parse(b'{"secret": "hunter2"')
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "nan is no number"),
        (Decimal("Infinity"), "Infinity is no number"),
        ("a\0b", "a NUL character"),
        ({"\ud800": 1}, "a lone surrogate"),
        ({1: 2}, "an object's key that is no text"),
        ({"a": {1, 2}}, "a set has no JSON form"),
    ],
)
def test_not_written(value: Any, why: str) -> None:
    with pytest.raises(BadJson, match=why):
        dump(value)


@pytest.mark.parametrize("pad", [b"", b'"", ', rb'"\\", ', rb'"\"", ', rb'"[\\\"[", '])
def test_what_stands_before_hides_no_depth(pad: bytes) -> None:
    deep = b'{"a":[' * 32 + b"1" + b"]}" * 32
    parse((pad and b"[" + pad + deep[5:-1] + b"]") or deep)
    with pytest.raises(BadJson, match="nested deeper than 64"):
        parse(b"[" + pad + deep + b"]")


def test_a_key_that_is_no_text_is_not_made_one() -> None:
    with pytest.raises(BadJson, match="key that is no text"):
        dump([{"a": {1: "one"}}])


def test_decimals_are_written_as_they_stand() -> None:
    assert (
        dump({"a": Decimal("10.50"), "b": [True, None, 7], "c": "ж"})
        == '{"a":10.50,"b":[true,null,7],"c":"ж"}'.encode()
    )


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert parse(dump(value)) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_refusal(text: bytes) -> None:
    try:
        value = parse(text)
    except BadJson:
        return
    assert parse(dump(value)) == value


pieces = st.sampled_from(
    [
        *'{}[],:"',
        " ",
        "\n",
        '"a"',
        '"b":',
        '"a" :',
        '"a"\t :',
        '"\\u0061":',
        '"\\":"',
        "1",
        "-0",
        "0.10",
        "1e400",
        "7" * 65,
        "{}",
    ]
)


def an_object(members: list[str]) -> str:
    """One of three keys, so that some stand twice."""
    return "{" + ",".join(f'"{len(one) % 3}":{one}' for one in members) + "}"


nested = st.recursive(pieces, lambda inner: st.lists(inner, max_size=5).map(an_object))


@given(st.lists(pieces, max_size=12).map("".join) | nested)
def test_quick_reading_gives_what_careful_reading_does(text: str) -> None:
    def read(by: Any) -> str:
        try:
            return repr(by(text.encode()))
        except BadJson as error:
            return f"refused: {error}"

    assert read(parse) == read(_carefully)
