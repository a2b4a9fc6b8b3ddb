"""Reports to those who subscribed: the mail as a mail program reads it, when it is due, and that it goes once."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from connectors.errors import Refused
from hub.acting import CannotDo
from hub.credentials import Written
from hub.declarations import DeclarationError
from hub.indicators import INDICATORS
from hub.ledger import Ledger
from hub.mailing.mailed import LEASE, claim, mailed
from hub.mailing.relay import NotDelivered, relay
from hub.mailing.schedule import following, newest
from hub.mailing.sending import Outgoing, Post
from hub.mailing.subscriptions import Subscription, load_subscriptions
from hub.periods import Period
from hub.report.forms import forms
from hub.report.mail import Letter, mail
from hub.report.page import content
from hub.report.scoping import seen_by
from hub.report.words import Words
from hub.rollup import Rollup, rollup
from hub.settings import Settings
from hub.worked import worked
from sandbox.mailbox.server import taking_mail

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LINES = (
    "a 09:00 opened north", "a 09:01 offered north>south", "a 09:09 resolved south",
    "b 10:00 opened south", "b 10:05 offered south>north", "b 10:06 offered north>south",
    "c 11:00 opened east", "c 11:30 offered east>south",
)  # fmt: skip
LETTER = Letter("reports@hub.example", "boss@south.example", "1@hub.example", "south", "operator@hub.example")
DECLARED = """
sender: reports@hub.example
connection: post
change: operator@hub.example
subscriptions:
  south:
    to: [boss@telvoz.example, deputy@telvoz.example]
    files: file:///reports
    audience: managers
    company: telvoz
    period: week
    zone: America/Bogota
    attach: [csv]
"""


def made(words: str = "") -> Rollup:
    """A rollup; words: what stands wherever a text can."""
    whole = rollup(worked(*LINES), Period.parse("all"), agreement_version=words, code_version=words)
    return replace(whole, mapping_hashes=((words, words),)) if words else whole


def parsed(message: EmailMessage) -> EmailMessage:
    """As the other side reads it."""
    found = email.message_from_bytes(bytes(message), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_a_mail_has_its_pictures_inside_and_says_the_same_in_plain_words() -> None:
    found = made()
    attached = forms(found, ["csv"], now=NOW, words=Words())
    read = parsed(mail(found, LETTER, now=NOW, words=Words(), attached=attached))
    page = html.fromstring(part(read, "html"))
    pictures = {str(one["Content-ID"]): one for one in read.walk() if one.get_content_maintype() == "image"}
    sources = page.xpath("//img/@src")
    assert sorted(f"<{source.removeprefix('cid:')}>" for source in sources) == sorted(pictures)
    assert len(sources) == 3
    assert all(page.xpath("//img/@alt"))
    for one in pictures.values():
        assert one.get_payload(decode=True).startswith(b"\x89PNG")
    text = part(read, "plain")
    for known in INDICATORS:
        shown = Words().figure(found.row(known.id))
        assert f"- {known.name}: {shown}" in text
        assert known.name in page.text_content()
    assert [one.get_filename() for one in read.iter_attachments()] == ["rollup-all.csv"]
    assert read["List-Unsubscribe"].startswith("<mailto:operator@hub.example?subject=Please%20change")
    assert not page.xpath("//*[@src and not(starts-with(@src, 'cid:'))] | //link | //style")


HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</td></table>{{7*7}}", "' onmouseover='x",
           "<a href=javascript:alert(1)>", "<svg/onload=alert(1)>", "<iframe srcdoc='<script>1</script>'>")  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_markup_in_names_and_versions_stays_text_in_a_mail(words: str) -> None:
    named = Words(titles={"north": words, "south": words})
    read = parsed(mail(made(words), LETTER, now=NOW, words=named))
    page = html.fromstring(part(read, "html"))
    assert not page.xpath("//script | //iframe | //svg | //form | //object | //*[starts-with(@href, 'javascript')]")
    assert not [name for one in page.iter() for name in one.attrib if name.lower().startswith("on")]
    assert len(page.xpath("//img")) == 3
    assert words in page.text_content()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85", "\0"])
def test_a_line_end_in_a_name_makes_no_line_of_a_header_and_none_of_the_text(end: str) -> None:
    forged = f"Telvoz{end}Bcc: all@evil.example{end}{end}<b>x</b>"
    named = Words(titles={"south": forged})
    plain, hostile = mail(made(), LETTER, now=NOW, words=Words()), mail(made(forged), LETTER, now=NOW, words=named)
    letter = replace(LETTER, name=forged)
    assert parsed(hostile).keys() == parsed(plain).keys() == parsed(mail(made(), letter, now=NOW, words=named)).keys()
    lines = part(parsed(hostile), "plain").splitlines()
    assert not [line for line in lines if line.startswith(("Bcc", "<b>"))]
    assert len(lines) == len(part(parsed(plain), "plain").splitlines())


@pytest.mark.parametrize(
    "given", ["a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", "A <a@b.example>", ""]
)
def test_what_is_no_bare_address_is_refused_before_anything_is_sent(given: str) -> None:
    with pytest.raises(ValueError, match=r"is no mail address such as manager@telvoz\.example"):
        Subscription(to=(given,), audience="coordination", period="day")


def test_a_companys_people_see_the_whole_and_their_own_and_no_figure_of_others() -> None:
    seen = seen_by(made(), "north")
    named = {name for row in seen.rows for name in (row.scope.company, row.scope.to)}
    assert seen.companies == ("north",)
    assert "south" in named  # at an edge of theirs
    assert not [row for row in seen.rows if row.scope.kind == "company" and row.scope.company != "north"]
    assert not [
        row for row in seen.rows if row.scope.kind == "edge" and "north" not in (row.scope.company, row.scope.to)
    ]
    assert "east" not in str(mail(seen, LETTER, now=NOW, words=Words()))
    nodes = re.findall(r'class="node ([^"]*)"', str(content(seen, now=NOW, words=Words())["edge_map"]))
    assert sorted(nodes) == ["all", "c0"]  # the other end of an edge is drawn in a colour too
    assert seen_by(made(), "") == made()


BOGOTA = {"period": "week", "zone": "America/Bogota"}


@pytest.mark.parametrize(
    ("said", "now", "at", "period", "then"),
    [
        (BOGOTA, "2026-11-23T12:00", "2026-11-23T12:00", "2026-W47", "2026-11-30T12:00"),
        (BOGOTA, "2026-11-23T11:59", "2026-11-16T12:00", "2026-W46", "2026-11-23T12:00"),
        ({"period": "day", "zone": "Asia/Almaty"},
         "2026-11-23T03:00", "2026-11-23T02:00", "2026-11-22", "2026-11-24T02:00"),
        ({"period": "day", "zone": "Europe/London", "at": "01:30"},  # a time that the clock skips
         "2026-03-29T05:00", "2026-03-29T01:30", "2026-03-28", "2026-03-30T00:30"),
        ({"period": "month", "day": 3}, "2026-01-03T06:00", "2025-12-03T07:00", "2025-11", "2026-01-03T07:00"),
        ({"period": "quarter"}, "2026-02-10T00:00", "2026-01-01T07:00", "2025-Q4", "2026-04-01T07:00"),
        ({"period": "week", "day": "sun"}, "2027-01-04T00:00", "2027-01-03T07:00", "2026-W52", "2027-01-10T07:00"),
    ],
)  # fmt: skip
def test_a_report_is_due_by_the_readers_clock_and_is_of_the_last_whole_period(
    said: dict[str, Any], now: str, at: str, period: str, then: str
) -> None:
    one = Subscription(to=("a@b.example",), audience="coordination", **said)
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = newest(one, moment)
    assert (f"{found.at:%Y-%m-%dT%H:%M}", found.period) == (at, period)
    assert f"{following(one, moment).at:%Y-%m-%dT%H:%M}" == then
    assert Period.parse(period, one.zone).end <= found.at


@dataclass(slots=True)
class Server:
    """A mail server's memory. refuses: address -> its answer."""

    came: list[tuple[str, bytes]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.came.extend((to, bytes(envelope.content)) for to in envelope.rcpt_tos)
        return "250 OK"

    def to(self) -> list[str]:
        return [to for to, _ in self.came]


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    """A real mail server on a free port."""
    memory = Server()
    with taking_mail(memory) as port:
        yield memory, port


def post(ledger: Ledger, tmp_path: Path, port: int, now: list[datetime]) -> Post:
    """What sends, into this folder and to this server; now: the clock, which the test moves."""
    declared = tmp_path / "subscriptions.yaml"
    declared.write_text(DECLARED)
    extra = '{"disable_ssl": true, "disable_tls": true}'
    return Post(
        ledger,
        Settings.from_environment({"CASEBRIDGE_SUBSCRIPTIONS": str(declared), "CASEBRIDGE_HOME": str(tmp_path)}),
        {"northcable": "Northcable", "telvoz": "Telvoz", "brightnet": "Brightnet"},
        lambda _: Written(conn_type="smtp", host="127.0.0.1", port=port, extra=extra),
        lambda url: tmp_path / url.removeprefix("file:///"),
        lambda: now[0],
    )


def test_a_report_goes_once_to_each_however_often_the_run_is_repeated(
    ledger: Ledger, tmp_path: Path, server: tuple[Server, int]
) -> None:
    memory, port = server
    now = [datetime(2026, 11, 23, 12, 5, tzinfo=UTC)]
    sender = post(ledger, tmp_path, port, now)
    (one,) = sender.due()
    assert one == Outgoing("south", "2026-11-23T12:00:00+00:00", "2026-W47")
    memory.refuses["deputy@telvoz.example"] = "550 no\tsuch mailbox"
    told = (
        rf"^R122 deputy@telvoz\.example: 127\.0\.0\.1:{port} did not take the mail: 550 no such mailbox\n"
        r"  Fix: mend what it says, then clear the task or `casebridge report send` it\.$"
    )
    with pytest.raises(NotDelivered, match=told):
        sender.send(one.name, one.at, one.period)
    folder = tmp_path / "reports" / "south"
    assert sorted(path.name for path in folder.iterdir()) == ["rollup-2026-W47.csv", "rollup-2026-W47.html"]
    assert sender.due() == []  # what failed is left to the retry
    memory.refuses.clear()
    assert sender.send(one.name, one.at, one.period) == ["deputy@telvoz.example"]
    assert sender.send(one.name, one.at, one.period) == []
    assert memory.to() == ["boss@telvoz.example", "deputy@telvoz.example"]
    read = email.message_from_bytes(memory.came[0][1], policy=policy.default)
    assert read["Subject"] == "Casebridge rollup: Week 47 of 2026, 16 November to 22 November 2026"
    assert "What changed against Week 46 of 2026" in part(read, "plain")
    rows = {row.target: (row.state, row.tries, row.error) for row in mailed(ledger, "south")}
    assert rows["deputy@telvoz.example"] == ("sent", 2, "")
    assert rows["file:///reports"] == ("sent", 1, "")


def test_who_was_killed_on_the_way_is_followed_once_his_lease_ends_and_by_nobody_before(
    ledger: Ledger, tmp_path: Path, server: tuple[Server, int]
) -> None:
    memory, port = server
    due_at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    now = [due_at]
    sender = post(ledger, tmp_path, port, now)
    targets = ("boss@telvoz.example", "deputy@telvoz.example", "file:///reports")
    for target in targets:
        with ledger.transaction(now[0]) as tx:
            assert claim(tx, "south", due_at, "2026-W47", target)
    assert sender.due() == []
    assert sender.send("south", due_at.isoformat(), "2026-W47") == []
    now[0] += LEASE
    (one,) = sender.due()
    assert sender.send(one.name, one.at, one.period) == list(targets)
    now[0] += timedelta(days=2)
    assert sender.due() == []
    assert memory.to() == list(targets[:2])


def test_send_me_this_now_is_another_one_each_time_and_an_unknown_name_is_told(
    ledger: Ledger, tmp_path: Path, server: tuple[Server, int]
) -> None:
    now = [NOW]
    sender = post(ledger, tmp_path, server[1], now)
    for _ in range(2):
        now[0] += timedelta(seconds=1)
        (one,) = sender.due(("south",))
        sender.send(one.name, one.at, one.period)
    ids = {
        re.search(rb"(?im)^Message-ID: (\S+)", content)[1] for to, content in server[0].came if to.startswith("boss")
    }
    assert len(ids) == 2
    with pytest.raises(
        CannotDo, match=r"R120 there is no subscription 'sout'\.\n  Known: south\. Did you mean 'south'"
    ):
        sender.due(("sout",))


def test_a_folder_that_cannot_be_written_is_told_and_the_mails_went(
    ledger: Ledger, tmp_path: Path, server: tuple[Server, int]
) -> None:
    (tmp_path / "reports").write_text("a file")
    sender = post(ledger, tmp_path, server[1], [NOW])
    with pytest.raises(NotDelivered, match=r"^R123 file:///reports: the report could not be written there: NotADir"):
        sender.send("south", NOW.isoformat(), "2026-W47")
    assert len(server[0].came) == 2


def test_a_mail_servers_connection_is_read_as_airflows_own_provider_reads_it() -> None:
    found = [relay(Written(conn_type="smtp", host="m", extra=one), "post") for one in (None, '{"disable_ssl": true}')]
    assert [(one.secure, one.port) for one in found] == [("ssl", 465), ("starttls", 587)]
    with pytest.raises(Refused, match=r"connection post: C322 it is no mail server's\."):
        relay(Written(conn_type="casebridge_rest", host="m"), "post")
    with pytest.raises(Refused, match=r"connection post: C323 it has no address\."):
        relay(Written(conn_type="smtp"), "post")
    with pytest.raises(Refused, match=r"connection post: C321 the connection cannot be read"):
        relay(Written(conn_type="smtp", host="m", extra="[]"), "post")


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("    company: telvoz\n", "", r"D203 subscriptions\.south: .*are of a `company`"),
        ("company: telvoz", "company: telvos", r":10:5 D241 'telvos' is no partner.*\n.*mean 'telvoz'"),
        ("  south:", "  South One:", r"D240 'South One': a name is of a-z"),
        ("America/Bogota", "Bogota", r"D203 subscriptions\.south\.zone: .*is no IANA time zone"),
        ("period: week", "period: week\n    day: 3", r"a week has no day 3 on which its report could be due"),
        ("file:///reports", "reports", r"is no address of a folder, such as s3://"),
        ("attach: [csv]", "language: tlh", r"is not spoken here; known are en"),
    ],
)  # fmt: skip
def test_a_subscription_that_cannot_be_is_told_with_its_place(
    line: str, instead: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "subscriptions.yaml"
    path.write_text(DECLARED.replace(line, instead))
    with pytest.raises(DeclarationError, match=told):
        load_subscriptions(path, ("northcable", "telvoz"))
