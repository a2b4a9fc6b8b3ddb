"""What waits on its way: sealed piece by piece, nothing of it changed unseen; and safe names."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from hub.file_names import safe_name
from hub.keys import KeyLost, Keyring
from hub.ledger import engine_for
from hub.spool import PIECE, Lost, Spool

SUBJECT = "customer:north:7"


@pytest.fixture
def keyring() -> Keyring:
    made = Keyring(engine_for("sqlite://"), bytes(32))
    made.seal(SUBJECT, b"")
    made.keep()
    return made


@pytest.fixture
def spool(tmp_path: Path, keyring: Keyring) -> Spool:
    return Spool(tmp_path / "spool", keyring)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_is_kept_reads_back_whole_whatever_pieces_it_came_in(spool: Spool, size: int) -> None:
    raw = bytes(n % 251 for n in range(size))
    kept = spool.keep("one", SUBJECT, (raw[start : start + 1000] for start in range(0, size, 1000)))
    assert (kept.size, kept.sha256) == (size, sha256(raw).hexdigest())
    assert b"".join(spool.read("one", SUBJECT)) == raw
    spool.drop("one")
    assert not spool.has("one")
    with pytest.raises(Lost):
        list(spool.read("one", SUBJECT))


def _pieces(raw: bytes) -> list[bytes]:
    found = []
    while raw:
        length = 4 + int.from_bytes(raw[:4], "big")
        found.append(raw[:length])
        raw = raw[length:]
    return found


@pytest.mark.parametrize("how", ["cut", "end left out", "swapped", "of another file", "a bit"])
def test_nothing_of_it_changes_unseen(spool: Spool, tmp_path: Path, how: str) -> None:
    for name in ("one", "two"):
        spool.keep(name, SUBJECT, [bytes(3 * PIECE)])
    one, two = (tmp_path / "spool" / name for name in ("one", "two"))
    pieces = _pieces(one.read_bytes())
    changed = {
        "cut": b"".join(pieces)[:-10],
        "end left out": b"".join(pieces[:-1]),
        "swapped": b"".join([pieces[1], pieces[0], *pieces[2:]]),
        "of another file": two.read_bytes(),
        "a bit": b"".join(pieces)[:-1] + bytes([pieces[-1][-1] ^ 1]),
    }
    one.write_bytes(changed[how])
    with pytest.raises((Lost, KeyLost)):
        list(spool.read("one", SUBJECT))


def test_of_one_that_fails_half_way_nothing_is_left(spool: Spool, tmp_path: Path) -> None:
    def breaks() -> Iterator[bytes]:
        yield bytes(2 * PIECE)
        raise OSError("the line is dead")

    with pytest.raises(OSError, match="the line is dead"):
        spool.keep("one", SUBJECT, breaks())
    assert list((tmp_path / "spool").iterdir()) == []


def test_nothing_is_kept_of_who_was_forgotten(spool: Spool, keyring: Keyring, tmp_path: Path) -> None:
    keyring.forget(SUBJECT)
    with pytest.raises(KeyLost):
        spool.keep("one", SUBJECT, [b"x"])
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.mark.parametrize(
    ("told", "safe"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\Ann\\bill.pdf", "bill.pdf"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("bill\u202efdp.exe", "billfdp.exe"),
        ("a\x00b\r\nSet-Cookie: x.txt", "abSet-Cookie_ x.txt"),
        ('<img src="x">.png', "_img src=_x__.png"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        ("trailing. . ", "trailing"),
        ("señal — 图 📺.jpg", "señal — 图 📺.jpg"),
        ("e\u0301.txt", "é.txt"),
        ("\ud800.txt", "txt"),
        ("x" * 300 + ".tar.gz", "x" * 147 + ".gz"),
    ],
)
def test_a_name_is_safe_to_be_written_anywhere(told: str, safe: str) -> None:
    assert safe_name(told) == safe


def test_a_name_of_long_characters_fits_a_file_system() -> None:
    assert len(safe_name("图" * 200 + ".jpg").encode()) <= 240
    assert safe_name("图" * 200 + ".jpg").endswith(".jpg")
