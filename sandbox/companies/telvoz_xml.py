"""Telvoz's XML: a request's bytes to the one element that is asked for, and content to an answer or a fault.

Careful with strangers: UTF-8 only, no document type and so no entity, at most MOST_BYTES and DEEPEST levels. A request
is held to the contract's own schema. Knows no store. Next: `telvoz_soap.py`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

MOST_BYTES: Final = 6 << 20
DEEPEST: Final = 32
SPACE: Final = "urn:telvoz:casos:1"
ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
CONTRACT: Final = Path(__file__).resolve().parents[2] / "mappings" / "partners" / "telvoz" / "telvoz.wsdl"
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Fallo(Exception):
    """A fault of the service. side: whose fault it is, Client or Server; numero: the case that is there already;
    espera: seconds to wait."""

    def __init__(
        self,
        codigo: str,
        texto: str,
        *,
        campo: str = "",
        valor: object = None,
        conocidos: tuple[str, ...] = (),
        numero: str = "",
        espera: int = 0,
        side: str = "Client",
    ) -> None:
        super().__init__(texto)
        self.codigo, self.texto, self.side = codigo, texto, side
        self.detail = {
            "codigo": codigo,
            "campo": campo or None,
            "valor": None if valor is None else str(valor)[:500],
            "conocidos": {"conocido": list(conocidos)},
            "numero": numero or None,
            "espera": espera or None,
        }


@dataclass(frozen=True, slots=True)
class Attributed:
    """An element with a text and attributes."""

    text: str
    attributes: Mapping[str, str]


class Contract:
    """The WSDL as it is served, and its schema."""

    def __init__(self, path: Path = CONTRACT) -> None:
        self._bytes = path.read_bytes()
        self._lock = threading.Lock()  # one error log a schema
        found = etree.fromstring(self._bytes).find("{*}types/{http://www.w3.org/2001/XMLSchema}schema")
        if found is None:
            raise ValueError(f"{path} has no schema")
        self._schema = etree.XMLSchema(etree.fromstring(etree.tostring(found)))

    def served(self, address: str) -> bytes:
        """The WSDL with this address in its soap:address."""
        root = etree.fromstring(self._bytes)
        for place in root.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address"):
            place.set("location", address)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def hold(self, element: etree._Element) -> None:
        """Raises Fallo Cliente.Esquema where the element is not as the schema says."""
        alone = etree.fromstring(etree.tostring(element, with_tail=False))
        with self._lock:
            if self._schema.validate(alone):
                return
            first = self._schema.error_log[0]  # type: ignore[index]  # lxml-stubs leave the log empty
        place = (first.path or "").rpartition("/")[2].rpartition(":")[2].partition("[")[0]
        raise Fallo("Cliente.Esquema", f"La petición no cumple el contrato: {first.message[:300]}", campo=place)


def opened(raw: bytes) -> etree._Element:
    """The element inside the envelope's body. Raises Fallo Cliente.XML."""
    if _has_doctype(raw):
        raise _bad("no se admiten DTD ni entidades")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _bad(f"no es XML en UTF-8: {error}"[:300]) from error
    if root.xpath("/*" * (DEEPEST + 1)):
        raise _bad(f"más de {DEEPEST} niveles")
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise _bad("no es un sobre de SOAP 1.1")
    body = root.find(f"{{{ENVELOPE}}}Body")
    inside = [] if body is None else list(body)
    if len(inside) != 1:
        raise _bad("el cuerpo del sobre lleva un solo elemento")
    asked: etree._Element = inside[0]
    return asked


def members(element: etree._Element, name: str) -> list[etree._Element]:
    """What stands inside the member of that name; nothing where there is none."""
    found = element.find(f"{{{SPACE}}}{name}")
    return [] if found is None else list(found)


def text(element: etree._Element, name: str) -> str:
    """The text of a member, "" where there is none."""
    return element.findtext(f"{{{SPACE}}}{name}") or ""


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)


def answer(operation: str, content: Mapping[str, Any]) -> bytes:
    """The envelope of an operation's answer. None is left out, a list is the element repeated."""
    root, body = _envelope()
    _fill(etree.SubElement(body, f"{{{SPACE}}}{operation}Respuesta", nsmap={"tv": SPACE}), content)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def fault(fallo: Fallo) -> bytes:
    """The envelope of a fault, its detail typed by the contract."""
    root, body = _envelope()
    element = etree.SubElement(body, f"{{{ENVELOPE}}}Fault")
    etree.SubElement(element, "faultcode").text = f"soap:{fallo.side}"
    etree.SubElement(element, "faultstring").text = _clean(fallo.texto)
    detail = etree.SubElement(element, "detail")
    _fill(etree.SubElement(detail, f"{{{SPACE}}}fallo", nsmap={"tv": SPACE}), fallo.detail)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _envelope() -> tuple[etree._Element, etree._Element]:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    return root, etree.SubElement(root, f"{{{ENVELOPE}}}Body")


def _fill(element: etree._Element, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            inner = etree.SubElement(element, f"{{{SPACE}}}{name}")
            if isinstance(one, Mapping):
                _fill(inner, one)
            elif isinstance(one, Attributed):
                inner.text = one.text
                for attribute, said in one.attributes.items():
                    inner.set(attribute, said)
            else:
                inner.text = _clean(str(one))


def _clean(said: str) -> str:
    """With U+FFFD for each character that XML 1.0 cannot carry."""
    return _NO_XML.sub("\ufffd", said)


def _has_doctype(raw: bytes) -> bool:
    rest = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    while rest.startswith((b"<?", b"<!--")):
        _, found, rest = rest.partition(b"?>" if rest.startswith(b"<?") else b"-->")
        if not found:
            return False
        rest = rest.lstrip()
    return rest.startswith(b"<!DOCTYPE")


def _bad(reason: str) -> Fallo:
    return Fallo("Cliente.XML", f"La petición no se puede leer: {reason}.")
