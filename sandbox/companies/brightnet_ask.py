"""A request and its answer as the resources see them: no socket, no bytes. Next: `brightnet_door.py` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from sandbox.companies.brightnet_faults import not_json


class Csv(str):
    """A body that is CSV, where others are JSON."""


@dataclass(frozen=True, slots=True)
class Form:
    """A body that is a form: a row's JSON, and what is in its file. name: as the file's part bears it."""

    told: Mapping[str, Any]
    source: BinaryIO
    name: str


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that is what is in this file."""

    path: Path


@dataclass(frozen=True, slots=True)
class Ask:
    """One request below /services/data/vNN.0/. headers: names in lower case. body: JSON read, Csv, Form, or None."""

    method: str
    path: tuple[str, ...]
    version: str = "60.0"
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def thing(self) -> Mapping[str, Any]:
        """The body, which has to be one JSON object. Raises Fault."""
        if not isinstance(self.body, dict):
            raise not_json("The HTTP entity body is required, but this request has no entity body.")
        return self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """body None: no content."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
