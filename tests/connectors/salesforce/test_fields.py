"""An org without the hub's fields: what its administrator deploys, and what the error and `describe` say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import simple_salesforce
from lxml import etree

from connectors.errors import Refused

DOCS = Path(__file__).parents[3] / "docs" / "salesforce-fields"
WSDL = Path(simple_salesforce.__file__).with_name("metadata.wsdl")
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"


def schema_of(element: str) -> etree.XMLSchema:
    """Salesforce's own schema of the Metadata API, with this type as a document."""
    found = etree.parse(str(WSDL)).find(f".//{SCHEMA}schema")
    assert found is not None
    etree.SubElement(found, f"{SCHEMA}element", name=element, type=f"tns:{element}")
    return etree.XMLSchema(etree.fromstring(etree.tostring(found)))


def declared_of_files() -> list[str]:
    """The fields of a file that Brightnet's declaration asks for."""
    text = (DOCS.parents[1] / "mappings" / "partners" / "brightnet" / "system.yaml").read_text("utf-8")
    return [line.split("- ")[1].split(" #")[0] for line in text.splitlines() if "LatestPublishedVersion." in line]


@pytest.mark.parametrize(
    ("file", "element"),
    [
        ("package.xml", "Package"),
        ("objects/Case.object", "CustomObject"),
        ("objects/ContentVersion.object", "CustomObject"),
        ("permissionsets/Casebridge.permissionset", "PermissionSet"),
    ],
)
def test_the_package_is_as_salesforces_own_schema_says(file: str, element: str) -> None:
    schema_of(element).assertValid(etree.parse(str(DOCS / file)))


def test_the_package_names_each_field_that_it_holds_and_lets_our_user_write_it() -> None:
    def texts(file: str, path: str) -> set[str]:
        return {str(one.text) for one in etree.parse(str(DOCS / file)).iterfind(path)}

    fields = {f"Case.{name}" for name in texts("objects/Case.object", "{*}fields/{*}fullName")}
    assert "Case.Hub_Case__c" in fields
    fields |= {f"ContentVersion.{name}" for name in texts("objects/ContentVersion.object", "{*}fields/{*}fullName")}
    assert "ContentVersion.Audience__c" in fields
    assert fields | {"Casebridge"} == texts("package.xml", ".//{*}members")
    assert fields == texts("permissionsets/Casebridge.permissionset", ".//{*}field")
    (hub,) = [one for one in etree.parse(str(DOCS / "objects/Case.object")).getroot() if one[0].text == "Hub_Case__c"]
    assert {etree.QName(one).localname: one.text for one in hub}.items() >= {
        "externalId": "true", "unique": "true", "type": "Text"
    }.items()  # fmt: skip


def test_the_fields_are_those_of_the_sandboxs_org(brightnet: Any) -> None:
    told = brightnet.connector().describe().fields
    for one in etree.parse(str(DOCS / "objects/Case.object")).getroot():
        name, length = (one.findtext(f"{{*}}{part}") for part in ("fullName", "length"))
        assert length is None or told[str(name)].length == int(length)
        assert told[str(name)].values == tuple(value.text for value in one.iterfind(".//{*}value/{*}fullName"))
    (audience,) = etree.parse(str(DOCS / "objects/ContentVersion.object")).getroot()
    words = {value.text for value in audience.iterfind(".//{*}value/{*}fullName")}
    assert words == {"private", "partners", "customer"}
    assert str(audience.findtext("{*}fullName")) in {name.rpartition(".")[2] for name in declared_of_files()}


def test_an_org_without_the_hubs_field_is_told_what_to_deploy(brightnet: Any) -> None:
    connector = brightnet.connector(hub_id="Casebridge_Id__c")
    with pytest.raises(Refused) as caught:
        list(connector.pull(None))
    assert "C352 they refuse the request itself (400)." in str(caught.value)
    assert "No such column 'Casebridge_Id__c' on entity 'Case'" in caught.value.said
    assert caught.value.fix == (
        "have their administrator deploy docs/salesforce-fields (docs/salesforce.md, Fields) and give our user its "
        "permission set; see `casebridge describe brightnet`."
    )
    assert connector.describe().wanting == (
        "Case.Casebridge_Id__c is not there, or hidden from our user; deploy docs/salesforce-fields "
        "(docs/salesforce.md, Fields).",
    )


def test_another_field_that_is_missing_is_named(brightnet: Any) -> None:
    connector = brightnet.connector(fields=["Subject", "Colour__c", "CreatedBy.Name", "size__c"], merged_into="Into__c")
    assert connector.describe().wanting == tuple(
        f"Case.{name} is not there, or hidden from our user." for name in ("Into__c", "Colour__c", "size__c")
    )
    with pytest.raises(Refused) as caught:
        list(brightnet.connector(fields=["Colour__c"]).pull(None))
    assert caught.value.fix.startswith("Colour__c is not there, or hidden from our user: ask their administrator")
    assert brightnet.connector().describe().wanting == ()


def test_a_hub_field_that_is_not_unique_is_told(brightnet: Any) -> None:
    assert brightnet.connector(hub_id="Reference__c").describe().wanting == (
        "Case.Reference__c is no unique external id; deploy docs/salesforce-fields (docs/salesforce.md, Fields).",
    )
