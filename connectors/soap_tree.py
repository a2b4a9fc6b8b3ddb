"""An answer as it comes: XML to plain content without a contract, so that nothing in it is lost without a word.

Elements become members by their local names; those of a namespace that the declaration gives a prefix are
`prefix:name`. What stands twice is a list, as is what says so itself (a SOAP-ENC array) or is declared one. All values
are texts, an empty one None; attributes stand beside, an element's own text then as `_value_1`. References of
rpc/encoded answers (`href="#id"`) are followed. In a reading, what no declared path leads to is an error.
Knows no socket.
Next: `soap_xml.py`, the strict parser before it; `soap_wsdl.py`, which reads by a contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from lxml import etree

from connectors.soap_xml import BadXml, TooMuch, aside, count, local

MOST_TIMES: Final = 4
"""How many times as many elements an answer may have once its references are followed: a few of them can name each
other over and over."""
DEEPEST: Final = 64
ENCODINGS: Final = frozenset({"http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding"})
_SIZES: Final = tuple(f"{{{space}}}{name}" for space in sorted(ENCODINGS) for name in ("arrayType", "itemType"))
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


def plain(
    reply: etree._Element,
    body: etree._Element,
    *,
    namespaces: Mapping[str, str],
    lists: Iterable[str],
    known: Sequence[str] | None = None,
) -> dict[str, Any]:
    """What stands in the answer's element. body: the envelope's Body, where referenced elements stand beside it. known:
    the paths that are all of it; None: it may hold anything besides.

    Raises BadXml for text beside elements, for one name of two namespaces, for a reference to nothing or in a circle,
    and for what no known path leads to.
    """
    reading = _Reading(body, {space: prefix for prefix, space in namespaces.items()}, frozenset(lists))
    if known is not None:
        _known({reading.name(one): True for one in reply}, known)  # before it is read whole
    for one in body:
        count(one)
    content = reading.of(reply, "")
    told = content if isinstance(content, dict) else {} if content is None else {"_value_1": content}
    if known is not None:
        _known(told, known)
    return told


def _known(content: Mapping[str, Any], known: Sequence[str]) -> None:
    if lost := unread(content, known):
        raise BadXml(f"{lost} is in no path of `answer`, nor in `ignored`")


class _Reading:
    def __init__(self, body: etree._Element, prefixes: Mapping[str, str], lists: frozenset[str]) -> None:
        self._prefixes, self._lists = prefixes, lists
        self._left = MOST_TIMES * sum(1 for _ in body.iter())
        self._referred = {str(one.get("href"))[1:] for one in body.iter() if str(one.get("href", "")).startswith("#")}
        self._ids = {str(one.get("id")): one for one in body.iter() if one.get("id") in self._referred}

    def of(self, element: etree._Element, place: str, depth: int = 0) -> Any:
        """A dict, a list, a text or None."""
        element = self._followed(element)
        self._left -= 1
        if self._left < 0:
            raise TooMuch(f"more than {MOST_TIMES} times its elements once its references are followed")
        if depth > DEEPEST:
            raise BadXml(f"nested deeper than {DEEPEST} once its references are followed")
        if _is_list(element):
            return [self.of(child, place, depth + 1) for child in element]
        content: dict[str, Any] = {**self._attributes(element), **self._members(element, place, depth)}
        text = element.text if not len(element) and (element.text or "").strip() else None
        if not content:
            return text
        return content if text is None else {**content, "_value_1": text}

    def _members(self, element: etree._Element, place: str, depth: int) -> dict[str, Any]:
        """What stands in it by name; declared lists are there even where nothing is."""
        found: dict[str, list[Any]] = {}
        spaces: dict[str, str] = {}
        attributes = self._attributes(element)
        for child in element:
            name, space = self.name(child), space_of(child)
            path = f"{place}.{name}" if place else name
            if spaces.setdefault(name, space) != space or name in attributes:
                raise BadXml(f"two things are called {path}: give one of their namespaces a prefix in `namespaces`")
            found.setdefault(name, []).append(self.of(child, path, depth + 1))
        lists = {path.rpartition(".")[2] for path in self._lists if path.rpartition(".")[0] == place}
        content: dict[str, Any] = {}
        for name in (*found, *sorted(lists - set(found))):
            values = found.get(name, [])
            single = len(values) == 1 and (name not in lists or isinstance(values[0], list))
            content[name] = values[0] if single else [one for one in values if name not in lists or one is not None]
        return content

    def _followed(self, element: etree._Element) -> etree._Element:
        """The element itself, or the one that it refers to."""
        seen = set()
        while (href := element.get("href", "")).startswith("#") and not len(element):
            if href in seen:
                raise BadXml("references in a circle")
            seen.add(href)
            target = self._ids.get(href[1:])
            if target is None:
                raise BadXml(f"{local(element)} refers to an element that is not there")
            element = target
        return element

    def _attributes(self, element: etree._Element) -> dict[str, str]:
        """Its attributes by their local names, but for those that are about the XML itself."""
        told: dict[str, str] = {}
        if not element.attrib:
            return told
        for name, text in element.attrib.items():
            known = str(name).rpartition("}")[2]
            if not aside(str(name)) and not (known == "id" and text in self._referred):
                told[known] = str(text)
        return told

    def name(self, element: etree._Element) -> str:
        """As it stands in a path."""
        prefix = self._prefixes.get(space_of(element))
        return f"{prefix}:{local(element)}" if prefix else local(element)


def space_of(element: etree._Element) -> str:
    """The element's namespace, "" for none. Quicker than lxml's QName, which is made for each."""
    return str(element.tag)[1:].partition("}")[0] if str(element.tag).startswith("{") else ""


def unread(content: Mapping[str, Any], known: Iterable[str], place: str = "") -> str:
    """The path of something in the content that none of the known paths leads to, or "". A path's end covers what is
    below it; the steps on its way stand for themselves alone."""
    paths = list(known)
    if "" in paths:
        return ""
    for name, value in content.items():
        here = f"{place}.{name}" if place else name
        inside = [path.partition(".")[2] for path in paths if path.partition(".")[0] == name]
        if not inside:
            if value is not None and value != []:
                return here
        elif isinstance(value, Mapping) and (found := unread(value, inside, here)):
            return found
        elif isinstance(value, list) and "" not in inside:
            return here  # a path opens no list on its way
        elif isinstance(value, str) and "" not in inside:
            return here
    return ""


def _is_list(element: etree._Element) -> bool:
    if not element.attrib:
        return False
    if any(element.get(name) for name in _SIZES):
        return True
    return str(element.get(f"{_XSI}type", "")).rpartition(":")[2] == "Array"
