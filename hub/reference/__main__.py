"""`python -m hub.reference docs` writes the pages; with `--check` it compares, and exits 1 where one is out of step."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from hub.reference.pages import PAGES
from hub.reference.salesforce_fields import FILES
from hub.reference.schemas import SCHEMAS

SHOWN = 12
"""Lines of difference that are shown of one page."""


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m hub.reference", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page differs")
    chosen = parser.parse_args()
    pages = {f"{name}.md": page() for name, page in PAGES.items()}
    pages |= {f"schemas/{name}.json": schema() for name, schema in SCHEMAS.items()}
    pages |= {name: written() for name, written in FILES.items()}
    if chosen.check:
        return compare(chosen.folder, pages)
    for name, text in pages.items():
        (chosen.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (chosen.folder / name).write_text(text, encoding="utf-8")
    print(f"{len(pages)} pages in {chosen.folder}: {', '.join(pages)}")
    return 0


def compare(folder: Path, pages: dict[str, str]) -> int:
    """0 where the folder's pages are these. Prints what differs and how to mend it."""
    differ = 0
    for name, text in pages.items():
        file = folder / name
        there = file.read_text(encoding="utf-8") if file.exists() else ""
        lines = list(
            difflib.unified_diff(there.splitlines(), text.splitlines(), str(file), "the code", lineterm="", n=0)
        )
        if lines:
            differ += 1
            print("\n".join([*lines[:SHOWN], *(["  ..."] if len(lines) > SHOWN else [])]))
    if differ:
        print(f"{differ} of {len(pages)} pages in {folder} are not what the code says. Mend it with: make docs")
    else:
        print(f"{len(pages)} pages in {folder} say what the code says")
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main())
