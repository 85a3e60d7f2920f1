from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.money import NOTHING, Money
from ledger.present_values import present_value
from ledger.yields import effective_interest_by_period, xirr


def told(flows: str) -> list[tuple[date, Money]]:
    """Flows written as a day and an amount, one after the other."""
    words = flows.split()
    return [(date.fromisoformat(on), Money.parse(amount)) for on, amount in zip(words[::2], words[1::2], strict=True)]


def yearly(*amounts: str) -> list[tuple[int, Money]]:
    return [(at, Money.parse(amount)) for at, amount in enumerate(amounts)]


# The rate as the source prints it, and the flows. XIRR is Actual/365 from the first day in each of them.
XIRR = {
    # RayDeCampo/java-xirr, XirrTest, checked there against a spreadsheet; nodejs-xirr has the same cases.
    "no growth": ("0", "2010-01-01 -1000 2011-01-01 1000"),
    "a tenth gained": ("0.1", "2010-01-01 -1000 2011-01-01 1100"),
    "a tenth lost": ("-0.1", "2010-01-01 -1000 2011-01-01 900"),
    "twice gained": ("2", "2010-01-01 -1000 2011-01-01 3000"),
    "out of order": (
        "0.1212676",
        "2010-10-01 -1000 2011-01-01 4300 2010-07-01 -1000 2010-01-01 -1000 2010-04-01 -1000",
    ),
    "its first page": (
        "0.2504234710540838",
        "2016-01-15 -1000 2016-02-08 -2500 2016-04-17 -1000 2016-08-24 5050",
    ),
    "seventeen years": (
        "0.2126861",
        """2000-05-24 -10000 2000-06-05 3027.25 2001-04-09 630.68 2004-02-24 2018.2 2005-03-18 1513.62
        2006-02-15 1765.89 2007-01-10 4036.33 2007-11-14 4036.33 2008-12-17 1513.62 2010-01-15 1513.62
        2011-01-14 2018.16 2012-02-03 1513.62 2013-01-18 1009.08 2014-01-24 1513.62 2015-01-30 1513.62
        2016-01-22 1765.89 2017-01-20 1765.89 2017-06-05 22421.55""",
    ),
    "three weeks' loss": (
        "-0.7640294",
        """2001-06-22 -2610 2001-07-03 -2589 2001-07-05 -5110 2001-07-06 -2550 2001-07-09 -5086 2001-07-10 -2561
        2001-07-12 -5040 2001-07-13 -2552 2001-07-16 -2530 2001-07-17 29520""",
    ),
    "a day more": (
        "-0.8353404",
        """2001-06-22 -2610 2001-07-03 -2589 2001-07-05 -5110 2001-07-06 -2550 2001-07-09 -5086 2001-07-10 -2561
        2001-07-12 -5040 2001-07-13 -2552 2001-07-16 -2530 2001-07-17 -9840 2001-07-18 38900""",
    ),
    "three years at once": ("0.0784054", "2010-01-01 -2000 2013-01-01 2508.80"),
    "three years in two": ("0.07017195", "2010-01-01 -1000 2011-01-01 -1120 2013-01-01 2508.80"),
    # scripbox/ex-xirr, ex_xirr_test, and tubedude/xirr, test_cashflow; money received first in several of them.
    "money back before it is paid": ("21.118359", "2015-11-01 -800000 2015-10-01 -2200000 2015-06-01 1000000"),
    "owed and forgiven in part": ("-0.034592", "1985-01-01 1000 1990-01-01 -600 1995-01-01 -200"),
    "owed and repaid many times": ("0.225683", "1985-01-01 1000 1990-01-01 -600 1995-01-01 -6000"),
    "two on each day": ("0.610359", "2011-12-07 1000 2011-12-07 2000 2013-05-21 -2000 2013-05-21 -4000"),
    "a loan of a year": ("0.123631", "2008-02-05 2750 2008-07-05 -1000 2009-01-05 -2000"),
    "half a century": ("0.112339", "1957-01-01 -1000 2013-01-01 390000"),
    # klippero/xirr-bug.
    "half a year's loss": ("-0.7420", "2019-09-10 -400 2020-01-21 -400 2020-02-24 -400 2020-03-16 895.24"),
    # intgr/pg_financial, test/sql: a spreadsheet's usual first guess does not get there.
    "four fifths lost": ("-0.8", "2013-01-01 -100 2014-01-01 20"),
    # A test suite that has it from a spreadsheet: threefold in two months at first.
    "explosive": (
        "1007.8026438395354",
        """2005-06-01 -162000 2005-07-31 505000 2009-06-01 -116000 2011-06-01 -116000 2013-07-31 1825000
        2022-01-15 8000000 2022-12-16 9000000""",
    ),
    # Anexen/pyxirr, tests/samples: zeros.csv and minus_0_13.csv, with the first digits its names give.
    "nothing before, between and after": (
        "0.17568073058",
        """2021-12-31 0 2022-12-31 0 2023-12-31 -100 2024-12-31 10 2025-12-31 0 2026-12-31 10 2027-12-31 10
        2028-12-31 10 2029-12-31 200 2030-12-31 0 2031-12-31 0 2032-12-31 0 2033-12-31 0""",
    ),
    "minus 0.13": (
        "-0.13",
        """2015-05-04 -200 2015-05-07 -75 2015-05-15 -620 2015-05-04 -0.01 2015-05-06 -100 2015-05-14 -299.99
        2015-05-19 -20 2015-05-26 -100 2015-05-27 -340 2015-06-01 -500 2015-06-05 -100 2015-06-18 -1008.52
        2015-06-22 -65 2015-06-22 -120 2015-06-22 -450 2015-06-30 -450.75 2015-07-06 -80 2015-07-13 -130
        2015-07-16 -1050 2015-07-31 -1000 2015-08-10 -65 2015-08-17 -400 2015-09-14 -100 2015-09-16 -956.88
        2015-09-28 -117 2015-10-01 -50 2015-10-02 -1130 2015-10-29 -70 2015-11-02 -188 2015-11-06 -250
        2015-12-29 -100 2015-12-31 9518.08""",
    ),
}


@pytest.mark.parametrize("case", XIRR)
def test_a_dated_rate_is_as_published(case: str) -> None:
    printed, flows = XIRR[case]
    found = xirr(told(flows)).rate
    assert found is not None
    places = len(printed.partition(".")[2])
    assert f"{found:.{places}f}" == f"{Decimal(printed):.{places}f}" or abs(found - Decimal(printed)) < Decimal("1e-7")


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        # RayDeCampo/java-xirr refuses these; the total loss it gives as -1, at which nothing can be discounted.
        ("", "there are no flows"),
        ("2010-01-01 -1000", "one way"),
        ("2010-01-01 -1000 2010-01-01 -1000 2010-01-01 2100", "one way"),
        ("2010-01-01 -1000 2010-05-01 -1000 2010-09-01 -2000", "one way"),
        ("2010-01-01 1000 2010-05-01 1000 2010-09-01 0", "one way"),
        ("2010-01-01 -1000 2011-01-01 0", "one way"),
        # scripbox/ex-xirr.
        ("2014-04-15 -10000 2014-04-15 10000 2014-10-19 500", "one way"),
        # tubedude/xirr gives 1e284 for sixfold overnight.
        ("1985-01-01 1000 1985-01-02 -6000", "no rate between"),
        # Anexen/pyxirr, tests/samples/1938.csv, in its last flows: it meets -0.5946 and not 230.8.
        (
            """1937-07-02 -10 1937-07-03 10 1937-07-04 1338.17 1938-07-29 10147.5 1938-08-11 -578133.57
            1938-08-12 -12559.95 1938-04-22 1519.64 1938-05-22 10147.5 1938-06-22 -11500 1938-10-22 544.47
            1938-08-28 701.78 1938-09-09 -600.68 1938-09-10 -601.95 1938-09-11 -518.2 1938-11-10 36000
            1938-11-12 22308.68 1938-12-11 -753.37 1939-01-07 -20.05 1939-02-10 -43.15 1939-03-11 -742.98
            1939-08-17 -11220 1939-10-17 1.27 1939-04-04 11220 1939-04-09 -3846.05 1939-04-12 1058.75
            1939-06-18 -2.94 1939-05-11 -36000 1939-05-12 -15016.3 1939-06-11 -6.49 1939-08-02 -36.72
            1939-08-10 -72.54 1939-08-12 15892.29 1939-08-26 -88.71 1939-09-08 -53.5 1939-09-10 -260.09
            1939-11-01 -3.85 1939-11-12 -289.11 1939-12-10 -46.99 1939-12-13 63.32 1940-01-10 63.32 1940-02-09 621.47
            1940-02-10 -383.63 1940-03-11 63.32 1940-04-11 63.32 1940-05-11 419.94 1940-08-11 -4.87
            1941-01-10 1507.56 1941-09-12 -14.49 1940-11-30 -1.31 1941-08-01 7064.85 1941-08-11 -0.82
            1941-11-10 3554.11 1942-02-10 16891.26""",
            "more than one rate balances these flows (about -0.5946 and 230.8041)",
        ),
    ],
)
def test_where_others_refuse_or_meet_one_of_several_there_is_no_rate(flows: str, reason: str) -> None:
    found = xirr(told(flows))
    assert found.rate is None
    assert reason in found.reason


def test_four_days_growth_is_found_where_others_give_up() -> None:
    # scripbox/ex-xirr cannot converge on a tenth gained in four days; it is 1.1 to the power of 365/4.
    found = xirr(told("2017-01-01 10000 2017-01-05 -11000")).rate
    assert found is not None
    assert abs(found - (Decimal("1.1") ** (Decimal(365) / 4) - 1)) < Decimal("1e-12")


# The periods' interest as the source prints it, in whole units: flows, rate, interest.
TABLES = {
    # CIMA F2 Integrated Workbook 2019, chapter 19, examples 3.3 and 3.4.
    "540,000 at 3 %, issued at a discount and with costs": (
        yearly("478000", "-16200", "-16200", "-582119"),
        "0.0900",
        [43_020, 45_434, 48_065],
    ),
    "5,000 at 5 %, redeemed at a premium": (yearly("5000", "-250", "-250", "-5737"), "0.0800", [400, 412, 425]),
    # International GAAP 2019, chapter 46: five equal payments.
    "1,000 for five payments of 250": (yearly("-1000", *["250"] * 5), "0.0793", [79, 66, 51, 36, 18]),
    # IAS 39 Implementation Guidance B.27: 1,250 at 6 %, 8 %, 10 %, 12 % and 16.4 %.
    "1,250 at steps": (yearly("-1250", "75", "100", "125", "150", "1455"), "0.1001", [125, 130, 133, 134, 133]),
}


@pytest.mark.parametrize("case", TABLES)
def test_the_table_of_effective_interest_is_as_published(case: str) -> None:
    flows, rate, printed = TABLES[case]
    made = effective_interest_by_period(flows)
    assert f"{made.found.rate:.4f}" == rate
    assert all(
        abs(abs(line.interest.pounds) - interest) < 1 for line, interest in zip(made.periods, printed, strict=True)
    )
    assert made.periods[-1].closing == NOTHING


def test_a_periodic_rate_is_as_published() -> None:
    # ncs1/finrb, cashflows_spec.
    found = effective_interest_by_period(yearly("-4000", "1200", "1410", "1875", "1050")).found
    assert f"{found.rate:.3f}" == "0.143"


def test_a_present_value_is_as_spreadsheets_make_it() -> None:
    # pyxirr's and numpy-financial's tests of npv: 40,000 out, and 5,000, 8,000, 12,000 and 30,000 back at 8 %. They
    # print 3,065.222668179 from binary floating point.
    start = date(2010, 1, 1)
    amounts = ["-40000", "5000", "8000", "12000", "30000"]
    flows = [(date.fromordinal(start.toordinal() + 365 * at), Money.parse(amount)) for at, amount in enumerate(amounts)]
    assert f"{present_value(flows, Decimal('0.08'), start) / 100:.9f}" == "3065.222668180"
