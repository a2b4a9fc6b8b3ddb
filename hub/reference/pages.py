"""Which pages docs/ has, and what stands on each.

Examples are taken from the partner folders and the ops' own, which tests run. Next: `models.py`, `commands.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from connectors.kinds import system_model
from hub.agreement import Agreement
from hub.checking import OURS
from hub.indicators import INDICATORS, NOT_MEASURABLE
from hub.reference.commands import commands
from hub.reference.examples import EXAMPLES, ROOT, shown
from hub.reference.faults import CATALOGUE, faults
from hub.reference.markdown import block, code, flow, page, table
from hub.reference.misbehaviours import SAID, misbehaviours
from hub.reference.models import told
from hub.reference.mutants import RECORD, mutants
from hub.reference.salesforce import salesforce
from hub.reference.soap import soap
from mappings.explain import EXPLANATIONS
from mappings.lists_catalogue import LISTS, ListExample
from mappings.ops_catalogue import OPS
from mappings.schema import LISTS as KEYS_OF_LISTS


def errors() -> str:
    """Every code and what it is about."""
    ours = [f"## {name}\n\n{_sentences(text)}" for name, text in sorted(OURS.items())]
    return page(
        "Error codes",
        "`casebridge explain CODE` says the same at a prompt. A code of fewer digits stands for all that begin so: "
        "`C3` for `C301`, `C320` and the like; the error itself says which, where and what to do.",
        "The first letter: D a declaration's form, M a mapping, A the agreement, C a connector, X the exchange, "
        "L the ledger, R a report, H an export of past cases.",
        *ours,
        *(
            f"## {name}\n\n**{title}.** {why}\n\n- Example: {wrong}\n- Fix: {fix}"
            for name, (title, why, wrong, fix) in sorted(EXPLANATIONS.items())
        ),
    )


def cli() -> str:
    """Every command."""
    return page(
        "Commands",
        "`casebridge` is in `.venv/bin` after `make setup`. Addresses and secrets of partners come from "
        "`AIRFLOW_CONN_<ID>`, everything else from the variables that `hub/settings.py` lists.",
        *commands(),
    )


def declarations() -> str:
    """system.yaml of each kind."""
    parts: list[str] = []
    for kind in EXAMPLES:
        parts += told(system_model(kind), f"kind: {kind}")
        parts += shown(kind)
    return page(
        "How to reach a partner: system.yaml",
        "A partner is one folder, `mappings/partners/NAME/`; this file of it says how its system is spoken to. "
        "An unknown key is an error with its place. Addresses and secrets stand in the connection, never here. The "
        "examples are those that the connectors' contract suite runs against real processes. More of two kinds: "
        "[soap.md](soap.md), [salesforce.md](salesforce.md).",
        *parts,
    )


def mapping() -> str:
    """mapping.yaml: the ops, and a whole one."""
    rows = (
        (code(key), example.says, code(flow(dict(example.rule))), code(flow(example.theirs)), code(_ours(example.ours)))
        for key, example in OPS.items()
    )
    whole = ROOT / "mappings/partners/northcable/mapping.yaml"
    return page(
        "What a partner's words mean: mapping.yaml",
        "Each rule works both ways: what is read comes back as it was, and what is written reads back the same. "
        "The examples are run both ways by the tests.",
        "`schemas/mapping.json` is its JSON Schema: an editor that knows YAML schemas completes and checks the file by "
        "its first line, `# yaml-language-server: $schema=../../../docs/schemas/mapping.json`. `casebridge map PARTNER "
        "record.json` shows what a mapping makes of one record, `casebridge mapping diff` what another version of it "
        "would change, and `casebridge mapping replay` brings live cases to it, as a rehearsal first.",
        "`transitions` says which status word of theirs may follow which, where their system refuses some moves: the "
        "hub writes the words between first, one at a time, each read back; none of them closes, cancels or rejects. "
        "Where no way leads, the case waits for a person, and `check` says so before.",
        "`counterpart.north: ref_north` says that their field holds another partner's number of the same case, here "
        "North's. What both had before the hub is adopted by it and never made again. It is read only, and crosses to "
        "nobody; whole numbers need `number: integer`. `check` knows the partners (`D215`).",
        "Beside it `described.yaml` keeps what their own system says of its fields: `casebridge describe PARTNER` asks "
        "and writes it, `--diff` shows what changed since. `check` then holds the tables against their picklists, the "
        "lengths against their limits, and what they require against what is given.",
        table(("op", "what it does", "a rule", "theirs", "ours"), rows),
        "## Lists with identity",
        "Beside `case` stand lists whose members have an id of their own. A list that cannot be understood parks its "
        "record and names the member and its part. Each part of a member may use the ops above, but for those that "
        "cut or lose; `{constant: ...}` may stand for an author, a type, or who may see it.",
        *(part for section, example in LISTS.items() for part in _list(section, example)),
        "## A whole mapping",
        "`mappings/partners/northcable/mapping.yaml`:",
        block(whole.read_text(encoding="utf-8"), "yaml"),
    )


def _list(section: str, example: ListExample) -> Iterator[str]:
    """One list: what becomes of it, its keys, and an example."""
    yield f"### {section}"
    yield example.says
    yield table(("key", "what it is"), ((code(key), said) for key, said in KEYS_OF_LISTS[section].items()))
    yield block("\n".join([f"{section}:", *(f"  {key}: {flow(one)}" for key, one in example.declared.items())]), "yaml")
    yield table(
        ("theirs", "ours"),
        [(code(flow(dict(example.theirs))), "; ".join(code(flow(dict(one))) for one in example.ours))],
    )


def agreement() -> str:
    """agreement.yaml."""
    return page(
        "What the companies agreed on: agreement.yaml",
        *told(Agreement, "agreement.yaml"),
        "The one of the sandbox:",
        block((ROOT / "agreement.yaml").read_text(encoding="utf-8"), "yaml"),
    )


def indicators() -> str:
    """What managers get."""
    rows = ((code(one.id), one.name, one.family, one.question, one.formula, one.unit, one.better) for one in INDICATORS)
    sorts = ", ".join(f"{code(one.id)} by {one.by}" for one in INDICATORS if one.by)
    stories = {one.example.words: one.example.lines for one in INDICATORS}
    return page(
        "Indicators",
        "Computed from the ledger's entries alone, for the whole, each company, each edge where that has a meaning, "
        "and the cases of each product, priority, channel, region and contact point, as the case says them now: "
        f"arrivals by channel are {code('opened')} in the scopes of channels. By sort too, for the whole and each "
        f"company: {sorts}.",
        table(("id", "name", "family", "question", "how it is computed", "unit", "better"), rows),
        "## Against the agreement",
        "`hub/kept.py`: each commitment, of each company that it binds and of all together, with its target, the share "
        "that was kept, the deviation in points, and how many more may be missed in the period before the target is "
        "(the error budget; below 0: how many too many were).",
        "## Not measurable here",
        "\n".join(f"- **{what}**: {why}" for what, why in NOT_MEASURABLE.items()),
        "## Exact",
        "Seconds are added up in whole microseconds and divided once at the end, quantiles are those of all values, "
        "interpolated linearly: no order of entries changes a digit, and no sketch stands between.",
        "## Between two polls",
        "Where a partner's system tells its change history (`abilities.change_history`), each change of status and "
        "holder counts at the time that the partner gives, also one that came and went between two polls; a case that "
        "is read late opens as it began. What the hub wrote itself is no change of the partner's. A hand-over that "
        "came and went counts where the agreement has an edge for it.",
        "Elsewhere a partner is sampled: what comes and goes between two polls is not seen, and its time is that of "
        "what was seen. In the report such figures bear a † and a footnote with the seconds between two polls "
        "(`poll` in system.yaml), in the sheet the column `sampled_every_s`; the board says it of the partner. These "
        f"are: {', '.join(code(one.id) for one in INDICATORS if one.sampled)}. Of the whole and of an edge it is said "
        "where one of its companies is sampled.",
        "## Examples",
        "Worked stories in the shorthand of `hub/worked.py`, and what each indicator is in them; the tests run these.",
        *(part for words, lines in stories.items() for part in _story(words, lines)),
    )


def _story(words: str, lines: Iterable[str]) -> Iterator[str]:
    """A worked story, and the figures of those indicators that tell it."""
    yield words
    yield block("\n".join(lines))
    telling = (one for one in INDICATORS if one.example.words == words)
    yield table(("indicator", "in this story"), ((code(one.id), flow(dict(one.example.shows))) for one in telling))


def _ours(value: object) -> str:
    """One of our values as a page shows it."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _sentences(text: str) -> str:
    """An explanation with its fix on a line of its own."""
    head, _, fix = text.partition("\n  Fix: ")
    return f"{head}\n\n- Fix: {fix}" if fix else head


PAGES: Mapping[str, Callable[[], str]] = {
    "errors": errors,
    "cli": cli,
    "declarations": declarations,
    "mapping": mapping,
    "agreement": agreement,
    "indicators": indicators,
    "salesforce": salesforce,
    "soap": soap,
} | {
    name: written
    for name, written, source in (
        ("faults", faults, CATALOGUE),
        ("mutants", mutants, RECORD),
        ("misbehaviours", misbehaviours, SAID),
    )
    if source.exists()
}
