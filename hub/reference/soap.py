"""The page for a SOAP service: what the hub asks of it, how it is asked and read, and what its faults mean.

What happens after a fault is what the connector itself makes of it. Next: `pages.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from connectors.soap_fault import WSS, Fault
from connectors.soap_operations import LOGIN, NAMES, OPERATIONS, OPTIONAL, WINDOW, Shape
from connectors.soap_system import Meaning
from hub.reference.markdown import block, code, page, table

EACH = """<s:set_entry xmlns:s="http://www.sugarcrm.com/sugarcrm" xmlns:c="urn:casebridge:template">
  <session>{session}</session>
  <name_value_list>
    <item c:each="body"><name>{key}</name><value>{value}</value></item>
  </name_value_list>
</s:set_entry>"""

HEADER = """auth: {kind: none}
soap_header: >
  <AuthenticationInfo xmlns="urn:HPD_IncidentInterface_WS">
    <userName>{login}</userName>
    <password>{password}</password>
  </AuthenticationInfo>
faults:
  code_in_text: 'ERROR \\((\\d+)\\)'
  meaning: {"302": missing} # no match is a fault there"""


def soap() -> str:
    """The page."""
    return page("A SOAP service", *_operations(), *_names(), *_contract(), *_written(), *_who(), *_faults(), *_rows())


def _operations() -> Iterator[str]:
    yield (
        "Every key of system.yaml, and whole examples that the tests run: [declarations.md](declarations.md). "
        "`operations` says which operation of the service does what. Those that are optional may be left out."
    )
    shapes = {**OPERATIONS, "login": LOGIN}
    yield table(
        ("operation", "what it does", "what its request may name", "what its answer must say", "and may"),
        (
            (_role(role), shape.use, _given(shape), _codes(shape.must), _codes(shape.may))
            for role, shape in shapes.items()
        ),
    )
    yield (
        "`answer` gives each of these a dotted path into the answer. In `describe`, `find_note` and `history` the "
        "first is a list and the others stand inside each of its members; in `get` so do `gone_id`, `gone_stamp` and "
        "`gone_into`, inside a member of `gone`. `login` stands below `auth`. `history` costs a call for each record "
        "that changed; without it (and `abilities.change_history: false`) the partner is sampled at each poll."
    )


def _names() -> Iterator[str]:
    yield "## Names in a template"
    yield (
        "`{name}` in `arguments`, `envelope`, `soap_header` and `headers` stands for a value. Alone in its place the "
        "value stands there as it is, inside a longer text its text does. What names a None is left out."
    )
    yield table(("name", "what it stands for"), ((code(f"{{{name}}}"), said) for name, said in NAMES.items()))
    yield (
        "`{offset}`, `{limit}`, `{first}` and `{end}` are one window in several ways of counting; every operation that "
        "lists may name them."
    )


def _contract() -> Iterator[str]:
    yield "## By its contract"
    yield (
        "The WSDL is a file of the partner's folder, named in `wsdl`, with its hash in `wsdl_sha256`; what it imports "
        "too, in `wsdl_imports`. Nothing is fetched, at no time: a file that changed is refused (C373), and so is an "
        "import of anything else (C371), before a socket or a file is opened. Where a WSDL imports from an address, "
        "`wsdl_places` says which kept file stands for it, and the WSDL stays as it was given; so for the schema of "
        "SOAP's own encoding:"
    )
    yield block(
        "wsdl_imports: {soap-encoding.xsd: 1c7a...}\n"
        "wsdl_places: {http://schemas.xmlsoap.org/soap/encoding/: soap-encoding.xsd}",
        "yaml",
    )
    yield (
        "Answers are read strictly and counted: as many values have to come out as stood in the XML. Elements in "
        "another order than the contract's are sorted where `any_order` says so; one that it does not know is an "
        "error, never dropped. A contract in the rpc style is spoken too, without the `xsi:type` that some servers "
        "insist on; arrays of SOAP's encoding are not."
    )
    yield (
        "Each path of `answer` and `record` has to be one of the contract's (C385): one that is none would read "
        "nothing, for ever. `casebridge check` looks at that, and makes each request with made-up values (C386)."
    )


def _written() -> Iterator[str]:
    yield "## Written out"
    yield (
        "Where the contract does not help, or there is none, `envelope` is the XML that stands in the envelope's Body. "
        "It is parsed once and filled as a tree, so no value can become markup, and a character that XML cannot carry "
        "is refused before anything is sent. A mapping alone in its element becomes elements in that element's "
        "namespace; `each`, of the namespace `urn:casebridge:template`, repeats an element for each field:"
    )
    yield block(EACH, "xml")
    yield (
        "`reply` names the answer's element, which is then read as it comes: elements by their local names (those of a "
        "namespace that `namespaces` gives a prefix as `prefix:name`), a repeated one as a list, an array of SOAP's "
        "encoding too, references (`href`) followed, every value a text. `lists` names paths that are lists however "
        "many stand there. In a reading, what no path of `answer` leads to is an error that names it; `ignored` lists "
        "what may be left aside. What stands below the end of a path, a record with all its fields, is taken whole."
    )
    yield "A service whose operations are all written out needs no `wsdl`; `soap` then says which version it speaks."


def _who() -> Iterator[str]:
    yield "## Who we are"
    yield (
        "Login and secret stand in the connection alone. `auth` says how they are shown: `basic`, the default; "
        "`username_token`, which is WS-Security; `session`, a token that an operation answers; or `none`, where the "
        "templates themselves place them:"
    )
    yield block(HEADER, "yaml")
    yield (
        "A message of WS-Security bears the partner's time. Where it is refused as too old, or from the future, the "
        "answer's Date tells how far their clock is from ours, and the message is made once more; `skew` declares it "
        "instead. With a digest it bears a nonce and is never sent twice as it is, so no reading is tried again within "
        "a call. A session is opened once for all calls, also in the middle of a batch: a call that is told its "
        "session is over was not applied and goes again with the next one. After three logins in a row that were not "
        "let in (C310) a person has to act."
    )


def _faults() -> Iterator[str]:
    yield "## What a fault means"
    yield (
        "`faults.meaning` gives each code of the service a meaning. The code stands at `faults.code` in the fault's "
        "detail, in its text (`code_in_text`), or is SOAP's own; an error in a good answer is read by `in_answer`. A "
        "fault is read under 200 and 500, and under the 400s but 401, 403 and 429, which say enough by themselves."
    )
    yield table(("meaning", "of a reading", "of a write"), (_meaning(one) for one in (*get_args(Meaning), None)))
    yield "Known by themselves: " + ", ".join(f"{code(name)} ({meaning})" for name, meaning in WSS.items()) + "."


def _rows() -> Iterator[str]:
    yield "## Limits of rows"
    yield (
        "A service may answer fewer rows than it is asked for without a word. A list is read until nothing new comes. "
        "Ids that an answer to `get` lacks are asked for again, alone. `row_limit` declares the service's own limit: "
        "other answers that are as long as it are not taken for the whole. Where the request names the window the next "
        "one is asked for, else it is an error (C383)."
    )


def _meaning(meaning: Meaning | None) -> tuple[str, str, str]:
    """What becomes of a fault of this meaning, or of a code that has none."""
    told = [Fault("", "", meaning, ours=False, connection="").error("", safe=safe) for safe in (True, False)]
    reading, write = (f"{type(error).__name__} {error.code or error.default_code}" for error in told)
    if meaning is None:
        own = Fault("", "", None, ours=True, connection="").error("", safe=False)
        said = f"{type(own).__name__} {own.code} where SOAP calls it the client's"
        return "none", f"{reading}; {said}", f"{write}; {said}"
    return code(meaning), reading, write


def _row(role: str, shape: Shape) -> tuple[str, ...]:
    return _role(role), shape.use, _given(shape), _codes(shape.must), _codes(shape.may)


def _role(role: str) -> str:
    return f"{code(role)}{' (optional)' if role in OPTIONAL else ''}"


def _given(shape: Shape) -> str:
    own = [name for name in NAMES if name in shape.given and name not in WINDOW.split()]
    window = ["the window"] if shape.given & set(WINDOW.split()) else []
    return ", ".join([*(code(name) for name in own), *window])


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(code(name) for name in names)
