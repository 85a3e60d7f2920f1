"""Public files as they come when something went wrong: swapped, halved, doubled, corrected, and two at once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bank.wiring import OPERATOR
from intermediaries.places.areas import IMD_2010, IMD_2015, IMD_2019, INDICES
from intermediaries.places.commands import withdraw_places
from intermediaries.places.coverage import areas_there, not_of
from intermediaries.places.gazetteer import shipped
from intermediaries.places.lines import Kind
from intermediaries.places.model import PlaceDecile, PlaceLoad
from intermediaries.places.queries import gazetteer, rural_urban
from intermediaries.places.reading import BadPlaceFile, PlaceSource
from intermediaries.places.rules import NOT_AVAILABLE, NOT_MATCHED, place_of, problems_with
from intermediaries.places.showing import NoSuchPlace, place_loads, place_shown
from intermediaries.places.standing import (
    BadEdition,
    Correction,
    EditionDiffers,
    NoSuchLoad,
    NothingToCorrect,
    _in_words,
    named_columns,
)
from ledger import trail
from ledger.dates import SetClock
from ledger.queries import known
from ledger.refusals import NotAllowed
from ledger.store.database import Database
from ledger.store.work import Actor, Desk
from tests.intermediaries.loading_places import areas, deciles, load, postcodes, tables, text

EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
WIMD, PUBLISHED = "Wales WIMD 2019", date(2019, 11, 27)

_SAID: dict[str, Any] = {
    "kind": Kind.DEPRIVATION,
    "edition": WIMD,
    "published_on": PUBLISHED,
    "lsoa_vintage": 2011,
}


@pytest.fixture
def desk(database: Database, clock: SetClock) -> Desk:
    clock.set(datetime(2024, 1, 5, 9, 0, tzinfo=UTC))
    return Desk(database, OPERATOR)


def corrected(desk: Desk, content: str, corrects: str, **said: Any) -> Any:
    usual = _SAID | {"correction": Correction(corrects, "half the file was missing")}
    return load(desk, text(f"lsoa,decile\n{content}"), **(usual | said))


def test_a_load_is_corrected_and_what_was_known_then_is_still_known_then(desk: Desk, clock: SetClock) -> None:
    wrong = deciles(desk, "W01001693,4\nW01001694,9\n", WIMD, PUBLISHED)
    between = clock.now()
    clock.set(between + timedelta(days=3))
    done = corrected(desk, "W01001693,7\nW01001694,\n", wrong.id)
    assert (done.edition, done.corrects, done.corrected_by, done.reason) == (
        *(WIMD, wrong.id, None),
        "half the file was missing",
    )
    clock.set(clock.now() + timedelta(days=3))
    last = corrected(desk, "W01001693,8\nW01001694,\n", done.id)
    with desk.reading() as session:
        loads = place_loads(session)
        assert [(one.edition, one.corrected_by) for one in loads] == [(WIMD, None), (WIMD, last.id), (WIMD, done.id)]
        assert [one.corrected_by for one in place_loads(session, at=known(session, between))] == [None]
        for then, found in ((between, [4, 9]), (between + timedelta(days=4), [7, None]), (None, [8, None])):
            at = None if then is None else known(session, then)
            held = gazetteer(session, lsoas=["W01001693", "W01001694"], at=at)
            places = [place_of(lsoa=one, on=date(2020, 1, 1), gazetteer=held) for one in ("W01001693", "W01001694")]
            assert [one.deprivation and one.deprivation.decile for one in places] == found
            assert {one.index for one in places} == {WIMD}
            shown = place_shown(session, "W01001693", as_at=date(2020, 1, 1), at=at)
            assert [(one.index, one.decile) for one in shown.deciles] == [(WIMD, found[0])]


def test_what_is_withdrawn_is_as_if_it_had_not_been_loaded_and_was_known_before(desk: Desk, clock: SetClock) -> None:
    earlier = deciles(desk, "W01001693,3\n", "Wales WIMD 2014", date(2014, 11, 26))
    wrong = deciles(desk, "W01001693,4\nW01001694,9\n", WIMD, PUBLISHED)
    between = clock.now()
    clock.set(between + timedelta(days=3))
    gone = withdraw_places(desk, load=wrong.id, reason=" a draft, never published ")
    assert (gone.edition, gone.corrects, gone.withdrawn, gone.reason, gone.rows, gone.files) == (
        *(WIMD, wrong.id, True, "a draft, never published", 0, ()),
    )
    with desk.reading() as session:
        loads = [(one.id, one.corrected_by, one.withdrawn) for one in place_loads(session)]
        assert loads == [(gone.id, None, True), (wrong.id, gone.id, False), (earlier.id, None, False)]
        assert [one.corrected_by for one in place_loads(session, at=known(session, between))] == [None, None]
        for then, found in ((between, (WIMD, 4)), (None, ("Wales WIMD 2014", 3))):
            at = None if then is None else known(session, then)
            held = gazetteer(session, lsoas=["W01001693"], at=at)
            place = place_of(lsoa="W01001693", on=date(2020, 1, 1), gazetteer=held)
            assert (place.index, place.deprivation and place.deprivation.decile) == found
            shown = place_shown(session, "W01001693", as_at=date(2020, 1, 1), at=at).deciles
            assert [(one.index, one.decile) for one in shown if one.current] == [found]
        (line,) = trail.lines(session, action="places.withdraw")
        assert (line.reason, line.facts["corrects"]) == ("a draft, never published", wrong.id)
    with pytest.raises(EditionDiffers, match=f"was withdrawn .a draft, never published.*corrects {gone.id}"):
        deciles(desk, "W01001693,4\nW01001694,9\n", WIMD, PUBLISHED)
    again = corrected(desk, "W01001693,5\nW01001694,\n", gone.id)
    assert (again.corrects, again.withdrawn) == (gone.id, False)
    held = tables(desk, "W01001693")
    assert place_of(lsoa="W01001693", on=date(2020, 1, 1), gazetteer=held).index == WIMD


def test_only_what_stands_is_withdrawn_by_who_may_load_and_with_a_reason(desk: Desk) -> None:
    wrong = deciles(desk, "W01001693,4\n", WIMD, PUBLISHED)
    with pytest.raises(BadEdition, match="Say why it is withdrawn"):
        withdraw_places(desk, load=wrong.id, reason=" ")
    clerk = Desk(desk.database, Actor("person", "per_9", "Clerk", frozenset({"trustee"})))
    with pytest.raises(NotAllowed):
        withdraw_places(clerk, load=wrong.id, reason="a draft")
    right = corrected(desk, "W01001693,7\n", wrong.id)
    gone = withdraw_places(desk, load=right.id, reason="a draft")
    for one, refusal, why in (
        ("pla_of_nobody", NoSuchLoad, "There is no load 'pla_of_nobody'"),
        (wrong.id, NothingToCorrect, f"{wrong.id} does not stand any more: {right.id} corrects it"),
        (right.id, NothingToCorrect, f"{right.id} was withdrawn already, by {gone.id}, because: a draft"),
        (gone.id, NothingToCorrect, f"{gone.id} is itself the withdrawal of {right.id}"),
    ):
        with pytest.raises(refusal, match=why):
            withdraw_places(desk, load=one, reason="a draft")


def test_the_same_file_said_to_be_something_else_is_refused_unless_it_corrects_what_was_said(desk: Desk) -> None:
    there = deciles(desk, "W01001693,4\n", WIMD, PUBLISHED)
    for said, why in (
        ({"published_on": date(2019, 12, 1)}, "published on '2019-11-27', where this says '2019-12-01'"),
        ({"source": "Somebody else"}, "of the source '.*', where this says 'Somebody else'"),
        ({"licence": "None known"}, "under the licence '.*', where this says 'None known'"),
        ({"lsoa_vintage": 2021}, "of the boundaries of '2011', where this says '2021'"),
    ):
        with pytest.raises(EditionDiffers, match=f"these very files.*{why}.*this one corrects {there.id}"):
            load(desk, text("lsoa,decile\nW01001693,4\n"), **(_SAID | said))
    assert load(desk, text("lsoa,decile\nW01001693,4\n"), **_SAID).already_there
    right = corrected(desk, "W01001693,4\n", there.id, source="Somebody else")
    assert (right.corrects, right.source, right.already_there) == (there.id, "Somebody else", False)
    assert corrected(desk, "W01001693,4\n", there.id, source="Somebody else").already_there
    with pytest.raises(EditionDiffers, match="loaded for the reason 'half the file was missing'"):
        corrected(desk, "W01001693,4\n", there.id, source="Somebody else", correction=Correction(there.id, "a slip"))


def test_the_same_file_corrects_a_load_of_which_another_column_was_read(desk: Desk) -> None:
    content = text("lsoa,decile,other\nW01001693,4,9\n")
    wrong = load(desk, content, **_SAID)
    kept = re.escape(named_columns({"decile": "other"}))
    with pytest.raises(EditionDiffers, match=f"with the columns 'as usual', .* '{kept}'.*corrects {wrong.id}"):
        load(desk, content, **_SAID, columns={"decile": "other"})
    done = load(desk, content, **_SAID, columns={"decile": "other"}, correction=Correction(wrong.id, "wrong column"))
    assert (done.corrects, done.already_there) == (wrong.id, False)
    assert load(desk, content, **_SAID, columns={"decile": "other"}).already_there
    with pytest.raises(EditionDiffers, match=f"with the columns '{kept}', where this says 'as usual'"):
        load(desk, content, **_SAID)
    with desk.reading() as session:
        assert [one.decile for one in place_shown(session, "W01001693", as_at=date(2020, 1, 1)).deciles] == [9]


def test_no_two_sets_of_columns_are_kept_as_one_text_and_the_first_way_of_keeping_them_is_read() -> None:
    """A heading may hold what stands between two others."""
    assert named_columns({"a": "1, b=2"}) != named_columns({"a": "1", "b": "2"})
    assert named_columns({"b": "2", "a": "1"}) == named_columns({"a": "1", "b": "2"})
    assert named_columns({}) == ""
    now = named_columns({"lsoa": "area", "decile": "other"})
    for there, same in (("decile=other, lsoa=area", True), ("decile=other", False), (None, True), (now, True)):
        said, asked = _in_words(there, now)
        assert (said == asked) is same


@EMBEDDED
def test_an_index_that_is_not_named_as_one_is_told_of_those_that_there_are(desk: Desk) -> None:
    for edition in ("foo", "Scotland IMD 2020", "2019 England IMD"):
        with pytest.raises(BadEdition, match="like England IMD 2019, Wales WIMD 2019, Scotland SIMD 2020, Nor"):
            deciles(desk, "W01001693,4\n", edition, PUBLISHED)


def test_a_correction_names_what_stands_and_why_and_is_done_once(desk: Desk) -> None:
    wrong = deciles(desk, "W01001693,4\n", WIMD, PUBLISHED)
    for content, corrects, said, refusal, why in (
        ("W01001693,7\n", "pla_of_nobody", {}, NoSuchLoad, f"no load 'pla_of_nobody'.*{wrong.id} does"),
        ("W01001693,7\n", wrong.id, {"edition": "Wales WIMD 2014"}, NothingToCorrect, "nothing was loaded as Wales"),
        ("W01001693,7\n", wrong.id, {"correction": Correction(wrong.id, "  ")}, BadEdition, "Say why"),
        ("W01001693,11\n", wrong.id, {}, BadPlaceFile, "not a decile"),
    ):
        with pytest.raises(refusal, match=why):
            corrected(desk, content, corrects, **said)
    done = corrected(desk, "W01001693,7\n", wrong.id)
    again = corrected(desk, "W01001693,7\n", wrong.id)
    assert (again.id, again.already_there, done.already_there) == (done.id, True, False)
    with pytest.raises(EditionDiffers, match=done.id):
        deciles(desk, "W01001693,4\n", WIMD, PUBLISHED)
    with pytest.raises(NothingToCorrect, match=f"{done.id} does"):
        corrected(desk, "W01001693,5\n", wrong.id)
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(PlaceLoad)) == 2


@EMBEDDED
def test_each_kind_is_looked_up_in_what_corrects_it(desk: Desk) -> None:
    """A register, a lookup of areas, one of postcodes and a classification: of none is a corrected line read again."""
    day = date(2011, 7, 1)
    said: dict[str, Any] = {"published_on": day, "lsoa_vintage": 2011}
    register = "gss-code,local-authority-code,name,region\n{0},OLD,{1},North West\n"
    for kind, wrong, right in (
        (Kind.AUTHORITIES, register.format("E07000998", "Wrong"), register.format("E07000997", "Right")),
        (Kind.AREAS, "lsoa,authority\nE01000001,E08000012\n", "lsoa,authority\nE01000002,E08000012\n"),
        (Kind.POSTCODES, "pcds,lsoa\nZZ1 1ZZ,E01000001\n", "pcds,lsoa\nZZ1 1ZY,E01000002\n"),
        (Kind.RURAL_URBAN, *(f"LSOA11CD,RUC11CD,RUC11\nE0100000{n},D1,Rural town\n" for n in (1, 2))),
    ):
        there = load(desk, text(wrong), kind=kind, edition="Told", **said)
        load(desk, text(right), kind=kind, edition="Told", correction=Correction(there.id, "wrong"), **said)
    held = tables(desk, "E01000001", "E01000002", of=("ZZ1 1ZZ", "ZZ1 1ZY"))
    assert (held.authority("E07000998"), held.authority_named("Wrong")) == (None, None)
    assert held.authority_named("right") is not None
    assert held.neighbourhood("E01000001") is None
    assert held.neighbourhood("E01000002") is not None
    assert (held.lsoa_of("ZZ1 1ZZ"), held.lsoa_of("ZZ1 1ZY")) == (None, "E01000002")
    with desk.reading() as session:
        found = rural_urban(session, ["E01000001", "E01000002"], known(session))
    assert found is not None
    assert (found.edition, found.classes) == ("Told", {"E01000002": "D1"})
    areas(desk, "E01000004,,OLD,,\n", "By register", day)
    found_in = place_of(lsoa="E01000004", gazetteer=tables(desk, "E01000004")).local_authority
    assert found_in is not None
    assert found_in.code == "E07000997"


def test_many_loads_at_once_are_each_there_once(desk: Desk) -> None:
    """Two of one edition from the same files, and three of editions of their own; none waits in vain."""

    def one(year: int) -> bool:
        return deciles(desk, "W01001693,4\n", f"Wales WIMD {year}", PUBLISHED).already_there

    with ThreadPoolExecutor(5) as pool:
        told = list(pool.map(one, (2019, 2019, 2014, 2011, 2008)))
    assert sorted(told[:2]) == [False, True]
    assert told[2:] == [False] * 3
    with desk.reading() as session:
        assert sorted(session.scalars(select(PlaceLoad.number))) == [1, 2, 3, 4]
        assert session.scalar(select(func.count()).select_from(PlaceDecile)) == 4


def test_of_two_files_at_once_under_one_name_one_is_refused(desk: Desk) -> None:
    def one(decile: int) -> str:
        try:
            return deciles(desk, f"W01001693,{decile}\n", WIMD, PUBLISHED).id[:3]
        except EditionDiffers as no:
            return no.slug

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(1, 5))) == ["pla", *["place-edition-differs"] * 3]


@EMBEDDED
@pytest.mark.parametrize("index", INDICES, ids=lambda one: one.name)
@pytest.mark.parametrize("said", INDICES, ids=lambda one: one.name)
def test_an_index_under_the_name_of_another_is_found_by_what_is_known_of_it(desk: Desk, index: Any, said: Any) -> None:
    known_deciles = {one.lsoa: one.deciles.get(index.name) for one in shipped().neighbourhoods.values()}
    lines = "".join(f"{lsoa},{decile}\n" for lsoa, decile in known_deciles.items() if decile)
    if index is said:
        assert deciles(desk, lines, said.name, said.published_on, said.lsoa_vintage).rows > 1_000
        return
    with pytest.raises(BadPlaceFile, match="it is another index, or another of its columns"):
        deciles(desk, lines, said.name, said.published_on, said.lsoa_vintage)


@EMBEDDED
def test_tenths_counted_from_the_other_end_or_fifths_are_no_deciles(desk: Desk) -> None:
    known_deciles = {one.lsoa: one.deciles.get(IMD_2019.name) for one in shipped().neighbourhoods.values()}
    others: tuple[Callable[[int], int], ...] = (lambda one: 11 - one, lambda one: (one + 1) // 2)
    for other in others:
        lines = "".join(f"{lsoa},{other(decile)}\n" for lsoa, decile in known_deciles.items() if decile)
        with pytest.raises(BadPlaceFile, match="another of its columns"):
            deciles(desk, lines, IMD_2019.name, IMD_2019.published_on)
    for heading in ("Decile (10 is most deprived)", "IMD decile (where 1 is least deprived)", "decile, 10 = the most"):
        named = {"decile": heading}
        file = text(f'lsoa,"{heading}"\nW01001693,4\n')
        with pytest.raises(BadPlaceFile, match="the other way round"):
            load(
                desk,
                file,
                kind=Kind.DEPRIVATION,
                edition=WIMD,
                published_on=PUBLISHED,
                lsoa_vintage=2011,
                columns=named,
            )


@EMBEDDED
@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("W01001693,4\nW01001694,1", "line 3: the file ends within this line"),
        ("W01001693,4\nW01001694,", "line 3: the file ends within this line"),
        ("W01001693,4\nW010016", "line 3: it has 1 cells"),
        ("W01001693,4\nW01001693,4\n", "W01001693 stands on file.csv line 2 already"),
        ("W01001693,4\nlsoa,decile\n", "line 3: 'lsoa' is not an LSOA"),
        ("W01001959,4\n", "W01001959 is no area of 2011, whose codes are W01000001 to W01001958"),
    ],
)
def test_a_file_that_was_cut_off_doubled_or_is_of_other_boundaries_is_refused(
    desk: Desk, content: str, why: str
) -> None:
    with pytest.raises(BadPlaceFile, match=why):
        deciles(desk, content, WIMD, PUBLISHED)


@EMBEDDED
def test_a_postcode_cut_off_before_its_area_is_not_taken_for_one_in_none(desk: Desk) -> None:
    with pytest.raises(BadPlaceFile, match="ends within this line"):
        postcodes(desk, "L1 8JQ,E01033756\nL1 8JR,", "ONSPD", date(2011, 5, 1))
    assert postcodes(desk, "GY1 1AA,L99999999\nL1 8JR,E01033756", "ONSPD", date(2011, 5, 1)).rows == 2


@EMBEDDED
def test_no_more_areas_are_taken_than_there_are_and_how_many_there_are_is_told(desk: Desk) -> None:
    every = [f"W0100{number:04}" for number in range(1, 1_911)]
    with pytest.raises(
        BadPlaceFile, match="Wales has 1,909 areas by the boundaries of 2011, and the files tell of 1,910"
    ):
        deciles(desk, "".join(f"{one},4\n" for one in every), WIMD, PUBLISHED)
    part = deciles(desk, "".join(f"{one},4\n" for one in every[:900]), WIMD, PUBLISHED)
    assert (part.rows, part.areas_there) == (900, 1_909)
    whole = corrected(desk, "".join(f"{one},4\n" for one in every[:-1]).rstrip("\n"), part.id)
    assert (whole.rows, whole.areas_there) == (1_909, 1_909)


@EMBEDDED
def test_an_index_is_not_published_before_its_year_nor_under_a_name_kept_for_corrections(desk: Desk) -> None:
    with pytest.raises(BadEdition, match="before its year"):
        deciles(desk, "W01001693,4\n", WIMD, date(2009, 11, 27))
    with pytest.raises(BadEdition, match="does not end with"):
        postcodes(desk, "L1 8JQ,E01033756\n", "ONSPD [2]", date(2011, 5, 1))


@EMBEDDED
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"lsoa,decile\rW01001693,4\r", "carriage return alone"),
        ("lsoa,decile\nW01001693,4\n".encode("utf-16"), "UTF-16"),
        ("lsoa,decile\nW01001693,4\n".encode("utf-16-be").join([b"\xfe\xff", b""]), "UTF-16"),
        (b"lsoa;decile\nW01001693;4\n", "no heading is that of lsoa"),
        (b"lsoa\tdecile\nW01001693\t4\n", "no heading is that of lsoa"),
        (b"W01001693,4\n", "no heading is that of lsoa"),
        (b"", "is empty: a file of deprivation has a line of headings, such as lsoa, decile"),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \r\n\n", "is empty"),
    ],
)
def test_what_spreadsheets_save_beside_csv_is_refused_with_a_sentence(desk: Desk, content: bytes, why: str) -> None:
    file = PlaceSource("file.csv", lambda: io.BytesIO(content))
    with pytest.raises(BadPlaceFile, match=why):
        load(desk, file, kind=Kind.DEPRIVATION, edition=WIMD, published_on=PUBLISHED, lsoa_vintage=2011)


@EMBEDDED
@pytest.mark.parametrize(
    ("heading", "index", "vintage", "line"),
    [
        (
            "LSOA code (2011),Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
            "England IMD 2019",
            None,
            "E01000001,9",
        ),
        ("LSOA Code,LSOA name (Eng),WIMD 2019 overall rank,WIMD 2019 overall decile", WIMD, 2011, "W01000001,x,900,5"),
        ("Data_Zone,SIMD2020v2_Rank,SIMD2020v2_Decile", "Scotland SIMD 2020", 2011, "S01006506,4691,7"),
        ("DZ,DZname,SIMD2020v2_Rank,SIMD2020v2_Decile", "Scotland SIMD 2020", 2011, "S01006506,Culter,4691,7"),
        ("SOA2001,SOA2001name,Decile", "Northern Ireland NIMDM 2017", 2001, "95AA01S1,Aldergrove,7"),
    ],
)
def test_the_headings_that_the_four_nations_publish_under_are_known(
    desk: Desk, heading: str, index: str, vintage: int | None, line: str
) -> None:
    day = IMD_2019.published_on if index == IMD_2019.name else date(2021, 1, 1)
    file = text(f"{heading}\n{line}\n")
    assert load(desk, file, kind=Kind.DEPRIVATION, edition=index, published_on=day, lsoa_vintage=vintage).rows == 1


def test_a_postcode_of_the_channel_islands_is_known_and_lies_in_no_area(desk: Desk) -> None:
    postcodes(desk, "GY1 1AA,L99999999\nIM1 1AA,M99999999\n", "ONSPD", date(2011, 5, 1))
    held = tables(desk, of=("GY1 1AA", "IM1 1AA", "ZZ99 3VZ"))
    told = {one: place_of(postcode=one, gazetteer=held) for one in ("gy11aa", "IM1 1AA", "ZZ99 3VZ")}
    assert [one.deprivation_missing for one in told.values()] == [NOT_AVAILABLE, NOT_AVAILABLE, NOT_MATCHED]
    assert {(one.matched, one.nation) for one in told.values()} == {(False, None)}
    with desk.reading() as session:
        shown = place_shown(session, "GY1 1AA")
        assert (shown.lsoa, shown.nation, shown.deprivation_missing, shown.deciles) == (None, None, NOT_AVAILABLE, ())
        with pytest.raises(NoSuchPlace):
            place_shown(session, "ZZ99 3VZ")


def test_a_code_of_northern_ireland_that_is_an_authority_or_stands_for_none_is_no_area() -> None:
    for code in ("N09000003", "N99999999", "N92000002"):
        assert problems_with("lsoa", code) is not None
    for code in ("N00000001", "N20000001", "N21000001", "95AA01S1"):
        assert problems_with("lsoa", code) is None


def test_every_area_of_the_extract_is_within_the_codes_of_its_boundaries() -> None:
    """The extract is of the boundaries of 2011; whoever has a decile of 2010 is within those of 2001 too."""
    for one in shipped().neighbourhoods.values():
        assert not_of(one.lsoa, 2011) is None
        if IMD_2010.name in one.deciles:
            assert not_of(one.lsoa, IMD_2010.lsoa_vintage) is None
    assert [areas_there("England", index.lsoa_vintage) for index in (IMD_2010, IMD_2015)] == [32_482, 32_844]
    assert not_of("S01000001", 2011) is not None
    assert not_of("E01033769", 2021) is None
    assert areas_there("Wales", 1991) is None
