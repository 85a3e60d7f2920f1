# ruff: noqa: RUF001 -- the corpora hold characters that only look like digits and signs
from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ledger.money import LIMIT_PENCE, NOTHING, BadAmount, Money, split

amounts = st.integers(-LIMIT_PENCE, LIMIT_PENCE).map(Money)
weight_lists = st.lists(
    st.one_of(st.integers(0, 10**9), st.fractions(min_value=0, max_value=10**6, max_denominator=10**6)),
    min_size=1,
    max_size=12,
).filter(any)

# Text that some reader of amounts somewhere has taken for money, or has died of.
NOT_AMOUNTS: tuple[object, ...] = (
    "",
    " ",
    "\n",
    "\t",
    "\x00",
    "-",
    "+",
    ".",
    "-.",
    "..",
    "--1",
    "-+1",
    "+1",
    "+1.00",
    "1-",
    "1.00-",
    "(1.00)",
    "- 1",
    "1 ",
    " 1",
    "1\n",
    "\n1",
    "1\r\n",
    "1\x00",
    "\ufeff1",
    "1\u200b",
    "1\u00a0000",
    "1 000",
    "1,000",
    "1,000.00",
    "1.000,00",
    "1'000",
    "1_000",
    "1;00",
    "1:00",
    "1/2",
    "1.",
    ".1",
    ".50",
    "-.50",
    "1.2.3",
    "1..2",
    "1.000",
    "1.001",
    "0.005",
    "0.0000000001",
    "1.-1",
    "1.+1",
    "1. 1",
    "1 .1",
    "1e2",
    "1E2",
    "1e-2",
    "1.0e0",
    "1e",
    "e1",
    "1d2",
    "0x10",
    "0b1",
    "0o7",
    "1f",
    "1L",
    "NaN",
    "nan",
    "-nan",
    "sNaN",
    "NaN1",
    "inf",
    "-inf",
    "Inf",
    "Infinity",
    "-Infinity",
    "INFINITY",
    "∞",
    "null",
    "None",
    "none",
    "true",
    "false",
    "undefined",
    "#REF!",
    "#DIV/0!",
    "#N/A",
    "=1+1",
    "=SUM(A1:A2)",
    "@1",
    "'1.00",
    '"1.00"',
    "£1.00",
    "1.00£",
    "GBP 1.00",
    "1.00 GBP",
    "1.00 DR",
    "1.00CR",
    "$1",
    "€1",
    "1%",
    "1p",
    "1k",
    "1m",
    "1bn",
    "one",
    "٣",
    "٣.٥٠",
    "１２３",
    "1.２０",
    "Ⅷ",
    "½",
    "²",
    "1²",
    "−1.00",
    "–1.00",
    "1٫50",
    "1٬000",
    "1·50",
    "১২",
    "<b>1</b>",
    "1; DROP TABLE entry",
    "../1",
    "%31",
    "\\u0031",
    "90000000000000.01",
    "-90000000000000.01",
    "99999999999999",
    "100000000000000",
    "-100000000000000",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "1" * 400,
    "0" * 15,
    "0." + "0" * 400,
    "9" * 100_000,
    1,
    0,
    -1,
    1.0,
    1.5,
    float("nan"),
    float("inf"),
    True,
    False,
    None,
    Decimal(1),
    Fraction(1, 2),
    b"1.00",
    ["1.00"],
    {"amount": "1.00"},
    ("1.00",),
    pytest.param(object(), id="a bare object"),
)


def test_the_hostile_corpus_is_wide() -> None:
    assert len(NOT_AMOUNTS) >= 100


@pytest.mark.parametrize("text", NOT_AMOUNTS, ids=lambda text: repr(text)[:30])
def test_what_is_not_an_amount_is_refused(text: object) -> None:
    with pytest.raises(BadAmount) as refused:
        Money.parse(text)
    assert len(refused.value.sentence) < 200
    assert refused.value.slug == "bad-amount"


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("0", 0),
        ("-0", 0),
        ("0.00", 0),
        ("-0.01", -1),
        ("0.1", 10),
        ("0.01", 1),
        ("007.50", 750),
        ("1234.56", 123_456),
        ("-1234.5", -123_450),
        ("90000000000000", LIMIT_PENCE),
        ("90000000000000.00", LIMIT_PENCE),
        ("-90000000000000.00", -LIMIT_PENCE),
        ("00000000000001", 100),
    ],
)
def test_pounds_and_pence_are_read(text: str, pence: int) -> None:
    assert Money.parse(text).pence == pence


@given(amounts)
def test_an_amount_survives_being_written_and_read(amount: Money) -> None:
    assert Money.parse(str(amount)) == amount


def test_minus_nothing_is_written_as_nothing() -> None:
    assert str(-NOTHING) == "0.00"


@given(st.text(alphabet="0123456789.-+eE, \n", max_size=20))
def test_whatever_is_read_is_the_decimal_it_spells(text: str) -> None:
    try:
        amount = Money.parse(text)
    except BadAmount:
        return
    assert amount.pounds == Decimal(text)


@given(st.integers(-(10**12), 10**12))
def test_a_half_penny_goes_away_from_zero(whole: int) -> None:
    half = Fraction(1, 2) if whole >= 0 else Fraction(-1, 2)
    expected = Money(whole + (1 if whole >= 0 else -1))
    assert Money.round_half_up(whole + half) == expected
    assert Money.round_half_up(Decimal(whole) + (Decimal("0.5") if whole >= 0 else Decimal("-0.5"))) == expected


@given(st.fractions(min_value=-(10**9), max_value=10**9))
def test_rounding_moves_by_at_most_half_a_penny(exact: Fraction) -> None:
    assert abs(Money.round_half_up(exact).pence - exact) <= Fraction(1, 2)


@given(st.fractions(min_value=-(10**9), max_value=10**9))
def test_rounding_is_the_same_on_both_sides_of_nothing(exact: Fraction) -> None:
    assert Money.round_half_up(-exact) == -Money.round_half_up(exact)


def test_a_factor_is_applied_exactly_and_rounded_once() -> None:
    assert Money.parse("100.00").times(Decimal("0.00005")) == Money(1)
    assert Money.parse("1.00").times(Fraction(1, 3)) == Money(33)
    assert Money.parse("-100.00").times(Fraction(1, 200)) == Money.parse("-0.50")


@given(st.lists(amounts, max_size=20))
def test_a_total_does_not_depend_on_the_order(parts: list[Money]) -> None:
    assert Money.total(parts) == Money.total(reversed(parts)) == Money(sum(part.pence for part in parts))


def test_the_total_of_nothing_is_nothing() -> None:
    assert Money.total([]) == NOTHING
    assert not NOTHING


@given(amounts, weight_lists)
def test_the_parts_of_a_split_make_the_whole(whole: Money, weights: list[int | Fraction]) -> None:
    parts = split(whole, weights)
    assert len(parts) == len(weights)
    assert Money.total(parts) == whole


@given(amounts, weight_lists)
def test_each_part_is_within_a_penny_of_its_exact_share(whole: Money, weights: list[int | Fraction]) -> None:
    total = sum(Fraction(weight) for weight in weights)
    for part, weight in zip(split(whole, weights), weights, strict=True):
        assert abs(part.pence - whole.pence * Fraction(weight) / total) < 1


@given(amounts, weight_lists)
def test_no_part_turns_against_the_whole(whole: Money, weights: list[int | Fraction]) -> None:
    for part, weight in zip(split(whole, weights), weights, strict=True):
        assert part.pence * whole.pence >= 0
        assert weight or not part


@given(st.integers(0, 10**6), st.integers(1, 12))
@example(1, 3)
@example(2, 3)
def test_equal_shares_give_the_odd_pennies_to_the_earlier(pence: int, ways: int) -> None:
    parts = [part.pence for part in split(Money(pence), [1] * ways)]
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


@given(amounts, weight_lists)
def test_what_is_owed_splits_as_what_is_owned(whole: Money, weights: list[int | Fraction]) -> None:
    assert split(-whole, weights) == [-part for part in split(whole, weights)]


@given(amounts, weight_lists, st.integers(1, 1000))
def test_only_the_proportion_of_the_weights_counts(whole: Money, weights: list[int | Fraction], scale: int) -> None:
    assert split(whole, weights) == split(whole, [weight * scale for weight in weights])


def test_the_largest_remainder_takes_the_odd_penny() -> None:
    # Shares of 83.9%, 4.9%, 8.4% and 2.8% (Distribution of Dormant Account Money (Apportionment) Order 2011, art. 2)
    # of 100.01 are 8390.839, 490.049, 840.084 and 280.028 pence: the odd penny is the first one's.
    assert [str(part) for part in split(Money.parse("100.01"), [839, 49, 84, 28])] == ["83.91", "4.90", "8.40", "2.80"]
    assert [str(part) for part in split(Money(1), [839, 49, 84, 28])] == ["0.01", "0.00", "0.00", "0.00"]


@pytest.mark.parametrize(
    "text", ["90000000000000.01", "-90000000000000.01", "99999999999999", "1" * 5000, "-123456789012345.678"]
)
def test_an_amount_that_is_too_large_is_called_so(text: str) -> None:
    with pytest.raises(BadAmount, match="is beyond the limit of 90 trillion pounds: check how many digits it has"):
        Money.parse(text)


@pytest.mark.parametrize("text", ["0" * 15 + "1", "1.234", "1e20", "1" * 15 + "e3", "1,000.00"])
def test_what_is_no_amount_is_not_called_too_large(text: str) -> None:
    with pytest.raises(BadAmount, match="at most two decimals"):
        Money.parse(text)


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [-1], [2, -1, 2]])
def test_weights_that_cannot_divide_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(Money(100), weights)


class Paid(BaseModel):
    amount: Money


@given(amounts)
def test_on_the_wire_an_amount_is_text(amount: Money) -> None:
    wire = Paid(amount=amount).model_dump_json()
    assert wire == f'{{"amount":"{amount}"}}'
    assert Paid.model_validate_json(wire).amount == amount


@pytest.mark.parametrize("wire", ['{"amount": 1}', '{"amount": 1.5}', '{"amount": null}', '{"amount": "1.234"}'])
def test_on_the_wire_nothing_else_passes(wire: str) -> None:
    with pytest.raises(ValidationError, match="is not an amount"):
        Paid.model_validate_json(wire)
