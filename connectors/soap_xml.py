"""Strict XML: bytes of a partner to a tree, or a reason why not. What a hostile or careless answer may not do:

no document type and so no entity, no other encoding than UTF-8, no deeper nesting than MAX_DEPTH, no more than
MAX_MARKS tags and attributes (each costs some hundred bytes of memory, however few it has itself), no more namespaces
and references than are counted here, no text beside elements (where a reader would see only its first piece). Bounds
are told from the bytes, before the parser sees them. Comments and processing instructions are dropped while parsing.
The size was capped by the transport. Knows no SOAP. Next: `soap_wsdl.py`, which gives the tree its meaning.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

MAX_DEPTH: Final = 64
MAX_MARKS: Final = 90_000
MAX_ATTRIBUTES: Final = 256
"""Of one element: libxml2 compares each with all others, and 190,000 of them take it two minutes and a half."""
MAX_NAMESPACES: Final = 20_000
"""Declarations in all: 40,000 of them took lxml and zeep more than 60 ms."""
MAX_REFERENCES: Final = 250_000
"""Such as &lt;, in all: libxml2 makes each a text of its own first."""
MAX_NAME: Final = 50_000
"""Bytes of a name. It is libxml2's bound, which it looks at when it has read the name to its end."""
_ASIDE: Final = tuple(
    f"{{{space}}}"
    for space in (
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
        "http://schemas.xmlsoap.org/soap/encoding/",
        "http://www.w3.org/2003/05/soap-encoding",
    )
)
"""Namespaces of attributes that are about the XML itself."""

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters outside XML 1.0's Char (section 2.2)."""
_CROWDED: Final = re.compile(
    rb"""<[^<>"']*+(?:(?:"[^"<]*+"|'[^'<]*+')[^<>"']*+){%d}""" % (MAX_ATTRIBUTES + 1)  # a tag up to so many values
)
_LONG_NAMED: Final = re.compile(rb"""<[^\s\d<>"'=!][^<>"'=]{%d}""" % MAX_NAME)


class BadXml(ValueError):
    """The bytes are no XML that we accept; the message says why and quotes no content."""


class TooMuch(BadXml):
    """There is more in it than we take in at once."""


def parse(raw: bytes) -> etree._Element:
    """The root element. Raises BadXml."""
    if not raw.strip():
        raise BadXml("empty")
    if _has_doctype(raw):
        raise BadXml("it has a document type (DTD), which is never read")
    _bounded(raw)
    parser = etree.XMLParser(
        encoding="utf-8",  # whatever the prolog claims
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise BadXml(f"{error.msg}") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # lxml-stubs say Any here
        raise BadXml("it has a document type (DTD), which is never read")
    if root.xpath("/*" * (MAX_DEPTH + 1)):
        raise BadXml(f"nested deeper than {MAX_DEPTH}")
    return root


def _bounded(raw: bytes) -> None:
    """Raises BadXml for what would cost the parser more than an answer is worth, in a pass or two over the bytes."""
    if raw.count(b"<") + raw.count(b"=") > MAX_MARKS:
        raise TooMuch(f"more than {MAX_MARKS} tags and attributes")
    if raw.count(b"xmlns") > MAX_NAMESPACES:
        raise TooMuch(f"more than {MAX_NAMESPACES} namespaces")
    if raw.count(b"&") > MAX_REFERENCES:
        raise TooMuch(f"more than {MAX_REFERENCES} references")
    if _LONG_NAMED.search(raw):
        raise BadXml(f"a name of more than {MAX_NAME} bytes")
    if _CROWDED.search(raw):
        raise TooMuch(f"more than {MAX_ATTRIBUTES} attributes of one element")


def count(element: etree._Element) -> int:
    """How many values stand in it: leaves with a text that is not blank, and attributes that are not XML's own.

    Raises BadXml where text stands beside elements.
    """
    values = 0
    for one in element.iter():
        text = one.text
        if len(one):
            if _says(text) or any(_says(child.tail) for child in one):
                raise BadXml(f"text beside elements in {local(one)}")
        elif text and not text.isspace():
            values += 1
        if one.attrib:
            values += sum(1 for name, text in one.attrib.items() if _ours(str(name)) and _says(str(text)))
    return values


def no_xml(text: str) -> re.Match[str] | None:
    """The first character that XML cannot carry, or None."""
    return _NO_XML.search(text)


def aside(name: str) -> bool:
    """Whether an attribute of this name is about the XML itself."""
    return name.startswith(_ASIDE)


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def texts(element: etree._Element, path: str) -> list[str]:
    """The texts at a dotted path of local names below an element, in document order."""
    found = [element]
    for name in path.split("."):
        found = [child for one in found for child in one if local(child) == name]
    return ["".join(str(piece) for piece in one.itertext()).strip() for one in found]


def _says(text: str | None) -> bool:
    return text is not None and bool(text) and not text.isspace()


def _ours(name: str) -> bool:
    return not aside(name)


def _has_doctype(raw: bytes) -> bool:
    """Whether a document type stands before the root element, told without parsing it."""
    rest = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    while rest.startswith((b"<?", b"<!--")):
        end = b"?>" if rest.startswith(b"<?") else b"-->"
        _, found, rest = rest.partition(end)
        if not found:
            return False
        rest = rest.lstrip()
    return rest.startswith(b"<!DOCTYPE")
