"""The XML of a request as a declaration writes it: parsed once, and filled as a tree, so that no value can be markup.

    <inc:insert xmlns:inc="http://example.org/incident">
      <caller>{login}</caller>                          an element is left out where its text names a None
      <short_description>about {id}</short_description>
      <ids>{ids}</ids>                                  once for each member of a list
      <fields>{body}</fields>                           a mapping's members as elements, in the namespace of `fields`
      <item each="body" xmlns="..."/>                   see EACH: once for each field, as `{key}` and `{value}`
    </inc:insert>

Knows no declaration. Next: `soap_operations.py`, which holds such texts; `soap_xml.py`, the parser.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from connectors import paths
from connectors.errors import Rejected
from connectors.soap_xml import BadXml, local, no_xml, parse

OURS: Final = "urn:casebridge:template"
EACH: Final = f"{{{OURS}}}each"
"""`c:each="body"` on an element, with xmlns:c="urn:casebridge:template": it stands once for each field of the body, or
member of a list; `{key}` is the field's dotted path, `{value}` its value."""
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_NAME: Final = re.compile(r"\{(\w+)\}")
_INNER: Final = frozenset({"key", "value"})


class Template:
    """One such text. names: what it is to be filled with. Raises ValueError for what is no XML or cannot be filled."""

    def __init__(self, text: str) -> None:
        try:
            self._root = parse(text.strip().encode())
        except BadXml as error:
            raise ValueError(f"it is no XML that can be sent: {error}") from None
        self.names = frozenset(_named(self._root, inside=False))
        if (self._root.text or "").strip() == "{ids}":
            raise ValueError("{ids} repeats its element, so it cannot stand in the outermost one")
        spaces = {prefix: space for one in self._root.iter() for prefix, space in one.nsmap.items() if prefix}
        self._prefixes = [prefix for prefix, space in spaces.items() if space != OURS]  # texts may name them: xsi:type

    def fill(self, values: Mapping[str, Any], *, empties: str | None, where: str) -> etree._Element:
        """The element with its values. empties: how a None among a body's fields is said, `nil` or `blank`; None: its
        field is left out. Raises Rejected for what XML cannot carry."""
        root = deepcopy(self._root)
        _Filling(values, empties, where).within(root)
        etree.cleanup_namespaces(root, keep_ns_prefixes=self._prefixes)
        return root


class _Filling:
    def __init__(self, values: Mapping[str, Any], empties: str | None, where: str) -> None:
        self._values, self._empties, self._where = values, empties, where

    def within(self, element: etree._Element) -> bool:
        """Fill one element in place. False where it is to be left out."""
        for name, text in element.attrib.items():
            said = self._said(str(text))
            if said is None:
                del element.attrib[name]
            else:
                element.set(name, self._checked(said, str(name)))
        for child in list(element):
            self._child(element, child)
        if len(element) or not element.text:
            return True
        found = _NAME.fullmatch(element.text.strip())
        value = self._values[found[1]] if found else self._said(element.text)
        if value is None:
            return found is not None and found[1] == "value" and self._emptied(element)
        self._put(element, value, local(element))
        return True

    def _child(self, parent: etree._Element, child: etree._Element) -> None:
        name = child.get(EACH)
        if name is not None:
            del child.attrib[EACH]
            for key, value in _members(self._values[str(name)]):
                if value is None and self._empties is None:
                    continue
                made = deepcopy(child)
                made.tail = None
                child.addprevious(made)
                inner = {**self._values, "key": key, "value": value}
                if not _Filling(inner, self._empties, self._where).within(made):
                    parent.remove(made)
            parent.remove(child)
        elif not self.within(child):
            parent.remove(child)

    def _put(self, element: etree._Element, value: Any, place: str) -> None:
        """A value as the element's content; a list as the element repeated."""
        if isinstance(value, Mapping):
            element.text = None
            for key, inner in value.items():
                self._member(element, str(key), inner, f"{place}.{key}")
        elif isinstance(value, list | tuple):
            parent = element.getparent()
            for inner in value:
                made = deepcopy(element)
                made.tail = None
                element.addprevious(made)
                self._put(made, inner, place)
            if parent is not None:
                parent.remove(element)
        else:
            element.text = self._checked(_scalar(value), place)

    def _member(self, parent: etree._Element, key: str, value: Any, place: str) -> None:
        space = etree.QName(parent).namespace
        try:
            child = etree.SubElement(parent, f"{{{space}}}{key}" if space else key)
        except ValueError:
            text = f"{place} cannot be the name of an element."
            raise Rejected(text, code="C671", where=self._where, value=key, fix="correct mapping.yaml.") from None
        if value is not None:
            self._put(child, value, place)
        elif not self._emptied(child):
            parent.remove(child)

    def _emptied(self, element: etree._Element) -> bool:
        """Say None here, or False where None is not said at all."""
        element.text = None
        if self._empties == "nil":
            element.set(f"{{{XSI}}}nil", "true")
        return self._empties is not None

    def _said(self, text: str) -> str | None:
        """A text with its names replaced; None where it names a None."""
        named = {name: self._values[name] for name in _NAME.findall(text)}
        if any(value is None for value in named.values()):
            return None
        return _NAME.sub(lambda found: _scalar(named[found[1]]), text)

    def _checked(self, text: str, place: str) -> str:
        if found := no_xml(text):
            said = f"{place}: the character U+{ord(found.group()):04X} at {found.start()} cannot stand in XML."
            fix = "remove it in the case; no XML system can keep it."
            raise Rejected(said, code="C672", where=self._where, fix=fix)
        return text


def _named(element: etree._Element, *, inside: bool) -> Iterator[str]:
    """The names in an element. Raises ValueError for `{key}` and `{value}` outside of a `c:each`."""
    each = element.get(EACH)
    inside = inside or each is not None
    if each is not None:
        yield each
    texts = [element.text or "", *(str(text) for name, text in element.attrib.items() if name != EACH)]
    for name in (name for text in texts for name in _NAME.findall(text)):
        if name not in _INNER:
            yield name
        elif not inside:
            raise ValueError(f"{{{name}}} stands in {local(element)}, which is in no element with an `each` of {OURS}")
    for child in element:
        yield from _named(child, inside=inside)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from paths.leaves(value).items()
    else:
        yield from ((str(n), one) for n, one in enumerate(value or ()))


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, list | tuple):
        return ",".join(_scalar(one) for one in value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)
