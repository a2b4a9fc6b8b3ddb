"""Edges that make no sense, each and together, are told with their place; examples are run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.agreement import load_agreement
from hub.declarations import DeclarationError, read
from hub.edge_reach import check_reach

HEAD = """\
version: "1"
effective: 2026-01-01
partners:
  north: {title: North, competences: {relatedEntity.product.id: [TV]}}
  south: {title: South, competences: {relatedEntity.product.id: [PHONE]}}
  east: {title: East}
sharing:
  standard: {fields: [name, status], notes: [partners]}
edges:
"""
PHONES = "  - {id: phones, from: north, to: south, when: {relatedEntity.product.id: PHONE}}\n"
TV = "  - {id: tv, from: south, to: north, when: {relatedEntity.product.id: TV}}\n"
EAST = "  - {id: east-tv, from: east, to: north}\n"
WHOLE = HEAD + PHONES + TV + EAST


def phones(said: str) -> str:
    """The edges, with something more said of the one for telephones."""
    return PHONES.replace("}}", f"}}, {said}}}") + TV + EAST


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str], list[str]]:
    """What is wrong with an agreement, a line each, without the folder."""

    def load(text: str) -> list[str]:
        path = tmp_path / "agreement.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            load_agreement(path, ("north", "south", "east"))
        except DeclarationError as error:
            return [problem.text().replace(f"{tmp_path}/", "") for problem in error.problems]
        return []

    return load


def test_a_whole_agreement_has_nothing_wrong(told: Callable[[str], list[str]]) -> None:
    assert told(WHOLE) == []


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        (
            phones("refused_to: west"),
            "agreement.yaml:10:83 A330 edge phones: refused_to: 'west' is no partner of this agreement.\n"
            "  Known: giver, contactPoint, north, south, east.",
        ),
        (
            phones("refused_to: east"),
            "agreement.yaml:10:83 A330 edge phones: refused_to: 'east': no transfer edge leads there from north, which "
            "answers for a refused case.",
        ),
        (
            phones("fires: auto") + "  - {id: other, from: north, to: east, fires: auto}\n",
            "agreement.yaml:13:40 A331 edge other: a case can match phones too, and both move it by themselves: "
            "to east, "
            "or to south?",
        ),
        (
            PHONES.replace("}}", "}, fires: auto}") + TV + "  - {id: back, from: south, to: east, fires: auto}\n"
            "  - {id: round, from: east, to: north, fires: auto}\n",
            "agreement.yaml:10:83 A332 edge phones: one case can go north -> south -> east -> north by itself: a ring "
            "without an end.",
        ),
        (
            PHONES + EAST,
            "agreement.yaml:5:3 A333 partners.south: a case whose relatedEntity.product.id is 'TV' matches no "
            "edge from "
            "here, and north could solve it: nobody would.",
        ),
        (
            PHONES.replace("PHONE", "[PHONE, TV]") + TV + EAST,
            "agreement.yaml:10:49 A334 edge phones: when.relatedEntity.product.id: south is not competent for 'TV'.\n"
            "  Known: PHONE.",
        ),
        (
            phones("examples: [{case: {relatedEntity.product.id: TV}}]"),
            "agreement.yaml:10:94 A335 edge phones: example 1 does not go over it: relatedEntity.product.id is "
            "TV, and it "
            "asks for PHONE.",
        ),
        (
            PHONES.replace(
                "}}", "}, examples: [{case: {relatedEntity.product.id: PHONE, priority: low}, goes: false}]}"
            )
            + TV
            + EAST,
            "agreement.yaml:10:94 A335 edge phones: example 1 goes over it, and is not to: it asks for "
            "relatedEntity.product.id alone.",
        ),
        (
            phones("examples: [{case: {prio: low}}]"),
            "agreement.yaml:10:102 A302 edge phones: examples.0.case.prio: is no case path.",
        ),
        (
            phones("accepted_by: [opened]"),
            "agreement.yaml:10:83 A306 edge phones: accepted_by.status: 'opened' is no status.",
        ),
        (
            phones("kind: information, fires: auto"),
            "agreement.yaml:10:5 D203 edges.0: Value error, fires is of a transfer; information moves no case. "
            "Take it out",
        ),
        (
            phones("experts: {west: Ann}"),
            "agreement.yaml:10:93 A304 edge phones: experts: 'west' is no partner of this agreement.",
        ),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place(
    told: Callable[[str], list[str]], edges: str, expected: str
) -> None:
    found = told(HEAD + edges)
    assert any(text.startswith(expected) for text in found), found


def test_edges_that_no_case_reaches_or_nobody_can_accept_over_are_told(world: Any, tmp_path: Path) -> None:
    path = tmp_path / "agreement.yaml"
    path.write_text(
        HEAD.replace(", competences: {relatedEntity.product.id: [TV]}", "").replace(
            ", competences: {relatedEntity.product.id: [PHONE]}", ""
        )
        + "  - {id: a, from: north, to: south, when: {severity: minor}}\n"
        "  - {id: b, from: south, to: north, when: {channel: [phone, shop]}, accepted_by: "
        "{relatedParty.solver.name: any}}\n"
        "  - {id: c, from: east, to: north, when: {priority: low}, accepted_by: [inProgress]}\n",
        encoding="utf-8",
    )
    agreement = load_agreement(path, ("north", "south", "east"))
    problems = check_reach(read(path), agreement, world.exchange.alliance.partners)
    assert [problem.text().replace(f"{tmp_path}/", "").partition("  More")[0].rstrip() for problem in problems] == [
        "agreement.yaml:10:44 A336 edge a: when.severity: no mapping that can bring it a case reads it: no case "
        "of north "
        "can match.",
        "agreement.yaml:11:83 A336 edge b: accepted_by.relatedParty.solver.name: no mapping that can bring it a "
        "case reads "
        "it: no agent of north can do it.",
    ]
