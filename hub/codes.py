"""Codes of back-pressure, first contact and repair, explained. Next: `checking.py`, which shows them."""

from __future__ import annotations

from collections.abc import Mapping

MORE: Mapping[str, str] = {
    "A320": "A company or a commitment names a calendar that there is not.\n"
    "  Fix: take a known name, or add it to `calendars`; `always` never stops.",
    "A321": "A commitment is of a partner, or for an edge, that there is not.\n  Fix: take a known name.",
    "A322": "A commitment is of somebody who cannot give it: `endToEnd` is promised by all together, each other one\n"
    "by one company or by each, and a case that came over an edge is with that edge's receiver.\n"
    "  Fix: correct `of`, or take the edge that leads to that company.",
    "A323": "Two commitments promise the same thing of the same company, or bear one id: which one is meant?\n"
    "  Fix: take one out; one for an `edge` goes before one for all cases, one of a partner before one of `each`.",
    "A324": "What single companies may take, to accept a case and to resolve it, is longer than what all together\n"
    "promise the customer: the promise cannot be kept from its parts.\n"
    "  Fix: give the whole more time, or a part less.",
    "A325": "`closing.corrective.owners` names a company that is no partner of the agreement.\n"
    "  Fix: take a known name.",
    "A326": "Contact points may escalate cases by `escalated_by`, and a company has no levels of `escalation`: who\n"
    "of it would be asked?\n  Fix: name its levels, each with the time to answer.",
    "A327": "No agent can escalate by what `escalated_by` says: no mapping reads that field, or says such a word.\n"
    "  Fix: map the field, or take another one.",
    "A330": "`refused_to` of an edge names a company that there is not, or one that no transfer edge leads to from\n"
    "the giver, which answers for a refused case.\n"
    "  Fix: take `giver` or `contactPoint`, or add the edge that leads there.",
    "A331": "One case matches two edges that both move it by themselves, to different companies: to which?\n"
    "  Fix: make their conditions exclude each other, or let one of them be `suggested`.",
    "A332": "Edges that move cases by themselves lead one case round in a ring: it would never rest.\n"
    "  Fix: make the conditions exclude each other, or let an agent's act close the ring.",
    "A333": "A company is competent for such cases, and they cannot get there from another one that is not: nobody\n"
    "would solve them.\n"
    "  Fix: add an edge, or the words to its condition; or take the competence out if nobody is to have such cases.",
    "A334": "An edge leads a case to a company that does not say that it can solve it.\n"
    "  Fix: take the word out of `when`, or add it to the company's `competences`.",
    "A335": "An example of an edge does not go as it says: its case goes over the edge and is not to, or the other\n"
    "way.\n"
    "  Fix: correct the edge's `when` if the example is right; else the example.",
    "A336": "No case can match an edge, or accept it: no mapping that reaches its company says such a value.\n"
    "  Fix: map the field or add the word to its table in mapping.yaml; or correct the edge.",
    "A340": "A signature is of no partner of the agreement, or one partner signed twice.\n"
    "  Fix: take the line out of `signed`; `casebridge agreement sign PARTNER --name ...` writes a right one.",
    "A341": "An agreement was changed after somebody signed it: the signature is of another text, and so of nothing.\n"
    "  Fix: put the text back; or make a new version of it (the old one goes into agreements/), and have it signed.",
    "A342": "Two versions of the agreement bear one name, or begin on one day: which one holds?\n"
    "  Fix: give each its own `version` and `effective`.",
    "A343": "No version of the agreement holds yet.\n  Fix: keep the one that held until now in agreements/.",
    "A344": "A command names a partner that the agreement has not.\n  Fix: take one of those that are known.",
    "A402": "An agent refused a case and named no reason that the edge allows; the field was written back.\n"
    "  Fix: write one of the edge's reasons in the field of the status reason, and refuse it again.",
    "A403": "A case was refused, and no other edge leads on from the company that answers for it.\n"
    "  Fix: solve it there, or agree with who refused it; the question goes once somebody takes the case.",
    "A404": "An agent of a company that has the case to read transferred it; the field was written back.\n"
    "  Fix: let the company that holds it hand it over.",
    "A405": "An agent handed a task on; the field was written back. A task stays where it was given.\n"
    "  Fix: refuse it (hand it back to who gave it, with a reason), and let that company give it anew.",
    "A501": "The entries are not those that were written: one was edited, deleted, moved or added afterwards.\n"
    "  Fix: stop writing to the ledger, keep a copy, and compare with a backup from before.",
    "A502": "The chain fits in itself and is another than the one whose head was kept: the ledger was made anew.\n"
    "  Fix: as A501; what the anchors before it cover is whole.",
    "A503": "The ledger is shorter than when its head was kept: its end was cut off, or an old backup was put back.\n"
    "  Fix: after a restore, keep the old anchors beside, and begin a new file; else as A501.",
    "A504": "An anchor's signature is not of the key that it is checked with.\n"
    "  Fix: give the right public key (`casebridge audit key` prints it); if it is right, the line is forged.",
    "A505": "A line of the anchors is missing before this one, or was changed.\n"
    "  Fix: put it back; your partners have it too.",
    "A506": "A line of the anchors' file cannot be read.\n  Fix: put it back as it was written.",
    "C201": "More calls a second than `rate` in system.yaml lets be made: the step ended and goes on later.\n"
    "  Fix: nothing to do; raise `rate` only if the partner agrees.",
    "C202": "Our share of the partner's quota is used up until its window turns; nothing is called before.\n"
    "  Fix: wait, poll less often, or agree on more and raise `quota` in system.yaml.",
    "X310": "A record bears the hub id of a case that its company was never given, or of none that is known: a copy\n"
    "from elsewhere, or somebody who wants to see another company's case. It is linked to nothing and told nothing.\n"
    "  Fix: clear the hub id in the record, and it becomes a case of its own; after a restore from a backup,\n"
    "  `casebridge ledger reconcile` first, which believes such ids.",
    "C203": "Another process is renewing our token at the partner and has not ended yet.\n"
    "  Fix: nothing to do; it is tried again. One that was killed over it is waited for until its time is up.",
    "C311": "A key in the connection (for signatures, or an assertion) is not in the form that `auth` declares.",
    "C312": "The partner takes our refresh token no more, or the connection holds none: it was revoked, ran out, or\n"
    "was spent by a process that ended before it had the next one.\n"
    "  Fix: let a person consent anew, and put the new token into the connection's extra.",
    "C313": "A refresh token may be good once, and what was asked cannot keep the next one (the form's Test button).\n"
    "  Fix: `casebridge describe PARTNER` or `casebridge pull PARTNER` asks and keeps.",
    "C314": "A signature was refused, and our clock is not theirs: it is taken for a few minutes only.\n"
    "  Fix: set this machine's clock (NTP).",
    "C324": "A partner declares `webhooks` and its connection holds no secret to tell its webhooks from forged ones:\n"
    "each is answered 503.\n"
    "  Fix: add the secret to the connection's extra, under the name that `webhooks.secret` in system.yaml gives.",
    "C325": "A secret for webhooks is shorter than the 24 bytes that Standard Webhooks asks for, or no base64.\n"
    "  Fix: make one of 32 random bytes, in base64 after `whsec_`, and give it to both sides.",
    "X401": "A partner's first contact would create or change more records than `first_contact.guard` permits, and\n"
    "nobody has signed it off: nothing was written.\n"
    "  Fix: look at `casebridge push PARTNER --dry-run`, then `casebridge partner sign-off PARTNER --why ...`",
    "X402": "A partner's own system changed a field that the mapping stands on: it is gone, of another type, shorter,\n"
    "required now, or a word was taken from its picklist. The partner is paused; the others go on.\n"
    "  Fix: correct mapping.yaml, `casebridge describe PARTNER`, `casebridge check`, then\n"
    "  `casebridge resume --partner PARTNER --why ...`",
    "X501": "Nothing that waits has this number.\n  Fix: `casebridge parked list` shows what does.",
    "X502": "No partner's folder has this name.",
    "X503": "An id or number that names no case, or several.\n  Fix: give the whole id, or the number in one system.",
    "X504": "A value of a case that cannot be set by hand: no such path, a value that does not fit, or a path that is\n"
    "an act of a company's own (status, holder).\n  Fix: take a known path; do acts in the company's own system.",
    "X505": "An act at the hub says why; who and why stand in the audit trail.",
    "X506": "What was asked for means nothing for this kind of thing that waits; the text says what would.",
    "X507": "A time that cannot be read.\n  Fix: 2026-03-01, or 2026-03-01T09:00+01:00; without a zone it is in UTC.",
    "X531": "A setting in the environment cannot be read.\n  Fix: days as a number, such as 14 or 0.5; 0 keeps none.",
    "X509": "A customer's word is asked for once a case is resolved, and this one is not, or is closed history.\n"
    "  Fix: resolve it in the system of the company that holds it; the customer is asked then.",
    "X510": "The link of this round of asking was used: the customer's answer is there. `casebridge show` tells it.",
    "X511": "No corrective action that is not ended has this number.\n"
    "  Fix: `casebridge corrective list` shows them; whether it was effective, the customer's next word says.",
    "X512": "A word of the customer's cannot be classified so: there is none, or it is about nothing that is known.\n"
    "  Fix: take a known component (of the six) or expectation; `casebridge show` tells which signals there are.",
    "X514": "A customer was not satisfied, and no role is named at the company that answered for his case.\n"
    "  Fix: `casebridge parked drop NUMBER --why ROLE` says who sees to it; name owners in `closing.corrective`.",
    "X513": "A dispute is of how long it took (durationDisputed) or of what is said to have been done\n"
    "(narrativeDisputed), and the customer's or the contact point's.\n  Fix: take a known one.",
    "R121": "The file of the store of facts, from which rollups are computed, cannot be opened: another process is at\n"
    "it, or it is broken.\n  Fix: try again when the other one has ended. It is a copy of what the ledger says: where\n"
    "it is broken, delete it; the next rollup computes it anew.",
    "R122": "The ledger has no entry of this number.\n  Fix: take the entry head that a report bears in its stamp.",
    "X508": "`casebridge serve` cannot listen at the address it was given.",
}
