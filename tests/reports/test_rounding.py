"""The one rounding of tables: what is printed adds, none is a unit from the truth, and equal amounts read the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.money import Money
from reports import flow, rounding, seal
from reports.document import Document
from reports.figures import Adding, Column, Row, Table, Value, read_value
from reports.formatting import MINUS, cell, digits, nearest, write
from reports.reckoning import Reckoner
from reports.verify import _fitted, _number_faults

UNIT = 100_000
amounts = st.integers(-4 * UNIT, 4 * UNIT) | st.sampled_from([0, 50_000, 149_999, 150_000, 33_333, 66_667])


def table(columns: int, rows: dict[str, list[int | None]], code: str = "t", total: str = "", **more: object) -> Table:
    """A table of money in thousands, whose row named `total` is its total row."""
    made = {
        key: Row(key=key, cells=(key, *(None if one is None else Money(one) for one in cells)))
        for key, cells in rows.items()
    }
    heads = (
        Column(code="name", title="Name", unit="text"),
        *(Column(code=f"c{at}", title="", unit="money") for at in range(columns)),
    )
    last = made.pop(total) if total else None
    parts: dict[str, object] = {"code": code, "title": code, "columns": heads, "rows": tuple(made.values())}
    return Table.model_validate(parts | {"total": last} | more)


def with_total(columns: int, rows: list[list[int]], code: str = "t") -> Table:
    sums = [sum(row[at] for row in rows) for at in range(columns)]
    return table(columns, {**{f"r{at}": list(row) for at, row in enumerate(rows)}, "all": list(sums)}, code, "all")


def shown(one: Table) -> dict[str, int]:
    """What is printed in each cell of money, in thousands, read back from its text."""
    return {
        f"{row.key}.{column.code}": rounding.read_digits(text)
        for row in one.every_row()
        for column, text in zip(one.columns, rounding.row_texts(one, row), strict=True)
        if column.unit == "money"
    }


def exact(one: Table) -> dict[str, Fraction]:
    return {
        f"{row.key}.{column.code}": digits("thousands", cell)
        for row in one.every_row()
        for column, cell in zip(one.columns, row.cells, strict=True)
        if column.unit == "money"
    }


def two_way(cells: list[list[int]]) -> Table:
    """Cells with a total at the right of each row and under each column."""
    wide = len(cells[0])
    rows = [[*row, sum(row)] for row in cells]
    last = Adding(whole=f"c{wide}", parts=tuple(f"c{at}" for at in range(wide)), along="row")
    return with_total(wide + 1, rows).model_copy(update={"adding": (last,)})


grids = st.integers(1, 4).flatmap(
    lambda wide: st.lists(st.lists(amounts, min_size=wide, max_size=wide), min_size=1, max_size=5)
)


@given(grids)
def test_the_printed_cells_add_down_and_across_and_none_is_a_unit_from_the_truth(cells: list[list[int]]) -> None:
    (one,) = rounding.fitted((two_way(cells),))
    told, true = shown(one), exact(one)
    wide, rows = len(cells[0]), [f"r{at}" for at in range(len(cells))]
    for at in range(wide + 1):
        assert sum(told[f"{row}.c{at}"] for row in rows) == told[f"all.c{at}"]
    for row in [*rows, "all"]:
        assert sum(told[f"{row}.c{at}"] for at in range(wide)) == told[f"{row}.c{wide}"]
    assert all(abs(told[name] - true[name]) < 1 for name in told)
    assert told[f"all.c{wide}"] == nearest(true[f"all.c{wide}"]), "the total of all is rounded by itself"


@given(grids)
def test_tables_that_are_fitted_are_given_back_as_they_are(cells: list[list[int]]) -> None:
    once = rounding.fitted((two_way(cells), with_total(len(cells[0]), cells, "again")))
    assert rounding.fitted(once) == once


@given(st.lists(amounts, min_size=1, max_size=12))
def test_a_column_alone_yields_what_is_nearest_to_the_half_and_the_first_of_equals(parts: list[int]) -> None:
    """Largest remainders, worked out in another way: rank by what the other neighbour is farther by."""
    (one,) = rounding.fitted((with_total(1, [[part] for part in parts]),))
    true = [Fraction(part, UNIT) for part in parts]
    plain = [nearest(part) for part in true]
    missing = nearest(sum(true, Fraction(0))) - sum(plain)
    turn = 1 if missing > 0 else -1
    able = [at for at, part in enumerate(true) if (part - plain[at]) * turn > 0]
    ranked = sorted(able, key=lambda at: -abs(true[at] - plain[at]))[: abs(missing)]
    told = shown(one)
    assert [told[f"r{at}.c0"] for at in range(len(parts))] == [
        whole + turn * (at in ranked) for at, whole in enumerate(plain)
    ]


def neighbours(value: Fraction) -> list[int]:
    low = value.numerator // value.denominator
    return [low] if value == low else [low, low + 1]


def every_rounding(true: dict[str, Fraction]) -> Iterator[dict[str, int]]:
    for chosen in product(*(neighbours(value) for value in true.values())):
        yield dict(zip(true, chosen, strict=True))


@given(st.lists(st.lists(amounts, min_size=2, max_size=2), min_size=2, max_size=2))
def test_no_other_rounding_of_a_small_table_keeps_its_totals_and_lies_nearer(cells: list[list[int]]) -> None:
    """By brute force: of all ways to print it in which it adds, none moves a total less, nor then cells less."""
    given_ = two_way(cells)
    (one,) = rounding.fitted((given_,))
    true, told = exact(one), shown(one)
    assume(len({abs(value) for value in true.values()}) == len(true))

    def adds(some: dict[str, int]) -> bool:
        down = all(some[f"r0.c{at}"] + some[f"r1.c{at}"] == some[f"all.c{at}"] for at in range(3))
        return down and all(some[f"{row}.c0"] + some[f"{row}.c1"] == some[f"{row}.c2"] for row in ("r0", "r1", "all"))

    def cost(some: dict[str, int]) -> tuple[int, int, Fraction]:
        moved = {name for name in some if some[name] != nearest(true[name])}
        margins = moved & {"all.c0", "all.c1", "r0.c2", "r1.c2"}
        return (
            "all.c2" in moved,
            len(margins),
            sum((abs(some[name] - true[name]) for name in some), Fraction(0)),
        )

    ways = [some for some in every_rounding(true) if adds(some)]
    assert told in ways
    assert cost(told) == min(map(cost, ways))


@given(st.lists(amounts, min_size=2, max_size=6))
def test_the_same_amount_reads_the_same_in_two_tables(parts: list[int]) -> None:
    assume(len({abs(part) for part in parts}) == len(parts))
    other = sorted(parts, key=lambda part: (part % 7, part))
    first, second = rounding.fitted(
        (with_total(1, [[part] for part in parts]), with_total(1, [[part] for part in other], "u"))
    )
    read = [
        {amount: told for name, amount in exact(one).items() for told in [shown(one)[name]]} for one in (first, second)
    ]
    assert read[0] == read[1]


def test_a_table_that_cannot_have_it_as_another_shows_it_is_fitted_first() -> None:
    """One of the second table's two parts has to yield; so it yields in the first as well, where others were nearer."""
    first = with_total(1, [[49_000], [49_500], [45_000], [10_000]])
    second = with_total(1, [[45_000], [10_000]], "u")
    assert rounding.fitted((first,))[0].fitted == {"r0.c0": 1, "r1.c0": 1}
    one, two = rounding.fitted((first, second))
    assert two.fitted == {"r0.c0": 1}
    assert one.fitted == {"r1.c0": 1, "r2.c0": 1}


def test_what_a_document_tells_by_itself_yields_last() -> None:
    parts = [[149_000], [131_000], [20_000]]
    (alone,) = rounding.fitted((with_total(1, parts),))
    (told,) = rounding.fitted((with_total(1, parts),), (Money(149_000), None, 5))
    assert (alone.fitted, told.fitted) == ({"r0.c0": 1}, {"r1.c0": 1})


def test_equal_parts_of_one_total_cannot_all_read_the_same_and_the_first_yields() -> None:
    (one,) = rounding.fitted((with_total(2, [[33_333_334, 33_333_334]] * 3),))
    assert one.fitted == {"r0.c0": 1, "r0.c1": 1}


def test_a_sum_that_does_not_hold_exactly_or_is_not_known_is_left_alone() -> None:
    off = table(1, {"a": [50_000], "b": [50_000], "all": [100_001]}, total="all")
    unknown = table(1, {"a": [50_000], "b": [None], "all": [50_000]}, "u", total="all")
    assert [one.fitted for one in rounding.fitted((off, unknown))] == [{}, {}]


def test_shares_of_a_whole_add_to_a_hundred() -> None:
    columns = (Column(code="name", title="", unit="text"), Column(code="share", title="", unit="share"))
    rows = [Row(key=f"r{at}", cells=("", Fraction(1, 3))) for at in range(3)]
    whole = Row(key="all", cells=("", Fraction(1)))
    (one,) = rounding.fitted((Table(code="t", title="t", columns=columns, rows=tuple(rows), total=whole),))
    assert [rounding.row_texts(one, row)[1] for row in one.every_row()] == ["33.4", "33.3", "33.3", "100.0"]


def test_sums_in_which_a_cell_stands_three_times_are_refused() -> None:
    given_ = two_way([[50_000, 50_000], [50_000, 50_000]])
    more = Adding(whole="all", parts=("r0", "r1"))
    with pytest.raises(ValueError, match="in more than two sums"):
        rounding.fitted((given_.model_copy(update={"adding": (*given_.adding, more, more)}),))


@given(st.integers(-400_000, 400_000))
def test_a_rounded_text_is_read_back(pence: int) -> None:
    assert rounding.read_digits(write("thousands", Money(pence))) == nearest(Fraction(pence, UNIT))
    share = Fraction(abs(pence), 400_000)
    assert rounding.read_digits(write("percent-number", share)) == nearest(share * 1000)
    assert rounding.read_digits(f"{MINUS}1,234") == -1234


def test_a_number_in_words_reads_as_its_cell_does() -> None:
    (one,) = rounding.fitted((with_total(1, [[149_000], [131_000], [20_000]]),))
    values: dict[str, Value] = {"t.r0.c0": Money(149_000)}
    told = rounding.Rounding((one,)).write("t.r0.c0", "thousands", Reckoner(values, {}).worth("t.r0.c0"))
    assert told == "2"
    assert rounding.Rounding((one,)).write("t.r0.c0", "pounds", Money(149_000)) == "1,490.00"


def test_units_go_by_the_cheapest_way_and_come_back_where_that_is_cheaper() -> None:
    """From 0 to 3 and from 1 to 3: the second takes back the way by which the first went."""
    arcs = [flow.Arc(0, 2, 1), flow.Arc(2, 3, 1), flow.Arc(1, 2, 1), flow.Arc(0, 3, 5)]
    assert flow.cheapest([1, 0, 0, -1], arcs) == [0, 1]
    assert flow.cheapest([1, 1, 0, -2], arcs) == [1, 2, 3]
    with pytest.raises(flow.NoFlow):
        flow.cheapest([0, 2, 0, -2], arcs)


def faults(document: Document, change: Callable[[dict[str, Any]], None]) -> list[str]:
    """What the check finds in the data of a document once they are changed, without its pages."""
    data = json.loads(document.data)
    change(data)
    return [fault for fault in _number_faults(data, "") if fault]


def one_fitted(data: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    """A table of the data in which a part yields, and which."""
    held = next(one for one in data["tables"] if one["fitted"] and one["total"])
    row, _, column = next(iter(held["fitted"])).rpartition(".")
    return held, row, column


def test_the_check_takes_the_fitted_rounding_and_no_other(portfolio_document: Document) -> None:
    def unfit(data: dict[str, Any]) -> None:
        held, row, column = one_fitted(data)
        at = [one["code"] for one in held["columns"]].index(column)
        line = next(one for one in held["rows"] if one["key"] == row)
        line["printed"][at] = write("thousands", Money.parse(line["cells"][at]))
        del held["fitted"][f"{row}.{column}"]

    assert faults(portfolio_document, lambda _: None) == []
    found = faults(portfolio_document, unfit)
    assert any("is said to be fitted otherwise than its sums ask for" in fault for fault in found)
    assert any("is noted as" in fault and "but works out as" in fault for fault in found)
    assert any("the printed parts of" in fault and "miss it by 1 of its last digit" in fault for fault in found)


def formerly(data: dict[str, Any]) -> None:
    """Make the data what the former format would have been: every cell by itself, and no word of sums."""
    data["format"] = seal.FORMER
    plain = {f"{table['code']}.{name}" for table in data["tables"] for name in table.pop("fitted")}
    for table in data["tables"]:
        del table["adding"]
        units = {one["code"]: Column.model_validate(one) for one in table["columns"]}
        for row in [*table["rows"], *([table["total"]] if table["total"] else [])]:
            values = zip(units.values(), row["cells"], strict=True)
            row["printed"] = [cell(column, read_value(column.unit, value)) for column, value in values]
    for one in data["printed"]:
        if one["reference"] in plain and one["style"] in {"thousands", "millions"}:
            one["text"] = write(one["style"], Reckoner.of(tables=_fitted(data)).worth(one["reference"]))


def test_a_statement_of_the_former_format_is_read_as_it_was_rounded(portfolio_document: Document) -> None:
    assert faults(portfolio_document, formerly) == []


@pytest.mark.parametrize(
    ("version", "former", "text"),
    [
        (None, True, "0.0"),
        (None, False, "\N{MINUS SIGN}<0.1"),
        (2, False, "\N{MINUS SIGN}<0.1"),
        (3, False, ">\N{MINUS SIGN}0.1"),
    ],
)
def test_a_share_hardly_below_nought_is_read_as_its_format_and_version_wrote_it(
    portfolio_document: Document, *, version: int | None, former: bool, text: str
) -> None:
    def hardly(data: dict[str, Any], written: str) -> None:
        if former:
            formerly(data)
        data["statement"]["version"] = version
        told = {one["reference"] for one in data["printed"]}
        at, row = next(
            (at, row)
            for table in data["tables"]
            for at, column in enumerate(table["columns"])
            for row in table["rows"]
            if column["unit"] == "share" and not column["style"]
            if not table.get("adding") and table["total"] is None
            if f"{table['code']}.{row['key']}.{column['code']}" not in told
        )
        row["cells"][at], row["printed"][at] = "-1/100000", written

    assert faults(portfolio_document, lambda data: hardly(data, text)) == []
    assert len(faults(portfolio_document, lambda data: hardly(data, "0.1"))) == 1
