"""Many generated records through a partner's mapping, both ways: `python -m hub.laws_run [RECORDS] [PARTNER ...]`.

What `casebridge check` does with a few dozen records, with as many as are asked for (10,000); exit code 1 where a law
does not hold. Records are drawn from the declaration and, where a partner's folder keeps it, from what their system
says of its fields (described.yaml); the same in every run. Next: `../mappings/laws.py`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from hub.declarations import read
from hub.describing import kept_in
from hub.partners import folders, load_partner
from hub.settings import Settings
from mappings.description import Described
from mappings.errors import Fault
from mappings.laws import record_laws
from mappings.laws_generated import rule_laws
from mappings.laws_lists import corner_laws
from mappings.lens import Body, Lens

RECORDS = 10_000
DRAWN = 200
"""How many words and values are drawn for each rule, besides the corners."""


def main(arguments: Sequence[str]) -> int:
    """Run, print a line for each partner, and answer with the exit code."""
    asked = int(arguments[0]) if arguments and arguments[0].isdigit() else RECORDS
    only = [name for name in arguments if not name.isdigit()]
    many = 0
    for folder in folders(Settings.from_environment().partners_dir):
        if only and folder.name not in only:
            continue
        began = time.monotonic()
        partner = load_partner(folder)
        bodies = [example["body"] for example in read(folder / "examples.yaml").content]
        kept = kept_in(folder)
        faults = broken(partner.lens, bodies, kept.fields if kept else {}, asked)
        for fault in faults:
            print(f"{partner.place(fault.place)} {fault.text()}")
        many += len(faults)
        seconds = time.monotonic() - began
        said = f"{len(kept.fields)} described fields" if kept else "no described fields"
        print(f"{partner.name}: {asked} records both ways, {said}, {len(faults)} violations, {seconds:.1f} s")
    return 1 if many else 0


def broken(lens: Lens, bodies: Sequence[Body], fields: Mapping[str, Described], asked: int) -> list[Fault]:
    """What does not hold: of single rules, of whole records, of lists."""
    return [
        *rule_laws(lens, bodies, fields, drawn=DRAWN),
        *record_laws(lens, bodies, fields, asked),
        *corner_laws(lens, bodies),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
