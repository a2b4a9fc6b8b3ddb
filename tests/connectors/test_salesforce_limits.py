"""The limits of a Salesforce org: its calls a day, and what it does not permit."""

from __future__ import annotations

from contextlib import closing

import pytest

from connectors.declared import Quota
from connectors.errors import Refused, Throttled
from sandbox.hostile.org import ONE, TWO, Asked, Org, Said, create, error, errors, rows, update


def test_used_up_calls_are_waited_for_and_nothing_more_is_sent(org: Org) -> None:
    org.answer = lambda asked: error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    connector = org.connector(batch=1)
    with pytest.raises(Throttled) as caught:
        connector.fetch([ONE])
    assert caught.value.after == 900
    org.asked.clear()
    receipts = list(connector.push([update("a"), update("b", TWO), create("c")]))
    assert errors(receipts) == ["Throttled C200"] * 3
    assert len(org.asked) == 1


def test_we_stop_before_the_orgs_quota_is_used_up(org: Org) -> None:
    org.answer = lambda asked: Said(body=rows().body, headers={"Sforce-Limit-Info": "api-usage=4500/5000"})
    connector = org.connector(quota=Quota(share=0.9))
    connector.fetch([ONE])
    with pytest.raises(Throttled, match="4500 of the org's 5000 calls a day are used up"):
        connector.fetch([ONE])
    assert len(org.asked) == 1


def test_an_orgs_quota_never_passes_nine_tenths_by_us_over_a_whole_day_of_processes(org: Org) -> None:
    by_others, most = 795, 1000

    def answer(asked: Asked) -> Said:
        used = by_others + len(org.asked)
        return Said(body=rows().body, headers={"Sforce-Limit-Info": f"api-usage={used}/{most}"})

    org.answer = answer
    second, wait_until, waited = 0.0, 0.0, 0
    while second < 86_400:
        with closing(org.connector()) as connector:  # each step is a process of its own, and knows no count at first
            for _ in range(3):
                try:
                    connector.fetch([ONE])
                except Throttled as error:
                    wait_until, waited = second + error.after, waited + 1
                    break
        second = max(second + 60, wait_until)
    assert 0.8 * most <= by_others + len(org.asked) <= 0.9 * most
    assert waited >= 90


def test_permission_denied_is_for_people(org: Org) -> None:
    org.answer = lambda asked: error(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization")
    with pytest.raises(Refused, match=r"C302 we are not permitted to do this \(403\)\. They said: .*API_DISABLED"):
        org.connector().fetch([ONE])
