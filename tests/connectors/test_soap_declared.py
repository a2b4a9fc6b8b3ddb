"""A SOAP partner is a folder: its contract is held to a hash and never fetched, and another one needs no Python."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree
from pydantic import ValidationError

from connectors.base import Change, Credentials
from connectors.errors import Refused, Rejected, Stale, Unknown
from connectors.soap import Soap
from connectors.soap_system import SoapSystem, Stamps
from hub.declarations import DeclarationError
from hub.partners import load_system

TELVOZ = Path(__file__).parents[2] / "mappings" / "partners" / "telvoz"

XSD = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="urn:acme" targetNamespace="urn:acme"
    elementFormDefault="unqualified">
  <xsd:complexType name="Ticket"><xsd:sequence>
    <xsd:element name="refs" minOccurs="0"><xsd:complexType><xsd:sequence>
      <xsd:element name="key" type="xsd:int" minOccurs="0"/><xsd:element name="hub" type="xsd:string" minOccurs="0"/>
    </xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="changed" type="xsd:dateTime" minOccurs="0"/>
    <xsd:element name="title" type="xsd:string" minOccurs="0"/>
    <xsd:element name="urgent" type="xsd:boolean" minOccurs="0"/>
    <xsd:element name="price" type="xsd:decimal" minOccurs="0"/>
    <xsd:element name="tag" type="xsd:string" minOccurs="0" maxOccurs="unbounded"/>
  </xsd:sequence></xsd:complexType>
  %s
</xsd:schema>"""
OPERATIONS = {
    "WhoAmI": ("", '<xsd:element name="name" type="xsd:string"/>'),
    "Fields": (
        "",
        '<xsd:element name="field" maxOccurs="unbounded"><xsd:complexType>'
        '<xsd:attribute name="name" type="xsd:string"/></xsd:complexType></xsd:element>',
    ),
    "Search": (
        '<xsd:element name="since" type="xsd:dateTime" minOccurs="0"/><xsd:element name="first" type="xsd:int"/>'
        '<xsd:element name="rows" type="xsd:int"/><xsd:element name="kind" type="xsd:string"/>',
        '<xsd:element name="ticket" type="Ticket" minOccurs="0" maxOccurs="unbounded"/>',
    ),
    "Create": ('<xsd:element name="ticket" type="Ticket"/>', '<xsd:element name="key" type="xsd:int"/>'),
    "Change": (
        '<xsd:element name="key" type="xsd:int"/><xsd:element name="if" type="xsd:string" minOccurs="0"/>'
        '<xsd:element name="ticket" type="Ticket"/>',
        '<xsd:element name="done" type="xsd:boolean"/>',
    ),
}
DECLARED: dict[str, Any] = {
    "name": "acme",
    "title": "Acme",
    "kind": "soap",
    "connection": "acme",
    "zone": "Europe/Berlin",
    "private_network": True,
    "wsdl": "acme.wsdl",
    "record": {"id": "refs.key", "stamp": "changed", "hub_id": "refs.hub"},
    "operations": {
        "who_am_i": {"name": "WhoAmI", "answer": {"name": "name"}},
        "describe": {"name": "Fields", "answer": {"fields": "field", "name": "name"}},
        "list": {
            "name": "Search",
            "arguments": {"since": "{since}", "first": "{offset}", "rows": "{limit}", "kind": "changed"},
            "answer": {"records": "ticket"},
        },
        "get": {
            "name": "Search",
            "arguments": {"first": 0, "rows": 100, "kind": "{ids}"},
            "answer": {"records": "ticket"},
        },
        "find": {
            "name": "Search",
            "arguments": {"first": 0, "rows": 2, "kind": "{hub_id}"},
            "answer": {"records": "ticket"},
        },
        "create": {"name": "Create", "arguments": {"ticket": "{body}"}, "answer": {"id": "key"}},
        "update": {"name": "Change", "arguments": {"key": "{id}", "if": "{version}", "ticket": "{body}"}},
        "add_note": {"name": "Change", "arguments": {"key": "{id}", "ticket": "{note}"}},
        "find_note": {"name": "Search", "answer": {"notes": "ticket", "id": "refs.key", "text": "title"}},
    },
    "faults": {"code": "code", "meaning": {"Conflict": "stale", "Taken": "duplicate"}},
}


def wsdl(imports: str = "acme.xsd") -> str:
    """Acme's contract, SOAP 1.2."""
    messages = "".join(
        f'<message name="{name}{side}"><part name="p" element="a:{name}{side}"/></message>'
        for name in OPERATIONS
        for side in ("", "Out")
    )
    ports = "".join(
        f'<operation name="{name}"><input message="a:{name}"/><output message="a:{name}Out"/></operation>'
        for name in OPERATIONS
    )
    bound = "".join(
        f'<operation name="{name}"><s:operation soapAction="urn:acme#{name}"/><input><s:body use="literal"/></input>'
        '<output><s:body use="literal"/></output></operation>'
        for name in OPERATIONS
    )
    return (
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap12/" '
        'xmlns:a="urn:acme" targetNamespace="urn:acme"><types><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f'<xsd:import namespace="urn:acme" schemaLocation="{imports}"/></xsd:schema></types>{messages}'
        f'<portType name="P">{ports}</portType><binding name="B" type="a:P">'
        f'<s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{bound}</binding>'
        '<service name="S"><port name="T" binding="a:B"><s:address location="http://169.254.169.254/"/></port></service>'
        "</definitions>"
    )


def folder_of(tmp_path: Path, contract: str | None = None) -> dict[str, str]:
    """Acme's files in a folder; their hashes by name."""
    elements = "".join(
        f'<xsd:element name="{name}{side}"><xsd:complexType><xsd:sequence>{parts}</xsd:sequence></xsd:complexType>'
        "</xsd:element>"
        for name, both in OPERATIONS.items()
        for side, parts in zip(("", "Out"), both, strict=True)
    )
    (tmp_path / "acme.wsdl").write_text(wsdl() if contract is None else contract, encoding="utf-8")
    (tmp_path / "acme.xsd").write_text(XSD % elements, encoding="utf-8")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}


def acme(tmp_path: Path, contract: str | None = None, **more: Any) -> SoapSystem:
    hashes = folder_of(tmp_path, contract)
    content = {**DECLARED, "wsdl_sha256": hashes["acme.wsdl"], "wsdl_imports": {"acme.xsd": hashes["acme.xsd"]}}
    return SoapSystem.model_validate({**content, **more}).model_copy(update={"folder": tmp_path})


def connector(system: SoapSystem, url: str = "http://127.0.0.1:1") -> Soap:
    return Soap(system, Credentials(url, "casebridge", "bridge-secret"))


def soap12(inside: str) -> bytes:
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:a="urn:acme"><e:Header/>'
        f"<e:Body>{inside}</e:Body></e:Envelope>"
    ).encode()


def ticket(key: int, hub: str, changed: str, more: str = "") -> str:
    return f"<ticket><refs><key>{key}</key><hub>{hub}</hub></refs><changed>{changed}</changed>{more}</ticket>"


def test_another_service_of_another_shape_needs_only_its_declaration(tmp_path: Path, serve: Callable[..., Any]) -> None:
    def answer(asked: Any) -> tuple[int, Mapping[str, str], bytes]:
        action = asked.headers["content-type"].rpartition("#")[2].strip('"')
        inside = {
            "WhoAmI": "<name>bridge</name>",
            "Fields": '<field name="title"/><field name="price"/>',
            "Create": "<key>8</key>",
            "Change": "<done>true</done>",
            "Search": ticket(8, "hub-8", "2026-11-21T12:00:00.5+01:00", "<price>1.20</price>")
            if b"since>" in asked.body
            else ticket(7, "hub-7", "2026-11-21T10:00:00Z", "<urgent>true</urgent><tag>a</tag><tag>b</tag>")
            + ticket(8, "hub-8", "2026-11-21T12:00:00.5+01:00", "<price>1.20</price>"),
        }[action]
        return 200, {"Content-Type": "application/soap+xml"}, soap12(f"<a:{action}Out>{inside}</a:{action}Out>")

    server = serve(answer)
    soap = connector(acme(tmp_path), server.url)
    assert soap.check() == "bridge at Acme"
    assert set(soap.describe().fields) == {"title", "price"}
    pages = list(soap.pull(None))
    seven, eight = [one for page in pages for one in page.records]
    assert (seven.native_id, eight.native_id) == ("7", "8")
    assert (seven.body["urgent"], seven.body["tag"], eight.body["tag"]) == (True, ["a", "b"], [])
    assert str(eight.body["price"]) == "1.20"
    assert eight.changed_at == datetime(2026, 11, 21, 11, 0, 0, 500_000, tzinfo=UTC)
    assert b"<kind>changed</kind>" in server.asked[2].body
    assert b"since" not in server.asked[2].body
    assert b"since>2026-11-21T11:59:00.500000+01:00<" in next(iter_asked(soap, pages[-1].cursor, server))
    assert soap.history("7") == ()
    (made,) = soap.push([Change("k", "create", "l", {"title": "uno", "refs": {"key": None}}, "hub-8")])
    assert (made.native_id, made.record, made.error) == ("8", None, None)
    assert b"<refs><hub>hub-8</hub></refs>" in server.asked[-1].body
    assert server.asked[-1].headers["content-type"].endswith('action="urn:acme#Create"')
    soap.close()


def iter_asked(soap: Soap, cursor: Any, server: Any) -> Any:
    server.asked.clear()
    list(soap.pull(cursor))
    return (asked.body for asked in server.asked)


def test_a_fault_of_soap_12_is_read_by_its_subcode(tmp_path: Path, serve: Callable[..., Any]) -> None:
    fault = soap12(
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>a:Conflict</e:Value></e:Subcode></e:Code>"
        '<e:Reason><e:Text xml:lang="en">changed by Ann</e:Text></e:Reason></e:Fault>'
    )
    soap = connector(acme(tmp_path), serve(lambda asked: (500, {}, fault)).url)
    (receipt,) = soap.push([Change("k", "update", "l", {"title": "x"}, "hub-1", "7", base_version="v1")])
    assert isinstance(receipt.error, Stale)
    assert "C570 the record changed since it was read. They said: Conflict: changed by Ann" in str(receipt.error)
    (receipt,) = soap.push([Change("k", "update", "l", {"title": None}, "hub-1", "7")])
    assert isinstance(receipt.error, Rejected)
    assert "C673 ticket.title cannot be emptied: the contract knows no nil for it" in str(receipt.error)
    soap.close()


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/acme.xsd",
        "http://127.0.0.1:1/acme.xsd",
        "file:///etc/passwd",
        "/etc/passwd",
        "../acme.xsd",
        "other.xsd",
        "ftp://127.0.0.1/acme.xsd",
    ],
)
def test_a_contract_that_wants_anything_outside_its_folder_is_refused(
    tmp_path: Path, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = acme(tmp_path, wsdl(location))
    (tmp_path / "other.xsd").write_text("<x/>")
    touched: list[Any] = []
    monkeypatch.setattr("socket.socket.connect", lambda self, address: touched.append(address))
    with pytest.raises(Refused, match=r"C371 the contract wants|C374 acme\.wsdl is no contract") as caught:
        connector(system)
    assert "root:" not in str(caught.value)
    assert touched == []


def test_a_contract_that_changed_is_refused_until_somebody_looks(tmp_path: Path) -> None:
    system = acme(tmp_path)
    (tmp_path / "acme.xsd").write_text((tmp_path / "acme.xsd").read_text() + "<!-- -->")
    now = hashlib.sha256((tmp_path / "acme.xsd").read_bytes()).hexdigest()
    with pytest.raises(Refused) as caught:
        connector(system)
    assert str(caught.value) == (
        "acme contract: C373 acme.xsd is not the contract that was agreed.\n"
        f"  Fix: compare it with the copy that was agreed; if it is right, its sha256 in system.yaml is {now}."
    )
    (tmp_path / "acme.wsdl").unlink()
    with pytest.raises(Refused, match=r"C372 acme\.wsdl cannot be read: No such file"):
        connector(system)


@pytest.mark.parametrize(
    "contract",
    [
        "no xml",
        "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>',
        wsdl().replace('type="a:P"', 'type="a:Q"'),
        wsdl().replace("soap/http", "soap/smtp"),
    ],
)
def test_what_is_no_usable_contract_is_refused(tmp_path: Path, contract: str) -> None:
    with pytest.raises(Refused, match=r"acme contract: C37[45]"):
        connector(acme(tmp_path, contract))


def test_an_operation_and_a_port_that_the_contract_lacks_are_named_with_the_known_ones(tmp_path: Path) -> None:
    operations = {**DECLARED["operations"], "create": {"name": "Creat", "answer": {"id": "key"}}}
    with pytest.raises(Refused, match=r"C376 operations\.create: .*\n  Known: Change, .* Did you mean 'Create'"):
        connector(acme(tmp_path, operations=operations))
    with pytest.raises(Refused, match=r"C375 port: 'Q' is no SOAP port of the contract\.\n  Known: T\."):
        connector(acme(tmp_path, port="Q"))


@pytest.mark.parametrize(
    ("role", "operation", "text"),
    [
        ("list", {"name": "Search", "arguments": {"a": "{sinse}"}, "answer": {"records": "t"}}, "sinse} is not known"),
        ("list", {"name": "Search", "answer": {}}, "list.answer: records must be there"),
        ("get", {"name": "Search", "answer": {"records": "t", "total": "n"}}, "'total' is not known here; known: gone"),
        ("merge", {"name": "Merge"}, "'merge' is nothing the hub does; known: who_am_i, describe, list"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_when_it_is_read(
    tmp_path: Path, role: str, operation: dict[str, Any], text: str
) -> None:
    with pytest.raises(ValidationError, match=text):
        acme(tmp_path, operations={**DECLARED["operations"], role: operation})


def test_an_operation_that_is_not_declared_is_missed_and_history_is_not(tmp_path: Path) -> None:
    operations = {role: one for role, one in DECLARED["operations"].items() if role not in ("find", "history")}
    with pytest.raises(ValidationError, match="not declared: find"):
        acme(tmp_path, operations=operations)
    with pytest.raises(
        ValidationError, match=r"record\.stamp: the list is asked by \{since\}, so say which field holds"
    ):
        acme(tmp_path, record={name: path for name, path in DECLARED["record"].items() if name != "stamp"})
    with pytest.raises(ValidationError, match="'Bogota' is no time zone"):
        acme(tmp_path, stamps={"zone": "Bogota"})


def test_a_wrong_declaration_is_told_with_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "telvoz"
    folder.mkdir()
    text = (TELVOZ / "system.yaml").read_text(encoding="utf-8").replace("concurrency:", "concurency:")
    (folder / "system.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"system\.yaml:\d+:1 D201 concurency: no such field"):
        load_system(folder)


def test_local_stamps_go_out_and_come_in_as_the_same_instant() -> None:
    system = load_system(TELVOZ)
    assert isinstance(system, SoapSystem)
    moment = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
    assert system.stamp(moment) == "20/11/2026 22:04:05"
    assert system.instant("20/11/2026 22:04:05") == moment
    for wrong in ("2026-11-20 22:04:05", "31/02/2026 00:00:00", "", None, 5):
        with pytest.raises(ValueError, match="time"):
            system.instant(wrong)


def test_in_the_hour_that_is_repeated_in_autumn_a_listing_starts_at_its_first_pass() -> None:
    system = load_system(TELVOZ).model_copy(update={"zone": "Europe/Berlin", "stamps": Stamps(format="%d/%m/%Y %H:%M")})
    assert isinstance(system, SoapSystem)
    second_pass = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert system.stamp(second_pass) == "25/10/2026 02:00"
    assert system.stamp(datetime(2026, 10, 25, 2, 30, tzinfo=UTC)) == "25/10/2026 03:30"


def test_in_a_zone_that_comes_back_to_utc_the_repeated_hour_is_known_too() -> None:
    system = load_system(TELVOZ).model_copy(update={"zone": "Europe/London", "stamps": Stamps(format="%d/%m/%Y %H:%M")})
    assert isinstance(system, SoapSystem)
    assert system.stamp(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "25/10/2026 01:00"


def reordered(key: str, changed: str, more: str = "") -> str:
    """A ticket whose elements stand in the order of the alphabet."""
    return (
        f"<ticket><changed>{changed}</changed>{more}<refs><hub>h</hub><key>{key}</key></refs><title>t</title></ticket>"
    )


def test_an_answer_in_another_order_is_sorted_where_that_is_declared_and_nothing_is_dropped(
    tmp_path: Path, serve: Callable[..., Any]
) -> None:
    inside = [reordered("7", "2026-11-21T10:00:00Z", "<tag>a</tag><price>1.2</price><tag>b</tag>")]
    url = serve(lambda asked: (200, {}, soap12(f"<a:SearchOut>{inside[0]}</a:SearchOut>"))).url
    soap = connector(acme(tmp_path), url)
    with pytest.raises(Refused, match="C304 answered 200 with no SOAP that we accept"):
        soap.find("h")
    soap.close()
    soap = connector(acme(tmp_path, any_order=True), url)
    (record,) = soap.find("h")
    assert {name: record.body[name] for name in ("refs", "title", "tag", "price", "urgent")} == {
        "refs": {"key": 7, "hub": "h"},
        "title": "t",
        "tag": ["a", "b"],
        "price": Decimal("1.2"),
        "urgent": None,
    }
    for surprise in ("<surprise>x</surprise>", "<title>twice</title>"):
        inside[0] = reordered("7", "2026-11-21T10:00:00Z", surprise)
        with pytest.raises(Refused, match="C304 answered 200 with no SOAP that we accept"):
            soap.find("h")
    soap.close()


def test_a_lenient_reader_would_drop_what_is_out_of_order_without_a_word(tmp_path: Path) -> None:
    """Why ours is strict: a pin on what zeep does otherwise."""
    system = acme(tmp_path)
    lenient = zeep.Client(str(tmp_path / "acme.wsdl"), settings=zeep.Settings(strict=False))
    answer = etree.fromstring(soap12(f"<a:SearchOut>{reordered('7', '2026-11-21T10:00:00Z')}</a:SearchOut>"))
    read = lenient.wsdl.services["S"].ports["T"].binding.get("Search").process_reply(answer)
    assert read[0]["title"] is None or read[0]["refs"] is None
    assert system.wsdl == "acme.wsdl"


ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
ARRAYS = f"""<xsd:complexType name="Refs"><xsd:complexContent><xsd:restriction base="enc:Array" xmlns:enc="{ENCODING}">
  <xsd:attribute ref="enc:arrayType"/></xsd:restriction></xsd:complexContent></xsd:complexType>"""
KEPT = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{ENCODING}">
  <xs:attribute name="arrayType" type="xs:string"/><xs:complexType name="Array"><xs:sequence>
  <xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></xs:sequence></xs:complexType></xs:schema>"""


@pytest.mark.parametrize(
    "imported",
    [
        f'<xsd:import namespace="{ENCODING}" schemaLocation="{ENCODING}"/>',
        f'<xsd:import namespace="{ENCODING}"/>',
        "",
    ],
)
def test_a_schema_of_the_public_network_is_one_of_the_folder_where_that_is_declared(
    tmp_path: Path, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = (
        f'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:enc="{ENCODING}" targetNamespace="urn:more">'
        f"{imported}{ARRAYS}</xsd:schema>"
    )
    contract = wsdl().replace("</types>", f"{more}</types>")
    touched: list[Any] = []
    monkeypatch.setattr("socket.socket.connect", lambda self, address: touched.append(address))
    wanted = r"C371 the contract wants 'http://schemas\.xmlsoap\.org/soap/encoding/'.*\n.*\n.*wsdl_places"
    with pytest.raises(Refused, match=wanted):
        connector(acme(tmp_path, contract))
    (tmp_path / "encoding.xsd").write_text(KEPT)
    hashes = folder_of(tmp_path, contract)
    given = {"wsdl_imports": {name: hashes[name] for name in ("acme.xsd", "encoding.xsd")}}
    system = acme(tmp_path, contract, **given, wsdl_places={ENCODING: "encoding.xsd"})
    connector(system).close()
    assert touched == []
    (tmp_path / "encoding.xsd").write_text(f"{KEPT}<!-- -->")
    with pytest.raises(Refused, match=r"C373 encoding\.xsd is not the contract that was agreed"):
        connector(system)
    with pytest.raises(ValidationError, match=r"wsdl_places: 'other\.xsd', for http://x, stands not in wsdl_imports"):
        acme(tmp_path, contract, wsdl_places={"http://x": "other.xsd"})


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"wsdl": None, "wsdl_sha256": None}, "wsdl: without a contract, add_note, create, .* must be written out"),
        ({"wsdl_sha256": None}, "wsdl_sha256: a contract is kept with its hash"),
        ({"headers": {"X-Session": "{session}"}}, r"auth: \{session\} is known only of a session"),
        ({"headers": {"X-Who": "{who}"}}, r"\{who\} is not known in a header; known: login, password, session"),
        (
            {"auth": {"kind": "session", "login": {"name": "WhoAmI", "answer": {"session": "name"}}}},
            r"auth: \{session\} stands in no template",
        ),
        (
            {"auth": {"kind": "session", "login": {"name": "WhoAmI", "answer": {"token": "name"}}}},
            "login.answer: session must be there",
        ),
        (
            {"auth": {"kind": "session", "login": {"name": "Search", "arguments": {"kind": "{session}"}}}},
            r"\{session\} is what this operation answers",
        ),
    ],
)
def test_who_we_are_is_declared_in_a_way_that_works(tmp_path: Path, changed: dict[str, Any], text: str) -> None:
    content = {**DECLARED, "wsdl_sha256": folder_of(tmp_path)["acme.wsdl"], **changed}
    with pytest.raises(ValidationError, match=text):
        SoapSystem.model_validate(content)


def test_a_session_by_the_contract_goes_where_the_templates_say(tmp_path: Path, serve: Callable[..., Any]) -> None:
    def answer(asked: Any) -> tuple[int, Mapping[str, str], bytes]:
        name = next(one for one in ("Fields", "Search", "WhoAmI") if one.encode() in asked.body)
        inside = {"WhoAmI": "<name>tok-1</name>", "Fields": '<field name="title"/>', "Search": ""}[name]
        return 200, {}, soap12(f"<a:{name}Out>{inside}</a:{name}Out>")

    server = serve(answer)
    login = {"name": "WhoAmI", "answer": {"session": "name"}}
    header = '<who xmlns="urn:who"><user>{login}</user><key>{session}</key></who>'
    auth = {"kind": "session", "login": login, "basic": True}
    note = {"name": "Search", "arguments": {"first": 0, "rows": 1, "kind": "{session}/{ref}"}}
    note["answer"] = {"notes": "ticket", "id": "refs.key", "text": "title"}
    operations = {**DECLARED["operations"], "find_note": note}
    given = {"auth": auth, "headers": {"X-Session": "s {session}"}, "soap_header": header, "operations": operations}
    soap = connector(acme(tmp_path, **given), server.url)
    assert soap.describe().fields.keys() == {"title"}
    assert soap.find_note("7", "ref-1") is None
    first, second, third = server.asked
    assert b"<kind>tok-1/ref-1</kind>" in third.body
    assert "x-session" not in first.headers
    assert b"urn:who" not in first.body
    assert second.headers["x-session"] == "s tok-1"
    assert b"<user>casebridge</user><key>tok-1</key></who>" in second.body
    assert second.headers["authorization"].startswith("Basic ")
    soap.close()


@pytest.mark.parametrize("said", ["", "<name/>", "<name>a\nb</name>"])
def test_a_login_that_answers_no_token_is_refused(tmp_path: Path, said: str, serve: Callable[..., Any]) -> None:
    url = serve(lambda asked: (200, {}, soap12(f"<a:WhoAmIOut>{said or '<name/>'}</a:WhoAmIOut>"))).url
    auth = {"kind": "session", "login": {"name": "WhoAmI", "answer": {"session": "name"}}}
    soap = connector(acme(tmp_path, auth=auth, headers={"X-Session": "{session}"}), url)
    with pytest.raises(Refused, match="C309 the login was answered without a session"):
        soap.check()
    soap.close()


def test_a_list_that_is_as_long_as_any_answer_is_not_taken_for_the_whole(
    tmp_path: Path, serve: Callable[..., Any]
) -> None:
    rows = "".join(ticket(n, "hub-9", "2026-11-21T10:00:00Z") for n in range(5))
    url = serve(lambda asked: (200, {}, soap12(f"<a:SearchOut>{rows}</a:SearchOut>"))).url
    soap = connector(acme(tmp_path, row_limit=5), url)
    with pytest.raises(Refused) as caught:
        soap.find("hub-1")
    assert str(caught.value) == (
        "acme Search: C383 answered 5 rows, as many as it ever does: there may be more.\n"
        "  Fix: place {offset} and {limit} in this operation's request, or ask for less: `batch`, a filter."
    )
    soap.close()
    search = {"name": "Search", "arguments": {"first": "{offset}", "rows": "{limit}", "kind": "{hub_id}"}}
    operations = {**DECLARED["operations"], "find": {**search, "answer": {"records": "ticket"}}}
    soap = connector(acme(tmp_path, row_limit=5, operations=operations), url)
    with pytest.raises(Refused, match="C381 the rows begin anew at each offset"):
        soap.find("hub-1")
    soap.close()


def rpc(use: str) -> str:
    """A contract in the rpc style, of the form that a tool of 2003 wrote."""
    encoding = f' encodingStyle="{ENCODING}"' if use == "encoded" else ""
    body = f'<s:body use="{use}" namespace="urn:acme"{encoding}/>'
    messages = "".join(
        f'<message name="in{name}"><part name="key" type="xsd:int"/><part name="ticket" type="a:Ticket"/></message>'
        f'<message name="out{name}"><part name="ticket" type="a:Ticket"/></message>'
        for name in OPERATIONS
    )
    ports = "".join(
        f'<operation name="{name}"><input message="a:in{name}"/><output message="a:out{name}"/></operation>'
        for name in OPERATIONS
    )
    bound = "".join(
        f'<operation name="{name}"><s:operation soapAction=""/><input>{body}</input><output>{body}</output></operation>'
        for name in OPERATIONS
    )
    return (
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap12/" '
        'xmlns:a="urn:acme" xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:acme"><types><xsd:schema>'
        f'<xsd:import namespace="urn:acme" schemaLocation="acme.xsd"/></xsd:schema></types>{messages}'
        f'<portType name="P">{ports}</portType><binding name="B" type="a:P">'
        f'<s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>{bound}</binding>'
        '<service name="S"><port name="T" binding="a:B"><s:address location="http://x/"/></port></service>'
        "</definitions>"
    )


@pytest.mark.parametrize("use", ["literal", "encoded"])
def test_a_contract_in_the_rpc_style_is_spoken_by_it_as_far_as_it_goes(
    tmp_path: Path, use: str, serve: Callable[..., Any]
) -> None:
    more = [""]

    def answer(asked: Any) -> tuple[int, Mapping[str, str], bytes]:
        typed = (
            f'<a:ChangeResponse e:encodingStyle="{ENCODING}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:x="http://www.w3.org/2001/XMLSchema"><ticket i:type="a:Ticket">'
            '<a:changed i:type="x:dateTime">2026-11-21T10:00:00Z</a:changed><a:title i:type="x:string">t</a:title>'
            f"{more[0]}</ticket></a:ChangeResponse>"
        )
        return 200, {}, soap12(typed)

    update = {"name": "Change", "arguments": {"key": "{id}", "ticket": "{body}"}, "answer": {"record": "ticket"}}
    server = serve(answer)
    answers = {
        "who_am_i": {"name": "ticket.title"},
        "describe": {"fields": "ticket", "name": "title"},
        "create": {"id": "ticket.refs.key"},
    }
    operations = {
        role: one | {"answer": answers.get(role, one.get("answer", {}))}
        for role, one in {**DECLARED["operations"], "update": update}.items()
    }
    soap = connector(acme(tmp_path, rpc(use), operations=operations), server.url)
    told = soap.ask("update", {"id": 7, "body": {"title": "a<b"}}, safe=False)
    assert isinstance(told, dict)
    assert told["ticket"]["title"] == "t"
    assert b":Change xmlns" in server.asked[0].body
    assert b"title>a&lt;b<" in server.asked[0].body
    more[0] = "<a:surprise>x</a:surprise>"
    with pytest.raises(Unknown, match="C404 answered 200 with no SOAP that we accept"):
        soap.ask("update", {"id": 7, "body": {"title": "t"}}, safe=False)
    soap.close()


def test_a_code_that_stands_only_in_the_text_is_found_there_and_nothing_to_list_is_an_empty_list(
    tmp_path: Path, serve: Callable[..., Any]
) -> None:
    fault = soap12(
        "<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code>"
        "<e:Reason><e:Text>ERROR (302): Entry does not exist in database; </e:Text></e:Reason></e:Fault>"
    )
    faults = {"code_in_text": r"ERROR \((\d+)\)", "meaning": {"302": "missing"}}
    get = {**DECLARED["operations"]["get"], "arguments": {"first": 0, "rows": 1, "kind": "in {ids}"}}
    system = acme(tmp_path, faults=faults, operations={**DECLARED["operations"], "get": get})
    server = serve(lambda asked: (500, {}, fault))
    soap = connector(system, server.url)
    assert [page.records for page in soap.pull(None)] == [()]
    assert (soap.fetch(["7", "8"]), soap.find("hub-7")) == ([], [])
    assert b"<kind>in 7,8</kind>" in server.asked[1].body
    with pytest.raises(Rejected, match=r"C675 they have no such record\. They said: 302: ERROR \(302\)"):
        soap.check()
    soap.close()
    for pattern, text in (("(", "it is no regular expression"), ("ERROR", "it has no group")):
        with pytest.raises(ValidationError, match=text):
            acme(tmp_path, faults={"code_in_text": pattern, "meaning": {}})


@pytest.mark.parametrize("auth", [{"kind": "username_token"}, {"kind": "none"}])
def test_a_secret_that_cannot_be_sent_is_named_by_its_connection_and_not_shown(
    tmp_path: Path, auth: dict[str, str]
) -> None:
    system = acme(tmp_path, auth=auth, headers={"X-Key": "{password}"})
    for password, place in (("sec\x01ret", "XML"), ("sec\nret", "an HTTP header"), ("секрет", "an HTTP header")):
        soap = Soap(system, Credentials("http://127.0.0.1:1", "casebridge", password))
        with pytest.raises(Refused) as caught:
            soap.check()
        assert f"C384 login or secret of the connection 'acme' cannot stand in {place}." in str(caught.value)
        assert password not in f"{caught.value} {caught.value!r}"
        soap.close()
