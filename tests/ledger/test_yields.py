from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ledger import yields
from ledger.money import NOTHING, Money
from ledger.yields import _PresentValue, effective_interest_by_date, effective_interest_by_period, xirr

START = date(2010, 1, 1)


def dated(*flows: tuple[str, str]) -> list[tuple[date, Money]]:
    return [(date.fromisoformat(on), Money.parse(amount)) for on, amount in flows]


def yearly(*amounts: str) -> list[tuple[int, Money]]:
    return [(at, Money.parse(amount)) for at, amount in enumerate(amounts)]


def present_value(flows: list[tuple[date, Money]], rate: Decimal) -> Decimal:
    first = min(on for on, _ in flows)
    with localcontext() as context:
        context.prec = 40
        return sum(
            (amount.pounds / (1 + rate) ** (Decimal((on - first).days) / 365) for on, amount in flows), Decimal(0)
        )


# Microsoft's documentation of XIRR prints 0.373362535; the exact zero is 0.3733625335.
MICROSOFT = dated(
    ("2008-01-01", "-10000"),
    ("2008-03-01", "2750"),
    ("2008-10-30", "4250"),
    ("2009-02-15", "3250"),
    ("2009-04-01", "2750"),
)


def test_microsofts_example_is_found() -> None:
    assert xirr(MICROSOFT).text == "0.373362533519"
    assert abs((xirr(MICROSOFT).rate or 0) - Decimal("0.373362535")) < Decimal("1e-8")


def test_openoffices_example_is_found() -> None:
    # The Apache OpenOffice wiki on Calc's XIRR: approximately 0.124.
    flows = dated(("2008-02-05", "-2750"), ("2008-07-05", "1000"), ("2009-01-05", "2000"))
    assert f"{xirr(flows).rate:.3f}" == "0.124"


def test_flows_out_of_order_are_as_published() -> None:
    # The documentation of the Rust crate xirr: 0.1635371584432641.
    flows = dated(("2015-06-11", "-1000"), ("2015-07-21", "-9000"), ("2018-06-10", "20000"), ("2015-10-17", "-3000"))
    assert xirr(flows).text == "0.163537158443"


def test_the_order_of_the_flows_does_not_matter() -> None:
    assert xirr(reversed(MICROSOFT)) == xirr(MICROSOFT)


def test_flows_of_one_day_are_added_up() -> None:
    parts = dated(("2010-01-01", "-600"), ("2010-01-01", "-400"), ("2011-01-01", "1100"))
    assert xirr(parts).text == "0.100000000000"


def test_nothing_gained_and_nothing_lost_is_a_rate_of_nothing() -> None:
    assert xirr(dated(("2010-01-01", "-1000"), ("2014-05-06", "1000"))).text == "0.000000000000"


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 10**8)), min_size=1, max_size=5))
def test_what_comes_back_as_it_was_has_a_rate_of_nothing_without_a_sign(paid: list[tuple[int, int]]) -> None:
    flows = [(START + timedelta(days=at), Money(-pence)) for at, pence in paid]
    back = Money(sum(pence for _, pence in paid))
    assert xirr([*flows, (START + timedelta(days=600), back)]).text == "0.000000000000"


@pytest.mark.parametrize(
    ("back", "rate"), [("1.00", "-0.999900000000"), ("0.01", "-0.999999000000"), ("9900.00", "-0.010000000000")]
)
def test_a_near_total_loss_is_found(back: str, rate: str) -> None:
    assert xirr(dated(("2010-01-01", "-10000"), ("2011-01-01", back))).text == rate


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        # pyxirr's issue 61: the value crosses nothing between -0.9999999999999832 and -0.9999999999999833
        ([("2024-11-21", "-100"), ("2024-11-28", "-100"), ("2024-12-03", "100")], "-0.99999999999998326"),
        # tubedude/xirr's issue 4, by Google's spreadsheet
        ([("2014-04-15", "-10000"), ("2014-05-15", "305.60"), ("2014-10-19", "500")], "-0.996814606898"),
        # klippero/xirr-bug, which expects -74.20 per cent
        (
            [("2019-09-10", "-400"), ("2020-01-21", "-400"), ("2020-02-24", "-400"), ("2020-03-16", "895.24")],
            "-0.741957225769",
        ),
        # peliot/XIRR-and-XNPV's issue 4: -0.4809631525 by Google's spreadsheet, an error by LibreOffice of the day
        ([("2014-02-27", "-4000"), ("2015-03-06", "2050.20")], "-0.480963152547"),
        # about -0.926 by Excel, as told on a board of its users in October 2015
        (
            [("2015-01-01", "-10000"), ("2015-02-01", "1000"), ("2015-03-01", "2000"), ("2015-04-01", "3000")],
            "-0.926186840022",
        ),
        # -16.23 per cent by Excel, which says 2.98E-09 where the first payment is told in two parts
        ([("2019-09-13", "-55102253.40"), ("2020-09-30", "45757426.80")], "-0.162306224794"),
        # 27.61 per cent by Excel, LibreOffice and OnlyOffice, whose issue 746 it is
        (
            [
                ("2020-01-01", "1260404.83"),
                ("2020-01-11", "-2881.40"),
                ("2020-01-10", "-10565.62"),
                ("2020-01-10", "20000.00"),
                ("2020-01-15", "-1278822.63"),
            ],
            "0.276072076235",
        ),
        # all but a nine-hundredth gone within two months: (1/900)^(365/59) of each pound is left after a year
        ([("2010-01-01", "-900000"), ("2010-03-01", "1000")], "-0.9999999999999999994706"),
        # a tenth more overnight: 1.1^365
        ([("2010-01-01", "-1000"), ("2010-01-02", "1100")], "1283305580313351.6"),
    ],
)
def test_what_spreadsheets_and_their_users_found(flows: list[tuple[str, str]], rate: str) -> None:
    found = xirr(dated(*flows))
    assert found.text is not None
    assert found.text.startswith(rate)
    assert found.rate != -1


TWO_LOSSES = """
    2025-04-01 73981359.41 2025-04-04 -8712535.78 2025-04-08 -10181571.57 2025-04-09 -3116294.02 2025-04-10 -17773207.22
    2025-04-11 211461.22 2025-04-17 -3698621.93 2025-04-21 -9805107.73 2025-04-22 140310.59 2025-04-28 -12141.85
    2025-05-12 -557704.00 2025-05-16 545359.66 2025-05-19 -1115.58 2025-05-23 14309.60 2025-05-28 12977.47
    2025-06-06 13088.00 2025-06-09 -25457056.13 2025-06-11 -37752602.30 2025-06-18 37099.52 2025-06-24 47908320.00
"""


def test_of_two_losses_a_spreadsheet_gives_one_and_we_neither() -> None:
    # pyxirr's issue 68: its version 0.10.6 says -0.9955, its 0.7.3 and Excel -0.9311; both balance these flows.
    words = TWO_LOSSES.split()
    found = xirr(dated(*zip(words[::2], words[1::2], strict=True)))
    assert found.rate is None
    assert "about -0.9955 and -0.9311" in found.reason


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([], "there are no flows"),
        (dated(("2010-01-01", "0.00")), "nothing is left"),
        (dated(("2010-01-01", "-5.00"), ("2010-01-01", "5.00")), "nothing is left"),
        (dated(("2010-01-01", "-5.00")), "one way"),
        (dated(("2010-01-01", "5.00"), ("2011-01-01", "5.00")), "one way"),
        (dated(("2010-01-01", "-5.00"), ("2010-01-01", "6.00")), "one way"),
        (dated(("2010-01-01", "-1000"), ("2011-01-01", "1999"), ("2012-01-01", "-1000")), "no rate between"),
        (dated(("2010-01-01", "-1000"), ("2011-01-01", "2000"), ("2012-01-01", "-1000")), "touches nothing"),
        (dated(("2010-01-01", "-1000"), ("2010-01-02", "2000")), "no rate between"),
        (dated(("2010-01-01", "-1000"), ("2010-01-02", "0.01")), "no rate between"),
    ],
)
def test_where_there_is_no_rate_the_reason_is_given(flows: list[tuple[date, Money]], reason: str) -> None:
    found = xirr(flows)
    assert found.rate is None
    assert found.text is None
    assert reason in found.reason


def test_of_two_rates_neither_is_the_return() -> None:
    # A thousand out, 2,500 back and 1,540 out again balance at 10% and at 40%; a spreadsheet gives the first it meets.
    found = xirr(dated(("2010-01-01", "-1000"), ("2011-01-01", "2500"), ("2012-01-01", "-1540")))
    assert found.rate is None
    assert found.reason == (
        "more than one rate balances these flows (about 0.1000 and 0.4000), so none of them is the return"
    )


def test_two_losses_that_both_balance_are_told_apart() -> None:
    # The sample minus_0_993 of pyxirr's tests, where a solver meets -0.9938 first.
    found = xirr(dated(("2021-06-08", "-1000000"), ("2022-06-29", "5000"), ("2023-06-08", "-3"), ("2023-06-30", "0")))
    assert found.rate is None
    assert "-0.9996 and -0.9938" in found.reason


def test_two_rates_a_hair_apart_are_still_two() -> None:
    found = xirr(dated(("2010-01-01", "-1000000"), ("2011-01-01", "2000000.01"), ("2012-01-01", "-1000000")))
    assert found.rate is None
    assert "more than one rate" in found.reason


def test_flows_three_centuries_apart_do_not_overflow() -> None:
    flows = dated(("1900-01-01", "-100.00"), ("2000-01-01", "-1.00"), ("2199-12-31", "1.00"))
    found = xirr(flows)
    assert found.rate is not None
    assert abs(present_value(flows, found.rate)) < Decimal("1e-15")
    assert effective_interest_by_period([(0, Money(-1)), (1, Money(2)), (1200, Money(-(10**15)))]).found.rate is None


def test_many_turns_with_one_rate_still_have_it() -> None:
    flows = dated(("2010-01-01", "-100"), ("2011-01-01", "30"), ("2012-01-01", "-10"), ("2013-01-01", "110"))
    found = xirr(flows)
    assert found.rate is not None
    assert abs(present_value(flows, found.rate)) < Decimal("1e-15")


# The documentation and tests of numpy-financial's irr; those with a second zero below it have no one rate.
@pytest.mark.parametrize(
    ("amounts", "rate"),
    [
        (("-100", "39", "59", "55", "20"), "0.28095"),
        (("-100", "0", "0", "74"), "-0.09550"),
        (("-100", "100", "0", "7"), "0.06206"),
        (("-150000", "15000", "25000", "35000", "45000", "60000"), "0.05243"),
        (("-100", "100", "0", "-7"), None),
    ],
)
def test_periodic_rates_are_as_numpy_publishes_them(amounts: tuple[str, ...], rate: str | None) -> None:
    found = effective_interest_by_period(yearly(*amounts)).found
    assert (f"{found.rate:.5f}" if found.rate is not None else None) == rate


def test_effective_interest_is_as_the_standard_tables_it() -> None:
    # IFRS for SMEs (2009), section 11, example of determining amortised cost: 950 paid, 40 a year, 1,100 at the end.
    # The table is printed from the rate of 6.9583%; from the exact rate rows one and five are a penny higher.
    made = effective_interest_by_period(yearly("-950", "40", "40", "40", "40", "1140"))
    assert made.found.text == "0.069584463831"
    printed = [
        ("950.00", "66.10"),
        ("976.11", "67.92"),
        ("1004.03", "69.86"),
        ("1033.89", "71.94"),
        ("1065.83", "74.16"),
    ]
    for line, (opening, interest) in zip(made.periods, printed, strict=True):
        assert line.opening == Money.parse(opening)
        assert abs(line.interest - Money.parse(interest)) <= Money(1)
    assert made.periods[-1].closing == NOTHING


def test_a_bond_bought_below_its_face_earns_the_discount() -> None:
    # IAS 39 Implementation Guidance B.26: bought for 1,000 with five payments of 59 to come and 1,250 at the end, the
    # rate is 10% and the yearly income, in whole units and by a rounded rate, 100, 104, 109, 113 and 119.
    made = effective_interest_by_period(yearly("-1000", "59", "59", "59", "59", "1309"))
    assert f"{made.found.rate:.4f}" == "0.1000"
    for line, printed in zip(made.periods, (100, 104, 109, 113, 119), strict=True):
        assert abs(line.interest.pounds - printed) < 1


def test_what_is_owed_is_tabled_as_what_is_owned() -> None:
    lent = effective_interest_by_period(yearly("-950", "40", "1140"))
    owed = effective_interest_by_period(yearly("950", "-40", "-1140"))
    assert owed.found == lent.found
    assert [line.interest for line in owed.periods] == [-line.interest for line in lent.periods]


def test_a_period_without_cash_is_a_line_all_the_same() -> None:
    made = effective_interest_by_period([(2, Money.parse("-100.00")), (5, Money.parse("133.10"))])
    assert made.found.text == "0.100000000000"
    assert [str(line.closing) for line in made.periods] == ["110.00", "121.00", "0.00"]


def test_dated_interest_is_by_days_of_365() -> None:
    made = effective_interest_by_date(dated(("2011-01-01", "-100"), ("2012-01-01", "0"), ("2013-01-01", "120")))
    assert [line.on for line in made.periods] == [date(2013, 1, 1)]
    assert made.found == xirr(dated(("2011-01-01", "-100"), ("2013-01-01", "120")))
    assert [line.interest for line in made.periods] == [Money.parse("20.00")]


def test_without_a_rate_there_is_no_table() -> None:
    assert effective_interest_by_period(yearly("-1", "-1")).periods == ()
    assert effective_interest_by_date(dated(("2011-01-01", "-1"))).periods == ()


def test_at_an_absurd_rate_the_table_still_holds_together() -> None:
    # Ten million comes back for a hundred within half a year; pennies rounded away then would grow past any number.
    flows = dated(
        ("2012-01-01", "-100.00"), ("2012-07-22", "9999663.23"), ("2018-01-18", "0.01"), ("2018-01-19", "0.01")
    )
    made = effective_interest_by_date(flows)
    assert len(made.periods) == 3
    assert all(abs(line.closing) <= Money(100) for line in made.periods)
    assert Money.total(line.interest for line in made.periods) == Money.total(amount for _, amount in flows)


def test_over_hundreds_of_lines_the_last_one_absorbs_a_pound_at_most() -> None:
    flows = [(0, Money.parse("-1000000.00")), *((at, Money.parse("10033.33")) for at in range(1, 601))]
    made = effective_interest_by_period(flows)
    rate = made.found.rate or Decimal(0)
    for line in made.periods:
        assert abs(line.interest.pence - line.opening.pence * rate) <= Decimal(101)


@pytest.mark.parametrize("candidate", [None, float("nan"), float("inf"), -1.0, -5.0, 0.3, 0.37, 1e9])
def test_a_wrong_candidate_is_never_the_answer(monkeypatch: pytest.MonkeyPatch, candidate: float | None) -> None:
    monkeypatch.setattr(yields, "_engine", lambda *_: candidate)
    assert xirr(MICROSOFT).text == "0.373362533519"


loans = st.lists(
    st.tuples(st.integers(1, 12_000), st.integers(1, 10**9)), min_size=1, max_size=20, unique_by=lambda flow: flow[0]
)


@given(st.integers(1, 10**11), loans)
@example(paid=4876, receipts=[(76, 90)])
def test_the_present_value_changes_its_sign_at_the_rate(paid: int, receipts: list[tuple[int, int]]) -> None:
    flows = [(START, Money(-paid)), *((START + timedelta(days=at), Money(pence)) for at, pence in receipts)]
    found = xirr(flows)
    if found.rate is None:
        assert "no rate between" in found.reason
        ends = present_value(flows, Decimal("-0.999999999")), present_value(flows, Decimal(10**9))
        assert ends[0] * ends[1] > 0
        return
    with localcontext() as context:
        context.prec = 60  # a rate near -1 has its news in digits that the usual 28 would round away
        step = (1 + found.rate) * Decimal("1e-20")
        below, above = found.rate - step, found.rate + step
    assert present_value(flows, below) > 0 > present_value(flows, above)


@given(st.integers(1, 10**9), loans)
@settings(deadline=None)
def test_the_quick_way_for_flows_that_turn_once_finds_what_the_thorough_one_does(
    paid: int, receipts: list[tuple[int, int]]
) -> None:
    flows = {0: Money(-paid), **{at: Money(pence) for at, pence in receipts}}
    times, amounts = [at / 365 for at in sorted(flows)], [flows[at].pence for at in sorted(flows)]
    quick, thorough = _PresentValue(times, amounts), _PresentValue(times, amounts)
    thorough._turns = 2  # noqa: SLF001 -- as if it had turned more often
    found, checked = quick.brackets(), thorough.brackets()
    assert found is not None
    assert checked is not None
    assert len(found) == len(checked)
    for (low, high), (inner, outer) in zip(found, checked, strict=True):
        assert low <= inner <= outer <= high


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(-(10**7), 10**7)), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_rate_is_given_only_where_the_sign_changes_once(moves: list[tuple[int, int]]) -> None:
    flows = [(START + timedelta(days=at), Money(pence)) for at, pence in moves]
    found = xirr(flows)
    grid = [Decimal(step) / 20 - Decimal("0.98") for step in range(80)]
    signs = [value > 0 for value in (present_value(flows, rate) for rate in grid) if value]
    changes = sum(one != other for one, other in pairwise(signs))
    if found.rate is not None:
        assert changes <= 1
    if changes == 1 and found.rate is None:
        assert "more than one" in found.reason


@given(st.integers(2, 60), st.randoms(use_true_random=False))
def test_a_schedule_of_interest_uses_up_the_flows(periods: int, chance: Random) -> None:
    flows = [(0, Money(-(10**8))), *((at, Money(chance.randrange(10**7))) for at in range(1, periods))]
    flows.append((periods, Money(10**8)))
    made = effective_interest_by_period(flows)
    assume(made.found.rate is not None)
    assert made.periods[-1].closing == NOTHING
    assert Money.total(line.interest for line in made.periods) == Money.total(amount for _, amount in flows)
    for line in made.periods[:-1]:
        exact = Decimal(line.opening.pence) * (made.found.rate or 0)
        assert abs(line.interest.pence - exact) <= Decimal("0.5")
