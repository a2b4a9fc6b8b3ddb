"""Whether the ledger is what was written: its chain, and its heads that were kept elsewhere.

The chain alone finds an edit, a deletion, a reordering. Against the anchors it is seen too that the end was cut off, or
that the whole was made anew with a chain that fits. What is found is told with its place, and since when it is so.
Next: `chain.py` (the walk), `anchors.py` (the heads); `dags/audit.py`, which anchors each hour.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hub.acting import CannotDo
from hub.anchors import Anchor, Signer, add, read, signed
from hub.assembly import wall_clock
from hub.chain import Link, Unfit, newest, walk
from hub.ledger import Ledger
from hub.sealing import START
from hub.settings import Settings

LOOK = "stop writing to it, keep a copy, and see `casebridge audit verify` and the backups."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was compared and what is wrong. entries: that fit. problems: none, where all is well."""

    entries: int
    head: str
    anchors: int
    problems: tuple[str, ...]


def verify(ledger: Ledger, anchors: Sequence[Anchor], public: str) -> Verdict:
    """Walk the whole chain, and compare it with the heads that were kept. public: whose signature they must bear."""
    problems = list(_of_anchors(anchors, public))
    known = {anchor.tx: anchor for anchor in anchors}
    last, fits, broken = Link(), "", False
    with ledger.connected() as connection, connection.begin():
        for link in walk(connection):
            if isinstance(link, Unfit):
                problems.append(f"A501 the ledger does not fit its chain {link}.")
                broken = True
                break
            last, anchor = link, known.get(link.tx)
            if anchor is not None and (anchor.digest, anchor.seq) != (link.digest, link.seq):
                since = f"all fits up to the one of {fits}" if fits else "no earlier one fits"
                problems.append(
                    f"A502 the ledger was made anew: its head at transaction {link.tx} is not the one that was kept "
                    f"on {anchor.at}; {since}."
                )
                broken = True
                break
            fits = anchor.at if anchor is not None else fits
    furthest = max(anchors, key=lambda one: one.tx, default=None)
    if not broken and furthest is not None and last.tx < furthest.tx:
        problems.append(
            f"A503 the ledger's end was cut off: on {furthest.at} it had {furthest.seq} entries, {last.seq} are left."
        )
    return Verdict(last.seq, last.digest, len(anchors), tuple(problems))


def _of_anchors(anchors: Sequence[Anchor], public: str) -> Iterator[str]:
    """What is wrong with the lines themselves."""
    previous = START
    for number, anchor in enumerate(anchors, start=1):
        if not signed(anchor, public):
            yield f"A504 anchor {number}, of {anchor.at}: its signature is not of this key."
        if anchor.previous != previous:
            yield f"A505 anchor {number}, of {anchor.at}: the line before it is not the one that it was written after."
        previous = anchor.own_digest


def anchor(ledger: Ledger, signer: Signer, path: Path, now: datetime) -> Anchor | None:
    """Compare what came since the last anchor, then keep the head; None where nothing came.

    Raises CannotDo A501 or A503, and keeps nothing, where the ledger does not go on from the last anchor.
    """
    kept = read(path)
    last = Link(kept[-1].tx, kept[-1].seq, kept[-1].digest) if kept else Link()
    head = last
    with ledger.connected() as connection, connection.begin():
        for link in walk(connection, last):
            if isinstance(link, Unfit):
                since = f"from its anchor of {kept[-1].at}" if kept else "from its beginning"
                raise CannotDo("A501", f"the ledger does not go on {since} as it was written {link}.", fix=LOOK)
            head = link
        if head == last:
            if kept and newest(connection) != last:
                cut = f"the ledger's end is not the one that was kept on {kept[-1].at}: it was cut off."
                raise CannotDo("A503", cut, fix=LOOK)
            return None
    made = signer.anchor(head.tx, head.seq, head.digest, now, kept)
    add(path, made)
    return made


def anchor_here(ledger: Ledger) -> Anchor | None:
    """Keep this installation's head now. Raises CannotDo."""
    settings = Settings.from_environment()
    return anchor(ledger, Signer.of(settings.home, os.environ), settings.anchors_file, wall_clock())
