"""An export's rows as they stand: CSV with a header, or XES (IEEE 1849), each gzipped or not.

A row of XES is an event: its attributes by key, those of its trace as `case:KEY`. Hostile XML opens nothing: no DTD, no
entity, no other file. Knows no meaning of any column. Next: `reading.py`.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from lxml import etree

from hub.declarations import DeclarationError, Problem, shown

TRACE = "case:"
LONGEST_CELL = 1_000_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row. at: file:line."""

    at: str
    cells: Mapping[str, str]


def lines(path: Path, delimiter: str) -> Iterator[Line]:
    """The rows of the file, in its order. Raises DeclarationError H101."""
    try:
        bare = path.name.removesuffix(".gz")
        yield from _events(path) if bare.endswith(".xes") else _rows(path, delimiter)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, etree.XMLSyntaxError) as error:
        raise DeclarationError([Problem(shown(path), "H101", f"cannot be read: {error}")]) from error


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _rows(path: Path, delimiter: str) -> Iterator[Line]:
    csv.field_size_limit(LONGEST_CELL)
    with _opened(path) as file:
        text = (line.decode("utf-8-sig" if number == 0 else "utf-8") for number, line in enumerate(file))
        reader = csv.DictReader(text, delimiter=delimiter, strict=True)
        for cells in reader:
            at = f"{shown(path)}:{reader.line_num}"
            if None in cells or None in cells.values():
                wide = len(reader.fieldnames or ())
                raise DeclarationError([Problem(at, "H101", f"has not the {wide} cells that the header names.")])
            yield Line(at, cells)


def _events(path: Path) -> Iterator[Line]:
    with _opened(path) as file:
        walk = etree.iterparse(
            file, events=("end",), tag="{*}trace", resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, trace in walk:
            of_trace = {TRACE + key: value for key, value in _attributes(trace).items()}
            for event in trace.iterfind("{*}event"):
                yield Line(f"{shown(path)}:{event.sourceline}", {**of_trace, **_attributes(event)})
            trace.clear()
            while trace.getprevious() is not None:
                del trace.getparent()[0]


def _attributes(of: etree._Element) -> dict[str, str]:
    return {str(one.get("key")): str(one.get("value") or "") for one in of if one.get("key") is not None}
