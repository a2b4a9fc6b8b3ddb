"""File names made safe: for a disk, for a form and for a page, whoever chose them.

What a company calls its file stays in the case as it was told; only what is sent or written goes through here.
Windows' reserved names and characters: Microsoft, Naming Files, Paths, and Namespaces. Pure.
"""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 150
MOST_BYTES: Final = 240
"""File systems take 255 bytes of UTF-8 in one name; some add a suffix of their own."""
NAMELESS: Final = "file"
_PORTS: Final = frozenset(f"{port}{n}" for port in ("com", "lpt") for n in range(10))
_RESERVED: Final = frozenset({"con", "prn", "aux", "nul"}) | _PORTS
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, direction and zero width, half a character, nobody's, line ends."""
_UNSAFE: Final = str.maketrans(dict.fromkeys('<>:|?*"', "_"))


def safe_name(told: str, longest: int = LONGEST) -> str:
    """The last part of what may be a path, without control, direction and invisible characters, not hidden, not a
    device, not over long (its ending stays). longest: characters, 16 at least. Never empty."""
    last = told.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(each for each in last if unicodedata.category(each) not in _UNSEEN)
    plain = unicodedata.normalize("NFC", kept).translate(_UNSAFE).strip(" .")
    if plain.partition(".")[0].strip().lower() in _RESERVED:
        plain = f"_{plain}"
    return _cut(plain or NAMELESS, longest)


def _cut(name: str, longest: int) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 12:
        stem, dot, ending = name, "", ""
    while len(f"{stem}{dot}{ending}") > longest or len(f"{stem}{dot}{ending}".encode()) > MOST_BYTES:
        stem = stem[:-1]
    return f"{stem.rstrip()}{dot}{ending}" or NAMELESS
