"""What the codes M2xx (a record or a value that does not fit) and M3xx (a law, an example, a description) mean.

Next: `explain.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

RECORDS: Mapping[str, tuple[str, str, str, str]] = {
    "M201": (
        "A word that the table does not name",
        "A word that is guessed at would change the case in every company. Their picklist has probably changed.",
        "their state is Parked, and the table ends at Closed",
        "Add the word to `values` and run `casebridge check`; the parked record then goes on.",
    ),
    "M202": (
        "Another kind of value",
        "A number where text is declared cannot go back as it came.",
        "`title: 5`",
        "Declare what their field holds: `number`, `flag`, `values` with `as: integer`.",
    ),
    "M203": (
        "A character that nobody can keep",
        "PostgreSQL keeps no NUL, and half a surrogate pair has no encoding: the text would be changed in silence.",
        "a description with a NUL in its middle",
        "Correct the text in the partner's system.",
    ),
    "M204": (
        "Too long for their field",
        "Cutting a text loses its end without anybody seeing it.",
        "300 characters for a subject that takes 255",
        "Shorten it where it was written.",
    ),
    "M205": (
        "Not a time of the declared form",
        "A date that is read the wrong way round is wrong by months.",
        "11/21/2026 where %d/%m/%Y is declared",
        "Correct `time` in the mapping, or the value in their system.",
    ),
    "M206": (
        "A local time that never was",
        "When clocks go forward, an hour is left out; a time within it names no moment.",
        "2026-03-29 02:30 in Europe/Madrid",
        "Correct it in their system, or the `zone` in the mapping.",
    ),
    "M207": (
        "A time without an offset",
        "Read as UTC it would be wrong by hours.",
        "2026-11-21T10:00:00 where `time: iso` is declared without a zone",
        "Say in the mapping which zone it is in: `time: {format: iso, zone: Europe/London, fold: earlier}`.",
    ),
    "M208": (
        "A local time that was twice",
        "`fold: refuse` is declared, so nobody guesses which of the two is meant.",
        "2026-10-25 02:30 in Europe/Madrid",
        "Say `fold: earlier` or `fold: later`, or correct the record.",
    ),
    "M209": (
        "Outside the years 1 to 9999",
        "No calendar of ours reaches there; it is a placeholder or a mistake.",
        "0001-01-01T00:00:00+14:00",
        "Empty the field in their system.",
    ),
    "M210": (
        "Not a number that can be kept",
        "NaN and infinity become NULL in one database and an error in another; thousands of digits stop a process.",
        "NaN",
        "Correct it in their system.",
    ),
    "M211": (
        "A number out of bounds",
        "Half a minute does not fit a whole field, and a score of 9 would close a case as if the customer were glad.",
        "a score of 9 where scores go from 1 to 5",
        "Correct the value, or map their scale with a table.",
    ),
    "M212": (
        "No word for this value",
        "Their system cannot say it; the nearest word would be a different status for their agents.",
        "a case is held, and their table refuses held",
        "Change the case, or add a word to the table.",
    ),
    "M213": (
        "Not the constant",
        "Their field is always in one unit; another unit would make the number beside it wrong.",
        "an effort in h for a system whose effort is in min",
        "Convert it where it was written, or leave the path out of what crosses.",
    ),
    "M214": (
        "Not an object",
        "The way leads through a value that has no fields.",
        "`customer.name` where customer is a text",
        "Correct `from` in the mapping; their system may have changed.",
    ),
    "M215": (
        "Required and empty",
        "Their system refuses a record without it.",
        "a case without a name for a system that requires a subject",
        "Fill the field, or let the agreement share it.",
    ),
    "M216": (
        "It would read back as something else",
        "What is written is first read back through its own rule: a loss is refused, never made.",
        "the later of two equal hours in autumn, written to a field without an offset",
        "Declare a `step` or format that can hold it, or leave the path out of what crosses.",
    ),
    "M217": (
        "Members of a list that cannot be told apart, or lack what each must have",
        "The id of a note, an answer or a file is its identity for ever; without one it would arrive again and again.",
        "two notes with the id 7",
        "Correct `notes`, `feedback` or `attachments` in the mapping, or ask the partner.",
    ),
    "M218": (
        "A private text that would be shown",
        "It starts with the marker that lifts notes, so others could read it.",
        'a private note "#partners are late again" for a system whose marker is "#partners "',
        "Change the note's first word.",
    ),
    "M301": (
        "An example does not mean what it says",
        "Examples are the promise to the partner of how its words are understood.",
        "status: 'resolved' is expected, 'closed' was read",
        "Correct the mapping, or the example where the mapping is right.",
    ),
    "M302": (
        "GetPut does not hold",
        "Writing back what was read must change nothing; else every round would write, and echo.",
        "a rule whose way back differs from its way in",
        "Correct the rule that is named.",
    ),
    "M303": (
        "PutGet does not hold",
        "What was written must read back the same, or the companies hold different cases.",
        "a status that is written as a word which means another",
        "Correct the rule that is named.",
    ),
    "M304": (
        "A note or a file does not survive the way",
        "Text, name, type, language or visibility would differ at the next reading.",
        "a note for partners that reads back as private",
        "Correct `notes` or `attachments` in the mapping.",
    ),
    "M305": (
        "Not an example",
        "An example that is not understood proves nothing.",
        "an example without `body`",
        "Write `{name, body, case, notes, feedback, attachments}`; a note is `{id, author, date, text, visibility, "
        "language, ref}`, an answer `{id, score, text, date}`, an attachment `{id, name, type, size, author, date, "
        "visibility}`.",
    ),
    "M306": (
        "A field that they do not have",
        "Their system says so itself; a write would be rejected.",
        "`name: titel`",
        "Correct `from`.",
    ),
    "M307": (
        "A word of theirs that the table does not name",
        "The first record that bears it would be parked.",
        "their picklist has Escalated",
        "Add it to `values`.",
    ),
    "M308": (
        "A word that they do not have",
        "A write would be rejected.",
        "the table says Solved and their picklist says Resolved",
        "Correct the word.",
    ),
    "M309": (
        "Longer than their field",
        "Texts that are longer than their field would be rejected by them and not refused by us.",
        "`length: 500` for a field of 255",
        "Take their length.",
    ),
}
