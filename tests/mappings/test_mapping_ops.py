"""Each op, both ways: its own example, and the values that it must refuse."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from mappings import lens as lenses
from mappings.declare_ops import op
from mappings.declare_shape import Faults, Shared
from mappings.errors import MappingError, Unfit
from mappings.lens import Lens
from mappings.ops import Op
from mappings.ops_catalogue import OPS, SLOTS

PATHS = {
    "from": "name",
    "values": "status",
    "flag": "test",
    "number": "cost.amount",
    "time: iso": "creationDate",
    "time: pattern": "statusChangeDate",
    "time: epoch": "statusChangeDate",
    "constant": "effort.units",
    "values: nearest": "status",
    "lookup": "relatedParty.solver.name",
    "number: unit": "effort.amount",
    "format": "description",
    "truncate": "name",
    "python": "relatedParty.customer.contact",
}
WHOLE = {**dict.fromkeys(SLOTS, "relatedParty.customer.name"), "when": "feedback.text", "default": "severity"}
HANDED = {"users.csv": {"tom": "Tom Hardcastle"}}
FUNCTIONS = {
    "phones:national": (lambda word: f"+57 {word}", lambda value: value.removeprefix("+57 ")),
    "phones:wrong": (int, str),
}


def made(path: str, rule: dict[str, Any]) -> Op:
    faults = Faults()
    found = op(("case", path), path, rule, faults, Shared({}, {}, HANDED, FUNCTIONS), writes=True)
    assert found is not None, faults.found
    return found


def timed(**time: Any) -> Op:
    return made("statusChangeDate", {"from": "at", "time": time})


@pytest.mark.parametrize("name", PATHS)
def test_the_example_of_an_op_is_true_both_ways(name: str) -> None:
    example = OPS[name]
    built = made(PATHS[name], dict(example.rule))
    assert built.forward(example.theirs) == example.ours
    assert built.inverse(example.ours) == example.written
    assert built.same(example.ours, example.ours)
    assert example.says.endswith(".")


def test_every_op_has_an_example_that_is_run() -> None:
    assert set(OPS) == {*PATHS, *WHOLE, "visibility"}  # visibility is part of the notes: test_mapping_notes.py


STATUS: dict[str, Any] = {
    "from": "s",
    "values": {"on": "inProgress"},
    "refuse": ["acknowledged", "pending", "held", "resolved", "closed", "cancelled", "rejected"],
}


def lens(**rules: Any) -> Lens:
    return lenses.compile({"case": {"status": STATUS, **rules}}, partner="p", tables=HANDED, functions=FUNCTIONS)


@pytest.mark.parametrize("name", SLOTS)
def test_the_example_of_a_place_is_true_both_ways(name: str) -> None:
    example = OPS[name]
    made = lens(**{WHOLE[name]: dict(example.rule)})
    assert made.to_case({"s": "on", **example.theirs}).values[WHOLE[name]] == example.ours
    patch = made.to_partner({WHOLE[name]: example.ours}, None)
    assert patch.body == example.written
    assert made.to_case(made.apply({"s": "on"}, patch)).values[WHOLE[name]] == example.ours


def test_the_example_of_a_default_and_of_a_choice_are_true_both_ways() -> None:
    default, choice = OPS["default"], OPS["when"]
    made = lens(severity=dict(default.rule), **{"feedback.text": dict(choice.rule)})
    assert made.to_case({"s": "on"}).values["severity"] == default.ours
    word, text = choice.theirs
    body = {"s": "on", "kind": word, "complaint": {"text": text}}
    assert made.to_case(body).values["feedback.text"] == choice.ours
    assert made.to_partner({"feedback.text": "x"}, body).body == {"complaint": {"text": "x"}}
    assert made.to_partner({"feedback.text": "x"}, {"kind": "Question"}).body == {"comment": "x"}


def test_a_time_keeps_the_offset_of_its_source() -> None:
    read = timed(format="iso").forward("2026-11-21T10:00:00+05:30")
    assert isinstance(read, datetime)
    assert read.utcoffset() == timedelta(hours=5, minutes=30)
    assert read == datetime(2026, 11, 21, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fold", "hours"),
    [("earlier", 2), ("later", 1)],
)
def test_the_hour_that_comes_twice_is_read_as_declared(fold: str, hours: int) -> None:
    clock = timed(format="%Y-%m-%d %H:%M", zone="Europe/Madrid", fold=fold)
    assert clock.forward("2026-10-25 02:30").utcoffset() == timedelta(hours=hours)  # type: ignore[union-attr] # a time


def test_moments_an_hour_apart_on_one_wall_clock_are_not_the_same() -> None:
    clock = timed(format="%Y-%m-%d %H:%M:%S", zone="Europe/Madrid", fold="earlier")
    earlier = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert clock.inverse(earlier) == clock.inverse(earlier + timedelta(hours=1))
    assert not clock.same(earlier, earlier + timedelta(hours=1))
    assert clock.same(earlier, earlier + timedelta(microseconds=999_999))


def test_a_moment_that_their_field_cannot_hold_is_refused_and_not_written() -> None:
    zoned = lenses.compile(
        {
            "case": {
                "status": {"from": "s", "values": {"on": "inProgress"}, "refuse": ALL_BUT_IN_PROGRESS},
                "statusChangeDate": {
                    "from": "at",
                    "time": {"format": "%Y-%m-%d %H:%M:%S", "zone": "Europe/Madrid", "fold": "earlier"},
                },
            }
        },
        partner="p",
    )
    later = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with pytest.raises(MappingError) as caught:
        zoned.to_partner({"statusChangeDate": later}, {"at": None})
    assert caught.value.text() == (
        "M216 statusChangeDate (at): 2026-10-25 01:30:00+00:00 would be written as '2026-10-25 02:30:00' and read back "
        "as 2026-10-25 02:30:00+02:00.\n  More: casebridge explain M216"
    )
    assert zoned.to_partner({"statusChangeDate": later - timedelta(hours=1)}, {}).body == {"at": "2026-10-25 02:30:00"}


ALL_BUT_IN_PROGRESS = ["acknowledged", "pending", "held", "resolved", "closed", "cancelled", "rejected"]


def test_what_is_written_is_cut_to_the_step_and_shown_in_their_zone() -> None:
    moment = datetime(2026, 7, 1, 8, 30, 59, 987_654, tzinfo=timezone(timedelta(hours=-5)))
    written = {
        step: timed(format="iso", zone="Europe/London", step=step).inverse(moment)
        for step in ("1us", "1ms", "1s", "1min", "1h", "1d")
    }
    assert written == {
        "1us": "2026-07-01T14:30:59.987654+01:00",
        "1ms": "2026-07-01T14:30:59.987+01:00",
        "1s": "2026-07-01T14:30:59+01:00",
        "1min": "2026-07-01T14:30:00+01:00",
        "1h": "2026-07-01T14:00:00+01:00",
        "1d": "2026-07-01T00:00:00+01:00",
    }


def test_a_pattern_writes_what_strftime_gets_wrong() -> None:
    clock = timed(format="%d{%m}%Y %H:%M:%S.%f%z %%", step="1ms")
    moment = datetime(987, 3, 4, 5, 6, 7, 89_000, tzinfo=timezone(-timedelta(hours=5, minutes=30)))
    assert clock.inverse(moment) == "04{03}0987 10:36:07.089+0000 %"
    assert clock.forward("04{03}0987 05:06:07.089-05:30 %") == moment
    assert timed(format="%Y-%m-%dT%H:%M%z").forward("2026-01-02T03:04Z") == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "word", "code", "message"),
    [
        ({"format": "iso"}, "2026-11-21", "M205", "'2026-11-21' is no time in ISO 8601."),
        ({"format": "iso"}, "2026-13-01T00:00Z", "M205", "'2026-13-01T00:00Z' is no time in ISO 8601."),
        ({"format": "iso"}, 5, "M202", "a time is expected, not a number."),
        (
            {"format": "iso"},
            "2026-11-21T10:00:00",
            "M207",
            "'2026-11-21T10:00:00' has no offset, and no zone is declared for it.",
        ),
        (
            {"format": "iso"},
            "0001-01-01T00:00:00+14:00",
            "M209",
            "'0001-01-01T00:00:00+14:00' is outside the years 1 to 9999 in UTC.",
        ),
        (
            {"format": "iso", "zone": "Europe/Madrid"},
            "2026-10-25T02:30:00",
            "M208",
            "'2026-10-25T02:30:00' was twice in Europe/Madrid: clocks went back over it.",
        ),
        (
            {"format": "%d/%m/%Y %H:%M", "zone": "Europe/Madrid", "fold": "later"},
            "29/03/2026 02:30",
            "M206",
            "'29/03/2026 02:30' never was in Europe/Madrid: clocks went forward over it.",
        ),
        (
            {"format": "%d/%m/%Y", "zone": "UTC"},
            "1/2/2026",
            "M205",
            "'1/2/2026' is no time of the form %d/%m/%Y.",
        ),
        ({"format": "%d/%m/%Y", "zone": "UTC"}, "31/02/2026", "M205", "'31/02/2026' is no time of the form %d/%m/%Y."),
        ({"format": "%d/%m/%Y", "zone": "UTC"}, "٣١/٠١/٢٠٢٦", "M205", "'٣١/٠١/٢٠٢٦' is no time of the form %d/%m/%Y."),
        ({"format": "epoch"}, Decimal("1.5"), "M205", "whole seconds since 1970 are expected, not 1.5."),
        ({"format": "epoch_ms"}, True, "M205", "whole milliseconds since 1970 are expected, not true."),
        ({"format": "epoch"}, 10**15, "M209", "1000000000000000 is outside the years 1 to 9999 in UTC."),
        pytest.param(
            {"format": "epoch"},
            10**5000,
            "M205",
            "whole seconds since 1970 are expected, not a number of thousands of digits.",
            id="5000 digits",
        ),
        ({"format": "epoch"}, Decimal("NaN"), "M205", "whole seconds since 1970 are expected, not NaN."),
    ],
)
def test_a_time_that_cannot_be_known_is_refused(time: dict[str, Any], word: Any, code: str, message: str) -> None:
    with pytest.raises(Unfit) as caught:
        timed(**time).forward(word)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(
    ("rule", "word", "ours", "back"),
    [
        ({"number": "decimal"}, "12.50", Decimal("12.50"), Decimal("12.50")),
        ({"number": "decimal"}, 3, Decimal(3), Decimal(3)),
        ({"number": "decimal"}, 0.1, Decimal("0.1"), Decimal("0.1")),
        ({"number": "decimal", "as": "text"}, Decimal("1E+3"), Decimal(1000), "1000"),
        ({"number": "decimal"}, "-0.0", Decimal(0), Decimal(0)),
        ({"number": "integer"}, Decimal("15.0"), 15, 15),
        ({"number": "integer", "as": "text"}, "-7", -7, "-7"),
    ],
)
def test_a_number_is_kept_exactly(rule: dict[str, Any], word: Any, ours: Any, back: Any) -> None:
    number = made("cost.amount", {"from": "n", **rule})
    assert number.forward(word) == ours
    assert repr(number.inverse(number.forward(word))) == repr(back)


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        (Decimal("NaN"), "M210", "NaN is no number that can be kept."),
        (float("inf"), "M210", "inf is no number that can be kept."),
        ("1e999", "M210", "'1e999' is no plain number."),
        ("٣", "M210", "'٣' is no plain number."),
        (Decimal("1E+999999"), "M210", "the number has more than 30 digits before or after the point."),
        pytest.param(10**5000, "M210", "the number has more than 30 digits.", id="5000 digits"),
        ("9" * 5000, "M210", f"'{'9' * 60}…' is no plain number."),
        (Decimal("0.5"), "M211", "a whole number is expected, not 0.5."),
        (6, "M211", "6 is not from 1 to 5."),
        (True, "M202", "a number is expected, not true or false."),
        ([1], "M202", "a number is expected, not a list."),
    ],
)
def test_what_is_no_score_is_refused(word: Any, code: str, message: str) -> None:
    with pytest.raises(Unfit) as caught:
        made("feedback.score", {"from": "n", "number": "integer"}).forward(word)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(
    "text", ["", " ", "\ufeffBOM", "e\u0301", "é", "😀", "\u202eabc", "a\r\nb\rc", "<b>x</b>", "\x01", "Ж" * 40]
)
def test_text_is_kept_to_the_character(text: str) -> None:
    plain = made("name", {"from": "t"})
    assert plain.forward(text) == text
    assert plain.inverse(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ab\0c", "the text has a NUL at character 3."),
        ("a\ud800b", "the text has half a surrogate pair at character 2."),
    ],
)
def test_text_that_nobody_can_keep_is_refused_both_ways(text: str, message: str) -> None:
    plain = made("name", {"from": "t"})
    for way in (plain.forward, plain.inverse):
        with pytest.raises(Unfit, match="M203") as caught:
            way(text)
        assert caught.value.message == message


def test_two_forms_of_one_text_mean_the_same_and_nothing_else_does() -> None:
    plain = made("name", {"from": "t"})
    assert plain.same("Café", "Cafe\u0301")
    assert plain.same(None, "")
    assert not plain.same("Cafe", "Café")
    assert not plain.same(None, " ")


def test_a_text_is_never_cut() -> None:
    plain = made("name", {"from": "t", "length": 3, "bytes": 5})
    assert plain.inverse("жж") == "жж"
    with pytest.raises(Unfit, match=r"M204 the text has 4 characters and the field takes 3\."):
        plain.inverse("abcd")
    with pytest.raises(Unfit, match=r"M204 the text has 6 bytes and the field takes 5\."):
        plain.inverse("жжж")
    assert plain.forward("what they keep is read whole") == "what they keep is read whole"


def test_a_table_tells_true_from_one() -> None:
    table = made("test", {"from": "t", "values": {"true": True, "false": False}})
    assert table.forward(True) is True
    assert table.inverse(False) is False
    with pytest.raises(Unfit, match="one of the table's words is expected, not a number"):
        table.forward(1)
    numbers = made(
        "feedback.score", {"from": "t", "as": "integer", "values": {"10": 5, "8": 4, "5": 3, "3": 2, "1": 1}}
    )
    assert numbers.forward(10) == 5
    assert numbers.inverse(1) == 1
    with pytest.raises(Unfit, match="not true or false"):
        numbers.forward(True)
    texts = made("test", {"from": "t", "as": "text", "values": {"true": True, "false": False}})
    assert texts.forward("true") is True
