"""They ask us to wait, in every form that is seen, from each kind's server: how long, and that nothing goes before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.errors import Throttled
from sandbox.hostile.answers import Asked
from sandbox.hostile.kinds import KINDS, Partner, enveloped, good_answer

THEIR_NOW = datetime(2031, 1, 1, 12, 0, 0, tzinfo=UTC)


def at(seconds: float) -> dict[str, str]:
    """Their clock, and a date so far from it; ours stands elsewhere."""
    until = format_datetime(THEIR_NOW + timedelta(seconds=seconds), usegmt=True)
    return {"Date": format_datetime(THEIR_NOW, usegmt=True), "Retry-After": until}


FORMS: dict[str, tuple[dict[str, str], float]] = {
    "seconds": ({"Retry-After": "77"}, 77),
    "a part of a second": ({"Retry-After": "0.2"}, 1),
    "no time": ({"Retry-After": "0"}, 1),
    "a negative": ({"Retry-After": "-5"}, 1),
    "1e9": ({"Retry-After": "1e9"}, 3600),
    "1000000000": ({"Retry-After": "1000000000"}, 3600),
    "a thousand digits": ({"Retry-After": "7" * 1000}, 3600),
    "a date": (at(120), 120),
    "a date that is past": (at(-600), 1),
    "a date in a hundred years": (at(3e9), 3600),
    "words": ({"Retry-After": "in a little while"}, 30),
    "nothing": ({}, 30),
    "nan": ({"Retry-After": "nan"}, 30),
    "two of them": ({"Retry-After": "5, 9"}, 30),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_wait_is_understood_in_every_form_and_no_call_goes_before(
    kind: str, form: str, partner_of: Callable[..., Partner]
) -> None:
    headers, after = FORMS[form]
    one_by_one = {"batch": 1} if kind == "salesforce" else {"concurrency": 1}
    partner = partner_of(kind, _asked_to_wait(headers), **one_by_one)
    error = partner.read()
    assert isinstance(error, Throttled)
    assert error.after == after
    assert len(partner.asked) == 1
    errors = partner.write_many(20)
    assert {(type(one), getattr(one, "after", None)) for one in errors} == {(Throttled, after)}
    assert len(partner.asked) == 2
    assert partner.naps == []  # it is the exchange that waits, with nothing held open meanwhile


def _asked_to_wait(headers: dict[str, str]) -> Callable[[Asked], tuple[int, dict[str, str], bytes]]:
    return lambda asked: (429, headers, b'{"error": "slow down"}')


@pytest.mark.parametrize("kind", KINDS)
def test_a_push_that_is_asked_to_wait_half_way_tells_what_was_written_and_sends_no_more(
    kind: str, partner_of: Callable[..., Partner]
) -> None:
    calls: list[str] = []

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        calls.append(asked.method)
        return good_answer(kind, asked) if len(calls) <= 3 else (429, {"Retry-After": "9"}, b"")

    one_by_one: dict[str, Any] = {"batch": 1} if kind == "salesforce" else {"concurrency": 1}
    errors = partner_of(kind, answer, **one_by_one).write_many(10)
    assert errors[:3] == [None] * 3
    assert {type(error) for error in errors[3:]} == {Throttled}
    assert len(calls) == 4


@pytest.mark.parametrize(("told", "after"), [("0", 1), ("45", 45), ("-3", 1), ("1e9", 3600), ("NaN", 30), ("", 30)])
def test_a_soap_fault_that_says_how_long_is_understood_too(
    told: str, after: float, partner_of: Callable[..., Partner]
) -> None:
    detail = f'<fallo xmlns="urn:telvoz:casos:1"><codigo>Ocupado</codigo><conocidos/><espera>{told}</espera></fallo>'
    fault = f"<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring><detail>{detail}</detail></s:Fault>"
    for status in (200, 500):
        partner = partner_of("soap", lambda asked, s=status: (s, {}, enveloped(fault)), concurrency=1)
        errors = [partner.read(), *partner.write_many(5)]
        assert {(type(one), getattr(one, "after", None)) for one in errors} == {(Throttled, after)}
        assert len(partner.asked) == 2
