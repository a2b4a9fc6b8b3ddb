"""Requests that a declaration writes out, and answers that are read as they come: no value is markup, and nothing is
lost without a word."""

from __future__ import annotations

import time
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from connectors.errors import Rejected
from connectors.soap_operations import Operation, fill
from connectors.soap_template import Template
from connectors.soap_tree import plain, unread
from connectors.soap_xml import BadXml, TooMuch, no_xml

ENC = "http://schemas.xmlsoap.org/soap/encoding/"
NAME_VALUES = """
<s:set_entry xmlns:s="http://www.sugarcrm.com/sugarcrm" xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
    xmlns:c="urn:casebridge:template">
  <session xsi:type="xsd:string">{session}</session>
  <name_value_list enc:arrayType="s:name_value[]">
    <item c:each="body"><name>{key}</name><value xsi:type="xsd:string">{value}</value></item>
  </name_value_list>
</s:set_entry>"""


def filled(text: str, *, empties: str | None = None, **values: Any) -> str:
    element = Template(text).fill(values, empties=empties, where="acme create")
    return etree.tostring(element, encoding="unicode").replace("\n", "").replace("  ", "")


def read(text: str, lists: tuple[str, ...] = (), **namespaces: str) -> Any:
    body = etree.fromstring(
        f"<Body xmlns:e='{ENC}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>{text}</Body>"
    )
    return plain(body[0], body, namespaces=namespaces, lists=lists)


@given(st.text(min_size=1, max_size=40) | st.sampled_from(["]]>", "<x/>", "&amp;", "{id}", "{body}", "\r", "\u202e"]))
def test_no_value_becomes_markup_and_none_is_changed(said: str) -> None:
    text = '<a to="{id}"><b>{id}</b><c>about {id}</c><d>{body}</d></a>'
    values = {"id": said, "body": {"title": said, "inner": {"more": said}}}
    if no_xml(said):
        with pytest.raises(Rejected, match="C672"):
            Template(text).fill(values, empties=None, where="acme")
        return
    again = etree.fromstring(etree.tostring(Template(text).fill(values, empties=None, where="acme")))
    inner = [again.get("to"), again.findtext("b"), again.findtext("d/title"), again.findtext("d/inner/more")]
    assert [one or "" for one in inner] == [said] * 4
    assert again.findtext("c") == f"about {said}"
    assert [one.tag for one in again.iter()] == ["a", "b", "c", "d", "title", "inner", "more"]


def test_what_names_a_none_is_left_out_and_a_list_repeats_its_element() -> None:
    text = "<a><q>since {since} on</q><since>{since}</since><ids><id>{ids}</id></ids><n>{limit}</n></a>"
    assert filled(text, since=None, ids=["1", "2"], limit=5) == "<a><ids><id>1</id><id>2</id></ids><n>5</n></a>"
    assert "<q>since 1 on</q><since>1</since><ids/>" in filled(text, since="1", ids=[], limit=5)
    assert filled("<a><in>id IN {ids}</in></a>", ids=["1", "2"]) == "<a><in>id IN 1,2</in></a>"


def test_each_field_of_a_body_fills_an_element_of_its_own() -> None:
    body = {"title": "a <b>", "customer": {"name": "Ann"}, "price": Decimal("1.20"), "urgent": True, "gone": None}
    told = filled(NAME_VALUES, session="s-1", body=body)
    assert '<session xsi:type="xsd:string">s-1</session>' in told
    assert '<item><name>title</name><value xsi:type="xsd:string">a &lt;b&gt;</value></item>' in told
    assert "<name>customer.name</name>" in told
    assert ">1.20</value>" in told
    assert ">true</value>" in told
    assert "urn:casebridge:template" not in told
    assert 'xmlns:xsd="http://www.w3.org/2001/XMLSchema"' in told, "a text names it"
    assert "gone" not in told, "a create says nothing of what is empty"
    assert '<name>gone</name><value xsi:type="xsd:string" xsi:nil="true"/>' in filled(
        NAME_VALUES, empties="nil", session="s-1", body=body
    )


def test_how_a_field_is_emptied_is_declared_and_a_create_leaves_it_out() -> None:
    text = '<f:a xmlns:f="urn:f">{body}</f:a>'
    assert filled(text, body={"x": None, "y": 1}) == '<f:a xmlns:f="urn:f"><f:y>1</f:y></f:a>'
    assert "<f:x/>" in filled(text, empties="blank", body={"x": None})
    assert 'nil="true"' in filled(text, empties="nil", body={"x": None})


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        ({"envelope": "<a>{ids}</a>", "reply": "r"}, r"\{ids\} repeats its element"),
        ({"envelope": "<a>{value}</a>", "reply": "r"}, r"\{value\} stands in a, which is in no element with an `each`"),
        ({"envelope": "<a><b></a>", "reply": "r"}, "it is no XML that can be sent"),
        ({"envelope": "<!DOCTYPE a><a/>", "reply": "r"}, r"document type \(DTD\)"),
        ({"envelope": "<a/>", "reply": "r", "arguments": {"a": "b"}}, "give one of them"),
        ({"envelope": "<a/>"}, "reply: with `envelope`, say which element the answer is"),
        ({"ignored": ["x"]}, "ignored: is said of an answer that is read as it comes; name it in `reply`"),
    ],
)
def test_a_request_that_cannot_be_filled_is_refused_when_it_is_read(given_: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        Operation.model_validate({"name": "op", **given_})


def test_arguments_by_the_contract_take_names_inside_a_text_too() -> None:
    template = {"query": "changed>={since}^ORDER", "in": "id IN {ids}", "n": "{limit}", "deep": {"id": "{ids}"}}
    values = {"since": "1", "ids": ["a", "b"], "limit": 3}
    assert fill(template, values) == {
        "query": "changed>=1^ORDER",
        "in": "id IN a,b",
        "n": 3,
        "deep": {"id": ["a", "b"]},
    }
    assert fill(template, {**values, "since": None}).keys() == {"in", "n", "deep"}


def test_an_answer_comes_as_it_is_nested_whatever_its_order() -> None:
    told = read("<r><t>a</t><n><x>1</x></n><t>b</t><e/><m k='1'>text</m><p> </p></r>", lists=("n.x", "n.y", "z"))
    assert told == {
        "t": ["a", "b"],
        "n": {"x": ["1"], "y": []},
        "e": None,
        "m": {"k": "1", "_value_1": "text"},
        "p": None,
        "z": [],
    }


NAMES = st.sampled_from(["a", "b", "c"])
TREES = st.recursive(
    st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=5),
    lambda inner: st.tuples(
        st.dictionaries(NAMES, st.just("x"), max_size=1), st.lists(st.tuples(NAMES, inner), max_size=4)
    ),
    max_leaves=20,
)


def build(name: str, tree: Any) -> etree._Element:
    element = etree.Element(name)
    if isinstance(tree, str):
        element.text = tree
        return element
    attributes, children = tree
    for key, value in attributes.items():
        element.set(f"at-{key}", value)
    element.extend([build(key, inner) for key, inner in children])
    return element


def values(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [one for inner in content.values() for one in values(inner)]
    if isinstance(content, list):
        return [one for inner in content for one in values(inner)]
    return [] if content is None else [content]


@given(TREES, st.sets(st.sampled_from(["a", "a.b", "b.c", "c"])))
def test_as_many_values_come_out_as_stand_in_the_answer_whatever_its_shape(tree: Any, lists: set[str]) -> None:
    body = etree.Element("Body")
    reply = etree.SubElement(body, "r")
    reply.append(build("a", tree))
    reply = etree.fromstring(etree.tostring(body))[0]
    told = [text for one in reply.iter() for text in [*map(str, one.attrib.values()), one.text or ""] if text.strip()]
    assert sorted(values(plain(reply, reply.getparent(), namespaces={}, lists=lists))) == sorted(told)


def test_an_array_is_a_list_however_many_are_in_it_and_references_are_followed() -> None:
    array = "e:arrayType='x:any[{}]'"
    assert read(f"<r><a {array.format(0)}/></r>") == {"a": []}
    assert read(f"<r><a {array.format(1)}><i>1</i></a></r>") == {"a": ["1"]}
    assert read(f"<r><a {array.format(1)}><i><id>1</id></i></a></r>") == {"a": [{"id": "1"}]}
    assert read(f"<r><a href='#x'/><b href='#x'/></r><multiRef id='x' {array.format(1)}><i>1</i></multiRef>") == {
        "a": ["1"],
        "b": ["1"],
    }
    assert read("<r><a href='#x'/></r><m id='x'><n id='5'>t</n></m>") == {"a": {"n": {"id": "5", "_value_1": "t"}}}
    assert read("<r><a href='http://x'>t</a></r>") == {"a": {"href": "http://x", "_value_1": "t"}}


def test_a_prefix_tells_two_namespaces_apart() -> None:
    text = "<r><t>a</t><o:t xmlns:o='urn:o'>b</o:t></r>"
    assert read(text, other="urn:o") == {"t": "a", "other:t": "b"}
    with pytest.raises(BadXml, match="two things are called t: give one of their namespaces a prefix in `namespaces`"):
        read(text)
    with pytest.raises(BadXml, match=r"two things are called n\.t"):
        read("<r><n t='a'><t>b</t></n></r>")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<r>a<b/></r>", "text beside elements"),
        ("<r><a href='#x'/></r><m id='x'>t<b/></m>", "text beside elements"),
        ("<r><a href='#nobody'/></r>", "a refers to an element that is not there"),
        ("<r><a href='#x'/></r><m id='x' href='#y'/><m id='y' href='#x'/>", "references in a circle"),
        ("<r><a href='#x'/></r><m id='x'><b href='#x'/></m>", "once its references are followed"),
    ],
)
def test_what_cannot_be_read_whole_is_not_read(text: str, said: str) -> None:
    with pytest.raises(BadXml, match=said):
        read(text)


def test_a_bomb_of_references_is_refused_at_once_and_small() -> None:
    tenfold = [f"<i href='#x{n + 1}'/>" * 10 for n in range(12)]
    steps = "".join(f"<m id='x{n}'>{inside}</m>" for n, inside in enumerate(tenfold))
    body = etree.fromstring(f"<Body><r><a href='#x0'/></r>{steps}<m id='x12'>ha</m></Body>")
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(TooMuch, match="more than 4 times its elements once its references are followed"):
        plain(body[0], body, namespaces={}, lists=())
    assert time.process_time() - started < 0.1
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("known", "lost"),
    [
        (["rows.row", "total"], ""),
        (["rows.row"], "total"),
        (["rows", "total"], ""),
        (["rows.line", "total"], "rows.row"),
        (["rows.row.id", "total"], "rows.row"),
        (["total"], "rows"),
        ([""], ""),
    ],
)
def test_what_no_declared_path_leads_to_is_named(known: list[str], lost: str) -> None:
    assert unread({"rows": {"row": [{"id": "1"}], "none": None}, "total": "1"}, known) == lost
