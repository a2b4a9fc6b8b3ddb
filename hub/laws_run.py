"""Many generated records through a partner's mapping, both ways: `python -m hub.laws_run [RECORDS] [PARTNER ...]`.

What `casebridge check` does with a few dozen records, with as many as are asked for (10,000); exit code 1 where a law
does not hold. Records are drawn from the declaration alone, the same in every run. Next: `../mappings/laws.py`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from hub.declarations import read
from hub.partners import folders, load_partner
from hub.settings import Settings
from mappings.laws import record_laws
from mappings.laws_generated import rule_laws

RECORDS = 10_000


def main(arguments: Sequence[str]) -> int:
    """Run, print a line for each partner, and answer with the exit code."""
    asked = int(arguments[0]) if arguments and arguments[0].isdigit() else RECORDS
    only = [name for name in arguments if not name.isdigit()]
    broken = 0
    for folder in folders(Settings.from_environment().partners_dir):
        if only and folder.name not in only:
            continue
        began = time.monotonic()
        partner = load_partner(folder)
        bodies = [example["body"] for example in read(folder / "examples.yaml").content]
        faults = [*rule_laws(partner.lens, bodies, drawn=200), *record_laws(partner.lens, bodies, {}, asked)]
        for fault in faults:
            print(f"{partner.place(fault.place)} {fault.text()}")
        broken += len(faults)
        seconds = time.monotonic() - began
        print(f"{partner.name}: {asked} records both ways, {len(faults)} violations, {seconds:.1f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
