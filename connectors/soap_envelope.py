"""The SOAP envelope around what is asked and answered, of version 1.1 or 1.2. Knows no contract and no wire.

Next: `soap_calls.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from connectors.soap_xml import BadXml, local, parse

SPACES: Final = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One request as it is made: its envelope, to which a header may still be added, and its HTTP headers."""

    envelope: etree._Element
    headers: Mapping[str, str]

    def header(self) -> etree._Element:
        """The envelope's Header, made where there is none."""
        tag = f"{{{etree.QName(self.envelope).namespace}}}Header"
        found = self.envelope.find(tag)
        if found is None:
            found = etree.Element(tag)
            self.envelope.insert(0, found)
        return found

    def raw(self) -> bytes:
        """As it travels."""
        return etree.tostring(self.envelope, xml_declaration=True, encoding="utf-8")


def message(content: etree._Element, version: str, action: str) -> Message:
    """An envelope around one element."""
    space = SPACES[version]
    root = etree.Element(f"{{{space}}}Envelope", nsmap={"soap-env": space})
    etree.SubElement(root, f"{{{space}}}Body").append(content)
    return Message(root, typed(version, action))


def typed(version: str, action: str) -> dict[str, str]:
    """The HTTP headers that say what is sent."""
    if version == "1.2":
        return {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}
    return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}


def body_of(raw: bytes, version: str) -> etree._Element:
    """The Body of an answer's envelope. Raises BadXml."""
    root = parse(raw)
    space = SPACES[version]
    if root.tag != f"{{{space}}}Envelope":
        raise BadXml(f"no SOAP envelope but {local(root)}")
    body = root.find(f"{{{space}}}Body")
    if body is None:
        raise BadXml("a SOAP envelope without a body")
    return body


def fault_in(body: etree._Element) -> etree._Element | None:
    """The Fault that stands in it, or None."""
    return body.find(f"{{{etree.QName(body).namespace}}}Fault")


def reply_in(body: etree._Element, name: str | None) -> etree._Element:
    """The answer's element. name: its local name, where what it refers to may stand beside it. Raises BadXml."""
    if name is None:
        if len(body) != 1:
            raise BadXml(f"a SOAP body with {len(body)} elements in place of one")
        return body[0]
    found = [one for one in body if local(one) == name]
    if len(found) != 1:
        known = ", ".join(sorted({local(one) for one in body})) or "nothing"
        raise BadXml(f"{len(found)} elements {name} in place of one; there is {known}")
    return found[0]
