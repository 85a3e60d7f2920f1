from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bank.wiring import OPERATOR
from intermediaries.loans.queries import loans
from intermediaries.places.gazetteer import shipped
from intermediaries.places.lines import Kind
from intermediaries.places.model import PlaceDecile, PlaceLoad, PlacePostcode
from intermediaries.places.reading import BadPlaceFile, PlaceSource
from intermediaries.places.rules import NOT_AVAILABLE, NOT_MATCHED, place_of, problems_with
from intermediaries.places.showing import NoSuchPlace, place_loads, place_shown
from intermediaries.places.standing import BadEdition, EditionDiffers
from ledger import trail
from ledger.dates import SetClock
from ledger.queries import known
from ledger.refusals import NotAllowed
from ledger.store.database import Database
from ledger.store.work import Actor, Desk
from tests.intermediaries.lending import MANAGER, House, loan
from tests.intermediaries.loading_places import OGL, areas, deciles, load, postcodes, tables, text

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference place data is not here")
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NEW = "E01000001"
"""An LSOA that the shipped extract does not know."""


@pytest.fixture
def desk(database: Database, clock: SetClock) -> Desk:
    clock.set(datetime(2024, 1, 5, 9, 0, tzinfo=UTC))
    return Desk(database, OPERATOR)


def test_a_load_keeps_what_it_was_made_of_and_of_whom(desk: Desk) -> None:
    done = deciles(desk, "W01001693,4\nW01001694,\n", "Wales WIMD 2019", date(2019, 11, 27))
    assert (done.rows, done.blank, done.nation, done.lsoa_vintage) == (2, 1, "Wales", 2011)
    assert (done.source, done.licence, done.loaded_by) == ("The test", OGL, "operator")
    assert [(file.name, len(file.sha256), file.rows) for file in done.files] == [("file.csv", 64, 2)]
    with desk.reading() as session:
        assert [one.id for one in place_loads(session)] == [done.id]
        assert [line.facts["rows"] for line in trail.lines(session, subject=done.id)] == [2]
        before = known(session, datetime(2000, 1, 1, tzinfo=UTC))
        assert place_loads(session, at=before) == []


def test_the_same_edition_is_loaded_once_and_other_files_under_its_name_are_refused(desk: Desk) -> None:
    first = deciles(desk, "W01001693,4\n", "Wales WIMD 2019", date(2019, 11, 27))
    again = deciles(desk, "W01001693,4\n", "Wales WIMD 2019", date(2019, 11, 27))
    assert (again.id, again.already_there, first.already_there) == (first.id, True, False)
    with pytest.raises(EditionDiffers):
        deciles(desk, "W01001693,5\n", "Wales WIMD 2019", date(2019, 11, 27))
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(PlaceDecile)) == 1


def test_several_files_are_one_edition_in_whatever_order_they_come(desk: Desk) -> None:
    one, two = text("pcds,lsoa11cd\nL1 8JQ,E01033756\n", "l.csv"), text("pcds,lsoa11cd\nGY1 1AA,L99999999\n", "gy.csv")
    said: dict[str, Any] = {"kind": Kind.POSTCODES, "edition": "Parts", "published_on": date(2011, 5, 1)}
    done = load(desk, one, two, **said)
    assert (done.rows, done.blank, [file.rows for file in done.files]) == (2, 1, [1, 1])
    assert load(desk, two, one, **said).already_there


def test_every_faulty_line_of_every_file_is_named_and_nothing_is_loaded(desk: Desk) -> None:
    one = text("pcds,lsoa11cd\nL1 8JQ,E01033756\nL1,E01033756\n", "one.csv")
    two = text("pcds,lsoa11cd\nL18JQ,E01033757\nL1 8JR,\nL1 8JQ,E01033756\n", "two.csv")
    with pytest.raises(BadPlaceFile) as refused:
        load(desk, one, two, kind=Kind.POSTCODES, edition="Parts", published_on=date(2011, 5, 1))
    findings: Any = refused.value.facts["findings"]
    assert [(fault["file"], fault["line"]) for fault in findings] == [("one.csv", 3), ("two.csv", 2), ("two.csv", 4)]
    assert "L1 8JQ stands on one.csv line 2 already" in refused.value.sentence
    with desk.reading() as session:
        for table in (PlaceLoad, PlacePostcode):
            assert session.scalar(select(func.count()).select_from(table)) == 0


@EMBEDDED
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"edition": "England WIMD 2019"}, "does not name an index"),
        ({"edition": "IMD 2019"}, "does not name an index"),
        ({"published_on": date(2999, 1, 1)}, "yet to come"),
        ({"licence": " "}, "Say the licence"),
        ({"lsoa_vintage": None}, "Say the year of the boundaries"),
        ({"edition": "England IMD 2010", "published_on": date(2011, 3, 24)}, "on the LSOAs of 2001"),
    ],
)
def test_an_edition_must_be_what_it_is_called(desk: Desk, said: dict[str, Any], why: str) -> None:
    usual = {"kind": Kind.DEPRIVATION, "edition": "Wales WIMD 2019", "published_on": date(2019, 11, 27)}
    with pytest.raises(BadEdition, match=why):
        load(desk, text("lsoa,decile\nW01001693,4\n"), **({"lsoa_vintage": 2011} | usual | said))


@EMBEDDED
def test_headings_that_tell_of_other_boundaries_are_believed_over_what_is_said(desk: Desk) -> None:
    file = text('"lsoa11cd","decile"\nW01001693,4\n')
    said: dict[str, Any] = {"kind": Kind.DEPRIVATION, "edition": "Wales WIMD 2019", "published_on": date(2019, 11, 27)}
    with pytest.raises(BadEdition, match="speak of LSOAs of 2011"):
        load(desk, file, **said, lsoa_vintage=2021)
    assert load(desk, file, **said).lsoa_vintage == 2011


@EMBEDDED
def test_loading_takes_somebody_who_keeps_the_bank(database: Database) -> None:
    clerk = Desk(database, Actor("intermediary", "key_1", "A clerk", frozenset(), "int_1"))
    with pytest.raises(NotAllowed):
        postcodes(clerk, "L1 8JQ,E01033756\n", "ONSPD", date(2011, 5, 1))


def test_what_is_loaded_is_looked_up_before_what_is_shipped(desk: Desk) -> None:
    assert tables(desk) is shipped()
    postcodes(desk, f"ZZ1 1ZZ,{NEW}\n", "Lookup 2011", date(2011, 1, 1))
    areas(desk, f"{NEW},E05000887,E08000012,Liverpool,E12000002\n", "Areas 2011", date(2011, 1, 1))
    deciles(desk, f"{NEW},7\n", "England IMD 2010", date(2011, 3, 24), 2001)
    found = place_of(postcode="zz11zz", on=date(2012, 6, 30), gazetteer=tables(desk, of=("zz11zz",)))
    assert (found.lsoa, found.local_authority and found.local_authority.name, found.vanguard) == (
        NEW,
        "Liverpool",
        "Liverpool",
    )
    assert found.deprivation is not None
    assert (found.deprivation.decile, found.deprivation.index, found.deprivation.lsoa_vintage) == (
        7,
        "England IMD 2010",
        2001,
    )
    postcode, lsoa = next(iter(shipped().postcodes.items()))
    assert place_of(postcode=postcode, gazetteer=tables(desk, of=(postcode,))).lsoa == lsoa


def test_a_newer_edition_stands_beside_the_older_and_each_quarter_has_its_own(desk: Desk) -> None:
    deciles(desk, "S01006506,4\n", "Scotland SIMD 2012", date(2012, 12, 18))
    deciles(desk, "S01006506,5\n", "Scotland SIMD 2016", date(2016, 8, 31))
    held = tables(desk, "S01006506")
    for day, index, decile in (
        (date(2012, 9, 30), "", None),
        (date(2012, 12, 31), "Scotland SIMD 2012", 4),
        (date(2016, 12, 31), "Scotland SIMD 2016", 5),
    ):
        found = place_of(lsoa="S01006506", on=day, gazetteer=held)
        assert (found.index, found.deprivation and found.deprivation.decile) == (index, decile)
        assert found.deprivation_missing == ("" if decile else NOT_AVAILABLE)


def test_not_matched_and_not_available_are_two_things(desk: Desk) -> None:
    deciles(desk, "S01006506,4\nS01006507,\n", "Scotland SIMD 2012", date(2012, 12, 18))
    held = tables(desk, "S01006506", "S01006507", "S01006508", "S01099999")
    missing = {
        code: place_of(lsoa=code, on=date(2013, 3, 31), gazetteer=held).deprivation_missing
        for code in ("S01006506", "S01006507", "S01099999")
    }
    assert missing == {"S01006506": "", "S01006507": NOT_AVAILABLE, "S01099999": NOT_MATCHED}


def test_no_decile_is_guessed_for_an_area_of_other_boundaries(desk: Desk) -> None:
    """A postcode is looked up by the boundaries of the index; where it has none of those, by the newest."""
    postcodes(desk, "ZZ1 1ZZ,E01000001\nZZ2 2ZZ,E01000002\n", "Lookup 2011", date(2011, 5, 1), 2011)
    postcodes(desk, "ZZ1 1ZZ,E01035001\nZZ3 3ZZ,E01035003\n", "Lookup 2021", date(2011, 6, 1), 2021)
    areas(desk, "".join(f"E0100000{n},,E08000012,,\n" for n in (1, 2)), "Areas", date(2011, 6, 2))
    areas(desk, "".join(f"E0103500{n},,E08000012,,\n" for n in (1, 3)), "Areas 2021", date(2011, 6, 2), 2021)
    deciles(desk, "E01000001,1\nE01000002,2\n", "England IMD 2015", date(2015, 9, 30))
    held = tables(desk, of=("ZZ1 1ZZ", "ZZ2 2ZZ", "ZZ3 3ZZ"))
    found = [place_of(postcode=f"ZZ{n} {n}ZZ", on=date(2016, 3, 31), gazetteer=held) for n in (1, 2, 3)]
    assert [one.lsoa for one in found] == ["E01000001", "E01000002", "E01035003"]
    assert [one.deprivation and one.deprivation.decile for one in found] == [1, 2, None]
    assert found[2].deprivation_missing == NOT_AVAILABLE


def test_an_area_is_in_the_authority_of_the_day_and_stays_in_its_vanguard_area(desk: Desk) -> None:
    eden = next(area for area in shipped().neighbourhoods.values() if area.authority == "E07000030")
    areas(desk, f"{eden.lsoa},,E06000064,,\n", "Areas 2023", date(2011, 7, 1))
    held = tables(desk, eden.lsoa)
    for day, authority in ((date(2023, 3, 31), "E07000030"), (date(2023, 4, 1), "E06000064")):
        found = place_of(lsoa=eden.lsoa, on=day, gazetteer=held)
        assert (found.local_authority and found.local_authority.code, found.vanguard) == (authority, "Eden")


def test_a_register_tells_names_days_and_successors(desk: Desk) -> None:
    file = text(
        "gss-code,local-authority-code,name,region,start-date,end-date,replaced-by\n"
        "E07000998,OLD,Old Borough,North West,,2012-03-31,NEW\nE06000998,NEW,New City,North West,2012-04-01,,\n"
        "E10000998,CTY,Some County,,,,\n"
    )
    done = load(desk, file, kind=Kind.AUTHORITIES, edition="Register 2011", published_on=date(2011, 7, 1))
    assert (done.rows, done.passed_over, done.lsoa_vintage) == (2, 1, None)
    with desk.reading() as session:
        shown = place_shown(session, "old borough", as_at=date(2012, 3, 31))
        assert (shown.in_force, shown.valid_to, shown.replaced_by) == (True, date(2012, 4, 1), "E06000998")
        assert place_shown(session, "E07000998", as_at=date(2012, 4, 1)).in_force is False
        assert place_shown(session, "E06000064").local_authority_name == "Westmorland and Furness"
    areas(desk, f"{NEW},,NEW,,\n", "By register", date(2011, 7, 1))
    found = place_of(lsoa=NEW, gazetteer=tables(desk, NEW)).local_authority
    assert found is not None
    assert found.name == "New City"


def test_a_place_is_shown_with_every_edition_of_its_own_nation(desk: Desk) -> None:
    deciles(desk, "W01001693,4\n", "Wales WIMD 2011", date(2011, 8, 31))
    with desk.reading() as session:
        shown = place_shown(session, "w01001693", as_at=date(2012, 6, 30))
        assert [(one.index, one.decile, one.current) for one in shown.deciles] == [("Wales WIMD 2011", 4, True)]
        known_by = shipped().neighbourhoods["E01006513"]
        english = place_shown(session, "E01006513", as_at=date(2012, 6, 30))
        assert {one.index: one.decile for one in english.deciles} == known_by.deciles
        assert [one.index for one in english.deciles if one.current] == ["England IMD 2010"]
        for unknown in ("E01099999", "ZZ99 9ZZ", "Atlantis", "E07999999"):
            with pytest.raises(NoSuchPlace):
                place_shown(session, unknown)


def test_an_accepted_return_is_placed_by_what_was_loaded_and_a_later_load_does_not_touch_it(
    database: Database, clock: SetClock
) -> None:
    house = House.opened(database, clock)
    operator = Desk(database, OPERATOR)
    first = loan("L-1", drawn="1000.00", principal_outstanding="1000.00", postcode="ZZ1 1ZZ", local_authority="")
    later = loan("L-2", drawn="500.00", principal_outstanding="500.00", lsoa="W01001693", local_authority="")
    postcodes(operator, f"ZZ1 1ZZ,{NEW}\n", "Lookup 2011", date(2011, 1, 1))
    deciles(operator, f"{NEW},7\n", "England IMD 2010", date(2011, 3, 24), 2001)
    deciles(operator, "W01001693,4\n", "Wales WIMD 2011", date(2011, 8, 31))
    house.accepted(first, later)
    clock.set(datetime(2012, 2, 1, 9, 0, tzinfo=UTC))
    deciles(operator, "W01001693,9\n", "Wales WIMD 2008", date(2011, 9, 1), 2001)
    with database.reading() as session:
        found = {one.loan_ref: one.place for one in loans(session, viewer=MANAGER).items}
    assert (found["L-1"].lsoa, found["L-1"].decile, found["L-1"].deprivation_index) == (NEW, 7, "England IMD 2010")
    assert (found["L-2"].nation, found["L-2"].decile, found["L-2"].deprivation_index) == (
        "Wales",
        4,
        "Wales WIMD 2011",
    )


# The public files themselves.


@pytest.fixture
def public(desk: Desk) -> Desk:
    def here(name: str) -> PlaceSource:
        return PlaceSource.at(SHARED / "places" / name)

    register = here("mysociety_uk_local_authorities_current.csv")
    sedl = here("sedl_lsoa11_ward_lad_region_imd2015decile.csv")
    done = {
        "register": load(desk, register, kind=Kind.AUTHORITIES, edition="mySociety", published_on=date(2011, 1, 1)),
        "areas": load(desk, sedl, kind=Kind.AREAS, edition="2018", published_on=date(2011, 1, 1)),
        "2015": load(desk, sedl, kind=Kind.DEPRIVATION, edition="England IMD 2015", published_on=date(2015, 9, 30)),
        "2010": load(
            desk,
            here("imd2010_lsoa01_decile.csv"),
            kind=Kind.DEPRIVATION,
            edition="England IMD 2010",
            published_on=date(2011, 3, 24),
        ),
    }
    assert {name: (one.rows, one.blank, one.passed_over) for name, one in done.items()} == {
        "register": (403, 0, 67),
        "areas": (34_753, 0, 0),
        "2015": (34_753, 1_909, 0),
        "2010": (32_482, 0, 0),
    }
    return desk


@needs_shared
@EMBEDDED
def test_the_public_files_are_loaded_and_answer_as_published(public: Desk) -> None:
    with (SHARED / "places" / "sedl_lsoa11_ward_lad_region_imd2015decile.csv").open(encoding="utf-8-sig") as lines:
        published = list(csv.DictReader(lines))
    lsoas = [row["LSOA11CD"] for row in published]
    held = tables(public, *lsoas)
    found = {lsoa: place_of(lsoa=lsoa, on=date(2016, 3, 31), gazetteer=held) for lsoa in lsoas}
    tenths = Counter(
        (one.vanguard, one.deprivation.decile) for one in found.values() if one.vanguard and one.deprivation
    )
    assert (tenths["Liverpool", 1], tenths["Liverpool", 2], tenths["Sutton", 1], tenths["Eden", 6]) == (134, 47, 1, 13)
    assert sum(count for (area, _), count in tenths.items() if area == "Liverpool") == 298
    assert tenths["Windsor and Maidenhead", 10] == 34
    assert Counter(one.deprivation_missing for one in found.values())[NOT_AVAILABLE] == 1_909
    assert {one.nation for one in found.values() if one.deprivation is None} == {"Wales"}
    there = [held.neighbourhood(lsoa) for lsoa in lsoas if lsoa.startswith("E")]
    then = Counter(one is not None and "England IMD 2010" in one.deciles for one in there)
    assert then == {True: 31_672, False: 32_844 - 31_672}
    assert all(
        one.local_authority and one.local_authority.code == row["LAD18CD"] for one, row in _pairs(found, published)
    )


def _pairs(found: dict[str, Any], published: list[dict[str, str]]) -> Iterator[tuple[Any, dict[str, str]]]:
    for row in published:
        yield found[row["LSOA11CD"]], row


@needs_shared
@EMBEDDED
def test_every_real_award_is_placed_without_a_false_finding(public: Desk) -> None:
    """Two postcodes of the 1,697 are cut short in the source itself. Nothing else is found, and every LSOA placed."""
    awards = json.loads((SHARED / "tapes" / "power-to-change-grants.json").read_text(encoding="utf-8"))["grants"]
    assert len(awards) == 870
    given = [
        str(postcode)
        for award in awards
        for postcode in (award.get("Postcode of impact 1"), award["recipientOrganization"][0].get("postalCode"))
        if postcode
    ]
    assert {one for one in given if problems_with("postcode", one)} == {"TS10", "NE4 8X"}
    where = [(award, spot["geoCode"]) for award in awards for spot in award["beneficiaryLocation"] if "geoCode" in spot]
    assert len(where) == 849
    held = tables(public, *(lsoa for _, lsoa in where))
    for award, lsoa in where:
        assert problems_with("lsoa", lsoa) is None
        found = place_of(lsoa=lsoa, on=date(2016, 3, 31), gazetteer=held)
        assert found.matched, lsoa
        assert found.deprivation is not None, lsoa
        district = award.get("recipientDistrictGeoCode")
        assert district is None or problems_with("local_authority", district) is None
