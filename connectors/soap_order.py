"""An answer's elements in the order of the contract, where the service sends them in another.

A strict reader stops at the first element that is out of order, a lenient one drops what follows it without a word. So
they are sorted first; one that the contract does not know goes last, where the strict reader names it.
Knows no envelope. Next: `soap_wsdl.py`.
"""

from __future__ import annotations

from typing import Any

from lxml import etree
from zeep import xsd

from connectors.soap_xml import local


def put_in_order(element: etree._Element, declared: Any) -> None:
    """Sort what stands in the element by its declared type, and what stands in that, in place. Elements of one name
    keep their order."""
    if not isinstance(declared, xsd.ComplexType):
        return
    known = {etree.QName(one.qname).localname: one.type for _, one in declared.elements if getattr(one, "qname", None)}
    ranks = {name: rank for rank, name in enumerate(known)}
    element[:] = sorted(element, key=lambda child: ranks.get(local(child), len(ranks)))
    for child in element:
        put_in_order(child, known.get(local(child)))
