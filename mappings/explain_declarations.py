"""What the codes M1xx mean: said of a mapping.yaml that cannot be compiled. Title, rationale, example, fix.

Next: `explain.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

DECLARATIONS: Mapping[str, tuple[str, str, str, str]] = {
    "M101": (
        "Not a part of a mapping",
        "A misspelt part would be overlooked, and all that stands in it.",
        "`cases:` at the top of the file",
        "Use one of the known parts: times, tables, case, transitions, create, notes.",
    ),
    "M102": (
        "No such path in a case",
        "A canonical path is what all companies mean by one field; a new spelling would be a field that nobody reads.",
        "`case: {titel: title}`",
        "Take the path that is suggested, or `characteristic.<name>` for what the case has no place for.",
    ),
    "M103": (
        "No such value in a case",
        "The lists of status, severity, priority and so on are shared by all companies: a word that is not on them "
        "would mean nothing to the others.",
        "`status: {from: state, values: {Solved: closedd}}`",
        "Write one of the known values on the right-hand side.",
    ),
    "M104": (
        "Not a key of a rule",
        "A misspelt key would be overlooked: `readonly: true` would leave the field to be written.",
        "`creationDate: {from: created_at, time: iso, readonly: true}`",
        "Use the key that is suggested.",
    ),
    "M105": (
        "Several words mean one value, and none is preferred",
        "Reading is clear, writing is not: somebody has to say which word the hub uses. A word of theirs that already "
        "means the same is left as it is.",
        "`values: {Open: inProgress, Reopened: inProgress}` without `back`",
        "Add `back: {inProgress: Open}`.",
    ),
    "M106": (
        "A value of ours has no word of theirs",
        "A case may come with any value of the list; without a word it could not be written, and nobody would know "
        "before it happens.",
        "a status table in which no word means held",
        "Add a word for it, or say `refuse: [held]`: such a case is then parked for a person, by declaration.",
    ),
    "M107": (
        "The way back does not come back",
        "What is written must read back as the same value; a preferred word that means something else would change "
        "the case at the next reading.",
        "`values: {Open: inProgress, Done: resolved}`, `back: {inProgress: Done}`",
        "Name a word of the table that means this value.",
    ),
    "M108": (
        "Which field of theirs?",
        "A rule reads and writes a field of their record; without one it does nothing.",
        "`name: {length: 255}`",
        "Say `from: field`, dotted for nested ones (`customer.name`), a list of keys where a name holds a dot.",
    ),
    "M109": (
        "Two rules for one field",
        "Two rules that write one field undo each other at every delivery; a field cannot be both text and an object.",
        "`name: title` and `description: title`",
        "Make one of them `read_only: true`, or correct the field.",
    ),
    "M110": (
        "Not the kind of value that stands at this path",
        "A time read as text could be compared with no other time; a status without a table would be their word, not "
        "ours.",
        "`creationDate: created_at`",
        "Say how theirs is written, as the message advises.",
    ),
    "M111": (
        "Keys that do not go together",
        "A rule is one kind of op; a parameter of another kind would be overlooked.",
        "`{from: state, values: {...}, time: iso}`",
        "Keep the one kind that is meant, and its own parameters.",
    ),
    "M112": (
        "Not a format for times",
        "Only directives that mean the same in every language are known, and a time needs year, month and day.",
        '`format: "%d %b %Y"` (the name of a month depends on the language)',
        "Use %Y %m %d %H %M %S %f %z, or iso, epoch, epoch_ms.",
    ),
    "M113": (
        "Not a time zone",
        "Offsets such as GMT-5 know no summer time; zones have the names of the IANA database.",
        "`zone: Bogota`",
        "Write the whole name: America/Bogota.",
    ),
    "M114": (
        "A time without a zone",
        "A local time read as UTC is wrong by hours, and nothing shows it.",
        '`time: {format: "%d/%m/%Y %H:%M"}`',
        "Say which zone their system's times are in: `zone: America/Bogota`.",
    ),
    "M115": (
        "Which of the two hours?",
        "When clocks go back, an hour comes twice and a local time names two moments.",
        '`time: {format: "%d/%m/%Y %H:%M", zone: Europe/Madrid}`',
        "Say `fold: earlier`, `fold: later`, or `fold: refuse` to have such records parked.",
    ),
    "M116": (
        "Not a step",
        "The step says how fine their field is; moments within one step mean the same and start no echo.",
        '`{format: "%d/%m/%Y %H:%M", step: 1s}`: a pattern without seconds cannot tell them',
        "Use 1us, 1ms, 1s, 1min, 1h or 1d, no finer than the format.",
    ),
    "M117": (
        "Not a kind of number",
        "A number is whole or decimal, and is written as a number or as text.",
        "`number: float`",
        "Say `number: integer` or `number: decimal`, and `as: text` where they keep it as text.",
    ),
    "M118": (
        "Not a constant",
        "A constant stands for what their system does not hold: it has a value and no field.",
        "`effort.units: {constant: min, from: unit}`",
        "Take `from` away, or read the field and drop `constant`.",
    ),
    "M119": (
        "Not a table",
        "A table says `theirs: ours`, all of their words of one kind. An empty word is no word: empty means no value.",
        "`values: {}`",
        "Write their words on the left and ours on the right; `as: integer` where their words are numbers.",
    ),
    "M120": (
        "A name that nothing bears",
        "A table or a time that is used often is named once, under `tables` or `times`.",
        "`holder: {from: company, values: compannies}`",
        "Correct the name, or declare it.",
    ),
    "M121": (
        "Not a length",
        "`length` counts characters and `bytes` bytes of UTF-8 that their field takes; other kinds have none.",
        "`name: {from: title, length: 0}`",
        "Write a whole number from 1, on a rule for text.",
    ),
    "M122": (
        "This path must be written",
        "The hub's case id, the number at the present holder, the accountable company and the contact point are what "
        "the hub tells a partner's agents.",
        "`id: {from: hub_case, read_only: true}`",
        "Take `read_only` or `constant` away; leave the path out where their system has no field for it (not `id`).",
    ),
    "M123": (
        "A part of a list is missing",
        "A note is nothing without identity, author, moment and text, an answer of a customer without score and "
        "moment, a file without its name; and who may see a note or a file is never guessed.",
        "`notes:` without `visibility`",
        "Add it. Where all of their notes are internal, say `visibility: {constant: private}`.",
    ),
    "M124": (
        "Not a marker",
        "A marker is the text that a private note starts with when it is meant for others.",
        '`marker: {"": partners}`',
        'Write a text that nobody starts a note with by chance: `marker: {"#partners ": partners}`.',
    ),
    "M125": (
        "Something else belongs here",
        "The part would not be understood.",
        "`case: [name, status]`",
        "Write what is expected, as the message says.",
    ),
    "M126": (
        "Not something that can be refused",
        "`refuse` lists values of ours that have no word of theirs.",
        "`refuse: [held]` where a word of the table means held",
        "Take the value out of the list, or the word out of the table.",
    ),
    "M127": (
        "No status",
        "Every case has one; without it nothing can be opened, resolved or counted.",
        "a `case` without `status`",
        "Map their status with a table.",
    ),
    "M128": (
        "An amount without its unit",
        "90 means nothing until it is minutes or euros.",
        "`effort.amount: {from: minutes, number: integer}` alone",
        "Map the unit too, or say it: `effort.units: {constant: min}`.",
    ),
    "M129": (
        "Nothing that a new record can be given",
        "`create` holds fields of theirs with a plain value that the hub gives once, when it creates.",
        "`create: {origin: {name: hub}}`",
        "Write `origin.name: hub`, with a text, a whole number, true or false.",
    ),
}
