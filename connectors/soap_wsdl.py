"""The contract of a SOAP service, by zeep: a change becomes an envelope, an envelope becomes plain content.

The WSDL and what it imports are files of the partner's folder, each held to a hash; nothing is ever fetched, and the
loader that zeep is given can open nothing else. zeep is strict here and still loses some values without a word (a
number it cannot read becomes None, an undeclared attribute is dropped), so each answer is counted: as many values must
come out as stood in the XML. Knows no socket. Next: `soap_plain.py` (values), `soap_fault.py`, `soap.py`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import zeep
from lxml import etree
from zeep import exceptions as zeep_exceptions
from zeep.wsdl.bindings import Soap11Binding, Soap12Binding

from connectors.errors import ConnectorError, Refused
from connectors.soap_plain import Reader, misfit, to_zeep
from connectors.soap_system import OPERATIONS, SoapSystem
from connectors.soap_xml import BadXml, count, local, parse

MAX_WSDL: Final = 8 * 2**20
_SETTINGS: Final = {
    "strict": True,
    "forbid_dtd": True,
    "forbid_entities": True,
    "forbid_external": True,
    "xml_huge_tree": False,
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """One request as it travels."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shelf:
    """zeep's loader: the declared files of one folder, each as it was when its hash was written down. No session."""

    name: str
    folder: Path
    files: Mapping[str, str]

    def load(self, url: str) -> bytes:
        """The bytes of one declared file. Raises Refused for anything else."""
        path = Path(url)
        if path.parent != self.folder or path.name not in self.files:
            raise self.elsewhere(url)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_WSDL + 1)
        except OSError as error:
            fix = "the file belongs into the partner's folder, beside system.yaml."
            raise _contract(self.name, "C372", f"{path.name} cannot be read: {error.strerror}.", fix) from None
        found = hashlib.sha256(content).hexdigest()
        if len(content) > MAX_WSDL or found != self.files[path.name]:
            fix = f"compare it with the copy that was agreed; if it is right, its sha256 in system.yaml is {found}."
            raise _contract(self.name, "C373", f"{path.name} is not the contract that was agreed.", fix)
        return content

    def elsewhere(self, url: str) -> Refused:
        """The contract wants what is not on the shelf."""
        text = f"the contract wants {url[:200]!r}, which is no file declared for this partner."
        fix = (
            "keep the file in the partner's folder, name it in wsdl_imports with its sha256, and let the "
            "schemaLocation be its bare name. Nothing is fetched."
        )
        return _contract(self.name, "C371", text, fix, known=sorted(self.files))


class Contract:
    """What the service takes and gives. Usable from several threads at once."""

    def __init__(self, system: SoapSystem) -> None:
        """Reads the WSDL once. Raises Refused where it cannot be used as it is declared."""
        # zeep logs a value that it cannot read, with the value; we count it as lost and say so without it.
        logging.getLogger("zeep.xsd.types.simple").disabled = True
        folder = (system.folder or Path()).resolve()
        shelf = Shelf(system.name, folder, {system.wsdl: system.wsdl_sha256, **system.wsdl_imports})
        settings = zeep.Settings(**_SETTINGS)
        try:
            client = zeep.Client(str(folder / system.wsdl), transport=shelf, settings=settings)
        except ConnectorError:
            raise
        except zeep_exceptions.ExternalReferenceForbidden as error:
            raise shelf.elsewhere(str(error.url)) from None
        except (zeep_exceptions.Error, etree.LxmlError, LookupError, NotImplementedError, ValueError) as error:
            text = f"{system.wsdl} is no contract that we can read: {type(error).__name__} {error}"[:300]
            raise _contract(system.name, "C374", text, "ask the partner for a document/literal WSDL.") from None
        self._types = client.wsdl.types
        self._binding = _binding(client, system)
        self._operations = self._declared(system)

    @property
    def namespace(self) -> str:
        """The SOAP envelope's namespace."""
        return str(self._binding.nsmap["soap-env"])

    def request(self, role: str, arguments: Mapping[str, Any], *, blank: bool, where: str) -> Envelope:
        """The envelope of one operation. blank: None empties a field (xsi:nil); else it is left out.

        Raises Rejected for a field that the contract does not have and for a value that XML cannot carry.
        """
        operation = self._operations[role]
        content = to_zeep(arguments, operation.input.body.type, blank=blank, where=where)
        try:
            envelope = operation.create(**content).content
            body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        except (zeep_exceptions.Error, TypeError, ValueError, ArithmeticError) as error:
            text = f"the contract does not take this: {error}"[:300]
            raise misfit(text, where) from None
        if isinstance(self._binding, Soap12Binding):
            kind = f'application/soap+xml; charset=utf-8; action="{operation.soapaction}"'
            return Envelope(body, {"Content-Type": kind})
        return Envelope(body, {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation.soapaction}"'})

    def open(self, raw: bytes) -> etree._Element:
        """What stands in the envelope's body: an answer or a Fault. Raises BadXml."""
        root = parse(raw)
        if root.tag != f"{{{self.namespace}}}Envelope":
            raise BadXml(f"no SOAP envelope but {local(root)}")
        body = root.find(f"{{{self.namespace}}}Body")
        inside = [] if body is None else list(body)
        if len(inside) != 1:
            raise BadXml(f"a SOAP body with {len(inside)} elements in place of one")
        return inside[0]

    def is_fault(self, element: etree._Element) -> bool:
        """Whether that is a Fault."""
        return bool(element.tag == f"{{{self.namespace}}}Fault")

    def answer(self, role: str, element: etree._Element) -> dict[str, Any]:
        """The answer as plain content, nested as the WSDL nests it; lists are lists, empty ones too. Raises BadXml."""
        declared = self._operations[role].output.body
        if element.tag != declared.qname.text:
            raise BadXml(f"{local(element)} in place of {declared.name}")
        values = count(element)
        try:
            parsed = declared.parse(element, self._types)
        except (zeep_exceptions.Error, LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise BadXml(f"it does not keep to the contract: {error}"[:300]) from None
        reader = Reader()
        content = reader.plain(parsed, declared.type)
        if reader.values != values:
            raise BadXml(f"of {values} values in it {reader.values} fit the contract")
        return content if isinstance(content, dict) else {}

    def _declared(self, system: SoapSystem) -> dict[str, Any]:
        known = sorted(self._binding.all())
        found = {}
        for role in OPERATIONS:
            if role not in system.operations:
                continue
            name = system.operations[role].name
            if name not in known:
                text = f"operations.{role}: the contract has no operation {name!r}."
                raise _contract(system.name, "C376", text, "correct system.yaml.", value=name, known=known)
            found[role] = self._binding.get(name)
        return found


def _binding(client: Any, system: SoapSystem) -> Any:
    ports = {
        name: port.binding
        for service in client.wsdl.services.values()
        for name, port in service.ports.items()
        if isinstance(port.binding, Soap11Binding | Soap12Binding)
    }
    if system.port in ports:
        return ports[system.port]
    if system.port is None and len(ports) == 1:
        return next(iter(ports.values()))
    text = f"port: {system.port!r} is no SOAP port of the contract." if system.port else "port: several are offered."
    raise _contract(system.name, "C375", text, "name one in system.yaml.", value=system.port, known=sorted(ports))


def _contract(name: str, code: str, text: str, fix: str, *, value: object = None, known: Sequence[str] = ()) -> Refused:
    return Refused(text, code=code, where=f"{name} contract", fix=fix, value=value, known=known)
