"""A SOAP declaration is held against its contract before anything is live: a path that reads nothing never says so."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors.base import Credentials
from connectors.errors import Refused
from connectors.kinds import prove
from connectors.soap import Soap
from connectors.soap_system import SoapSystem
from hub.checking import check_all
from hub.partners import load_system
from hub.settings import Settings

ROOT = Path(__file__).parents[2]
TELVOZ = ROOT / "mappings" / "partners" / "telvoz"


def telvoz(place: str, value: Any) -> SoapSystem:
    """Telvoz's declaration with something else at one place."""
    content = YAML(typ="safe").load((TELVOZ / "system.yaml").read_text(encoding="utf-8"))
    *outer, last = place.split(".")
    inner = content
    for step in outer:
        inner = inner[step]
    inner[last] = value
    return SoapSystem.model_validate(content).model_copy(update={"folder": TELVOZ})


@pytest.mark.parametrize(
    ("place", "value", "text"),
    [
        (
            "operations.list.answer.records",
            "casos.casso",
            "operations.list.answer.records: the contract has no 'casso' there.\n  Known: caso. Did you mean 'caso'?",
        ),
        (
            "operations.list.answer.total",
            "cuantos",
            "operations.list.answer.total: the contract has no 'cuantos' there.",
        ),
        ("operations.get.answer.gone_id", "numero", "Known: _value_1, fecha, unidoCon."),
        ("operations.get.answer.gone", "eliminados", "operations.get.answer.gone_id: the contract has no '_value_1'"),
        ("operations.history.answer.old", "antes", "operations.history.answer.old: the contract has no 'antes' there."),
        ("operations.describe.answer.values", "valores.valores", "Did you mean 'valor'?"),
        (
            "operations.add_note.answer.note_id",
            "nota.numero",
            "operations.add_note.answer.note_id: the contract has no",
        ),
        (
            "record.stamp",
            "fechaModificado",
            "record.stamp, in what list answers: the contract has no 'fechaModificado'",
        ),
        (
            "operations.find.arguments",
            {"hub": "{hub_id}"},
            "C386 operations.find.arguments: hub is no field of the contract.\n  Known: casoHub.",
        ),
        (
            "operations.find_note.arguments",
            {"numero": "{id}"},
            "C386 operations.find_note.arguments: the contract does",
        ),
        ("stamps.format", "%Y-%m-%d", None),
    ],
)
def test_what_the_contract_does_not_have_is_named_where_it_stands(place: str, value: Any, text: str | None) -> None:
    if text is None:  # a pattern is not held against: zeep does not look at it
        prove(telvoz(place, value))
        return
    with pytest.raises(Refused) as caught:
        prove(telvoz(place, value))
    assert text in str(caught.value)


def test_what_stands_beside_it_as_it_is_holds() -> None:
    for folder in (TELVOZ, ROOT / "mappings/examples/southgate", ROOT / "mappings/partners/northcable"):
        prove(load_system(folder))


def test_check_tells_the_line_of_system_yaml(tmp_path: Path) -> None:
    shutil.copytree(TELVOZ, tmp_path / "telvoz")
    file = tmp_path / "telvoz" / "system.yaml"
    text = file.read_text(encoding="utf-8")
    settings = Settings.from_environment({"CASEBRIDGE_PARTNERS": str(tmp_path), "CASEBRIDGE_HOME": str(tmp_path)})
    assert check_all(settings, ("telvoz",), lambda line: None) == []

    file.write_text(text.replace("records: casos.caso, total: total", "records: casos.casso, total: total"), "utf-8")
    with pytest.raises(Refused, match="C385"):  # nor does it run
        Soap(telvoz("operations.list.answer.records", "casos.casso"), Credentials("http://127.0.0.1:1"))
    (problem,) = check_all(settings, ("telvoz",), lambda line: None)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "total: total" in one)
    assert problem.text().startswith(
        f"{file}:{line}:14 C385 operations.list.answer.records: the contract has no 'casso' there. "
        "Fix: correct the path in system.yaml; an element's own text is _value_1.\n  Known: caso. Did you mean 'caso'?"
    )
    (tmp_path / "telvoz" / "telvoz.wsdl").write_text("<x/>", "utf-8")
    (problem,) = check_all(settings, ("telvoz",), lambda line: None)
    assert "C373 telvoz.wsdl is not the contract that was agreed." in problem.text()
