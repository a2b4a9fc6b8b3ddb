"""`casebridge partner try` over a real company: its cases are seen as they would be, and nothing is kept or written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sandbox.desks import Desk, companies, connections
from sandbox.words import COMPANIES, fields, word

pytestmark = pytest.mark.journey
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Telvoz with four cases, and a mapping of it that lacks a word."""
    place = tmp_path_factory.mktemp("trying")
    shutil.copytree(ROOT / "mappings/partners", place / "partners")
    mapping = place / "partners/telvoz/mapping.yaml"
    text = mapping.read_text(encoding="utf-8")
    assert "4 - Baja: low" in text
    mapping.write_text(text.replace("4 - Baja: low", "5 - Baja: low"), encoding="utf-8")
    with companies(place / "companies", dict.fromkeys(COMPANIES, 0)) as running:
        desk = Desk(running["telvoz"])
        told = {"title": "Sin señal", "status": "inProgress", "customer": "Ana", "phone": "+57 1"}
        products = ("TEL-HOME", "NET-100", "CABLE-TV", "BUNDLE")
        made = desk.act([{"op": "create", "fields": fields("telvoz", {**told, "product": one})} for one in products])
        numbers = [str(one["number"]) for one in made]
        note = {"op": "note", "author": "Ana López", "text": "Visto."}
        audiences = [word("telvoz", "audience", kind) for kind in ("private", "partners")]
        desk.act([{**note, "number": numbers[1], "audience": one} for one in audiences])
        desk.act([{"op": "edit", "number": numbers[3], "fields": fields("telvoz", {"priority": "low"})}])
        desk.close()
        yield {
            **os.environ, **connections(running), "CASEBRIDGE_HOME": str(place / "home"), "COLUMNS": "200",
            "CASEBRIDGE_PARTNERS": str(place / "partners"),
        }  # fmt: skip


def tried(environment: Mapping[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("casebridge"), "partner", "try", *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_real_records_are_seen_as_they_would_be_and_nothing_is_kept(environment: Mapping[str, str]) -> None:
    done = tried(environment, "telvoz", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1  # one of them is not understood
    assert [len(one["refused"]) for one in told["records"]] == [0, 0, 0, 1]
    ((unknown),) = told["unknown"]
    assert (unknown["field"], unknown["word"], unknown["code"], unknown["records"]) == (
        "prioridad",
        "4 - Baja",
        "M201",
        1,
    )
    assert told["notes"] == {"private": 1, "partners": 1}
    ways = {way["edge"]: way for one in told["records"] for way in one["ways"] if not one["refused"]}
    assert set(ways) == {"telephone-to-internet", "telephone-to-cable"}
    narrow = ways["telephone-to-internet"]
    assert (narrow["withheld"], narrow["notes"], narrow["refused"]) == (["relatedParty.customer.contact"], 1, [])
    assert not (Path(environment["CASEBRIDGE_HOME"]) / "ledger.db").exists()


def test_people_are_told_what_to_do_and_where(environment: Mapping[str, str]) -> None:
    done = tried(environment, "telvoz", "--most", "4")
    assert "3 of 4 records are understood whole. Nothing was kept, nothing written." in done.stdout
    line = next(line for line in done.stdout.splitlines() if "4 - Baja" in line)
    assert "telvoz/mapping.yaml:" in line
    assert "relatedParty.customer.contact" in done.stdout
    refused = tried(environment, "telvos")
    assert refused.returncode == 1
    assert "X502 there is no partner 'telvos'." in refused.stdout + refused.stderr
    assert "Did you mean 'telvoz'?" in refused.stdout + refused.stderr
