"""A time as it is declared: `iso`, `epoch`, `epoch_ms`, a name under `times`, or all of it.

    time: {format: "%d/%m/%Y %H:%M:%S", zone: America/Bogota, fold: earlier, step: 1s}

A format without an offset needs a zone, and outside UTC a fold rule. step: how fine their field is, the finest that
the format can tell where nothing is said. Next: `ops_time.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from mappings.declare_shape import Faults, Shared, described
from mappings.errors import Place, shown
from mappings.ops import Op
from mappings.ops_time import FOLDS, STEPS, Clock, Epoch, Fold, Iso, patterned
from mappings.ops_time_format import DIRECTIVES, finest, lacking, unknown

KEYS = ("format", "zone", "fold", "step")
BUILT_IN: Mapping[str, str] = {"iso": "1us", "epoch": "1s", "epoch_ms": "1ms"}
"""Formats that have a name, and the finest step that each can tell."""


def time(place: Place, given: object, faults: Faults, shared: Shared) -> Op | None:
    """The op of `time:`."""
    found = _named(place, given, faults, shared)
    if found is None:
        return None
    place, parts = found
    before = len(faults.found)
    faults.keys(place, parts, KEYS, "a time")
    fine = _format((*place, "format"), parts.get("format"), faults)
    clock = None if fine is None else _clock(place, parts, fine, faults)
    if clock is None or len(faults.found) > before:
        return None
    form = str(parts["format"])
    if form == "iso":
        return Iso(clock)
    return Epoch(clock, "s" if form == "epoch" else "ms") if form in BUILT_IN else patterned(clock, form)


def _named(place: Place, given: object, faults: Faults, shared: Shared) -> tuple[Place, Mapping[Any, Any]] | None:
    """What a name stands for, and where that is said."""
    if isinstance(given, str):
        if given in BUILT_IN:
            given = {"format": given}
        elif given in shared.times:
            place, given = ("times", given), shared.times[given]
        else:
            known = (*BUILT_IN, *(str(name) for name in shared.times))
            faults.add(place, "M120", f"{shown(given)} is no format and names none under `times`.", given, known)
            return None
    parts = faults.mapping(place, given, "a format's name, or a mapping with `format`,")
    return None if parts is None else (place, parts)


def _format(place: Place, given: object, faults: Faults) -> str | None:
    """The finest step that the format can tell; None and a fault where it is no format."""
    if isinstance(given, str) and given in BUILT_IN:
        return BUILT_IN[given]
    if not isinstance(given, str) or "%" not in given:
        faults.add(place, "M112", f"{described(given)} is no format.", given, (*BUILT_IN, "%d/%m/%Y %H:%M:%S"))
        return None
    known = tuple(DIRECTIVES)
    strange = unknown(given)
    for directive in strange:
        faults.add(place, "M112", f"{shown(directive)} is no directive.", directive, known)
    wrong = lacking(given)
    for directive in wrong:
        faults.add(place, "M112", f"{directive} must stand in it once.", given)
    return None if strange or wrong else finest(given)


def _clock(place: Place, parts: Mapping[Any, Any], fine: str, faults: Faults) -> Clock | None:
    """Zone, fold and step."""
    form, name = parts["format"], parts.get("zone")
    zone = None if name is None else _zone((*place, "zone"), name, faults)
    offset = form in {"epoch", "epoch_ms"} or "%z" in form or (form == "iso" and name is None)
    if name is None and not offset:
        faults.add(place, "M114", f"{shown(form)} has no offset: say which `zone` their times are in.", form)
    fold = parts.get("fold")
    if fold is None and not (offset or form == "iso" or name in {None, "UTC"}):
        message = "an hour comes twice when clocks go back: say `fold: earlier`, `later` or `refuse`."
        faults.add(place, "M115", message, None, FOLDS)
    elif fold is not None and fold not in FOLDS:
        faults.add((*place, "fold"), "M115", f"{described(fold)} is no fold rule.", fold, FOLDS)
    step = parts.get("step", fine)
    if not isinstance(step, str) or step not in STEPS:
        faults.add((*place, "step"), "M116", f"{described(step)} is no step.", step, STEPS)
        return None
    if STEPS[step] < STEPS[fine]:
        faults.add((*place, "step"), "M116", f"{step} is finer than {shown(form)} can tell ({fine}).", step)
    return Clock(zone, cast(Fold, fold or "refuse"), step)


def _zone(place: Place, name: object, faults: Faults) -> ZoneInfo | None:
    """The zone's table, of the system or of tzdata: read once, when a declaration is compiled."""
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        near = get_close_matches(str(name), sorted(available_timezones()), n=1)
        faults.add(place, "M113", f"{described(name)} is no zone of the IANA database.", name, near)
        return None
