from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.places.areas import (
    IMD_2010,
    IMD_2015,
    IMD_2019,
    INDICES,
    NATIONS,
    REGIONS,
    VANGUARD,
    Index,
    index_on,
)
from intermediaries.places.gazetteer import shipped
from intermediaries.places.rules import (
    NOT_AVAILABLE,
    NOT_MATCHED,
    BadPlace,
    authority_on,
    place_of,
    problems_with,
    written_postcode,
)
from intermediaries.returns.layout import COLUMN
from intermediaries.returns.raw import RawCell
from intermediaries.returns.values import judged

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "places"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference place data is not here")


def test_an_lsoa_gives_ward_authority_region_nation_and_the_published_decile_of_the_edition_asked_for() -> None:
    liverpool = next(area for area in shipped().neighbourhoods.values() if area.authority == "E08000012")
    place = place_of(lsoa=liverpool.lsoa.lower(), index=IMD_2015)
    assert place.matched
    assert place.local_authority is not None
    assert place.local_authority.name == place.vanguard == "Liverpool"
    assert place.region is not None
    assert (place.region.code, place.nation) == ("E12000002", "England")
    assert place.deprivation is not None
    assert (place.deprivation.index, place.deprivation.lsoa_vintage) == ("England IMD 2015", 2011)
    assert place.deprivation.decile == liverpool.deciles["England IMD 2015"]


def test_the_index_is_that_of_2010_unless_another_is_asked_for() -> None:
    known = next(area for area in shipped().neighbourhoods.values() if IMD_2010.name in area.deciles)
    place = place_of(lsoa=known.lsoa)
    assert place.deprivation is not None
    assert (place.deprivation.index, place.deprivation.lsoa_vintage) == ("England IMD 2010", 2001)


def test_an_area_that_the_boundaries_of_2001_do_not_have_has_no_decile_of_2010() -> None:
    newer = next(
        area
        for area in shipped().neighbourhoods.values()
        if IMD_2015.name in area.deciles and IMD_2010.name not in area.deciles
    )
    place = place_of(lsoa=newer.lsoa, index=IMD_2010)
    assert place.matched
    assert (place.deprivation, place.deprivation_missing) == (None, NOT_AVAILABLE)
    assert place_of(lsoa=newer.lsoa, index=IMD_2015).deprivation is not None


@pytest.mark.parametrize("nation", ["Wales", "Scotland", "Northern Ireland"])
@pytest.mark.parametrize("index", INDICES, ids=lambda index: index.name)
def test_no_english_decile_is_given_outside_england(nation: str, index: Index) -> None:
    tables = shipped()
    areas = [area for area in tables.neighbourhoods.values() if tables.authorities[area.authority].nation == nation]
    assert len(areas) >= 44
    for area in areas:
        place = place_of(lsoa=area.lsoa, index=index)
        assert (place.nation, place.region, place.deprivation) == (nation, None, None)
        assert place.deprivation_missing == NOT_AVAILABLE


def test_a_postcode_is_found_however_it_is_spaced() -> None:
    postcode, lsoa = next(iter(shipped().postcodes.items()))
    assert place_of(postcode=postcode.replace(" ", "").lower()).lsoa == lsoa
    assert place_of(postcode=f" {postcode} ").lsoa == lsoa


def test_an_authority_is_found_by_code_or_by_name_and_has_no_decile() -> None:
    for written in ("E07000030", "Eden", "eden"):
        place = place_of(local_authority=written)
        assert place.vanguard == "Eden"
        assert place.lsoa is None
        assert place.deprivation_missing == NOT_AVAILABLE


def test_a_well_shaped_unknown_is_not_matched_and_nothing_is_guessed_but_the_nation_its_code_tells() -> None:
    place = place_of(lsoa="E01999999")
    assert (place.matched, place.nation, place.local_authority) == (False, "England", None)
    assert place.deprivation_missing == NOT_MATCHED
    assert place_of(postcode="ZZ99 9ZZ").nation is None
    assert place_of(local_authority="W06999999").nation == "Wales"
    assert not place_of(local_authority="Atlantis").matched


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("postcode", "LA10"),
        ("postcode", "12345"),
        ("postcode", ""),
        ("lsoa", "E02000001"),
        ("lsoa", "E0100651"),
        ("local_authority", "E12000002"),
        ("local_authority", "E0700003"),
        ("local_authority", "  "),
    ],
)
def test_text_that_cannot_be_a_place_is_refused_with_an_example(column: str, text: str) -> None:
    problem = problems_with(column, text)
    assert problem is not None
    assert " like " in problem
    with pytest.raises(BadPlace):
        place_of(**{column: text})  # type: ignore[arg-type]


def test_a_place_must_be_given() -> None:
    with pytest.raises(BadPlace, match="one of"):
        place_of()


def test_special_postcodes_are_postcodes() -> None:
    assert written_postcode("sw1a1aa") == "SW1A 1AA"
    assert written_postcode("gir0aa") == "GIR 0AA"


@given(st.text(max_size=12))
def test_any_text_is_either_faulted_or_placed(text: str) -> None:
    for column in ("postcode", "lsoa", "local_authority"):
        if problems_with(column, text) is None:
            assert place_of(**{column: text}).deprivation is None or column != "local_authority"  # type: ignore[arg-type]


def test_the_four_vanguard_areas_are_complete_in_the_extract() -> None:
    held = Counter(area.authority for area in shipped().neighbourhoods.values())
    assert {VANGUARD[code]: held[code] for code in VANGUARD} == {
        "Eden": 36,
        "Liverpool": 298,
        "Sutton": 121,
        "Windsor and Maidenhead": 89,
    }


def test_the_code_of_eden_ceased_in_2023() -> None:
    assert authority_on("E07000030", date(2012, 6, 30)) is not None
    assert authority_on("E07000030", date(2023, 3, 31)) is not None
    assert authority_on("E07000030", date(2023, 4, 1)) is None
    assert shipped().authorities["E07000030"].replaced_by == "E06000064"
    assert authority_on("E06000064", date(2012, 6, 30)) is None


def test_the_index_current_on_a_day_is_the_last_published_by_then() -> None:
    assert index_on(date(2009, 1, 1)) is IMD_2010
    assert index_on(date(2013, 12, 31)) is IMD_2010
    assert index_on(date(2015, 9, 30)) is IMD_2015
    assert index_on(date(2026, 1, 1)) is IMD_2019


def test_every_area_of_the_extract_lies_in_a_known_authority_region_and_nation() -> None:
    tables = shipped()
    for area in tables.neighbourhoods.values():
        authority = tables.authorities[area.authority]
        assert authority.nation in NATIONS
        assert (authority.region in REGIONS) == (authority.nation == "England")
        assert all(1 <= decile <= 10 for decile in area.deciles.values())
    assert set(tables.postcodes.values()) <= set(tables.neighbourhoods)
    assert all(problems_with("postcode", postcode) is None for postcode in tables.postcodes)


@needs_shared
def test_authorities_and_2015_deciles_are_those_of_the_published_lookup() -> None:
    published = {row["LSOA11CD"]: row for row in _shared("sedl_lsoa11_ward_lad_region_imd2015decile.csv")}
    checked = 0
    for area in shipped().neighbourhoods.values():
        if area.lsoa in published:
            row = published[area.lsoa]
            assert (area.authority, area.ward) == (row["LAD18CD"], row["WD18CD"])
            assert shipped().authorities[area.authority].region == (row["RGN18CD"] if row["imd_decile"] else None)
            assert area.deciles.get(IMD_2015.name) == (int(row["imd_decile"].split()[0]) if row["imd_decile"] else None)
            checked += 1
    assert checked > 1500


@needs_shared
@pytest.mark.parametrize(
    ("file", "key", "index"),
    [
        ("imd2010_lsoa01_decile.csv", "lsoa01_code", IMD_2010),
        ("imd2019_lsoa11_decile.csv", "lsoa11_code", IMD_2019),
    ],
    ids=["2010", "2019"],
)
def test_deciles_of_other_editions_are_those_published(file: str, key: str, index: Index) -> None:
    published = {row[key]: int(float(row["IMD_decile"])) for row in _shared(file)}
    for area in shipped().neighbourhoods.values():
        assert area.deciles.get(index.name) == (published.get(area.lsoa) if area.lsoa.startswith("E") else None)


def test_134_of_liverpools_areas_are_in_the_most_deprived_tenth_of_2015() -> None:
    tables = shipped()
    deciles = [area.deciles[IMD_2015.name] for area in tables.neighbourhoods.values() if area.authority == "E08000012"]
    assert deciles.count(1) == 134


def _shared(name: str) -> Iterator[dict[str, str]]:
    with (SHARED / name).open(encoding="utf-8-sig", newline="") as rows:
        yield from csv.DictReader(rows)


AWARDS = Path(__file__).parents[2].parent / "shared" / "data" / "tapes" / "power-to-change-grants.json"


@pytest.mark.skipif(not AWARDS.is_file(), reason="the reference awards are not here")
def test_of_the_places_of_870_real_awards_the_one_postcode_that_breaks_off_is_faulted_and_nothing_else() -> None:
    told = []
    for award in json.loads(AWARDS.read_text(encoding="utf-8"))["grants"]:
        told += [("postcode", body["postalCode"]) for body in award["recipientOrganization"] if body.get("postalCode")]
        told += [("lsoa", place["geoCode"]) for place in award["beneficiaryLocation"] if place.get("geoCode")]
    assert len(told) == 1693
    cells = [(name, RawCell(code.strip())) for name, code in told]
    assert [cell.text for name, cell in cells if judged(COLUMN[name], cell).fault] == ["NE4 8X"]
