"""Salesforce record ids: 15 characters that tell case apart, or 18 with a checksum of three that does not need it.

The first three say the object (500 Case, 00a CaseComment, 017 CaseHistory, 068 ContentVersion). The checksum takes five
characters at a time: a bit for each capital, read as a number into A-Z0-5 (public documents). Both lengths name the
same record; answers always show 18. Pure.
"""

from __future__ import annotations

import hashlib
import re

CASE, COMMENT, HISTORY, USER, QUEUE, LOCATOR, ORG = "500", "00a", "017", "005", "00G", "01g", "00D"
EMAIL = "02s"
VERSION, DOCUMENT, LINK = "068", "069", "06A"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "WU"
"""Stands after the prefix in each id of this org."""
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\Z")


def checksum(fifteen: str) -> str:
    """The three characters that make 18 of 15."""
    chunks = (fifteen[at : at + 5] for at in (0, 5, 10))
    return "".join(
        CHECKS[sum(1 << bit for bit, letter in enumerate(chunk) if "A" <= letter <= "Z")] for chunk in chunks
    )


def whole(record_id: str) -> str | None:
    """The 18 characters of a 15 or 18 character id; None where it has no such shape or a wrong checksum."""
    if not _SHAPE.match(record_id):
        return None
    full = record_id[:15] + checksum(record_id[:15])
    if len(record_id) == 18 and record_id[15:].upper() != full[15:]:
        return None
    return full


def make(prefix: str, number: int, within: int = 0) -> str:
    """The id of the number-th record of an object; ids of later records sort after those of earlier ones. within:
    the number of the case that it belongs to, kept in the id so that the record is found by it alone."""
    fifteen = prefix + POD + _digits(within) + _digits(number)
    return fifteen + checksum(fifteen)


def numbers(record_id: str, prefix: str) -> tuple[int, int] | None:
    """(number, within) behind an id of that object in this org; None for any other."""
    full = whole(record_id)
    if full is None or full[:5] != prefix + POD:
        return None
    return _number(full[10:15]), _number(full[5:10])


def _digits(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 62)
        text = ALPHABET[rest] + text
    return text.rjust(5, "0")


def _number(digits: str) -> int:
    number = 0
    for letter in digits:
        number = number * 62 + ALPHABET.index(letter)
    return number


def user(name: str) -> str:
    """The id of a person or login, by name: the same name has the same id in each life of the server."""
    mark = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 62**5
    return make(USER, mark)
