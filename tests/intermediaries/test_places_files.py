from __future__ import annotations

import io
import tracemalloc
from datetime import date
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.places.lines import Kind, Reading, Row
from intermediaries.places.reading import (
    LONGEST_LINE,
    MOST_FAULTS,
    BadPlaceFile,
    Faults,
    lines_of,
    vintage_of,
)
from intermediaries.places.sorting import Found, Sorter

SOUND = {
    Kind.POSTCODES: ("pcds,lsoa11cd", "L1 8JQ,E01033756"),
    Kind.DEPRIVATION: ("lsoa11_code,IMD_decile", "E01033756,3.0"),
    Kind.AREAS: ("LSOA11CD,WD18CD,LAD18CD,LAD18NM,RGN18CD", "E01033756,E05000887,E08000012,Liverpool,E12000002"),
    Kind.AUTHORITIES: (
        "gss-code,nice-name,nation,region,start-date,end-date,replaced-by",
        "E07000030,Eden,England,North West,,2023-04-01,WAF",
    ),
    Kind.RURAL_URBAN: ("LSOA11CD,LSOA11NM,RUC11CD,RUC11", "E01033756,Liverpool 061C,C1,Urban city and town"),
}
FAULTY = {
    Kind.POSTCODES: ["L1,E01033756", "L1 8JQ,E02000001", "L1 8JQ,Liverpool 061C", ",E01033756"],
    Kind.DEPRIVATION: [
        "E01033756,0",
        "E01033756,11",
        "E01033756,2.5",
        "E01033756,1 (least deprived)",
        "W01001693,4",
        "E99999999,4",
        "E02000001,4",
    ],
    Kind.AREAS: [
        "E01033756,E05000887,W06000015,Cardiff,E12000002",
        "E01033756,Ward 4,E08000012,Liverpool,E12000002",
        "E01033756,E05000887,LIV,Liverpool,E12000002",
        "E01033756,E05000887,E08000012,Liverpool,Merseyside",
    ],
    Kind.AUTHORITIES: [
        "E070030,Eden,England,North West,,,",
        "E07000030,,England,North West,,,",
        "E07000030,Eden,Wales,North West,,,",
        "E07000030,Eden,England,Cumbria,,,",
        "E07000030,Eden,England,North West,01/04/1974,,",
        "E07000030,Eden,England,North West,2023-04-01,2022-04-01,",
    ],
    Kind.RURAL_URBAN: [
        "S01006514,A data zone,C1,Urban city and town",
        "95AA01S1,Of Northern Ireland,D1,Rural town and fringe",
        "E01033756,Liverpool 061C,G1,Urban city and town",
        "E01033756,Liverpool 061C,UN1,Urban: nearer to a city",
        "E01033756,Liverpool 061C,D1,Urban city and town",
        "E01033756,Liverpool 061C,C1,",
        "E02000001,Not an LSOA,C1,Urban city and town",
    ],
}


def read(
    text: str | bytes, kind: Kind, *, vintage: int | None = None, **named: str
) -> tuple[list[Row | None], list[dict[str, object]]]:
    faults = Faults()
    reading = Reading("England", {"LPL": "E08000012"})
    stream = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    told = list(lines_of(stream, kind, reading, name="file.csv", faults=faults, vintage=vintage, named=named))
    return [one.row for one in told], faults.found


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (Kind.POSTCODES, ("L1 8JQ", "E01033756")),
        (Kind.DEPRIVATION, ("E01033756", 3)),
        (Kind.AREAS, ("E01033756", "E05000887", "E08000012", "Liverpool", "E12000002")),
        (Kind.RURAL_URBAN, ("E01033756", "C1", "Urban city and town")),
        (Kind.AUTHORITIES, ("E07000030", None, "Eden", "England", "E12000002", None, date(2023, 4, 1), "WAF")),
    ],
)
def test_each_kind_is_read_under_the_headings_its_publishers_use(kind: Kind, row: Row) -> None:
    heading, line = SOUND[kind]
    assert read(f"\ufeff{heading}\r\n{line}\r\n\r\n", kind) == ([row], [])


@given(st.data())
def test_every_faulty_line_is_named_by_its_number_and_no_sound_one_is(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(Kind))
    heading, sound = SOUND[kind]
    lines = data.draw(st.lists(st.sampled_from([sound, *FAULTY[kind], "too,many,cells,here,for,any,kind,at,all"])))
    rows, faults = read("\n".join([heading, *lines]), kind)
    wrong = [number for number, line in enumerate(lines, start=2) if line != sound]
    assert [fault["line"] for fault in faults] == wrong
    assert len(rows) == len(lines) - len(wrong)


@given(st.binary(max_size=300), st.sampled_from(Kind))
def test_no_bytes_break_a_reading(junk: bytes, kind: Kind) -> None:
    heading, line = SOUND[kind]
    rows, faults = read(f"{heading}\n{line}\n".encode() + junk, kind)
    assert rows
    assert all(isinstance(fault["line"], int) and fault["line"] > 1 for fault in faults)


def test_a_line_that_says_nothing_is_blank_and_one_of_another_kind_is_passed_over() -> None:
    assert read("pcds,lsoa11\nGY1 1AA,L99999999\nJE2 3AB,\n", Kind.POSTCODES)[0] == [
        ("GY1 1AA", None),
        ("JE2 3AB", None),
    ]
    assert read("lsoa,imd_decile\nW01001693,\n", Kind.DEPRIVATION)[0] == [("W01001693", None)]
    rows, faults = read("gss-code,name\nE10000006,Cumbria\n,Moyle\nE06000064,W\n", Kind.AUTHORITIES)
    assert (rows[:2], len(rows), faults) == ([None, None], 3, [])


def test_an_area_may_name_its_authority_by_the_code_of_a_register() -> None:
    assert read("lsoa,local-authority-code\nE01033756,LPL\n", Kind.AREAS)[0] == [
        ("E01033756", None, "E08000012", None, None)
    ]


def test_a_last_day_written_as_the_end_becomes_the_first_day_without() -> None:
    rows, _ = read("code,name,valid_to\nE06000028,Bournemouth,2019-03-31\n", Kind.AUTHORITIES)
    assert rows[0] is not None
    assert rows[0][6] == date(2019, 4, 1)


def test_of_the_boundaries_of_several_years_those_asked_for_are_read() -> None:
    text = "pcd,pcd2,pcds,lsoa01,lsoa11,lsoa21\nL1  8JQ,L1   8JQ,L1 8JQ,E01000001,E01033756,E01035098\n"
    for vintage, lsoa in ((2001, "E01000001"), (2011, "E01033756"), (2021, "E01035098")):
        assert read(text, Kind.POSTCODES, vintage=vintage) == ([("L1 8JQ", lsoa)], [])
    with pytest.raises(BadPlaceFile, match="either of 'lsoa01' and 'lsoa11'"):
        read(text, Kind.POSTCODES)
    with pytest.raises(BadPlaceFile, match="no heading is that of lsoa by the boundaries of 1991"):
        read(text, Kind.POSTCODES, vintage=1991)
    assert vintage_of(text.splitlines()[0].split(",")) == {2001, 2011, 2021}


def test_an_unusual_heading_is_named_and_a_wrong_name_is_refused() -> None:
    text = "Zone,Tenth\nS01006506,4\n"
    with pytest.raises(BadPlaceFile, match="no heading is that of lsoa"):
        read(text, Kind.DEPRIVATION)
    rows, faults = read(text.replace("S0", "E0"), Kind.DEPRIVATION, lsoa="zone", decile="Tenth")
    assert (rows, faults) == ([("E01006506", 4)], [])
    with pytest.raises(BadPlaceFile, match="has no column 'rank'"):
        read(text, Kind.DEPRIVATION, rank="Tenth")


@pytest.mark.parametrize(
    ("begins", "says"), [(b"PAR1\x15", "COPY"), (b"PK\x03\x04", "unpack"), (b"\x1f\x8b\x08", "gunzip")]
)
def test_what_is_not_csv_is_refused_with_the_way_to_make_it_so(begins: bytes, says: str) -> None:
    with pytest.raises(BadPlaceFile, match=says):
        read(begins, Kind.POSTCODES)


@pytest.mark.parametrize(
    ("rest", "line", "fault"),
    [
        (b"L1 8JQ,\xff\n", 2, "UTF-8"),
        (b'L1 8JQ,"E01033756\n' * 2, 3, "not CSV"),
        (b"x" * (LONGEST_LINE + 5), 2, "at most"),
    ],
)
def test_a_file_that_cannot_be_read_on_says_where(rest: bytes, line: int, fault: str) -> None:
    _, faults = read(b"pcds,lsoa11cd\n" + rest, Kind.POSTCODES)
    assert faults[0]["line"] == line
    assert fault in str(faults[0]["fault"])


def test_a_file_of_nothing_but_faults_is_given_up() -> None:
    with pytest.raises(BadPlaceFile, match="were not looked at") as refused:
        read("pcds,lsoa11cd\n" + "x,y\n" * (MOST_FAULTS + 5), Kind.POSTCODES)
    assert len(refused.value.facts["findings"]) == MOST_FAULTS  # type: ignore[arg-type]


def test_an_empty_file_is_a_fault() -> None:
    assert read("", Kind.POSTCODES)[1] == [{"file": "file.csv", "line": 1, "fault": "it holds no line at all"}]


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(1, 3), st.integers(1, 99))), st.integers(1, 7))
def test_lines_are_sorted_as_if_memory_held_them_all(found: list[tuple[str, int, int]], run: int) -> None:
    lines = [Found(key, file, line, (key,)) for key, file, line in found]
    with Sorter(longest_run=run) as sorter:
        for line in lines:
            sorter.add(line)
        assert list(sorter.in_order()) == sorted(lines)


def test_memory_does_not_grow_with_the_file() -> None:
    """Read and sorted, three times as many lines take the same memory but for the pieces of more runs."""

    def peak(rows: int) -> int:
        heading = [b"pcds,lsoa11cd\n"]
        body = (b"L%d %d%c%c,E01033756\n" % (1 + n % 99, n % 10, 65 + n % 26, 65 + n // 26 % 26) for n in range(rows))
        stream = _Lines(chain(heading, body))
        tracemalloc.start()
        with Sorter(longest_run=2_000) as sorter:
            for told in lines_of(stream, Kind.POSTCODES, Reading(), name="x", faults=Faults()):
                assert told.row is not None
                sorter.add(Found(str(told.row[0]), 1, told.line, told.row))
            assert sum(1 for _ in sorter.in_order()) == rows
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(12_000) < 5_000_000


class _Lines(io.BytesIO):
    """A file whose lines are made as they are read."""

    def __init__(self, lines: chain[bytes]) -> None:
        super().__init__()
        self._lines_left = lines

    def readline(self, size: int | None = -1, /) -> bytes:
        del size
        return next(self._lines_left, b"")
