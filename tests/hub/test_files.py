"""Files of a case: they cross, bytes and all, once, and what cannot cross is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import Rejected, Unknown, Unreachable
from connectors.files import Files
from hub import repair
from hub.acting import By
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.exchange import Exchange
from hub.keys import KeyLost
from hub.partners import Partner
from hub.spool import Spool
from hub.state import case_id_of
from mappings import lens as lenses

PHOTO = bytes(range(256)) * 2000  # several pieces


@pytest.fixture
def filed(world: Any, tmp_path: Path) -> Any:
    """The three companies, all with files; what is for partners and the customer crosses."""
    return with_files(world, tmp_path, {})


def with_files(world: Any, folder: Path, declared: dict[str, Files | None]) -> Any:
    partners = {}
    for name, partner in world.exchange.alliance.partners.items():
        content = {**partner.mapping.content}
        seen = {"internal": "private", "partners": "partners", "customer": "customer"}
        content["attachments"] = {
            **content["attachments"], "size": {"from": "size", "number": "integer"},
            "visibility": {"from": "audience", "values": seen},
        }  # fmt: skip
        system = partner.system.model_copy(update={"files": declared.get(name, Files(largest=2**20))})
        world.stores[name].system = system
        document = replace(partner.mapping, content=content)
        partners[name] = Partner(name, system, lenses.compile(content, partner=name), document)
    told = world.exchange.alliance.agreement.model_dump(by_alias=True)
    told["sharing"]["standard"]["attachments"] = ["partners", "customer"]
    spool = Spool(folder / "spool", world.ledger.keyring)
    alliance = Alliance(partners, Agreement.model_validate(told), spool)
    world.exchange = Exchange(world.ledger, alliance, world.connect, world.clock)
    return world


def shared(world: Any, company: str = "South") -> None:
    """A case of North that South has too."""
    world.stores["north"].create({"title": "No signal", "state": "Open", "company": company})
    world.rest()


def attach(world: Any, company: str = "north", raw: bytes = PHOTO, **told: Any) -> str:
    given = {"name": "photo.jpg", "type": "image/jpeg", "audience": "partners", **told}
    return str(world.stores[company].attach("1", raw, **given))


def files_at(world: Any, company: str) -> list[tuple[str, bytes]]:
    """(name, bytes) of each file that this company has."""
    store = world.stores[company]
    return [(one["name"], store.file("1", str(one["id"]))) for one in store.body("1").get("files", [])]


def spooled(folder: Path) -> list[Path]:
    return sorted((folder / "spool").glob("*"))


def test_a_file_crosses_with_its_bytes_name_type_and_audience_once(filed: Any, tmp_path: Path) -> None:
    shared(filed)
    attach(filed)
    filed.rest()
    assert files_at(filed, "south") == [("photo.jpg", PHOTO)]
    (told,) = filed.only("south")["files"]
    assert (told["type"], told["audience"]) == ("image/jpeg", "partners")
    before = filed.written()
    for _ in range(10):
        filed.round()
    assert filed.written() == before
    assert files_at(filed, "north") == [("photo.jpg", PHOTO)]
    assert filed.ledger.parked() == []
    assert filed.kinds().count("attached") == filed.kinds().count("fetched") == 1
    assert spooled(tmp_path) == []  # nobody is owed it any more
    (kept,) = filed.ledger.case(case_id_of("north", "1")).attachment
    assert (kept.name, kept.size, kept.partner) == ("photo.jpg", len(PHOTO), "north")


def test_files_cross_both_ways_and_one_that_was_there_before_the_hand_over_follows_it(filed: Any) -> None:
    filed.stores["north"].create({"title": "No signal", "state": "Open"})
    attach(filed, raw=b"before", name="before.txt")
    filed.rest()
    assert "fetched" not in filed.kinds()  # nobody else has the case
    filed.stores["north"].edit("1", {"company": "South"})
    filed.rest()
    assert files_at(filed, "south") == [("before.txt", b"before")]
    attach(filed, "south", b"answer", name="answer.txt", audience="customer")
    attach(filed, "south", b"", name="empty.txt")
    filed.rest()
    assert files_at(filed, "north") == [("before.txt", b"before"), ("answer.txt", b"answer"), ("empty.txt", b"")]


def test_a_private_file_is_not_even_read_and_one_that_becomes_private_goes_no_further(filed: Any) -> None:
    shared(filed)
    attach(filed, audience="internal")
    filed.rest()
    assert files_at(filed, "south") == []
    assert filed.ledger.case(case_id_of("north", "1")).attachment == ()
    attach(filed, name="second.jpg")
    filed.exchange.intake("north")
    row = filed.stores["north"].row("1")
    row.body["files"][1]["audience"] = "internal"
    filed.stores["north"].edit("1", {"details": "mistake"})
    filed.rest()
    assert files_at(filed, "south") == []


@pytest.mark.parametrize("after", [False, True])
def test_a_file_whose_answer_was_lost_is_looked_for_and_stands_there_once(filed: Any, after: bool) -> None:
    shared(filed)
    attach(filed)
    filed.exchange.intake("north")
    filed.stores["south"].fail(Unknown("no answer"), on="push", after=after)
    assert filed.exchange.deliver("south").unknown == 1
    filed.later(60)
    filed.rest()
    assert files_at(filed, "south") == [("photo.jpg", PHOTO)]
    assert files_at(filed, "north") == [("photo.jpg", PHOTO)]


def test_a_worker_that_dies_between_fetch_and_push_loses_nothing(filed: Any) -> None:
    shared(filed)
    attach(filed)
    filed.exchange.intake("north")
    filed.after_push["south"] = lambda: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        filed.exchange.deliver("south")
    filed.later(600)
    filed.rest()
    assert files_at(filed, "south") == [("photo.jpg", PHOTO)]


def test_a_kill_while_a_file_is_read_leaves_nothing_and_it_is_read_again(filed: Any, tmp_path: Path) -> None:
    shared(filed)
    attach(filed)
    memory = filed.exchange.kept["north"].memory
    whole = memory.read_file

    def dies(*asked: Any) -> Iterator[bytes]:
        yield next(whole(*asked))
        (name,) = spooled(tmp_path)
        (tmp_path / "left").write_bytes(name.read_bytes())
        (tmp_path / "name").write_text(name.name)
        raise KeyboardInterrupt

    memory.read_file = dies
    with pytest.raises(KeyboardInterrupt):
        filed.exchange.intake("north")
    memory.read_file = whole
    left = tmp_path / "spool" / (tmp_path / "name").read_text()
    left.write_bytes((tmp_path / "left").read_bytes())  # as a kill -9 would have left it
    filed.rest()
    assert files_at(filed, "south") == []  # somebody may still be at it
    filed.later(3600)
    filed.rest()
    assert files_at(filed, "south") == [("photo.jpg", PHOTO)]
    assert spooled(tmp_path) == []


def test_one_file_that_cannot_be_read_stops_neither_the_others_nor_the_case(filed: Any) -> None:
    shared(filed)
    attach(filed, raw=b"first", name="first.txt")
    attach(filed, raw=b"second", name="second.txt")
    filed.stores["north"].edit("1", {"urgency": "P1"})
    filed.stores["north"].fail(Unreachable("no whole answer"), on="read_file")
    filed.rest()
    assert [name for name, _ in files_at(filed, "south")] == ["second.txt"]
    assert filed.only("south")["urgency"] == "P1"
    assert filed.ledger.partners()[1].error == ""
    filed.later(120)
    filed.rest()
    assert sorted(name for name, _ in files_at(filed, "south")) == ["first.txt", "second.txt"]


def test_a_file_that_its_side_took_away_meanwhile_is_told_once_and_forgotten_with_it(filed: Any) -> None:
    shared(filed)
    attach(filed)
    filed.stores["north"].fail(Rejected("there is no such file.", code="C605"), on="read_file")
    filed.rest()
    (waiting,) = filed.ledger.parked()
    assert (waiting.subject, waiting.partner, waiting.code) == ("file", "north", "X309")
    assert "photo.jpg (500 KiB) of North in its case N-1 could not be read" in waiting.message
    filed.stores["north"].detach("1", "1")
    filed.rest()
    assert filed.ledger.case(case_id_of("north", "1")).attachment == ()
    assert filed.ledger.parked() == []


@pytest.mark.parametrize(
    ("declared", "name", "why"),
    [
        (Files(largest=1000), "photo.jpg", "South takes files of up to 1000 bytes."),
        (Files(types=("text/*",)), "photo.jpg", "South takes text/* and no image/jpeg."),
        (Files(refused=("exe",)), "setup.EXE", "South takes no .exe files."),
        (None, "photo.jpg", "South takes no files from us."),
    ],
)
def test_what_does_not_go_into_a_system_is_parked_with_where_it_is_and_the_case_goes_on(
    world: Any, tmp_path: Path, declared: Files | None, name: str, why: str
) -> None:
    with_files(world, tmp_path, {"south": declared})
    shared(world)
    attach(world, name=name)
    world.stores["north"].edit("1", {"urgency": "P1"})
    world.rest()
    (waiting,) = world.ledger.parked()
    assert (waiting.subject, waiting.partner, waiting.code, waiting.native_id) == ("file", "south", "X308", "1")
    assert waiting.message == f"{why} Not sent: {name} (500 KiB) of North in its case N-1, where it can be had."
    assert world.only("south")["urgency"] == "P1"
    assert "fetched" not in world.kinds()
    assert world.ledger.deliveries(("owed", "parked", "unknown")) == []
    with_files(world, tmp_path, {})
    world.stores["north"].edit("1", {"urgency": "P2"})
    world.rest()
    assert files_at(world, "south") == [(name, PHOTO)]
    assert world.ledger.parked() == []


def test_a_file_that_they_refuse_is_parked_once_and_nothing_else_waits_for_it(filed: Any) -> None:
    shared(filed)
    attach(filed)
    attach(filed, raw=b"other", name="other.txt")
    filed.exchange.intake("north")
    filed.stores["south"].fail(Rejected("a virus was found", code="C600"), on="push")
    done = filed.exchange.deliver("south")
    assert (done.delivered, done.parked) == (1, 0)
    filed.rest()
    assert [name for name, _ in files_at(filed, "south")] == ["other.txt"]
    (waiting,) = filed.ledger.parked()
    assert waiting.code == "C600"
    assert "South does not take it. Not sent: photo.jpg (500 KiB) of North in its case N-1" in waiting.message
    assert "a virus was found" in waiting.message


def test_the_same_content_is_not_sent_twice_nor_back_to_where_it_is(filed: Any) -> None:
    shared(filed)
    attach(filed)
    attach(filed, name="again.jpg")
    filed.rest()
    assert [name for name, _ in files_at(filed, "south")] == ["photo.jpg"]
    attach(filed, "south", name="back.jpg")
    filed.rest()
    assert [name for name, _ in files_at(filed, "north")] == ["photo.jpg", "again.jpg"]


def test_both_sides_that_have_the_same_file_before_they_share_the_case_keep_one_each(filed: Any) -> None:
    shared(filed)
    attach(filed)
    attach(filed, "south", name="same.jpg")
    filed.rest()
    assert [name for name, _ in files_at(filed, "south")] == ["same.jpg"]
    assert [name for name, _ in files_at(filed, "north")] == ["photo.jpg"]


def test_a_name_is_made_safe_where_it_is_sent_and_kept_as_it_was_told(filed: Any) -> None:
    shared(filed)
    attach(filed, name="../../etc/\u202egpj.exe\r\nX: 1")
    filed.rest()
    ((name, _),) = files_at(filed, "south")
    assert name == "gpj.exeX_ 1"
    assert filed.ledger.case(case_id_of("north", "1")).attachment[0].name.startswith("../../etc/")


def test_the_third_company_gets_it_when_it_comes_to_the_case(filed: Any) -> None:
    shared(filed)
    attach(filed)
    filed.rest()
    filed.stores["south"].edit("1", {"company": "East"})
    filed.rest()
    assert files_at(filed, "east") == [("photo.jpg", PHOTO)]
    assert files_at(filed, "south") == [("photo.jpg", PHOTO)]


def test_what_waits_is_encrypted_and_gone_with_the_subjects_key(filed: Any, tmp_path: Path) -> None:
    filed.stores["north"].create({"title": "No signal", "state": "Open", "company": "South", "customer": {"id": "7"}})
    filed.rest()
    attach(filed, raw=b"a most personal letter " * 1000)
    filed.exchange.intake("north")
    (kept,) = spooled(tmp_path)
    assert b"personal" not in kept.read_bytes()
    spool = filed.exchange.alliance.spool
    with filed.ledger.look(filed.clock()) as tx:
        subject = tx.case(case_id_of("north", "1")).subject
    assert b"".join(spool.read(kept.name, subject)).startswith(b"a most personal letter")
    assert filed.ledger.keyring.forget(subject)
    with pytest.raises(KeyLost):
        list(spool.read(kept.name, subject))


def test_bytes_that_were_lost_on_their_way_are_read_once_more(filed: Any, tmp_path: Path) -> None:
    shared(filed)
    attach(filed)
    filed.exchange.intake("north")
    (kept,) = spooled(tmp_path)
    kept.unlink()
    filed.round()
    filed.rest()
    assert files_at(filed, "south") == [("photo.jpg", PHOTO)]


def test_a_person_has_a_refused_file_sent_once_more(filed: Any) -> None:
    shared(filed)
    attach(filed)
    filed.exchange.intake("north")
    filed.stores["south"].fail(Rejected("full", code="C600"), on="push")
    filed.exchange.deliver("south")
    (row,) = filed.ledger.parked()
    plan = repair.plan(filed.exchange, "retry", row)
    assert repair.act(filed.exchange, plan, By("Ann", "there is room now")) == frozenset()  # it is read again first
    filed.round()
    filed.rest()
    assert files_at(filed, "south") == [("photo.jpg", PHOTO)]


def test_a_file_larger_than_was_told_is_not_taken_for_the_one_that_was_told(filed: Any) -> None:
    shared(filed)
    attach(filed)
    filed.stores["north"].row("1").contents["1"] = PHOTO[:-1]
    filed.rest()
    assert files_at(filed, "south") == []
    filed.stores["north"].row("1").contents["1"] = PHOTO
    filed.later(120)
    filed.rest()
    assert files_at(filed, "south") == [("photo.jpg", PHOTO)]


def test_the_files_of_a_company_that_does_not_say_how_they_are_read_are_counted_and_not_carried(
    world: Any, tmp_path: Path
) -> None:
    with_files(world, tmp_path, {"north": None})
    shared(world)
    attach(world)
    world.rest()
    assert world.ledger.case(case_id_of("north", "1")).attachment == ()
    assert files_at(world, "south") == []
    assert world.ledger.parked() == []


def test_who_sends_a_large_file_holds_its_lease_for_as_long_as_that_may_take(world: Any, tmp_path: Path) -> None:
    with_files(world, tmp_path, {"south": Files(largest=2**20, slowest=1000)})
    shared(world)
    attach(world)  # 512 s by what is declared, four times the lease
    world.exchange.intake("north")
    store, others = world.stores["south"], []

    def slow(*given: Any, **more: Any) -> str:
        world.later(500)
        others.append(second.deliver("south").claimed)
        return add_file(*given, **more)

    second = replace(world.exchange, kept={})
    add_file, store.add_file = store.add_file, slow
    assert world.exchange.deliver("south").delivered == 1
    assert others == [0]
    world.rest()
    assert files_at(world, "south") == [("photo.jpg", PHOTO)]
