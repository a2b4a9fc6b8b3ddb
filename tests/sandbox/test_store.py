"""A company's store: what it refuses, what it remembers, and that it still knows after a kill."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.companies.northcable import VOCABULARY
from sandbox.companies.refusals import Absent, Duplicate, Refusal, Stale
from sandbox.companies.rows import CREATED, DELETED
from sandbox.companies.store import Store
from sandbox.companies.values import from_text, keep, unkeep
from sandbox.companies.vocabulary import Field, flatten, nest

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "company.db", VOCABULARY, clock=lambda: NOON)
    yield opened
    opened.close()


def test_a_new_record_has_number_version_defaults_and_stamps(store: Store) -> None:
    record = store.create({"title": "No dial tone"}, by="agent")
    assert (record.id, record.number, record.seq, record.version) == (1001, "NC-1001", 1, 1)
    assert record.fields["state"] == "New"
    assert record.fields["assigned_company"] == "Northcable"
    assert record.created == record.changed == NOON
    assert record.fields["state_changed_at"] == datetime(2026, 11, 21, 12, 0, 0, 123000, tzinfo=UTC)


def test_stamps_rise_strictly_while_the_clock_stands_still_or_steps_back(tmp_path: Path) -> None:
    times = iter([NOON, NOON, NOON - timedelta(hours=1), NOON + timedelta(seconds=1)])
    store = Store(tmp_path / "company.db", VOCABULARY, clock=lambda: next(times))
    record = store.create({"title": "a"}, by="agent")
    stamps = [record.changed] + [store.edit(record.id, {"title": t}, by="agent").changed for t in "bcd"]
    assert stamps == sorted(set(stamps))
    assert stamps[-1] == NOON + timedelta(seconds=1)
    store.close()


def test_each_act_moves_seq_and_version_also_one_that_changes_nothing(store: Store) -> None:
    first, second = (store.create({"title": title}, by="agent") for title in "ab")
    saved = store.edit(first.id, {"title": "a"}, by="agent")
    assert (saved.version, saved.seq) == (2, 3)
    assert [line.field for line in store.history([first.id])] == [CREATED]
    store.note(second.id, "hello", "internal", author="Ann")
    gone = store.delete(first.id, by="agent")
    assert (gone.deleted, gone.version, gone.seq) == (True, 3, 5)
    assert [(one.id, one.deleted) for one in store.after(0, 10)] == [(second.id, False), (first.id, True)]
    assert store.after(5, 10) == []
    assert store.since(NOON) == [store.get(second.id)]


def test_the_status_is_dated_now_unless_the_act_says_when(store: Store) -> None:
    record = store.create({"title": "a", "state_changed_at": NOON - timedelta(days=1)}, by="agent")
    assert record.fields["state_changed_at"] == datetime(2026, 11, 20, 12, 0, 0, 123000, tzinfo=UTC)
    assert (
        store.edit(record.id, {"title": "b"}, by="agent").fields["state_changed_at"]
        == record.fields["state_changed_at"]
    )
    opened = store.edit(record.id, {"state": "Open"}, by="agent")
    assert opened.fields["state_changed_at"] == VOCABULARY.step(opened.changed)
    told = store.edit(record.id, {"state": "Solved", "state_changed_at": "2026-01-01T10:00:00+06:00"}, by="agent")
    assert told.fields["state_changed_at"] == datetime(2026, 1, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"titel": "x"}, "unknown_field", "There is no field 'titel'. Did you mean 'title'?"),
        ({"number": "NC-9"}, "read_only", "number is written by the system and read only."),
        ({"state": "Opn"}, "unknown_value", "state: 'Opn' is no value of it. Known: New, Open, Waiting"),
        ({"cost.currency": "EURO"}, "too_long", "cost.currency takes 3 characters, 4 were given."),
        ({"minutes_spent": "5"}, "wrong_type", "minutes_spent takes a whole number, not '5'."),
        ({"minutes_spent": True}, "wrong_type", "minutes_spent takes a whole number, not True."),
        ({"cost.amount": 1.5}, "wrong_type", "cost.amount takes a decimal number, not 1.5."),
        ({"cost.amount": "NaN"}, "wrong_type", "cost.amount takes a decimal number of at most 18 digits"),
        ({"cost.amount": "1e400"}, "wrong_type", "cost.amount takes a decimal number of at most 18 digits"),
        ({"test": "yes"}, "wrong_type", "test takes true or false, not 'yes'."),
        ({"state_changed_at": "2026-01-01T10:00:00"}, "wrong_type", "takes an ISO 8601 time with its offset"),
        ({"state_changed_at": "0001-01-01T00:00:00+14:00"}, "wrong_type", "takes a time between the years 1 and 9999"),
        ({"title": "a\x00b"}, "wrong_type", "title takes a text without control characters"),
        ({"title": "\ud800"}, "wrong_type", "title takes a text without control characters"),
        ({"title": None}, "missing", "title is required."),
        ({"state": ""}, "missing", "state is required."),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_nothing_is_written(
    store: Store, fields: dict[str, object], code: str, text: str
) -> None:
    record = store.create({"title": "a"}, by="agent")
    with pytest.raises(Refusal) as refused:
        store.edit(record.id, fields, by="casebridge")
    assert refused.value.code == code
    assert text in refused.value.message
    assert refused.value.field == next(iter(fields))
    assert store.get(record.id) == record


def test_an_unknown_value_names_the_known_ones(store: Store) -> None:
    with pytest.raises(Refusal) as refused:
        store.create({"title": "a", "priority": "P9"}, by="agent")
    assert refused.value.known == ("P1", "P2", "P3", "P4")
    assert store.count() == 0


def test_the_desk_may_not_write_what_the_hub_tells(store: Store) -> None:
    with pytest.raises(Refusal, match="hub_case is told by the hub and read only here"):
        store.create({"title": "a", "hub_case": "x"}, by="agent", desk=True)
    assert store.create({"title": "a", "hub_case": "x"}, by="casebridge").fields["hub_case"] == "x"


def test_an_act_from_an_older_version_is_stale_and_carries_the_record(store: Store) -> None:
    record = store.create({"title": "a"}, by="agent")
    current = store.edit(record.id, {"title": "b"}, by="agent", expected=1)
    with pytest.raises(Stale, match="NC-1001 is at version 2, the act was made from version 1") as stale:
        store.edit(record.id, {"title": "c"}, by="agent", expected=1)
    assert stale.value.current == current


def test_two_living_records_never_share_a_hub_id(store: Store) -> None:
    first = store.create({"title": "a", "hub_case": "x"}, by="casebridge")
    with pytest.raises(Duplicate, match="hub_case 'x' stands on NC-1001 already") as twin:
        store.create({"title": "b", "hub_case": "x"}, by="casebridge")
    assert twin.value.existing == first
    second = store.create({"title": "b"}, by="agent")
    with pytest.raises(Duplicate):
        store.edit(second.id, {"hub_case": "x"}, by="casebridge")
    store.delete(first.id, by="agent")
    assert store.by_hub("x") is None
    assert store.edit(second.id, {"hub_case": "x"}, by="casebridge").fields["hub_case"] == "x"
    found = store.by_hub("x")
    assert found is not None
    assert found.id == second.id


def test_deleted_and_unknown_records_are_told_apart(store: Store) -> None:
    record = store.create({"title": "a"}, by="agent")
    store.delete(record.id, by="agent")
    with pytest.raises(Absent, match="NC-1001 was deleted"):
        store.by_number("NC-1001")
    with pytest.raises(Absent, match="There is no 77"):
        store.edit(77, {"title": "b"}, by="agent")
    assert store.by_ids([record.id, 77])[0].deleted
    assert [line.field for line in store.history([record.id])] == [CREATED, DELETED]


def test_a_record_leaves_the_bin_for_good_and_only_its_grave_is_told(store: Store) -> None:
    before = store.create({"title": "a", "customer.name": "Ann", "hub_case": "h"}, by="casebridge")
    store.note(before.id, "text", "partners", author="Ann")
    with pytest.raises(Refusal, match="NC-1001 is not in the bin"):
        store.purge(before.number)
    gone = store.delete(before.id, by="agent")
    assert store.purge(gone.number).id == before.id
    assert (store.by_ids([before.id]), store.by_numbers([before.number]), store.after(0, 9)) == ([], [], [])
    assert (store.history([before.id]), store.count("1 = 1")) == ([], 0)
    assert store.graves(gone.changed, gone.changed + timedelta(seconds=1)) == [(before.id, gone.changed)]
    assert store.graves(gone.changed + timedelta(seconds=1), gone.changed + timedelta(days=1)) == []
    after = store.create({"title": "b", "customer.name": "Ann", "hub_case": "h"}, by="casebridge")
    assert after.id == before.id + 1


def test_history_tells_who_changed_which_field_from_what_to_what(store: Store) -> None:
    record = store.create({"title": "a"}, by="agent")
    changed = store.edit(record.id, {"cost.amount": "12.50", "title": "a", "test": True}, by="Ann")
    lines = store.history([record.id], since=changed.changed)
    assert [(line.field, line.old, line.new, line.by, line.at) for line in lines] == [
        ("cost.amount", None, Decimal("12.50"), "Ann", changed.changed),
        ("test", None, True, "Ann", changed.changed),
    ]


def test_a_note_keeps_its_words_and_refuses_an_unknown_audience(store: Store) -> None:
    record = store.create({"title": "a"}, by="agent")
    note = store.note(record.id, "Привет,\nвторая строка", "partners", author="Ann", language="ru")
    assert store.get(record.id).notes == (note,)
    assert note.created == store.get(record.id).changed
    with pytest.raises(Refusal, match=r"'everyone' is no audience of a note\. Known: internal, partners, customer"):
        store.note(record.id, "x", "everyone", author="Ann")
    with pytest.raises(Refusal, match="text is required"):
        store.note(record.id, "", "internal", author="Ann")
    assert store.get(record.id).version == 2


def test_records_are_found_by_values_of_a_field(store: Store) -> None:
    for reference in ("R1", "R2", "R3"):
        store.create({"title": reference, "reference": reference, "customer.name": "O'Neill"}, by="agent")
    assert [one.fields["title"] for one in store.by_values("reference", ["R3", "R1", "R9"])] == ["R1", "R3"]
    assert len(store.by_values("customer.name", ["O'Neill"], limit=2, offset=2)) == 1
    assert store.by_numbers(["NC-1002", "NC-9"])[0].fields["title"] == "R2"


def test_acts_together_are_one_transaction_and_a_refused_one_is_undone_alone(store: Store) -> None:
    with store.together():
        store.create({"title": "a"}, by="agent")
        with pytest.raises(Refusal):
            store.create({"title": "b", "state": "no"}, by="agent")
        store.create({"title": "c"}, by="agent")
    assert [one.fields["title"] for one in store.after(0, 9)] == ["a", "c"]


def test_acts_together_are_undone_together_when_the_whole_is_broken_off(store: Store) -> None:
    def broken_off() -> None:
        with store.together():
            store.create({"title": "a"}, by="agent")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert store.count() == 0


def test_threads_share_one_store_and_no_seq_is_given_twice(store: Store) -> None:
    record = store.create({"title": "a"}, by="agent")

    def work() -> None:
        for _ in range(20):
            store.edit(record.id, {"title": "b"}, by="agent")
            store.create({"title": "c"}, by="agent")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert store.get(record.id).version == 81
    seqs = [one.seq for one in store.after(0, 1000)]
    assert len(seqs) == 81
    assert seqs == sorted(set(seqs))


KILLED = """
import os, signal, sys
from pathlib import Path
from sandbox.companies.northcable import VOCABULARY
from sandbox.companies.store import Store
store = Store(Path(sys.argv[1]), VOCABULARY)
record = store.create({"title": "kept", "hub_case": "x"}, by="agent")
store.note(record.id, "a note", "internal", author="Ann")
print(record.number, flush=True)
with store.together():
    store.edit(record.id, {"title": "never committed"}, by="agent")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "company.db"
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (-9, "NC-1001\n")
    store = Store(path, VOCABULARY)
    record = store.by_number("NC-1001")
    assert (record.fields["title"], record.version) == ("kept", 2)
    assert [note.text for note in record.notes] == ["a note"]
    store.close()


def test_a_key_of_the_store_is_the_same_after_it_is_opened_again(tmp_path: Path) -> None:
    first = Store(tmp_path / "company.db", VOCABULARY)
    key = first.secret("tokens")
    first.close()
    second = Store(tmp_path / "company.db", VOCABULARY)
    assert second.secret("tokens") == key != second.secret("sessions")
    second.close()


names = st.sampled_from([field.name for field in VOCABULARY.fields.values()])


@given(st.dictionaries(names, st.sampled_from([None, "text", 5, True, (), "customer.name"])))
def test_flatten_undoes_nest(flat: dict[str, object]) -> None:
    assert flatten(nest(flat), VOCABULARY.fields) == flat


times = st.datetimes(timezones=st.just(UTC))
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)


@given(times, decimals)
@settings(max_examples=50)
def test_what_is_kept_reads_back_the_same_and_times_sort_as_text(when: datetime, amount: Decimal) -> None:
    kept = keep(when)
    assert unkeep(Field("x", "", "time"), kept) == when
    assert unkeep(Field("x", "", "decimal"), keep(amount)) == amount
    later = keep(min(when + timedelta(microseconds=1), datetime.max.replace(tzinfo=UTC)))
    assert isinstance(kept, str)
    assert isinstance(later, str)
    assert kept <= later


def test_a_local_time_is_read_in_the_companys_zone_and_one_that_never_was_is_refused() -> None:
    field = Field("at", "At", "time")
    assert from_text(VOCABULARY, field, "2026-07-01T12:00:00") == datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert from_text(VOCABULARY, field, "01 Jul 2026, 12:00:00") == datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert from_text(VOCABULARY, field, "2026-07-01T12:00:00+05:00") == datetime(2026, 7, 1, 7, tzinfo=UTC)
    with pytest.raises(Refusal, match="at takes a time that exists in Europe/London"):
        from_text(VOCABULARY, field, "2026-03-29T01:30:00")
    with pytest.raises(Refusal, match="at takes a time such as 2026-11-21T10:00:00, not 'soon'"):
        from_text(VOCABULARY, field, "soon")
