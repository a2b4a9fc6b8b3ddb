"""Folding the files of one partner's record into the case: which are new, which are ours coming back.

A file that stands there by our hand is known by its id; one that we are just sending, or of which no answer came, by
the name under which it was sent and its size. A private one stays where it is, and one that becomes private goes to
nobody who does not have it yet. What is in a file is not asked here: see `fetching.py`. Pure. Next: `merge.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hub.merge import Event, Fold
from hub.state import file_ref
from mappings.case import Attachment, Visibility
from mappings.lens import ReadAttachment


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that is on its way to this partner: how it is called there, and its bytes."""

    name: str
    size: int


def fold_files(fold: Fold, read: tuple[ReadAttachment, ...], placed: dict[str, str], sent: Mapping[str, Sent]) -> int:
    """Add the partner's new files that may cross; how many were added. placed: ref -> native id, of ours there, brought
    up to date. sent: ref -> what is on its way there."""
    if not read and not any(file.partner == fold.partner for file in fold.state.files):
        return 0
    own = set(placed.values())
    added = 0
    for one in read:
        if one.native_id in own:
            continue
        known = [file for file in fold.state.files if file.partner == fold.partner and _same(file.id, one.native_id)]
        ref = None if known else _arrived(one, placed, sent)
        if ref is not None:
            placed[ref] = one.native_id
            own.add(one.native_id)
        elif one.visibility not in fold.sharing.attachments:
            _change(fold, known, visibility=Visibility.PRIVATE)
        elif known and not _replaced(known[-1], one):
            told = {} if known[-1].sha256 else {"size": one.size}
            _change(fold, known, visibility=Visibility(one.visibility), name=one.name, **told)
        else:
            _add(fold, one, f"{one.native_id}#{len(known) + 1}" if known else one.native_id)
            added += 1
    _forget(fold, {one.native_id for one in read})
    return added


def native_id(file: Attachment) -> str:
    """The id by which its own side knows it: of one whose content was replaced, that of the first."""
    return file.id.partition("#")[0]


def _same(kept_id: str, native: str) -> bool:
    return kept_id == native or kept_id.startswith(f"{native}#")


def _arrived(one: ReadAttachment, placed: Mapping[str, str], sent: Mapping[str, Sent]) -> str | None:
    """The ref of ours that this is, although its id is new."""
    for ref, file in sent.items():
        if not placed.get(ref) and one.name == file.name and one.size in {None, file.size}:
            return ref
    return None


def _replaced(known: Attachment, one: ReadAttachment) -> bool:
    """Whether another content stands under the same id by now."""
    return known.sha256 is not None and one.size is not None and one.size != known.size


def _add(fold: Fold, one: ReadAttachment, file_id: str) -> None:
    file = Attachment(
        partner=fold.partner,
        id=file_id,
        name=one.name,
        mime_type=one.mime_type,
        size=one.size,
        visibility=Visibility(one.visibility),
        author=one.author or fold.partner,
    )
    fold.state = replace(fold.state, files=(*fold.state.files, file))
    fold.events.append(Event("attached", {"visibility": str(file.visibility), "ref": file_ref(file)}))


def _change(fold: Fold, known: list[Attachment], **told: object) -> None:
    """What is told of a file by now."""
    ids = {file.id for file in known}
    files = tuple(
        file.model_copy(update=told) if file.partner == fold.partner and file.id in ids else file
        for file in fold.state.files
    )
    if files != fold.state.files:
        fold.state = replace(fold.state, files=files)


def _forget(fold: Fold, listed: set[str]) -> None:
    """A file that they took away before anybody read it is none any more; one that was read stays where it went."""
    files = tuple(
        file
        for file in fold.state.files
        if file.partner != fold.partner or file.sha256 is not None or native_id(file) in listed
    )
    if files != fold.state.files:
        fold.state = replace(fold.state, files=files)
