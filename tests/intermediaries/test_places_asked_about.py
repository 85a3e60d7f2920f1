"""What a return is asked of its places: codes that nobody has, codes of another time, and places that lie apart."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intermediaries.places.agreeing import lie_apart
from intermediaries.places.gazetteer import shipped
from intermediaries.places.lines import Kind
from intermediaries.returns.checking import check
from intermediaries.returns.findings import Finding
from intermediaries.returns.queries import findings
from ledger.dates import Quarter, SetClock
from ledger.store.database import Database
from tests.intermediaries import loading_places as loading
from tests.intermediaries.lending import MANAGER, House, document, loan

NOW = Quarter(2012, 4)
LIVERPOOL, MANCHESTER = "E08000012", "E08000003"
ASKED = {"authority-still-stands", "authority-is-known", "authority-had-begun", "places-agree"}
BEGAN_LATER = sorted(one.code for one in shipped().authorities.values() if str(one.valid_from or "") > "2012-12-31")


def asked(quarter: Quarter | None = NOW, /, **row: str) -> list[tuple[str, str | None]]:
    """What is asked at home about the places of a row, and at which cell."""
    one = loan(**({"local_authority": ""} | row))
    found = check(document([{name: text for name, text in one.items() if text}]), quarter=quarter).questions
    return [(one.rule, one.column) for one in found if one.rule in ASKED]


def question(**row: str) -> Finding:
    (found,) = (one for one in check(document([loan(**row)]), quarter=NOW).questions if one.rule in ASKED)
    return found


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"postcode": "EH1 1YZ", "local_authority": LIVERPOOL}, "local_authority"),
        ({"postcode": "EH4 3YZ", "local_authority": LIVERPOOL}, "local_authority"),
        ({"lsoa": "E01032225", "local_authority": LIVERPOOL}, "local_authority"),
        ({"postcode": "L1 5AX", "local_authority": MANCHESTER}, "local_authority"),
        ({"postcode": "JE2 3AB", "local_authority": LIVERPOOL}, "local_authority"),
        ({"lsoa": "S01999999", "local_authority": LIVERPOOL}, "local_authority"),
        ({"lsoa": "E01032225", "postcode": "L1 5AX"}, "postcode"),
        ({"lsoa": "E01032225", "postcode": "BT1 5GS"}, "postcode"),
        ({"lsoa": "E01032225", "postcode": "L1 5AX", "local_authority": "E07000236"}, "postcode"),
    ],
)
def test_places_that_lie_apart_are_asked_about_at_the_coarser(row: dict[str, str], column: str) -> None:
    assert asked(NOW, **row) == asked(None, **row) == [("places-agree", column)]


@pytest.mark.parametrize(
    "row",
    [
        {"postcode": "L1 5AX", "local_authority": LIVERPOOL},
        {"postcode": "l15ax", "lsoa": "E01033757", "local_authority": LIVERPOOL},
        {"postcode": "M1 1AE", "local_authority": LIVERPOOL},
        {"postcode": "CH65 9HZ", "local_authority": "W06000005"},
        {"lsoa": "E01999999", "local_authority": LIVERPOOL},
        {"lsoa": "E01032225", "local_authority": "?"},
        {"lsoa": "?", "postcode": "-", "local_authority": LIVERPOOL},
    ],
)
def test_where_nothing_tells_that_they_lie_apart_nothing_is_asked(row: dict[str, str]) -> None:
    assert asked(NOW, **row) == []


def test_the_question_names_both_places() -> None:
    assert question(postcode="EH1 1YZ").message == (
        "The postcode EH1 1YZ lies in Scotland, and the authority given is Liverpool (E08000012), England."
    )
    assert question(lsoa="E01032225").message == (
        "The LSOA E01032225 lies in Redditch (E07000236), England, and the authority given is Liverpool (E08000012), "
        "England."
    )


@settings(max_examples=200, deadline=None)
@given(lsoa=st.sampled_from(sorted(shipped().neighbourhoods)), day=st.dates(date(2011, 1, 1), date(2024, 1, 1)))
def test_an_area_lies_in_its_authority_and_in_each_that_came_before_or_after(lsoa: str, day: date) -> None:
    authority = shipped().authorities[shipped().neighbourhoods[lsoa].authority]
    related = [one.code for one in shipped().authorities.values() if one.replaced_by == authority.code]
    related += [authority.code, *([authority.replaced_by] if authority.replaced_by else [])]
    for code in related:
        assert lie_apart([("lsoa", lsoa), ("local_authority", code)], shipped(), day) is None


def test_the_neighbour_with_which_an_authority_was_made_one_is_another() -> None:
    eden = next(one.lsoa for one in shipped().neighbourhoods.values() if one.authority == "E07000030")
    given_there = [("lsoa", eden), ("local_authority", "E07000031")]
    assert lie_apart(given_there, shipped(), date(2023, 6, 30)) is not None


def test_a_code_that_no_list_has_is_asked_about() -> None:
    assert asked(local_authority="E08000099") == [("authority-is-known", "local_authority")]
    assert asked(local_authority="E08000099", postcode="EH1 1YZ") == [("authority-is-known", "local_authority")]
    assert all(asked(local_authority=code) == [] for code in (LIVERPOOL, "E06000048", "N09000003", "S12000046"))


def test_a_code_of_later_is_asked_about_where_the_list_tells_what_there_was_before() -> None:
    assert asked(local_authority="E06000065") == [("authority-had-begun", "local_authority")]
    assert [asked(quarter, local_authority="E06000065") for quarter in (Quarter(2023, 1), Quarter(2023, 2))] == [
        [("authority-had-begun", "local_authority")],
        [],
    ]
    found = question(local_authority="E06000063")
    assert found.message.startswith("The code E06000063 (Cumberland) is in force from 2023-04-01")
    assert found.expected == "one of E07000026 (Allerdale), E07000028 (Carlisle), E07000029 (Copeland)"
    later = {code for code in BEGAN_LATER if asked(local_authority=code)}
    assert later == {code for code in BEGAN_LATER if code.startswith("E")}
    assert len(later) > 10


def test_a_filed_return_is_asked_by_the_tables_that_the_bank_has_loaded(database: Database, clock: SetClock) -> None:
    house = House.opened(database, clock)
    loading.areas(house.bank, "E01005062,,E08000003,Manchester,E12000002\n", "Lookup 2011", date(2011, 6, 1))
    loading.postcodes(house.bank, "M1 1AE,E01005062\n", "ONSPD 2011", date(2011, 8, 31))
    rows = [
        loan("L-1", postcode="M1 1AE"),
        loan("L-2", lsoa="E01005062"),
        loan("L-3", postcode="M1 1AE", local_authority=MANCHESTER),
        loan("L-4", postcode="EH1 1YZ"),
    ]
    made = house.submit(*rows)
    with house.bank.reading() as session:
        found = [(one.loan_ref, one.rule) for one in findings(session, made.id, viewer=MANAGER)]
    assert [one for one in found if one[1] in ASKED] == [(ref, "places-agree") for ref in ("L-1", "L-2", "L-4")]
    at_home = check(json.dumps({"loans": rows}).encode(), quarter=Quarter(2011, 3)).questions
    assert [one.loan_ref for one in at_home if one.rule in ASKED] == ["L-4"], (
        "at home the bank's own tables are not there"
    )


def test_a_code_that_a_loaded_register_has_is_known_when_filed(database: Database, clock: SetClock) -> None:
    house = House.opened(database, clock)
    loading.load(
        house.bank,
        loading.text("code,name,nation,valid_from\nE08000099,New Harbour,England,2011-01-01\n"),
        kind=Kind.AUTHORITIES,
        edition="Register 2011",
        published_on=date(2011, 6, 1),
    )
    made = house.submit(loan("L-1", local_authority="E08000099"), loan("L-2", local_authority="E08000098"))
    with house.bank.reading() as session:
        found = [one.loan_ref for one in findings(session, made.id, viewer=MANAGER) if one.rule in ASKED]
    assert found == ["L-2"]
