"""Slips in the agreement of the sandbox's companies are found when it is read: a case that two edges take, one that
none takes any more, one that goes to a company that cannot solve it, one that goes round by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hub.agreement import load_agreement
from hub.declarations import DeclarationError

ROOT = Path(__file__).resolve().parents[2]
WHOLE: dict[str, Any] = YAML(typ="safe").load((ROOT / "agreement.yaml").read_text(encoding="utf-8"))
PRODUCT = "relatedEntity.product.id"
EDGES = [edge["id"] for edge in WHOLE["edges"]]
PRODUCTS = sorted({product for edge in WHOLE["edges"] for product in edge["when"][PRODUCT]})


def fresh() -> dict[str, Any]:
    return YAML(typ="safe").load((ROOT / "agreement.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def named(agreement: dict[str, Any], edge_id: str) -> dict[str, Any]:
    return next(edge for edge in agreement["edges"] if edge["id"] == edge_id)


def gaps() -> Iterator[Any]:
    """Each product of each edge left out, and each edge."""
    for edge_id in EDGES:
        for product in named(WHOLE, edge_id)["when"][PRODUCT]:
            if product == "BUNDLE":  # which everybody can solve: nobody has to hand it on
                continue
            slip = fresh()
            named(slip, edge_id)["when"][PRODUCT].remove(product)
            yield pytest.param(slip, {"A333", "A335"}, id=f"{edge_id} without {product}")
        slip = fresh()
        slip["edges"].remove(named(slip, edge_id))
        slip["commitments"] = [each for each in slip["commitments"] if each.get("edge") != edge_id]
        yield pytest.param(slip, {"A333"}, id=f"without {edge_id}")


def wrong_ways() -> Iterator[Any]:
    """Each product added to each edge that has it not: its receiver cannot solve it."""
    for edge_id in EDGES:
        for product in sorted({*PRODUCTS} - {*named(WHOLE, edge_id)["when"][PRODUCT]}):
            slip = fresh()
            named(slip, edge_id)["when"][PRODUCT].append(product)
            yield pytest.param(slip, {"A334"}, id=f"{edge_id} with {product}")


def overlaps() -> Iterator[Any]:
    """Each edge once more, under another name, for one of its products."""
    for edge_id in EDGES:
        slip = fresh()
        again = {key: value for key, value in named(slip, edge_id).items() if key != "examples"}
        slip["edges"].append({**again, "id": f"{edge_id}-again", "when": {PRODUCT: again["when"][PRODUCT][0]}})
        yield pytest.param(slip, {"A307"}, id=f"{edge_id} twice")


def by_themselves() -> Iterator[Any]:
    """Edges that all move a bundle, which everybody can solve, by themselves."""
    slip = fresh()
    for edge in slip["edges"]:
        edge["fires"] = "auto"
    yield pytest.param(slip, {"A331"}, id="to two companies")
    slip = fresh()
    for edge_id in ("cable-to-telephone", "telephone-to-cable"):
        named(slip, edge_id)["fires"] = "auto"
    yield pytest.param(slip, {"A332"}, id="to and fro")


@pytest.mark.parametrize(("slip", "codes"), [*gaps(), *wrong_ways(), *overlaps(), *by_themselves()])
def test_each_slip_is_found(slip: dict[str, Any], codes: set[str], tmp_path: Path) -> None:
    path = tmp_path / "agreement.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(slip, file)
    with pytest.raises(DeclarationError) as found:
        load_agreement(path)
    assert {problem.code for problem in found.value.problems} & codes, found.value


def test_the_same_without_a_slip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(fresh(), file)
    assert len(load_agreement(path).edges) == len(EDGES)
