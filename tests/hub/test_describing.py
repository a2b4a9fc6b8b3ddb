"""What a partner's system says of its fields: asked, kept, compared; and held against its mapping and the agreement."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.base import Description, FieldDescription
from hub.agreement import Agreement, load_agreement
from hub.checking import check_all
from hub.cli import app
from hub.crossing import check_crossing
from hub.declarations import DeclarationError
from hub.describing import NAME, Difference, differences, kept_in, kept_of, written
from hub.partners import Partner, load_partner
from hub.settings import Settings
from sandbox.companies.northcable import VOCABULARY
from sandbox.companies.northcable_api import application
from sandbox.companies.run import serving
from sandbox.companies.store import Store

ROOT = Path(__file__).parents[2]
KINDS = FieldDescription("kind", "Kind", "picklist", None, True, ("yes", "no", "Grün: ja"))
TITLE = FieldDescription("title", "Title", length=40)
TOLD = Description({"title": TITLE, "kind": KINDS}, "f1")


@pytest.fixture
def partners_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sandbox's partners, to be changed."""
    monkeypatch.setenv("CASEBRIDGE_PARTNERS", str(tmp_path / "partners"))
    monkeypatch.setenv("COLUMNS", "200")
    copied: Path = shutil.copytree(ROOT / "mappings/partners", tmp_path / "partners")
    return copied


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Northcable's own server, and the way to it."""
    store = Store(tmp_path / "northcable.db", VOCABULARY)
    with serving(application(store, rate=0)) as url:
        login = {"login": "casebridge", "password": "bridge-secret"}
        monkeypatch.setenv(
            "AIRFLOW_CONN_NORTHCABLE", json.dumps({"conn_type": "casebridge_rest", "host": url, **login})
        )
        yield
    store.close()


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_is_kept_reads_back_and_is_the_same_file_each_time(tmp_path: Path) -> None:
    text = written("acme", kept_of(TOLD))
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    assert kept_in(tmp_path) == kept_of(TOLD)
    assert written("acme", kept_of(Description(dict(reversed(TOLD.fields.items())), "f1"))) == text
    assert kept_in(tmp_path / "elsewhere") is None


def test_a_file_by_hand_that_says_something_else_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("fields:\n  title: {size: 40}\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"described\.yaml:2:11 D201 fields\.title\.size: no such field\."):
        kept_in(tmp_path)


def test_what_changed_is_told_field_by_field() -> None:
    fewer = replace(KINDS, values=("yes",), required=False)
    now = Description({"kind": fewer, "title": TITLE, "new": FieldDescription("new")}, "f2")
    assert list(differences(kept_of(TOLD), kept_of(now))) == [
        Difference("kind", "type picklist, required true, values yes | no | Grün: ja", "type picklist, values yes"),
        Difference("new", None, "type text"),
    ]
    assert list(differences(kept_of(TOLD), kept_of(TOLD))) == []
    labels_only = replace(TOLD, fingerprint="f3")
    assert [one.field for one in differences(kept_of(TOLD), kept_of(labels_only))] == ["fingerprint"]


def test_a_running_system_is_asked_and_what_it_says_is_what_is_kept(server: None, partners_dir: Path) -> None:
    run = CliRunner()
    file = partners_dir / "northcable" / NAME
    same = run.invoke(app, ["describe", "northcable", "--diff"])
    assert (same.exit_code, same.output) == (0, "northcable: 47 fields, nothing changed.\n")
    kept = file.read_text(encoding="utf-8")
    change(file, "title: {type: text, length: 255", "title: {type: text, length: 80")
    changed = run.invoke(app, ["describe", "northcable", "--diff"])
    assert changed.exit_code == 1
    assert changed.output.splitlines() == [
        "- title: type text, length 80, required true",
        "+ title: type text, length 255, required true",
        "northcable: 47 fields, 1 changed.",
    ]
    assert run.invoke(app, ["describe", "northcable"]).exit_code == 0
    assert file.read_text(encoding="utf-8") == kept


def test_a_system_that_tells_nothing_of_itself_says_what_to_do(server: None, partners_dir: Path) -> None:
    change(partners_dir / "northcable/system.yaml", "describe: {path: /api/fields, fields: fields}\n", "")
    with pytest.raises(DeclarationError, match=r"D214 northcable: its system tells nothing of its fields\."):
        CliRunner().invoke(app, ["describe", "northcable"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("values: [New, Open,", "values: [New, Escalated, Open,", "M307 status: 'Escalated' is in their picklist"),
        ("values: [P1, P2, P3, P4]", "values: [P1, P2, P3]", "M308 priority: 'P4' is not in their picklist."),
        ("title: {type: text, length: 255", "title: {type: text, length: 80", "M309 name: the field takes 80 charact"),
        ("agent: {type: text,", "agent: {type: text, required: true,", "M312 relatedParty.solver.name: they require"),
        ("  team: {type: text, length: 255}\n", "", "M306 characteristic.team: they have no field team."),
    ],
)
def test_check_holds_a_mapping_against_what_is_kept(partners_dir: Path, old: str, new: str, said: str) -> None:
    change(partners_dir / "northcable" / NAME, old, new)
    (problem,) = check_all(Settings.from_environment(), ("northcable",), lambda _: None)
    assert problem.text().partition(" ")[2].startswith(said)
    lines = (partners_dir / "northcable/mapping.yaml").read_text(encoding="utf-8").splitlines()
    path = said.split()[1].removesuffix(":")
    assert lines[int(problem.at.split(":")[1]) - 1].strip().split(":")[0] in {path, "values"}


@pytest.mark.parametrize("name", ["telvos", "northcable"])
def test_check_refuses_a_counterpart_that_is_no_other_partner(partners_dir: Path, name: str) -> None:
    mapping = partners_dir / "northcable/mapping.yaml"
    change(mapping, "  characteristic.team: {", f"  counterpart.{name}: team_level_too\n  characteristic.team: {{")
    (partners_dir / "northcable" / NAME).unlink()
    (problem,) = check_all(Settings.from_environment(), ("northcable",), lambda _: None)
    assert (
        problem.text().partition(" ")[2].startswith(f"D215 {name!r} is no other partner.\n  Known: brightnet, telvoz")
    )
    line = mapping.read_text(encoding="utf-8").splitlines()[int(problem.at.split(":")[1]) - 1]
    assert line.strip() == f"counterpart.{name}: team_level_too"


def crossing(partners_dir: Path, agreement: Agreement | None = None) -> list[str]:
    """What check_crossing says, without the folder."""
    partners: dict[str, Partner] = {path.name: load_partner(path) for path in partners_dir.iterdir() if path.is_dir()}
    agreed = agreement or load_agreement(ROOT / "agreement.yaml")
    return [problem.text().partition("partners/")[2] for problem in check_crossing(agreed, partners)]


def test_the_sandbox_has_a_word_for_all_that_crosses(partners_dir: Path) -> None:
    assert crossing(partners_dir) == []


def without_held(partners_dir: Path, more: str) -> None:
    """Telvoz's mapping loses its word for a case on hold."""
    file = partners_dir / "telvoz/mapping.yaml"
    change(file, "      Detenido: held\n", "")
    change(file, "      Rechazado: rejected\n", f"      Rechazado: rejected\n{more}")
    text = file.read_text(encoding="utf-8")
    start, end = text.index("# Which state"), text.index("notes:\n")
    file.write_text(text[:start] + text[end:], encoding="utf-8")


def test_a_value_without_a_word_where_it_may_arrive_is_told_at_the_receivers_line(partners_dir: Path) -> None:
    without_held(partners_dir, "    refuse: [held]\n")
    (said,) = crossing(partners_dir)
    lines = (partners_dir / "telvoz/mapping.yaml").read_text(encoding="utf-8").splitlines()
    number = lines.index("    refuse: [held]") + 1
    assert said.splitlines()[0] == (
        f"telvoz/mapping.yaml:{number}:5 A310 status: 'held' may come from brightnet and is refused here; such a case "
        "would be parked. Name a word, or the nearest one with `nearest` and `lossy: why`."
    )


def test_a_declared_loss_is_a_word_too(partners_dir: Path) -> None:
    without_held(partners_dir, "    nearest: {held: En espera del cliente}\n    lossy: they have no word for it\n")
    assert crossing(partners_dir) == []


def test_a_company_that_may_hold_the_case_needs_a_word_in_the_transfer_field(partners_dir: Path) -> None:
    change(partners_dir / "telvoz/mapping.yaml", ", BRIGHTNET: brightnet}", "}")
    said = crossing(partners_dir)
    assert [line.split(" A310 ")[1].split(" and ")[0] for line in said] == [
        f"{path}: 'brightnet' may come from brightnet" for path in ("holder", "accountable", "contactPoint")
    ]


def test_what_no_edge_lets_cross_needs_no_word(partners_dir: Path) -> None:
    without_held(partners_dir, "    refuse: [held]\n")
    agreed = load_agreement(ROOT / "agreement.yaml")
    apart = [edge for edge in agreed.edges if "telvoz" not in (edge.giver, edge.receiver)]
    assert crossing(partners_dir, agreed.model_copy(update={"edges": tuple(apart)})) == []
