"""Reading changes from a service that pages by offset, while people go on working: nothing is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Cursor, Record
from connectors.errors import Refused, Unreachable
from connectors.soap_pull import Listing, pages, whole
from connectors.soap_system import SoapSystem
from hub.partners import load_system

SYSTEM = load_system(Path(__file__).parents[2] / "mappings" / "partners" / "telvoz")
assert isinstance(SYSTEM, SoapSystem)
START = datetime(2026, 11, 21, 15, 0, 0, tzinfo=UTC)


class Shop:
    """A company's list: ordered by (stamp, id), paged by offset, with people who edit between two answers."""

    def __init__(self, stamps: list[int], most: int, edits: list[list[int]], *, tells_total: bool) -> None:
        self.stamps = dict(enumerate(stamps))
        self.now = max(stamps, default=0)
        self.most, self.edits, self.tells_total = most, edits, tells_total
        self.calls = 0

    def __call__(self, since: datetime | None, offset: int) -> Listing:
        self.calls += 1
        assert self.calls < 2000, "the pull does not end"
        rows = sorted((stamp, one) for one, stamp in self.stamps.items() if since is None or at(stamp) >= since)
        answer = tuple(record(one, stamp) for stamp, one in rows[offset : offset + self.most])
        for one in self.edits.pop() if self.edits else []:
            self.now += one % 2  # some edits share a second
            if self.stamps:
                self.stamps[one % len(self.stamps)] = self.now
        return Listing(answer, len(rows) if self.tells_total else None)


def at(stamp: int) -> datetime:
    return START + timedelta(seconds=stamp)


def record(one: int, stamp: int) -> Record:
    return Record("telvoz", f"TV-{one:06d}", at(stamp).isoformat(), {}, at(stamp))


def read(shop: Shop, cursor: Cursor | None) -> tuple[set[tuple[str, str]], Cursor]:
    found: set[tuple[str, str]] = set()
    for page in pages(SYSTEM, shop, cursor):
        found |= {(one.native_id, one.version) for one in page.records}
        cursor = page.cursor
    assert cursor is not None
    return found, cursor


@given(
    stamps=st.lists(st.integers(0, 6), max_size=30),
    most=st.integers(2, 8),
    edits=st.lists(st.lists(st.integers(0, 29), max_size=4), max_size=12),
    tells_total=st.booleans(),
)
def test_every_record_is_read_whatever_people_edit_meanwhile(
    stamps: list[int], most: int, edits: list[list[int]], tells_total: bool
) -> None:
    shop = Shop(stamps, most, edits, tells_total=tells_total)
    first, cursor = read(shop, None)
    second, _ = read(shop, cursor)
    shop.edits = []
    third, _ = read(shop, cursor)
    assert {(f"TV-{one:06d}", at(stamp).isoformat()) for one, stamp in shop.stamps.items()} <= first | second | third


@pytest.mark.parametrize("tells_total", [True, False])
def test_five_hundred_records_of_one_second_are_all_read_and_few_twice(tells_total: bool) -> None:
    shop = Shop([3] * 500, 50, [], tells_total=tells_total)
    answers = [page.records for page in pages(SYSTEM, shop, None)]
    assert sum(len(one) for one in answers) == 500
    assert shop.calls <= 12


def test_a_quiet_pull_still_says_where_it_stands_and_reads_the_overlap_again() -> None:
    shop = Shop([0, 5, 9, 10], 10, [], tells_total=True)
    found, cursor = read(shop, None)
    again, same = read(shop, cursor)
    assert cursor == same == Cursor(at(10).isoformat())
    assert {native_id for native_id, _ in again} == {"TV-000002", "TV-000003"}  # 2 s behind 10
    assert len(found) == 4


def test_an_empty_system_gives_one_page_and_a_cursor_that_can_be_used() -> None:
    (page,) = pages(SYSTEM, Shop([], 10, [], tells_total=True), None)
    assert page.records == ()
    (page,) = pages(SYSTEM, Shop([4], 10, [], tells_total=True), page.cursor)
    assert [one.native_id for one in page.records] == ["TV-000000"]


def test_a_list_without_order_is_refused_because_changes_would_be_lost() -> None:
    def unordered(since: datetime | None, offset: int) -> Listing:
        return Listing((record(1, 9), record(2, 3)), 2)

    with pytest.raises(Refused, match=r"C379 the list is not ordered by its stamps\.\n  Fix: the list operation must"):
        list(pages(SYSTEM, unordered, None))


@given(stamps=st.lists(st.integers(0, 3), max_size=30), most=st.integers(1, 7), tells_total=st.booleans())
def test_a_list_without_stamps_is_read_whole(stamps: list[int], most: int, tells_total: bool) -> None:
    pages_ = whole(SYSTEM, Shop(stamps, most, [], tells_total=tells_total))
    found = [one.native_id for page in pages_ for one in page.records]
    assert sorted(found) == sorted(f"TV-{one:06d}" for one in range(len(stamps)))


def test_a_list_that_ignores_its_offset_does_not_go_on_for_ever() -> None:
    def deaf(since: datetime | None, offset: int) -> Listing:
        return Listing((record(1, 3), record(2, 3)), None)

    with pytest.raises(
        Refused, match=r"telvoz list: C381 the list begins anew at each offset\.\n  Fix: correct the list"
    ):
        list(whole(SYSTEM, deaf))


def test_a_list_that_ignores_where_it_is_to_start_is_refused() -> None:
    def deaf(since: datetime | None, offset: int) -> Listing:
        return Listing((record(1, 3), record(2, 90)), 2)

    with pytest.raises(Refused, match=r"telvoz list: C380 the list does not start where it was asked to\.\n  Fix: "):
        list(pages(SYSTEM, deaf, Cursor(at(80).isoformat())))


def test_a_list_that_never_stands_still_is_left_for_the_next_pull() -> None:
    turn = 0

    def restless(since: datetime | None, offset: int) -> Listing:
        nonlocal turn
        turn += 1
        return Listing((record(turn, 3), record(turn + 1000, 3)), 100)

    with pytest.raises(Unreachable, match="C171 the list changes faster than it can be read"):
        list(pages(SYSTEM, restless, None))
    assert turn < 50
