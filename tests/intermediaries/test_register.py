from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from intermediaries.frontline.identifiers import BadIdentifier
from intermediaries.register.commands import mark_failed, register_intermediary, set_standing
from intermediaries.register.queries import (
    Contact,
    NoSuchFacility,
    facilities,
    holder_of,
    intermediaries,
    intermediary,
    names,
    standing_at,
)
from intermediaries.register.rules import BadIntermediary, NameTaken, NoSuchIntermediary, StandingUnchanged
from ledger import queries as books
from ledger import trail
from ledger.commands import open_house, sub_account
from ledger.dates import SetClock
from ledger.refusals import NotAllowed
from ledger.store.database import Database
from ledger.store.work import Actor, Desk
from ledger.words import UnreadableText
from tests.intermediaries.lending import MANAGER, actor_of


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk(database, MANAGER)
    with desk.writing() as work:
        open_house(work)
    return desk


def test_registering_opens_the_memorandum_book_and_leaves_a_line(desk: Desk) -> None:
    one = register_intermediary(
        desk,
        name=" Harbour   Lending ",
        kind="social-bank",
        identifiers=["gb-coh-9506232 ".replace("9506232", "09506232")],
        contacts=[Contact(name="R. Quill", role="Finance director")],
        key="a",
    )
    assert (one.name, one.standing, one.identifiers) == ("Harbour Lending", "active", ("GB-COH-09506232",))
    with desk.reading() as session:
        assert books.books(session)[one.id] == "intermediary"
        assert [line.action for line in trail.lines(session, subject=one.id)] == [
            "ledger.open-book",
            "intermediary.register",
        ]
        assert names(session) == {one.id: "Harbour Lending"}


def test_registering_again_under_the_same_key_is_registering_once(desk: Desk) -> None:
    first = register_intermediary(desk, name="Harbour", kind="social-bank", key="a")
    assert register_intermediary(desk, name="Harbour", kind="social-bank", key="a") == first
    with pytest.raises(NameTaken):
        register_intermediary(desk, name="HARBOUR", kind="social-bank", key="b")


@pytest.mark.parametrize(("name", "kind"), [("", "social-bank"), ("\u00ad", "bond-fund"), ("Harbour", "pawnbroker")])
def test_a_name_or_kind_that_is_none_is_refused(desk: Desk, name: str, kind: str) -> None:
    with pytest.raises(BadIntermediary):
        register_intermediary(desk, name=name, kind=kind, key="a")
    with pytest.raises(UnreadableText):
        register_intermediary(desk, name=f"{name}\x00", kind=kind, key="a")


def test_a_faulty_identifier_registers_nobody(desk: Desk) -> None:
    with pytest.raises(BadIdentifier):
        register_intermediary(desk, name="Harbour", kind="social-bank", identifiers=["GB-COH-1"], key="a")
    with desk.reading() as session:
        assert names(session) == {}


def test_only_a_fund_manager_registers_or_changes_standing(desk: Desk) -> None:
    one = register_intermediary(desk, name="Harbour", kind="social-bank", key="a")
    trustee = Desk(desk.database, Actor("person", "per_2", "T. Trustee", frozenset({"trustee"})))
    with pytest.raises(NotAllowed):
        register_intermediary(trustee, name="Other", kind="social-bank", key="b")
    with pytest.raises(NotAllowed):
        mark_failed(trustee, intermediary=one.id, on=date(2011, 7, 4), reason="no")
    with pytest.raises(NotAllowed):
        mark_failed(Desk(desk.database, actor_of(one.id)), intermediary=one.id, on=date(2011, 7, 4), reason="no")
    with pytest.raises(NoSuchIntermediary):
        mark_failed(Desk(desk.database, actor_of("int_b")), intermediary=one.id, on=date(2011, 7, 4), reason="no")


def test_standing_is_read_at_a_day_and_as_known_then(desk: Desk, clock: SetClock) -> None:
    one = register_intermediary(desk, name="Harbour", kind="social-bank", key="a")
    clock.set(datetime(2012, 3, 1, 9, 0, tzinfo=UTC))
    set_standing(desk, intermediary=one.id, standing="suspended", on=date(2012, 1, 15), reason="Accounts overdue")
    before = clock.now()
    clock.set(datetime(2012, 5, 2, 9, 0, tzinfo=UTC))
    failed = mark_failed(desk, intermediary=one.id, on=date(2012, 2, 1), reason="Administrators appointed")
    assert failed.standing == "failed"
    with desk.reading() as session:
        told = [standing_at(session, one.id, day) for day in (date(2012, 1, 14), date(2012, 1, 15), date(2012, 2, 1))]
        assert told == ["active", "suspended", "failed"]
        assert standing_at(session, one.id, date(2012, 2, 1), books.known(session, before)) == "suspended"
        shown = intermediary(session, one.id, viewer=MANAGER, as_at=date(2012, 1, 20))
        assert (shown.standing, shown.standing_since) == ("suspended", date(2012, 1, 15))
        assert [line.reason for line in shown.history] == ["registered", "Accounts overdue", "Administrators appointed"]


def test_a_change_of_standing_needs_a_change_and_a_reason(desk: Desk) -> None:
    one = register_intermediary(desk, name="Harbour", kind="social-bank", key="a")
    with pytest.raises(StandingUnchanged):
        set_standing(desk, intermediary=one.id, standing="active", on=date(2011, 7, 5), reason="again")
    with pytest.raises(BadIntermediary, match="why"):
        mark_failed(desk, intermediary=one.id, on=date(2011, 7, 5), reason=" ")
    with pytest.raises(BadIntermediary, match="active, suspended, failed"):
        set_standing(desk, intermediary=one.id, standing="tired", on=date(2011, 7, 5), reason="r")


def test_of_two_things_said_of_one_day_the_later_counts(desk: Desk) -> None:
    one = register_intermediary(desk, name="Harbour", kind="social-bank", key="a")
    set_standing(desk, intermediary=one.id, standing="suspended", on=date(2011, 7, 4), reason="by mistake")
    set_standing(desk, intermediary=one.id, standing="active", on=date(2011, 7, 4), reason="it was another")
    with desk.reading() as session:
        assert standing_at(session, one.id, date(2011, 7, 4)) == "active"


def test_the_register_is_read_page_by_page_and_by_kind_and_standing(desk: Desk) -> None:
    made = [
        register_intermediary(desk, name=f"Lender {number}", kind=kind, key=f"k{number}").id
        for number, kind in enumerate(["social-bank", "bond-fund", "social-bank", "guarantee"])
    ]
    mark_failed(desk, intermediary=made[0], on=date(2011, 7, 4), reason="gone")
    with desk.reading() as session:
        first = intermediaries(session, viewer=MANAGER, limit=3)
        rest = intermediaries(session, viewer=MANAGER, limit=3, cursor=first.next_cursor)
        assert [view.id for view in (*first.items, *rest.items)] == sorted(made)
        assert rest.next_cursor is None
        kinds = intermediaries(session, viewer=MANAGER, kind="social-bank", standing="failed").items
        assert [view.id for view in kinds] == [made[0]]
        assert [view.id for view in intermediaries(session, viewer=actor_of(made[1])).items] == [made[1]]
        assert intermediaries(session, viewer=actor_of("int_none")).items == ()
        with pytest.raises(NoSuchIntermediary):
            intermediary(session, made[0], viewer=actor_of(made[1]))


def test_a_facility_is_whose_memorandum_book_owes_for_it(desk: Desk) -> None:
    one = register_intermediary(desk, name="Harbour", kind="social-bank", key="a")
    with desk.writing() as work:
        sub_account(work, one.id, "2100", "fac_a", name="A facility")
    with desk.reading() as session:
        assert holder_of(session, "fac_a") == one.id
        assert facilities(session) == {"fac_a": one.id}
        assert intermediary(session, one.id, viewer=MANAGER).facilities == ("fac_a",)
        with pytest.raises(NoSuchFacility):
            holder_of(session, "fac_b")
