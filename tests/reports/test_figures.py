from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.dates import Quarter
from ledger.money import LIMIT_PENCE, Money
from reports.figures import Column, Coverage, Figure, Point, Row, Series, Table, Unit, Value, read_value, value_json
from reports.statements.measures import MEASURES
from tests.reports import sample

values: st.SearchStrategy[tuple[Unit, Value]] = st.one_of(
    st.tuples(st.just("money"), st.integers(-LIMIT_PENCE, LIMIT_PENCE).map(Money)),
    st.tuples(st.just("count"), st.integers()),
    st.tuples(st.just("share"), st.fractions()),
    st.tuples(st.just("number"), st.decimals(allow_nan=False, allow_infinity=False, places=3)),
    st.tuples(st.just("date"), st.dates()),
    st.tuples(st.just("text"), st.text()),
    st.tuples(st.just("rate"), st.none()),
)


@given(values)
def test_what_json_holds_reads_back_as_the_same_value(given_value: tuple[Unit, Value]) -> None:
    unit, value = given_value
    assert read_value(unit, value_json(value)) == value


def test_amounts_are_decimal_text_in_json() -> None:
    assert value_json(Money(123456)) == "1234.56"
    assert value_json(Fraction(1, 3)) == "1/3"
    assert value_json(Decimal("0.075")) == "0.075"
    assert value_json(date(2012, 12, 31)) == "2012-12-31"


@pytest.mark.parametrize(("code", "value"), [("received", 5), ("loans", Money(5)), ("loans", True), ("declined", 0.5)])
def test_a_value_of_another_unit_is_refused(code: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Figure.model_validate({"measure": MEASURES[code], "value": value, "provenance": sample.source()})


def test_a_movement_that_does_not_roll_forward_is_refused() -> None:
    good = sample.movement("drawn", 10, 5, 2)
    with pytest.raises(ValidationError, match="is not the closing"):
        type(good).model_validate({**dict(good), "closing": Money(1)})


def test_coverage_beyond_the_whole_is_refused() -> None:
    with pytest.raises(ValidationError, match="more than the whole"):
        Coverage(known=3, of=2)


def test_coverage_of_no_money_is_unknown_rather_than_nought() -> None:
    assert Coverage(known=0, of=0, known_money=Money(0), of_money=Money(0)).share_of_money is None


def test_a_series_runs_forward() -> None:
    later, earlier = Point(quarter=Quarter(2012, 2), value=None), Point(quarter=Quarter(2012, 1), value=None)
    with pytest.raises(ValidationError, match="run forward"):
        Series(measure=MEASURES["drawn"], points=(later, earlier), provenance=sample.source())


def test_a_table_is_rectangular_typed_and_keyed_once() -> None:
    column = Column(code="sum", title="Sum", unit="money")
    with pytest.raises(ValidationError, match="2 cells"):
        Table(code="t", title="T", columns=(column,), rows=(Row(key="a", cells=(Money(1), Money(2))),))
    with pytest.raises(ValidationError, match="a money is a Money"):
        Table(code="t", title="T", columns=(column,), rows=(Row(key="a", cells=(1,)),))
    twice = (Row(key="a", cells=(Money(1),)), Row(key="a", cells=(Money(2),)))
    with pytest.raises(ValidationError, match="same key"):
        Table(code="t", title="T", columns=(column,), rows=twice)


def test_a_figure_cannot_be_altered() -> None:
    figure = sample.figure("received", Money(1))
    with pytest.raises(ValidationError, match="frozen"):
        figure.value = Money(2)  # type: ignore[misc]


def test_every_measure_is_filed_under_its_own_code_and_says_what_it_means() -> None:
    for code, measure in MEASURES.items():
        assert measure.code == code
        assert len(measure.definition) > 20
        assert measure.definition.endswith(".")
