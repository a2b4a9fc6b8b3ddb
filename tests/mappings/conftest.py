"""What the tests of mappings share: the three partners' declarations, read and compiled once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.declarations import read
from mappings import lens as lenses
from mappings.lens import Lens

PARTNERS = Path(__file__).parents[2] / "mappings" / "partners"


class Lenses(dict[str, Lens]):
    """Shown by their names: hypothesis prints the arguments of a test that fails, and warns of 368 kB of lenses. A
    warning is an error here, and would stand in the place of what the test has found."""

    def __repr__(self) -> str:
        return f"<lenses of {', '.join(self)}>"


@pytest.fixture(scope="session")
def declarations() -> Mapping[str, Any]:
    """mapping.yaml of each partner as plain data."""
    return {name: read(PARTNERS / name / "mapping.yaml").content for name in ("northcable", "telvoz", "brightnet")}


@pytest.fixture(scope="session")
def examples() -> Mapping[str, Any]:
    """examples.yaml of each partner as plain data."""
    return {name: read(PARTNERS / name / "examples.yaml").content for name in ("northcable", "telvoz", "brightnet")}


@pytest.fixture(scope="session")
def lenses_of(declarations: Mapping[str, Any]) -> Mapping[str, Lens]:
    """The lens of each partner."""
    return Lenses({name: lenses.compile(declaration, partner=name) for name, declaration in declarations.items()})
