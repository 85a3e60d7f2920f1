from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import Money
from reports.figures import Column, Row, Table
from reports.reckoning import NoSuchValue, Reckoner
from tests.reports import sample

TABLE = Table(
    code="t",
    title="T",
    columns=(Column(code="name", title="Name", unit="text"), Column(code="sum", title="Sum", unit="money")),
    rows=(
        Row(key="a", cells=("late", Money(100))),
        Row(key="b", cells=("not due", Money(50))),
        Row(key="c", cells=("late", None)),
    ),
    total=Row(key="total", cells=("All", Money(150))),
)


def reckoner() -> Reckoner:
    return Reckoner.of(
        figures=[sample.figure("loans", 7), sample.figure("median_loan", None)],
        movements=[sample.movement("drawn", 10, 5, 2)],
        tables=[TABLE],
        series=[sample.series("lent", 1, 2)],
    )


@pytest.mark.parametrize(
    ("reference", "worth"),
    [
        ("loans", 7),
        ("drawn.closing", Money(1300)),
        ("drawn.closing - drawn.opening", Money(300)),
        ("t.a.sum + t.b.sum / t.total.sum", Fraction(1)),
        ("t.a.sum / t.total.sum", Fraction(2, 3)),
        ("rows t", 3),
        ("count t name late", 2),
        ("rows t - count t name not due", 2),
        ("lent@2012Q3", Money(100)),
        ("median_loan", None),
        ("median_loan / drawn.closing", None),
        ("t.a.sum + t.c.sum", None),
    ],
)
def test_what_references_are_worth(reference: str, worth: object) -> None:
    assert reckoner().worth(reference) == worth


def test_a_quotient_by_nothing_is_not_known() -> None:
    empty = Reckoner({"a": Money(5), "b": Money(0)}, {})
    assert empty.worth("a / b") is None


@pytest.mark.parametrize("reference", ["nowhere", "rows nowhere", "loans + drawn.closing", "t.a.name + t.b.name"])
def test_a_reference_that_means_nothing_is_refused(reference: str) -> None:
    with pytest.raises(NoSuchValue):
        reckoner().worth(reference)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6))
def test_sums_of_references_are_sums(pence: list[int]) -> None:
    values = {f"v{place}": Money(amount) for place, amount in enumerate(pence)}
    assert Reckoner(values, {}).worth(" + ".join(values)) == Money(sum(pence))
