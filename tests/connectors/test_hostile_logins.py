"""Sessions that end and logins that are never let in, for each kind that logs in: how often is asked for a token."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import Refused
from sandbox.hostile.answers import Asked
from sandbox.hostile.kinds import Partner, good_answer, good_login

TOKENED = ("rest", "salesforce")
SENT = {"rest": "Bearer token-number-{}", "salesforce": "Bearer token-{}"}
CODE = {"rest": "C310", "salesforce": "C351"}


def unknown_session(kind: str) -> tuple[int, dict[str, str], bytes]:
    told = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    return 401, {}, json.dumps(told if kind == "salesforce" else {"error": "token expired"}).encode()


@pytest.mark.parametrize("kind", TOKENED)
def test_a_session_that_ends_within_a_batch_costs_one_login_for_all_and_loses_no_change(
    kind: str, partner_of: Callable[..., Partner]
) -> None:
    good, count, lock = ["1"], [0], threading.Lock()

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        with lock:
            count[0] += 1
            if count[0] == 6:
                good[0] = "2"
            mine = asked.headers["authorization"] == SENT[kind].format(good[0])
        time.sleep(0.01)  # so that several calls are under way when it ends
        return good_answer(kind, asked) if mine else unknown_session(kind)

    batch = {"batch": 4} if kind == "salesforce" else {"concurrency": 4}
    partner = partner_of(kind, answer, **batch)
    assert partner.write_many(40) == [None] * 40
    assert partner.logins() == 2


@pytest.mark.parametrize("kind", TOKENED)
def test_who_is_never_let_in_logs_in_three_times_and_then_says_so_without_a_call(
    kind: str, partner_of: Callable[..., Partner]
) -> None:
    partner = partner_of(kind, lambda asked: unknown_session(kind))
    errors = [partner.read(), partner.write(), *partner.write_many(30), partner.read(), partner.read(), partner.write()]
    assert partner.logins() == 3
    assert {type(error) for error in errors} == {Refused}
    calls = len(partner.asked)
    last = partner.read()
    assert isinstance(last, Refused)
    assert last.code == CODE[kind]
    assert "3 logins in a row gave no session that they let in" in str(last).replace("token", "session")
    assert "Fix: check " in str(last)
    assert "token-" not in "".join(map(str, errors))
    assert len(partner.asked) == calls


@pytest.mark.parametrize("kind", TOKENED)
def test_a_session_that_works_between_two_that_do_not_lets_logging_in_go_on(
    kind: str, partner_of: Callable[..., Partner]
) -> None:
    used: set[str] = set()

    def once_each(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        token = asked.headers["authorization"]
        if token in used:
            return unknown_session(kind)
        used.add(token)
        return good_answer(kind, asked)

    partner = partner_of(kind, once_each)
    assert [partner.read() for _ in range(8)] == [None] * 8
    assert partner.logins() == 8


@pytest.mark.parametrize("kind", TOKENED)
@pytest.mark.parametrize(("status", "code"), [(500, "C105"), (503, "C105"), (429, "C200")])
def test_a_login_that_nobody_looked_at_counts_as_none(
    kind: str, status: int, code: str, partner_of: Callable[..., Partner]
) -> None:
    well: list[bool] = []

    def login(number: int) -> tuple[int, dict[str, str], bytes]:
        if well:
            return (200, {}, b"{}") if kind == "salesforce" else good_login(number)
        return status, {}, b"busy"

    partner = partner_of(kind, lambda asked: good_answer(kind, asked), login=login)
    assert {error.code for error in (partner.read() for _ in range(5)) if error} == {code}
    well.append(True)
    assert partner.read() is None


@pytest.mark.parametrize("kind", TOKENED)
def test_a_wrong_secret_is_tried_three_times_at_most(kind: str, partner_of: Callable[..., Partner]) -> None:
    refusals: list[Any] = [400, 401]
    for status in refusals:
        partner = partner_of(
            kind,
            lambda asked: good_answer(kind, asked),
            login=lambda n, s=status: (s, {}, b'{"error": "invalid_client"}'),
        )
        errors = [partner.read() for _ in range(6)]
        assert {type(error) for error in errors} == {Refused}
        assert partner.logins() <= 3
        assert partner.asked == []
