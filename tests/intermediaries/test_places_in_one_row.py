"""A row that gives its place more than once: the finest that is known counts, and the next tells what it cannot."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.places.areas import IMD_2010, OUTSIDE, POSTCODE_AREAS
from intermediaries.places.gazetteer import shipped
from intermediaries.places.rules import NOT_AVAILABLE, NOT_MATCHED, nation_of, nation_told, place_of
from ledger.dates import SetClock
from ledger.store.database import Database
from tests.intermediaries import loading_places as loading
from tests.intermediaries.lending import House, loan

DAY = date(2012, 12, 31)
MANCHESTER = "E08000003"
FINE = st.sampled_from(({"postcode": "M1 1AE"}, {"lsoa": "E01005062"}))
"""Places of Manchester that the shipped sample does not hold."""


def told(**row: str) -> tuple[str | None, ...]:
    """The authority, region and nation of a row."""
    place = place_of(**row, on=DAY)  # type: ignore[arg-type]
    authority, region = place.local_authority, place.region
    return authority.name if authority else None, region.name if region else None, place.nation


@given(fine=FINE)
def test_an_unknown_fine_place_does_not_hide_the_authority_beside_it(fine: dict[str, str]) -> None:
    place = place_of(**fine, local_authority=MANCHESTER, on=DAY)  # type: ignore[arg-type]
    assert told(**fine, local_authority=MANCHESTER) == ("Manchester", "North West", "England")
    assert (place.deprivation, place.deprivation_missing, place.ward) == (None, NOT_MATCHED, None)
    assert place.index == IMD_2010.name
    assert place.lsoa == fine.get("lsoa")
    (text,) = fine.values()
    assert place.given == f"{text}, not matched; by {MANCHESTER}"


def test_of_a_known_fine_place_nothing_is_taken_from_another() -> None:
    for area in [*shipped().neighbourhoods.values()][::40]:
        assert place_of(lsoa=area.lsoa, local_authority=MANCHESTER) == place_of(lsoa=area.lsoa)
    for postcode in [*shipped().postcodes][::40]:
        assert place_of(postcode=postcode, local_authority=MANCHESTER) == place_of(postcode=postcode)


def test_an_unknown_area_takes_from_a_known_postcode_where_it_lies_and_not_its_decile() -> None:
    postcode, lsoa = next(pair for pair in shipped().postcodes.items() if pair[1][0] == "E")
    found, known = place_of(lsoa="E01999999", postcode=postcode, on=DAY), place_of(lsoa=lsoa, on=DAY)
    assert (found.local_authority, found.region) == (known.local_authority, known.region)
    assert (found.lsoa, found.ward, found.deprivation_missing) == ("E01999999", None, NOT_MATCHED)
    assert known.deprivation is not None
    assert found.deprivation is None
    assert found.given == f"E01999999, not matched; by {postcode}"


def test_the_vanguard_area_of_an_authority_is_told_by_it_alone() -> None:
    assert place_of(postcode="L99 9ZZ", local_authority="E08000012").vanguard == "Liverpool"


def test_a_place_is_not_set_in_an_authority_of_another_nation() -> None:
    assert told(postcode="EH1 1YZ", local_authority="E08000012") == (None, None, None)
    assert told(lsoa="S01999999", local_authority="E08000012") == (None, None, "Scotland")
    assert told(postcode="JE2 3AB", local_authority="E08000012") == (None, None, None)
    assert told(postcode="EH1 1YZ", local_authority="S12000036") == ("City of Edinburgh", None, "Scotland")
    assert told(postcode="TD15 1AA", local_authority="E06000057") == ("Northumberland", "North East", "England")


def test_an_authority_that_no_table_knows_tells_its_nation_alone() -> None:
    place = place_of(postcode="M1 1AE", local_authority="E08000099", on=DAY)
    assert (place.matched, place.nation, place.deprivation_missing) == (False, "England", NOT_MATCHED)
    unknown = place_of(lsoa="E01999999", local_authority="E08000099", on=DAY)
    assert unknown == place_of(lsoa="E01999999", on=DAY)
    assert place_of(postcode="M1 1AE", local_authority="Atlantis") == place_of(postcode="M1 1AE")


def test_every_postcode_held_lies_in_the_nation_that_its_area_is_said_to_lie_in() -> None:
    found = [(nation_told("postcode", one), nation_of(lsoa)) for one, lsoa in shipped().postcodes.items()]
    assert {said for said, _ in found} == {None, *POSTCODE_AREAS.values()} - {OUTSIDE}
    assert all(said in {None, nation} for said, nation in found)
    assert [nation_told("postcode", one) for one in ("GY1 1AA", "CA6 5HX", "no postcode")] == [OUTSIDE, None, None]


def test_an_area_of_which_only_a_decile_is_held_keeps_it_beside_the_authority_given(
    database: Database, clock: SetClock
) -> None:
    desk = House.opened(database, clock).bank
    loading.deciles(desk, "W01001693,4\n", "Wales WIMD 2011", date(2011, 8, 31), vintage=2001)
    held = loading.tables(desk, "W01001693")
    place = place_of(lsoa="W01001693", local_authority="W06000022", on=DAY, gazetteer=held)
    assert place.local_authority is not None
    assert place.deprivation is not None
    assert (place.local_authority.name, place.deprivation.decile, place.deprivation_missing) == ("Newport", 4, "")
    assert place.given == "W01001693, in no authority; by W06000022"


def test_a_postcode_known_to_lie_in_no_area_is_set_in_the_authority_given_and_has_no_decile(
    database: Database, clock: SetClock
) -> None:
    desk = House.opened(database, clock).bank
    loading.postcodes(desk, "M1 1AE,\nGY1 1AA,\n", "ONSPD 2012", date(2011, 8, 31))
    held = loading.tables(desk, of=("M1 1AE", "GY1 1AA"))
    place = place_of(postcode="M1 1AE", local_authority=MANCHESTER, on=DAY, gazetteer=held)
    assert (place.matched, place.deprivation_missing) == (True, NOT_AVAILABLE)
    assert not place_of(postcode="GY1 1AA", local_authority=MANCHESTER, on=DAY, gazetteer=held).matched


@pytest.mark.parametrize("fine", [{"postcode": "M1 1AE"}, {"lsoa": "E01005062"}])
def test_a_loan_is_counted_in_its_authority_and_its_decile_as_not_matched(
    database: Database, clock: SetClock, fine: dict[str, Any]
) -> None:
    house = House.opened(database, clock)
    drawn = {"drawn": "100.00", "principal_outstanding": "100.00", "local_authority": MANCHESTER}
    house.accepted(loan("L-1", **drawn, **fine), loan("L-2", **drawn), cash_held="99900.00")
    fallen, alone = (state.place for _, state in sorted(house.states().items()))
    assert fallen.local_authority == alone.local_authority == MANCHESTER
    assert (fallen.region, fallen.nation) == (alone.region, alone.nation) == ("E12000002", "England")
    assert (fallen.deprivation_missing, alone.deprivation_missing) == (NOT_MATCHED, NOT_AVAILABLE)
    assert fallen.given.endswith(f", not matched; by {MANCHESTER}")
