"""Going live, back-pressure and repair at a prompt, against the three sandbox companies' real servers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli import app
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import Desk, companies, connections
from sandbox.words import COMPANIES, fields

pytestmark = pytest.mark.journey
ROOT = Path(__file__).resolve().parents[2]
FREE = dict.fromkeys(COMPANIES, 0)
UNGUARDED = "first_contact: {guard: none}"


def run(*given: str) -> str:
    done = CliRunner().invoke(app, given)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return f"{type(done.exception).__name__} {done.exception}"
    return f"{done.exit_code} {done.output}".strip()


@pytest.fixture
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Desk]]:
    """The companies' desks; Telvoz is new and guarded, Northcable lets be called little."""
    partners = tmp_path / "partners"
    shutil.copytree(ROOT / "mappings" / "partners", partners)
    for name, limits in (
        ("telvoz", "first_contact: {guard: 2}"),
        ("northcable", "quota: {calls: 60, per: 3600, share: 0.5}"),
    ):
        file = partners / name / "system.yaml"
        told = file.read_text(encoding="utf-8")
        assert UNGUARDED in told
        file.write_text(told.replace(UNGUARDED, limits), encoding="utf-8")
    monkeypatch.setenv("CASEBRIDGE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CASEBRIDGE_PARTNERS", str(partners))
    monkeypatch.setenv("COLUMNS", "300")
    with companies(tmp_path, FREE) as running:
        for name, value in connections(running).items():
            monkeypatch.setenv(name, value)
        opened = {name: Desk(company) for name, company in running.items()}
        yield opened
        for desk in opened.values():
            desk.close()


def hand_over(desk: Desk, number: int, **more: Any) -> None:
    said = {"title": f"Case {number}", "reference": f"R{number}", "status": "inProgress", "product": "TEL-HOME"}
    told = fields("northcable", {**said, **more}) | {"assigned_company": "Telvoz"}
    (result,) = desk.act([{"op": "create", "fields": told}])
    assert "error" not in result


def test_a_partner_goes_live_is_read_again_and_kept_within_its_quota(desks: dict[str, Desk]) -> None:
    for number in range(3):
        hand_over(desks["northcable"], number)
    assert "3 news" in run("pull", "northcable")

    held = run("push", "telvoz")
    assert held.startswith("1 the first contact with Telvoz is not signed off: 0 records there were written so far")
    assert "X401" in run("parked", "list", "--partner", "telvoz")
    assert "telvoz: 3 records would be created, 0 changed, 0 parked. Nothing was sent." in run(
        "push", "telvoz", "--dry-run"
    )
    assert desks["telvoz"].cases("referencia", ["R0", "R1", "R2"]) == []
    assert "is signed off" in run("partner", "sign-off", "telvoz", "--why", "looked at the three")
    assert "3 deliveries settled" in run("push", "telvoz")
    assert len(desks["telvoz"].cases("referencia", ["R0", "R1", "R2"])) == 3

    assert run("resync", "telvoz").startswith(
        "0 telvoz: 3 records read, 0 unknown to the ledger, 0 other than it has them, 0 older"
    )
    for name in ("telvoz", "brightnet"):
        assert "Nothing was written: a dry run." in run("resync", name, "--since", "2026-01-01")

    for _ in range(40):
        told = run("pull", "northcable")
        if "C202" in told:
            break
    assert "C202 our share of Northcable's quota is used up: 30 of 30 calls." in told
    assert run("pull", "northcable").startswith("1 northcable is left alone until")
    assert "northcable is left alone until" in run("paused")
    assert run("pull", "telvoz").startswith("0 telvoz:")

    ledger = Ledger.open(Settings.from_environment())
    assert ledger.broken_at() is None
    ledger.engine.dispose()
