"""Answers that are none: HTML under every status, SOAP's empty ones, a success that is a login page. One table of
classes for all kinds: what is read is refused or tried again, what was written is never taken for done nor for undone.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.hostile.kinds import KINDS, Partner, good_answer

PAGE = b"<!DOCTYPE html><html><title>Sign in</title><body><h1>Sign in</h1> secret-of-a-customer</body></html>"

HTML = {"Content-Type": "text/html; charset=utf-8"}

STATUSES = {
    200: ("Refused C304", "Unknown C404"),
    201: ("Refused C304", "Unknown C404"),
    202: ("Refused C304", "Unknown C404"),
    302: ("Refused C306", "Refused C306"),
    401: ("Refused C301", "Refused C301"),
    403: ("Refused C302", "Refused C302"),
    404: ("Refused C304", "Refused C304"),
    408: ("Unreachable C105", "Unknown C403"),
    410: ("Refused C304", "Refused C304"),
    429: ("Throttled C200", "Throttled C200"),
    500: ("Unreachable C105", "Unknown C403"),
    502: ("Unreachable C105", "Unknown C403"),
    503: ("Unreachable C105", "Unknown C403"),
    504: ("Unreachable C105", "Unknown C403"),
    520: ("Unreachable C105", "Unknown C403"),
}
"""Status -> what becomes of a read and of a write."""
OWN_CODES = {("salesforce", 401): "C351", ("salesforce", 404): "C352", ("salesforce", 410): "C352"}
"""Where a kind has more to say than others."""


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_in_html_is_named_by_what_happens_next(
    kind: str, status: int, partner_of: Callable[..., Partner]
) -> None:
    answer = lambda asked: (status, {**HTML, "Location": "/login"}, PAGE)  # noqa: E731  it is the server
    read, write = partner_of(kind, answer).read(), partner_of(kind, answer).write()
    wanted = STATUSES[status]
    if (kind, status) in OWN_CODES:
        code = OWN_CODES[kind, status]
        wanted = f"Refused {code}", f"Refused {code}"
    assert read is not None
    assert write is not None
    assert (f"{type(read).__name__} {read.code}", f"{type(write).__name__} {write.code}") == wanted
    for error in (read, write):
        assert "<h1>" not in str(error)
        assert "secret-of-a-customer" not in str(error)
        assert f"({status})" in str(error) or f" {status}" in str(error) or error.code == "C351"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [429, 503])
def test_a_page_that_says_how_long_to_wait_is_waited_for(
    kind: str, status: int, partner_of: Callable[..., Partner]
) -> None:
    partner = partner_of(kind, lambda asked: (status, {**HTML, "Retry-After": "77"}, PAGE))
    for error in (partner.read(), partner.write()):
        assert getattr(error, "after", None) == 77
    assert len(partner.asked) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("status", "write"), [(200, "Unknown C404"), (202, "Unknown C404"), (204, "")])
def test_an_empty_success_is_no_record_and_no_proof(
    kind: str, status: int, write: str, partner_of: Callable[..., Partner]
) -> None:
    partner = partner_of(kind, lambda asked: (status, {}, b""))
    read = partner.read()
    assert read is not None
    assert read.code in ("C304", "C353")
    error = partner.write()
    if kind == "rest":
        assert error is None  # nothing to read back: the exchange fetches the record and compares
    else:
        assert error is not None
        assert f"{type(error).__name__} {error.code}" in ("Unknown C404", "Unknown C450")


@pytest.mark.parametrize("kind", KINDS)
def test_html_for_one_answer_stops_nothing_that_comes_after(kind: str, partner_of: Callable[..., Partner]) -> None:
    bad: list[bool] = [True]
    partner = partner_of(kind, lambda asked: (503, HTML, PAGE) if bad else good_answer(kind, asked))
    assert partner.read() is not None
    bad.clear()
    assert partner.read() is None
    assert partner.write() is None


@pytest.mark.parametrize("kind", ["rest", "salesforce"])
@pytest.mark.parametrize("status", [200, 401, 403, 503])
def test_a_login_that_is_answered_in_html_gives_no_session(
    kind: str, status: int, partner_of: Callable[..., Partner]
) -> None:
    partner = partner_of(kind, lambda asked: good_answer(kind, asked), login=lambda n: (status, HTML, PAGE))
    error = partner.read()
    assert type(error).__name__ == ("Unreachable" if status == 503 else "Refused")
    assert "<h1>" not in str(error)
    assert partner.asked == []
