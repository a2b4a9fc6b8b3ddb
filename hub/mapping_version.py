"""One version of a partner's mapping: the one that stands, another file, or the one of a git revision.

A preset is looked at as a partner is. Tables and functions that lie beside it are today's, whatever the version.
Reads files and asks git; knows no ledger and no partner's system.
Next: `mapping_map.py` and `mapping_diff.py`, which try it; `presets.py` for what `extends` makes of it.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hub.declarations import DeclarationError, Document, Problem, read, shown
from hub.partners import compiled, folders
from hub.presets import PRESETS, names, read_mapping
from hub.settings import Settings
from mappings.errors import Place
from mappings.lens import Lens

MAPPING, EXAMPLES = "mapping.yaml", "examples.yaml"


@dataclass(frozen=True, slots=True)
class Version:
    """A mapping, compiled. title: what a person called it. folder: of the partner or preset that it belongs to."""

    name: str
    title: str
    folder: Path
    lens: Lens
    document: Document

    def place(self, place: Place) -> str:
        """Where in its file something stands, as file:line:column."""
        return self.document.at(place)

    def examples(self) -> list[Any]:
        """examples.yaml of its folder as plain data; empty where there is none."""
        path = self.folder / EXAMPLES
        content = read(path).content if path.exists() else []
        return list(content) if isinstance(content, list) else []


def standing(name: str, settings: Settings) -> Version:
    """The mapping of this partner or preset as it stands. Raises DeclarationError, D212 for a name that is neither."""
    found = {preset: PRESETS / preset for preset in names()}
    found |= {folder.name: folder for folder in folders(settings.partners_dir)}
    if name not in found:
        at = f"{shown(settings.partners_dir)}:1:1"
        raise DeclarationError([Problem(at, "D212", f"no partner and no preset {name!r}.", name, tuple(found))])
    document = read_mapping(found[name] / MAPPING)
    return Version(name, "as it stands", found[name], compiled(document, name, found[name]), document)


def version_of(now: Version, wanted: str) -> Version:
    """Another version of it: a file, or a git revision. Raises DeclarationError, LookupError with a sentence."""
    path = Path(wanted)
    if path.is_file():
        document = read_mapping(path)
    elif path.suffix in {".yaml", ".yml"}:
        raise LookupError(f"{wanted}: there is no such file. Give a mapping.yaml, or a git revision such as HEAD~1.")
    else:
        document = _committed(now, wanted)
    return replace(now, title=wanted, lens=compiled(document, now.name, now.folder), document=document)


def _committed(now: Version, revision: str) -> Document:
    """The mapping as it was committed."""
    git = shutil.which("git")
    if git is None:
        raise LookupError(f"{revision}: is no file, and git is not here to ask for a revision of that name.")
    command = [git, "-C", str(now.folder), "show", "--end-of-options", f"{revision}:./{MAPPING}"]
    asked = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  no shell; one argument, read as a revision
    if asked.returncode:
        said = (asked.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"])[-1]
        raise LookupError(f"{revision}: is no file, and git has no {MAPPING} of {now.name} by it: {said}")
    with TemporaryDirectory() as folder:
        copy = Path(folder) / MAPPING
        copy.write_bytes(asked.stdout)
        return replace(read_mapping(copy), path=Path(f"{revision}:{MAPPING}"))
