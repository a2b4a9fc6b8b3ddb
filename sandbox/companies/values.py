"""Whether a value fits its field, and how it is kept and shown. The vocabulary's judge; raises Refusal and no other.

`check` takes typed values (what JSON gives), `from_text` a text (a form, an XML element), `to_text` is its inverse.
`keep` and `unkeep` are the store's own JSON form: times as UTC text of one width (so that they sort), decimals as text.
Knows no database and no web. Next: `store.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from sandbox.companies.refusals import Refusal
from sandbox.companies.vocabulary import Field, Value, Vocabulary

KEPT_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
MOST_DIGITS = 18


def check(vocabulary: Vocabulary, given: Mapping[str, Any], *, creating: bool, desk: bool = False) -> dict[str, Value]:
    """The given fields as the store keeps them; with `creating`, defaults included. desk: hub-only fields are refused.

    Raises Refusal: unknown_field, read_only, unknown_value, too_long, wrong_type, missing.
    """
    checked: dict[str, Value] = {}
    for name, value in given.items():
        field = vocabulary.fields.get(name)
        if field is None:
            raise _no_such_field(vocabulary, name)
        if desk and field.hub_only:
            raise Refusal("read_only", f"{name} is told by the hub and read only here.", field=name, value=value)
        checked[name] = _fit(vocabulary, field, value)
    if creating:
        for field in vocabulary.fields.values():
            if field.default is not None and checked.get(field.name) is None:
                checked[field.name] = field.default
    for field in vocabulary.fields.values():
        if field.required and checked.get(field.name) is None and (creating or field.name in checked):
            raise _missing(field)
    return checked


def check_one(vocabulary: Vocabulary, field: Field, value: object) -> Value:
    """One value against one field, which need not be the vocabulary's. Raises Refusal."""
    fitting = _fit(vocabulary, field, value)
    if field.required and fitting is None:
        raise _missing(field)
    return fitting


def check_move(vocabulary: Vocabulary, before: Value, after: Value) -> None:
    """Whether a case may go from one state to the other. Raises Refusal no_move."""
    known = vocabulary.transitions.get(str(before))
    if known is None or after == before or after in known:
        return
    name = vocabulary.roles.status
    raise Refusal("no_move", f"{name} does not go from {before} to {after}.", field=name, value=after, known=known)


def from_text(vocabulary: Vocabulary, field: Field, text: str | None) -> Value:
    """A text as the field's value: integers and decimals in digits, flags in the company's two words (or true, false),
    times in ISO 8601 or the company's own style, taken in its zone where they bear no offset. Raises Refusal."""
    if text is None or text == "":
        return None
    match field.type:
        case "integer":
            digits = text.strip().removeprefix("-")
            if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS:
                return int(text)
            raise _wrong(field, text, "a whole number")
        case "flag":
            yes, no = vocabulary.flag_words
            words: dict[str, bool] = {"true": True, "false": False, yes: True, no: False}
            if text in words:
                return words[text]
            raise _wrong(field, text, f"{yes} or {no}")
        case "time":
            return _fit(vocabulary, field, _read_time(vocabulary, field, text))
        case _:
            return _fit(vocabulary, field, text)


def to_text(vocabulary: Vocabulary, value: Value) -> str:
    """The value as the page and the form show it: "" for None, a time in the company's zone as local ISO."""
    match value:
        case None:
            return ""
        case bool():
            return vocabulary.flag_words[0] if value else vocabulary.flag_words[1]
        case datetime():
            return value.astimezone(vocabulary.zone).replace(tzinfo=None).isoformat(timespec=vocabulary.time_step)
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def keep(value: Value) -> str | int | bool | None:
    """The value as it stands in the stored JSON."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return format(value, "f") if isinstance(value, Decimal) else value


def unkeep(field: Field | None, kept: str | int | bool | None) -> Value:
    """The inverse of `keep`."""
    if isinstance(kept, str) and field is not None:
        if field.type == "time":
            return datetime.fromisoformat(kept)
        if field.type == "decimal":
            return Decimal(kept)
    return kept


def _fit(vocabulary: Vocabulary, field: Field, value: Any) -> Value:
    fitting: Value = None
    if value is None or value == "":
        return fitting
    match field.type:
        case "text" | "long text":
            fitting = _text(field, value)
        case "picklist":
            fitting = _picked(field, value)
        case "integer":
            fitting = _integer(field, value)
        case "decimal":
            fitting = _decimal(field, value)
        case "flag":
            fitting = _flag(field, value)
        case "time":
            fitting = _time(vocabulary, field, value)
    return fitting


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(field, value, "a text")
    if any((ch < " " and ch not in "\t\n\r") or "\ud800" <= ch <= "\udfff" for ch in value):
        raise _wrong(field, value, "a text without control characters")
    if len(value) > field.length:
        message = f"{field.name} takes {field.length} characters, {len(value)} were given."
        raise Refusal("too_long", message, field=field.name, value=value, known=(str(field.length),))
    return value


def _picked(field: Field, value: Any) -> str:
    if value in field.values:
        return str(value)
    message = f"{field.name}: {value!r} is no value of it. Known: {', '.join(field.values)}."
    raise Refusal("unknown_value", message, field=field.name, value=value, known=field.values)


def _integer(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**MOST_DIGITS:
        raise _wrong(field, value, "a whole number")
    return value


def _flag(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(field, value, "true or false")
    return value


def _decimal(field: Field, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _wrong(field, value, "a decimal number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise _wrong(field, value, "a decimal number") from error
    if not number.is_finite() or number.adjusted() >= MOST_DIGITS or -int(number.as_tuple().exponent) > MOST_DIGITS:
        raise _wrong(field, value, f"a decimal number of at most {MOST_DIGITS} digits")
    return number


def _time(vocabulary: Vocabulary, field: Field, value: Any) -> datetime:
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise _wrong(field, value, "an ISO 8601 time with its offset") from error
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise _wrong(field, value, "an ISO 8601 time with its offset")
    try:
        return vocabulary.step(moment)
    except OverflowError as error:
        raise _wrong(field, value, "a time between the years 1 and 9999") from error


def _read_time(vocabulary: Vocabulary, field: Field, text: str) -> datetime:
    """ISO or the company's own style; a local time that its zone skips in spring is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.strptime(text, vocabulary.time_shown).replace(tzinfo=vocabulary.zone)
        except ValueError as error:
            raise _wrong(field, text, "a time such as 2026-11-21T10:00:00") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=vocabulary.zone)
        if moment.astimezone(UTC).astimezone(vocabulary.zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
            raise _wrong(field, text, f"a time that exists in {vocabulary.zone.key}")
    return moment


def _wrong(field: Field, value: object, wanted: str) -> Refusal:
    return Refusal("wrong_type", f"{field.name} takes {wanted}, not {value!r}.", field=field.name, value=value)


def _missing(field: Field) -> Refusal:
    return Refusal("missing", f"{field.name} is required.", field=field.name)


def _no_such_field(vocabulary: Vocabulary, name: str) -> Refusal:
    if name in vocabulary.read_only:
        return Refusal("read_only", f"{name} is written by the system and read only.", field=name)
    known = tuple(vocabulary.fields)
    near = get_close_matches(name, known, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return Refusal("unknown_field", f"There is no field {name!r}.{hint}", field=name, known=known)
