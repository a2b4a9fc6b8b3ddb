"""Hostile values: one verdict each, from tests/faults.yaml; and the catalogue of faults itself, kept true."""

import ast
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.strict_json import BadJson, parse
from hub.declarations import read
from mappings.errors import MappingError, Unfit
from mappings.generate import CORNERS
from mappings.laws import put_get, record_laws
from mappings.lens import Lens
from mappings.ops import Op
from mappings.ops_format import Formatted
from mappings.ops_number import Number
from mappings.ops_text import Text

ROOT = Path(__file__).parents[2]
CATALOGUE = read(ROOT / "tests" / "faults.yaml").content
VERDICTS = {row["name"]: row for row in CATALOGUE["verdicts"]}
OPS: Mapping[str, Op] = {"text": Text(), "html": Formatted("html", Text()), "number": Number("decimal")}
JUDGED = [(name, kind) for name, row in VERDICTS.items() for kind in OPS if kind in row]
MOST_DIGITS = 4300
LONGEST = 32_000


def written(row: Mapping[str, Any]) -> str:
    times = row.get("times", 1)
    return str(row["json"] * times + row.get("close", "") * times)


def value(row: Mapping[str, Any]) -> Any:
    """What a careless parser would make of it."""
    text = written(row)
    return Decimal(text) if text.isdigit() and len(text) > MOST_DIGITS else json.loads(text)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_parsers_verdict(name: str) -> None:
    row = VERDICTS[name]
    if row["parser"] == "keep":
        assert parse(written(row).encode()) == json.loads(written(row), parse_float=Decimal)
    else:
        with pytest.raises(BadJson):
            parse(written(row).encode())


@pytest.mark.parametrize(("name", "kind"), JUDGED)
def test_the_mappings_verdict(name: str, kind: str) -> None:
    row, op = VERDICTS[name], OPS[kind]
    hostile = value(row)
    if row[kind] == "refuse":
        for way in (op.forward, op.inverse):
            with pytest.raises(Unfit):
                way(hostile)
        return
    out = op.inverse(hostile)
    assert op.forward(out) == (Decimal(str(hostile)) if kind == "number" else hostile)
    assert (out == hostile or kind == "number") is (row[kind] == "keep")


def test_every_row_is_whole_and_every_test_that_it_names_exists() -> None:
    faults = CATALOGUE["faults"]
    assert [row["row"] for row in faults] == list(range(1, 76))
    for row in faults:
        assert set(row) - {"reached"} == {"row", "fault", "injection", "law", "figure", "work", "test"}
        for named in row["test"] or ():
            file, _, function = named.partition("::")
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, named
    assert all(row["test"] for row in faults if row["row"] in {38, 39, 41})


@pytest.mark.parametrize("name", ["northcable", "telvoz", "brightnet"])
@settings(max_examples=60)
@given(text=st.text(st.characters(), max_size=40) | st.sampled_from(CORNERS))
def test_hostile_texts_cross_every_partner_or_are_refused(
    name: str, lenses_of: Mapping[str, Lens], examples: Mapping[str, Any], text: str
) -> None:
    lens, base = lenses_of[name], examples[name][0]["body"]
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        with pytest.raises(MappingError, match="M203"):
            lens.to_partner({"description": text}, base)
    elif len(text) > LONGEST:
        with pytest.raises(MappingError, match="M204"):
            lens.to_partner({"description": text}, base)
    else:
        assert list(put_get(lens, {"description": text}, base)) == []
        after = lens.apply(base, lens.to_partner({"description": text}, base))
        assert lens.same("description", lens.to_case(after).values["description"], text or None)


@pytest.mark.parametrize("name", ["northcable", "telvoz", "brightnet"])
def test_generated_records_keep_the_laws(name: str, lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]) -> None:
    bodies = [example["body"] for example in examples[name]]
    assert list(record_laws(lenses_of[name], bodies, {}, 150)) == []


@pytest.mark.parametrize("name", ["northcable", "telvoz", "brightnet"])
def test_a_text_over_the_limit_is_refused_everywhere(name: str, lenses_of: Mapping[str, Lens]) -> None:
    bounded = [rule for rule in lenses_of[name].rules if isinstance(rule.op, Text) and rule.op.length]
    assert bounded
    for rule in bounded:
        assert isinstance(rule.op, Text)
        most = rule.op.length or 0
        for text in ("x" * most, "😀" * most):
            values = {"name": "n", "status": "resolved"} | {rule.path: text}
            assert list(put_get(lenses_of[name], values, None)) == []
        with pytest.raises(MappingError, match="M204"):
            lenses_of[name].to_partner({rule.path: "x" * (most + 1)}, {})
