"""The laws of lists with identity: what is written of a note or of a file reads back the same, M304.

    GetPut   what was read of a member, written over it, reads the same
    PutGet   texts that systems have been seen to change, for each visibility, read back the same

The customer's answers are read only: nothing of them is ever written, so there is nothing that could come back
otherwise. The smallest case is shown, both ways, with the part that is at fault. Next: `laws.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from mappings.case import Note, Visibility
from mappings.errors import Fault, MappingError, shown, spoken
from mappings.generate import CORNERS, list_pools
from mappings.generate_lists import apart, members
from mappings.laws_generated import chance, smallest
from mappings.lens import Body, Lens, Reading
from mappings.ops_attachments import ReadAttachment
from mappings.ops_list import Listing
from mappings.ops_notes import ReadNote
from mappings.paths import getter, merged, put

REF = "casebridge/example-1"
FOOTED = "x\n\n— Ana, Company [a/1]"
Member = ReadNote | ReadAttachment
_TRIES = 20


def list_laws(
    lens: Lens, body: Body, reading: Reading, only: Callable[[Lens, Member], bool] = lambda lens, member: True
) -> Iterator[Fault]:
    """GetPut over the notes and the files of a record. only: which of them are tried."""
    for listing, read in ((lens.notes, reading.notes), (lens.attachments, reading.attachments)):
        if listing is not None and read:
            items = {str(getter(listing.id)(item)): item for item in getter(listing.at)(body) or ()}
            for member in read:
                if (
                    member.native_id in items
                    and only(lens, member)
                    and list(_comes_back(lens, listing, items[member.native_id], member))
                ):
                    small = _smallest_member(lens, listing, items[member.native_id])
                    yield from _comes_back(lens, listing, small, *listing.read_all(_alone(listing, small)))


def _smallest_member(lens: Lens, listing: Listing, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A member with fewer fields and shorter texts that does not come back either."""

    def fails(tried: Mapping[str, Any]) -> bool:
        try:
            (member,) = listing.read_all(_alone(listing, tried))
        except MappingError:
            return False
        return bool(list(_comes_back(lens, listing, tried, member)))

    for key in list(item):
        fewer = {other: word for other, word in item.items() if other != key}
        item = fewer if fails(fewer) else item
    for key, word in item.items():
        item = {**item, key: smallest(word, partial(_with, fails, item, key))}
    return item


def _with(fails: Callable[[Mapping[str, Any]], bool], item: Mapping[str, Any], key: str, word: Any) -> bool:
    return fails({**item, key: word})


def _alone(listing: Listing, item: Mapping[str, Any]) -> dict[str, Any]:
    """A record that has this member and nothing else."""
    whole: dict[str, Any] = {}
    put(whole, listing.at, [item])
    return whole


def writable(lens: Lens, member: Member) -> bool:
    """Whether it can be written; what is refused by declaration, or for its length, is parked and told."""
    try:
        written(lens, member)
    except MappingError:
        return False
    return True


def corner_laws(lens: Lens, bodies: Sequence[Body]) -> Iterator[Fault]:
    """PutGet: each corner, for each visibility, in the place of a member that is real or else drawn. The first fault of
    each list."""
    for listing, texts in ((lens.notes, (*CORNERS, FOOTED)), (lens.attachments, CORNERS)):
        found = None if listing is None else _some(lens, listing, bodies)
        if listing is not None and found is not None:
            yield from _corners(lens, listing, *found, texts)


def _corners(
    lens: Lens, listing: Listing, item: Mapping[str, Any], member: Member, texts: Sequence[str]
) -> Iterator[Fault]:
    def faults(text: str) -> list[Fault]:
        told = (_said(member, text, visibility) for visibility in Visibility)
        found = (_comes_back(lens, listing, item, each) for each in told if writable(lens, each))
        return [fault for faults in found for fault in faults][:1]

    for text in texts:
        if faults(text):
            yield from faults(smallest(text, lambda tried: bool(faults(tried))))
            return


def _said(member: Member, text: str, visibility: Visibility) -> Member:
    """The member with another text, or another name."""
    if isinstance(member, ReadNote):
        return member._replace(text=text, visibility=visibility)
    return member._replace(name=text, visibility=visibility)


def _some(lens: Lens, listing: Listing, bodies: Sequence[Body]) -> tuple[Mapping[str, Any], Any] | None:
    """A member of an example, or where there is none one that is drawn; and what it says."""
    for body in (*bodies, *_drawn(lens, listing)):
        try:
            read = listing.read_all(body)
        except MappingError:
            continue
        if read:
            return getter(listing.at)(body)[0], read[0]
    return None


def _drawn(lens: Lens, listing: Listing) -> Iterator[Body]:
    """Records that have members of this list and nothing else."""
    if listing in apart(lens.lists):
        source = chance()
        pools = list_pools(listing, source)
        for _ in range(_TRIES):
            whole: dict[str, Any] = {}
            put(whole, listing.at, members(listing, pools, source))
            yield whole


def written(lens: Lens, member: Member) -> dict[str, Any]:
    """What the hub writes of it. Raises MappingError."""
    if isinstance(member, ReadAttachment):
        return lens.to_attachment(name=member.name, mime_type=member.mime_type, visibility=member.visibility)
    carried = Note(
        partner="elsewhere", id=member.native_id, author=member.author, date=member.date,
        text=member.text, visibility=member.visibility, language=member.language,
    )  # fmt: skip
    return lens.to_note(carried, company="Example", ref=REF)


def _comes_back(lens: Lens, listing: Listing, item: Mapping[str, Any], member: Member) -> Iterator[Fault]:
    """What is otherwise once it was written, and is read as their system tells it: with an id, an author and a date of
    its own."""
    try:
        words = written(lens, member)
        (back,) = listing.read_all(_alone(listing, merged(item, words)))
    except MappingError as error:
        message = f"{spoken(error.place)}: it cannot be written back: {error.message}"
        yield Fault(error.place, "M304", message, error.value)
        return
    for part, ours, theirs in _beside(member, back):
        if ours != theirs:
            message = (
                f"{listing.section}.{part}: {shown(ours)} for {member.visibility} is written as {_pairs(words)} and "
                f"reads back as {shown(theirs)} for {back.visibility}."
            )
            yield Fault((listing.section, part), "M304", message, ours)
            return


def _pairs(words: Mapping[str, Any]) -> str:
    """What is written, on one line."""
    said = (f"{key}: {shown(word)}" for key, word in words.items() if not isinstance(word, Mapping))
    return f"{{{', '.join(said)}}}"


def _beside(member: Member, back: Any) -> Iterator[tuple[str, Any, Any]]:
    """What has to be the same: the part that declares it, what was written, what is read."""
    if isinstance(member, ReadAttachment):
        yield "name", member.name, back.name
        yield "type", member.mime_type, back.mime_type
    else:
        yield "text", member.text, back.text
        yield "text", REF, back.ref
        yield "language", member.language, back.language
    yield "visibility", member.visibility, back.visibility
