"""Codes of the leak test, of erasure and retention, explained. Next: `checking.py`, which shows them."""

from __future__ import annotations

from collections.abc import Mapping

MORE: Mapping[str, str] = {
    "A308": "A sharing lists `private` among the notes or attachments that cross: what is private never does.\n"
    "  Fix: take it out; who wants a note to cross marks it for partners in his own tool.",
    "A309": "A sharing lists a pseudonym for something that is no text of a case: a list of words, a time and a\n"
    "number have none.\n  Fix: take a text, such as relatedParty.customer.name; else leave it out, and it is withheld.",
    "X520": "The leak test was to run on the installation's own ledger, or on a database that has tables already:\n"
    "what it plants would stand among real cases.\n"
    "  Fix: leave `--ledger` out, or name a new, empty database.",
    "X521": "A command about partners needs to know which: one by its name, or all of them.\n"
    "  Fix: casebridge leaktest northcable, or casebridge leaktest --all",
    "X530": "A person asked to be forgotten, and this company has data of his that the hub cannot empty by itself.\n"
    "  Fix: one of its people deletes or empties the record; then\n"
    '  casebridge erase --confirm PARTNER --case CASE --why "deleted by ..."',
    "X534": "A case is sealed under its customer's key with his other cases: one alone cannot be made unreadable.\n"
    "  Fix: casebridge erase --customer ID",
    "X532": "A company is said to have erased something that nobody asked it for, or that is done already.\n"
    "  Fix: casebridge erase --pending shows what waits for whom.",
    "X540": "A delivery that was owed to a company that left the alliance: it is carried no more.",
    "X541": "Cases of a company that leaves can go only to a company of the agreement that is here and not paused.\n"
    "  Fix: name another one, or `casebridge resume --partner NAME --why ...` first.",
    "X542": "A company that leaves is the contact point of open cases, and nobody is named to be it after it:\n"
    "customers would have nobody to turn to.\n"
    "  Fix: add --contact-point COMPANY; it sees all of these cases from then on.",
    "X543": "A company left the alliance, and what the hub wrote in its records is to be removed there by its people.\n"
    '  Fix: once they say that it is done, casebridge partner erased PARTNER --why "told by ..."',
    "X544": "A company is said to have erased all that it had, and it did not leave.\n"
    "  Fix: casebridge erase --confirm PARTNER --case CASE says it of one case.",
    "X533": "An erasure needs to know whose data is meant.\n  Fix: give --customer ID, or --case ID.",
    "X522": "The leak test let a case go over an edge and nothing came to the other side, so nothing is proven of it.\n"
    "  Fix: the text says what stood in the way, mostly a value that has no word there: `casebridge check`.",
}
