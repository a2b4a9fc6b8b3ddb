"""The door to Airflow: what it decides about errors, whom it tells, and that a connection means the same to both."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from airflow.providers_manager import ProvidersManager
from airflow.sdk import Connection, RetryAction
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.execution_time.context import OutletEventAccessors
from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import Refused, Rejected, Throttled, Unknown, Unreachable
from hub import runtime
from hub.credentials import Written, credentials, from_json, from_uri
from hub.declarations import DeclarationError, Problem
from hub.ledger import Ledger
from hub.provider import get_provider_info
from hub.settings import Settings

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("error", "action", "delay"),
    [
        (Refused("no"), RetryAction.FAIL, None),
        (DeclarationError([Problem("a:1:1", "D101", "no")]), RetryAction.FAIL, None),
        (Throttled("later", after=42), RetryAction.RETRY, timedelta(seconds=42)),
        (Throttled("now", after=0), RetryAction.RETRY, timedelta(seconds=1)),
        (Unreachable("gone"), RetryAction.RETRY, timedelta(seconds=5)),
        (ValueError("ours"), RetryAction.DEFAULT, None),
    ],
)
def test_an_error_is_named_by_what_happens_next(error: Exception, action: RetryAction, delay: timedelta | None) -> None:
    decision = runtime.PartnerRetries().evaluate(error, 1, 2)
    assert (decision.action, decision.retry_delay) == (action, delay)


def test_an_unreachable_partner_is_tried_ever_more_rarely() -> None:
    delays = [runtime.PartnerRetries().evaluate(Unreachable("gone"), n, 9).retry_delay for n in range(1, 7)]
    assert delays == [timedelta(seconds=s) for s in (5, 10, 20, 40, 60, 60)]


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path))
    return Ledger.open(Settings.from_environment())


def notified(error: Exception) -> dict[str, object]:
    run = SimpleNamespace(dag_id="pull_telvoz", run_id="r-1", try_number=3)
    with structlog.testing.capture_logs() as lines:
        runtime.Alarm("telvoz").notify({"exception": error, "ti": run})
    return dict(lines[0])


def test_a_failure_is_told_on_one_structured_line(ledger: Ledger) -> None:
    line = notified(Refused("they do not know who we are (401).", code="C301", where="telvoz"))
    assert (line["partner"], line["dag_id"], line["tries"], line["code"]) == ("telvoz", "pull_telvoz", 3, "C301")
    assert line["log_level"] == "error"


def test_a_fault_of_ours_becomes_the_partners_health_without_its_text(ledger: Ledger) -> None:
    line = notified(ValueError("body of Ana Núñez"))
    (row,) = ledger.partners()
    assert row.error == "ValueError: a fault of the hub; the task's log has it whole"
    assert "Ana" not in str(line)


def test_an_overdue_run_is_told() -> None:
    with structlog.testing.capture_logs() as lines:
        runtime.overdue({"dag_run": {"dag_id": "pull_telvoz", "dag_run_id": "r-1"}}, partner="telvoz")
    assert lines == [
        {"event": "casebridge run overdue", "partner": "telvoz", "dag_id": "pull_telvoz", "run_id": "r-1",
         "log_level": "error"},
    ]  # fmt: skip


def test_only_partners_that_are_well_are_woken(ledger: Ledger) -> None:
    now = runtime.wall_clock()
    with ledger.transaction(now) as tx:
        tx.note_partner("telvoz", failed_at=now, error="C102 no connection")
    events = OutletEventAccessors()
    runtime.wake(events, {"telvoz", "northcable"}, ledger)
    (event,) = events[runtime.WAKE].asset_alias_events
    assert event.dest_asset_key.uri == "casebridge://outbox/northcable"


def test_a_missing_connection_is_refused_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "get", classmethod(_missing))
    with pytest.raises(Refused, match=r"C320 there is no connection 'acme'\.\n  Fix: add it in Airflow under Admin"):
        runtime.resolve("acme")


def _missing(_: type, conn_id: str) -> None:
    raise runtime.AirflowNotFoundException(conn_id)


def test_airflow_shows_our_connection_types_and_their_fields() -> None:
    manager, tasks = ProvidersManager(), ProvidersManagerTaskRuntime()
    for kind in ("casebridge_rest", "casebridge_soap"):
        hook = tasks.hooks[kind]
        assert hook is not None
        assert hook.connection_type == kind
        assert f"extra__{kind}__ca_file" in manager.connection_form_widgets
        assert manager.field_behaviours[kind]["relabeling"]["host"] == "Base address"


def test_the_provider_names_hooks_that_exist() -> None:
    kinds = get_provider_info()["connection-types"]
    assert isinstance(kinds, list)
    assert [kind["hook-class-name"] for kind in kinds] == ["hub.provider_hooks.RestHook", "hub.provider_hooks.SoapHook"]


@settings(max_examples=50, deadline=None)
@given(login=WORDS, password=WORDS, name=WORDS, port=st.none() | st.integers(1, 65535))
def test_our_reading_of_a_connection_is_airflows(login: str, password: str, name: str, port: int | None) -> None:
    theirs = Connection(
        conn_id="x", conn_type="casebridge_rest", host="https://cases.example.net", login=login, password=password,
        port=port, extra=json.dumps({"ca_file": name}),
    )  # fmt: skip
    kept = theirs.to_dict(prune_empty=True, validate=False) | {"extra": {"ca_file": name}}
    kept.pop("conn_id")
    in_airflow = credentials(
        Written(**{part: getattr(theirs, part) for part in Written.__dataclass_fields__}), conn_id="x"
    )
    assert credentials(from_uri(theirs.get_uri(), "X"), conn_id="x") == in_airflow
    assert credentials(from_json(json.dumps(kept), "X"), conn_id="x") == in_airflow
    assert (in_airflow.login, in_airflow.password) == (login, password)


def test_errors_that_concern_one_record_never_reach_the_policy() -> None:
    decide = runtime.PartnerRetries().evaluate
    assert {decide(error("x"), 1, 2).action for error in (Unknown, Rejected)} == {RetryAction.DEFAULT}


def test_a_run_waits_for_a_partner_that_is_left_alone_only_if_that_is_soon() -> None:
    decide = runtime.PartnerRetries().evaluate
    soon, late = Unreachable("gone"), Throttled("later", after=5)
    soon.held_until = runtime.wall_clock() + timedelta(seconds=30)
    late.held_until = runtime.wall_clock() + timedelta(seconds=90)
    retry, fail = decide(soon, 1, 2), decide(late, 1, 2)
    assert retry.action == RetryAction.RETRY
    assert timedelta(seconds=25) < (retry.retry_delay or timedelta()) <= timedelta(seconds=30)
    assert fail.action == RetryAction.FAIL
    assert decide(Throttled("quota", after=900), 1, 2).action == RetryAction.FAIL


def test_a_step_that_spoke_to_nobody_is_skipped_and_says_why() -> None:
    with pytest.raises(AirflowSkipException, match="telvoz was paused by ann"):
        runtime.skip_if_held("telvoz was paused by ann")
    runtime.skip_if_held("")
