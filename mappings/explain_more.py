"""What the codes of places, units, formats, choices and declared losses mean. Title, rationale, example, fix.

Next: `explain.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

MORE: Mapping[str, tuple[str, str, str, str]] = {
    "M130": (
        "Not a way to a value",
        "A way into a list must find exactly one element, and must say how a change of it is written.",
        "`from: {list: custom_fields, value: value}` without `where`",
        "Say `{list: custom_fields, where: {id: 7}, value: value, write: element}`; `write` is element, whole or "
        "object.",
    ),
    "M131": (
        "Not a transition",
        "A word that is left out would be a status that no case ever leaves, or reaches, and nobody would know why.",
        "`transitions: {New: [Opened]}`",
        "Name each word of the status table, with the words that may follow it; `[]` for an end.",
    ),
    "M132": (
        "Not a text that can be joined or split",
        "Without a separator nothing tells the parts apart on the way back.",
        "`from: {join: [first]}`",
        "Name two fields or more and the text between them; for a part say `split`, `part` and `of`.",
    ),
    "M133": (
        "Not a choice of rules",
        "Which rule stands must be clear from one word of theirs.",
        "`feedback.text: {when: {field: kind}}`",
        "Say `when: {field: kind, is: {Complaint: complaint.text}, else: comment}`; one `when` holds no other.",
    ),
    "M134": (
        "Not a default",
        "A default is what nothing of theirs means; a time that nobody gave, or what the hub tells, has none.",
        "`creationDate: {from: at, time: iso, default: today}`",
        "Take `default` away, or give a value that this path can hold.",
    ),
    "M135": (
        "Not a table of a file",
        "`lookup` names a table that stands beside the mapping; a name that nothing bears would find nobody.",
        "`relatedParty.solver.name: {from: owner, lookup: usrs.csv}`",
        "Correct the name, or put the file beside the mapping.",
    ),
    "M136": (
        "Not a unit",
        "An amount in an unknown unit is a wrong amount.",
        "`effort.amount: {from: h, number: decimal, unit: days}`",
        "Use a unit that is known for this path, and say with `places` how many digits their field keeps.",
    ),
    "M137": (
        "Not a format of text",
        "What is no mark must not be read as one, and what is one must not reach a page unescaped.",
        "`description: {from: body, format: rtf}`",
        "Say `format: plain`, `html` or `markdown`.",
    ),
    "M138": (
        "Not a way to cut a text",
        "A text is cut only where it is said how long their field is and what becomes of the rest.",
        "`name: {from: summary, truncate: {at: 80}}`",
        "Say `truncate: {at: 80, rest: note}`, or `rest: drop` with `lossy: why`.",
    ),
    "M139": (
        "Not a registered function",
        "A function without its inverse, or none at all, reads and cannot write.",
        "`python: phones:nation`",
        "Register the function and its inverse in the partner's folder under this name.",
    ),
    "M140": (
        "A loss without a reason",
        "Whoever loses something says so and why; a loss that nobody declared is refused.",
        "`nearest: {held: Waiting}` without `lossy`",
        "Add `lossy: why this is right`, or take the loss away.",
    ),
    "M219": (
        "Not one element of their list",
        "Two elements that answer to one condition are two values, and one of them would be lost.",
        "custom_fields with two elements of id 7",
        "Make `where` more exact, or have the record corrected.",
    ),
    "M220": (
        "Parts that could not be told apart again",
        "A part that holds the separator would read back as two.",
        'the name "A / B" for a field that is split at " / "',
        "Change the value, or have their system keep the parts in fields of their own.",
    ),
    "M221": (
        "No rule for this word",
        "The path stands in different fields by that word, and for this one no field is named.",
        "a comment for a record of kind Question, where `when` names Complaint alone",
        "Add the word to `is`, or an `else`.",
    ),
    "M222": (
        "A function that does not take it",
        "A function of the partner's folder raised an error, or gave what its path cannot hold.",
        "`python: phones:national` for a number without digits",
        "Correct the function, or the value in their system.",
    ),
    "M223": (
        "No way from one status to the other",
        "Their system would refuse the move. The hub goes over words between, yet over none that closes, cancels or "
        "rejects: it does none of these in passing.",
        "from Closed, which is declared as an end, to Open",
        "Change `transitions` in the mapping if their system does allow it; else somebody decides.",
    ),
    "M310": (
        "A loss that nobody declared",
        "A value that comes back as another one is a case that differs between companies, and nobody was told.",
        "a function whose inverse leaves the country code out",
        "Mend the rule; or, where the loss is right, say why: `lossy: they keep no country code`.",
    ),
    "M312": (
        "A field that they require and that is not always given",
        "Their system refuses a new record without it, some day and not here.",
        "`name: asunto` where their system requires asunto",
        "Say `required: true`, map the field, or give it once under `create`.",
    ),
    "M311": (
        "A move of a case that their transitions have no way for",
        "The hub may make this move; it would stop at their system some day, and not here.",
        "`transitions: {New: [Open], Open: []}` where a case may be resolved from the start",
        "Add the words that may follow, or declare the end: `Closed: []`.",
    ),
}
