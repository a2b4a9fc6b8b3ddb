"""A whole system.yaml for each kind, from the folders that the contract suite runs against real processes.

`tests/connectors/test_contract.py` reads the same table, so that no example stands here that is not run there.
Next: `pages.py`, which shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.reference.markdown import block

ROOT: Final = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Example:
    """One whole declaration. file: below the project's root. says: what is shown by it."""

    file: str
    says: str


EXAMPLES: Final[Mapping[str, tuple[Example, ...]]] = {
    "rest": (
        Example("mappings/partners/northcable/system.yaml", "a system of one's own design"),
        Example("mappings/real/roundup/system.yaml", "a system as it is, which knows nothing of the hub"),
    ),
    "soap": (
        Example("mappings/partners/telvoz/system.yaml", "document/literal by its contract, HTTP Basic"),
        Example(
            "mappings/examples/southgate/system.yaml",
            "rpc/encoded without a contract: each request written out, each answer read as it comes; WS-Security",
        ),
        Example(
            "mappings/examples/southgate/in-a-session.yaml",
            "what that says otherwise where an operation opens a session that stands in the SOAP header",
        ),
    ),
    "salesforce": (Example("mappings/partners/brightnet/system.yaml", "an org with fields of its own"),),
}


def shown(kind: str) -> Iterator[str]:
    """A kind's examples, each with what it shows."""
    for example in EXAMPLES[kind]:
        yield f"An example, `{example.file}`: {example.says}."
        yield block((ROOT / example.file).read_text(encoding="utf-8"), "yaml")
