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
from zeep.wsdl.messages.soap import RpcMessage

from connectors.errors import ConnectorError, Refused
from connectors.soap_envelope import Message, typed
from connectors.soap_order import put_in_order
from connectors.soap_plain import Reader, misfit, to_zeep
from connectors.soap_system import SoapSystem
from connectors.soap_xml import BadXml, count, local

MAX_WSDL: Final = 8 * 2**20
_XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
_ANOTHER: Final = "ask the partner for a document/literal WSDL, or write the operations out: `envelope` and `reply`."
_SETTINGS: Final = {
    "strict": True,
    "forbid_dtd": True,
    "forbid_entities": True,
    "forbid_external": True,
    "xml_huge_tree": False,
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """zeep's loader: the declared files of one folder, each as it was when its hash was written down. No session."""

    name: str
    folder: Path
    files: Mapping[str, str]
    places: Mapping[str, str]
    """Addresses, and which of the files stands for each."""

    def load(self, url: str) -> bytes:
        """One declared file, as it was when its hash was written down but for the addresses in it that a declared file
        stands for. Raises Refused for anything else."""
        content = self._kept(url)
        return placed(content, self.places) if self.places else content

    def _kept(self, url: str) -> bytes:
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
            "schemaLocation be its bare name, or say in wsdl_places which file stands for the address. "
            "Nothing is fetched."
        )
        return _contract(self.name, "C371", text, fix, known=sorted(self.files))


def placed(content: bytes, places: Mapping[str, str]) -> bytes:
    """A contract's file with the declared file in place of each address. A schema that names the namespace of such an
    address and does not import it, as those of rpc/encoded do, imports it then."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return content  # zeep says what is wrong with it
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # lxml-stubs say Any here
        return content  # zeep refuses it
    for schema in root.iter(f"{_XSD}schema"):
        imported = {str(one.get("namespace")): one for one in schema.findall(f"{_XSD}import")}
        for place, name in places.items():
            if place in imported:
                imported[place].set("schemaLocation", name)
            elif place in schema.nsmap.values() and place != schema.get("targetNamespace"):
                schema.insert(0, etree.Element(f"{_XSD}import", namespace=place, schemaLocation=name))
    for element in root.iter(tag=etree.Element):
        for attribute in ("schemaLocation", "location"):
            if (place := str(element.get(attribute, ""))) in places:
                element.set(attribute, places[place])
    return etree.tostring(root)


class Contract:
    """What the service takes and gives. Usable from several threads at once."""

    def __init__(self, system: SoapSystem) -> None:
        """Reads the WSDL once. Raises Refused where it cannot be used as it is declared."""
        # zeep logs a value that it cannot read, with the value; we count it as lost and say so without it.
        logging.getLogger("zeep.xsd.types.simple").disabled = True
        folder = (system.folder or Path()).resolve()
        wsdl = system.wsdl or ""
        files = {wsdl: system.wsdl_sha256 or "", **system.wsdl_imports}
        shelf = Shelf(system.name, folder, files, system.wsdl_places)
        settings = zeep.Settings(**_SETTINGS)
        try:
            client = zeep.Client(str(folder / wsdl), transport=shelf, settings=settings)
        except ConnectorError:
            raise
        except zeep_exceptions.ExternalReferenceForbidden as error:
            raise shelf.elsewhere(str(error.url)) from None
        except (zeep_exceptions.Error, etree.LxmlError, LookupError, NotImplementedError, ValueError) as error:
            text = f"{wsdl} is no contract that we can read: {type(error).__name__} {error}"[:300]
            raise _contract(system.name, "C374", text, _ANOTHER) from None
        self._types = client.wsdl.types
        self._binding = _binding(client, system)
        self._operations = self._declared(system)
        self._any_order = system.any_order

    @property
    def version(self) -> str:
        """SOAP's: 1.1 or 1.2."""
        return "1.2" if isinstance(self._binding, Soap12Binding) else "1.1"

    def answers(self, role: str) -> Any:
        """The declared type of what an operation answers."""
        return self._operations[role].output.body.type

    def request(self, role: str, arguments: Mapping[str, Any], *, blank: bool, where: str) -> Message:
        """The message of one operation. blank: None empties a field (xsi:nil); else it is left out.

        Raises Rejected for a field that the contract does not have and for a value that XML cannot carry.
        """
        operation = self._operations[role]
        content = to_zeep(arguments, operation.input.body.type, blank=blank, where=where)
        try:
            envelope = operation.create(**content).content
        except (zeep_exceptions.Error, TypeError, ValueError, ArithmeticError) as error:
            text = f"the contract does not take this: {error}"[:300]
            raise misfit(text, where) from None
        return Message(envelope, typed(self.version, operation.soapaction))

    def answer(self, role: str, element: etree._Element) -> dict[str, Any]:
        """The answer as plain content, nested as the WSDL nests it; lists are lists, empty ones too. Raises BadXml."""
        operation = self._operations[role]
        declared = operation.output.body
        rpc = isinstance(operation.output, RpcMessage)  # whose element bears the operation's name
        if local(element) != f"{operation.name}Response" if rpc else element.tag != declared.qname.text:
            raise BadXml(f"{local(element)} in place of {f'{operation.name}Response' if rpc else declared.name}")
        held = [*element.iter()]  # lxml makes an object of an element anew for each look at it, unless one is held
        values = count(element)
        if self._any_order:
            put_in_order(element, declared.type)
        try:
            parsed = declared.parse(element, self._types)
        except (zeep_exceptions.Error, LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise BadXml(f"it does not keep to the contract: {error}"[:300]) from None
        del held
        reader = Reader()
        content = reader.plain(parsed, declared.type)
        if reader.values != values:
            raise BadXml(f"of {values} values in it {reader.values} fit the contract")
        return content if isinstance(content, dict) else {}

    def _declared(self, system: SoapSystem) -> dict[str, Any]:
        known = sorted(self._binding.all())
        found = {}
        for role, operation in system.every_operation.items():
            if operation.by_contract:
                if operation.name not in known:
                    text = f"operations.{role}: the contract has no operation {operation.name!r}."
                    fix = "correct system.yaml."
                    raise _contract(system.name, "C376", text, fix, value=operation.name, known=known)
                found[role] = self._binding.get(operation.name)
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
