"""`casebridge describe` of a Salesforce org: it says what the declaration names and the org has not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli import app
from sandbox.companies.brightnet_door import application
from sandbox.companies.brightnet_tls import certificate
from sandbox.companies.brightnet_words import BRIGHTNET
from sandbox.companies.run import serving
from sandbox.companies.store import Store

PARTNERS = Path(__file__).parents[2] / "mappings/partners"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Brightnet's folder, to be changed, and its org, running."""
    shutil.copytree(PARTNERS, tmp_path / "partners")
    monkeypatch.setenv("CASEBRIDGE_PARTNERS", str(tmp_path / "partners"))
    monkeypatch.setenv("COLUMNS", "200")
    tls = certificate(tmp_path / "tls")
    with closing(Store(tmp_path / "b.db", BRIGHTNET)) as store, serving(application(store), tls=tls) as url:
        secrets = {"consumer_key": "casebridge", "consumer_secret": "bridge-secret", "ca_file": str(tls.authority)}
        connection = {"conn_type": "salesforce", "host": url, "extra": secrets}
        monkeypatch.setenv("AIRFLOW_CONN_BRIGHTNET", json.dumps(connection))
        yield tmp_path / "partners/brightnet"


def test_an_org_that_has_all_is_as_it_was_kept(folder: Path) -> None:
    result = CliRunner().invoke(app, ["describe", "brightnet", "--diff"])
    assert result.output == "brightnet: 51 fields, nothing changed.\n"
    assert result.exit_code == 0


@pytest.mark.parametrize("flags", [[], ["--diff"]])
def test_what_the_org_has_not_is_said_and_is_no_success(folder: Path, flags: list[str]) -> None:
    declared = folder / "system.yaml"
    text = declared.read_text(encoding="utf-8")
    text = text.replace("hub_id: Hub_Case__c", "hub_id: Hub_Id__c").replace(
        "  - Subject\n", "  - Subject\n  - Colour__c\n"
    )
    declared.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["describe", "brightnet", *flags])
    assert result.output.splitlines()[:2] == [
        "! Case.Hub_Id__c is not there, or hidden from our user; deploy docs/salesforce-fields "
        "(docs/salesforce.md, Fields).",
        "! Case.Colour__c is not there, or hidden from our user.",
    ]
    assert result.exit_code == 1
