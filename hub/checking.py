"""`casebridge check`: every declaration read whole, its examples run both ways, before anything goes live.

The presets that are shipped are checked as partners' mappings are. Opens no connection and no ledger.
Next: `declarations.py`, `presets.py`, `../mappings/examples.py`, `agreement.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from connectors.errors import ConnectorError
from connectors.kinds import prove
from hub import adopting, asking_check, history_check, sharing_codes, telling_check
from hub.agreement_checking import check_agreement
from hub.codes import MORE
from hub.declarations import DeclarationError, Document, Problem, read, shown
from hub.describing import Kept, kept_in
from hub.mailing.subscriptions import load_subscriptions
from hub.partners import Partner, compiled, folders, load_partner
from hub.past import codes as past_codes
from hub.presets import PRESETS, About, Extended, about, names, read_mapping
from hub.settings import Settings
from mappings.case import COUNTERPART
from mappings.examples import check_examples
from mappings.explain import EXPLANATIONS, explain
from mappings.lens import Lens

IN_EXAMPLES = frozenset({"M301", "M305"})
"""Codes whose place leads into examples.yaml; the others' leads into mapping.yaml."""

OURS = {
    **MORE,
    **past_codes.MORE,
    **telling_check.MORE,
    **history_check.MORE,
    **sharing_codes.MORE,
    **asking_check.MORE,
    "D1": "The YAML cannot be read as what it should be: the text says what stands in the way.",
    "D2": "A declaration has a field that its kind does not know, lacks one, or holds a value that does not fit.",
    "D213": "A mapping is proven by examples: real records, and what each of them means, run in both directions.\n"
    '  Example:  - {name: a new case, body: {id: "7", state: New}, case: {status: acknowledged}}\n'
    "  Fix: write examples.yaml beside mapping.yaml. `case: {}` makes check say what it reads.",
    "D214": "A partner's system tells nothing of its fields, so that there is nothing to hold the mapping against.\n"
    "  Fix: say in system.yaml where it describes itself (`describe:`); else write described.yaml by hand.",
    "D215": "`counterpart.NAME` says whose number of the case stands in the field: a partner's, and not its own.\n"
    "  Example:  counterpart.north: ref_north",
    "D220": "`extends` names a preset that is not there.\n"
    "  Fix: take one of the known ones, or write the mapping whole.",
    "D221": "null drops a line of the preset, and the preset has no line of this name.\n"
    "  Fix: take the name from the preset's own file, or take this line away.",
    "D222": "A preset stands for itself, so that its file shows all of it.\n  Fix: write its lines out.",
    "D230": "A table of a file, which `lookup` names, is CSV in UTF-8: `theirs,ours`, then a line for each word.\n"
    "  Fix: correct the line; a word of theirs stands once.",
    "D231": "A module of the partner's folder, which `python` names, is run once and tells its functions in pairs.\n"
    '  Example:  FUNCTIONS = {"national": (to_ours, to_theirs)}',
    "A3": "agreement.yaml names something that does not exist, or two edges that one case could match.",
    "A310": "A value that an edge lets cross has no word where it may come to: the case would be parked there.\n"
    "  Fix: name a word in its table, or the nearest one: `nearest: {held: Waiting}` and `lossy: why`.",
    "A401": "An agent transferred a case where no edge of the agreement permits it; the field was written back.\n"
    "  Fix: transfer it to a company that an edge names, or agree on an edge and add it to agreement.yaml.",
    "L101": "The database's schema is another than this program's.\n  Fix: casebridge ledger upgrade",
    "X201": "Two companies changed one field and neither holds the case: a person decides which value stands.\n"
    "  Fix: `casebridge parked fix NUMBER --set path=value`, or `parked drop NUMBER` if the one that stands is right.",
    "X301": "A second record bears the hub id of one case: somebody copied it.\n  Fix: clear the hub id in the copy.",
    "X302": "A company deleted the record of a case that it holds or answers for.\n"
    "  Fix: restore it there, or have the contact point transfer the case.",
    "X304": "A company merged the record of one case into the record of another: two cases are one there.\n"
    "  Fix: cancel the case that is not to go on, in a system that still has it.",
    "X305": "A company's system knows the record of a case no more, and does not tell of a deletion: it was purged,\n"
    "or our login may not see it. Its link ended; nothing is made again there.\n"
    "  Fix: restore it, or let the login see it: it belongs to its case again at the next reconciliation, or at once\n"
    "  with `casebridge parked retry`; or `parked drop` if it is to stay gone.",
    "X306": "Two records of one company claim the same counterpart, or one leads to two cases: the second waits.\n"
    "  Fix: clear or correct the number in the record that is wrong there; its next change is tried anew.",
    "X307": "A record says which record of another company is its case, and that one is not known: none is made\n"
    "beside it.\n  Fix: correct or clear the number in that record; or have the other record read, and it is linked.",
    "X308": "A file does not go into a company's system: it takes none, none so large, or none of that sort. It stays\n"
    "where it is, which the text says; everything else of the case goes on.\n"
    "  Fix: take it from there, or raise `files` in the system.yaml of the company that does not take it; what fits\n"
    "  by then is sent with the case's next change, or at once with `casebridge parked retry`.",
    "X309": "A file of a company could not be read: it was taken away, is larger than its `files.largest`, or failed\n"
    "again and again.\n  Fix: attach it anew there, or mend what the text says, then `casebridge parked retry`.",
    "X303": "A company answered that a value was written, and still shows another one.\n"
    "  Fix: look whether the field is locked or the value unknown there; then `casebridge parked retry`.",
    "C1": "The partner's system was not reached; nothing was sent, and sending again is safe.",
    "C2": "The partner's system asks to wait; the hub waits as long as it asks, up to an hour.",
    "C3": "Login, permission or address is wrong: this partner stops until a person mends it.",
    "C4": "A change was sent and no answer came; the hub looks for it before it sends again.",
    "C5": "The record changed since it was read; the hub reads it again and decides anew.",
    "C6": "The partner's system refuses this record; it is parked and the others go on.",
    "R1": "A report was asked for that cannot be written: a period, an indicator or a language that is none.",
    "R120": "A command names a subscription that subscriptions.yaml does not have.\n  Fix: take a known name.",
    "R122": "A mail server did not take a report; its own words stand behind.\n"
    "  Fix: mend what it says (the address, the login, the connection), then clear the task or send it anew:\n"
    "  casebridge report send NAME",
    "R123": "A report could not be written to the folder that its subscription names.\n"
    "  Fix: mend what it says (a right, the address, the provider's package), then clear the task or send it anew.",
    "R130": "A decision names an indicator that there is not.\n  Fix: take an id of docs/indicators.md.",
    "R131": "A decision names a company or edge that the indicator has no figure for in that period.\n"
    "  Fix: take one of those that are known, or `whole`.",
    "D240": "A subscription's name stands in file names and mails.\n  Fix: take a-z, 0-9, - and _, at most 64 of them.",
    "D241": "A subscription is of a company that is no partner of the agreement.\n  Fix: take a known name.",
}


def check_all(settings: Settings, only: tuple[str, ...], tell: Callable[[str], None]) -> list[Problem]:
    """Problems of these partners or presets (none named: all, and the agreement). tell: a line for each that holds."""
    problems: list[Problem] = []
    found = {folder.name: folder for folder in folders(settings.partners_dir)}
    presets = names()
    for name in only or tuple(found):
        if name in found:
            problems += _of_partner(found[name], found, tell)
        elif name in presets:
            problems += _of_presets((name,), tell)
        else:
            at, known = f"{shown(settings.partners_dir)}:1:1", (*found, *presets)
            problems.append(Problem(at, "D212", f"no partner and no preset {name!r}.", name, known))
    if not only:
        problems += _of_presets(presets, tell)
        problems += check_agreement(settings, tuple(found), tell)
        problems += _of_subscriptions(settings, tuple(found), tell)
    return problems


def _of_partner(folder: Path, known: Iterable[str], tell: Callable[[str], None]) -> list[Problem]:
    try:
        partner = load_partner(folder)
        examples = _examples(folder)
        kept = kept_in(folder)
    except DeclarationError as error:
        return list(error.problems)
    problems = _of_examples(partner.lens, partner.mapping, examples, kept) + _of_counterparts(partner, known)
    problems += _of_contract(partner, folder)
    problems += telling_check.check_told(folder, partner, kept)
    problems += history_check.check_history(folder, partner)
    problems += asking_check.check_asked(folder, partner)
    if not problems:
        tell(_holds(partner, len(examples.content), kept))
    return problems


def _of_subscriptions(settings: Settings, known: tuple[str, ...], tell: Callable[[str], None]) -> list[Problem]:
    """What does not hold in subscriptions.yaml; nothing where there is none."""
    try:
        found = load_subscriptions(settings.subscriptions_file, known)
    except DeclarationError as error:
        return list(error.problems)
    if found is not None:
        tell(f"[green]✓[/] {len(found.subscriptions)} subscriptions to reports")
    return []


def _of_contract(partner: Partner, folder: Path) -> list[Problem]:
    """What does not fit in the files that are kept beside its system.yaml, such as a WSDL."""
    try:
        prove(partner.system)
    except ConnectorError as error:
        place = error.message.partition(":")[0].partition(",")[0].split(".")
        told = f"{error.message} Fix: {error.fix}"
        return [read(folder / "system.yaml").problem(place, error.code, told, error.value, error.known)]
    return []


def _of_counterparts(partner: Partner, known: Iterable[str]) -> list[Problem]:
    """Lines `counterpart.NAME` that name no other partner."""
    others = tuple(name for name in known if name != partner.name)
    return [
        partner.mapping.problem(("case", COUNTERPART + name), "D215", f"{name!r} is no other partner.", name, others)
        for name in sorted(adopting.declares(partner.lens) - set(others))
    ]


def _examples(folder: Path) -> Document:
    """Its examples.yaml. Raises DeclarationError, D213 where there is none."""
    path = folder / "examples.yaml"
    if path.exists():
        return read(path)
    message = "there are no examples yet: give a record as their system answers it, and beside it what it means."
    raise DeclarationError([Problem(f"{shown(path)}:1:1", "D213", message)])


def _of_examples(lens: Lens, mapping: Document, examples: Document, kept: Kept | None = None) -> list[Problem]:
    """What does not hold in the examples, and beside what their system says of its fields; each problem in the file
    that it leads into."""
    return [
        (examples if fault.code in IN_EXAMPLES else mapping).problem(
            fault.place, fault.code, fault.message, fault.value, fault.known
        )
        for fault in check_examples(lens, examples.content, kept.fields if kept else None)
    ]


def _of_presets(presets: Iterable[str], tell: Callable[[str], None]) -> list[Problem]:
    """All of them, said in one line."""
    problems: list[Problem] = []
    held: list[tuple[str, About, int]] = []
    for name in presets:
        folder = PRESETS / name
        try:
            told, mapping, examples = (
                about(folder),
                read_mapping(folder / "mapping.yaml"),
                read(folder / "examples.yaml"),
            )
            wrong = _of_examples(compiled(mapping, name), mapping, examples)
        except DeclarationError as error:
            wrong = list(error.problems)
        problems += wrong
        if not wrong:
            held.append((name, told, len(examples.content)))
    if held and not problems:
        tell(_hold(held))
    return problems


def _hold(held: Sequence[tuple[str, About, int]]) -> str:
    """The line of the presets. What was never run on the real system says so."""
    live = {
        word: ", ".join(name for name, told, _ in held if told.run_live == how)
        for how, word in (("passed", "run live"), ("planned", "not yet run live"), ("never", "never run live"))
    }
    return (
        f"[green]✓[/] {len(held)} presets: {sum(count for _, _, count in held)} examples hold both ways; "
        + "; ".join(f"{word}: {which}" for word, which in live.items() if which)
    )


def _holds(partner: Partner, examples: int, kept: Kept | None) -> str:
    mapping = partner.mapping
    described = f"fits the {len(kept.fields)} fields of their system" if kept else "their system's fields not described"
    extends = f" extends {mapping.preset.path.parent.name}," if isinstance(mapping, Extended) else ""
    return (
        f"[green]✓[/] {partner.name}: {partner.system.kind},{extends} {len(partner.lens.paths)} paths read, "
        f"{len(partner.lens.told)} told, {examples} examples hold both ways, {described}, "
        f"{history_check.told(partner)}, mapping {partner.lens.hash}"
    )


def explain_code(code: str) -> str:
    """Rationale, example and fix of an error code; a sentence that begins with "No code" where there is none."""
    code = code.upper()
    for length in (4, 2):
        if code[:length] in OURS and code[1:].isdigit():
            return f"{code}\n  {OURS[code[:length]]}"
    if code in EXPLANATIONS:
        return explain(code)
    return f"No code {code}. They begin with D (YAML), M (mapping), A (agreement), C (connector), X, R."
