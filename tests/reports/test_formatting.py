from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.dates import Quarter
from ledger.money import LIMIT_PENCE, NOTHING, Money
from reports import formatting
from reports.figures import Column

sums = st.integers(-LIMIT_PENCE, LIMIT_PENCE).map(Money)
shares = st.fractions(0, 1)


def _back(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace(formatting.MINUS, "-").replace("£", "").replace("+", ""))


@given(sums)
def test_pounds_print_to_the_penny_and_read_back(money: Money) -> None:
    assert _back(formatting.pounds(money)) == money.pounds


@given(sums)
def test_thousands_are_within_half_a_thousand_and_never_hide_a_sum_as_nought(money: Money) -> None:
    text = formatting.thousands(money)
    if text in {"<1", f">{formatting.MINUS}1"}:
        assert (text == "<1") == (money > NOTHING)
        assert 0 < abs(money.pence) < 50_000
    else:
        assert abs(_back(text) * 1000 - money.pounds) <= 500
        assert (text == "0") == (not money)


@given(sums)
def test_a_sum_in_words_is_within_half_its_last_digit(money: Money) -> None:
    text = formatting.in_words(money)
    if text.endswith("m"):
        assert abs(_back(text[:-1]) * 1_000_000 - money.pounds) <= 50_000
    else:
        assert abs(_back(text) - money.pounds) <= Decimal("0.5")


@given(sums)
def test_a_change_carries_its_sign_and_no_hyphen(money: Money) -> None:
    text = formatting.change_in_words(money)
    assert "-" not in text
    assert text.startswith("+") == (money.pence > 0)
    assert text.startswith(formatting.MINUS) == (money.pence < 0)
    assert (text == "no change") == (money.pence == 0)


@given(shares)
def test_a_percentage_is_the_whole_only_when_it_is_the_whole(share: Fraction) -> None:
    text = formatting.percent(share)
    assert (text == "100.0%") == (share == 1)
    assert (text == "0.0%") == (share == 0)
    if text[0] not in "<>":
        assert abs(Fraction(_back(text[:-1])) - share * 100) <= Fraction(1, 20)


@given(shares)
def test_pence_in_the_pound_never_round_away_what_is_missing(share: Fraction) -> None:
    text = formatting.pence_in_the_pound(share)
    assert (text == "100p") == (share == 1)
    assert (text == "0p") == (share == 0)


@given(st.fractions(-1000, 1000), st.integers(0, 4))
def test_rounding_is_half_up_and_odd(value: Fraction, places: int) -> None:
    up = formatting.rounded(value, places)
    assert formatting.rounded(-value, places) == -up
    assert abs(Fraction(up) - value) <= Fraction(1, 2 * 10**places)


@pytest.mark.parametrize(
    ("pence", "text"),
    [
        (555_000_000, "£5.6m"),
        (99_999_999, "£1,000,000"),
        (100_000_000, "£1.0m"),
        (-250_000_000, "\N{MINUS SIGN}£2.5m"),
        (123_450, "£1,235"),
        (0, "£0"),
    ],
)
def test_sums_in_words(pence: int, text: str) -> None:
    assert formatting.in_words(Money(pence)) == text


@pytest.mark.parametrize(
    ("pence", "text"), [(0, "0"), (1, "<1"), (49_999, "<1"), (50_000, "1"), (150_000, "2"), (-1, ">\N{MINUS SIGN}1")]
)
def test_thousands_round_half_up(pence: int, text: str) -> None:
    assert formatting.thousands(Money(pence)) == text


def test_what_is_not_known_says_so_in_its_columns_words() -> None:
    column = Column(code="filed", title="Filed", unit="date", unknown="not filed")
    assert formatting.cell(column, None) == "not filed"
    assert formatting.write("in-words", None) == "not known"


def test_dates_are_written_without_a_locale() -> None:
    assert formatting.day(date(2013, 1, 21)) == "21 Jan 2013"
    assert formatting.short_day(date(2013, 3, 1)) == "1 Mar"
    assert formatting.instant(datetime(2013, 1, 21, 9, 0, tzinfo=UTC)) == "09:00 UTC on 21 January 2013"
    assert formatting.quarter_in_words(Quarter(2012, 4)) == "October to December 2012"


@pytest.mark.parametrize(("count", "text"), [(0, "none"), (1, "one"), (9, "nine"), (10, "10"), (1200, "1,200")])
def test_small_counts_are_words(count: int, text: str) -> None:
    assert formatting.number_word(count) == text


def test_a_decimal_loses_only_noughts_that_say_nothing() -> None:
    assert formatting.number(Decimal("18.40")) == "18.4"
    assert formatting.number(Decimal(1200)) == "1,200"
    assert formatting.number(Decimal("-0.50")) == "\N{MINUS SIGN}0.5"


def test_every_unit_has_a_style_of_its_own_unit() -> None:
    for unit, style in formatting.OWN_STYLE.items():
        assert formatting.STYLES[style][0] == unit
