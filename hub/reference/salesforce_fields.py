"""Metadata of the fields that the hub keeps on a Salesforce org's Case and files: a package for its administrator.

Made from Brightnet's mapping (which field is which) and description (types, lengths, choices), in the form of the
Metadata API: package.xml, the object's fields, and a permission set that lets our user read and write them.
Next: `salesforce.py`, the page that says how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lxml import etree

from hub.declarations import read
from hub.describing import Kept, KeptField, kept_in

FOLDER = "salesforce-fields"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
BRIGHTNET = Path(__file__).resolve().parent.parent.parent / "mappings/partners/brightnet"
LABELS: Mapping[str, tuple[str, str]] = {
    "id": ("Hub case", "The hub's id of the case. Unique: a second record with the same value is refused."),
    "holder": (
        "Company at work",
        "The company that works on the case. An agent hands it over by choosing another one.",
    ),
    "holderNumber": ("Number there", "The case's number in that company's system. Written by the hub."),
    "accountable": (
        "Accountable company",
        "The company that answers to the customer for the case. Written by the hub.",
    ),
    "contactPoint": ("Contact point", "The company whom the customer talks to. Written by the hub."),
    "told": ("How it stands", "What the hub tells agents: who has the case, what is due, what was held back and why."),
}
"""Canonical path, or what system.yaml declares: label and description of the field that holds it."""


FILE = "ContentDocument.LatestPublishedVersion."
"""Before a field of a file's newest version, as the files of a case tell it."""
SEEN: Mapping[str, str] = {"private": "only we", "partners": "the companies too", "customer": "the customer too"}
"""What each choice of the field that says who may see a file means, in the words of an agent."""
AUDIENCE = ("Who may see it", "Who may see a file of a case. A link's own Visibility has no word for the companies.")


def package() -> str:
    """package.xml: what the folder holds."""
    root = _root("Package")
    fields = _granted()
    for kind, members in (("CustomField", fields), ("PermissionSet", ["Casebridge"])):
        types = etree.SubElement(root, "types")
        for member in members:
            _text(types, "members", member)
        _text(types, "name", kind)
    _text(root, "version", "60.0")
    return _written(root)


def case() -> str:
    """objects/Case.object: the fields."""
    root, kept = _root("CustomObject"), _kept()
    for name, path in _fields().items():
        _field(etree.SubElement(root, "fields"), name, path, kept.fields[name])
    return _written(root)


def version() -> str:
    """objects/ContentVersion.object: who may see a file."""
    root = _root("CustomObject")
    name, words = _audience()
    into = etree.SubElement(root, "fields")
    _text(into, "fullName", name)
    _text(into, "description", AUDIENCE[1])
    _text(into, "label", AUDIENCE[0])
    _text(into, "required", "false")
    _text(into, "type", "Picklist")
    values = etree.SubElement(into, "valueSet")
    _text(values, "restricted", "true")
    _values(etree.SubElement(values, "valueSetDefinition"), words)
    return _written(root)


def permissions() -> str:
    """permissionsets/Casebridge.permissionset: our user may read and write them."""
    root = _root("PermissionSet")
    for field in _granted():
        granted = etree.SubElement(root, "fieldPermissions")
        _text(granted, "editable", "true")
        _text(granted, "field", field)
        _text(granted, "readable", "true")
    _text(root, "hasActivationRequired", "false")
    _text(root, "label", "Casebridge")
    return _written(root)


FILES: Mapping[str, Callable[[], str]] = {
    f"{FOLDER}/package.xml": package,
    f"{FOLDER}/objects/Case.object": case,
    f"{FOLDER}/objects/ContentVersion.object": version,
    f"{FOLDER}/permissionsets/Casebridge.permissionset": permissions,
}


def _granted() -> list[str]:
    """Every field of the package, with its object."""
    return [*(f"Case.{name}" for name in sorted(_fields())), f"ContentVersion.{_audience()[0]}"]


def _audience() -> tuple[str, Mapping[str, str]]:
    """The field that says who may see a file, and its words with what each means."""
    rule = read(BRIGHTNET / "mapping.yaml").content["attachments"]["visibility"]
    return str(rule["from"]).removeprefix(FILE), {word: SEEN[ours] for word, ours in rule["values"].items()}


def _fields() -> dict[str, str]:
    """Field name -> canonical path."""
    rules = read(BRIGHTNET / "mapping.yaml").content["case"]
    told = {"told": read(BRIGHTNET / "system.yaml").content["told"]["field"]}
    return {_from((rules | told)[path]): path for path in LABELS}


def _from(rule: object) -> str:
    return str(rule["from"] if isinstance(rule, Mapping) else rule)


def _kept() -> Kept:
    kept = kept_in(BRIGHTNET)
    if kept is None:
        raise FileNotFoundError(BRIGHTNET / "described.yaml")
    return kept


def _field(into: etree._Element, name: str, path: str, told: KeptField) -> None:
    """One field; the schema of the Metadata API wants its parts in the order of the alphabet, after the name."""
    label, description = LABELS[path]
    _text(into, "fullName", name)
    if path == "id":
        _text(into, "caseSensitive", "false")
    _text(into, "description", description)
    if path == "id":
        _text(into, "externalId", "true")
    _text(into, "label", label)
    if not told.values:
        _text(into, "length", str(told.length))
    _text(into, "required", "false")
    long = told.type == "textarea"
    _text(into, "type", "Picklist" if told.values else "LongTextArea" if long else "Text")
    if path == "id":
        _text(into, "unique", "true")
    if long:
        _text(into, "visibleLines", "4")
    if told.values:
        values = etree.SubElement(into, "valueSet")
        _text(values, "restricted", "true")
        _values(etree.SubElement(values, "valueSetDefinition"), {one: one for one in told.values})


def _values(into: etree._Element, values: Mapping[str, str]) -> None:
    """values: each word, and what people read in its place."""
    _text(into, "sorted", "false")
    for value, shown in values.items():
        one = etree.SubElement(into, "value")
        for tag, text in (("fullName", value), ("default", "false"), ("label", shown)):
            _text(one, tag, text)


def _root(tag: str) -> etree._Element:
    return etree.Element(tag, nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the stubs know no default namespace


def _text(into: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(into, tag).text = text


def _written(root: etree._Element) -> str:
    etree.indent(root, "    ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode") + "\n"


def told_fields() -> Iterator[tuple[str, str, str]]:
    """Name, kind and meaning of each field, for the page."""
    audience, words = _audience()
    kept = _kept()
    for name, path in _fields().items():
        field = kept.fields[name]
        kind = f"picklist of {len(field.values)} companies" if field.values else f"text of {field.length}"
        yield name, kind + (", unique external id" if path == "id" else ""), LABELS[path][1]
    yield f"ContentVersion.{audience}", f"picklist of {len(words)}: {', '.join(words)}", AUDIENCE[1]
